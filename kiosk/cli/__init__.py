"""The program `kiosk` on the command line: `commands` joins one file for each group of commands."""
