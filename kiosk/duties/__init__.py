"""What the terminal owes the platform and the office, over any outage."""
