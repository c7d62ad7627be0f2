"""Thousands of visits under virtual time, with everything that goes wrong, and the promises held against the truth.

Visits come in epochs of `EPOCH`: a fresh hall, journal and platform each; halls take turns in how they do business
(`simulator.trade`: a pad that holds, certificates that cost, numbered forms). Within an epoch faults last over visits
until somebody mends them; all chance of visit N comes from `seed` and N, all of an epoch from its first visit. So a
failure is played again by its epoch, alone: `kiosk-sim soak --seed S --from FIRST --visits COUNT`.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import multiprocessing
import shutil
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from simulator import promises
from simulator.hall import Hall
from simulator.inline_loop import run_inline
from simulator.mishaps import Mishap, chosen, mend, strike
from simulator.promises import Came, Ears
from simulator.terminals import load_terminal
from simulator.trade import TRADES
from simulator.wayward import Person
from simulator.wishes import Saw, Wish

EPOCH = 50
CABINET_EVERY = 5
"""Epochs: the cabinet is looked at many times a second, which costs more than all other devices together."""
POLL_S = 2.5
SETTLE_S = 4 * 3600.0
RECOVER_S = 300.0
DAY_S = 86400.0


@dataclass(frozen=True)
class SoakOptions:
    """What to play. `first` is the number of the first visit; `state` where journals are written while it runs."""

    visits: int = 10_000
    seed: int = 1
    faults: str = "all"
    first: int = 0
    jobs: int = 1
    state: Path | None = None


@dataclass
class Epoch:
    """What one epoch came to. `digest` is over every page, bank entry and mishap with its time."""

    first: int
    count: int
    violations: list[str] = field(default_factory=list)
    digest: str = ""
    done: Counter[str] = field(default_factory=Counter)
    virtual_s: float = 0.0


class _Diary:
    """Everything that happened, in a hash."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.lines: list[str] | None = None

    def note(self, what: str) -> None:
        """Something happened now."""
        line = f"{asyncio.get_running_loop().time():.3f} {what}"
        self._hash.update(line.encode() + b"\n")
        if self.lines is not None:
            self.lines.append(line)

    @property
    def digest(self) -> str:
        """So far."""
        return self._hash.hexdigest()


async def play_epoch(
    hall: Hall, seed: int, first: int, count: int, mishaps: tuple[Mishap, ...], lines: list[str] | None = None
) -> Epoch:
    """Play visits `first` to `first + count - 1` in `hall`, mend, settle, check. `lines` gets the diary."""
    epoch = Epoch(first, count)
    diary = _Diary()
    diary.lines = lines
    hall.on_page = lambda shown: diary.note(f"page {shown.page} {shown.language} {shown.mode}")
    await hall.open()
    came: list[Came] = []
    for index in range(first, first + count):
        chance = Random(f"{seed}:{index}")
        each = Came(index, Wish.drawn(chance), Saw())
        came.append(each)
        diary.note(f"visit {index} {each.wish.citizen.key} {each.wish.service} {each.wish.pad}")
        await _one_visit(hall, each, chance, mishaps, diary)
        epoch.violations += promises.after_visit(hall, each)
        epoch.done["finished" if each.saw.finished else "not finished"] += 1
        epoch.done["power cuts"] += any(name.startswith("power") for name in each.mishaps)
        epoch.done["mishaps"] += len(each.mishaps)
    epoch.violations += await settle(hall)
    epoch.violations += promises.settled(hall, came)
    for entry in hall.bank:
        diary.note(f"bank {entry.kind} {entry.state} {entry.fen}")
    cases = hall.rows("SELECT count(*) AS n FROM application")[0]["n"]
    printed = hall.rows("SELECT count(*) AS n FROM print WHERE state = 'PRINTED'")[0]["n"]
    epoch.done.update({"cases": cases, "printed": printed, "bank entries": len(hall.bank)})
    diary.note(f"{cases} cases, {printed} printed")
    epoch.virtual_s = asyncio.get_running_loop().time()
    await hall.close()
    epoch.violations += [f"the terminal ended by {error!r}" for error in hall.errors]
    epoch.digest = diary.digest
    return epoch


async def _one_visit(hall: Hall, each: Came, chance: Random, mishaps: tuple[Mishap, ...], diary: _Diary) -> None:
    """One citizen, and what happens meanwhile."""
    if mishaps and chance.random() < 0.6:
        await mend(hall, chance if chance.random() < 0.4 else None)
    if mishaps and chance.random() < 0.2:
        await _strike(hall, drawn(chance, mishaps), each, diary)
    await asyncio.sleep(chance.choice((0.0, 0.5, 5.0, 60.0)))
    await _awake(hall, chance)
    person = Person(hall, each.wish, chance)
    visit = asyncio.ensure_future(person.visit())
    fate = Random(chance.random())
    plan = sorted(fate.uniform(0.0, 90.0) for _ in range(fate.choice((0, 0, 1, 1, 2, 3)) if mishaps else 0))
    meanwhile = asyncio.ensure_future(_meanwhile(hall, plan, fate, mishaps, each, diary))
    each.saw = await visit
    meanwhile.cancel()
    with suppress(asyncio.CancelledError):
        await meanwhile
    if not each.wish.takes_card or each.wish.walks_away:
        await asyncio.sleep(fate.choice((0.0, 20.0)))
    await _awake(hall, chance)
    if chance.random() < 0.9:
        person.lift()


async def _meanwhile(
    hall: Hall, plan: list[float], fate: Random, mishaps: tuple[Mishap, ...], each: Came, diary: _Diary
) -> None:
    began = asyncio.get_running_loop().time()
    for at in plan:
        await asyncio.sleep(max(0.0, began + at - asyncio.get_running_loop().time()))
        if fate.random() < 0.15:
            await mend(hall, fate)
            diary.note("mended in part")
        else:
            await _strike(hall, drawn(fate, mishaps), each, diary)


def drawn(chance: Random, mishaps: tuple[Mishap, ...]) -> Mishap:
    """A mishap: every kind as often as the others, however many it has."""
    kind = chance.choice(list(dict.fromkeys(mishap.kind for mishap in mishaps)))
    return chance.choice([mishap for mishap in mishaps if mishap.kind == kind])


async def _strike(hall: Hall, mishap: Mishap, each: Came, diary: _Diary) -> None:
    if await strike(hall, mishap):
        each.mishaps.append(mishap.name)
        diary.note(mishap.name)


async def _awake(hall: Hall, chance: Random) -> None:
    """After a power cut: current comes back some time later."""
    if hall.life is None or hall.life.is_dead:
        await hall.bury()
        await asyncio.sleep(chance.choice((0.5, 3.0, 30.0, 400.0)))
        await hall.boot(ready=chance.random() < 0.7)


async def settle(hall: Hall, within_s: float = SETTLE_S) -> list[str]:
    """Mend everything and wait until the terminal says that nothing is open and all serves; why not, otherwise."""
    if hall.life is None or hall.life.is_dead:
        await hall.bury()
        await hall.boot()
    await mend(hall)
    loop = asyncio.get_running_loop()
    until = loop.time() + within_s
    open_: list[str] = []
    while loop.time() < until:
        if hall.life.is_dead:
            await hall.bury()
            return [f"P7: the terminal ended by itself: {hall.errors[-1:]!r}"]
        open_ = await hall.life.unsettled()
        for order in await hall.life.owed_by_clerk():
            hall.clerk_refunds(order)
        if not open_ and not hall.life.visit:
            break
        await asyncio.sleep(5.0)
    found = [f"P1: not settled {within_s:g} s after everything was mended: {'; '.join(open_)}"] if open_ else []
    if hall.life.visit:
        found.append(f"P7: a visit that does not end, on page {hall.life.shown and hall.life.shown.page}")
    until = loop.time() + RECOVER_S
    while loop.time() < until and (any(hall.life.devices.values()) or hall.life.money_locked):  # noqa: ASYNC110 - seen from outside
        await asyncio.sleep(2.0)
    found += [f"P7: {family} does not come back: {why}" for family, why in hall.life.devices.items() if why]
    if hall.life.money_locked:
        found.append(f"P7: payment stays locked: {hall.life.money_locked}")
    return found


@contextmanager
def listening() -> Iterator[Ears]:
    """Hear what is logged while the block runs; nothing is printed."""
    root = logging.getLogger()
    ears, level, before = Ears(), root.level, root.handlers[:]
    root.handlers[:] = [ears]
    root.setLevel(logging.INFO)
    try:
        yield ears
    finally:
        root.handlers[:] = before
        root.setLevel(level)


def run_epoch(
    seed: int, first: int, count: int, faults: str, state: Path | None = None, lines: list[str] | None = None
) -> Epoch:
    """One epoch from its beginning, in a folder of its own that is deleted at the end."""
    folder = Path(tempfile.mkdtemp(prefix="soak-", dir=state))
    try:
        with listening() as ears:
            hall: list[Hall] = []

            async def story() -> Epoch:
                cabinet, trade = first % (CABINET_EVERY * EPOCH) == 0, TRADES[first // EPOCH % len(TRADES)]
                hall.append(Hall(folder, seed, with_cabinet=cabinet, poll_s=POLL_S, trade=trade))
                return await play_epoch(hall[0], seed, first, count, chosen(faults), lines)

            try:
                epoch = run_inline(story())
            except Exception:  # noqa: BLE001 - one day that cannot be played must not hide the others; it counts as broken
                epoch = Epoch(first, count, [f"the day could not be played: {traceback.format_exc(limit=-4)}"])
            epoch.violations += promises.said(ears.lines)
            epoch.violations += [f"a program error: {bug}" for bug in dict.fromkeys(ears.bugs)]
        return epoch
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def epochs(options: SoakOptions) -> list[tuple[int, int]]:
    """(first visit, how many) of every epoch: whole ones, and what is left at either end."""
    last = options.first + options.visits
    starts = [options.first, *range((options.first // EPOCH + 1) * EPOCH, last, EPOCH)]
    return [(start, min(last, (start // EPOCH + 1) * EPOCH) - start) for start in starts]


def soak(options: SoakOptions, say: Callable[[str], Any]) -> int:
    """Play all visits; returns how many promises were broken. Raises `UnknownKind`, `NoTerminal`."""
    chosen(options.faults)
    load_terminal()
    state = options.state or next((p for p in (Path("/dev/shm"),) if p.is_dir()), None)  # noqa: S108 - memory, where there is one: thousands of synced commits
    began = time.perf_counter()
    work = epochs(options)
    total: Counter[str] = Counter()
    digest = hashlib.sha256()
    broken = visits = 0
    virtual_s = 0.0
    for number, epoch in enumerate(_played(options, work, state), 1):
        total += epoch.done
        visits += epoch.count
        virtual_s += epoch.virtual_s
        digest.update(epoch.digest.encode())
        for violation in dict.fromkeys(epoch.violations):
            broken += 1
            again = f"kiosk-sim soak --seed {options.seed} --faults {options.faults} --from {epoch.first}"
            say(f"BROKEN seed {options.seed}: {violation}\n       again: {again} --visits {epoch.count}")
        if number % 10 == 0 or number == len(work):
            a_second = visits / (time.perf_counter() - began)
            say(f"{visits} visits, {broken} broken promises, {a_second:.1f} visits/s")
    took = time.perf_counter() - began
    parts = ", ".join(f"{count} {what}" for what, count in sorted(total.items()))
    rate = f"{visits / took:.1f}/s; {virtual_s / DAY_S:.1f} days of virtual time"
    say(f"{visits} visits in {took:.0f} s ({rate}): {parts}")
    say(f"seed {options.seed}, digest {digest.hexdigest()[:16]}, {broken} broken promises")
    return broken


def _played(options: SoakOptions, work: list[tuple[int, int]], state: Path | None) -> Iterator[Epoch]:
    if options.jobs <= 1:
        for first, count in work:
            yield run_epoch(options.seed, first, count, options.faults, state)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(options.jobs, context) as pool:
        futures = [pool.submit(run_epoch, options.seed, f, n, options.faults, state) for f, n in work]
        for future in futures:
            yield future.result()
