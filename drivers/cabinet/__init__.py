"""The cabinet: an IO board on Modbus with guide lights, door, tilt, presence, temperature, emergency key and UPS."""
