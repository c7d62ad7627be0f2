"""Names of people: surnames first, read as surnames are, then characters by how often names use them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from config import DATA
from kiosk.entry.syllables import BEGUN, NEVER, SHORT, Piece, begins, folded, mismatch
from kiosk.finding.pinyin import sounds

if TYPE_CHECKING:
    from kiosk.entry.lexicon import Lexicon, Word

TIER_COST = (6.0, 7.5, 9.5)
"""Nats of a character of each tier of given.txt; a rank within the tier adds up to 1.5."""
UNLISTED = 6.0
"""Nats that a character which is in no tier is dearer in a name than in text."""
KNOWN_PAIR = 2.5
"""Nats that two characters gain when they are a word (建国): people like names that mean something."""
TWIN = 2.0
"""Nats that a doubled character gains (丽丽)."""
GUESSES = 2
_EACH = 4


class Surname(NamedTuple):
    """A surname, its reading (syllables), its cost in nats."""

    cost: float
    text: str
    said: tuple[str, ...]


@cache
def surnames() -> tuple[Surname, ...]:
    """All surnames, the likeliest here first: the country's order, and what is at home around Weihai."""
    found: dict[tuple[str, tuple[str, ...]], float] = {}
    part, rank = "", 0
    for line in (DATA / "entry" / "surnames.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            part, rank = line.strip("[]"), 0
        elif line and not line.startswith("#"):
            for rank, entry in enumerate(line.split(), rank):  # noqa: B020  # the rank goes on over the lines of a part
                text, _, reading = entry.partition(":")
                said = tuple(reading.split("'")) if reading else tuple(sounds(text))
                cost = _surname_cost(part, rank)
                found[text, said] = min(cost, found.get((text, said), NEVER))
    return tuple(sorted(Surname(cost, text, said) for (text, said), cost in found.items()))


def _surname_cost(part: str, rank: int) -> float:
    if part == "compound":
        return 8.5
    return 3.2 + rank * 0.03 if part == "local" else 3.0 + min(rank, 400) * 0.015


@cache
def _given() -> dict[str, float]:
    """The cost of every character of given.txt."""
    found: dict[str, float] = {}
    tier = 0
    for line in (DATA / "entry" / "given.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            tier = int(line.strip("[]")) - 1
        elif line and not line.startswith("#"):
            listed = line.split()
            for rank, character in enumerate(listed):
                found.setdefault(character, TIER_COST[tier] + 1.5 * rank / len(listed))
    return found


def given_first(word: Word) -> float:
    """The cost of a character in a given name; the reading that it rarely has stays behind."""
    cost = _given().get(word.text)
    if cost is None:
        return word.cost + UNLISTED
    return cost + max(0.0, word.cost - 13.0) * 0.4


def surname_first(pieces: Sequence[Piece]) -> list[tuple[str, int, str]]:
    """(surname, end, reading) of the surnames that the pieces begin with: compound ones that are typed out lead."""
    return [(text, end, reading) for _, text, end, reading, _ in _beginning(pieces)]


def _beginning(pieces: Sequence[Piece]) -> list[tuple[float, str, int, str, int]]:
    """(cost, surname, end, reading, pieces it takes), the cheapest first."""
    sure = [piece for piece in pieces if piece.kind != "stray"]
    found = []
    for one in surnames_by_fold().get(_key(sure[0].typed, sure[0].kind), ()) if sure else ():
        size = len(one.said)
        if size > len(sure):
            continue
        cost = one.cost - (8.0 if size > 1 and all(p.kind == "whole" for p in sure[:size]) else 0.0)
        for piece, said in zip(sure, one.said, strict=False):
            cost += _cost(piece, said)
        if cost < NEVER:
            found.append((cost, one.text, sure[size - 1].end, " ".join(one.said), size))
    found.sort()
    return found


def _key(typed: str, kind: str) -> str:
    fold = folded(typed)
    return fold if kind == "whole" else f"{fold.replace('n', 'l').replace('r', 'l')[0]}*"


@cache
def surnames_by_fold() -> dict[str, list[Surname]]:
    """Surnames by the fold of their first syllable, and by its first letter."""
    found: dict[str, list[Surname]] = {}
    for one in surnames():
        fold = folded(one.said[0])
        found.setdefault(fold, []).append(one)
        found.setdefault(f"{fold[0]}*", []).append(one)
    return found


def _cost(piece: Piece, said: str) -> float:
    if piece.kind == "whole":
        return mismatch(piece.typed, said) if folded(piece.typed) == folded(said) else NEVER
    return begins(piece.typed, said) + (BEGUN if piece.kind == "part" else SHORT)


def name_guesses(words: Lexicon, pieces: Sequence[Piece], *, first: bool) -> list[tuple[str, str]]:
    """(name, reading) of whole names that the pieces may be, the likeliest first; [] when they are too many or few."""
    if any(piece.kind == "stray" for piece in pieces):
        return []
    found: list[tuple[float, str, str]] = []
    if first:
        for cost, text, _, reading, size in _beginning(pieces)[:3]:
            for more, given, said in _givens(words, pieces[size:]):
                found.append((cost + more, text + given, f"{reading} {said}"))
    else:
        found = list(_givens(words, pieces)) if len(pieces) > 1 else []
    found.sort()
    return [(text, reading) for _, text, reading in found[:GUESSES]]


def _givens(words: Lexicon, pieces: Sequence[Piece]) -> Iterator[tuple[float, str, str]]:
    """(cost, given name, reading) for one or two pieces."""
    if not 1 <= len(pieces) <= 2:
        return
    options = [_likely(words, piece) for piece in pieces]
    for row in product(*options):
        cost = sum(one for one, _, _ in row)
        text = "".join(character for _, character, _ in row)
        said = [reading for _, _, reading in row]
        if len(row) == 2:
            if text[0] == text[1]:
                cost -= TWIN
            elif any(word.text == text for word in words.full.get(" ".join(map(folded, said)), ())):
                cost -= KNOWN_PAIR
        yield cost, text, " ".join(said)


def _likely(words: Lexicon, piece: Piece) -> list[tuple[float, str, str]]:
    """The likeliest characters of a given name for one piece."""
    found = []
    for cost, text, said in words.given.get(_key(piece.typed, piece.kind), ()):
        wrong = _cost(piece, said)
        if wrong < NEVER:
            found.append((cost + wrong, text, said))
            if piece.kind != "whole" and len(found) >= 3 * _EACH:
                break
    found.sort()
    return found[:_EACH]


def given_index(singles: Iterable[Word]) -> dict[str, list[tuple[float, str, str]]]:
    """(cost, character, reading) of the characters of given.txt by fold, and by first letter; the likeliest first."""
    listed = _given()
    found: dict[str, list[tuple[float, str, str]]] = {}
    for cost, text, said in sorted((given_first(w), w.text, w.said[0]) for w in singles if w.text in listed):
        fold = folded(said)
        found.setdefault(fold, []).append((cost, text, said))
        found.setdefault(f"{fold[0]}*", []).append((cost, text, said))
    return found
