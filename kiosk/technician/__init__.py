"""The technician at the terminal: the hidden door, the session with its roles and audit, tests, work, pages."""
