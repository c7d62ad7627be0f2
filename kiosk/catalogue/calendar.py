"""The working-day calendar of this terminal: what it was shipped with, and over it the years that the platform told."""

from __future__ import annotations

import json
import logging
import os
from datetime import date
from pathlib import Path
from typing import Final

from config.calendar import WorkCalendar, Year, shipped, year_of

log = logging.getLogger(__name__)

MAX_FILE_BYTES: Final = 1 << 20
MAX_YEARS: Final = 50


class CalendarStore:
    """`calendar` is what to ask; `path` keeps the platform's years. Blocking."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._told: dict[int, Year] = {}
        self.calendar: WorkCalendar = shipped()
        for number, year in self._load().items():
            self._put(number, year)

    def take(self, number: int, year: Year) -> None:
        """Take over a year and keep it. Raises `OSError`; it counts all the same until the next start."""
        if self._told.get(number) == year:
            return
        self._put(number, year)
        tables = {
            str(n): {"published": y.published, "off": _sorted(y.off), "work": _sorted(y.work)}
            for n, y in sorted(self._told.items())[-MAX_YEARS:]
        }
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_suffix(".new")
        with fresh.open("wb") as file:
            file.write(json.dumps(tables).encode())
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)

    def _put(self, number: int, year: Year) -> None:
        self._told[number] = year
        self.calendar = self.calendar.with_year(number, year)

    def _load(self) -> dict[int, Year]:
        """What is kept; a file that cannot be read is as none: the platform tells it again."""
        try:
            with self._path.open("rb") as file:
                raw = json.loads(file.read(MAX_FILE_BYTES))  # what is larger is cut, and so no JSON
            return {int(number): year_of(int(number), table) for number, table in raw.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
            log.warning("calendar: %s is not used: %s", self._path, error)
            return {}


def _sorted(days: frozenset[date]) -> list[str]:
    return sorted(str(day) for day in days)
