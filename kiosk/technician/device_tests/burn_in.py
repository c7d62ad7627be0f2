"""Burn-in: chosen tests again and again, with live counts; bounded in rounds, time and paper, stoppable at any moment.

How much paper it takes is known before it begins. Its runs leave one entry at the begin and one at the end.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from kiosk.technician.device_tests.declared import DeviceTest, Ground, Outcome
from kiosk.technician.device_tests.running import NOWHERE, Record, once

MOST_ROUNDS: Final = 10_000
MOST_S: Final = 24 * 3600.0
MOST_PAPER_MM: Final = 20_000
MOST_PAGES: Final = 50
KEPT: Final = 1000
"""So many newest durations tell the 95th percentile."""
PAUSE_S: Final = 0.5


class TooMuch(ValueError):
    """More rounds, time, paper or pages than a burn-in may take; the message says which and how many there may be."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be run: each test once a round. `seconds` ends it after the round under way's test."""

    tests: tuple[DeviceTest, ...]
    rounds: int
    seconds: float = MOST_S

    def __post_init__(self) -> None:
        if not self.tests:
            raise TooMuch("no test is chosen")
        if hands := [test.id for test in self.tests if test.hands]:
            raise TooMuch(f"{', '.join(hands)}: needs hands and cannot be run again and again")
        for what, value, most in (
            ("rounds", self.rounds, MOST_ROUNDS),
            ("seconds", self.seconds, MOST_S),
            ("millimetres of receipt paper", self.paper_mm, MOST_PAPER_MM),
            ("pages", self.pages, MOST_PAGES),
        ):
            if not (1 if what in ("rounds", "seconds") else 0) <= value <= most:
                raise TooMuch(f"{value:g} {what}: at most {most:g}")

    @property
    def paper_mm(self) -> int:
        """Receipt paper that all rounds use at the most."""
        return self.rounds * sum(test.paper_mm for test in self.tests)

    @property
    def pages(self) -> int:
        """Pages that all rounds print."""
        return self.rounds * sum(test.pages for test in self.tests)


@dataclass(slots=True)
class Tally:
    """Counts of one test. `last` is its newest outcome, `why` the event of its newest failure."""

    test: DeviceTest
    runs: int = 0
    passes: int = 0
    fails: int = 0
    unknown: int = 0
    last: Outcome | None = None
    why: str = ""
    took: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))

    @property
    def p95_s(self) -> float | None:
        """Seconds within which 95 of 100 of the newest runs ended; None before the first."""
        if not self.took:
            return None
        ordered = sorted(self.took)
        return ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]


@dataclass(slots=True)
class Counts:
    """The whole burn-in so far. `ended` "" while it runs: done, stopped, time, or the device's event that ended it."""

    tallies: tuple[Tally, ...]
    round: int = 0
    began: float = 0.0
    now: float = 0.0
    ended: str = ""

    @property
    def fails(self) -> int:
        """Of all tests."""
        return sum(tally.fails for tally in self.tallies)

    def on_record(self) -> dict[str, Any]:
        """What goes into the journal."""
        totals = {
            each.test.id: [each.runs, each.passes, each.fails, each.unknown, round(each.p95_s or 0.0, 1)]
            for each in self.tallies
        }
        return {"rounds": self.round, "seconds": round(self.now - self.began), "ended": self.ended, "tests": totals}


class _Nobody:
    """Nobody stands at a burn-in: what a test does is not told, and its questions stay open."""

    present = False

    def tell(self, progress: object) -> None:
        """To nobody."""

    async def ask(self, question: str, seconds: float) -> bool | None:
        """Nobody answers."""
        del question, seconds
        return None


async def burn_in(
    plan: Plan,
    ground: Ground,
    tell: Callable[[Counts], None],
    record: Record = NOWHERE,
    stop: asyncio.Event | None = None,
) -> Counts:
    """Run the plan; `tell` hears the counts after every run. Ends early when it is stopped or its time is up.

    A printer that is out of paper would only fail again and again: the first failure of a test that uses paper takes
    that test out of the rest.
    """
    loop = asyncio.get_running_loop()
    counts = Counts(tuple(Tally(test) for test in plan.tests), began=loop.time(), now=loop.time())
    alone = _alone(ground)
    stop = stop or asyncio.Event()
    await record.began("burn-in", tests=[t.id for t in plan.tests], paper_mm=plan.paper_mm, pages=plan.pages)
    try:
        counts.ended = await _rounds(plan, alone, counts, tell, record, stop)
    finally:
        counts.ended = counts.ended or "stopped"
        counts.now = loop.time()
        await asyncio.shield(record.totals("burn-in", counts.on_record()))
    tell(counts)
    return counts


async def _rounds(
    plan: Plan,
    ground: Ground,
    counts: Counts,
    tell: Callable[[Counts], None],
    record: Record,
    stop: asyncio.Event,
) -> str:
    loop = asyncio.get_running_loop()
    for number in range(1, plan.rounds + 1):
        counts.round = number
        for tally in counts.tallies:
            if tally.fails and (tally.test.paper_mm or tally.test.pages):
                continue
            if loop.time() - counts.began >= plan.seconds:
                return "time"
            began = loop.time()
            result = await once(tally.test, ground, stop)
            counts.now = loop.time()
            if stop.is_set():
                return "stopped"
            tally.runs += 1
            tally.last = result.outcome
            tally.took.append(counts.now - began)
            tally.passes += result.outcome == "pass"
            tally.fails += result.outcome == "fail"
            tally.unknown += result.outcome == "unknown"
            if result.outcome == "fail":
                tally.why = result.event
            await record.counted(result, ground.wall())
            tell(counts)
        if not await _paused(stop):
            return "stopped"
    return "done"


async def _paused(stop: asyncio.Event) -> bool:
    """A moment for everybody else; false when it is to end."""
    try:
        async with asyncio.timeout(PAUSE_S):
            await stop.wait()
    except TimeoutError:
        return True
    return False


def _alone(ground: Ground) -> Ground:
    return replace(ground, operator=_Nobody(), surface=None, jobs=[])


def cheap(tests: Sequence[DeviceTest]) -> tuple[DeviceTest, ...]:
    """Those that need neither hands nor paper: what a burn-in begins with unless somebody chooses."""
    return tuple(test for test in tests if not (test.hands or test.paper_mm or test.pages))
