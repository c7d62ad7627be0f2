"""Mouse, touch panel, keyboard and mirror become one kind of event, in panel pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pygame

from config.panel import PORTRAIT
from screens.marks import Rect
from screens.screen import Reply
from screens.sheet import Sheet, Target

Phase = Literal["down", "move", "up", "tap", "cancel"]


@dataclass(frozen=True, slots=True)
class Pointer:
    """A finger at a panel pixel. `tap` is down and up at once; `remote` when a mirror's client did it."""

    x: int
    y: int
    phase: Phase
    remote: bool = False
    meant: Target | None = None
    """What a script wanted to touch: when something else is there by now, nothing is touched."""
    page: str = ""
    """The page on which it wanted to."""


class Fit:
    """How the panel lies in a window: scale and offset, letterboxed."""

    def __init__(self, window: tuple[int, int], panel: tuple[int, int] = PORTRAIT.size) -> None:
        self.scale = min(window[0] / panel[0], window[1] / panel[1])
        self.size = (round(panel[0] * self.scale), round(panel[1] * self.scale))
        self.whole = panel
        self.x = (window[0] - self.size[0]) // 2
        self.y = (window[1] - self.size[1]) // 2
        self.window = window

    @property
    def exact(self) -> bool:
        """Whether window pixels are panel pixels."""
        return self.window == self.whole

    def panel(self, x: float, y: float) -> tuple[int, int]:
        """Window pixels to panel pixels."""
        return int((x - self.x) / self.scale), int((y - self.y) / self.scale)

    def rect(self, rect: Rect) -> Rect:
        """Panel pixels to window pixels, rounded outwards."""
        x, y = int(self.x + rect.x * self.scale), int(self.y + rect.y * self.scale)
        right, bottom = self.x + rect.right * self.scale, self.y + rect.bottom * self.scale
        return Rect(x, y, int(right - x) + 2, int(bottom - y) + 2)


class Adapter:
    """SDL's events to pointers. One finger counts; a second one is ignored until the first is lifted."""

    def __init__(self, fit: Fit) -> None:
        self.fit = fit
        self._finger: int | None = None

    def pointer(self, event: Any) -> Pointer | None:
        """A pointer, or None for what is not one (and for mouse events that SDL makes up from touches)."""
        if event.type in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP, pygame.MOUSEMOTION):
            return self._mouse(event)
        if event.type in (pygame.FINGERDOWN, pygame.FINGERUP, pygame.FINGERMOTION):
            return self._touch(event)
        return None

    def _mouse(self, event: Any) -> Pointer | None:
        if getattr(event, "touch", False):
            return None
        x, y = self.fit.panel(*event.pos)
        if event.type == pygame.MOUSEMOTION:
            return Pointer(x, y, "move") if event.buttons[0] else None
        if event.button != 1:
            return None
        return Pointer(x, y, "down" if event.type == pygame.MOUSEBUTTONDOWN else "up")

    def _touch(self, event: Any) -> Pointer | None:
        if event.type == pygame.FINGERDOWN and self._finger is None:
            self._finger = event.finger_id
        elif event.finger_id != self._finger:
            return None
        x, y = self.fit.panel(event.x * self.fit.window[0], event.y * self.fit.window[1])
        if event.type == pygame.FINGERUP:
            self._finger = None
            return Pointer(x, y, "up")
        return Pointer(x, y, "down" if event.type == pygame.FINGERDOWN else "move")


KEYPAD = {pygame.K_BACKSPACE: "backspace", pygame.K_DELETE: "clear"}
ESCAPES = ("cancel", "back")


def typed(sheet: Sheet, key: int, character: str) -> Reply | None:
    """What a real keyboard types on this page: only what could be touched as well."""
    for value in (KEYPAD.get(key, ""), character, character.upper()):
        if value and (target := sheet.find("key", value)):
            return target.reply
    return None
