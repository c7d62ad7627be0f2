"""Nobody is here, nobody answers, closed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Standby:
    """Nobody is here: what works, what does not, how to start."""

    available: int
    limits: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()
    card: bool = True
    """There is a reader: bring the card; else the phone."""
    whole: bool = True
    """No device is left out: what is not paused is everything."""


@dataclass(frozen=True, slots=True)
class StillThere:
    """The citizen has been quiet: continue or leave, `seconds` to answer."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Closed:
    """Out of service: why, what to do, where else. Not `until`: whoever closed it says in `reason` until when."""

    reason: str
    elsewhere: str = ""
    until: bool = True
