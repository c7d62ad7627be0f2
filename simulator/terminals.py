"""Finding the terminal that runs inside another loop: an entry point, so that nothing of it is imported by name."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any

GROUP, NAME = "kiosk.terminals", "in-process"


class NoTerminal(RuntimeError):
    """The terminal's package is not installed, or an older one is."""


def load_terminal() -> Any:
    """The module that runs a terminal in this process. Raises `NoTerminal`."""
    found = list(entry_points(group=GROUP, name=NAME))
    if not found:
        raise NoTerminal(f"no {GROUP} {NAME!r} is installed: install the terminal's package again (`make setup`)")
    return found[0].load()
