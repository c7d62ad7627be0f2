"""How the terminal is, for a technician: facts in, one section a subsystem out, the root cause first."""
