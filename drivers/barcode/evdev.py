"""A keyboard wedge's link: `evdev:///dev/input/by-id/usb-MAKER_MODEL-event-kbd`.

The device is grabbed (EVIOCGRAB), so that no code is typed into anything else. A device that cannot be grabbed is not
used: a payment code would then also reach whatever has the keyboard. A named pipe, which is how tests and the simulator
speak for a keyboard, needs no grab.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import stat
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

from drivers.errors import LinkError, LinkLost, PortBusy, PortDenied, PortMissing, Unsupported, WrongDevice
from drivers.link import MAX_READ

EVIOCGRAB: Final = 0x40044590
"""_IOW('E', 0x90, int) of <linux/input.h>."""
MAX_BUFFERED: Final = 1 << 20
_BY_ERRNO: Final = {
    errno.ENOENT: (PortMissing, "no such device; is the reader plugged in?"),
    errno.ENODEV: (PortMissing, "the reader was unplugged"),
    errno.ENXIO: (PortMissing, "the reader was unplugged"),
    errno.EACCES: (PortDenied, "not allowed; add the terminal's user to the group input"),
    errno.EPERM: (PortDenied, "not allowed; add the terminal's user to the group input"),
    errno.EBUSY: (PortBusy, "another program has grabbed it; end that, or give this reader another device"),
}


class EvdevLink:
    """Events of one keyboard, read by the loop itself. It is never written to."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "evdev" or not parts.path or parts.netloc or parts.query:
            raise ValueError(f"link {url!r}: a keyboard wedge is evdev:///dev/input/by-id/...-event-kbd")
        self.url = url
        self.path = parts.path
        self._fd = -1
        self._buffer = bytearray()
        self._arrived = asyncio.Event()
        self._lost = ""

    @property
    def is_open(self) -> bool:
        """True from a successful open until close or loss."""
        return self._fd >= 0 and not self._lost

    async def open(self) -> None:
        """Open and grab. Raises `PortMissing`, `PortBusy`, `PortDenied`, `WrongDevice` or `LinkError`."""
        if self.is_open:
            return
        await self.close()
        try:
            fd = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise self._error(error) from error
        try:
            self._grab(fd)
        except BaseException:
            os.close(fd)
            raise
        self._fd = fd
        asyncio.get_running_loop().add_reader(fd, self._readable)

    def _grab(self, fd: int) -> None:
        mode = os.fstat(fd).st_mode
        if stat.S_ISFIFO(mode):
            return
        if not stat.S_ISCHR(mode):
            raise WrongDevice(f"{self.path}: no keyboard; give the reader's ...-event-kbd under /dev/input/by-id")
        try:
            fcntl.ioctl(fd, EVIOCGRAB, 1)
        except OSError as error:
            if error.errno in (errno.ENOTTY, errno.EINVAL):
                words = f"{self.path}: no input device; give the reader's ...-event-kbd under /dev/input/by-id"
                raise WrongDevice(words) from error
            raise self._error(error) from error

    def _error(self, error: OSError) -> LinkError:
        kind, words = _BY_ERRNO.get(error.errno or 0, (LinkError, error.strerror or "cannot be opened"))
        return kind(f"{self.path}: {words}")

    def _readable(self) -> None:
        try:
            data = os.read(self._fd, MAX_READ)
        except BlockingIOError:
            return
        except OSError as error:
            self._fail(str(self._error(error)))
            return
        if not data:
            self._fail(f"{self.path}: the reader was unplugged")
        elif len(self._buffer) + len(data) > MAX_BUFFERED:
            self._fail(f"{self.path}: more than {MAX_BUFFERED} bytes unread")
        else:
            self._buffer += data
            self._arrived.set()

    def _fail(self, why: str) -> None:
        if not self._lost:
            asyncio.get_running_loop().remove_reader(self._fd)
        self._lost = why
        self._arrived.set()

    async def read(self, limit: int = MAX_READ) -> bytes:
        """Wait for at least one byte. Raises `LinkLost`."""
        if self._fd < 0:
            raise LinkLost(f"{self.path}: not open")
        await self._arrived.wait()
        if self._buffer:
            data = bytes(self._buffer[:limit])
            del self._buffer[:limit]
            if not self._buffer and not self._lost:
                self._arrived.clear()
            return data
        raise LinkLost(self._lost)

    async def write(self, data: bytes) -> None:
        """Nothing can be written to a keyboard. Raises `Unsupported`."""
        raise Unsupported(f"{self.path}: nothing is written to a keyboard ({len(data)} bytes)")

    def drain_input(self) -> bytes:
        """Take what has already arrived."""
        data = bytes(self._buffer)
        self._buffer.clear()
        if not self._lost:
            self._arrived.clear()
        return data

    async def pause(self, seconds: float) -> None:
        """Wait; keys are kept by the kernel."""
        await asyncio.sleep(seconds)

    async def close(self) -> None:
        """Let the keyboard go; never raises."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            if not self._lost:
                with suppress(OSError, ValueError):
                    asyncio.get_running_loop().remove_reader(fd)
            with suppress(OSError):
                os.close(fd)
        self._lost = ""
        self._buffer.clear()
        self._arrived.clear()
