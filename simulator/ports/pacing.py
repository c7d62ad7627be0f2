"""The speed of a serial line: 10 bits a byte, in small portions as a USB adapter hands them on."""

from __future__ import annotations

import asyncio
import termios
from collections import deque
from collections.abc import Callable

PORTION_S = 0.004
"""Line time of one portion: adapters deliver every few milliseconds, and a timer for each byte would cost too much."""
BITS_PER_BYTE = 10

_SPEEDS = {
    getattr(termios, f"B{baud}"): baud
    for baud in (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200, 230400, 460800, 921600)
}


def line_speed(fd: int) -> int:
    """The baud rate that the terminal behind `fd` is set to; 0 when it is closed or set to something unusual."""
    try:
        return _SPEEDS.get(termios.tcgetattr(fd)[4], 0)
    except (termios.error, OSError):
        return 0


class PacedLine:
    """Hands bytes to `deliver(data, baud)` no sooner than the line could have carried them. 0 baud is at once."""

    def __init__(self, deliver: Callable[[bytes, int], None]) -> None:
        self._deliver = deliver
        self._waiting: deque[tuple[bytes, int]] = deque()
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._free_at = 0.0

    def write(self, data: bytes, baud: int) -> None:
        """Queue `data` at `baud`; the speed of what already waits does not change."""
        if not baud and not self._waiting:
            self._deliver(data, baud)
            return
        portion = max(1, int(baud * PORTION_S / BITS_PER_BYTE)) if baud else len(data)
        self._waiting.extend((data[at : at + portion], baud) for at in range(0, len(data), portion))
        if self._timer is None:
            self._free_at = self._loop.time()
            self._next()

    def close(self) -> None:
        """Forget what still waits."""
        self._waiting.clear()
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _next(self) -> None:
        data, baud = self._waiting[0]
        # From the end of the portion before, not from now: late timers must not slow the line.
        self._free_at += len(data) * BITS_PER_BYTE / baud if baud else 0.0
        self._timer = self._loop.call_at(self._free_at, self._arrive)

    def _arrive(self) -> None:
        self._timer = None
        data, baud = self._waiting.popleft()
        self._deliver(data, baud)
        if self._waiting:
            self._next()
