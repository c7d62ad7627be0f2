"""What happens to the simulated fleet, as words: `steady 2; outage 0.33 60; birth-storm; await-broker 5`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeAlias

from simulator.fleet.fleet import Fleet, FleetOptions, until

VERBS: Final = {
    "steady": ("minutes",),
    "outage": ("share", "minutes"),
    "birth-storm": (),
    "await-broker": ("minutes",),
}
HELP: Final = (
    "steady MINUTES; outage SHARE MINUTES; birth-storm; await-broker MINUTES (restart the broker meanwhile: goes on "
    "when all have lost it and are back). Minutes are the fleet's own."
)
Books: TypeAlias = dict[str, dict[str, Any]]
MOST_STEPS: Final = 50
COME_UP_S: Final = 300.0


@dataclass(frozen=True, slots=True)
class Step:
    """One verb and its numbers."""

    verb: str
    numbers: tuple[float, ...] = ()


def parse(text: str) -> tuple[Step, ...]:
    """Raises `ValueError` that names the step."""
    steps = []
    for part in [each.split() for each in text.split(";") if each.strip()]:
        verb, *given = part
        wanted = VERBS.get(verb)
        if wanted is None or len(given) != len(wanted):
            raise ValueError(f"scenario: {' '.join(part)!r}: expected {HELP}")
        try:
            numbers = tuple(float(each) for each in given)
        except ValueError:
            raise ValueError(f"scenario: {' '.join(part)!r}: {' and '.join(wanted)} in numbers") from None
        if any(not 0 < number <= 100_000 for number in numbers):
            raise ValueError(f"scenario: {' '.join(part)!r}: a number out of bounds")
        steps.append(Step(verb, numbers))
    if not 1 <= len(steps) <= MOST_STEPS:
        raise ValueError(f"scenario: {len(steps)} steps; expected 1 to {MOST_STEPS}")
    return tuple(steps)


def play(options: FleetOptions, steps: tuple[Step, ...], books: Path | None, say: Callable[[str], None]) -> None:
    """Bring the fleet up, go through `steps`, wait until all is delivered, print the report as one line of JSON."""
    said = asyncio.run(run(options, steps, say))
    if books is not None:
        books.write_text(json.dumps(said), encoding="utf-8")


async def run(options: FleetOptions, steps: tuple[Step, ...], say: Callable[[str], None]) -> Books:
    """As `play`; gives back what every terminal has said."""
    async with Fleet(options, datetime.now().astimezone()).running() as fleet:
        say(f"{len(fleet.terminals)} terminals: all connected after {await fleet.all_up(COME_UP_S):.1f} s")
        for step in steps:
            said = await _do(fleet, step, options.speed)
            say(f"{step.verb} {' '.join(f'{number:g}' for number in step.numbers)}: {said}".replace(" :", ":"))
        await fleet.all_up(COME_UP_S)
        await fleet.drained(COME_UP_S)
        say(json.dumps(fleet.report()))
        return fleet.books()


async def _do(fleet: Fleet, step: Step, speed: float) -> str:
    if step.verb == "steady":
        await asyncio.sleep(step.numbers[0] * 60 / speed)
        return f"{fleet.up} connected, {fleet.backlog} waiting"
    if step.verb == "outage":
        chosen = await fleet.outage(*step.numbers)
        took = await fleet.all_up(COME_UP_S)
        drained = await fleet.drained(COME_UP_S)
        return f"{len(chosen)} terminals; back after {took:.1f} s, all delivered after {drained:.1f} s more"
    if step.verb == "birth-storm":
        return f"all connected after {await fleet.birth_storm():.1f} s"
    limit = step.numbers[0] * 60 / speed
    await until(lambda: not fleet.up, limit)
    return f"lost, all connected again after {await fleet.all_up(limit):.1f} s"
