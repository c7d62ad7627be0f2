"""A code reader's device end: what it sends and when. It is never asked anything; what a host sends is ignored."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

MAX_WAITING = 100_000


class CodeReaderEnd:
    """Sends `pieces` one after the other, `gap_s` apart."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._endless = b""
        self._gap_s = 0.0

    def say(self, now: float, pieces: Sequence[bytes], gap_s: float) -> None:
        """Send `pieces` from now on, after what is still waiting. Raises `ValueError` when too much waits."""
        if len(self._waiting) + len(pieces) > MAX_WAITING:
            raise ValueError(f"the reader has {len(self._waiting)} pieces to send; wait, or restore it")
        at = max(now, self._waiting[-1][0] + gap_s if self._waiting else now)
        for number, piece in enumerate(pieces):
            self._waiting.append((at + number * gap_s, piece))

    def say_for_ever(self, now: float, piece: bytes, gap_s: float) -> None:
        """Send `piece` again and again, `gap_s` apart, until `hush`."""
        self._endless, self._gap_s = piece, gap_s
        self._waiting.append((now, piece))

    def hush(self) -> None:
        """Forget what is still to be sent."""
        self._waiting.clear()
        self._endless = b""

    @property
    def waiting(self) -> int:
        """Pieces still to be sent."""
        return len(self._waiting)

    def connected(self, now: float) -> bytes:
        """A reader says nothing unasked."""
        return b""

    def receive(self, now: float, data: bytes) -> bytes:
        """It takes no commands."""
        return b""

    def wake(self, now: float) -> bytes:
        """What is due."""
        due = bytearray()
        while self._waiting and self._waiting[0][0] <= now + 1e-9:
            due += self._waiting.popleft()[1]
        if self._endless and not self._waiting:
            self._waiting.append((now + self._gap_s, self._endless))
        return bytes(due)

    @property
    def wake_at(self) -> float | None:
        """When the next piece is due."""
        return self._waiting[0][0] if self._waiting else None

    @property
    def hang_up(self) -> bool:
        """Never."""
        return False
