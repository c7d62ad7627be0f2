"""Standby at night: darker, and every minute a few pixels elsewhere, so that nothing burns into the panel.

Only pages with a backdrop (standby) are dimmed and moved; a touch makes it bright at once and counts as a touch.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.dimming import ScreenSettings
    from screens.screen import Screen

BRIGHT = 255
WOKEN_S = 30.0
"""After a touch that started nothing it stays bright this long."""
RIGHT = (0, 2, 4, 3, 1, -1, -3, -4, -2, -4, -3, 0, 3)
DOWN = (0, -1, 0, 2, 4, 3, 4, 2, 0, -2, -4, -3, -4)
PATH = tuple(zip(RIGHT, DOWN, strict=True))
"""Pixels right and down, one place a minute: no edge stands still for long, none moves far enough to be noticed."""


class Dimming:
    """How bright the panel is and where the picture lies. Asked by the stage each time it paints."""

    def __init__(self, settings: ScreenSettings) -> None:
        self.settings = settings
        self._woken_until = float("-inf")

    def touched(self, now: float) -> None:
        """Somebody is there."""
        self._woken_until = now + WOKEN_S

    def level(self, screen: Screen, wall: datetime, now: float) -> int:
        """Brightness from 0 to 255 of `screen`, at `wall` (the citizens' time) and `now` (the stage's clock)."""
        if not screen.backdrop or now < self._woken_until or not self._night(f"{wall:%H:%M}"):
            return BRIGHT
        return round(BRIGHT * self.settings.dim_level)

    def shift(self, screen: Screen, wall: datetime) -> tuple[int, int]:
        """How many pixels right and down the picture lies this minute."""
        if not screen.backdrop or not self.settings.shift:
            return 0, 0
        return PATH[(wall.hour * 60 + wall.minute) % len(PATH)]

    def _night(self, at: str) -> bool:
        start, end = self.settings.dim_from, self.settings.dim_to
        return start <= at < end if start <= end else at >= start or at < end
