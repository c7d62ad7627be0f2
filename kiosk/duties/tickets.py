"""Places in the queue: the platform's next number, without a network one of a range that only this terminal gives out.

| what                       | how it is never given out twice                                                |
|----------------------------|--------------------------------------------------------------------------------|
| the platform's number      | one key a ticket: asking again gives the same number                           |
| a number of the range      | the file is advanced and synced before the number is shown or printed          |
| both for one citizen       | the report names the key that was asked under: the platform voids the other     |

A power cut loses a number of the range at most; it is never repeated. A file that was altered, or another day's, is
no range. The ticket is journalled, and its report is sealed in the outbox in the same transaction.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from kiosk.clock import Clock
from kiosk.duties.outbox import Outbox
from kiosk.journal import Journal, Write
from kiosk.money.charging import new_id
from kiosk.platform.client import Platform
from kiosk.platform.counters import TicketRange
from kiosk.platform.errors import PlatformError, Problem
from kiosk.platform.queries import Said

log = logging.getLogger(__name__)

FILE = "ticket-range.json"
MAX_BYTES = 4096
KEPT = "-kept"
"""Ends the key under which a number of the range is reported; what stands before it is the key that was asked under."""
LOW = 20
"""With fewer numbers left a new range is asked for."""
ASK_S = 4.0
NO_COUNTER = Said("", "")


class NoTicket(Exception):
    """No number can be given: no network, and no range of today with a number left; or refused. `cause` says which."""

    def __init__(self, cause: str) -> None:
        super().__init__(cause)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class TicketGiven:
    """A citizen's number. `waiting` None: without a network nobody knows."""

    number: str
    at: datetime
    counter: Said = NO_COUNTER
    waiting: int | None = None
    kept: bool = False


class Tickets:
    """Gives out numbers. One at a time: there is one citizen."""

    def __init__(self, folder: Path, journal: Journal, outbox: Outbox, platform: Platform, clock: Clock) -> None:
        self._path = folder / FILE
        self._journal = journal
        self._outbox = outbox
        self._platform = platform
        self._clock = clock

    async def take(self, visit: str, kind: str, booking: str = "") -> TicketGiven:
        """A number of `kind`, or the one of an appointment. Raises `NoTicket`, `JournalError`."""
        key = new_id("tkt")
        try:
            async with asyncio.timeout(ASK_S):
                counters = self._platform.counters
                found = await (counters.check_in(booking, key) if booking else counters.take_ticket(key, kind))
        except Problem as problem:
            if booking or not problem.retryable:
                raise NoTicket(problem.slug) from problem
        except (PlatformError, TimeoutError) as error:
            if booking:
                raise NoTicket("network") from error
        else:
            await self._journal.note(visit, "ticket.given", {"number": found.number, "key": key})
            return TicketGiven(found.number, found.at, found.counter, found.waiting)
        return await self._from_range(visit, key, kind)

    async def _from_range(self, visit: str, key: str, kind: str) -> TicketGiven:
        now = self._clock.platform_now()
        number = await asyncio.to_thread(self._next, now)
        if not number:
            raise NoTicket("network")
        body = {"kind": kind, "number": number, "issued_at": now.isoformat(timespec="seconds")}

        def work(write: Write) -> None:
            write.entry(visit, "ticket.given", {"number": number, "key": key, "range": True})
            self._outbox.post(write, "ticket", visit, f"{key}{KEPT}", body)

        await self._journal.write(work)
        self._outbox.poke()
        return TicketGiven(number, now, kept=True)

    async def replenish(self) -> bool:
        """Ask for a range when there is none for today, or few numbers are left; false when that did not work."""
        now = self._clock.platform_now()
        if await asyncio.to_thread(self.left, now) >= LOW:
            return True
        try:
            async with asyncio.timeout(ASK_S):
                found, reply = await self._platform.counters.lease_tickets(new_id("rng"), now.date())
            await asyncio.to_thread(self._write, {"range": reply, "next": found.first})
        except (PlatformError, TimeoutError) as error:
            log.info("tickets: no range for times without a network (%s)", type(error).__name__)
            return False
        except OSError as error:
            log.warning("%s: %s; check the disk and its rights", self._path, error.strerror)
            return False
        return True

    async def keep(self, every_s: float = 600.0) -> None:
        """Have a range of today, for ever."""
        while True:
            await self.replenish()
            await asyncio.sleep(every_s)

    def left(self, now: datetime) -> int:
        """How many numbers of today's range are left."""
        state = self._state(now)
        return 0 if state is None else state[0].last - state[1] + 1

    def _next(self, now: datetime) -> str:
        """The next number, taken off the range on disk; "" when there is none, or the disk refuses."""
        state = self._state(now)
        if state is None or state[1] > state[0].last:
            return ""
        found, following, raw = state
        try:
            self._write({"range": raw, "next": following + 1})
        except OSError as error:
            log.warning("%s: %s; no number is given out", self._path, error.strerror)
            return ""
        return f"{found.prefix}{following:03d}"

    def _state(self, now: datetime) -> tuple[TicketRange, int, dict[str, Any]] | None:
        """Today's range, the next number and the range as it was signed; None: there is none that can be believed."""
        try:
            with self._path.open("rb") as file:
                kept = json.loads(file.read(MAX_BYTES))
            raw, following = kept["range"], kept["next"]
            found = self._platform.counters.read_range(raw)
            following = max(_whole(following), found.first)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, RecursionError, PlatformError) as error:
            log.warning("%s: not a range that can be used (%s)", self._path, type(error).__name__)
            return None
        return (found, following, raw) if found.day == now.date() else None

    def _write(self, state: dict[str, Any]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        temporary = self._path.with_suffix(".new")
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(state, file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _whole(value: object) -> int:
    """An integer of the file. Raises `TypeError`."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("not a whole number")
    return value
