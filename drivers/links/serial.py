"""Serial links through pyserial, read by the loop itself (no thread a port).

`serial:///dev/ttyUSB0?baud=115200&bytesize=8&parity=N&stopbits=1&rtscts=0&xonxoff=0&exclusive=1`
"""

from __future__ import annotations

import asyncio
import errno
import os
from contextlib import suppress
from urllib.parse import parse_qsl, urlsplit

import serial

from drivers.errors import LinkError, LinkLost, PortBusy, PortDenied, PortMissing
from drivers.link import MAX_READ
from drivers.links.holder import holder_of

MAX_BUFFERED = 1 << 20
_DEFAULTS = {
    "baud": "115200",
    "bytesize": "8",
    "parity": "N",
    "stopbits": "1",
    "rtscts": "0",
    "xonxoff": "0",
    "exclusive": "1",
}
_BY_ERRNO: dict[int, type[LinkError]] = {
    errno.ENOENT: PortMissing,
    errno.ENODEV: PortMissing,
    errno.ENXIO: PortMissing,
    errno.EACCES: PortDenied,
    errno.EPERM: PortDenied,
    errno.EBUSY: PortBusy,
    errno.EAGAIN: PortBusy,
}


def _sentence(kind: type[LinkError], path: str, number: int | None, error: Exception) -> str:
    """What is wrong, and what to do about it."""
    if kind is PortMissing:
        return "no such port; is the device plugged in, and the cable whole?"
    if kind is PortBusy:
        holder = holder_of(path) or "a program that cannot be seen from here"
        return f"held by {holder}; end it, or give this device another port"
    if kind is PortDenied:
        return "not allowed; add the terminal's user to the group of the port (usually dialout)"
    return os.strerror(number) if number else str(error)


class SerialLink:
    """A serial port. DSR and DTR are left alone: adapters that never raise DSR must not block us."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        options = {**_DEFAULTS, **dict(parse_qsl(parts.query))}
        if unknown := sorted(set(options) - set(_DEFAULTS)):
            raise ValueError(f"link {url!r}: unknown options {unknown}; serial knows {sorted(_DEFAULTS)}")
        if not parts.path:
            raise ValueError(f"link {url!r}: a serial link needs a path, serial:///dev/ttyUSB0")
        self.url = url
        self.path = parts.path
        self.options = options
        self._port: serial.Serial | None = None
        self._buffer = bytearray()
        self._arrived = asyncio.Event()
        self._lost: str = ""

    @property
    def is_open(self) -> bool:
        """True from a successful open until close or loss."""
        return self._port is not None and not self._lost

    async def open(self) -> None:
        """Open the port; raises `PortMissing`, `PortBusy`, `PortDenied` or `LinkError`."""
        if self.is_open:
            return
        await self.close()
        o = self.options
        try:
            port = serial.Serial(
                self.path,
                baudrate=int(o["baud"]),
                bytesize=int(o["bytesize"]),
                parity=o["parity"],
                stopbits=float(o["stopbits"]),
                rtscts=o["rtscts"] == "1",
                xonxoff=o["xonxoff"] == "1",
                exclusive=True if o["exclusive"] == "1" else None,
                timeout=0,
                write_timeout=0,
            )
        except serial.SerialException as error:
            number = error.errno or getattr(error.__cause__ or error.__context__, "errno", None)
            kind = _BY_ERRNO.get(number or 0, LinkError)
            raise kind(f"{self.path}: {_sentence(kind, self.path, number, error)}") from error
        os.set_blocking(port.fileno(), False)
        self._port, self._lost = port, ""
        self._buffer.clear()
        self._arrived.clear()
        asyncio.get_running_loop().add_reader(port.fileno(), self._readable)

    def set_baud(self, baud: int) -> None:
        """Change the speed of the open port (the ID-card reader keeps its speed over power-off: probing needs this)."""
        self.options = {**self.options, "baud": str(baud)}
        if self._port is not None:
            self._port.baudrate = baud

    def _readable(self) -> None:
        assert self._port is not None
        try:
            data = os.read(self._port.fileno(), MAX_READ)
        except BlockingIOError:
            return
        except OSError as error:
            self._fail(error.strerror or str(error))
            return
        if not data:
            self._fail("the port was unplugged")
            return
        if len(self._buffer) + len(data) > MAX_BUFFERED:
            self._fail(f"more than {MAX_BUFFERED} bytes unread")
            return
        self._buffer += data
        self._arrived.set()

    def _fail(self, why: str) -> None:
        if self._port is not None and not self._lost:
            asyncio.get_running_loop().remove_reader(self._port.fileno())
        self._lost = why
        self._arrived.set()

    async def read(self, limit: int = MAX_READ) -> bytes:
        """Wait for at least one byte. Raises `LinkLost`."""
        if self._port is None:
            raise LinkLost(f"{self.path}: not open")
        await self._arrived.wait()
        if self._buffer:
            data = bytes(self._buffer[:limit])
            del self._buffer[:limit]
            if not self._buffer and not self._lost:
                self._arrived.clear()
            return data
        raise LinkLost(f"{self.path}: {self._lost}")

    async def write(self, data: bytes) -> None:
        """Hand all of `data` to the port, as fast as it takes it. Raises `LinkLost`."""
        view = memoryview(data)
        while view:
            if self._port is None or self._lost:
                raise LinkLost(f"{self.path}: {self._lost or 'not open'}")
            try:
                view = view[os.write(self._port.fileno(), view) :]
            except BlockingIOError:
                await self._writable()
            except OSError as error:
                self._fail(error.strerror or str(error))
                raise LinkLost(f"{self.path}: {error.strerror or error}") from error

    async def _writable(self) -> None:
        assert self._port is not None
        loop = asyncio.get_running_loop()
        ready = asyncio.Event()
        fd = self._port.fileno()
        loop.add_writer(fd, ready.set)
        try:
            await ready.wait()
        finally:
            loop.remove_writer(fd)

    def drain_input(self) -> bytes:
        """Take what has already arrived."""
        data = bytes(self._buffer)
        self._buffer.clear()
        if not self._lost:
            self._arrived.clear()
        return data

    async def pause(self, seconds: float) -> None:
        """Wait; a port gives what arrives in pieces of a few bytes, each of which would wake the loop."""
        port = self._port
        if port is None or self._lost:
            return
        loop = asyncio.get_running_loop()
        loop.remove_reader(port.fileno())
        try:
            await asyncio.sleep(seconds)
        finally:
            if self._port is port and not self._lost:
                loop.add_reader(port.fileno(), self._readable)
                with suppress(OSError):  # an unplugged port is found by the loop
                    if port.in_waiting:  # a read of none would look like an unplugged port
                        self._readable()

    async def close(self) -> None:
        """Close; never raises."""
        port, self._port = self._port, None
        if port is not None:
            if not self._lost:
                with suppress(OSError, ValueError, serial.SerialException):
                    asyncio.get_running_loop().remove_reader(port.fileno())
            with suppress(OSError, serial.SerialException):
                port.close()
        self._lost = ""
        self._buffer.clear()
        self._arrived.clear()
