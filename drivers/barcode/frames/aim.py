"""AIM symbology identifiers (ISO/IEC 15424): `]`, a letter for the symbology, a digit for options, the data."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

AIM_IDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Q": "qr",
        "C": "code128",
        "A": "code39",
        "E": "ean13",
        "I": "itf",
        "d": "data-matrix",
        "z": "aztec",
        "L": "pdf417",
    }
)
"""The letter and our name of the format. `Q` is Micro QR too; `E4` is EAN-8, which is not one of ours."""


def split_aim(text: str) -> tuple[str, str]:
    """(format or "unknown", the text without the identifier). A text without one is left as it is."""
    if len(text) < 3 or text[0] != "]" or not text[1].isalpha() or not text[2].isalnum():
        return "unknown", text
    name = AIM_IDS.get(text[1], "unknown")
    return ("unknown" if text[1:3] == "E4" else name), text[3:]
