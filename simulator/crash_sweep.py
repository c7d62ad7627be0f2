"""The power goes at every point of every journey that does something irreversible; then the promises are checked.

A point is before or after one write of the journal, a byte on its way to or from pad or printer, or a request to the
platform before it arrives or when it is done and its answer is on its way. Each point is one
world of its own: the visit up to the point, the plug pulled, the terminal started again over what is on its disk,
perhaps a second citizen at once, everything open settled; then bank, platform and paper are asked
(`simulator.promises`). Nothing of the dead life reaches a wire or the disk after the point (`kiosk.in_process`).
"""

from __future__ import annotations

import asyncio
import multiprocessing
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from simulator import promises
from simulator.hall import Hall
from simulator.inline_loop import run_inline
from simulator.people import CITIZENS
from simulator.promises import Came
from simulator.soak import listening, settle
from simulator.sweep_journeys import JOURNEYS, Journey
from simulator.terminals import load_terminal
from simulator.trade import APPLIED
from simulator.wayward import Person
from simulator.wishes import Saw, Wish

WIRES = ("pad", "receipts", "licences", "platform")
WHOLE = frozenset({"licences", "platform"})
"""Wires whose messages cross as a whole or not at all."""
FEW_CUTS = 5
"""Where inside a frame: before it, after its first and second byte, before its last, after it."""
OFF_S = 5.0
SETTLES_WITHIN_S = 7200.0
PAYING = ("pay", "pay_code", "pay_scan")


@dataclass(frozen=True)
class Point:
    """Where the power goes: `wire` journal: the nth call around a commit; else the nth crossing, after `octets`."""

    wire: str
    number: int
    octets: int = 0

    def __str__(self) -> str:
        return f"{self.wire}:{self.number}" + (f":{self.octets}" if self.wire != "journal" else "")

    @classmethod
    def parse(cls, words: str) -> Point:
        """As `str` writes it. Raises `ValueError`."""
        wire, *numbers = words.split(":")
        if wire not in ("journal", *WIRES) or not 1 <= len(numbers) <= 2 or not all(n.isdecimal() for n in numbers):
            raise ValueError(f"--point {words!r}: such as journal:7, pad:3:2, receipts:1:0, platform:4:0")
        return cls(wire, *map(int, numbers))


@dataclass
class Recorded:
    """One whole visit: how often the journal was written, what crossed which wire."""

    writes: int = 0
    crossings: list[tuple[str, str, int]] = field(default_factory=list)
    """(wire, direction, octets), in order."""

    def points(self, dense: bool) -> list[Point]:
        """Every write, before and after; every crossing, before, after and inside (`dense`: after every octet)."""
        found = [Point("journal", n) for n in range(1, self.writes + 1)]
        seen: Counter[str] = Counter()
        for wire, _, octets in self.crossings:
            seen[wire] += 1
            inside = range(octets + 1) if dense and wire == "pad" else _few(octets)
            found += [Point(wire, seen[wire], k) for k in ((0,) if wire in WHOLE else inside)]
        return found


def _few(octets: int) -> list[int]:
    return sorted({0, min(1, octets), min(2, octets), max(0, octets - 1), octets})


class _Fuse:
    """Counts from the moment at which the visit begins, and blows at the point."""

    def __init__(self, hall: Hall, point: Point | None) -> None:
        self.record = Recorded()
        self._hall = hall
        self._point = point
        self._numbers: Counter[str] = Counter()
        self._begun = False
        hall.on_write, hall.cut = self.wrote, self.crosses

    def _counts(self, wire: str, data: bytes) -> bool:
        """A crossing of the visit; of the platform also of what the visit left behind, without the pulse."""
        visit = self._hall.life is not None and bool(self._hall.life.visit)
        self._begun = self._begun or visit
        return self._begun and b"/health" not in data if wire == "platform" else wire in WIRES and visit

    def wrote(self, _: str) -> bool:
        """Before or after a commit."""
        self.record.writes += 1
        return self._point == Point("journal", self.record.writes)

    def crosses(self, wire: str, direction: str, data: bytes) -> int | None:
        """Octets on their way."""
        if not self._counts(wire, data):
            return None
        self.record.crossings.append((wire, direction, len(data)))
        self._numbers[wire] += 1
        point = self._point
        hit = point is not None and (point.wire, point.number) == (wire, self._numbers[wire])
        return point.octets if hit and point is not None else None

    def out(self) -> None:
        """Nothing blows any more."""
        self._hall.on_write = self._hall.cut = None


async def play(
    hall: Hall, journey: Journey, point: Point | None, *, second: int = 0, follow: bool = False
) -> tuple[list[str], Recorded]:
    """The visit up to `point` (None: to its end), the start after it, perhaps cut again at its write `second`."""
    await hall.open()
    journey.prepare(hall)
    await hall.desk("provider", **journey.payer)
    await asyncio.sleep(journey.waits_s)
    fuse = _Fuse(hall, point)
    came = [Came(0, journey.wish(), Saw())]
    came[0].saw = await _visit(hall, came[0].wish, journey)
    if journey.settles:
        await _settled(hall)
    fuse.out()
    if hall.life is None or hall.life.is_dead:
        await _restart(hall, second)
        came[0].mishaps.append(f"power:{point}")
        if follow:
            next_one = Came(1, Wish(CITIZENS["citizen-09"], APPLIED, bank_card="citizen-09"), Saw())
            next_one.saw = await _visit(hall, next_one.wish)
            came.append(next_one)
    missed = [f"the power never went: there is no {point} in this visit"] * (point is not None and hall.lives == 1)
    found = missed + await settle(hall)
    found += promises.settled(hall, came)
    found += [problem for each in came for problem in promises.after_visit(hall, each)]
    await hall.close()
    found += [f"the terminal ended by {error!r}" for error in hall.errors]
    return found, fuse.record


async def _visit(hall: Hall, wish: Wish, journey: Journey | None = None) -> Saw:
    to_come = [journey.at_pay, journey.paid] if journey else []
    at_end = [journey.at_end] if journey else []

    def seen(shown: Any) -> None:
        if at_end and shown.page == "finish":
            at_end.pop()(hall)
        paying = shown.page in PAYING
        if (len(to_come) == 2 and paying) or (len(to_come) == 1 and not paying and hall.lives == 1 and _taken(hall)):
            to_come.pop(0)(hall)

    hall.on_page = seen
    person = Person(hall, wish, Random("always the same"))
    saw = await person.visit()
    person.lift()
    return saw


def _taken(hall: Hall) -> bool:
    return any(entry.moved_fen for entry in hall.bank)


async def _settled(hall: Hall) -> None:
    """Wait until nothing is open, the power has gone, or `SETTLES_WITHIN_S`."""
    loop = asyncio.get_running_loop()
    until = loop.time() + SETTLES_WITHIN_S
    while loop.time() < until and hall.life is not None and not hall.life.is_dead:
        if not await hall.life.unsettled():
            return
        await asyncio.sleep(1.0)


async def _restart(hall: Hall, second: int) -> None:
    await hall.bury()
    await asyncio.sleep(OFF_S)
    if second:
        fuse = _Fuse(hall, Point("journal", second))
        await hall.boot()
        await asyncio.wait({asyncio.ensure_future(hall.life.died()), asyncio.ensure_future(asyncio.sleep(120.0))},
                           return_when=asyncio.FIRST_COMPLETED)  # fmt: skip
        fuse.out()
        if hall.life is not None and not hall.life.is_dead:
            return
        await hall.bury()
        await asyncio.sleep(OFF_S)
    await hall.boot()


def run_point(
    name: str, point: Point | None, *, second: int = 0, follow: bool = False, state: Path | None = None
) -> tuple[list[str], Recorded]:
    """One world: what was broken, and what the visit was made of."""
    folder = Path(tempfile.mkdtemp(prefix="sweep-", dir=state))
    try:
        with listening() as ears:
            halls: list[Hall] = []

            async def story() -> tuple[list[str], Recorded]:
                halls.append(Hall(folder, seed=7, with_cabinet=False, trade=JOURNEYS[name].trade))
                return await play(halls[0], JOURNEYS[name], point, second=second, follow=follow)

            found, record = run_inline(story())
            found += promises.said(ears.lines)
            found += [f"a program error: {bug}" for bug in dict.fromkeys(ears.bugs)]
        return [f"{name} at {point}, second {second}, follow {follow}: {each}" for each in dict.fromkeys(found)], record
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class SweepOptions:
    """Which journeys (empty: all), how dense, a share of the points by seed, at how many writes of the recovery too."""

    journeys: tuple[str, ...] = ()
    point: str = ""
    second: int = 0
    seed: int = 1
    share: float = 1.0
    dense: bool = False
    jobs: int = 1


def work(options: SweepOptions, state: Path | None) -> Iterator[tuple[str, Point | None, int, bool]]:
    """Every point of every journey, as the options choose; a journey that breaks promises uncut comes with no point."""
    chance = Random(options.seed)
    for name in options.journeys or tuple(JOURNEYS):
        if options.point:
            yield name, Point.parse(options.point), options.second, False
            continue
        broken, record = run_point(name, None, state=state)
        if broken:
            yield name, None, 0, False
        for number, point in enumerate(record.points(options.dense)):
            if options.share >= 1 or chance.random() < options.share:
                yield name, point, 0, number % 3 == 2
                if point.wire == "journal" and number % 4 == 1:
                    yield name, point, 1 + number % 7, False


def _one(job: tuple[str, Point | None, int, bool, Path | None]) -> tuple[str, list[str]]:
    name, point, second, follow, state = job
    return name, run_point(name, point, second=second, follow=follow, state=state)[0]


def crash_sweep(options: SweepOptions, say: Callable[[str], Any]) -> int:
    """Cut everywhere; returns how many promises were broken. Raises `ValueError`, `NoTerminal`."""
    unknown = sorted(set(options.journeys) - set(JOURNEYS))
    if unknown:
        raise ValueError(f"--journey {unknown[0]!r}: choose of {', '.join(JOURNEYS)}")
    load_terminal()
    state = next((p for p in (Path("/dev/shm"),) if p.is_dir()), None)  # noqa: S108 - memory, where there is one
    began = time.perf_counter()
    jobs = [(*job, state) for job in work(options, state)]
    points: Counter[str] = Counter()
    broken = 0
    for name, violations in _played(options.jobs, jobs):
        points[name] += 1
        broken += len(violations)
        for violation in violations:
            say(f"BROKEN {violation}")
    for name, count in points.items():
        say(f"{name:22s} {count:5d} points  ({JOURNEYS[name].words})")
    took = time.perf_counter() - began
    say(f"{sum(points.values())} points, {broken} broken promises, {took:.0f} s")
    return broken


def _played(jobs: int, todo: list[Any]) -> Iterable[tuple[str, list[str]]]:
    if jobs <= 1:
        yield from map(_one, todo)
        return
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(_one, todo, chunksize=4)
