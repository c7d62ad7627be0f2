"""Working days of the city: Monday to Friday, less days off, plus make-up days (calendar.toml)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

_DATA = Path(__file__).with_name("calendar.toml")


@dataclass(frozen=True, slots=True)
class _Year:
    published: bool
    off: frozenset[date]
    work: frozenset[date]


@dataclass(frozen=True, slots=True)
class Promise:
    """The last day of a promised time; `estimated` when a year without a published arrangement was counted in."""

    day: date
    estimated: bool


@cache
def _years() -> dict[int, _Year]:
    raw = tomllib.loads(_DATA.read_text(encoding="utf-8"))
    return {
        int(year): _Year(
            table["published"],
            frozenset(map(date.fromisoformat, table["off"])),
            frozenset(map(date.fromisoformat, table["work"])),
        )
        for year, table in raw.items()
    }


def year_table(year: int) -> _Year | None:
    """What is known of a year; None: nothing yet."""
    return _years().get(year)


def is_working_day(day: date) -> bool:
    """Whether offices work; a year without a table has only its weekends off."""
    year = _years().get(day.year)
    if year is not None and day in year.off:
        return False
    return day.weekday() < 5 or (year is not None and day in year.work)


def promise(accepted: date, working_days: int) -> Promise:
    """The day on which `working_days` have passed; the day of acceptance does not count. 0 is the same day."""
    day, left = accepted, working_days
    estimated = False
    while left:
        day += timedelta(days=1)
        year = _years().get(day.year)
        estimated = estimated or year is None or not year.published
        left -= is_working_day(day)
    return Promise(day, estimated)
