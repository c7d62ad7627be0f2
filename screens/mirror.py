"""The live screen over a WebSocket, for the bench and for scripted visits: simulated profiles only, loopback only.

Server to client: `screen` (what the page says and what can be touched) after each new page was painted, `shot`, and
binary rectangles `>IHHHHB` (number, x, y, width, height, 0 = JPEG) + image. Client to server: `touch`, `press`,
`key`, `shot`, `refresh`, `ack`. At most `CREDIT` rectangles a client are unacknowledged; what changes meanwhile is
merged.

A thread of its own, with a loop of its own. The stage's thread only copies what it painted into a shadow, with the
camera picture and private blocks blanked; encoding happens here.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import io
import itertools
import json
import logging
import re
import struct
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs, urlsplit

import pygame
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Origin

from screens.key_commands import COMMANDS, is_digit
from screens.live import seconds_left
from screens.marks import Rect, merged
from screens.mirror_address import MirrorError, loopback
from screens.pointer import Phase
from screens.screen import Choice, Field
from screens.semantics import as_data, tree
from screens.text import as_text

if TYPE_CHECKING:
    from screens.screen import Screen
    from screens.sheet import Sheet
    from screens.stage import Stage

log = logging.getLogger(__name__)

CREDIT = 4
MAX_MESSAGE = 2048
MAX_CLIENTS = 8
FRAME_PAUSE_S = 0.04
STOP_S = 2.0
BLANK = (176, 188, 196)
PHASES = frozenset({"tap", "down", "move", "up"})
HEAD = struct.Struct(">IHHHHB")
ORIGINS = [None, re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?")]


class Client:
    """What one client still has to be told."""

    def __init__(self, socket: ServerConnection, whole: Rect) -> None:
        self.socket = socket
        self.region: list[Rect] = [whole]
        self.page_due = True
        self.unacknowledged: set[int] = set()
        self.wake = asyncio.Event()
        self.wake.set()


class Mirror:
    """Serves `host:port` until `stop`. `port` is the real one once `ready` is set (port 0 picks a free one)."""

    def __init__(self, stage: Stage, address: str, token: str) -> None:
        self.host, self._port = loopback(address)
        self.stage = stage
        self.port = 0
        self.ready = threading.Event()
        self._token = token
        self._lock = threading.Lock()
        self._shadow = pygame.Surface(stage.panel.size, 0, 32)
        self._page: tuple[int, Screen, Sheet] | None = None
        self._told = -1
        self._clients: set[Client] = set()
        self._frames = itertools.count(1)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="mirror", daemon=True)

    # From the stage's thread

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; waits at most `STOP_S`."""
        loop, end = self._loop, self._end
        if loop is not None and end is not None:
            with suppress(RuntimeError):  # the loop has ended by itself
                loop.call_soon_threadsafe(end.set)
        self._thread.join(STOP_S)

    def behind(self, seq: int) -> bool:
        """Whether page number `seq` has not been told yet."""
        return seq != self._told

    def painted(self, seq: int, screen: Screen, sheet: Sheet, surface: pygame.Surface, rects: list[Rect]) -> None:
        """Copy what was painted (the first time, everything); private places are blanked here, at the source."""
        if self._told < 0:
            rects = [self.stage.whole]
        with self._lock:
            for rect in rects:
                self._shadow.blit(surface, rect[:2], rect)
                for private in sheet.private:
                    if private.touches(rect):
                        self._shadow.fill(BLANK, private.within(rect))
            self._page = (seq, screen, sheet)
        new_page, self._told = seq != self._told, seq
        loop = self._loop
        if loop is not None and (rects or new_page):
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(self._news, list(rects), new_page)

    # The mirror's thread

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except OSError:
            log.exception("the mirror cannot listen on %s:%d", self.host, self._port)
        finally:
            self.ready.set()

    async def _serve(self) -> None:
        self._loop, self._end = asyncio.get_running_loop(), asyncio.Event()
        async with serve(
            self._client,
            self.host,
            self._port,
            process_request=self._admit,
            origins=cast("list[Origin | re.Pattern[str] | None]", ORIGINS),
            max_size=MAX_MESSAGE,
            compression=None,
            close_timeout=1,
        ) as server:
            self.port = _port_of(server)
            self.ready.set()
            await self._end.wait()

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        given = parse_qs(urlsplit(request.path).query).get("token", [""])[0]
        if not hmac.compare_digest(given.encode(), self._token.encode()):
            return _refusal(401, "Unauthorized", "the mirror's token is missing or wrong\n")
        if len(self._clients) >= MAX_CLIENTS:
            return _refusal(503, "Service Unavailable", f"the mirror already has {MAX_CLIENTS} clients\n")
        return None

    def _news(self, rects: list[Rect], new_page: bool) -> None:
        for client in self._clients:
            client.region = merged([*client.region, *rects])
            client.page_due |= new_page
            client.wake.set()

    async def _client(self, socket: ServerConnection) -> None:
        client = Client(socket, self.stage.whole)
        self._clients.add(client)
        sender = asyncio.create_task(self._send(client))
        try:
            async for message in socket:
                answer = self._hear(client, message)
                if answer is not None:
                    await socket.send(answer)
        except ConnectionClosed:
            log.debug("a mirror client went away")
        finally:
            self._clients.discard(client)
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)

    async def _send(self, client: Client) -> None:
        """Tell pages at once, rectangles as credit allows."""
        while True:
            await client.wake.wait()
            client.wake.clear()
            if client.page_due and (page := self.page_message()) is not None:
                client.page_due = False
                await client.socket.send(page)
            while client.region and len(client.unacknowledged) < CREDIT and self._page is not None:
                rect = client.region.pop(0)
                number = next(self._frames)
                client.unacknowledged.add(number)
                await client.socket.send(HEAD.pack(number, *rect, 0) + self._picture(rect, "frame.jpg"))
            await asyncio.sleep(FRAME_PAUSE_S if not client.page_due else 0)

    def _picture(self, rect: Rect, name: str) -> bytes:
        with self._lock:
            part = self._shadow.subsurface(rect).copy()
        out = io.BytesIO()
        pygame.image.save(part, out, name)
        return out.getvalue()

    def page_message(self) -> str | None:
        """The page at hand as a `screen` message; None before the first paint."""
        with self._lock:
            page = self._page
        if page is None:
            return None
        seq, screen, sheet = page
        countdown = screen.countdown
        root = tree(screen, sheet)
        focus, narrator = self.stage.keys.node, self.stage.keys.narrator
        left = None if countdown is None else float(seconds_left(countdown, self.stage.clock()))
        message = {
            "type": "screen",
            "seq": seq,
            "page": screen.page,
            "panel": list(sheet.size),
            "title": screen.title,
            "language": screen.language,
            "mode": screen.mode,
            "prompt": screen.prompt,
            "text": as_text(screen),
            "countdown_s": left,
            "turn": sheet.turn,
            "turns": sheet.turns,
            "focus": list(focus.rect) if focus is not None else None,
            "voice": screen.voice,
            "said": list(narrator.loud) if narrator is not None else [],
            "fields": _fields(screen),
            "tree": [as_data(node) for node in root.children],
        }
        return json.dumps(message, ensure_ascii=False)

    # What clients ask

    def _hear(self, client: Client, message: str | bytes) -> str | None:
        try:
            return self._do(client, _parsed(message))
        except MirrorError as error:
            return json.dumps({"type": "error", "message": str(error)}, ensure_ascii=False)

    def _do(self, client: Client, order: Mapping[str, Any]) -> str | None:
        match order.get("type"):
            case "touch":
                self._touch(order)
            case "press":
                self._press(order)
            case "key":
                self._key(order)
            case "shot":
                png = base64.b64encode(self._picture(self.stage.whole, "shot.png")).decode("ascii")
                return json.dumps({"type": "shot", "id": str(order.get("id", ""))[:64], "png": png})
            case "refresh":
                client.region, client.page_due = [self.stage.whole], True
                client.unacknowledged.clear()
                client.wake.set()
            case "ack":
                number = _whole(order, "seq", 0, 0xFFFFFFFF)
                client.unacknowledged = {n for n in client.unacknowledged if n > number}
                client.wake.set()
            case kind:
                raise MirrorError(f"{str(kind)[:40]!r} is not touch, press, key, shot, refresh or ack")
        return None

    def _touch(self, order: Mapping[str, Any]) -> None:
        wide, high = self.stage.panel.size
        x, y = _whole(order, "x", 0, wide - 1), _whole(order, "y", 0, high - 1)
        phase = order.get("phase", "tap")
        if phase not in PHASES:
            raise MirrorError(f"phase {str(phase)[:20]!r} is not tap, down, move or up")
        self.stage.touch(x, y, cast("Phase", phase))

    def _key(self, order: Mapping[str, Any]) -> None:
        pressed = order.get("key")
        if not isinstance(pressed, str) or not (pressed in COMMANDS or is_digit(pressed)):
            raise MirrorError(f"key is one of {', '.join(sorted(COMMANDS))}, or a digit")
        self.stage.key(pressed)

    def _press(self, order: Mapping[str, Any]) -> None:
        key, value = order.get("key"), order.get("value", "")
        if not isinstance(key, str) or not isinstance(value, str):
            raise MirrorError("press needs key, and may have value, both words")
        sheet = self.stage.sheet
        target = sheet.find(key, value) if sheet is not None else None
        if target is None:
            page = self.stage.screen.page if self.stage.screen else "none"
            turns = f" (turn {sheet.turn + 1} of {sheet.turns})" if sheet and sheet.turns > 1 else ""
            wanted = f"{key[:40]}={value[:40]}" if value else key[:40]
            raise MirrorError(f"nothing enabled on page {page}{turns} replies {wanted}")
        self.stage.press(target)


def _fields(screen: Screen) -> list[dict[str, Any]]:
    """Every field and choice: its key, whether it is filled (never with what), in focus, opens a page of its own."""
    found: list[dict[str, Any]] = []
    for block in screen.blocks:
        if isinstance(block, Field):
            found.append(
                {"key": block.key, "filled": bool(block.value), "focused": block.focused, "opens": block.opens}
            )
        elif isinstance(block, Choice):
            found.append({"key": block.key, "filled": bool(block.selected), "focused": block.focused, "opens": False})
    return found


def _parsed(message: str | bytes) -> Mapping[str, Any]:
    try:
        order = json.loads(message)
    except ValueError:
        order = None
    if not isinstance(order, dict):
        raise MirrorError("a message must be a JSON object")
    return order


def _whole(order: Mapping[str, Any], name: str, low: int, high: int) -> int:
    value = order.get(name)
    if type(value) is not int or not low <= value <= high:
        raise MirrorError(f"{name} must be a whole number from {low} to {high}")
    return value


def _refusal(status: int, reason: str, body: str) -> Response:
    headers = Headers({"Content-Type": "text/plain; charset=utf-8", "Content-Length": str(len(body.encode()))})
    return Response(status, reason, headers, body.encode())


def _port_of(server: Server) -> int:
    port: int = next(iter(server.sockets)).getsockname()[1]
    return port
