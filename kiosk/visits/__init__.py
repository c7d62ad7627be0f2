"""One citizen's time at the terminal, and what goes on around it."""
