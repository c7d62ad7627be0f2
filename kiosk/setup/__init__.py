"""`kiosk setup`: from an installed package to a terminal that can be started; resumable, or from an answers file."""
