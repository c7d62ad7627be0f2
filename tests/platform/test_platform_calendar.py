"""Working days and promised dates over holidays, make-up days and the end of the year."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from simulator.platform.calendar import is_working_day, promise


@pytest.mark.oracle
@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-01-02", False),
        ("2026-01-04", True),
        ("2026-02-14", True),
        ("2026-02-23", False),
        ("2026-02-28", True),
        ("2026-05-09", True),
        ("2026-09-20", True),
        ("2026-09-25", False),
        ("2026-10-01", False),
        ("2026-10-07", False),
        ("2026-10-08", True),
        ("2026-10-10", True),
        ("2026-10-11", False),
        ("2026-11-21", False),
    ],
)
def test_days_of_the_published_arrangement(day, works):
    assert is_working_day(date.fromisoformat(day)) is works


def test_2026_has_as_many_working_days_as_the_arrangement_gives():
    first = date(2026, 1, 1)
    assert sum(is_working_day(first + timedelta(days=n)) for n in range(365)) == 248


@pytest.mark.parametrize(
    ("accepted", "days", "promised", "estimated"),
    [
        (date(2026, 11, 21), 20, date(2026, 12, 18), False),
        (date(2026, 11, 21), 0, date(2026, 11, 21), False),
        (date(2026, 9, 18), 2, date(2026, 9, 21), False),
        (date(2026, 9, 30), 3, date(2026, 10, 10), False),
        (date(2026, 12, 18), 20, date(2027, 1, 18), True),
        (date(2026, 12, 31), 1, date(2027, 1, 4), True),
        (date(2030, 1, 4), 5, date(2030, 1, 11), True),
    ],
)
def test_promised_dates(accepted, days, promised, estimated):
    found = promise(accepted, days)
    assert (found.day, found.estimated) == (promised, estimated)
