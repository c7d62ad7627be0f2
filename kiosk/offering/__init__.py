"""What can be done here and now, and how a citizen finds it."""
