"""The service: one thread writes, uvicorn shows. Ends when told, and when the writing thread ends by itself."""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

import psycopg
import uvicorn

from kiosk.control_room.bundles import Bundles
from kiosk.control_room.feed import Feed
from kiosk.control_room.guard import Guard
from kiosk.control_room.ingest import Ingest
from kiosk.control_room.pool import Pool
from kiosk.control_room.room_settings import RoomSettings
from kiosk.control_room.store import Store
from kiosk.control_room.web import make_app

log = logging.getLogger(__name__)
LOOK_S: Final = 0.25
TRIM_S: Final = 3600.0
STOP_S: Final = 40.0
"""A write may take as long as its statement."""


class Room:
    """`ingest` and `page` say which halves run; both, unless the page has a machine of its own."""

    def __init__(self, settings: RoomSettings, *, ingest: bool = True, page: bool = True) -> None:
        self._settings, self._with_page = settings, page
        self._ingest: Ingest | None = None
        self._feed: Feed | None = None
        self._failed = False
        if ingest:
            self._feed = Feed(settings)
            self._ingest = Ingest(self._feed, Store(settings.database), settings.keep_days)

    async def run(self) -> int:
        """Exit status: 0 ended as told, 1 the writing side failed (systemd starts it again)."""
        told = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, told.set)
        thread = threading.Thread(target=self._write, name="ingest", daemon=True)
        if self._ingest is not None:
            thread.start()
        pool = Pool(self._settings.database)
        try:
            if self._with_page:
                await self._serve(pool, told)
            else:
                await self._wait(told)
        finally:
            if self._ingest is not None:
                self._ingest.stop()
                await asyncio.to_thread(thread.join, STOP_S)
            pool.close()
        return 1 if self._failed else 0

    def well(self) -> dict[str, Any]:
        """How the writing side is."""
        if self._ingest is None or self._feed is None:
            return {"ok": True, "ingest": "elsewhere"}
        connected = self._feed.connected.is_set()
        return {
            "ok": connected and self._ingest.ready.is_set() and not self._failed, "broker": connected,
            "arrived": self._feed.arrived, "waiting": self._feed.waiting, "written": self._ingest.written,
            "batches": self._ingest.batches, "acknowledged": self._ingest.acknowledged, "odd": self._ingest.odd(),
        }  # fmt: skip

    def _write(self) -> None:
        assert self._ingest is not None
        try:
            self._ingest.run()
        except BaseException as error:
            self._failed = True
            log.critical("the writing side ended: %s", type(error).__name__)
            raise

    async def _serve(self, pool: Pool, told: asyncio.Event) -> None:
        s = self._settings
        host, port = s.address
        bundles = Bundles(s.bundles, s.database, s.bundles_each, s.bundles_days) if s.bundles else None
        app = make_app(pool, s.silent_after_s, self.well, bundles, s.user_header)
        guard = Guard(app, s.token, s.hosts)
        config = uvicorn.Config(guard, host=host, port=port, log_level="warning", access_log=False, server_header=False)
        server = _Server(config)
        serving = asyncio.create_task(server.serve())
        trimming = asyncio.create_task(_trimming(bundles))
        while not serving.done():
            await asyncio.wait([serving], timeout=LOOK_S)
            server.should_exit = server.should_exit or self._failed or told.is_set()
        trimming.cancel()
        await serving

    async def _wait(self, told: asyncio.Event) -> None:
        telling = asyncio.create_task(told.wait())
        while not self._failed and not telling.done():
            await asyncio.wait([telling], timeout=LOOK_S)
        telling.cancel()


async def _trimming(bundles: Bundles | None) -> None:
    """For ever, where there are bundles: what is old goes."""
    while bundles is not None:
        await asyncio.sleep(TRIM_S)
        try:
            await asyncio.to_thread(bundles.trim, datetime.now(UTC))
        except (psycopg.Error, OSError) as error:
            log.warning("old bundles were not deleted: %s", type(error).__name__)


class _Server(uvicorn.Server):
    """Leaves signals to us: uvicorn would raise them again after serving, before the last batch is written."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing is captured."""
        yield
