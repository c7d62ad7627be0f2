"""The whole terminal inside somebody else's loop: for soak, crash sweep and tests."""
