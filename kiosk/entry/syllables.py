"""Typed letters as syllables: which strings are one, which sounds people do not part, how pending letters are shown."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from config import DATA
from kiosk.finding import pinyin

LONGEST = 6
FUZZY = 2.5
"""Nats for a sound that was confused (z zh, c ch, s sh, n l, in ing, en eng, an ang)."""
UMLAUT = 0.7
"""Nats for u where ü is meant: nobody finds ü on a keyboard."""
SHORT = 1.0
"""Nats for a syllable of which only the first letter was typed."""
BEGUN = 0.4
"""Nats for a last syllable that is not typed to its end."""
NEVER = float("inf")

_FLAT = (("zh", "z"), ("ch", "c"), ("sh", "s"))
_LETTERS = frozenset("bpmfdtnlgkhjqxzcsrywaoe")
"""What a syllable can begin with: also what can stand for a whole one (g for gong)."""
_DOUBLE = frozenset({"zh", "ch", "sh"})
_STRAY = 20.0
_WHOLE = 1.0
_PRICES = {"first": 4.0, "part": 2.5}


class Piece(NamedTuple):
    """A stretch of letters: `kind` is "whole" syllable, "first" letter of one, "part" of the last, "stray"."""

    start: int
    end: int
    typed: str
    kind: str


@lru_cache(maxsize=1024)
def folded(syllable: str) -> str:
    """A syllable without the differences that may be confused; r counts as l here, `mismatch` parts them again."""
    syllable = pinyin.folded(syllable)
    return "l" + syllable[1:] if syllable.startswith("r") else syllable


@cache
def spellings() -> dict[str, str]:
    """Every string that counts as one whole syllable, and its fold: `cuang` is taken for chuang, `lue` for lve."""
    known: set[str] = set()
    for line in (DATA / "finding" / "pinyin.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            known.update(line.split(" ")[1:])
    real = {s for s in known if s in {"a", "e", "o"} or (len(s) > 1 and set(s) & set("aeiouv"))}
    found = {s: folded(s) for s in real}
    for syllable in sorted(real):
        for long, short in _FLAT:
            if syllable.startswith(long):
                found.setdefault(short + syllable[2:], folded(syllable))
        if "v" in syllable:
            found.setdefault(syllable.replace("v", "u"), folded(syllable))
        elif syllable in {"lue", "nue"}:
            found.setdefault(syllable.replace("u", "v"), folded(syllable))
    return found


@lru_cache(maxsize=8192)
def mismatch(typed: str, said: str, r_as_l: bool = False) -> float:
    """Nats for `typed` where `said` is meant; both fold alike. Infinite where r was typed for l, unless `r_as_l`."""
    if typed == said:
        return 0.0
    cost = 0.0
    one, other = typed.replace("v", "u"), said.replace("v", "u")
    if one != typed or other != said:
        cost += UMLAUT
    if one[0] != other[0]:
        if "r" in (one[0], other[0]) and not r_as_l:
            return NEVER
        cost += FUZZY
    elif one[1:2] != other[1:2] and "h" in (one[1:2], other[1:2]):
        cost += FUZZY
    if one.endswith("g") != other.endswith("g"):
        cost += FUZZY
    return cost


def begins(typed: str, said: str, r_as_l: bool = False) -> float:
    """Nats for the first letters `typed` of the syllable `said`: `z` also begins zhong. Infinite when it does not."""
    if said.startswith(typed):
        return 0.0
    first = folded(said)[0]
    if len(typed) == 2 and typed[1] == "h" and typed[0] == said[0]:
        return FUZZY  # zh typed for a z
    if len(typed) == 1 and typed in "nlr" and first == "l":
        return NEVER if "r" in (typed, said[0]) and not r_as_l else FUZZY + SHORT
    return NEVER


class Letters:
    """Pending letters, cut once: `wholes[at]` has (end, fold) of the whole syllables that begin at `at`.

    `spelt` says that whole syllables cover all letters; then `wholes` has only those that lie on such a cut.
    `begun` says where a last syllable begins that is not typed to its end, when whole ones cover the rest; else -1.
    """

    __slots__ = ("begun", "spelt", "text", "wholes")

    def __init__(self, text: str) -> None:
        self.text = text
        size = len(text)
        table = _steps()
        self.wholes: list[list[tuple[int, str]]] = []
        for at in range(size):
            found: list[tuple[int, str]] = []
            for end in range(at + 1, min(at + LONGEST, size) + 1):
                fold = table.get(text[at:end])
                if fold is None:
                    break
                if fold:
                    found.append((end, fold))
            self.wholes.append(found)
        self.begun = -1
        self.spelt = self._cut(size)
        for at in range(max(0, size - LONGEST), size) if not self.spelt else ():
            if text[at:] in _beginnings() and self._cut(at):
                self.begun = at
                break

    def _cut(self, size: int) -> bool:
        """Whether whole syllables cover the first `size` letters; if so, only those on such a cut are kept."""
        text = self.text
        covers = [False] * size + [True]
        for at in range(size - 1, -1, -1):
            for end, _ in self.wholes[at]:
                if end <= size and covers[end]:
                    covers[at] = True
                    break
            else:
                covers[at] = text[at] == "'" and covers[at + 1]
        if covers[0]:
            self.wholes = [
                [one for one in found if one[0] <= size and covers[one[0]]] if at < size else []
                for at, found in enumerate(self.wholes)
            ]
        return covers[0]

    def firsts(self, at: int) -> list[Piece]:
        """The pieces at `at` that are less than a whole syllable: everywhere, or only the last one if one is begun."""
        if self.begun < 0:
            return list(firsts(self.text, at))
        if at != self.begun:
            return []
        typed = self.text[at:]
        return [Piece(at, len(self.text), typed, "first" if len(typed) == 1 or typed in _DOUBLE else "part")]


def firsts(letters: str, at: int) -> Iterator[Piece]:
    """The pieces at `at` that are less than a whole syllable."""
    if letters[at] not in _LETTERS:
        return
    if letters[at : at + 2] in _DOUBLE:
        yield Piece(at, at + 2, letters[at : at + 2], "first")
    yield Piece(at, at + 1, letters[at], "first")
    rest = letters[at:]
    if 2 <= len(rest) < LONGEST and rest not in _DOUBLE and rest in _beginnings():
        yield Piece(at, len(letters), rest, "part")


@cache
def _steps() -> dict[str, str]:
    """Every beginning of a whole syllable: its fold when it is one itself, else ""."""
    found = {s[:end]: "" for s in spellings() for end in range(1, len(s))}
    return found | spellings()


@cache
def _beginnings() -> frozenset[str]:
    return frozenset(s[:end] for s in spellings() for end in range(1, len(s)) if s[0] in _LETTERS)


def split(letters: Letters) -> list[Piece]:
    """The likeliest pieces, without apostrophes: whole syllables where there are any, few and long ones."""
    text = letters.text
    size = len(text)
    best: list[float] = [0.0] + [NEVER] * size
    back: list[tuple[int, str]] = [(0, "")] * (size + 1)
    for at in range(size):
        so_far = best[at]
        if so_far == NEVER:
            continue
        if text[at] == "'":
            options = [(at + 1, "mark", 0.0)]
        else:
            # Of fang'an and fan'gan the longer first syllable is the usual one.
            options = [(end, "whole", _WHOLE - 0.001 * (end - at) / (1 + at)) for end, _ in letters.wholes[at]]
            if not letters.spelt:
                options += [(one.end, one.kind, _PRICES[one.kind]) for one in letters.firsts(at)]
                options.append((at + 1, "stray", _STRAY))
        for end, kind, price in options:
            if so_far + price < best[end]:
                best[end], back[end] = so_far + price, (at, kind)
    found = []
    at = size
    while at:
        start, kind = back[at]
        if kind != "mark":
            found.append(Piece(start, at, text[start:at], kind))
        at = start
    return found[::-1]


def spoken(letters: str) -> str:
    """Letters as syllables parted by apostrophes; an apostrophe at the end is kept as typed."""
    return "'".join(piece.typed for piece in split(Letters(letters))) + ("'" if letters.endswith("'") else "")
