"""Whose fault it is: what a trial came to, and whether a version that is gone again may ever be tried once more.

A version is condemned for what it does itself and for nothing else. Nobody can tell a version that breaks the way to
the platform from a platform that is away, so neither is waited for without end: the trial goes on within a bound, then
the version goes back without a mark and comes again, a few times.

| what is seen                                                      | what follows                                 |
|-------------------------------------------------------------------|----------------------------------------------|
| well without a break for `ready_min`                              | good                                         |
| past the deadline, a cause of its own is open                     | taken back, never tried again                |
| past the deadline, only the platform, the network or mains        | prolonged by `within_min` until `latest`,    |
|                                                                   | then taken back and set aside                |
| root or the boot loader took it back: it could not start          | never tried again                            |
| root took it back over its time, a cause of its own was open      | never tried again                            |
| root took it back over its time, nothing was open against it      | set aside (the machine was off meanwhile)    |
| set aside                                                         | tried again after a day, `MOST_ROUNDS` times;|
|                                                                   | then once it is published under a new serial |
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, Literal

from kiosk.updates.around import Readiness
from kiosk.updates.manifest import Manifest
from kiosk.updates.state import State

MOST_ROUNDS: Final = 3
AGAIN: Final = timedelta(days=1)
"""So long after it could not be installed, or was set aside, the same version is tried again; and so long at most one
that was fetched waits for the platform to answer, without which nobody could judge it."""
Verdict = Literal["wait", "good", "prolong", "take-back"]
Back = Literal["", "failed", "late", "half"]
"""Why something outside this program took a version back: it could not start, its time was over, a power cut left it
half installed; "" nothing is known."""

WORDS: Final[dict[Back, str]] = {
    "": "the machine went back by itself",
    "failed": "it could not start",
    "late": "its time was over before it was kept",
    "half": "a power cut left it half installed",
}


def verdict(state: State, found: Readiness, well_s: float, need_s: float, now: datetime) -> Verdict:
    """What follows for a version on trial that was well for `well_s` without a break."""
    if not found.why and well_s >= need_s:
        return "good"
    if not state.deadline or now < datetime.fromisoformat(state.deadline):
        return "wait"
    if found.why and found.ours:
        return "take-back"
    if state.latest and now >= datetime.fromisoformat(state.latest):
        return "take-back" if found.why else "wait"
    return "prolong"


def is_condemned(state: State, back: Back) -> bool:
    """Whether a version that is gone again is never tried again."""
    if back == "failed" and (state.method != "rauc" or state.phase == "installed"):
        return True
    if state.phase == "installed":
        return state.method == "rauc"  # the boot loader tried it as often as it does
    return bool(state.said) and not state.outer


def why_not_again(state: State, manifest: Manifest, now: datetime) -> str:
    """Why a version that failed here or was set aside is not taken yet, "" when it may be."""
    if manifest.version != state.version or state.phase not in ("failed", "set-aside"):
        return ""
    if state.phase == "set-aside" and state.rounds >= MOST_ROUNDS:
        if manifest.serial > state.serial:
            return ""
        return f"it was set aside {state.rounds} times ({state.said}); publish it under a higher serial to try it again"
    if state.since and now - datetime.fromisoformat(state.since) < AGAIN:
        word = "set aside" if state.phase == "set-aside" else "not to be installed"
        return f"it was {word}: {state.said}"
    return ""


def rounds_of(state: State, manifest: Manifest) -> int:
    """How often it was set aside under this serial."""
    return state.rounds if (manifest.version, manifest.serial) == (state.version, state.serial) else 0
