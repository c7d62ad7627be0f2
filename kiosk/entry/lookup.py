"""Pending letters to candidates: the sentence, whole words, longer local words, words of the beginning, characters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import merge
from typing import TYPE_CHECKING

from kiosk.entry import lattice
from kiosk.entry.lattice import ADDRESS, FIRSTS, PLAIN, Found
from kiosk.entry.names import given_first, name_guesses, surname_first
from kiosk.entry.syllables import BEGUN, NEVER, SHORT, Letters, Piece, begins, folded, mismatch, split

if TYPE_CHECKING:
    from kiosk.entry.learned import Learned
    from kiosk.entry.lexicon import Lexicon, Word

LONGER = 3
"""Longer local words offered for what is typed so far."""
MAX_HEAD = 90
"""Words before the single characters: ten pages are more than anybody turns."""
INITIAL_CHARACTERS = 180
BONUS = 6.0
"""Nats that a word gains by having been chosen in this visit, and one more for each further time."""


@dataclass(frozen=True, slots=True)
class Match:
    """A candidate: its characters, the pending letters it stands for, its reading (syllables parted by spaces)."""

    text: str = field(repr=False)
    letters: int
    reading: str = field(repr=False)


class Choices:
    """The candidates in their order. Single characters are only made as far as somebody turns the pages."""

    def __init__(self, head: Sequence[Match], rest: Callable[[], Iterable[Match]]) -> None:
        self._made = list(head)
        self._rest = rest
        self._more: Iterator[Match] | None = None
        self._seen: set[str] = set()

    def slice(self, start: int, end: int) -> Sequence[Match]:
        """Candidates `start` to `end` (not included)."""
        self._make(end)
        return self._made[start:end]

    def __len__(self) -> int:
        self._make(None)
        return len(self._made)

    def _make(self, count: int | None) -> None:
        made = self._made
        if count is not None and len(made) >= count:
            return
        if self._more is None:
            self._seen = {match.text for match in made}
            self._more = iter(self._rest())
        for match in self._more:
            if match.text not in self._seen:
                self._seen.add(match.text)
                made.append(match)
                if len(made) == count:
                    return


def look_up(words: Lexicon, learned: Learned, letters: str, mode: str, *, first: bool) -> Choices:
    """The candidates for `letters` in a field of that mode; `first` says that nothing is committed before them."""
    typed = Letters(letters.rstrip("'"))
    pieces = split(typed)
    sure = [piece for piece in pieces if piece.kind != "stray"]
    if not sure:
        return Choices((), tuple)
    start = sure[0].start
    if mode == "name":
        head = _names(words, learned, typed.text, pieces, first=first)
        return Choices(head, lambda: _characters(words, typed, sure[0], name=True, first=first))
    kinds = ADDRESS if mode == "address" else PLAIN
    head = _words(words, learned, typed, start, pieces, kinds)
    return Choices(head, lambda: _characters(words, typed, sure[0]))


def _words(
    words: Lexicon, learned: Learned, typed: Letters, start: int, pieces: Sequence[Piece], kinds: Sequence[float]
) -> list[Match]:
    found = lattice.beginning_at(words, typed, start, kinds)
    size = len(typed.text)
    times = learned.times
    ranked: list[tuple[float, Found]] = []
    for one in found:
        chosen = times(" ".join(one.said), one.text) if len(learned) else 0
        ranked.append((one.cost - (BONUS + chosen if chosen else 0.0), one))
    ranked.sort(key=lambda pair: pair[0])
    whole = [(cost, one) for cost, one in ranked if one.end == size]
    head = [_match(one) for _, one in whole]
    remembered = _remembered(learned, typed.text)
    best = lattice.sentence(words, typed, start, kinds)
    if best is not None and best.parts > 1:
        place = 0 if not whole or best.cost < whole[0][0] else min(2, len(head))
        head.insert(place, _match(best))
    begun = list(_longer(words, size, start, pieces))
    place = 0 if typed.begun >= 0 and not whole else min(len(head), 3)  # a begun syllable is guessed best from words
    head[place:place] = [m for m in begun if m.text not in {h.text for h in head[:3]}]
    part = [(cost, one) for cost, one in ranked if one.end < size and len(one.text) > 1]
    part.sort(key=lambda pair: (-len(pair[1].text), pair[0]))
    head = [*remembered, *head, *(_match(one) for _, one in part)]
    if len(pieces) == 1:
        head = [match for match in head if len(match.text) > 1]
    return _once(head)


def _once(matches: Iterable[Match]) -> list[Match]:
    """Each text once, where it stands first."""
    first: dict[str, Match] = {}
    for match in matches:
        first.setdefault(match.text, match)
    return list(first.values())[:MAX_HEAD]


def _match(found: Found) -> Match:
    return Match(found.text, found.end, " ".join(found.said))


def _longer(words: Lexicon, size: int, start: int, pieces: Sequence[Piece]) -> Iterable[Match]:
    """Local words that go on where the letters end: `gong'ji'jin'd` is also 公积金贷款."""
    known = [piece for piece in pieces if piece.start >= start]
    if len(known) < 3 or any(piece.kind != "whole" for piece in known[:2]):
        return []
    key = " ".join(folded(piece.typed) for piece in known[:2])
    found = []
    for word in words.longer.get(key, ()):
        if len(word.said) <= len(known):
            continue
        cost = 0.0
        for piece, said in zip(known, word.said, strict=False):
            if piece.kind == "stray":
                cost = NEVER
            elif piece.kind == "whole":
                same = folded(piece.typed) == folded(said)
                cost += mismatch(piece.typed, said, words.r_as_l) if same else _begun(piece, known, said)
            else:
                cost += begins(piece.typed, said, words.r_as_l) + SHORT
            if cost == NEVER:
                break
        if cost < NEVER:
            found.append((word.cost + cost + 0.5 * (len(word.said) - len(known)), word))
    found.sort(key=lambda pair: pair[0])
    return [Match(word.text, size, " ".join(word.said)) for _, word in found[:LONGER]]


def _begun(piece: Piece, known: Sequence[Piece], said: str) -> float:
    """A last piece that is a whole syllable may also be the beginning of one: `ta` of tang."""
    return BEGUN if piece is known[-1] and said.startswith(piece.typed) else NEVER


def _remembered(learned: Learned, letters: str) -> list[Match]:
    """What this visit has chosen for exactly these letters, whole or by first letters, the last chosen first."""
    found = []
    for reading, text in learned.words():
        said = reading.split(" ")
        if len(said) > 1 and _fits(letters, said):
            found.append(Match(text, len(letters), reading))
    return found[:3]


def _fits(letters: str, said: Sequence[str]) -> bool:
    plain = letters.replace("'", "")
    return plain in {"".join(said), "".join(one[0] for one in said)}


def _names(words: Lexicon, learned: Learned, letters: str, pieces: Sequence[Piece], *, first: bool) -> list[Match]:
    """Whole names that fit, then what the name begins with."""
    found = _remembered(learned, letters)
    options = surname_first(pieces) if first else []
    found += [Match(text, end, reading) for text, end, reading in options if len(text) > 1 and end == len(letters)]
    found += [Match(text, len(letters), reading) for text, reading in name_guesses(words, pieces, first=first)]
    found += [Match(text, end, reading) for text, end, reading in options]
    return _once(found)


def _characters(
    words: Lexicon, letters: Letters, piece: Piece, *, name: bool = False, first: bool = False
) -> Iterator[Match]:
    """Single characters of the first syllable, then of the shorter syllables that the letters also begin with."""
    start = piece.start
    if piece.kind != "whole":
        yield from _initial(words, piece, name=name)
    ends = sorted({end for end, _ in letters.wholes[start]} - {piece.end}, reverse=True)
    for end in [piece.end, *ends] if piece.kind == "whole" else ends:
        typed = letters.text[start:end]
        if name and not first:
            yield from _given(words, typed, end)
        yield from (Match(word.text, end, word.said[0]) for _, word in merge(*_by_reading(words, typed)))


def _given(words: Lexicon, typed: str, end: int) -> Iterator[Match]:
    """The characters of given names that sound like `typed`."""
    found = [
        (cost + mismatch(typed, said, words.r_as_l), text, said)
        for cost, text, said in words.given.get(folded(typed), ())
    ]
    return (Match(text, end, said) for cost, text, said in sorted(found) if cost < NEVER)


def _by_reading(words: Lexicon, typed: str) -> Iterator[Iterator[tuple[float, Word]]]:
    """(cost, character) of every reading that `typed` may stand for, each in its order."""
    for reading in words.readings.get(folded(typed), ()):
        wrong = mismatch(typed, reading, words.r_as_l)
        if wrong < NEVER:
            yield _dearer(words.single[reading], wrong)


def _dearer(some: Sequence[Word], by: float) -> Iterator[tuple[float, Word]]:
    return ((word.cost + by, word) for word in some)


def _initial(words: Lexicon, piece: Piece, *, name: bool) -> list[Match]:
    """The likeliest characters whose syllable begins with the letters typed."""
    found = []
    for word in words.short.get(FIRSTS.get(piece.typed[0], piece.typed[0]), ()):
        if len(word.said) == 1:
            wrong = begins(piece.typed, word.said[0], words.r_as_l)
            if wrong < NEVER:
                found.append((wrong + (given_first(word) if name else word.cost), word))
    found.sort(key=lambda pair: pair[0])
    return [Match(word.text, piece.end, word.said[0]) for _, word in found[:INITIAL_CHARACTERS]]
