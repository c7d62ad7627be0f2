"""What every simulated device offers to the bench, the command line and the scripts: plug, verbs, state, wire.

A family's module in `simulator/models/` has `make(address, **options) -> SimDevice`; `simulator.families` lists them.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

WIRE_KEPT = 2000


@dataclass(frozen=True, slots=True)
class Crossing:
    """Bytes that crossed a wire: seconds since the epoch, device family, `in` (to the device) or `out`, words."""

    at: float
    device: str
    direction: str
    data: bytes
    words: str


class UnknownVerb(ValueError):
    """The device has no such verb; the message lists those it has."""


def told_version(given: object) -> str:
    """A firmware as a person types it for a simulated device: up to 40 ASCII characters. Raises `ValueError`."""
    version = str(given)
    if len(version) > 40 or not (version.isascii() and (version.isprintable() or not version)):
        raise ValueError("version is up to 40 ASCII characters")
    return version


class SimDevice(ABC):
    """One simulated device. `family` is its name on the command line; `verbs` maps what can be done to a sentence."""

    family: str = ""
    verbs: dict[str, str] = {}  # noqa: RUF012 - a constant table of the class

    def __init__(self) -> None:
        self.wire: deque[Crossing] = deque(maxlen=WIRE_KEPT)
        self.watchers: list[Callable[[SimDevice], None]] = []
        self.wire_watchers: list[Callable[[Crossing], None]] = []

    @property
    @abstractmethod
    def link(self) -> str:
        """The link URL that a profile needs to reach this device. Known once plugged."""

    @abstractmethod
    async def plug(self) -> None:
        """Make the device's port exist."""

    @abstractmethod
    async def unplug(self) -> None:
        """Take the device away."""

    @abstractmethod
    def state(self) -> dict[str, Any]:
        """What a person standing before the device would see, as JSON. Always has `plugged: bool` and `words: str`."""

    @abstractmethod
    def do(self, verb: str, **args: Any) -> Any:
        """Do what `verbs` names (present a card, arm a fault). Raises `UnknownVerb`, `ValueError`."""

    def artefact(self, name: str) -> tuple[str, bytes]:
        """A thing that the device made, as (media type, bytes): `paper.png`, `last.pdf`. Raises `KeyError`."""
        raise KeyError(f"{self.family} has no {name!r}")

    def decode(self, direction: str, data: bytes) -> str:
        """What `data` says, in words, for the wire view; personal data masked."""
        return f"{len(data)} bytes"

    def tap(self, direction: str, data: bytes) -> None:
        """Note a crossing and tell those who watch."""
        crossing = Crossing(time.time(), self.family, direction, data, self.decode(direction, data))
        self.wire.append(crossing)
        for watcher in self.wire_watchers:
            watcher(crossing)

    def changed(self) -> None:
        """Tell those who watch that `state()` differs."""
        for watcher in self.watchers:
            watcher(self)
