"""Notices that the system's clock jumped: NTP after a long outage, a dead battery, a hand. Journalled, never obeyed
for a deadline: those run by the loop's own seconds, and the journal's order is its numbers, not its times."""

from __future__ import annotations

import logging
from datetime import timedelta

from drivers.rhythm import beat
from kiosk.clock import Clock
from kiosk.journal import Journal, JournalError

log = logging.getLogger(__name__)

EVERY_S = 1.0
JUMP_S = 2.0
"""What NTP moves in small steps is no jump."""
OFF_S = 30.0
"""So far from the platform's clock, ours is wrong: orders would seem to expire, promises to be broken."""


async def watch_clock(clock: Clock, journal: Journal, *, every_s: float = EVERY_S) -> None:
    """Take over the system's clock for ever; every jump becomes an entry `clock.jumped`, and how far we are from what
    the platform says (its Date) an entry `clock.off` whenever that changes."""
    told = 0.0
    while True:
        jump = clock.resync()
        if abs(jump) >= JUMP_S:
            now = clock.now()
            before = now - timedelta(seconds=jump)
            log.warning("the system's clock jumped by %.1f s, from %s", jump, before.isoformat(timespec="seconds"))
            try:
                await journal.note(
                    "", "clock.jumped", {"seconds": round(jump, 3), "from": before.isoformat(timespec="milliseconds")}
                )
            except JournalError as error:
                log.warning("the jump could not be journalled: %s", error)
        off = (clock.platform_now() - clock.now()).total_seconds()
        off = off if abs(off) >= OFF_S else 0.0
        if abs(off - told) >= OFF_S:
            log.warning("the platform's clock is %.0f s from ours", off)
            try:
                await journal.note("", "clock.off", {"seconds": round(off)})
                told = off
            except JournalError as error:
                log.warning("that could not be journalled: %s", error)
        await beat(every_s)
