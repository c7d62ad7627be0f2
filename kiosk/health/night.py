"""Devices asleep: at night, when nobody has been near for a while, they are asked seldom; whoever comes wakes them.

| device          | asleep                                                    | awake                              |
|-----------------|-----------------------------------------------------------|------------------------------------|
| cameras         | at rest, as always when nobody looks through them         | read at the first step that looks  |
| reader, pad     | polled every `[night] poll_s`                             | polled as usual, at once           |
| printers        | polled every `[night] poll_s`: their own power saving     | polled as usual, at once           |
|                 | is left alone between two looks                           |                                    |
| cabinet         | as by day: it sees who comes, and its emergency key works | as by day                          |
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from config.dimming import ScreenSettings
from config.running import NightSettings
from drivers.rhythm import Rhythm
from drivers.supervisor import Supervisor

log = logging.getLogger(__name__)

LOOK_S: Final = 15.0
WAKEFUL: Final = frozenset({"cabinet"})


def is_night(screen: ScreenSettings, at: str) -> bool:
    """Whether `at` (HH:MM) lies in the hours in which standby is dimmed."""
    start, end = screen.dim_from, screen.dim_to
    return start <= at < end if start <= end else at >= start or at < end


class Night:
    """Puts the devices of `supervisors` to sleep and wakes them. `asleep` says which it is."""

    def __init__(
        self, settings: NightSettings, screen: ScreenSettings, supervisors: Callable[[], Sequence[Supervisor]]
    ) -> None:
        self.asleep = False
        self._settings = settings
        self._screen = screen
        self._supervisors = supervisors
        self._by_day: dict[int, Rhythm] = {}
        self._last = float("-inf")

    def stirred(self) -> None:
        """Somebody is here: wake everything now."""
        self._last = asyncio.get_running_loop().time()
        if self.asleep:
            self._wake()

    def look(self, wall: datetime, now: float, *, busy: bool) -> None:
        """Sleep or wake, as the hour and the quiet say."""
        self._last = now if busy or self._last == float("-inf") else self._last
        quiet = now - self._last >= self._settings.after_s
        if self._settings.sleep and quiet and not busy and is_night(self._screen, f"{wall:%H:%M}"):
            if not self.asleep:
                self._fall_asleep()
        elif self.asleep:
            self._wake()

    def _fall_asleep(self) -> None:
        self.asleep = True
        for supervisor in self._supervisors():
            rhythm = supervisor.rhythm
            if supervisor.device.family not in WAKEFUL and rhythm.poll_s < self._settings.poll_s:
                self._by_day[id(supervisor)] = rhythm
                # Silence is measured from one look to the next: a sleeping device may be silent for longer.
                slow = self._settings.poll_s
                supervisor.rhythm = replace(rhythm, poll_s=slow)
        log.info("night: the devices sleep")

    def _wake(self) -> None:
        self.asleep = False
        for supervisor in self._supervisors():
            if (rhythm := self._by_day.pop(id(supervisor), None)) is not None:
                supervisor.rhythm = rhythm
                supervisor.again.set()
        self._by_day.clear()
        log.info("night: the devices are awake")
