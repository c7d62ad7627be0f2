"""The rows of `make bench` for finding a service: hits beside BM25 over words and rapidfuzz, milliseconds at 5,100.

python tests/bench/finding_figures.py                print the rows alone
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from reader_figures import Row

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests/finding")]

BOUND_MS = 30


def rows() -> Iterator[Row]:
    """Hits of both halves and of the sentences written afterwards, then the time; some 15 seconds."""
    from question_set import PlainBm25, hits, questions

    from kiosk.finding import Finder, listed_entries

    entries = listed_entries()
    finder = Finder(entries)
    ids = [entry.id for entry in entries]
    names = [f"{entry.zh} {entry.en} {entry.ko}" for entry in entries]
    called = [" ".join((name, *entry.aliases)) for name, entry in zip(names, entries, strict=True)]
    peers: list[tuple[str, Callable[[str], list[str]] | None]] = [
        ("BM25", PlainBm25(ids, names).find),
        ("BM25 with our aliases", PlainBm25(ids, called).find),
        ("rapidfuzz", _rapidfuzz(ids, names)),
        ("rapidfuzz with our aliases", _rapidfuzz(ids, called)),
    ]

    def ours(text: str) -> list[str]:
        return [hit.entry.id for hit in finder.find(text).hits]

    asked, fresh = questions(), questions("fresh_questions.txt")
    sets = {
        "tuned half": [one for one in asked if one.tuned],
        "untuned half": [one for one in asked if not one.tuned],
        "written afterwards, looked at": [one for one in fresh if one.tuned],
        "written afterwards, untuned": [one for one in fresh if not one.tuned],
    }
    for name, some in sets.items():
        first, third = hits(some, ours)
        said, plain = [], 0.0
        for peer, find in peers:
            if find is None:
                said.append(f"{peer}: not installed")
                continue
            found = hits(some, find)
            plain = max(plain, found[0])
            said.append(f"{peer} {found[0]:.1f}/{found[1]:.1f}")
        yield Row(
            f"right service at 1/at 3, {name} ({len(some)} sentences), %",
            f"{first:.1f}/{third:.1f}",
            "; ".join(said),
            f"{first / max(plain, 1):.2f} x the best",
        )
    yield _time([one.text for one in asked])


def _rapidfuzz(ids: Sequence[str], texts: Sequence[str]) -> Callable[[str], list[str]] | None:
    try:
        from rapidfuzz import fuzz, process
    except ImportError:
        return None
    return lambda text: [ids[at] for _, _, at in process.extract(text, texts, scorer=fuzz.WRatio, limit=10)]


def _time(texts: Sequence[str]) -> Row:
    from neighbours import at_scale

    from kiosk.finding import Finder

    began = time.perf_counter()
    finder = Finder(at_scale())
    built = time.perf_counter() - began
    took = []
    for text in texts:
        began = time.perf_counter()
        finder.find(text)
        took.append((time.perf_counter() - began) * 1000)
    took.sort()
    late = took[int(len(took) * 0.95)]
    return Row(
        "first results at 5,100 items, median/p95/worst",
        f"{statistics.median(took):.1f}/{late:.1f}/{took[-1]:.1f} ms (built in {built:.1f} s)",
        f"{BOUND_MS} ms",
        f"{late / BOUND_MS:.2f} x",
    )


if __name__ == "__main__":
    for row in rows():
        sys.stdout.write("  ".join(row) + "\n")
