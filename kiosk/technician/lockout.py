"""How guessing is slowed down: for each technician, and for the door as a whole. Pure: told what was tried."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

HOUR_S = 3600.0
Result = Literal["tried", "opened", "released"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """`tried` is written before the PIN or code is looked at; `opened`, `released` end the row of failures of `who`.

    `at`: seconds since 1970. `who`: keyed digest.
    """

    at: float
    who: str
    result: Result


@dataclass(frozen=True, slots=True)
class Rules:
    """Seconds: see `config.technician_settings`."""

    delays_s: tuple[int, ...]
    door_tries: int
    door_delay_s: int


def read_attempt(body: Mapping[str, Any]) -> Attempt | None:
    """An attempt from its entry in the journal; None for an entry that is none."""
    result, at = body.get("result"), body.get("at")
    if result not in ("tried", "opened", "released") or not isinstance(at, int | float):
        return None
    return Attempt(float(at), str(body.get("who", "")), result)


def counted(attempt: Attempt, now: float, started: float) -> Attempt:
    """As it counts now. One from the future (the clock was set back) counts from the start of this program: it neither
    ends nor lasts for ever."""
    return attempt if attempt.at <= now else replace(attempt, at=min(started, now))


def united(some: Iterable[Attempt], others: Iterable[Attempt]) -> list[Attempt]:
    """What either of two records knows, oldest first: what stands in both is one attempt."""
    return sorted((Counter(some) | Counter(others)).elements(), key=lambda each: each.at)


def row_of_failures(attempts: Iterable[Attempt], who: str) -> list[Attempt]:
    """The failures of `who` since the door last opened for them, oldest first."""
    row: list[Attempt] = []
    for each in attempts:
        if each.who != who:
            continue
        if each.result == "tried":
            row.append(each)
        else:
            row.clear()
    return row


def shut_until(attempts: Iterable[Attempt], who: str, rules: Rules, now: float) -> float:
    """Until when `who` ("" nobody yet) is not let in: seconds since 1970, 0.0 when not locked.

    An attempt that succeeded is no failure of the door; one's own success does not clear what others tried.
    """
    told = list(attempts)
    until = 0.0
    row = row_of_failures(told, who) if who else []
    if row:
        until = row[-1].at + rules.delays_s[min(len(row), len(rules.delays_s)) - 1]
    failed = [each.at for each in _failures(told) if now - each.at < HOUR_S]
    if len(failed) >= rules.door_tries:
        until = max(until, failed[-1] + rules.door_delay_s)
    return until if until > now else 0.0


def _failures(attempts: list[Attempt]) -> list[Attempt]:
    """Every `tried` that no success of the same technician followed at once; none before the last release."""
    failed: list[Attempt] = []
    for each in attempts:
        if each.result == "tried":
            failed.append(each)
        elif each.result == "released":
            failed.clear()
        elif failed and failed[-1].who == each.who:
            failed.pop()  # it was the try by which the door opened
    return failed
