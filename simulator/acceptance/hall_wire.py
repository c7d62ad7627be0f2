"""What crosses the wires of a hall, numbered and bounded."""

from __future__ import annotations

from collections import deque
from datetime import datetime

from simulator.hall import Hall

WIRE_LINES = 4000
LINES = {"reader": "id-card-reader", "pad": "payment-pad", "receipts": "receipt-printer", "cabinet": "cabinet"}
"""What the hall calls a wire -> the device's family."""


class HallWire:
    """A tap on one hall: all but the licence printer's crossings go through its `trip`."""

    def __init__(self, hall: Hall) -> None:
        self.count = 0
        self._hall = hall
        self._kept: deque[tuple[int, datetime, str, str, bytes]] = deque(maxlen=WIRE_LINES)
        usual = hall.trip

        def trip(name: str, direction: str, data: bytes) -> int:
            crossed = usual(name, direction, data)
            if (family := LINES.get(name)) is not None and crossed:
                self._note(family, direction, data[:crossed])
            return crossed

        hall.trip = trip  # type: ignore[method-assign]  # a tap on this one hall
        hall.licences.wire_watchers.append(lambda c: self._note(c.device, c.direction, c.data))

    def _note(self, family: str, direction: str, data: bytes) -> None:
        self.count += 1
        self._kept.append((self.count, self._hall.now(), family, direction, data))

    def lines(self, since: int) -> list[str]:
        """The decoded crossings after number `since`."""
        return [
            f"{at:%H:%M:%S.%f}"[:-3] + f"  {family:16} {'->' if direction == 'in' else '<-'} "
            f"{self._hall.devices[family].decode(direction, data)}"
            for number, at, family, direction, data in self._kept
            if number > since
        ]
