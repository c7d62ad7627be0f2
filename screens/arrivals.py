"""What other threads brought the stage since its last turn: a page, a picture, fingers, keys, orders to forget."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass

from screens.pointer import Pointer
from screens.screen import Screen

MAX_TOUCHES = 256
MAX_PREVIEW = (1920, 1080)

Frame = tuple[bytes, int, int]
"""RGB rows, width, height."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """What one turn takes over. `fresh`: there is another `frame` than before, or none any more."""

    screen: Screen | None
    touches: tuple[Pointer, ...]
    keys: tuple[str, ...]
    frame: Frame | None
    fresh: bool
    wipes: bool


class Arrivals:
    """Filled from any thread, emptied by the stage's. The newest page and picture win; the oldest touches are lost."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._screen: Screen | None = None
        self._frame: Frame | None = None
        self._fresh = False
        self._touches: deque[Pointer] = deque(maxlen=MAX_TOUCHES)
        self._keys: deque[str] = deque(maxlen=MAX_TOUCHES)
        self._wipes: list[threading.Event] = []

    def show(self, screen: Screen) -> None:
        """Another page."""
        with self._lock:
            self._screen = screen

    def preview(self, rgb: bytes | None, width: int, height: int) -> None:
        """The newest camera picture; raises `ValueError` for one that is too large or not whole."""
        if rgb is not None:
            if not (0 < width <= MAX_PREVIEW[0] and 0 < height <= MAX_PREVIEW[1]):
                raise ValueError(f"a preview of {width} x {height}; at most {MAX_PREVIEW[0]} x {MAX_PREVIEW[1]}")
            if len(rgb) != width * height * 3:
                raise ValueError(f"a preview of {width} x {height} has {width * height * 3} bytes, not {len(rgb)}")
        with self._lock:
            self._frame = None if rgb is None else (rgb, width, height)
            self._fresh = True

    def touch(self, pointer: Pointer) -> None:
        """A finger, here or from afar."""
        with self._lock:
            self._touches.append(pointer)

    def key(self, pressed: str) -> None:
        """A key from afar."""
        with self._lock:
            self._keys.append(pressed)

    def wipe(self, done: threading.Event) -> None:
        """Forget what was brought and was not taken over; `done` is given back by `wiped`."""
        with self._lock:
            self._wipes.append(done)
            self._frame, self._fresh = None, True
            self._touches.clear()
            self._keys.clear()

    def take(self) -> Arrived:
        """Everything since the last time."""
        with self._lock:
            screen, self._screen = self._screen, None
            fresh, self._fresh = self._fresh, False
            arrived = Arrived(
                screen, tuple(self._touches), tuple(self._keys), self._frame, fresh, wipes=bool(self._wipes)
            )
            self._touches.clear()
            self._keys.clear()
        return arrived

    def wiped(self) -> None:
        """Everything is forgotten: tell who waits for it."""
        with self._lock:
            wipes, self._wipes = self._wipes, []
        for done in wipes:
            done.set()
