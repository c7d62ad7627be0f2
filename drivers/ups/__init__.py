"""A UPS behind Network UPS Tools (NUT): its text protocol. The client is `kiosk.health.nut`."""
