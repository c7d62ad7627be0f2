"""One finger on the panel: down shows the press, up on the same target is the reply, sliding off takes it back."""

from __future__ import annotations

from screens.marks import Rect
from screens.pointer import Pointer
from screens.screen import Reply
from screens.sheet import Sheet, Target

PRESS_SHOWN_S = 0.1
"""A press stays visible at least this long, however short the tap."""
SETTLE_S = 0.25
"""A touch that begins this soon after another page appeared was meant for the page before."""


class Touching:
    """What the finger is doing. `pressed` is the rectangle to draw as pressed, None when none is."""

    def __init__(self) -> None:
        self.pressed: Rect | None = None
        self.release_at: float | None = None
        self._down: Target | None = None
        self._settled_at = 0.0

    def new_page(self, now: float) -> None:
        """Another page appeared: nothing of the old one stays pressed."""
        self.pressed, self.release_at, self._down = None, None, None
        self._settled_at = now + SETTLE_S

    def takes(self, pointer: Pointer, now: float) -> bool:
        """Whether the touch is meant for the page that is there now."""
        return pointer.remote or pointer.phase not in ("down", "tap") or now >= self._settled_at

    def released(self, now: float) -> bool:
        """Whether a press that was shown long enough ends now."""
        if self.release_at is None or now < self.release_at:
            return False
        self.pressed, self.release_at = None, None
        return True

    def point(self, pointer: Pointer, sheet: Sheet, now: float) -> Reply | None:
        """Follow the finger; the reply when it has chosen something."""
        target = sheet.hit(pointer.x, pointer.y)
        if pointer.meant is not None and target != pointer.meant:
            return None
        if pointer.phase in ("down", "tap"):
            if not self.takes(pointer, now):
                return None
            self._down = target if target is not None and target.enabled else None
            self._press(self._down.rect if self._down else None)
        elif pointer.phase == "move" and self._down is not None:
            self._press(self._down.rect if target == self._down else None)
        elif pointer.phase == "cancel":
            self._down = None
            self._press(None)
        if pointer.phase not in ("up", "tap"):
            return None
        down, self._down = self._down, None
        if down is None or target != down:
            self._press(None)
            return None
        self.release_at = now + PRESS_SHOWN_S
        return down.reply

    def _press(self, rect: Rect | None) -> None:
        if rect != self.pressed:
            self.pressed, self.release_at = rect, None
