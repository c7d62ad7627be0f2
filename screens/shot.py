"""Pictures of the panel for who may have one: copied on the stage's thread, private places blanked there."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import screens.sdl_settings  # noqa: F401 - before pygame is imported; isort: skip
import pygame

if TYPE_CHECKING:
    from screens.screen import Screen
    from screens.sheet import Sheet

BLANK: Final = (176, 188, 196)
MOST_WAITING: Final = 4


@dataclass(frozen=True, slots=True)
class Shot:
    """The panel as it was, and the page that stood there."""

    screen: Screen
    surface: pygame.Surface

    def png(self) -> bytes:
        """As a PNG. Takes a while: not on the stage's thread, not on the loop's."""
        out = io.BytesIO()
        pygame.image.save(self.surface, out, "shot.png")
        return out.getvalue()


class TooMany(RuntimeError):
    """Too many pictures are being waited for."""


class Shots:
    """Asked for from any thread, taken by the stage after it has painted. `wake` makes it turn."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._waiting: deque[Future[Shot]] = deque()

    def ask(self) -> Future[Shot]:
        """The next picture. Raises `TooMany`. Wait for it under a deadline: a page may never come."""
        if len(self._waiting) >= MOST_WAITING:
            raise TooMany(f"{MOST_WAITING} pictures are waited for already")
        wanted: Future[Shot] = Future()
        self._waiting.append(wanted)
        self._wake()
        return wanted

    def take(self, screen: Screen | None, sheet: Sheet | None, surface: pygame.Surface) -> None:
        """On the stage's thread, after painting."""
        if not self._waiting or screen is None or sheet is None:
            return
        copy = surface.copy()
        for private in sheet.private:
            copy.fill(BLANK, private)
        while self._waiting:
            wanted = self._waiting.popleft()
            if wanted.set_running_or_notify_cancel():
                wanted.set_result(Shot(screen, copy))
