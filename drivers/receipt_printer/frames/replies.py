"""Printer to host: one parser for every kind of answer, and the builders the simulated printer uses.

| first byte          | kind                                    | source                                    |
|---------------------|-----------------------------------------|-------------------------------------------|
| 0xx1xx10            | `StatusByte`: DLE EOT                    | Citizen CT-S2000, appendix 3              |
| 0xx1xx00 + 3 x 0xx0xxxx | `AutoStatus`: ASB                    | same                                      |
| 10 0F + 4 of any bits   | `FullStatus`: DLE EOT 20, when asked | Custom KPM300, p. 113                     |
| 0xx0xxxx            | `Sensor`: GS r, GS I 1-3                 | same                                      |
| 35 37 3B 3D 5F ... 00 | `Block`: GS ( H, DLE DC4 8, GS I 65-69 | Epson ESC/POS reference, GS ( H fn 48     |
| 11, 13              | `Flow`: XON, XOFF                        |                                           |
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from drivers.receipt_printer.frames.status import ASB_FIXED, ASB_MASK, DLE_EOT_FIXED, DLE_EOT_MASK, FULL_STATUS

XON, XOFF = 0x11, 0x13
BLOCK_HEADS = frozenset((0x35, 0x37, 0x3B, 0x3D, 0x5F))
MAX_BLOCK = 96
SENSOR_NEAR_END, SENSOR_END = 0x03, 0x0C
FULL_LENGTH = 6


@dataclass(frozen=True, slots=True)
class StatusByte:
    """Answer to DLE EOT n; which n, only the order of asking tells."""

    value: int


@dataclass(frozen=True, slots=True)
class AutoStatus:
    """Four bytes of automatic status."""

    block: bytes


@dataclass(frozen=True, slots=True)
class FullStatus:
    """Answer to DLE EOT 20: six bytes."""

    block: bytes


@dataclass(frozen=True, slots=True)
class Sensor:
    """Answer to GS r or GS I 1-3."""

    value: int


@dataclass(frozen=True, slots=True)
class Block:
    """A block answer: its head byte and what stands between the head and the closing NUL."""

    head: int
    body: bytes

    @property
    def end_mark(self) -> bytes | None:
        """The four characters of GS ( H when this is its answer."""
        return self.body[1:] if self.head == 0x37 and self.body[:1] == b"\x22" and len(self.body) == 5 else None

    @property
    def cleared(self) -> bool:
        """True for the answer to DLE DC4 8: 37 25 00."""
        return self.head == 0x37 and self.body == b"\x25"

    @property
    def text(self) -> str | None:
        """The text of a GS I 65-69 answer."""
        return self.body.decode("ascii", "replace") if self.head == 0x5F else None


@dataclass(frozen=True, slots=True)
class Flow:
    """The printer asks the host to stop (`go` False) or to go on."""

    go: bool


@dataclass(frozen=True, slots=True)
class Stray:
    """Bytes that fit no kind, or a block that was cut short: line noise, or not a printer."""

    data: bytes


Reply: TypeAlias = "StatusByte | AutoStatus | FullStatus | Sensor | Block | Flow | Stray"


class ReplyParser:
    """Bytes in any pieces -> replies. Never raises, keeps at most one unfinished block of `MAX_BLOCK` bytes.

    `full_status`: DLE EOT 20 was asked at least once. 10 0F would be an automatic status else, one that says at once
    that the feed button is held and that the printer waits for it, with a jam and a cutter error.
    """

    def __init__(self, *, full_status: bool = False) -> None:
        self.full_status = full_status
        self._open = bytearray()

    @property
    def unfinished(self) -> bool:
        """True while a block has begun and not ended."""
        return bool(self._open)

    def reset(self) -> None:
        """Forget an unfinished block."""
        self._open.clear()

    def feed(self, data: bytes) -> list[Reply]:
        """The replies that `data` completes."""
        replies: list[Reply] = []
        for byte in data:
            self._step(byte, replies)
        return replies

    def _step(self, byte: int, replies: list[Reply]) -> None:
        if self._open and self._goes_on(byte, replies):
            return
        if byte in (XON, XOFF):
            replies.append(Flow(byte == XON))
        elif byte & DLE_EOT_MASK == DLE_EOT_FIXED:
            replies.append(StatusByte(byte))
        elif byte & ASB_MASK == ASB_FIXED or byte in BLOCK_HEADS:
            self._open.append(byte)
        elif byte & 0x90 == 0:
            replies.append(Sensor(byte))
        else:
            replies.append(Stray(bytes((byte,))))

    def _goes_on(self, byte: int, replies: list[Reply]) -> bool:
        """Add `byte` to the unfinished block; False when the block ended short and `byte` starts something else."""
        head = self._open[0]
        if self.full_status and bytes((*self._open[:2], byte))[:2] == FULL_STATUS:
            self._open.append(byte)
            if len(self._open) == FULL_LENGTH:
                replies.append(FullStatus(bytes(self._open)))
                self._open.clear()
            return True
        if head in BLOCK_HEADS:
            fits = byte == 0 or (0x20 <= byte < 0x80 and len(self._open) < MAX_BLOCK)
            done = byte == 0
        else:
            fits = byte & 0x90 == 0
            done = len(self._open) == 3
        if not fits:
            replies.append(Stray(bytes(self._open)))
            self._open.clear()
            return False
        if done and head in BLOCK_HEADS:
            replies.append(Block(head, bytes(self._open[1:])))
            self._open.clear()
        elif done:
            replies.append(AutoStatus(bytes(self._open) + bytes((byte,))))
            self._open.clear()
        else:
            self._open.append(byte)
        return True


def mark_reply(mark: bytes) -> bytes:
    """The answer to GS ( H fn 48."""
    return b"\x37\x22" + mark + b"\x00"


def cleared_reply() -> bytes:
    """The answer to DLE DC4 8."""
    return b"\x37\x25\x00"


def text_reply(text: str) -> bytes:
    """The answer to GS I 65-69; at most 80 characters (Epson)."""
    return b"\x5f" + text.encode("ascii", "replace")[:80] + b"\x00"


def sensor_reply(near_end: bool) -> bytes:
    """The answer to GS r 1; an ended roll is never told this way, the printer is offline then."""
    return bytes((SENSOR_NEAR_END if near_end else 0,))
