"""The cable between terminal and platform: a TCP relay that can be unplugged, slowed, cut in mid-answer; seen in words.

Only first lines of HTTP messages are noted: no header (they carry the token), no body (they carry persons).
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import Any
from urllib.parse import urlsplit

from simulator.device import SimDevice, UnknownVerb

MAX_HEAD = 64 * 1024
MAX_READ = 64 * 1024
OPEN_S = 3.0


class Messages:
    """Finds the first line of each HTTP/1.1 message in one direction of a connection. Pure."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._body = 0
        self._lost = False

    def feed(self, data: bytes) -> list[tuple[str, int]]:
        """(first line, octets of body) of every head that ended in `data`; gives up on what is no plain HTTP/1.1."""
        found: list[tuple[str, int]] = []
        while data and not self._lost:
            if self._body:
                skipped = min(self._body, len(data))
                self._body -= skipped
                data = data[skipped:]
                continue
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                self._lost = len(self._head) > MAX_HEAD
                break
            head, data = bytes(self._head[:end]), bytes(self._head[end + 4 :])
            self._head.clear()
            line, _, headers = head.partition(b"\r\n")
            length = _length(headers)
            found.append((line.decode("latin-1")[:200], length or 0))
            self._lost = length is None
            self._body = length or 0
        return found


def _length(headers: bytes) -> int | None:
    """The body's length; None when it cannot be known from Content-Length."""
    length = 0
    for line in headers.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"transfer-encoding":
            return None
        if name.strip().lower() == b"content-length":
            if not value.strip().isdigit():
                return None
            length = int(value)
    return length


class Network(SimDevice):
    """Listens where the terminal looks for the platform and passes everything on to `upstream` (http://host:port)."""

    family = "network"
    verbs = {  # noqa: RUF012 - a constant table of the class
        "slow": "every answer comes later: seconds (default 2)",
        "half": "answers stop in their middle and the line is cut",
        "lose": "requests arrive, answers do not: the line is cut instead",
        "restore": "the line is well again",
    }

    def __init__(self, upstream: str, host: str = "127.0.0.1", port: int = 0) -> None:
        super().__init__()
        parts = urlsplit(upstream)
        self._upstream = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._host, self._port = host, port
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.Task[None]] = set()
        self.fault = ""
        self.slow_s = 0.0

    @property
    def link(self) -> str:
        """`http://host:port`, as the terminal's `platform.url` needs it."""
        return f"http://{self._host}:{self._port}"

    async def plug(self) -> None:
        """Listen; the port stays the same over every unplugging."""
        if self._server is None:
            self._server = await asyncio.start_server(self._connected, self._host, self._port)
            self._port = self._server.sockets[0].getsockname()[1]
            self.changed()

    async def unplug(self) -> None:
        """Nobody is there any more: connections are refused, open ones are lost."""
        server, self._server = self._server, None
        if server:
            server.close()
        for task in list(self._lines):
            task.cancel()
        await asyncio.gather(*self._lines, return_exceptions=True)
        self.changed()

    def state(self) -> dict[str, Any]:
        """Plugged or not, what is wrong, how many connections are open."""
        plugged = self._server is not None
        words = {"": "online", "slow": f"slow, {self.slow_s:g} s", "half": "half answers", "lose": "answers are lost"}
        return {
            "plugged": plugged,
            "words": words[self.fault] if plugged else "cable out",
            "fault": self.fault,
            "slow_s": self.slow_s,
            "connections": len(self._lines),
        }

    def do(self, verb: str, **args: Any) -> Any:
        """Damage or mend the line. Raises `UnknownVerb`, `ValueError`."""
        if verb not in self.verbs:
            raise UnknownVerb(f"network: no verb {verb!r}; there are {', '.join(self.verbs)}")
        seconds = float(args.get("seconds", 2.0))
        if not 0 < seconds <= 120:
            raise ValueError("network slow: seconds is more than 0, at most 120")
        self.fault = "" if verb == "restore" else verb
        self.slow_s = seconds if verb == "slow" else 0.0
        self.changed()

    def decode(self, direction: str, data: bytes) -> str:
        """What `_note` already said in words."""
        return data.decode("latin-1")

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._lines.add(task)
        try:
            await self._relay(reader, writer)
        except (OSError, TimeoutError, asyncio.CancelledError):
            pass  # either side has gone: so has the line
        finally:
            self._lines.discard(task)
            writer.transport.abort()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(OPEN_S):
            far_reader, far_writer = await asyncio.open_connection(*self._upstream)
        asked: deque[float] = deque(maxlen=16)
        ways = {
            asyncio.create_task(self._forward(reader, far_writer, asked)),
            asyncio.create_task(self._back(far_reader, writer, asked)),
        }
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            far_writer.transport.abort()

    async def _forward(self, reader: asyncio.StreamReader, far: asyncio.StreamWriter, asked: deque[float]) -> None:
        messages = Messages()
        while data := await reader.read(MAX_READ):
            for line, length in messages.feed(data):
                asked.append(time.monotonic())
                self._note("in", line.removesuffix(" HTTP/1.1"), length, "")
            far.write(data)
            await far.drain()

    async def _back(self, far: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: deque[float]) -> None:
        messages = Messages()
        while data := await far.read(MAX_READ):
            if self.slow_s:
                await asyncio.sleep(self.slow_s)
            for line, length in messages.feed(data):
                took = f", {(time.monotonic() - asked.popleft()) * 1000:.0f} ms" if asked else ""
                self._note("out", line.removeprefix("HTTP/1.1 "), length, took)
            if self.fault == "lose":
                return
            if self.fault == "half":
                await self._half(data, far, writer)
                return
            writer.write(data)
            await writer.drain()

    @staticmethod
    async def _half(data: bytes, far: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """The head and half of the body pass; then the line is cut."""
        while (end := data.find(b"\r\n\r\n")) < 0 and len(data) < MAX_HEAD:
            data += await far.read(MAX_READ) or b"\r\n\r\n"
        whole = end + 4 + (_length(data[:end]) or 0)
        while len(data) < whole and (more := await far.read(MAX_READ)):
            data += more
        writer.write(data[: end + 4 + (whole - end - 4) // 2])
        await writer.drain()

    def _note(self, direction: str, line: str, length: int, took: str) -> None:
        self.tap(direction, f"{line}{took}{f', {length} bytes' if length else ''}".encode("latin-1", "replace"))
