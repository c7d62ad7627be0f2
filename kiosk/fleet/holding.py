"""What the control room holds of this terminal's chain, and what the broker alone has beyond that.

| what is known                                     | the durable cursor stands                              |
|---------------------------------------------------|--------------------------------------------------------|
| a control room acknowledges                       | before the first event that it has not acknowledged    |
| nothing yet, `GRACE_S` from the start on          | the same                                               |
| none acknowledges, or none did for `FORGOTTEN_S`  | where the broker has confirmed                         |

A broker that dies takes with it what it confirmed and nobody had read; only who has written it can say that it is kept.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, Final

from config.fleet_contract import MOST_UNHELD
from kiosk.clock import Clock

GRACE_S: Final = 30.0
FORGOTTEN_S: Final = 7 * 86_400.0
"""So long a broker keeps for a control room that is away; a site that has none any more goes on without after that."""
PROBE_S: Final = 60.0
LONGEST_PROBE_S: Final = 3600.0
AGAIN_LEAST_S: Final = 30.0


class Holding:
    """`told` when the broker has an event, `heard` when the room has spoken. Numbers are those of one chain."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = clock.monotonic()
        self._unheld: deque[int] = deque()
        self._chain = ""
        self._said = ("", 0)
        self._again_at = self._began - AGAIN_LEAST_S
        self._news_at, self._pause = self._began, PROBE_S
        self._last: Mapping[str, Any] | None = None
        self.n = 0
        """The room holds everything up to here."""
        self.is_again_due = False
        """The chain is to be told again from the cursor on."""
        self._is_live = False
        self.acknowledged_at: float | None = None
        """When a room spoke last, seconds since 1970; None: never."""

    @property
    def is_heeded(self) -> bool:
        """Whether the cursor waits for a room."""
        if self.acknowledged_at is None:
            return self._clock.monotonic() - self._began < GRACE_S
        return self._clock.timestamp() - self.acknowledged_at < FORGOTTEN_S

    @property
    def is_full(self) -> bool:
        """So much is told and not held that the rest stays here."""
        return not self.is_again_due and self.first is not None and len(self._unheld) >= MOST_UNHELD

    @property
    def first(self) -> int | None:
        """The first event that is told and not held; None where there is none to wait for."""
        if not self.is_heeded:
            self._unheld.clear()
        return self._unheld[0] if self._unheld else None

    @property
    def waiting(self) -> int:
        """How many events are told and not held."""
        return 0 if self.first is None else len(self._unheld)

    @property
    def latest(self) -> int | None:
        """The last such event."""
        return self._unheld[-1] if self.first is not None else None

    def begin(self, chain: str, acknowledged_at: float | None) -> None:
        """Another chain; what the room has said of it already counts."""
        self._chain = chain
        self._unheld.clear()
        self.n = self._said[1] if self._said[0] == chain else 0
        if acknowledged_at is not None and not self._is_live:
            self.acknowledged_at = acknowledged_at

    def told(self, n: int, message: Mapping[str, Any]) -> None:
        """The broker has an event."""
        if self.is_heeded and n > self.n and (not self._unheld or n > self._unheld[-1]):
            if not self._unheld:
                self._news_at, self._pause = self._clock.monotonic(), PROBE_S
            self._unheld.append(n)
            self._last = message

    def heard(self, chain: str, n: int, *, gap: bool, retained: bool) -> None:
        """The room holds `chain` up to `n`. What is retained may be the word of a room that is no more."""
        if not retained or self.acknowledged_at is None:
            self.acknowledged_at, self._is_live = self._clock.timestamp(), not retained
        self._said = (chain, n)
        if chain != self._chain:
            return
        now = self._clock.monotonic()
        if n > self.n:
            self.n = n
            self._news_at, self._pause = now, PROBE_S
        while self._unheld and self._unheld[0] <= n:
            self._unheld.popleft()
        if gap and self._unheld and now - self._again_at >= AGAIN_LEAST_S:
            self._again_at, self.is_again_due = now, True

    def cleared(self) -> None:
        """Everything beyond the cursor is told again now."""
        self.is_again_due = False
        self._unheld.clear()

    def probe(self) -> Mapping[str, Any] | None:
        """The last event, to be told once more: the room was silent for so long that something may be lost."""
        now = self._clock.monotonic()
        if self.latest is None or now - self._news_at < self._pause:
            return None
        self._news_at, self._pause = now, min(self._pause * 2, LONGEST_PROBE_S)
        return self._last
