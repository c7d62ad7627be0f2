"""A serial line with a bad day."""

from __future__ import annotations

from drivers.payment_pad.frames import Apdu, SerialLine
from simulator.models.pad_terminal import Terminal

NAK = 0x15


class NakingLine(SerialLine):
    """A serial line that refuses as many good frames as are armed."""

    def __init__(self, terminal: Terminal) -> None:
        super().__init__()
        self._terminal = terminal

    def _take(self, now: float, body: bytes, units: list[Apdu]) -> None:
        if self._terminal.faults.naks:
            self._terminal.faults.naks -= 1
            self._out.append(NAK)
            return
        super()._take(now, body, units)
