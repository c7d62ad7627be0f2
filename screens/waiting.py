"""How the stage sleeps: until something happens, without polling where the system allows it.

`pygame.event.wait` polls every millisecond inside (2 % of a core for nothing); SDL's own wait blocks on X11 and
Wayland, so it is called through the SDL that pygame brought along.
"""

from __future__ import annotations

import ctypes
import logging
import threading
import time
from pathlib import Path
from typing import Protocol

import pygame

log = logging.getLogger(__name__)

BLOCKING_DRIVERS = frozenset({"x11", "wayland"})
POLL_ACTIVE_S = 1 / 60
POLL_IDLE_S = 1 / 20
ACTIVE_S = 10.0


class Sleeper(Protocol):
    """Sleeps until woken or until time is up."""

    def sleep(self, seconds: float) -> None:
        """From the stage's thread."""
        ...

    def wake(self) -> None:
        """From any thread; a wake before the sleep ends the next sleep at once."""
        ...


class ConditionSleeper:
    """Without a window there are no SDL events to wait for."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def sleep(self, seconds: float) -> None:
        """Block until woken or until `seconds` are over."""
        self._event.wait(seconds)
        self._event.clear()

    def wake(self) -> None:
        """End the sleep."""
        self._event.set()


class SdlSleeper:
    """Blocks in `SDL_WaitEventTimeout`; woken by an event of its own in SDL's queue."""

    def __init__(self, sdl: ctypes.CDLL) -> None:
        self._wait = sdl.SDL_WaitEventTimeout
        self._wait.argtypes = [ctypes.c_void_p, ctypes.c_int]
        self._wait.restype = ctypes.c_int
        self._kind = pygame.event.custom_type()
        self._posted = threading.Event()

    def sleep(self, seconds: float) -> None:
        """Block until an event is in the queue; it stays there. ctypes lets other threads run meanwhile."""
        if not self._posted.is_set():
            self._wait(None, max(1, round(seconds * 1000)))
        self._posted.clear()

    def wake(self) -> None:
        """Put the event in the queue, once until it is seen."""
        if not self._posted.is_set():
            self._posted.set()
            try:
                pygame.event.post(pygame.event.Event(self._kind))
            except pygame.error:
                log.debug("SDL's queue is full or closed: the stage is awake already")


class PollSleeper:
    """Where SDL's wait polls anyway: look 60 times a second while somebody is here, 20 times when nobody is."""

    def __init__(self) -> None:
        self._woken = threading.Event()
        self._active_until = 0.0

    def sleep(self, seconds: float) -> None:
        """At most one polling interval."""
        pause = POLL_ACTIVE_S if time.monotonic() < self._active_until else POLL_IDLE_S
        self._woken.wait(min(seconds, pause))
        self._woken.clear()

    def wake(self) -> None:
        """End the pause; somebody is here."""
        self._active_until = time.monotonic() + ACTIVE_S
        self._woken.set()


def sleeper_for(driver: str) -> Sleeper:
    """The best way to sleep under SDL's video driver `driver` ("" without a window)."""
    if not driver:
        return ConditionSleeper()
    if driver in BLOCKING_DRIVERS and (library := _pygames_sdl()) is not None:
        return SdlSleeper(library)
    return PollSleeper()


def _pygames_sdl() -> ctypes.CDLL | None:
    """The very library that pygame has loaded; None where it cannot be told (then polling is right)."""
    try:
        mapped = Path("/proc/self/maps").read_text()
    except OSError:
        return None
    path = next((line.split(maxsplit=5)[5] for line in mapped.splitlines() if "/libSDL2-2" in line), "")
    if not path:
        return None
    try:
        return ctypes.CDLL(path)
    except OSError as error:
        log.warning("SDL's own wait cannot be used, the stage polls: %s", error)
    return None
