"""TCP links: `tcp://host:port?connect=3` (seconds to wait for the connection)."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from urllib.parse import parse_qsl, urlsplit

from drivers.errors import LinkLost, LinkRefused
from drivers.link import MAX_READ


class TcpLink:
    """A TCP byte stream with keep-alive and no Nagle delay."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if not parts.hostname or parts.port is None:
            raise ValueError(f"link {url!r}: a TCP link needs host and port, tcp://192.0.2.7:20007")
        options = dict(parse_qsl(parts.query))
        self.url = url
        self.host, self.port = parts.hostname, parts.port
        self.connect_s = float(options.pop("connect", "3"))
        if options:
            raise ValueError(f"link {url!r}: unknown options {sorted(options)}; TCP knows only connect=SECONDS")
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    @property
    def is_open(self) -> bool:
        """True from a successful open until close or loss."""
        return self._writer is not None and not self._writer.is_closing()

    async def open(self) -> None:
        """Connect; raises `LinkRefused` when nobody listens or nobody answers in time."""
        if self.is_open:
            return
        try:
            async with asyncio.timeout(self.connect_s):
                self._reader, self._writer = await asyncio.open_connection(self.host, self.port)
        except TimeoutError:
            raise LinkRefused(
                f"{self.url}: no connection within {self.connect_s:g} s; check cable and address"
            ) from None
        except OSError as error:
            raise LinkRefused(f"{self.url}: {error.strerror or error}; check cable, address and port") from error
        sock: socket.socket = self._writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    async def read(self, limit: int = MAX_READ) -> bytes:
        """Wait for at least one byte. Raises `LinkLost`."""
        if self._reader is None:
            raise LinkLost(f"{self.url}: not open")
        try:
            data = await self._reader.read(limit)
        except OSError as error:
            raise LinkLost(f"{self.url}: {error.strerror or error}") from error
        if not data:
            raise LinkLost(f"{self.url}: the other end closed the connection")
        return data

    async def write(self, data: bytes) -> None:
        """Hand over all of `data`. Raises `LinkLost`."""
        if self._writer is None or self._writer.is_closing():
            raise LinkLost(f"{self.url}: not open")
        try:
            self._writer.write(data)
            await self._writer.drain()
        except OSError as error:
            raise LinkLost(f"{self.url}: {error.strerror or error}") from error

    def drain_input(self) -> bytes:
        """Take what has already arrived."""
        if self._reader is None:
            return b""
        buffer: bytearray = self._reader._buffer  # type: ignore[attr-defined]  # asyncio has no public way to read without waiting
        data = bytes(buffer)
        buffer.clear()
        return data

    async def pause(self, seconds: float) -> None:
        """Wait; pieces are put together beneath us."""
        await asyncio.sleep(seconds)

    async def close(self) -> None:
        """Close; never raises."""
        writer, self._reader, self._writer = self._writer, None, None
        if writer is not None:
            writer.close()
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(1):
                    await writer.wait_closed()
