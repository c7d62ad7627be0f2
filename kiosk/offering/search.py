"""The finder of this terminal: built in a thread, never before the first paint; anew when the catalogue has changed."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterable
from typing import Final

from config.catalogue import Catalogue, Service
from kiosk.finding import Finder, Ranked, catalogue_entries, listed_entries

log = logging.getLogger(__name__)

BUILD_S: Final = 60.0
SHOWN: Final = 12
KEPT: Final = 2


class ServiceSearch:
    """Finds services of one catalogue after another. Without a finder yet, `ready` is false and nothing is found."""

    def __init__(self) -> None:
        self._finder: Finder | None = None
        self._of = ""
        self._building: asyncio.Task[None] | None = None

    def ready(self, catalogue: Catalogue) -> bool:
        """Whether sentences can be answered for `catalogue`; starts building when they cannot yet."""
        name = f"{catalogue.version}:{len(catalogue.services)}"
        if self._finder is not None and self._of == name:
            return True
        if self._building is None or self._building.done():
            self._building = asyncio.get_running_loop().create_task(self._build(catalogue, name), name="finder")
        return False

    async def wait(self, catalogue: Catalogue) -> bool:
        """Return when it is ready, false when it could not be built."""
        if not self.ready(catalogue) and self._building is not None:
            await asyncio.wait({self._building}, timeout=BUILD_S)
        return self.ready(catalogue)

    def find(self, text: str, limit: int = SHOWN) -> Ranked:
        """What a sentence may mean. Raises `RuntimeError` before it is ready."""
        if self._finder is None:
            raise RuntimeError("the finder is not built yet: ask `ready` first")
        return self._finder.find(text, limit)

    async def _build(self, catalogue: Catalogue, name: str) -> None:
        try:
            async with asyncio.timeout(BUILD_S):
                finder = await asyncio.get_running_loop().run_in_executor(None, _finder_of, catalogue, name)
        except (OSError, ValueError, TimeoutError) as error:
            log.error("finding: the catalogue's words cannot be indexed: %s", error)  # noqa: TRY400 - no program error
            return
        self._finder, self._of = finder, name


def _finder_of(catalogue: Catalogue, name: str) -> Finder:
    """One for every content in a process: a hall of simulated terminals shares it."""
    with _lock:
        if name not in _made:
            while len(_made) >= KEPT:
                del _made[next(iter(_made))]
            _made[name] = Finder(catalogue_entries(catalogue, listed_entries()))
        return _made[name]


_made: dict[str, Finder] = {}
_lock = threading.Lock()


def known(ids: Iterable[str], catalogue: Catalogue) -> list[Service]:
    """Those ids that today's catalogue has, in their order."""
    return [catalogue.services[item] for item in ids if item in catalogue.services]
