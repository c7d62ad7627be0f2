"""Charging, holding, paying by phone, giving back, and the end of the day."""
