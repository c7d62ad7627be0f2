"""The terminal's one clock: wall time with Weihai's zone, and the loop's monotonic seconds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone

WEIHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has one zone and no summer time; a fixed offset needs no tz database on the machine."""

PLATFORM_SLACK_S = 2.0
"""The platform speaks in whole seconds and its word travels; less is no difference."""


class Clock:
    """Wall time follows the loop: under virtual time a simulated day passes on the wall too.

    `epoch` is the wall time (seconds since 1970) at loop time `origin`; both are taken when the clock is made. A jump
    of the system's clock is taken over by `resync`, which returns the jump in seconds. `system` gives the system's
    clock; with an epoch and without it nothing ever jumps.

    The platform's time is kept beside ours: a dead battery or a step of NTP must not make an order expire or a request
    look old. `heard` takes what the platform says; `platform_now` is what it would say now.
    """

    def __init__(self, epoch: float | None = None, system: Callable[[], float] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._origin = self._loop.time()
        self.system = system or (time.time if epoch is None else self.timestamp)
        self._epoch = 0.0
        self._epoch = self.system() if epoch is None else epoch
        self._platform: float | None = None
        """Seconds since 1970 at loop time 0, by the platform; None: it has not said, or as ours."""

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
        jump = self.system() - self.timestamp()
        self._epoch += jump
        return jump

    def heard(self, moment: datetime) -> None:
        """The platform says that it is `moment` (to the second). Its time goes on by the loop, whatever ours does."""
        told = moment.timestamp() - self.monotonic()
        if self._platform is None or abs(told - self._platform) > PLATFORM_SLACK_S:
            self._platform = told

    def platform_now(self) -> datetime:
        """The platform's time by what it said last, ours while it has said nothing, in Weihai's zone."""
        if self._platform is None:
            return self.now()
        return datetime.fromtimestamp(self._platform + self.monotonic(), WEIHAI)
