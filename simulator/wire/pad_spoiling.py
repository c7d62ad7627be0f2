"""What happens to the pad's bytes on their way: damaged check sums, single bytes, pieces, gaps in the middle."""

from __future__ import annotations

from collections import deque
from typing import Final

from drivers.payment_pad.frames import T1_S
from simulator.models.pad_terminal import Terminal

CHUNK_S: Final = 0.001
"""Between two pieces."""
MAX_QUEUED: Final = 1 << 16
_SHORTEST: Final = 6
"""Bytes of a frame that is worth spoiling: less is an acknowledgement."""


class Spoiler:
    """Delays and damages what one connection sends, as armed."""

    def __init__(self, terminal: Terminal, transport: str) -> None:
        self._terminal = terminal
        self._serial = transport == "serial"
        self._pieces: deque[tuple[float, bytes]] = deque()

    @property
    def wake_at(self) -> float | None:
        """When the next piece is due."""
        return self._pieces[0][0] if self._pieces else None

    def clear(self) -> None:
        """The connection is gone, and what was on its way."""
        self._pieces.clear()

    def spoil(self, now: float, data: bytes) -> bytes:
        """`data` is sent; what gets through now."""
        faults = self._terminal.faults
        size, gap_s = 1 if faults.byte_by_byte else faults.segment, CHUNK_S
        if self._serial and len(data) > _SHORTEST:
            if faults.bad_crcs:
                faults.bad_crcs -= 1
                data = data[:-1] + bytes((data[-1] ^ 0xFF,))
            if faults.stalls:
                faults.stalls -= 1
                size, gap_s = len(data) // 2 + 1, T1_S * 2
        if data and (size or self._pieces):
            self._queue(now, data, size or len(data), gap_s)
            data = b""
        out = bytearray()
        while self._pieces and self._pieces[0][0] <= now:
            out += self._pieces.popleft()[1]
        return bytes(out) + data

    def _queue(self, now: float, data: bytes, size: int, gap_s: float) -> None:
        at = self._pieces[-1][0] if self._pieces else now
        for start in range(0, len(data), size):
            if len(self._pieces) >= MAX_QUEUED:
                return
            at += gap_s
            self._pieces.append((at, data[start : start + size]))
