"""A terminal at rest for days under virtual time: nothing may grow. `kiosk-sim rest --days 14`.

Counted are the objects of the process (terminal, platform and devices live in it), its tasks, the rows of the journal,
what waits for the platform, and the files in the state folder.
"""

from __future__ import annotations

import asyncio
import gc
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from simulator.hall import Hall
from simulator.inline_loop import run_inline

HOUR_S: Final = 3600.0
POLL_S: Final = 120.0
"""Seldom: what is looked for is growth, and a poll leaves the same behind each time."""
MOST_OBJECTS_A_DAY: Final = 1000
"""A leak of one object a minute is 1440 a day."""
RECORDS: Final = 12_000
"""The simulator's own bounded records of the wires, which fill in the first days."""
MOST_ENTRIES_A_DAY: Final = 40
MOST_BYTES: Final = 8 << 20


@dataclass(frozen=True, slots=True)
class Count:
    """At one moment."""

    objects: int
    tasks: int
    entries: int
    waiting: int
    bytes: int


async def counted(hall: Hall) -> Count:
    """Now."""
    gc.collect()
    journal = hall.life.workshop.tools.journal
    rows = await journal.rows(1000)
    verdict = await journal.verify()
    size = sum(each.stat().st_size for each in hall.folder.rglob("*") if each.is_file())
    return Count(len(gc.get_objects()), len(asyncio.all_tasks()), verdict.entries, len(rows), size)


def grown(first: Count, last: Count, days: float) -> list[str]:
    """What has grown more than it may."""
    found = []
    if last.objects - first.objects > RECORDS + MOST_OBJECTS_A_DAY * days:
        found.append(f"objects: {first.objects} became {last.objects} in {days:g} days")
    if last.tasks > first.tasks + 2:
        found.append(f"tasks: {first.tasks} became {last.tasks}")
    if last.entries - first.entries > MOST_ENTRIES_A_DAY * max(days, 1):
        found.append(f"journal: {last.entries - first.entries} entries in {days:g} days without anybody")
    if last.waiting:
        found.append(f"outbox: {last.waiting} rows wait although the platform answers")
    if last.bytes > MOST_BYTES:
        found.append(f"state folder: {last.bytes >> 20} MiB")
    return found


def rest(days: float, say: Callable[[str], Any], state: Path | None = None, settle_s: float = 2 * HOUR_S) -> list[str]:
    """Let a terminal stand for `days`; what has grown. The first `settle_s` are its start."""
    folder = Path(tempfile.mkdtemp(prefix="rest-", dir=state))

    async def story() -> list[str]:
        hall = Hall(folder, with_cabinet=False, poll_s=POLL_S)
        await hall.open()
        await asyncio.sleep(settle_s)
        first = last = await counted(hall)
        parts = max(1, round(days * 4))
        for part in range(1, parts + 1):
            await asyncio.sleep(days * 24 * HOUR_S / parts)
            last = await counted(hall)
            say(
                f"day {days * part / parts:.2f}: {last.objects} objects, {last.tasks} tasks, {last.entries} entries, "
                f"{last.waiting} waiting, {last.bytes >> 10} KiB"
            )
        await hall.close()
        return grown(first, last, days) + [f"the terminal ended by {error!r}" for error in hall.errors]

    try:
        return run_inline(story())
    finally:
        shutil.rmtree(folder, ignore_errors=True)
