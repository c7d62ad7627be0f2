"""A small HTTP/1.1 server for one simulated printer: POST of application/ipp, chunked bodies, Expect: 100-continue.

The handler may refuse to answer: returning None closes the connection as a printer does whose power was cut.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

MAX_HEAD = 16 * 1024
MAX_BODY = 64 << 20
MAX_CHUNK_LINE = 256
IDLE_S = 60.0
BODY_S = 60.0

Handler = Callable[[bytes], Awaitable[bytes | None]]


class _Refuse(Exception):
    """Answer with this HTTP status and close."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class IppHttpPort:
    """Listens on `host`:`port` (0: the system chooses, and `port` then says which); `path` is the printer.

    GET is answered with `page`, or with one of `pictures` (path -> PNG).
    """

    def __init__(
        self,
        host: str,
        port: int,
        path: str,
        handler: Handler,
        page: Callable[[], str],
        pictures: Mapping[str, Callable[[], bytes]] | None = None,
    ) -> None:
        self._pictures = pictures or {}
        self.host = host
        self.port = port
        self.path = path
        self._handler = handler
        self._page = page
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def plugged(self) -> bool:
        """True while the network cable is in."""
        return self._server is not None

    async def plug(self) -> None:
        """Listen."""
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, self.host, self.port, limit=MAX_HEAD)
            self.port = self._server.sockets[0].getsockname()[1]

    async def unplug(self) -> None:
        """Stop listening and drop every connection without a word."""
        self.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def close(self) -> None:
        """Stop listening at once and cut every connection."""
        if self._server is not None:
            server, self._server = self._server, None
            server.close()
            self.drop()

    def drop(self) -> None:
        """Cut every connection; the listener stays."""
        for writer in list(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            pass  # the client went away: nobody to answer
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            self._writers.discard(writer)
            self._tasks.discard(task)
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Serve one request; False when the connection is to end."""
        try:
            async with asyncio.timeout(IDLE_S):
                head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            return await self._plain(writer, 431, "Request Header Fields Too Large", "")
        try:
            method, headers = _parse_head(head)
            if method != "POST":
                if method == "GET" and (picture := self._pictures.get(_target(head))):
                    return await self._told(writer, 200, "OK", "image/png", picture())
                return await self._plain(writer, 200, "OK", "" if method == "HEAD" else self._page())
            self._must_be_ipp(head, headers)
            if "100-continue" in headers.get("expect", "").lower():
                writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            async with asyncio.timeout(BODY_S):
                body = await _read_body(reader, headers)
        except _Refuse as refusal:
            return await self._plain(writer, refusal.status, refusal.reason, "")
        answer = await self._handler(body)
        if answer is None:
            writer.transport.abort()
            return False
        keep = headers.get("connection", "").lower() != "close"
        writer.write(_head(200, "OK", "application/ipp", len(answer), keep) + answer)
        await writer.drain()
        return keep

    def _must_be_ipp(self, head: bytes, headers: dict[str, str]) -> None:
        if _target(head).rstrip("/") not in (self.path, ""):
            raise _Refuse(404, "Not Found")
        if headers.get("content-type", "").split(";")[0].strip() != "application/ipp":
            raise _Refuse(415, "Unsupported Media Type")

    async def _plain(self, writer: asyncio.StreamWriter, status: int, reason: str, text: str) -> bool:
        return await self._told(writer, status, reason, "text/plain; charset=utf-8", (text or reason).encode())

    async def _told(self, writer: asyncio.StreamWriter, status: int, reason: str, media_type: str, body: bytes) -> bool:
        writer.write(_head(status, reason, media_type, len(body), False) + body)
        with suppress(ConnectionError):
            await writer.drain()
        return False


def _target(head: bytes) -> str:
    """The path of the request line, without its query; the head has been parsed before."""
    return head.split(b" ", 2)[1].decode("latin-1").split("?")[0]


def _head(status: int, reason: str, media_type: str, length: int, keep: bool) -> bytes:
    lines = [
        f"HTTP/1.1 {status} {reason}",
        "Server: simulated-printer IPP/2.0",
        f"Content-Type: {media_type}",
        f"Content-Length: {length}",
        f"Connection: {'keep-alive' if keep else 'close'}",
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


def _parse_head(head: bytes) -> tuple[str, dict[str, str]]:
    """Method and headers (names in small letters)."""
    first, *rest = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    words = first.split(" ")
    headers = {}
    for line in rest:
        name, colon, value = line.partition(":")
        if not colon:
            raise _Refuse(400, "Bad Request")
        headers[name.strip().lower()] = value.strip()
    if len(words) != 3 or words[0] not in ("GET", "HEAD", "POST"):
        raise _Refuse(405, "Method Not Allowed")
    if not words[2].startswith("HTTP/1."):
        raise _Refuse(505, "HTTP Version Not Supported")
    return words[0], headers


async def _read_body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return await _read_chunks(reader)
    length = headers.get("content-length", "")
    if not length.isdecimal():
        raise _Refuse(411, "Length Required")
    if len(length) > 9 or int(length) > MAX_BODY:
        raise _Refuse(413, "Content Too Large")
    return await reader.readexactly(int(length))


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = bytearray()
    while True:
        size = int(_chunk_size(await reader.readuntil(b"\r\n")), 16)
        if size == 0:
            while (await reader.readuntil(b"\r\n")) != b"\r\n":
                pass  # trailers
            return bytes(body)
        if len(body) + size > MAX_BODY:
            raise _Refuse(413, "Content Too Large")
        body += await reader.readexactly(size)
        if await reader.readexactly(2) != b"\r\n":
            raise _Refuse(400, "Bad Request")


def _chunk_size(line: bytes) -> str:
    digits = line[:MAX_CHUNK_LINE].split(b";")[0].strip().decode("latin-1")
    if not 0 < len(digits) <= 8 or set(digits) - set("0123456789abcdefABCDEF"):
        raise _Refuse(400, "Bad Request")
    return digits
