"""The device layer: one folder per device family, and the ground they all stand on."""
