"""An HTTP server that streams pictures as a network camera does, and every way in which such a camera fails.

What it shows is asked of a `Showing` at every tick; it draws nothing itself. Any number of lookers up to `MAX_LOOKERS`
see the same picture at the same time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Literal, Protocol
from urllib.parse import urlsplit

from drivers.camera.frames import MAX_REQUEST, FrameError, part, refusal, requested_path, stream_head

Greeting = Literal["stream", "refuse", "silent"]
MAX_LOOKERS = 8
_REQUEST_S = 5.0
_DRAIN_S = 5.0


class Showing(Protocol):
    """What the server asks of the model behind it."""

    @property
    def fps(self) -> float:
        """Ticks a second, more than 0."""
        ...

    def greeting(self) -> Greeting:
        """How a new looker is answered: with the stream, with 404, or not at all."""
        ...

    def pictures(self, now: float) -> Sequence[bytes]:
        """The JPEGs for this tick (damaged, if that is wanted); none to send nothing."""
        ...


class MjpegServer:
    """Serves `showing` at `address` (`http://host:port/path`; port 0 lets the system choose, once)."""

    def __init__(self, address: str, showing: Showing, tap: Callable[[str, bytes], None] | None = None) -> None:
        parts = urlsplit(address)
        if parts.scheme != "http" or not parts.hostname or not parts.path.startswith("/"):
            raise ValueError(f"camera address {address!r}: use http://host:port/path")
        self.host, self.port, self.path = parts.hostname, parts.port or 0, parts.path
        self.showing = showing
        self.tap = tap
        self._server: asyncio.Server | None = None
        self._lookers: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://{self.host}:{self.port}{self.path}"

    @property
    def plugged(self) -> bool:
        """True while it listens."""
        return self._server is not None

    @property
    def lookers(self) -> int:
        """Open connections."""
        return len(self._lookers)

    async def plug(self) -> None:
        """Listen."""
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, self.host, self.port, limit=MAX_REQUEST)
            self.port = self._server.sockets[0].getsockname()[1]

    async def unplug(self) -> None:
        """Stop listening and drop every looker."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
        tasks = list(self._lookers)
        self.drop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def drop(self) -> None:
        """Reset every open connection, as a camera does that restarts."""
        for writer in self._lookers.values():
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._lookers[task] = writer
        try:
            await self._answer(reader, writer)
        except (ConnectionError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass  # the looker went away, or is none
        except asyncio.CancelledError:
            pass  # unplugged; asyncio's own callback would report a cancelled server task as an error
        finally:
            self._lookers.pop(task, None)
            writer.close()
            with suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(_REQUEST_S):
            head = await reader.readuntil(b"\r\n\r\n")
        self._note("in", head)
        greeting = self.showing.greeting()
        if greeting == "silent":
            await reader.read()  # until the other side gives up
            return
        try:
            path = requested_path(head)
        except FrameError:
            await self._refuse(writer, 400, "Bad Request")
            return
        if greeting == "refuse" or path != self.path:
            await self._refuse(writer, 404, "Not Found")
        elif len(self._lookers) > MAX_LOOKERS:
            await self._refuse(writer, 503, "Service Unavailable")
        else:
            self._note("out", stream_head())
            writer.write(stream_head())
            await self._stream(writer)

    async def _stream(self, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        while not writer.is_closing():
            jpegs = self.showing.pictures(loop.time())
            if jpegs:
                writer.writelines(part(jpeg) for jpeg in jpegs)
                async with asyncio.timeout(_DRAIN_S):
                    await writer.drain()
            await asyncio.sleep(1 / self.showing.fps)

    async def _refuse(self, writer: asyncio.StreamWriter, status: int, reason: str) -> None:
        answer = refusal(status, reason)
        self._note("out", answer)
        writer.write(answer)
        async with asyncio.timeout(_DRAIN_S):
            await writer.drain()

    def _note(self, direction: str, data: bytes) -> None:
        if self.tap:
            self.tap(direction, data)
