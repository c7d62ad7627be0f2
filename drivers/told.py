"""What a device tells of itself, before it goes into a status, a report or a log. Pure."""

from __future__ import annotations

from typing import Final

MOST_TOLD: Final = 60
"""Characters of a model, a serial number or a firmware that a device tells."""


def printable(told: str) -> str:
    """What a device tells of itself, fit for a report: printable characters, at most `MOST_TOLD`."""
    return "".join(c for c in told if c.isprintable()).strip()[:MOST_TOLD].strip()
