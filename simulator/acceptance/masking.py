"""Personal data out of what is kept of a test. The citizens are invented; habits are not: nothing of a real test with a
real card must get into a report either."""

from __future__ import annotations

import re
from functools import cache

from simulator.people import CITIZENS

_LONG = re.compile(r"(?<![\w.])(\d{6})\d{8,9}([\dXx]{4})(?![\w.])")
"""Citizen numbers (18) and long bank cards (19 digits)."""
_CARD = re.compile(r"(?<!\d)(62\d{4})\d{6,9}(\d{4})(?!\d)")
"""Bank cards of 16 to 19 digits begin with 62; numbers of cases, as long, with a division."""
_PHONE = re.compile(r"(?<!\d)(1\d{2})\d{4}(\d{4})(?!\d)")
_PIN = re.compile(r"(?i)\b(pin|密码)(\W{1,3})\d{4,12}\b")


def masked(text: str) -> str:
    """`text` with citizen numbers, telephone numbers, card numbers, PINs, names and addresses of citizens masked."""
    text = _citizens().sub(lambda found: _short(found.group()), text)
    text = _LONG.sub(r"\1********\2", text)
    text = _CARD.sub(r"\1******\2", text)
    text = _PHONE.sub(r"\1****\2", text)
    return _PIN.sub(r"\1\2****", text)


def _short(word: str) -> str:
    return word[0] + "*" * (len(word) - 1)


@cache
def _citizens() -> re.Pattern[str]:
    words = {word for c in CITIZENS.values() for word in (c.name, c.address)}
    return re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)))
