"""Putting any set of pictures to what the terminal sees with: `kiosk-vision evaluate` (docs/vision-evaluation.md)."""
