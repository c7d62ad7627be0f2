"""Numbers on identity cards: citizens and permits (GB 11643), foreigners' cards of 2017 and 2023.

Area codes are never a reason to refuse: they are those in force when the number was given, and they retire.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from drivers.id_card.frames.wire import FrameError

_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_OLDEST_YEARS: Final = 150
_DIGITS: Final = frozenset("0123456789")
_UPPER: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")


class NumberError(FrameError):
    """A number that breaks its rule. The message names the rule, never the number."""


def check_character(first17: str) -> str:
    """The 18th character of a citizen number (ISO 7064 MOD 11-2). `first17` must be 17 ASCII digits."""
    if len(first17) != 17 or not _DIGITS.issuperset(first17):
        raise NumberError("a citizen number begins with 17 digits")
    return "10X98765432"[sum(int(d) * w for d, w in zip(first17, _WEIGHTS, strict=True)) % 11]


def check_citizen_number(number: str, today: date | None = None) -> date:
    """The date of birth in `number` (18 characters, X upper case). With `today`, births after it or 150 years before
    it are refused. Raises `NumberError` for wrong length, characters, date or check character."""
    if len(number) != 18:
        raise NumberError(f"a citizen number has 18 characters, this one has {len(number)}")
    if check_character(number[:17]) != number[17]:
        raise NumberError("the check character of the citizen number is wrong")
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise NumberError("the date of birth in the citizen number does not exist") from None
    if today is not None and (born > today or born.year < today.year - _OLDEST_YEARS):
        raise NumberError(f"the citizen number says a birth in the future or more than {_OLDEST_YEARS} years ago")
    return born


def check_foreign_2023_number(number: str, today: date | None = None) -> date:
    """As `check_citizen_number`; the number begins with 9, then province (2) and the country's numeric code (3)."""
    born = check_citizen_number(number, today)
    if not number.startswith("9"):
        raise NumberError("the number of a 2023 permanent residence card begins with 9")
    return born


def check_foreign_2017_number(number: str) -> None:
    """15 characters: country alpha-3, area (4), birth YYMMDD, sequence, check (7-3-1). Raises `NumberError`."""
    head, tail = number[:3], number[3:]
    if len(number) != 15 or not _UPPER.issuperset(head) or not _DIGITS.issuperset(tail):
        raise NumberError("the number of a 2017 permanent residence card is three capitals and twelve digits")
    if seven_three_one(number[:14]) != number[14]:
        raise NumberError("the check digit of the permanent residence number is wrong")


def seven_three_one(characters: str) -> str:
    """The check digit with weights 7, 3, 1 (ICAO 9303): digits count as themselves, A as 10 to Z as 35."""
    return str(sum(int(c, 36) * (7, 3, 1)[i % 3] for i, c in enumerate(characters)) % 10)


def old_foreign_number(number: str, nationality: str, link: str) -> str | None:
    """The 2017 number that a 2023 card replaces, from its number, alpha-3 nationality and 3-digit link; None without
    a link. Raises `NumberError` when the parts cannot make one."""
    if not link:
        return None
    if len(number) != 18 or not _DIGITS.issuperset(number[:17]) or len(link) != 3 or not _DIGITS.issuperset(link):
        raise NumberError("the link to the 2017 number is malformed")
    if len(nationality) != 3 or not _UPPER.issuperset(nationality):
        raise NumberError("a nationality is three capitals")
    first14 = nationality + number[1:3] + link[:2] + number[8:14] + link[2]
    old = first14 + seven_three_one(first14)
    check_foreign_2017_number(old)
    return old
