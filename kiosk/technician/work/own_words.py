"""Words of one's own for the closed page: short enough for every way it is shown, drawable, and nobody's data.

Widths are bounds, so that nothing is measured by fonts here; tests lay the widest words out on every panel, in every
mode and language.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Final

from kiosk.events import Language
from kiosk.technician.work.personal_scan import kinds_in
from kiosk.technician.work.refusal import Refusal
from screens.type import lacking

MOST: Final = 72
"""Characters in one language."""
WIDEST_EM: Final = 40.0
"""Four lines of the largest type, upright and lying; no page of a closed terminal can be turned."""
LONGEST_EM: Final = 10.0
"""What cannot be broken must fit beside its label."""
MOST_LINES: Final = 6
NUMBERS: Final = frozenset({"id-number", "document", "phone", "bank-card", "mail", "key", "secret"})
"""Kinds of `personal_scan` that words for citizens must not hold; Chinese itself it takes for somebody's name."""
ORDER: Final[tuple[Language, ...]] = ("zh", "en", "ko")
_WIDE: Final = frozenset("MWm@%&")


def width_em(text: str) -> float:
    """At most so wide, in the size of the type."""
    return sum(map(_width, text))


def _width(character: str) -> float:
    if character == " ":
        return 0.3
    if not character.isascii():
        return 1.0
    return 1.02 if character in _WIDE else 0.87 if character.isupper() or character == "w" else 0.65


def own_words(given: Mapping[Language, str], hotline: str) -> dict[Language, str]:
    """What may be shown, by language; a language without words is left out.

    Raises `Refusal`: none at all, too long, no glyph, a number that looks like a person's (`hotline` is none).
    """
    said: dict[Language, str] = {}
    for language in ORDER:
        text = given.get(language, "").strip(" ")
        if not text.isprintable():
            raise Refusal("work.words-signs", f"{language}: {_codes(c for c in text if not c.isprintable())}")
        if text := " ".join(text.split()):
            _must_be_nobodys(text, hotline)
            _must_fit(language, text)
            if gone := lacking(text):
                raise Refusal("work.words-signs", f"{language}: {_codes(gone)}")
            said[language] = text
    if not said:
        raise Refusal("work.words-none")
    return said


def _must_fit(language: Language, text: str) -> None:
    if len(text) > MOST or width_em(text) > WIDEST_EM:
        # Chinese and Korean characters count twice, as people count them who set type.
        used, most = round(2 * width_em(text)), round(2 * WIDEST_EM)
        raise Refusal("work.words-long", f"{language}: {max(used, len(text))} / {most}")
    longest = max(_unbroken(text), key=width_em)
    if width_em(longest) > LONGEST_EM:
        raise Refusal("work.words-long", f"{language}: {longest[:12]}…")


def _unbroken(text: str) -> list[str]:
    """Runs between which a line may break: at spaces, and around characters that are not Latin, nor Hangul."""
    parted = "".join(f" {c} " if ord(c) > 0x2E7F and not "\uac00" <= c <= "\ud7a3" else c for c in text)
    return parted.split()


def _must_be_nobodys(text: str, hotline: str) -> None:
    digits = unicodedata.normalize("NFKC", text)
    for each in (hotline, hotline.replace("-", "")):
        digits = digits.replace(each, "")
    found = next((kind for kind in kinds_in(digits) if kind in NUMBERS), "")
    if found:
        raise Refusal("work.words-personal", found)


def _codes(characters: Iterable[str]) -> str:
    found = list(dict.fromkeys(characters))[:5]
    return " ".join(f"U+{ord(each):04X}" for each in found)
