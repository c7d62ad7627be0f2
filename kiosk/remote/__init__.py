"""`kiosk ctl`: the running terminal asked and told over a local socket, by the technician's own rules."""
