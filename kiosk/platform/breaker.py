"""A circuit breaker for every area of the platform: when one fails again and again nobody is made to wait for it.

Closed: calls pass. After `failures` bad ones in a row (no answer, a server's error, or slow) it is open: calls fail at
once, certainly not sent. After `open_s` one call may probe; its success closes, its failure opens for twice as long, up
to `longest_s`. Pure: every method takes the time, in seconds of one monotonic clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Of one area."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True)
class Limits:
    """When an area counts as down. Seconds."""

    failures: int = 4
    slow_s: float = 5.0
    open_s: float = 5.0
    longest_s: float = 60.0
    probe_s: float = 30.0
    """A probe that has not come back for so long is lost: another one may go."""


@dataclass(slots=True)
class Breaker:
    """One area."""

    limits: Limits
    bad: int = 0
    state: State = State.CLOSED
    until: float = 0.0
    _open_s: float = 0.0

    def admits(self, now: float) -> bool:
        """Whether a call may go now. A call that is let through while not closed is the probe."""
        if self.state is State.CLOSED:
            return True
        if now < self.until:
            return False
        self.state = State.HALF_OPEN
        self.until = now + self.limits.probe_s
        return True

    def done(self, now: float, *, took_s: float) -> None:
        """A call was answered after `took_s`."""
        if took_s > self.limits.slow_s:
            self.failed(now)
            return
        self.bad = 0
        self.state = State.CLOSED
        self._open_s = 0.0

    def failed(self, now: float) -> None:
        """A call brought no usable answer."""
        self.bad += 1
        if self.state is State.CLOSED and self.bad < self.limits.failures:
            return
        if self.state is State.OPEN and now < self.until:
            return  # a call from before it opened
        self._open_s = min(self._open_s * 2 or self.limits.open_s, self.limits.longest_s)
        self.state = State.OPEN
        self.until = now + self._open_s

    def given_up(self) -> None:
        """A call was cancelled: it says nothing; a probe may go again at once."""
        if self.state is State.HALF_OPEN:
            self.until = 0.0


class Breakers:
    """All areas."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._areas: dict[str, Breaker] = {}

    def of(self, area: str) -> Breaker:
        """The breaker of an area."""
        return self._areas.setdefault(area, Breaker(self._limits))

    def down(self) -> frozenset[str]:
        """Areas that are not closed."""
        return frozenset(area for area, breaker in self._areas.items() if breaker.state is not State.CLOSED)

    def hurry(self) -> None:
        """The platform as a whole is back: every area may be probed at once."""
        for area in self.down():
            self._areas[area].until = 0.0

    def due(self, now: float) -> frozenset[str]:
        """Areas that are down and may be probed."""
        return frozenset(area for area in self.down() if self._areas[area].until <= now)
