"""All words that pinyin can become: the general table, local words, rare characters. Built once, never changed.

Costs are nats, -ln(share of all text): 5 is a very common word, 17 a rare one, 22 and more a rare character.
"""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Iterable, Mapping
from threading import Lock
from types import MappingProxyType
from typing import NamedTuple

from config import DATA
from config.catalogue import Catalogue, load_catalogue
from kiosk.entry.local_words import LocalWord, local_words
from kiosk.entry.names import given_index, surnames_by_fold
from kiosk.entry.syllables import folded, spellings

STEM = 4
"""Syllables of the longest words of the general table; only local words are longer."""
MAX_SYLLABLES = 16
RARE = 22.0
RARER = 26.0
"""Characters of the standard table that the general table lacks; characters outside the standard."""
GENERAL, SERVICE, PLACE = 0, 1, 2


class Word(NamedTuple):
    """A word: cost in nats, its characters, its syllables, and where it comes from (`GENERAL` ...)."""

    cost: float
    text: str
    said: tuple[str, ...]
    kind: int


class Lexicon:
    """Words by the fold of their reading ("gon ji jin") and by first letters ("gjj"), the likeliest first.

    `single` has the characters of a syllable, `readings` the syllables of a fold, `given` what names are made of,
    `longer` local words by the fold of their first two syllables.
    """

    def __init__(self, local: Iterable[LocalWord], *, r_as_l: bool = False) -> None:
        self.r_as_l = r_as_l
        self.size = 0
        full: defaultdict[str, list[Word]] = defaultdict(list)
        short: defaultdict[str, list[Word]] = defaultdict(list)
        longer: defaultdict[str, list[Word]] = defaultdict(list)
        single: defaultdict[str, list[Word]] = defaultdict(list)
        stems: set[str] = set()
        short_stems: set[str] = set()
        fold = {syllable: folded(syllable) for syllable in spellings()}
        for word in sorted(_all_words(local)):
            self.size += 1
            folds = [fold[syllable] for syllable in word.said]
            full[" ".join(folds)].append(word)
            count = len(folds)
            if count > 1:
                first = "".join([one[0] for one in folds])
                short[first].append(word)
                if word.kind and count > 2:
                    longer[" ".join(folds[:2])].append(word)
                if count > STEM:
                    stems.add(" ".join(folds[:STEM]))
                    short_stems.add(first[:STEM])
            else:
                single[word.said[0]].append(word)
                if word.cost < RARE:
                    short[folds[0][0]].append(word)
        self.folds: Mapping[str, str] = MappingProxyType(fold)
        self.full: Mapping[str, list[Word]] = MappingProxyType(dict(full))
        self.short: Mapping[str, list[Word]] = MappingProxyType(dict(short))
        self.longer: Mapping[str, list[Word]] = MappingProxyType(dict(longer))
        self.given: Mapping[str, list[tuple[float, str, str]]] = MappingProxyType(
            given_index(word for some in single.values() for word in some)
        )
        self.single: Mapping[str, list[Word]] = MappingProxyType(dict(single))
        readings: defaultdict[str, list[str]] = defaultdict(list)
        for reading in sorted(single):
            readings[fold[reading]].append(reading)
        self.readings: Mapping[str, list[str]] = MappingProxyType(dict(readings))
        self.stems = frozenset(stems)
        self.short_stems = frozenset(short_stems)


def _all_words(local: Iterable[LocalWord]) -> list[Word]:
    """Every word once for each reading: local words replace those of the general table that are dearer."""
    found: list[Word] = []
    known = {(one.text, one.reading): one for one in local}
    pairs: set[tuple[str, str]] = set()
    new = Word._make
    for line in (DATA / "entry" / "words.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        reading, _, rest = line.partition("\t")
        said = tuple(reading.split(" "))
        parts = rest.split(" ")
        for text, tenths in zip(parts[::2], parts[1::2], strict=True):
            cost = int(tenths) / 10
            kind = GENERAL
            if ours := known.pop((text, reading), None):
                cost, kind = min(cost, ours.cost), ours.kind
            found.append(new((cost, text, said, kind)))
            if len(said) == 1:
                pairs.add((text, reading))
    found += [
        Word(one.cost, one.text, tuple(one.reading.split(" ")), one.kind)
        for one in known.values()
        if len(one.reading.split(" ")) <= MAX_SYLLABLES
    ]
    return found + _rare_characters(pairs | {(one.text, one.reading) for one in known.values()})


def _rare_characters(known: set[tuple[str, str]]) -> list[Word]:
    """The readings that the general table lacks: of the 8,105 (finding/pinyin.txt), then of all others (rare.txt)."""
    whole = spellings()
    found = []
    for place, line in enumerate((DATA / "finding" / "pinyin.txt").read_text(encoding="utf-8").splitlines()):
        if not line.startswith("#"):
            character, *readings = line.split(" ")
            for rank, reading in enumerate(readings):
                if (character, reading) not in known and reading in whole:
                    found.append(Word(RARE + rank + place * 1e-5, character, (reading,), GENERAL))
    for line in (DATA / "entry" / "rare.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            reading, _, characters = line.partition(" ")
            found += [Word(RARER + at * 1e-3, c, (reading,), GENERAL) for at, c in enumerate(characters)]
    return found


_ready: list[Lexicon] = []
_building = Lock()


def prepare(catalogue: Catalogue | None = None) -> None:
    """Load what the first key needs, with the words of `catalogue` (config's own when left out: 0.25 s more).

    Call it in a thread after the first paint. A second call costs nothing; a changed catalogue is taken up by `renew`.
    """
    with _building:
        if not _ready:
            _ready.append(_built(catalogue))


def renew(catalogue: Catalogue) -> None:
    """Load the words anew for a catalogue that has changed. Fields that are open keep the words they have."""
    with _building:
        _ready[:] = [_built(catalogue)]


def lexicon() -> Lexicon:
    """The terminal's words; loads them when `prepare` has not."""
    if not _ready:
        prepare()
    return _ready[0]


def _built(catalogue: Catalogue | None) -> Lexicon:
    was = gc.isenabled()
    gc.disable()  # a hundred thousand tuples and no garbage: the collector would walk them a dozen times
    try:
        surnames_by_fold()
        built = Lexicon(local_words(catalogue or load_catalogue()))
        gc.freeze()  # else every full collection walks the tables: 40 ms in the middle of a key
        return built
    finally:
        if was:
            gc.enable()
