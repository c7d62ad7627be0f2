"""The terminal watches itself: rules, devices, disk, clock."""
