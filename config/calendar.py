"""Working days: Monday to Friday, less days off, plus make-up days, by year as published; a guess says that it is one.

The years come from `calendar.toml` and, newer, from the platform (`GET /calendar/{year}`). A year without a table has
only its weekends off and is estimated; no library is asked, they end with the last year known when they were made.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any

from config import DATA

MAX_DAYS = 3650
"""Longest promise that can be counted, in working days."""
MAX_TABLE = 100
FIRST_YEAR, LAST_YEAR = 2000, 2199


@dataclass(frozen=True, slots=True)
class Year:
    """What differs from Monday to Friday in a year. `published`: the arrangement for it is out."""

    published: bool
    off: frozenset[date]
    work: frozenset[date]


@dataclass(frozen=True, slots=True)
class Promise:
    """The last day of a promised time; `estimated` when a year without a published arrangement was counted in."""

    day: date
    estimated: bool


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The years that are known. Questions about any other year are answered by weekdays."""

    years: Mapping[int, Year]

    def is_working_day(self, day: date) -> bool:
        """Whether offices work on `day`."""
        year = self.years.get(day.year)
        if year is not None and day in year.off:
            return False
        return day.weekday() < 5 or (year is not None and day in year.work)

    def is_estimated(self, day: date) -> bool:
        """Whether the arrangement for that year is not published yet."""
        year = self.years.get(day.year)
        return year is None or not year.published

    def promise(self, accepted: date, working_days: int) -> Promise:
        """The day on which `working_days` have passed; the day of acceptance does not count, 0 is the same day.

        Raises `ValueError` below 0 and above 3650.
        """
        if not 0 <= working_days <= MAX_DAYS:
            raise ValueError(f"working_days: 0 to {MAX_DAYS}, not {working_days}")
        day, left, estimated = accepted, working_days, False
        while left:
            day += timedelta(days=1)
            estimated = estimated or self.is_estimated(day)
            left -= self.is_working_day(day)
        return Promise(day, estimated)

    def next_working_day(self, after: date) -> Promise:
        """The first working day after `after`."""
        return self.promise(after, 1)

    def with_year(self, number: int, year: Year) -> WorkCalendar:
        """The same with this year's table in place of an older one."""
        return replace(self, years=MappingProxyType({**self.years, number: year}))


def year_of(number: int, table: Mapping[str, Any]) -> Year:
    """A year's table (`published`, `off`, `work` as ISO dates). Raises `ValueError`: which key, what is wrong."""
    if not FIRST_YEAR <= number <= LAST_YEAR:
        raise ValueError(f"calendar: {number} is no year from {FIRST_YEAR} to {LAST_YEAR}")
    if not isinstance(table.get("published"), bool):
        raise ValueError(f"calendar {number}: published is true or false")  # noqa: TRY004 - one kind of error a caller can expect
    off, work = (_days(number, key, table.get(key, ())) for key in ("off", "work"))
    if both := off & work:
        raise ValueError(f"calendar {number}: {min(both)} is both off and work")
    return Year(table["published"], off, work)


def _days(number: int, key: str, days: Any) -> frozenset[date]:
    if not isinstance(days, Iterable) or isinstance(days, str | bytes):
        raise ValueError(f"calendar {number}: {key} is a list of dates")  # noqa: TRY004 - as above
    found = set()
    for text in days:
        try:
            day = date.fromisoformat(text)
        except (TypeError, ValueError):
            raise ValueError(f"calendar {number}: {key} holds what is no date YYYY-MM-DD") from None
        if day.year != number:
            raise ValueError(f"calendar {number}: {key} holds {day}, which is in another year")
        found.add(day)
        if len(found) > MAX_TABLE:
            raise ValueError(f"calendar {number}: {key} holds more than {MAX_TABLE} days")
    return frozenset(found)


@cache
def shipped() -> WorkCalendar:
    """The calendar that comes with the program. Raises `ValueError`."""
    raw = tomllib.loads((DATA / "calendar.toml").read_text(encoding="utf-8"))
    return WorkCalendar(MappingProxyType({int(number): year_of(int(number), table) for number, table in raw.items()}))
