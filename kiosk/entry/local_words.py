"""Words that citizens type here and no general table has: out of the catalogue, Weihai's places, house words.

Generated whenever the words are loaded, so a new service brings its words along (config/services, config/divisions,
config/entry/places.txt). Readings are those of `kiosk.finding.pinyin.sounds`, unless a table says them.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from config import DATA
from config.divisions import divisions
from kiosk.entry.syllables import spellings
from kiosk.finding.entries import listed_entries
from kiosk.finding.pinyin import sounds

if TYPE_CHECKING:
    from config.catalogue import Catalogue
    from config.service import Service

SERVICE, PLACE = 1, 2
LONGEST_NAME = 14
"""Characters of a whole name that is worth a word of its own."""
LONGEST_PART = 5
LEAST = 3
"""In so many texts a stretch has to stand before it counts as a word."""
FRAGMENT = 0.75
"""A stretch beside which the same character stands more often than this is a piece of a longer word."""
NAME_COST, PART_COST, PART_FLOOR = 12.0, 11.0, 8.0
DIVISION_COST, PLACE_COST = 9.5, 10.0
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af]+")
_SEVERAL = re.compile(r"[^\x00-\x7f]{2,4}")
_TAIL = re.compile(r"(街道办事处|街道|办事处|镇|乡|区|市|经济技术开发区|火炬高技术产业开发区)$")
_CALLED = {"371071": "高区", "371072": "经区", "371073": "临港区"}


class LocalWord(NamedTuple):
    """A word, its reading (syllables parted by spaces), its cost in nats, `SERVICE` or `PLACE`."""

    text: str
    reading: str
    cost: float
    kind: int


def local_words(catalogue: Catalogue | None = None) -> list[LocalWord]:
    """All local words, each once. Without a catalogue the city's list of items stands in for it."""
    best: dict[tuple[str, str], LocalWord] = {}
    for word in (*_service_words(catalogue), *_place_words()):
        key = (word.text, word.reading)
        if key not in best or word.cost < best[key].cost:
            best[key] = word
    return list(best.values())


def _word(text: str, cost: float, kind: int, reading: str = "") -> Iterator[LocalWord]:
    said = reading.split(" ") if reading else sounds(text)
    known = spellings()
    if len(text) > 1 and len(said) == len(text) and all(one in known for one in said):
        yield LocalWord(text, " ".join(said), cost, kind)


def _service_words(catalogue: Catalogue | None) -> Iterator[LocalWord]:
    """Whole names and labels, and the stretches that many of them share."""
    texts: set[str] = set()
    for entry in listed_entries():
        texts.update((entry.zh, *entry.aliases))
    for service in catalogue.services.values() if catalogue else ():
        texts.update(_texts(service))
    runs = {run for text in texts for run in _HAN.findall(text)}
    for run in sorted(runs):
        if 3 <= len(run) <= LONGEST_NAME:
            yield from _word(run, NAME_COST, SERVICE)
    # Sayings lend their stretches only: among them are misspellings, which must not be offered as words.
    for line in (DATA / "finding" / "sayings.csv").read_text(encoding="utf-8").splitlines():
        runs.update(_HAN.findall(line.split(",")[0]) if not line.startswith("#") else ())
    for part, count in sorted(_shared(runs).items()):
        yield from _word(part, max(PART_FLOOR, PART_COST - math.log(count)), SERVICE)


def _texts(service: Service) -> Iterator[str]:
    """The Chinese of one service that somebody might type: names, labels, options, materials, what is handed out."""
    yield service.name.zh
    yield service.field.name.zh
    yield service.authority.zh
    yield service.output.zh
    for material in service.materials:
        yield material.name.zh
    for asked in service.form:
        yield asked.label.zh
        yield from (option.label.zh for option in asked.options)


def _shared(runs: Iterable[str]) -> dict[str, int]:
    """Stretches of 2 to 5 characters that stand in many texts, begin and end between words, and are no fragment."""
    known = frozenset(_SEVERAL.findall((DATA / "entry" / "words.txt").read_text(encoding="utf-8")))
    count: Counter[str] = Counter()
    before: defaultdict[str, Counter[str]] = defaultdict(Counter)
    after: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for run in runs:
        edges = _edges(run, known)
        for start in edges:
            for end in edges:
                if 2 <= end - start <= LONGEST_PART:
                    part = run[start:end]
                    count[part] += 1
                    before[part][run[start - 1 : start]] += 1
                    after[part][run[end : end + 1]] += 1
    return {
        part: times
        for part, times in count.items()
        if times >= LEAST and _free(before[part], times) and _free(after[part], times)
    }


def _edges(run: str, known: frozenset[str]) -> list[int]:
    """The places of `run` that no known word reaches across."""
    size = len(run)
    inside: set[int] = set()
    for start in range(size):
        for end in range(start + 2, min(start + 4, size) + 1):
            if run[start:end] in known:
                inside.update(range(start + 1, end))
    return [place for place in range(size + 1) if place not in inside]


def _free(neighbours: Counter[str], times: int) -> bool:
    """Whether no single character stands beside it most of the time; the edge of a text is no character."""
    return max((count for one, count in neighbours.items() if one), default=0) <= FRAGMENT * times


def _place_words() -> Iterator[LocalWord]:
    """Divisions with and without their kind (鲸园街道, 鲸园), roads, quarters and house words of places.txt."""
    for division in divisions().values():
        name = _CALLED.get(division.code, division.name.split("(")[0].split("（")[0])
        yield from _word(name, DIVISION_COST, PLACE)
        stem = _TAIL.sub("", name)
        if len(stem) > 1 and stem != name:
            yield from _word(stem, DIVISION_COST, PLACE)
    for text, reading, cost in _listed():
        yield from _word(text, cost, PLACE, reading)


def _listed() -> Iterator[tuple[str, str, float]]:
    """(text, reading or "", cost) of places.txt: a line is words, or a word and its reading; "= 9.0" sets the cost."""
    cost = PLACE_COST
    for line in (DATA / "entry" / "places.txt").read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("= "):
            cost = float(line[2:])
        elif line.startswith("/ "):
            text, reading = line[2:].split(" ", 1)
            yield text, reading, cost
        else:
            for text in line.split():
                yield text, "", cost
