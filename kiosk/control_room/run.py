"""The service: one thread writes, uvicorn shows. Ends when told, and when the writing thread ends by itself."""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import uvicorn

from kiosk.control_room.feed import Feed
from kiosk.control_room.guard import Guard
from kiosk.control_room.ingest import Ingest
from kiosk.control_room.pool import Pool
from kiosk.control_room.room_settings import RoomSettings
from kiosk.control_room.store import Store
from kiosk.control_room.web import make_app

log = logging.getLogger(__name__)
LOOK_S: Final = 0.25
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
            "batches": self._ingest.batches, "odd": self._ingest.odd(),
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
        host, port = self._settings.address
        guard = Guard(
            make_app(pool, self._settings.silent_after_s, self.well), self._settings.token, self._settings.hosts
        )
        config = uvicorn.Config(guard, host=host, port=port, log_level="warning", access_log=False, server_header=False)
        server = _Server(config)
        serving = asyncio.create_task(server.serve())
        while not serving.done():
            await asyncio.wait([serving], timeout=LOOK_S)
            server.should_exit = server.should_exit or self._failed or told.is_set()
        await serving

    async def _wait(self, told: asyncio.Event) -> None:
        telling = asyncio.create_task(told.wait())
        while not self._failed and not telling.done():
            await asyncio.wait([telling], timeout=LOOK_S)
        telling.cancel()


class _Server(uvicorn.Server):
    """Leaves signals to us: uvicorn would raise them again after serving, before the last batch is written."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing is captured."""
        yield
