"""One device from the command line, without the terminal: scan, try, trace."""
