"""The control room: a small read-only service that keeps what the terminals say in PostgreSQL and shows it."""
