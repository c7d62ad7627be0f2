"""Both ends of a wire in one process: for tests and for the simulator under virtual time."""

from __future__ import annotations

import asyncio
from typing import ClassVar
from urllib.parse import urlsplit

from drivers.errors import LinkLost, LinkRefused, PortBusy
from drivers.link import MAX_READ

MAX_BUFFERED = 1 << 22


class _Pipe:
    """One direction: a bounded buffer with one reader."""

    def __init__(self) -> None:
        self.buffer = bytearray()
        self.arrived = asyncio.Event()
        self.broken = False

    def feed(self, data: bytes) -> None:
        if not data:
            return
        if len(self.buffer) + len(data) > MAX_BUFFERED:
            raise LinkLost(f"memory link: more than {MAX_BUFFERED} bytes unread; the reader stands still")
        self.buffer += data
        self.arrived.set()

    def cut(self) -> None:
        self.broken = True
        self.arrived.set()

    def take(self, limit: int) -> bytes:
        data = bytes(self.buffer[:limit])
        del self.buffer[:limit]
        if not self.buffer and not self.broken:
            self.arrived.clear()
        return data

    async def read(self, limit: int) -> bytes:
        await self.arrived.wait()
        if self.buffer:
            return self.take(limit)
        raise LinkLost("memory link: the other end closed")


class MemoryPort:
    """The device's side of `memory://name`. It exists while plugged in; each opening makes a fresh pair of pipes."""

    ports: ClassVar[dict[str, MemoryPort]] = {}

    def __init__(self, name: str) -> None:
        if name in self.ports:
            raise PortBusy(f"memory://{name}: a device is already plugged in there")
        self.name = name
        self.to_device = _Pipe()
        self.to_host = _Pipe()
        self.in_use = False
        self.opened = asyncio.Event()
        self.ports[name] = self

    async def read(self, limit: int = MAX_READ) -> bytes:
        """Bytes from the host; waits for at least one. Raises `LinkLost` when the host closed."""
        await self.opened.wait()
        return await self.to_device.read(limit)

    def write(self, data: bytes) -> None:
        """Bytes to the host; dropped like light in a cut fibre when nobody has the port open."""
        if self.in_use:
            self.to_host.feed(data)

    def hang_up(self) -> None:
        """Close the connection from the device's side; the port can be opened again."""
        self.to_host.cut()
        self.to_device.cut()
        self.in_use = False
        self.opened.clear()

    def unplug(self) -> None:
        """Take the device away: an open link is lost, opening fails until a new port of that name exists."""
        self.hang_up()
        self.ports.pop(self.name, None)


class MemoryLink:
    """The host's side of `memory://name`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.name = urlsplit(url).netloc
        self._port: MemoryPort | None = None
        self._in: _Pipe | None = None
        self._out: _Pipe | None = None

    @property
    def is_open(self) -> bool:
        """True from a successful open until close or loss."""
        return self._in is not None and not self._in.broken

    async def open(self) -> None:
        """Open; raises `LinkRefused` when no device is plugged in, `PortBusy` when another link has it."""
        if self.is_open:
            return
        port = MemoryPort.ports.get(self.name)
        if port is None:
            raise LinkRefused(f"{self.url}: no device is plugged in there")
        if port.in_use:
            raise PortBusy(f"{self.url}: another link has it open")
        port.to_device, port.to_host = _Pipe(), _Pipe()
        port.in_use = True
        self._port, self._in, self._out = port, port.to_host, port.to_device
        port.opened.set()

    async def read(self, limit: int = MAX_READ) -> bytes:
        """Wait for at least one byte. Raises `LinkLost`."""
        if self._in is None:
            raise LinkLost(f"{self.url}: not open")
        return await self._in.read(limit)

    async def write(self, data: bytes) -> None:
        """Hand over all of `data`. Raises `LinkLost`."""
        if self._out is None or self._out.broken:
            raise LinkLost(f"{self.url}: the other end closed")
        self._out.feed(data)

    def drain_input(self) -> bytes:
        """Take what has already arrived."""
        return self._in.take(MAX_BUFFERED) if self._in is not None and self._in.buffer else b""

    async def pause(self, seconds: float) -> None:
        """Wait; pieces are put together beneath us."""
        await asyncio.sleep(seconds)

    async def close(self) -> None:
        """Close; the device sees the end of the stream."""
        if self._out is not None:
            self._out.cut()
        if self._in is not None:
            self._in.cut()
        port = self._port
        if port is not None and port.to_host is self._in:
            port.in_use = False
            port.opened.clear()
        self._port = self._in = self._out = None
