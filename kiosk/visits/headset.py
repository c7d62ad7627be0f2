"""The headset's socket, where the cabinet feels it: the stage is told as if a key of the keypad had said so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from drivers.cabinet.state import CabinetEvent, HeadsetIn, HeadsetOut


@runtime_checkable
class Telling(Protocol):
    """A cabinet that tells what happens."""

    def watch_events(self, callback: Callable[[CabinetEvent], None]) -> Callable[[], None]:
        """Call `callback(event)` for everything from now on; the function returned ends it."""
        ...


@runtime_checkable
class Keyed(Protocol):
    """A display that takes keys of the keypad."""

    def key(self, pressed: str) -> None:
        """A command by its name, from any thread."""
        ...


def follow_headset(cabinet: object, display: object) -> None:
    """From now on a headset in the cabinet's socket is one of the stage's; nothing where either has no part in it."""
    if not isinstance(cabinet, Telling) or not isinstance(display, Keyed):
        return
    press = display.key

    def happened(event: CabinetEvent) -> None:
        if isinstance(event, HeadsetIn | HeadsetOut):
            press("headset-in" if isinstance(event, HeadsetIn) else "headset-out")

    cabinet.watch_events(happened)
