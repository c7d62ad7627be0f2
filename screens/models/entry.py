"""Nobody is here, nobody answers, closed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Standby:
    """Nobody is here: what works, what does not, how to start."""

    available: int
    limits: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StillThere:
    """The citizen has been quiet: continue or leave, `seconds` to answer."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Closed:
    """Out of service: why, what to do, where else."""

    reason: str
    elsewhere: str = ""
