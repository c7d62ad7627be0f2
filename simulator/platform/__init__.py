"""The simulated municipal service platform: the contract of config/platform.openapi.yaml over SQLite."""
