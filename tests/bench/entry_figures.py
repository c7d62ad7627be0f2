"""The rows of `make bench` for text entry: first candidates and taps of both halves, time, memory, handwriting.

python tests/bench/entry_figures.py                print the rows alone
"""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from reader_figures import Row

if TYPE_CHECKING:
    from typing_cases import Case

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests/entry")]

QUERY_MS = 0.1
LOAD_S = 0.35
LOAD_MIB = 45
HAND_SEEDS = range(3)
PEERS = {
    "phrases": "of 35: libime 91 % · 1.03, libpinyin 83 % · 1.26",
    "addresses": "of 30: libpinyin 57 % · 1.87, libime 50 % · 2.33",
    "sentences": "of 10: libime 90 % · 1.20, libpinyin 70 % · 1.80",
    "names": "of 30: libpinyin 17 % · 3.53, libime 10 % · 3.97",
}
"""Other engines over another set of the same kinds, measured once when this was designed: an order of size, no race."""

LOAD = """
import os, time
from pathlib import Path
def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
from config.catalogue import load_catalogue
catalogue = load_catalogue()
before = resident()
began = time.perf_counter()
from kiosk.entry import Composer, prepare
prepare(catalogue)
took = time.perf_counter() - began
print(took, resident() - before)
"""


def rows() -> Iterator[Row]:
    """All rows; some 8 seconds."""
    from typing_cases import cases, typed

    by_kind: dict[tuple[str, str], list[Case]] = {}
    for case in cases():
        by_kind.setdefault((case.half, case.kind), []).append(case)
    for (half, kind), some in by_kind.items():
        done = [typed(case) for case in some]
        first, taps = sum(one.first for one in done), statistics.mean(one.taps for one in done)
        yield Row(
            f"typing {kind}, {half} half ({len(some)}): first candidate right · taps",
            f"{first / len(some):.0%} · {taps:.2f}",
            PEERS[kind],
        )
    yield _time([case for some in by_kind.values() for case in some])
    yield _load()
    yield from _hand()


def _time(some: Sequence[Case]) -> Row:
    from typing_cases import MODES

    from kiosk.entry import Composer

    took = []
    for case in some:
        composer = Composer(MODES[case.kind])
        for letter in case.typed:
            began = time.perf_counter()
            composer.key(letter)
            composer.candidates(0)
            took.append((time.perf_counter() - began) * 1000)
    took.sort()
    middle = statistics.median(took)
    return Row(
        "a key and its nine candidates, median/p95/worst",
        f"{middle:.2f}/{took[int(len(took) * 0.95)]:.2f}/{took[-1]:.2f} ms",
        f"{QUERY_MS} ms",
        f"{middle / QUERY_MS:.2f} x",
    )


def _load() -> Row:
    command = [sys.executable, "-c", LOAD]
    runs = [subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True) for _ in range(3)]
    said = [[float(word) for word in run.stdout.split()] for run in runs]
    took = statistics.median(one[0] for one in said)
    mib = statistics.median(one[1] for one in said)
    return Row(
        "loading the words after the catalogue: seconds, memory",
        f"{took:.2f} s, {mib:.0f} MiB",
        f"{LOAD_S} s, {LOAD_MIB} MiB",
        f"{took / LOAD_S:.2f} x, {mib / LOAD_MIB:.2f} x",
    )


def _hand() -> Iterator[Row]:
    from hand_cases import HANDS, medians

    from drivers.camera.hand import read_hand

    characters = medians()
    read_hand(characters["王"])  # loads the net
    for name, hand in HANDS.items():
        first = among = count = 0
        took = []
        for seed in HAND_SEEDS if name != "clean" else [0]:
            for character, strokes in characters.items():
                drawn = hand(strokes, random.Random(f"{seed}{name}{character}"))
                began = time.perf_counter()
                found = [text for text, _ in read_hand(drawn)]
                took.append((time.perf_counter() - began) * 1000)
                first += found[:1] == [character]
                among += character in found
                count += 1
        yield Row(
            f"handwriting, {name} ({count}): right at 1 · among 8, median ms",
            f"{first / count:.1%} · {among / count:.1%}, {statistics.median(took):.1f} ms",
        )


if __name__ == "__main__":
    for row in rows():
        sys.stdout.write("  ".join(row) + "\n")
