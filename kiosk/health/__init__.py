"""How the terminal itself is: measured, judged by a table of rules (config/health.toml), mended part by part."""
