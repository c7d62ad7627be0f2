"""What is on the panel, as marks and as pixels: paints only what differs, darker at night, with the camera's view."""

from __future__ import annotations

from datetime import datetime

import screens.sdl_settings  # noqa: F401 - before pygame is imported; isort: skip
import pygame

from screens.arrivals import Frame
from screens.brightness import darken
from screens.dimming import Dimming
from screens.marks import Mark, Rect, changed, merged
from screens.paint.painter import Painter
from screens.screen import Screen
from screens.sheet import Sheet


class Canvas:
    """The painted side of one stage; `whole` is the panel in its pixels, `shift` how far standby has wandered."""

    def __init__(self, painter: Painter, whole: Rect, dimming: Dimming | None) -> None:
        self.painter = painter
        self.surface = painter.surface
        self.whole = whole
        self.dimming = dimming
        self.shift = (0, 0)
        self.marks: list[Mark] = []
        self._level = 255
        self._sheet: Sheet | None = None
        self._live: list[Mark] = []

    def differing(self, sheet: Sheet, live: list[Mark], dirty: list[Rect]) -> list[Rect]:
        """What must be painted, `dirty` with it, so that `sheet` and `live` over it are what is seen."""
        before = self._sheet
        if before is not None and _calm(before) is _calm(sheet):
            if before is sheet and not dirty and live == self._live:
                return []
            pressed = () if before is sheet else (*before.differs, *sheet.differs)
            news = [*pressed, *changed(self._live, live)]
        else:
            news = changed(self.marks, sheet.marks + live)
        return [r.within(self.whole) for r in merged([*news, *dirty]) if r.touches(self.whole)]

    def paint(self, sheet: Sheet, live: list[Mark], rects: list[Rect]) -> None:
        """Paint `rects`; the rest is as it should be."""
        marks = sheet.marks + live
        self.painter.paint(marks, rects)
        darken(self.surface, rects, self._level)
        self.marks, self._live, self._sheet = marks, live, sheet

    def rested(self, screen: Screen, wall: datetime, now: float, *, may_shift: bool) -> bool:
        """Whether the panel becomes darker, brighter or moves, so that all of it is painted again."""
        if self.dimming is None:
            return False
        before = (self._level, self.shift)
        self._level = self.dimming.level(screen, wall, now)
        self.shift = self.dimming.shift(screen, wall) if may_shift else (0, 0)
        return (self._level, self.shift) != before

    def picture(self, frame: Frame | None, place: Rect | None) -> list[Rect]:
        """Take the newest camera picture; what must be painted again."""
        if frame is None or place is None:
            gone = self.painter.picture is not None and place is not None
            self.painter.picture = None
            return [place] if gone and place is not None else []
        rgb, width, height = frame
        picture = pygame.image.frombuffer(rgb, (width, height), "RGB")
        self.painter.picture = pygame.transform.flip(picture, True, False)
        return [place]

    def wipe(self) -> None:
        """Forget every word and picture; the next paint is a whole one."""
        from screens.widgets.waiting import qr_rows

        self.painter.picture = None
        self.painter.typeface.wipe()
        qr_rows.cache_clear()
        self.marks, self._live, self._sheet = [], [], None


def _calm(sheet: Sheet) -> Sheet:
    """The sheet with nothing pressed."""
    return sheet.calm or sheet
