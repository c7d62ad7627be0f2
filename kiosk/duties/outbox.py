"""Everything that the platform must learn, delivered at least once and in order, after any outage.

A row is written in the same transaction as the fact it reports. Its body is sealed to the machine and deleted with the
row on delivery, in the same transaction as what the delivery brought (an acceptance number).
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

from kiosk.journal import Journal, JournalError, Row, Write
from kiosk.keys import MachineKey, SealBroken
from kiosk.platform.errors import PlatformError, Problem

log = logging.getLogger(__name__)

Fate = Literal["delivered", "refused"]
Apply = Callable[[Write], object]
Deliver = Callable[[Row, Mapping[str, Any]], Awaitable[Apply]]
Refuse = Callable[[Row, Mapping[str, Any], str], Apply]

FIRST_BACKOFF_S = 1.0
LONGEST_BACKOFF_S = 60.0


class Outbox:
    """Posts rows and delivers them. `topics` maps a topic to (deliver, refuse); both return what to journal."""

    def __init__(self, journal: Journal, key: MachineKey) -> None:
        self._journal = journal
        self._key = key
        self._topics: dict[str, tuple[Deliver, Refuse]] = {}
        self._wake = asyncio.Event()
        self._waiting: dict[str, asyncio.Future[Fate]] = {}
        self.online = True
        self._unreadable: set[str] = set()

    def topic(self, name: str, deliver: Deliver, refuse: Refuse) -> None:
        """Say how a topic is delivered, and what a final refusal by the platform means."""
        self._topics[name] = (deliver, refuse)

    def post(self, write: Write, topic: str, visit: str, row_id: str, body: Mapping[str, Any]) -> None:
        """Put a row into the transaction `write`; call `poke` when that is committed."""
        sealed = self._key.seal(json.dumps(body, ensure_ascii=False).encode(), f"outbox:{row_id}")
        write.post(row_id, topic, visit, sealed)

    def poke(self) -> None:
        """There may be something to deliver, or the network is back: try now."""
        self._wake.set()

    def expect(self, row_id: str) -> asyncio.Future[Fate]:
        """A future for the fate of a row that is about to be posted."""
        return self._waiting.setdefault(row_id, asyncio.get_running_loop().create_future())

    async def run(self) -> None:
        """Deliver for ever."""
        backoff = FIRST_BACKOFF_S
        while True:
            self._wake.clear()
            try:
                reached = await self._pass()
            except JournalError as error:
                # A fault of the disk, not of the program: no stack trace.
                log.error("outbox: the journal cannot be written (%s); what waits is tried again", error)  # noqa: TRY400
                reached = False
            if reached:
                backoff = FIRST_BACKOFF_S
            wait = LONGEST_BACKOFF_S if reached else backoff * random.uniform(0.8, 1.2)
            backoff = backoff if reached else min(backoff * 2, LONGEST_BACKOFF_S)
            try:
                async with asyncio.timeout(wait):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def _pass(self) -> bool:
        """Deliver what waits, oldest first; false when the platform could not be reached."""
        while rows := [row for row in await self._journal.rows() if row.id not in self._unreadable]:
            for row in rows:
                try:
                    if not await self.deliver(row):
                        return False
                except (SealBroken, KeyError, TypeError, ValueError):
                    # One row that nobody can read must not hold up the others; it stays on disk for a technician.
                    log.exception("outbox: %s %s cannot be delivered as it is", row.topic, row.id)
                    self._unreadable.add(row.id)
        return True

    async def deliver(self, row: Row) -> bool:
        """Try one row once; false when nothing is known of it yet and it stays."""
        body = json.loads(self._key.unseal(row.body, f"outbox:{row.id}"))
        deliver, refuse = self._topics[row.topic]
        await self._journal.write(lambda w: w.tried(row.id))
        fate: Fate = "delivered"
        try:
            apply = await deliver(row, body)
        except Problem as problem:
            if problem.retryable or problem.ours:
                log.info("outbox: %s %s stays: %s", row.topic, row.id, problem.slug)
                return self._reached(False)
            log.warning("outbox: the platform refused %s %s: %s", row.topic, row.id, problem.slug)
            apply, fate = refuse(row, body, problem.slug), "refused"
        except PlatformError as error:
            log.info("outbox: %s %s stays: %s", row.topic, row.id, type(error).__name__)
            return self._reached(False)

        def settle(write: Write) -> None:
            apply(write)
            write.delivered(row.id)

        await self._journal.write(settle)
        future = self._waiting.pop(row.id, None)
        if future and not future.done():
            future.set_result(fate)
        return self._reached(True)

    def _reached(self, reached: bool) -> bool:
        self.online = reached
        return reached
