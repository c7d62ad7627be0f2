"""The terminal's client of the municipal service platform."""
