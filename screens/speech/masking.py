"""What a loudspeaker must not say: the numbers of people, cards and phones (EN 301 549, 5.1.3.8 and 5.1.3.9).

Dates, times, amounts and short numbers are said. In a headset everything is said, long numbers digit by digit.
"""

from __future__ import annotations

import re

from config.texts import texts
from screens.screen import Language

LONG = 7
"""So many digits and more are a number that is nobody else's business."""
TAIL = 4
_DATE = re.compile(r"(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}(?:[ T]\d{1,2}:\d\d)?|\d{1,2}/\d{1,2}/(?:19|20)\d\d")
_AMOUNT = re.compile(r"(?<![\d.])\d+\.\d{2}(?![\d.])")
_PUBLIC = re.compile(r"0\d{2,3}-\d{5,8}|400-\d{3}-\d{4}")
_NUMBER = re.compile(r"[0-9*•](?:[ \-]?[0-9*•Xx.])+(?![0-9])")
_CODE = re.compile(r"(?<![A-Za-z0-9])(?=[^ ]*[0-9]{4})[A-Z0-9.\-*]{16,}(?![A-Za-z0-9])")
_STARS = re.compile(r"(?<=\w)[*•]+(?=\w|$|\s)")


def aloud(text: str, language: Language, *, private: bool = False, public_phones: bool = True) -> str:
    """`text` as it may be spoken. `public_phones`: a landline number in it is an office's, and is said."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found.group())
        return f"\x00{len(kept) - 1}\x01"

    say = texts(language).t
    shielded = text.replace("\x00", "").replace("\x01", "")
    for harmless in (_DATE, _AMOUNT, *([_PUBLIC] if public_phones else [])):
        shielded = harmless.sub(keep, shielded)
    shielded = _CODE.sub(lambda m: _spoken(m.group(), language, private), shielded)
    spoken = _NUMBER.sub(lambda m: _spoken(m.group(), language, private), shielded)
    spoken = _STARS.sub(f" {say('speech.star')} " if language == "en" else say("speech.star"), spoken)
    return re.sub("\x00(\\d+)\x01", lambda m: _phone_or_date(kept[int(m.group(1))]), spoken)


def count(text: str) -> int:
    """Digits and hidden digits in `text`."""
    return sum(c.isdigit() or c in "*•" for c in text)


def _spoken(number: str, language: Language, private: bool) -> str:
    digits = [c for c in number if c.isalnum() or c in "*•"]
    if len(digits) < LONG and not {"*", "•"} & set(digits):
        return number
    if private and not {"*", "•"} & set(digits):
        return " ".join(digits)
    say = texts(language).t
    tail = "".join(digits)[-TAIL:]
    if {"*", "•"} & set(tail):
        return say("speech.hidden")
    return say("speech.ending", tail=" ".join(tail))


def _phone_or_date(text: str) -> str:
    """A public phone number digit by digit, a date as it is."""
    return " ".join(text.replace("-", " ")) if _PUBLIC.fullmatch(text) else text
