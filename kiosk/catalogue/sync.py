"""Keeps the catalogue as the platform publishes it: manifest, what changed, check of the whole, disk, switch in time.

An update is taken whole or not at all: a fault in one item refuses the version, the old one stays, it is reported once.
While the platform does not answer, everything goes on with what is there.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from config.calendar import WorkCalendar, shipped
from config.catalogue_content import applied
from kiosk.catalogue.calendar import CalendarStore
from kiosk.catalogue.editions import Editions
from kiosk.catalogue.store import Edition, UnusableEdition, edition_of
from kiosk.journal import Journal, JournalError
from kiosk.platform.catalogue import CatalogueFeed, Manifest
from kiosk.platform.errors import PlatformError, Problem

log = logging.getLogger(__name__)

EVERY_S: Final = 600.0
AGAIN_S: Final = 60.0
JITTER: Final = 0.2
"""So that thousands of terminals do not ask in the same second."""
CHECK_S: Final = 60.0
"""Deadline of checking an update."""
MAX_TOLD: Final = 300


class CatalogueSync:
    """One terminal's catalogue, followed for ever. `trouble` says why the last update was refused, "" when none was."""

    def __init__(
        self,
        editions: Editions,
        feed: CatalogueFeed,
        journal: Journal,
        now: Callable[[], datetime],
        calendars: CalendarStore | None = None,
        rng: random.Random | None = None,
    ) -> None:
        self.editions = editions
        self.trouble = ""
        self._feed = feed
        self._journal = journal
        self._now = now
        self._calendars = calendars
        self._rng = rng or random.Random()
        self._refused = ""
        self._poke = asyncio.Event()

    def working_days(self) -> WorkCalendar:
        """The calendar as far as it was told."""
        return self._calendars.calendar if self._calendars else shipped()

    def poke(self) -> None:
        """Look now: the platform answers again."""
        self._poke.set()

    async def run(self) -> None:
        """For ever."""
        while True:
            done = await self.once()
            seconds = (EVERY_S if done else AGAIN_S) * (1 + JITTER * (2 * self._rng.random() - 1))
            self._poke.clear()
            try:
                async with asyncio.timeout(self._until_switch(seconds)):
                    await self._poke.wait()
            except TimeoutError:
                continue

    async def once(self) -> bool:
        """One look; false when the platform did not say everything. Raises nothing that a fault outside can cause."""
        try:
            await self._switched()
            await self._follow()
        except PlatformError as error:
            log.info("catalogue: not asked through: %s", error)
            return False
        except UnusableEdition as error:
            await self._refuse(str(error))
            return True
        except OSError as error:
            log.error("catalogue: cannot be kept on disk: %s", error)  # noqa: TRY400 - a fault of the disk
            return False
        self.trouble = self._refused = ""
        return await self._follow_calendar()

    async def _follow(self) -> None:
        editions = self.editions
        manifest = await self._feed.manifest()
        if manifest.upcoming and manifest.upcoming == editions.current.sequence:
            return  # our clock is a moment ahead: we have switched already
        if manifest.sequence < editions.current.sequence:
            raise UnusableEdition(f"version {manifest.version} is older than the one in use")
        if manifest.hash != editions.current.catalogue.hash:
            fetched = await self._fetch(manifest)
            before = editions.current.catalogue.version
            await self._keep("current", fetched)
            editions.current = fetched
            await self._note("catalogue.switched", {"from": before, "to": manifest.version})
        editions.confirmed_at = self._now()
        if not manifest.upcoming:
            if editions.next is not None:
                await self._keep("next", None)
                editions.next = None
        elif editions.next is None or editions.next.sequence != manifest.upcoming:
            coming = await self._feed.manifest(manifest.upcoming)
            if coming.sequence != manifest.upcoming:
                raise UnusableEdition(f"version {coming.version} is not the one that was announced")
            fetched = await self._fetch(coming)
            await self._keep("next", fetched)
            editions.next = fetched
            effective = coming.effective.isoformat(timespec="seconds")
            await self._note("catalogue.coming", {"version": coming.version, "effective": effective})

    async def _fetch(self, manifest: Manifest) -> Edition:
        """What the manifest describes, checked: by what changed, and by everything where that does not add up."""
        base = self.editions.current
        delta = await self._feed.delta(base.catalogue.version, manifest.sequence)
        if not delta.complete:
            try:
                return await self._checked(manifest, applied(base.items, delta.changes))
            except UnusableEdition as error:
                log.warning("catalogue: what changed does not add up, asking for everything: %s", error)
                delta = await self._feed.delta("", manifest.sequence)
        return await self._checked(manifest, applied({}, delta.changes))

    @staticmethod
    async def _checked(manifest: Manifest, items: dict[str, Any]) -> Edition:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CHECK_S):
                return await loop.run_in_executor(None, edition_of, manifest, items)
        except TimeoutError:
            raise UnusableEdition(f"version {manifest.version}: not checked within {CHECK_S:g} s") from None

    async def _switched(self) -> None:
        """The next edition's time has come: on disk too."""
        before = self.editions.current
        self.editions.switch(self._now())
        store, current = self.editions.store, self.editions.current
        if current is not before:
            await self._note("catalogue.switched", {"from": before.catalogue.version, "to": current.catalogue.version})
        if store is not None and self.editions.next is None and current.manifest is not None:
            await asyncio.get_running_loop().run_in_executor(None, store.promote)

    def _until_switch(self, seconds: float) -> float:
        """Not longer than until the next edition's time."""
        coming = self.editions.next
        if coming is None or coming.manifest is None:
            return seconds
        return max(1.0, min(seconds, (coming.manifest.effective - self._now()).total_seconds()))

    async def _keep(self, slot: Any, edition: Edition | None) -> None:
        store = self.editions.store
        if store is None:
            return
        loop = asyncio.get_running_loop()
        if edition is None:
            await loop.run_in_executor(None, store.drop, slot)
        else:
            await loop.run_in_executor(None, store.save, slot, edition)

    async def _refuse(self, why: str) -> None:
        self.trouble = why
        if why != self._refused:
            self._refused = why
            log.error("catalogue: an update is refused, the old one stays: %s", why)
            await self._note("catalogue.refused", {"why": why[:MAX_TOLD]})

    async def _note(self, kind: str, body: dict[str, str]) -> None:
        try:
            await self._journal.note("", kind, body)
        except JournalError as error:
            log.warning("catalogue: %s could not be journalled: %s", kind, error)

    async def _follow_calendar(self) -> bool:
        """This year and the next; a year of which the platform knows nothing stays a guess."""
        if self._calendars is None:
            return True
        for year in (self._now().year, self._now().year + 1):
            try:
                table = await self._feed.calendar(year)
                await asyncio.get_running_loop().run_in_executor(None, self._calendars.take, year, table)
            except Problem as problem:
                if problem.slug != "not-found":
                    return False
            except (PlatformError, OSError) as error:
                log.info("calendar %d: not asked through: %s", year, error)
                return False
        return True
