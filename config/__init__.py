"""Settings and all data of the terminal: profiles, services, texts, theme, fonts, templates."""

from pathlib import Path

DATA = Path(__file__).parent
"""The folder with the data files that ship with the terminal."""
