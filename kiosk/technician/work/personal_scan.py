"""Finds what must not leave the terminal: personal data and secrets in a text. Says which kind and line, never what.

What it is for is written in English by the program itself, so that any Chinese or Korean writing in it is somebody's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

from config.service_values import luhn_right
from drivers.id_card.frames.numbers import check_character
from kiosk.entry.names import surnames
from kiosk.finding.pinyin import syllables

Kind = Literal["name", "address", "id-number", "document", "phone", "bank-card", "mail", "key", "secret", "payload"]
MOST_FINDINGS: Final = 50
MOST_SYLLABLES: Final = 3
SLIP_FREE: Final = 0.5
"""Letters that make syllables without a slip cost less (`kiosk.finding.pinyin`)."""
_EDGE, _END = r"(?<![0-9A-Za-z.])", r"(?![0-9A-Za-z])"
_NUMBER: Final = r"(?<![0-9A-Fa-f])(?<!\d\.)"
"""Where a number of a person may begin: not inside a digest, nor behind a decimal point."""
_HAN: Final = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_WRITING: Final = rf"[{_HAN}\u1100-\u11ff\u3130-\u318f\uac00-\ud7af\u3040-\u30ff]"
_PLACE: Final = (
    rf"[{_HAN}]*(?:[省市区县镇乡村街路巷弄][{_HAN}]*)?\d+ ?[-\d]* ?[号室栋幢楼单元]|[{_HAN}]{{2,}}[省市区县镇乡村街路]"
)
_ESCAPED: Final = (
    r"(?:\\u(?:[3-9][0-9a-f]{3}|a[c-f][0-9a-f]{2}|[b-d][0-9a-f]{3})|%e[3-9a-d]%[89ab][0-9a-f]%[89ab][0-9a-f])"
)
_ROMAN: Final = re.compile(r"\b([A-Z][a-z]{1,6}|[A-Z]{2,7})[ ,]{1,2}([A-Z][a-z]{1,17}|[A-Z]{2,18})\b")
_HASHES: Final = re.compile(r'"(?:hash|head|chain|sha256)": ?"[0-9a-f]{64}"')
"""Members that hold a hash by construction."""


@dataclass(frozen=True, slots=True)
class Found:
    """Something that must not be there, and its line (from 1)."""

    kind: Kind
    line: int


def _is_number(text: str) -> bool:
    digits = re.sub(r"[ -]", "", text).upper()
    return check_character(digits[:17]) == digits[17]


def _is_card(text: str) -> bool:
    digits = re.sub(r"[ -]", "", text)
    return len(set(digits)) > 1 and luhn_right(digits)


@cache
def _readings() -> frozenset[str]:
    return frozenset("".join(each.said) for each in surnames())


def _is_roman(text: str) -> bool:
    """A surname as it is read, and a given name of Chinese syllables: Wang Xiaoming, LI NA."""
    parts = _ROMAN.fullmatch(text)
    if parts is None or parts[1].lower() not in _readings():
        return False
    said, cost = syllables(parts[2].lower())
    return len(said) <= MOST_SYLLABLES and cost < SLIP_FREE


def _any(_: str) -> bool:
    return True


_RULES: Final[tuple[tuple[Kind, re.Pattern[str], Callable[[str], bool]], ...]] = (
    ("id-number", re.compile(rf"{_NUMBER}[1-9]\d{{5}}[ -]?(?:1[89]|20)\d{{6}}[ -]?\d{{3}}[0-9Xx]{_END}"), _is_number),
    ("document", re.compile(rf"{_EDGE}(?:[EGDPS][A-Z]?\d{{7,8}}|[HMC]\d{{8,10}}|[A-Z]{{3}}\d{{12}}){_END}"), _any),
    ("phone", re.compile(rf"{_NUMBER}(?:\+?(?:00)?86[- ]?)?1[3-9]\d[- ]?\d{{4}}[- ]?\d{{4}}{_END}"), _any),
    ("phone", re.compile(rf"{_EDGE}0\d{{2,3}}-\d{{7,8}}{_END}"), _any),
    (
        "bank-card",
        re.compile(rf"{_EDGE}\d{{4}}[ -]?\d{{4}}[ -]?\d{{4}}[ -]?\d{{1,4}}(?:[ -]?\d{{1,3}})?{_END}"),
        _is_card,
    ),
    ("mail", re.compile(r"[\w.+-]+@[\w-]+\.[A-Za-z]{2,}"), _any),
    ("address", re.compile(_PLACE), _any),
    ("address", re.compile(r"\b(?:Room|Flat|Apt|Unit|No)\.? ?\d+,? .{0,40}\b(?:Road|Street|Avenue|Lu|Jie)\b"), _any),
    ("name", re.compile(_WRITING), _any),
    ("name", re.compile(_ESCAPED, re.IGNORECASE), _any),
    ("name", _ROMAN, _is_roman),
    ("key", re.compile(r"-----BEGIN [A-Z ]+-----|\bssh-(?:rsa|ed25519) "), _any),
    ("key", re.compile(rf"{_EDGE}[0-9A-Fa-f]{{40,}}{_END}"), _any),
    ("secret", re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}|\b[Bb]earer +\S{6,}"), _any),
    (
        "secret",
        re.compile(
            r"(?i)(?<![a-z])(?:pin|passw(?:or)?d|passphrase|secret|token|activation|authorization)[\"']?\s*[:=]\s*"
            r"(?!\s*[\"']?(?:set|not set|none|null|true|false|\(withheld\))[\"']?\s*(?:[,}\]]|$))[\"']?[^\s\"',}]{3,}"
        ),
        _any,
    ),
    (
        "payload",
        re.compile(rf"{_EDGE}(?=[A-Za-z0-9+/]*[a-z])(?=[A-Za-z0-9+/]*[A-Z])(?=[A-Za-z0-9+/]*\d)[A-Za-z0-9+/]{{40,}}"),
        _any,
    ),
    ("payload", re.compile(r"(?:\b[0-9A-Fa-f]{2}[ :]){16,}"), _any),
)


def findings(text: str) -> list[Found]:
    """Everything in `text` that must not be there, in order; at most `MOST_FINDINGS`."""
    found: list[Found] = []
    for number, line in enumerate(text.splitlines(), 1):
        found += [Found(kind, number) for kind in kinds_in(line)]
        if len(found) >= MOST_FINDINGS:
            break
    return found[:MOST_FINDINGS]


def kinds_in(line: str) -> list[Kind]:
    """The kinds of what one line holds, each once; [] for a line that may leave."""
    return list(dict.fromkeys(_kinds(_HASHES.sub('""', line))))


def is_clean(text: str) -> bool:
    """Whether a short text may leave the terminal."""
    return not any(kinds_in(line) for line in text.splitlines())


def _kinds(line: str) -> Iterator[Kind]:
    for kind, pattern, holds in _RULES:
        if any(holds(match.group()) for match in pattern.finditer(line)):
            yield kind
