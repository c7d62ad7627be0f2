"""Joins a `DeviceEnd` to a real port: a pty under a stable path, a TCP port, or a memory link.

What crosses can be watched (`tap`) and damaged (`bend`): the fault plan lives there, not in the device.
"""

from __future__ import annotations

import asyncio
import os
import termios
import tty
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from simulator.ports.pacing import PacedLine, line_speed
from simulator.wire.endpoint import DeviceEnd

Tap = Callable[[str, bytes], None]
Bend = Callable[[str, bytes], bytes]
MAX_READ = 65536


class Joint:
    """Feeds one `DeviceEnd` from one open line and writes what it answers. `touch()` wakes it after a person acted."""

    def __init__(self, end: DeviceEnd, write: Callable[[bytes], None], tap: Tap | None, bend: Bend | None) -> None:
        self.end = end
        self._write = write
        self._tap = tap
        self._bend = bend
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self.hang_up: Callable[[], object] | None = None
        self._send(end.connected(self._loop.time()))

    def receive(self, data: bytes) -> None:
        """Bytes came from the host."""
        if self._bend:
            data = self._bend("in", data)
        if not data:
            return
        if self._tap:
            self._tap("in", data)
        self._send(self.end.receive(self._loop.time(), data))

    def touch(self) -> None:
        """Something happened at the device, or its time has come: let it speak, or hang up."""
        self._send(self.end.wake(self._loop.time()))
        if self.hang_up and self.end.hang_up:
            self.hang_up()

    def close(self) -> None:
        """The line is gone; an end that minds has `disconnected(now)`."""
        if self._timer:
            self._timer.cancel()
        minds = getattr(self.end, "disconnected", None)
        if minds:
            minds(self._loop.time())

    def _send(self, data: bytes) -> None:
        if data and self._tap:
            self._tap("out", data)
        if data and self._bend:
            data = self._bend("out", data)
        if data:
            self._write(data)
        if self._timer:
            self._timer.cancel()
            self._timer = None
        at = self.end.wake_at
        if at is not None:
            self._timer = self._loop.call_at(max(at, self._loop.time()), self.touch)


class Port:
    """One simulated device at one address. `plugged` is false while someone holds the plug in the hand."""

    def __init__(self, end: DeviceEnd, address: str, tap: Tap | None = None, bend: Bend | None = None) -> None:
        self.end = end
        self.address = address
        self.tap = tap
        self.bend = bend
        self.joint: Joint | None = None
        self.plugged = False

    async def plug(self) -> None:
        """Make the port exist."""
        raise NotImplementedError

    async def unplug(self) -> None:
        """Make the port vanish; an open line is lost."""
        raise NotImplementedError

    def touch(self) -> None:
        """A person acted on the device: let it speak now."""
        if self.joint:
            self.joint.touch()


class PtyPort(Port):
    """A pseudo terminal under a stable path (a symbolic link), as a USB serial adapter would appear under /dev.

    With `baud` above 0 bytes leave at that speed (10 bits each), and a host that set another speed hears and says
    only noise. 0 is a line without a speed. `baud` may change while plugged.
    """

    def __init__(
        self, end: DeviceEnd, address: str, tap: Tap | None = None, bend: Bend | None = None, baud: int = 0
    ) -> None:
        super().__init__(end, address, tap, bend)
        self.path = Path(address)
        self.baud = baud
        self._master = self._slave = -1
        self._line: PacedLine | None = None

    async def plug(self) -> None:
        """Open the pty and link the path to it. Our own hold on the other side keeps it alive between openings."""
        if self.plugged:
            return
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave, termios.TCSANOW)
        os.set_blocking(self._master, False)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(os.ttyname(self._slave))
        self.plugged = True
        master = self._master
        self._line = PacedLine(lambda data, baud: _write_all(master, self._heard(data, baud)))
        self.joint = Joint(self.end, self._write, self.tap, self.bend)
        self.joint.hang_up = lambda: asyncio.get_running_loop().create_task(self._replug())
        asyncio.get_running_loop().add_reader(master, self._readable)

    def _readable(self) -> None:
        try:
            data = os.read(self._master, MAX_READ)
        except (BlockingIOError, OSError):
            return
        if data and self.joint:
            self.joint.receive(self._heard(data, self.baud))
            if self.end.hang_up:
                asyncio.get_running_loop().create_task(self._replug())

    def _write(self, data: bytes) -> None:
        if self._line:
            self._line.write(data, self.baud)

    def _heard(self, data: bytes, baud: int) -> bytes:
        """What arrives of `data`: zeros, as a receiver at the wrong speed mostly sees, unless both speeds agree."""
        host = line_speed(self._slave) if baud else 0
        return data if host in (0, baud) else bytes(len(data))

    async def _replug(self) -> None:
        await self.unplug()
        await self.plug()

    async def unplug(self) -> None:
        """Close both sides: the host sees the end of the line."""
        if not self.plugged:
            return
        self.plugged = False
        asyncio.get_running_loop().remove_reader(self._master)
        if self.joint:
            self.joint.close()
            self.joint = None
        if self._line:
            self._line.close()
            self._line = None
        self.path.unlink(missing_ok=True)
        for fd in (self._master, self._slave):
            os.close(fd)


class TcpPort(Port):
    """A TCP listener; one host at a time, the newest wins (a terminal that restarts must not be locked out)."""

    def __init__(self, end: DeviceEnd, address: str, tap: Tap | None = None, bend: Bend | None = None) -> None:
        super().__init__(end, address, tap, bend)
        parts = urlsplit(address)
        self.host, self.port = parts.hostname or "127.0.0.1", parts.port or 0
        self._server: asyncio.Server | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def plug(self) -> None:
        """Listen. With port 0 the system chooses one; `address` then says which."""
        if self.plugged:
            return
        self._server = await asyncio.start_server(self._serve, self.host, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        self.address = f"tcp://{self.host}:{self.port}"
        self.plugged = True

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._writer:
            self._writer.close()
        self._writer = writer
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        joint = self.joint = Joint(self.end, lambda data: self._write(writer, data), self.tap, self.bend)
        joint.hang_up = writer.transport.abort
        try:
            while data := await reader.read(MAX_READ):
                joint.receive(data)
                if self.end.hang_up:
                    break
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            joint.close()
            if self.joint is joint:
                self.joint = None
                self._writer = None
            writer.close()

    def _write(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        if not writer.is_closing():
            writer.write(data)

    async def unplug(self) -> None:
        """Stop listening and drop the host."""
        if not self.plugged:
            return
        self.plugged = False
        if self._server:
            self._server.close()
        if self._writer:
            self._writer.transport.abort()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class MemoryWire(Port):
    """The device's side of `memory://name`, for tests under virtual time."""

    def __init__(self, end: DeviceEnd, port: object, tap: Tap | None = None, bend: Bend | None = None) -> None:
        super().__init__(end, "memory://", tap, bend)
        self._port = port
        self._task: asyncio.Task[None] | None = None

    async def plug(self) -> None:
        """Start serving the memory port that was handed in."""
        self.plugged = True
        self._task = asyncio.get_running_loop().create_task(self._serve())

    async def _serve(self) -> None:
        port = self._port
        while True:
            try:
                data = await port.read()  # type: ignore[attr-defined]  # drivers.links.memory.MemoryPort, handed in by tests
            except Exception:  # noqa: BLE001 - the link's own error type is not ours to import
                if self.joint:
                    self.joint.close()
                    self.joint = None
                await asyncio.sleep(0.001)
                continue
            if self.joint is None:
                self.joint = Joint(self.end, port.write, self.tap, self.bend)  # type: ignore[attr-defined]  # as above
                self.joint.hang_up = port.hang_up  # type: ignore[attr-defined]  # as above
            self.joint.receive(data)
            if self.end.hang_up:
                port.hang_up()  # type: ignore[attr-defined]  # as above

    async def unplug(self) -> None:
        """Take the device away."""
        self.plugged = False
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self._port.unplug()  # type: ignore[attr-defined]  # as above


def _write_all(fd: int, data: bytes) -> None:
    """Write to a non-blocking pty; what does not fit is lost, as on a real line without flow control."""
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(fd, view) :]
        except (BlockingIOError, OSError):
            return


def make_port(end: DeviceEnd, address: str, tap: Tap | None = None, bend: Bend | None = None, baud: int = 0) -> Port:
    """A port for `address`: `tcp://host:port`, or a path for a pty (`pty:/run/x` or `/run/x`) with speed `baud`."""
    if address.startswith("tcp://"):
        return TcpPort(end, address, tap, bend)
    return PtyPort(end, address.removeprefix("pty:"), tap, bend, baud)
