"""The journal's chain on its way to the platform: in order, from where the platform's own record ends."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from kiosk.journal import Journal
from kiosk.platform.client import Platform
from kiosk.platform.errors import Problem

log = logging.getLogger(__name__)

MAX_EVENTS = 200
MAX_BATCH_BYTES = 96 * 1024
"""A request is capped at 256 KiB; an entry's body is capped at 16 KiB by the journal."""


class EventFeed:
    """Hands entries over. The platform counts each once; behind a gap it is asked again where to go on."""

    def __init__(self, journal: Journal, platform: Platform) -> None:
        self._journal = journal
        self._platform = platform
        self._chain = ""
        self._head = 0
        self.broken: tuple[str, ...] = ()
        """Events that the platform could not fit into the chain; an alarm as long as there are any."""

    async def deliver(self) -> int:
        """Send everything that is not there yet; gives how many. Raises `PlatformError` where that ends it."""
        sent = 0
        chain = await self._journal.chain_id()
        if chain and chain != self._chain:
            self._chain, self._head = chain, await self._platform.cases.events_head(chain)
        while chain and (entries := await self._journal.links(self._head, MAX_EVENTS)):
            batch = _fitting([{"id": f"{chain[:8]}-{entry['seq']}", **entry} for entry in entries])
            sent += await self._send(batch)
        return sent

    async def _send(self, batch: Sequence[Mapping[str, Any]]) -> int:
        """One batch; a gap means that the platform lost its place or we ours: go on from where it says."""
        try:
            kept = await self._platform.cases.events(self._chain, batch)
        except Problem as problem:
            if problem.slug != "events-missing":
                raise
            head = await self._platform.cases.events_head(self._chain)
            if head == self._head:
                raise  # nothing would change
            self._head = head
            return 0
        if kept.broken:
            log.error("supervision: %d events do not fit the chain, first %s", len(kept.broken), kept.broken[0])
            self.broken = (*self.broken, *kept.broken)[-100:]
        before, self._head = self._head, max(kept.head, int(batch[-1]["seq"]))
        return self._head - before


def _fitting(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first entries that fit one request; at least one."""
    size = 0
    for index, entry in enumerate(entries):
        size += len(str(entry).encode()) + 64
        if size > MAX_BATCH_BYTES and index:
            return entries[:index]
    return entries
