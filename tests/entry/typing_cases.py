"""The typed cases of tests/entry/cases.txt, and a typist who takes the best first step every time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from kiosk.entry import Composer, Mode
from kiosk.finding.pinyin import sounds

MODES: dict[str, Mode] = {"phrases": "text", "addresses": "address", "sentences": "text", "names": "name"}
TOO_MANY = 99
PATH = Path(__file__).with_name("cases.txt")


class Case(NamedTuple):
    """What is to be written and how it is typed (full pinyin); which half, which kind."""

    half: str
    kind: str
    text: str
    typed: str


class Typed(NamedTuple):
    """Whether the first candidate was all of it, and selections with page turns together."""

    first: bool
    taps: int


def cases(path: Path = PATH) -> Iterator[Case]:
    """All cases in the file's order."""
    half = kind = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            half, kind = line.strip("[]").split(" ")
        elif line and not line.startswith("#"):
            text, _, reading = line.partition(" ")
            yield Case(half, kind, text, (reading or " ".join(sounds(text))).replace(" ", ""))


def typed(case: Case, composer: Composer | None = None) -> Typed:
    """Type all letters, then take the longest right candidate of the first page that has one, until it is written."""
    field = composer or Composer(MODES[case.kind])
    for letter in case.typed:
        assert field.key(letter)
    taps = 0
    first = bool(found := field.candidates(0)) and found[0].text == case.text
    while field.pending and taps < TOO_MANY:
        rest = case.text[len(field.text) :]
        for page in range(field.pages):
            right = [(len(one.text), -at) for at, one in enumerate(field.candidates(page)) if rest.startswith(one.text)]
            if right:
                taps += 1 + page
                assert field.choose(page * 9 - max(right)[1])
                break
        else:
            return Typed(False, TOO_MANY)
    return Typed(first, taps if field.text == case.text else TOO_MANY)
