"""By which word a Chinese character is told apart from those that sound like it: 威, 威海的威."""

from __future__ import annotations

from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "speech" / "spelling.txt"


@cache
def _words() -> dict[str, str]:
    lines = FILE.read_text("utf-8").splitlines()
    return dict(line.split(" ", 1) for line in lines if line and not line.startswith("#"))


def word_with(character: str) -> str:
    """A common short word that has the character; "" for a character without one."""
    return _words().get(character, "")
