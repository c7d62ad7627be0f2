"""The hidden gesture: corners of the panel in an order, within seconds. Pure; nothing ever shows how far one came."""

from __future__ import annotations

from collections.abc import Sequence


class Gesture:
    """One panel's. A wrong corner, or one too late, begins a silent rest in which nothing counts."""

    def __init__(self, pattern: Sequence[str], within_s: float, rest_s: float) -> None:
        self._pattern = tuple(pattern)
        self._within = within_s
        self._rest = rest_s
        self._done = 0
        self._began = 0.0
        self._rests_until = float("-inf")

    def touched(self, corner: str, now: float) -> bool:
        """A corner was touched at `now` (seconds); true when that completed the gesture."""
        if now < self._rests_until:
            self._rests_until = now + self._rest  # who goes on tapping never finds it
            return False
        if self._done and now - self._began > self._within:
            self._done = 0
        if corner != self._pattern[self._done]:
            self._done = 0
            self._rests_until = now + self._rest
            return False
        if self._done == 0:
            self._began = now
        self._done += 1
        if self._done < len(self._pattern):
            return False
        self._done = 0
        return True

    def forget(self) -> None:
        """Something else was touched: from the beginning."""
        self._done = 0
