"""Words over letters: all words that begin at a place, and the cheapest row of words that covers everything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from kiosk.entry.syllables import BEGUN, NEVER, SHORT, Letters, Piece, begins, mismatch

if TYPE_CHECKING:
    from kiosk.entry.lexicon import Lexicon, Word

PLAIN = (0.0, 0.0, 0.0)
ADDRESS = (0.0, 1.0, -2.0)
"""What is added to the cost of general words, words of services, words of places, by the kind of field."""
PLACE = 2
STRAY = 20.0
MAX_SHORT = 24
"""Letters up to which first letters may stand for syllables in a row of words."""
MAX_SYLLABLES = 16
STEM = 4
MAX_PATHS = 400
"""Ways to cut the letters that are followed from one place."""
PER_PATTERN = 40
"""Words kept for one pattern of first letters: gj has hundreds."""
FIRSTS = {"r": "l", "n": "l"}


class Found(NamedTuple):
    """A word or a row of words (`parts`) that stands for the letters up to `end`."""

    cost: float
    end: int
    text: str
    said: tuple[str, ...]
    parts: int = 1


def beginning_at(words: Lexicon, letters: Letters, start: int, kinds: Sequence[float]) -> list[Found]:
    """Every word of two characters and more that the letters from `start` begin with; by first letters if need be."""
    found: list[Found] = []
    for some, typed, end in _by_sound(words, letters, start):
        if len(typed) > 1:
            found += _all(some, typed, end, kinds, words.r_as_l)
    if not letters.spelt:
        found += _by_first(words, letters, start, kinds, PER_PATTERN)
    return found


def sentence(words: Lexicon, letters: Letters, start: int, kinds: Sequence[float]) -> Found | None:
    """The cheapest row of words over all letters from `start`; None when there is none."""
    text = letters.text
    size = len(text)
    by_first = not letters.spelt and size - start <= MAX_SHORT
    best: list[float] = [NEVER] * (size + 1)
    back: list[tuple[int, str, tuple[str, ...]]] = [(0, "", ())] * (size + 1)
    best[start] = 0.0
    for at in range(start, size):
        so_far = best[at]
        if so_far == NEVER:
            continue
        if text[at] == "'":
            if so_far < best[at + 1]:
                best[at + 1], back[at + 1] = so_far, (at, "", ())
            continue
        for some, typed, end in _by_sound(words, letters, at):
            limit = best[end] - so_far
            word, cost = _cheapest(some, typed, kinds, limit, words.r_as_l)
            if word is not None:
                best[end], back[end] = so_far + cost, (at, word.text, word.said)
        if by_first:
            for one in _by_first(words, letters, at, kinds, 1):
                if so_far + one.cost < best[one.end]:
                    best[one.end], back[one.end] = so_far + one.cost, (at, one.text, one.said)
        if not letters.spelt and so_far + STRAY < best[at + 1]:
            best[at + 1], back[at + 1] = so_far + STRAY, (at, "", ())
    steps = []
    at = size
    while at > start:
        step = back[at]
        if step[1]:
            steps.append(step)
        at = step[0]
    if not steps or best[size] == NEVER:
        return None
    said = tuple(one for step in reversed(steps) for one in step[2])
    return Found(best[size], size, "".join(step[1] for step in reversed(steps)), said, len(steps))


def _after(letters: str, at: int) -> int:
    """The place after an apostrophe, if one stands at `at`."""
    return at + 1 if letters[at : at + 1] == "'" else at


def _by_sound(words: Lexicon, letters: Letters, start: int) -> Iterator[tuple[Sequence[Word], tuple[str, ...], int]]:
    """(words, the syllables as typed, end) of every stretch from `start` whose syllables are all typed out."""
    text, wholes, size = letters.text, letters.wholes, len(letters.text)
    full, stems = words.full, words.stems
    open_ways: list[tuple[str, tuple[str, ...], int]] = [("", (), start)]
    count = 0
    while open_ways and count < MAX_PATHS:
        key, typed, at = open_ways.pop()
        count += 1
        if at < size and typed and text[at] == "'":
            at += 1
        if at >= size:
            continue
        for end, fold in wholes[at]:
            longer = f"{key} {fold}" if key else fold
            now = (*typed, text[at:end])
            some = full.get(longer)
            if some is not None:
                yield some, now, end
            many = len(now)
            if many < STEM or (many < MAX_SYLLABLES and (many > STEM or longer in stems)):
                open_ways.append((longer, now, end))


def _wrong(typed: tuple[str, ...], said: tuple[str, ...], r_as_l: bool) -> float:
    """Nats for all sounds that were confused."""
    if typed == said:
        return 0.0
    return sum([mismatch(one, other, r_as_l) for one, other in zip(typed, said, strict=True) if one != other])


def _all(
    some: Sequence[Word], typed: tuple[str, ...], end: int, kinds: Sequence[float], r_as_l: bool
) -> Iterator[Found]:
    for word in some:
        cost = word.cost + kinds[word.kind] + _wrong(typed, word.said, r_as_l)
        if cost < NEVER:
            yield Found(cost, end, word.text, word.said)


def _cheapest(
    some: Sequence[Word], typed: tuple[str, ...], kinds: Sequence[float], limit: float, r_as_l: bool
) -> tuple[Word | None, float]:
    """The cheapest word under `limit` nats, and its cost."""
    best, least, down = None, limit, kinds[PLACE]
    for word in some:
        if word.cost + down >= least:
            break
        cost = word.cost + kinds[word.kind]
        if cost < least:
            cost += _wrong(typed, word.said, r_as_l)
            if cost < least:
                least, best = cost, word
    return best, least


def _by_first(words: Lexicon, letters: Letters, start: int, kinds: Sequence[float], most: int) -> list[Found]:
    """Words of which at least one syllable is only begun: gjj, gongjj, gongji'j. The cheapest `most` of a pattern."""
    found: list[Found] = []
    text = letters.text
    open_ways: list[tuple[str, tuple[Piece, ...], int]] = [("", (), start)]
    count = 0
    while open_ways and count < MAX_PATHS:
        key, way, at = open_ways.pop()
        count += 1
        at = _after(text, at) if way else at
        if at >= len(text) or text[at] == "'":
            continue
        pieces = [Piece(at, end, text[at:end], "whole") for end, _ in letters.wholes[at]]
        pieces += letters.firsts(at)
        for piece in pieces:
            longer = key + FIRSTS.get(piece.typed[0], piece.typed[0])
            now = (*way, piece)
            if any(one.kind != "whole" for one in now):
                found += _pattern(words, longer, now, kinds, most)
            size = len(now)
            if size < STEM or (size < MAX_SYLLABLES and (size > STEM or longer in words.short_stems)):
                open_ways.append((longer, now, piece.end))
    return found


def _pattern(words: Lexicon, key: str, way: tuple[Piece, ...], kinds: Sequence[float], most: int) -> list[Found]:
    kept: list[Found] = []
    worst = NEVER
    for word in words.short.get(key, ()):
        cost = word.cost + kinds[PLACE]
        if len(kept) >= most and cost >= worst:
            break
        if len(word.said) != len(way):
            continue
        cost = word.cost + kinds[word.kind]
        for piece, said in zip(way, word.said, strict=True):
            cost += _piece_cost(words, piece, said)
            if cost == NEVER:
                break
        if cost == NEVER or (len(kept) >= most and cost >= worst):
            continue
        kept.append(Found(cost, way[-1].end, word.text, word.said))
        if len(kept) >= most:
            kept.sort()
            del kept[most:]
            worst = kept[-1].cost
    return kept


def _piece_cost(words: Lexicon, piece: Piece, said: str) -> float:
    typed = piece.typed
    if piece.kind == "whole":
        if typed == said:
            return 0.0
        fold = words.folds.get(typed)
        return mismatch(typed, said, words.r_as_l) if fold == words.folds.get(said) else NEVER
    return begins(typed, said, words.r_as_l) + (BEGUN if piece.kind == "part" else SHORT)
