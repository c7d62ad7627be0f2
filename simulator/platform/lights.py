"""The light of a case (红黄灯): what is left of its promise, a late step, a stopped clock. Pure.

| light    | when                                                                                         |
|----------|----------------------------------------------------------------------------------------------|
| grey     | a special procedure, a supplement or an earlier part stops the clock                          |
| dark-red | the legal limit is passed                                                                    |
| red      | the promise is passed                                                                        |
| yellow   | little is left of it (config/supervision.toml), or a step is over its own limit              |
| green    | otherwise, and when it is over                                                               |
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from config.supervision import Light, LightRule
from simulator.platform.calendar import is_working_day

FAR = 2000
"""Days that are counted at most."""


@dataclass(frozen=True, slots=True)
class Due:
    """The dates of a case that is under way. `promised` working days: 0 is on the spot, -1 no promise in days."""

    promised: int
    promise: date
    legal: date | None
    step_due: date | None
    stopped: bool = False
    over: bool = False


def light(due: Due, today: date, rule: LightRule) -> Light:
    """The light on a day. A day counts until its end."""
    if due.over:
        return "green"
    if due.stopped:
        return "grey"
    if due.promised < 0:
        return "green"
    if due.legal is not None and today > due.legal:
        return "dark-red"
    if today > due.promise:
        return "red"
    left = working_days(today, due.promise)
    few = left <= rule.left_days and due.promised >= rule.left_days_from
    if due.promised and (few or left * 100 <= rule.left_percent * due.promised):
        return "yellow"
    return "yellow" if due.step_due is not None and today > due.step_due else "green"


def working_days(after: date, until: date) -> int:
    """Working days after the one day, up to and with the other."""
    days = min((until - after).days, FAR)
    return sum(is_working_day(after + timedelta(days=n)) for n in range(1, days + 1))
