"""Card numbers cut to their last four digits, wherever they turn up."""

from __future__ import annotations

import re

_LONG_NUMBER = re.compile(r"\d(?:[ -]?\d){12,18}")


def last_four(nibbles: str) -> str:
    """A card number, masked or not, as `****1234`; empty for none."""
    text = nibbles.upper().rstrip("F")
    if not text:
        return ""
    tail = text[-4:]
    return "****" + tail if len(text) >= 4 and tail.isdecimal() else "****"


def mask_text(text: str) -> str:
    """`text` with every card number (13 to 19 digits with a right check digit) cut to its last four digits."""
    return _LONG_NUMBER.sub(lambda m: _masked(m.group()), text)


def _masked(number: str) -> str:
    plain = re.sub(r"\D", "", number)
    total = 0
    for i, digit in enumerate(reversed(plain)):
        doubled = int(digit) * (1 + i % 2)
        total += doubled - 9 if doubled > 9 else doubled
    return number if total % 10 else "****" + plain[-4:]
