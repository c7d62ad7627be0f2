"""Three thousand terminals in one process: what the broker and the control room see of a city (`kiosk-sim fleet`)."""
