"""What the platform publishes and this terminal keeps: items, calendar, lists, choices."""
