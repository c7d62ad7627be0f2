"""What the updater needs of its terminal, and what it hears from it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from kiosk.updates.fetching import fetch_manifest

Note = Callable[[str, Mapping[str, object]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Readiness:
    """`why` it is not well, "" when it is; not `ours`: the platform, the network or mains are away, which no version
    can help."""

    why: str = ""
    ours: bool = True


@dataclass(frozen=True, slots=True)
class Around:
    """What the updater needs of its terminal."""

    terminal: str
    running: str
    """The version of this program."""
    now: Callable[[], datetime]
    monotonic: Callable[[], float]
    quiet: Callable[[], Awaitable[str]]
    """Why nothing may be installed now ("" nothing speaks against it): a visit, an open act, the battery, the hour."""
    ready: Callable[[tuple[str, ...]], Readiness]
    """Whether this program serves as it should; given the devices that could be used before."""
    usable: Callable[[], tuple[str, ...]]
    """Devices that can be used now."""
    note: Note
    """Writes an entry of the journal."""
    manifest: Callable[[str], bytes] = fetch_manifest
    not_back: Callable[[], str] = lambda: ""
    """Why a version that is not well may not be taken back now: somebody is here, the battery. No hour, and no act
    that it leaves open: it may be what cannot settle it, and what is open is on disk."""
