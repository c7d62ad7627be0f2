"""Characters that no keyboard leads to: by their code, as it stands in a register or on an official's screen. Pure."""

from __future__ import annotations

from collections.abc import Iterable

HEX = frozenset("0123456789ABCDEF")
MOST_DIGITS = 6
_HAN = (
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x2FA1F),
    (0x30000, 0x323AF),
    (0x2EBF0, 0x2EE5D),
)
"""Unified ideographs of Unicode 15.1 with their extensions A to I, and the compatibility ideographs: GB 18030-2022 and
its amendment name people with all of them."""
_PRIVATE = (0xE000, 0xF8FF)
"""Characters that older registers keep in the private use area (GB 18030-2005): passed on as they are."""


def is_han(character: str) -> bool:
    """Whether it is a Chinese character, or 〇."""
    point = ord(character)
    return character == "〇" or any(first <= point <= last for first, last in _HAN)


def of_code(code: str) -> str:
    """The character of a code ("9FA5", "2EBF5"); "" while the digits are none that stands in a name."""
    if not 4 <= len(code) <= MOST_DIGITS or not set(code) <= HEX:
        return ""
    point = int(code, 16)
    if point > 0x10FFFF or 0xD800 <= point <= 0xDFFF:
        return ""
    character = chr(point)
    return character if is_han(character) or _PRIVATE[0] <= point <= _PRIVATE[1] else ""


def code_of(character: str) -> str:
    """How a character is named that cannot be shown: "U+9FA5"."""
    return f"U+{ord(character):04X}"


def is_common(character: str) -> bool:
    """Whether every keyboard leads to it: GB 2312 has it."""
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def from_card(name: str, address: str, most: int = 9) -> tuple[str, ...]:
    """The characters of a card that are worth a touch: those of the name, and what is uncommon in the address."""
    wanted: Iterable[str] = (*name, *(c for c in address if not is_common(c)))
    return tuple(dict.fromkeys(c for c in wanted if is_han(c) or _PRIVATE[0] <= ord(c) <= _PRIVATE[1]))[:most]
