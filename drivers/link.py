"""A link: a byte stream to a device that can be opened again.

Link URLs (every option is part of the URL, so real or simulated is one line of a profile):

    serial:///dev/ttyUSB0?baud=115200&bytesize=8&parity=N&stopbits=1&rtscts=0&xonxoff=0
    tcp://192.0.2.7:20007
    memory://name                 both ends in one process; tests and the simulator under virtual time
"""

from __future__ import annotations

from typing import Protocol
from urllib.parse import urlsplit

MAX_READ = 65536


class Link(Protocol):
    """One byte stream. Not safe for two readers at once; a driver's lock sees to that."""

    url: str

    @property
    def is_open(self) -> bool:
        """True from a successful open until close or loss."""
        ...

    async def open(self) -> None:
        """Open the stream. Raises a `LinkError` leaf that names the cause; opening an open link is no error."""
        ...

    async def read(self, limit: int = MAX_READ) -> bytes:
        """Wait for at least one byte and return at most `limit`. Raises `LinkLost` at the end of the stream.

        It has no deadline of its own: callers wrap it in `asyncio.timeout`; no byte is lost by cancelling.
        """
        ...

    async def write(self, data: bytes) -> None:
        """Hand all of `data` to the operating system. Raises `LinkLost`."""
        ...

    def drain_input(self) -> bytes:
        """Take what has already arrived without waiting (late answers to an earlier question)."""
        ...

    async def pause(self, seconds: float) -> None:
        """Wait `seconds` without being woken by what arrives; `read` then gives all of it at once."""
        ...

    async def close(self) -> None:
        """Close; never raises, may be called twice."""
        ...


def open_link(url: str) -> Link:
    """Make the (closed) link that `url` describes. Raises `ValueError` for a scheme or option it does not know."""
    scheme = urlsplit(url).scheme
    if scheme == "serial":
        from drivers.links.serial import SerialLink

        return SerialLink(url)
    if scheme == "tcp":
        from drivers.links.tcp import TcpLink

        return TcpLink(url)
    if scheme == "memory":
        from drivers.links.memory import MemoryLink

        return MemoryLink(url)
    known = "serial:///dev/...?baud=N, tcp://host:port, memory://name"
    raise ValueError(f"link {url!r}: unknown scheme {scheme!r}; use one of {known}")
