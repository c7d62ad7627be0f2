"""The terminal's one clock: wall time with Weihai's zone, and the loop's monotonic seconds."""

from __future__ import annotations

import asyncio
import time
from datetime import datetime, timedelta, timezone

WEIHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has one zone and no summer time; a fixed offset needs no tz database on the machine."""


class Clock:
    """Wall time follows the loop: under virtual time a simulated day passes on the wall too.

    `epoch` is the wall time (seconds since 1970) at loop time `origin`; both are taken when the clock is made. On a
    real loop a jump of the system's clock is taken over by `resync`, which returns the jump in seconds.
    """

    def __init__(self, epoch: float | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._origin = self._loop.time()
        self._epoch = time.time() if epoch is None else epoch
        self._fixed = epoch is not None

    def monotonic(self) -> float:
        """Seconds of the loop's clock; the only clock for deadlines."""
        return self._loop.time()

    def timestamp(self) -> float:
        """Seconds since 1970."""
        return self._epoch + self.monotonic() - self._origin

    def now(self) -> datetime:
        """Wall time in Weihai's zone."""
        return datetime.fromtimestamp(self.timestamp(), WEIHAI)

    def resync(self) -> float:
        """Take over the system's wall clock; returns by how many seconds it had moved away."""
        if self._fixed:
            return 0.0
        jump = time.time() - self.timestamp()
        self._epoch += jump
        return jump
