"""Icon names of the pages and the glyphs that draw them."""

from __future__ import annotations

import json
from functools import cache

from config import DATA

UNKNOWN = "help"
"""Drawn for a name that the font does not have: catalogue data may name icons that a later font brings."""


@cache
def icon_codes() -> dict[str, int]:
    """Name to code point of every icon in the font."""
    codes: dict[str, int] = json.loads((DATA / "fonts" / "icons.json").read_text("utf-8"))
    return codes


def icon_code(name: str) -> int:
    """The code point for `name`, or that of `UNKNOWN`."""
    codes = icon_codes()
    return codes.get(name, codes[UNKNOWN])
