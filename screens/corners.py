"""The corners of the panel while nobody is served: a touch there is `Reply("corner", which)` and starts nothing.

Only on standby and on the closed page, only where no button stands, and only for a quick touch that stays: the core
alone knows what they are for. Nothing on the panel answers such a touch.
"""

from __future__ import annotations

from screens.marks import Rect
from screens.pointer import Pointer
from screens.screen import Reply, Screen
from screens.sheet import Sheet

PAGES = frozenset({"standby", "closed"})
SIDE_MM = 24.0


class Corners:
    """Follows one finger that began in a corner."""

    def __init__(self, size: tuple[int, int], px_per_mm: float) -> None:
        wide, high = size
        side = round(SIDE_MM * px_per_mm)
        self._rects = {
            "top-left": Rect(0, 0, side, side),
            "top-right": Rect(wide - side, 0, side, side),
            "bottom-left": Rect(0, high - side, side, side),
            "bottom-right": Rect(wide - side, high - side, side, side),
        }
        self._down = ""

    def at(self, x: int, y: int) -> str:
        """The corner that holds a pixel, "" none."""
        return next((name for name, rect in self._rects.items() if rect.holds(x, y)), "")

    def point(self, pointer: Pointer, screen: Screen, sheet: Sheet) -> tuple[bool, Reply | None]:
        """Whether the pointer belongs to a corner, and the reply when it was touched."""
        if screen.page not in PAGES or pointer.meant is not None:
            self._down = ""
            return False, None
        here = self.at(pointer.x, pointer.y)
        if pointer.phase in ("down", "tap"):
            if any(target.rect.holds(pointer.x, pointer.y) for target in sheet.targets):
                here = ""
            self._down = here
        down = self._down
        if not down:
            return False, None
        if pointer.phase in ("up", "tap", "cancel"):
            self._down = ""
        if pointer.phase in ("up", "tap") and here == down:
            return True, Reply("corner", down)
        return True, None
