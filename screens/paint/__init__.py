"""From marks to pixels."""
