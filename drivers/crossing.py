"""What crosses a link, cut into whole pieces and made fit for a file: what codecs offer to the recorder. Pure.

Directions are the host's: `out` to the device, `in` from it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

Direction = Literal["out", "in"]
MAX_SHOWN: Final = 32768
"""Bytes of one piece that are written out; a longer one is told by its length and digest."""
MAX_STRAY: Final = 16
"""Bytes of noise that are shown: enough to tell a wrong speed, too few for a card."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One frame, command or document. `shown` is what a file may hold: None is nothing of it.

    `masked`: `shown` is not what crossed, personal parts are overwritten, and it is still a frame of its protocol.
    """

    raw: bytes = field(repr=False)
    shown: bytes | None = field(repr=False)
    words: str
    masked: bool = False

    @property
    def size(self) -> int:
        """Bytes that crossed."""
        return len(self.raw)


class Tracer(Protocol):
    """Cuts both directions of one link into pieces. Keeps at most one unfinished frame a direction. Never raises."""

    def feed(self, direction: Direction, data: bytes) -> list[Piece]:
        """The pieces that `data` completes."""
        ...

    def flush(self, direction: Direction, *, ended: bool) -> list[Piece]:
        """What has begun and will not be completed, because the other side speaks now, or because the link `ended`."""
        ...


class Withheld:
    """The tracer of a driver that brings none: nothing of any content is kept, for nobody knows what is personal."""

    def feed(self, direction: Direction, data: bytes) -> list[Piece]:
        """Each crossing as one piece without content."""
        return [Piece(data, None, f"{len(data)} bytes, not known to any codec")] if data else []

    def flush(self, direction: Direction, *, ended: bool) -> list[Piece]:
        """Nothing is ever unfinished."""
        return []


def stray(data: bytes, words: str, *, harmless: bool = True) -> Piece:
    """Bytes that are no frame; shown only when short and `harmless` (nothing personal was asked for)."""
    return Piece(data, data if harmless and len(data) <= MAX_STRAY else None, words)
