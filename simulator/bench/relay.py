"""The live screen: one client of the terminal's mirror, many browsers behind it.

Connected only while somebody looks or records. Each browser has its own credit; a slow one misses rectangles and then
gets a whole picture, and never slows down the others or the terminal.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidURI, WebSocketException

CREDIT = 4
QUEUE = 64
MAX_MESSAGE = 16 * 1024 * 1024
MAX_ORDER = 2048
RETRY_S = 0.5
OPEN_S = 3.0
ORDERS = ("touch", "press", "key", "shot", "refresh")
TROUBLES = (OSError, TimeoutError, InvalidHandshake, InvalidURI, WebSocketException)


class Viewer:
    """One browser: what waits to be sent to it, and how much it has not acknowledged. Without `pictures` only words."""

    def __init__(self, pictures: bool = True) -> None:
        self.pictures = pictures
        self.outgoing: asyncio.Queue[str | bytes] = asyncio.Queue(QUEUE)
        self.unacknowledged = 0
        self.behind = False

    def show(self, message: str | bytes) -> bool:
        """Queue `message`; False when the browser has stopped reading altogether. Rectangles cost credit."""
        if isinstance(message, bytes):
            if not self.pictures:
                return True
            if self.behind or self.unacknowledged >= CREDIT:
                self.behind = True
                return True
            self.unacknowledged += 1
        try:
            self.outgoing.put_nowait(message)
        except asyncio.QueueFull:
            return False
        return True


class Relay:
    """Fans the mirror at `url()` out to viewers. `run()` is its only task; it ends when cancelled."""

    def __init__(self, url: Callable[[], str]) -> None:
        self.url = url
        self.viewers: set[Viewer] = set()
        self.screen: dict[str, Any] | None = None
        self.page_watchers: list[Callable[[dict[str, Any]], None]] = []
        self.order_watchers: list[Callable[[dict[str, Any]], None]] = []
        self._wanted = asyncio.Event()
        self._mirror: ClientConnection | None = None

    @asynccontextmanager
    async def viewer(self, pictures: bool = True) -> AsyncIterator[Viewer]:
        """A new browser, or a program that needs no pictures, for as long as it looks."""
        viewer = Viewer(pictures)
        self.viewers.add(viewer)
        self._wanted.set()
        if self._mirror is None:
            viewer.show(json.dumps({"type": "gone"}))
        else:
            if self.screen is not None:
                viewer.show(json.dumps(self.screen, ensure_ascii=False))
            if pictures:
                await self._say({"type": "refresh"})
        try:
            yield viewer
        finally:
            self.viewers.discard(viewer)
            if not self.viewers:
                self._wanted.clear()
                await self._hang_up()

    async def run(self) -> None:
        """Keep a connection to the mirror while there is a viewer."""
        while True:
            await self._wanted.wait()
            with suppress(*TROUBLES):
                async with connect(
                    self.url(), open_timeout=OPEN_S, close_timeout=1, max_size=MAX_MESSAGE, proxy=None
                ) as mirror:
                    self._mirror = mirror
                    self._show(json.dumps({"type": "here"}))
                    async for message in mirror:
                        await self._received(mirror, message)
            self._mirror = None
            self.screen = None
            self._show(json.dumps({"type": "gone"}))
            await asyncio.sleep(RETRY_S)

    async def _received(self, mirror: ClientConnection, message: str | bytes) -> None:
        if isinstance(message, bytes):
            if len(message) >= 4:
                await mirror.send(json.dumps({"type": "ack", "seq": int.from_bytes(message[:4], "big")}))
        else:
            with suppress(ValueError):
                parsed = json.loads(message)
                if isinstance(parsed, dict) and parsed.get("type") == "screen":
                    self.screen = parsed
                    for watcher in self.page_watchers:
                        watcher(parsed)
        self._show(message)

    def _show(self, message: str | bytes) -> None:
        for viewer in [v for v in self.viewers if not v.show(message)]:
            self.viewers.discard(viewer)

    async def order(self, viewer: Viewer, text: str) -> None:
        """A browser's message: its own acknowledgement, or an order for the terminal. Anything else is ignored."""
        try:
            order = json.loads(text) if len(text) <= MAX_ORDER else None
        except ValueError:
            return
        if not isinstance(order, dict):
            return
        if order.get("type") == "ack":
            viewer.unacknowledged = max(0, viewer.unacknowledged - 1)
            if viewer.behind and viewer.unacknowledged == 0:
                viewer.behind = False
                await self._say({"type": "refresh"})
        elif order.get("type") in ORDERS:
            await self.say(order)

    @property
    def is_here(self) -> bool:
        """Whether the terminal's screen can be seen now."""
        return self._mirror is not None and self.screen is not None

    async def say(self, order: dict[str, Any]) -> None:
        """Pass an order on to the terminal, and tell those who watch what is touched."""
        for watcher in self.order_watchers:
            watcher(order)
        await self._say(order)

    async def _say(self, order: dict[str, Any]) -> None:
        if self._mirror is not None:
            with suppress(*TROUBLES):
                await self._mirror.send(json.dumps(order))

    async def _hang_up(self) -> None:
        if self._mirror is not None:
            with suppress(*TROUBLES):
                await self._mirror.close()
