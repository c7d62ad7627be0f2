"""The figures of a terminal, by the one table config/fleet_metrics.toml: for the broker and for Prometheus."""
