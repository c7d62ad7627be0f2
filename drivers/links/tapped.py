"""The one place where a driver's bytes cross: a link that counts them and tells the recorder, if one listens."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from drivers.crossing import Direction
from drivers.errors import LinkError, LinkLost
from drivers.link import MAX_READ, Link, open_link


class Teller(Protocol):
    """Whom crossings are told: a `Device`."""

    def crossed(self, direction: Direction, data: bytes) -> None:
        """`data` crossed the link."""
        ...

    def noted(self, words: str) -> None:
        """Something else happened to the link."""
        ...


@runtime_checkable
class HasSpeed(Protocol):
    """A link whose speed can be changed while it is open; `options` are those of its URL."""

    options: dict[str, str]

    def set_baud(self, baud: int) -> None:
        """Change the speed."""
        ...


class TappedLink:
    """`link`, told to `teller`. Bytes that a cancelled read did not hand out are told when they are handed out."""

    def __init__(self, link: Link, teller: Teller) -> None:
        self._link = link
        self._teller = teller
        self.url = link.url
        self._told_lost = False

    @property
    def is_open(self) -> bool:
        """True from a successful open until close or loss."""
        return self._link.is_open

    async def open(self) -> None:
        """As the link."""
        was_open = self._link.is_open
        try:
            await self._link.open()
        except LinkError as error:
            self._teller.noted(f"not opened: {error.cause}")
            raise
        if not was_open:
            self._told_lost = False
            self._teller.noted("opened")

    async def read(self, limit: int = MAX_READ) -> bytes:
        """As the link."""
        try:
            data = await self._link.read(limit)
        except LinkLost:
            self._lost()
            raise
        self._teller.crossed("in", data)
        return data

    async def write(self, data: bytes) -> None:
        """As the link. Told before it is written: an answer can come before the write returns."""
        self._teller.crossed("out", data)
        try:
            await self._link.write(data)
        except LinkLost:
            self._lost()
            raise

    def drain_input(self) -> bytes:
        """As the link."""
        data = self._link.drain_input()
        if data:
            self._teller.crossed("in", data)
        return data

    async def pause(self, seconds: float) -> None:
        """As the link."""
        await self._link.pause(seconds)

    async def close(self) -> None:
        """As the link."""
        was_open = self._link.is_open
        await self._link.close()
        if was_open:
            self._teller.noted("closed")

    def _lost(self) -> None:
        if not self._told_lost:
            self._told_lost = True
            self._teller.noted("lost")


class TappedSerial(TappedLink):
    """As `TappedLink`, for a link with a speed."""

    def __init__(self, link: Link, teller: Teller) -> None:
        super().__init__(link, teller)
        assert isinstance(link, HasSpeed)
        self._line = link

    @property
    def options(self) -> dict[str, str]:
        """The options of the URL."""
        return self._line.options

    @options.setter
    def options(self, options: dict[str, str]) -> None:
        self._line.options = options

    def set_baud(self, baud: int) -> None:
        """As the link."""
        self._line.set_baud(baud)
        self._teller.noted(f"{baud} baud")


def tapped(url: str, teller: Teller) -> Link:
    """The (closed) link that `url` describes, told to `teller`. Raises `ValueError` as `open_link`."""
    link = open_link(url)
    return TappedSerial(link, teller) if isinstance(link, HasSpeed) else TappedLink(link, teller)
