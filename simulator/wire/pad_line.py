"""A pad's line with a bad day: frames refused, acknowledgements lost, messages said twice."""

from __future__ import annotations

from drivers.payment_pad.frames import Apdu, SerialLine, TcpLine
from simulator.models.pad_terminal import Terminal

ACK, NAK = 0x06, 0x15


class NakingLine(SerialLine):
    """A serial line that refuses as many good frames as are armed, and loses as many of its ACK bytes."""

    def __init__(self, terminal: Terminal) -> None:
        super().__init__()
        self._terminal = terminal

    def send(self, now: float, unit: Apdu) -> None:
        """As `Line.send`."""
        super().send(now, unit)
        if _said_twice(self._terminal, unit):
            super().send(now, unit)

    def _take(self, now: float, body: bytes, units: list[Apdu]) -> None:
        if self._terminal.faults.naks:
            self._terminal.faults.naks -= 1
            self._out.append(NAK)
            return
        before = len(self._out)
        super()._take(now, body, units)
        if self._terminal.faults.lost_acks and self._out[before : before + 1] == bytes((ACK,)):
            self._terminal.faults.lost_acks -= 1
            del self._out[before]


class RepeatingTcp(TcpLine):
    """Says as many messages twice as are armed."""

    def __init__(self, terminal: Terminal) -> None:
        super().__init__()
        self._terminal = terminal

    def send(self, now: float, unit: Apdu) -> None:
        """As `Line.send`."""
        super().send(now, unit)
        if _said_twice(self._terminal, unit):
            super().send(now, unit)


def _said_twice(terminal: Terminal, unit: Apdu) -> bool:
    if not terminal.faults.repeated or unit.control >> 8 in (0x80, 0x84):
        return False
    terminal.faults.repeated -= 1
    return True
