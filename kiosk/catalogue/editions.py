"""Which catalogue is in force now: the current edition, the next one from its time on, items by their own times.

A visit takes what `now` gives when it begins and keeps it to its end.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from config.catalogue import Catalogue
from kiosk.catalogue.store import CatalogueStore, Edition, shipped_edition


class Editions:
    """The shipped catalogue until the platform's is there; `moment` gives an aware time."""

    def __init__(self, shipped: Catalogue, moment: Callable[[], datetime], store: CatalogueStore | None = None) -> None:
        self._moment = moment
        self.store = store
        self.current = shipped_edition(shipped)
        self.next: Edition | None = None
        self.confirmed_at: datetime | None = None
        """When the platform last said that this is what it offers."""
        self._derived: tuple[Catalogue, datetime, datetime | None, Catalogue] | None = None

    def load(self) -> None:
        """Take over what is kept on disk. Blocking, some 50 ms for 236 items."""
        if self.store is None:
            return
        self.current = self.store.load("current") or self.current
        self.next = self.store.load("next")

    def now(self) -> Catalogue:
        """What is offered at this moment."""
        moment = self._moment()
        self.switch(moment)
        source = self.current.catalogue
        if self._derived is not None:
            whole, since, until, found = self._derived
            if whole is source and since <= moment and (until is None or moment < until):
                return found
        found = source.at(moment)
        self._derived = (source, moment, source.changes_after(moment), found)
        return found

    def switch(self, moment: datetime) -> bool:
        """The next edition is the current one as soon as its time has come; true when that happened just now."""
        coming = self.next
        if coming is None or coming.manifest is None or coming.manifest.effective > moment:
            return False
        self.current, self.next = coming, None
        return True
