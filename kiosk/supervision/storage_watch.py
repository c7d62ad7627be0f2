"""Watches the journal's disk: money and what needs an intent stop when it refuses, and come back when it does.

| what happens                              | noticed                  | until                                     |
|-------------------------------------------|--------------------------|-------------------------------------------|
| disk full, read-only, gone, no rights     | at a write or the probe  | a probe is written; late entries follow   |
| corrupt file                              | at a write or the probe  | put aside; money: a technician accepts    |
| break in the chain                        | whole check              | money: a technician accepts               |
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from drivers.rhythm import beat
from kiosk.journal import Journal, JournalError

log = logging.getLogger(__name__)

PROBE_S = 4.0
WHOLE_CHECK_S = 86_400.0
RECHECK_HELD_S = 20.0


class StorageWatch:
    """Probes the journal for ever. `changed` is called with the reason to hold money ("" none) when that changes."""

    def __init__(self, journal: Journal, changed: Callable[[str], None], *, every_s: float = PROBE_S) -> None:
        self._journal = journal
        self._changed = changed
        self._every_s = every_s
        self._was: tuple[str, str] = ("", journal.hold)

    async def run(self) -> None:
        """Watch until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._probing())
            group.create_task(self._checking())

    async def look(self) -> None:
        """One probe."""
        trouble = await self._journal.probe()
        now = (trouble, self._journal.hold)
        if now != self._was:
            if self._was[0] and not trouble:
                log.warning("storage: the journal can be written again")
            self._was = now
            self._changed(self._journal.hold)

    async def _probing(self) -> None:
        while True:
            await self.look()
            await beat(self._every_s)

    async def _checking(self) -> None:
        """The whole chain, once a day; sooner while a break waits for a technician."""
        while True:
            try:
                verdict = await self._journal.verify_aside()
                if verdict.broken:
                    log.error("storage: %s", verdict.broken)
            except JournalError as error:
                log.warning("storage: the chain cannot be walked now: %s", error)
            await asyncio.sleep(RECHECK_HELD_S if self._journal.hold or self._journal.trouble else WHOLE_CHECK_S)
