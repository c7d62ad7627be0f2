"""Forms: rules, choices, filling in by every pad."""
