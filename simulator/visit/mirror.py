"""A pair of eyes and one finger at the terminal's mirror: reads pages, presses what is on them, takes pictures."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

MAX_MESSAGE = 16 * 1024 * 1024
OPEN_S = 3.0
SHOT_S = 10.0


class NoMirror(RuntimeError):
    """The terminal's mirror did not open in time, or closed while it was needed."""


class NotOnPage(RuntimeError):
    """What the script wants to touch is not on the page; the message lists what is."""


@dataclass(frozen=True, slots=True)
class Node:
    """One node of the page's tree: role, words, key and value of the reply it gives."""

    role: str
    name: str
    key: str
    value: str
    enabled: bool
    focused: bool


@dataclass(frozen=True, slots=True)
class Filled:
    """One field or choice of the page: whether something stands in it (never what), and what a touch would do."""

    key: str
    filled: bool
    focused: bool
    opens: bool


@dataclass(frozen=True, slots=True)
class Page:
    """One painted page as the mirror told it."""

    seq: int
    page: str
    title: str
    language: str
    text: str
    nodes: tuple[Node, ...] = field(default=())
    fields: tuple[Filled, ...] = field(default=())

    def find(self, key: str, value: str = "") -> Node | None:
        """The first node with `key`, and `value` when one is asked for."""
        return next((n for n in self.nodes if n.key == key and (not value or n.value == value)), None)

    def offers(self, key: str, value: str = "") -> bool:
        """Whether an enabled node with that key (and value) is there to be pressed."""
        return any(n.key == key and n.enabled and (not value or n.value == value) for n in self.nodes)


class MirrorClient:
    """One connection to the mirror at `url`. `page` is the newest page; rectangles are acknowledged and dropped."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.page: Page | None = None
        self.errors: list[str] = []
        self._socket: ClientConnection | None = None
        self._reader: asyncio.Task[None] | None = None
        self._news = asyncio.Condition()
        self._shots: dict[str, asyncio.Future[bytes]] = {}
        self._numbers = itertools.count(1)

    async def open(self, deadline_s: float, alive: Callable[[], bool] = lambda: True) -> None:
        """Connect, wait for the first page. Raises `NoMirror` after `deadline_s`, at once when not `alive()`."""
        loop = asyncio.get_running_loop()
        until = loop.time() + deadline_s
        while loop.time() < until and alive():
            try:
                self._socket = await connect(
                    self.url, open_timeout=OPEN_S, close_timeout=1, max_size=MAX_MESSAGE, proxy=None
                )
            except (OSError, TimeoutError, WebSocketException):
                await asyncio.sleep(0.1)
                continue
            self._reader = asyncio.create_task(self._read(self._socket))
            await self.wait_for(lambda page: True, max(1.0, until - loop.time()))
            return
        if not alive():
            raise NoMirror("the terminal ended before its mirror opened")
        raise NoMirror(f"the terminal's mirror did not open within {deadline_s:.0f} s")

    async def close(self) -> None:
        """Hang up."""
        if self._reader:
            self._reader.cancel()
            with suppress(asyncio.CancelledError):
                await self._reader
        if self._socket:
            await self._socket.close()
        self._socket = None
        self.page = None

    async def wait_for(self, wanted: Callable[[Page], bool], deadline_s: float) -> Page:
        """The first page, now or later, that `wanted` accepts. Raises `TimeoutError`, or `NoMirror` when it closed."""
        async with asyncio.timeout(deadline_s), self._news:
            while True:
                if self.page is not None and wanted(self.page):
                    return self.page
                if self._reader is None or self._reader.done():
                    raise NoMirror("the terminal's mirror closed")
                await self._news.wait()

    async def press(self, key: str, value: str = "") -> None:
        """Touch the node with `key` (and `value`). Raises `NotOnPage` when it is not there or not enabled."""
        page = self.page
        if page is None or not page.offers(key, value):
            there = sorted({f"{n.key}={n.value}" if n.value else n.key for n in page.nodes if n.key}) if page else []
            disabled = page is not None and page.find(key, value) is not None
            raise NotOnPage(
                f"{key}{f'={value}' if value else ''} {'cannot be pressed' if disabled else 'is not'} on page "
                f"{page.page if page else 'none'}, which has {', '.join(there) or 'nothing to press'}"
            )
        await self._send({"type": "press", "key": key, "value": value})

    async def shot(self) -> bytes:
        """The whole panel as PNG."""
        number = str(next(self._numbers))
        future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._shots[number] = future
        try:
            await self._send({"type": "shot", "id": number})
            return await asyncio.wait_for(future, SHOT_S)
        finally:
            self._shots.pop(number, None)

    async def _send(self, message: dict[str, Any]) -> None:
        if self._socket is None:
            raise NoMirror("the terminal's mirror is not open")
        try:
            await self._socket.send(json.dumps(message))
        except WebSocketException as error:
            raise NoMirror("the terminal's mirror closed") from error

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for message in socket:
                if isinstance(message, bytes):
                    await socket.send(json.dumps({"type": "ack", "seq": int.from_bytes(message[:4], "big")}))
                else:
                    await self._told(json.loads(message))
        except (OSError, WebSocketException):
            pass  # the end of the line; who waits learns it below
        finally:
            for future in self._shots.values():
                if not future.done():
                    future.set_exception(NoMirror("the terminal's mirror closed"))
            async with self._news:
                self._news.notify_all()

    async def _told(self, message: dict[str, Any]) -> None:
        kind = message.get("type")
        if kind == "screen":
            async with self._news:
                self.page = read_page(message)
                self._news.notify_all()
        elif kind == "shot" and (future := self._shots.get(str(message.get("id")))) and not future.done():
            future.set_result(base64.b64decode(message.get("png", "")))
        elif kind == "error":
            self.errors.append(str(message.get("message", "")))


def read_page(message: dict[str, Any]) -> Page:
    """A `screen` message as a `Page`; nested nodes are flattened in reading order."""
    nodes: list[Node] = []

    def walk(some: Any) -> None:
        for raw in some or ():
            nodes.append(
                Node(
                    raw.get("role", ""),
                    raw.get("name", ""),
                    raw.get("key", ""),
                    raw.get("value", ""),
                    bool(raw.get("enabled", True)),
                    bool(raw.get("focused", False)),
                )
            )
            walk(raw.get("children"))

    walk(message.get("tree"))
    return Page(
        int(message.get("seq", 0)),
        str(message.get("page", "")),
        str(message.get("title", "")),
        str(message.get("language", "")),
        str(message.get("text", "")),
        tuple(nodes),
        tuple(
            Filled(str(raw.get("key", "")), bool(raw.get("filled")), bool(raw.get("focused")), bool(raw.get("opens")))
            for raw in message.get("fields") or ()
        ),
    )
