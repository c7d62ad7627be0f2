"""Lights by the working-day calendar: thresholds are data, holidays and make-up days count, a stopped clock is grey."""

from __future__ import annotations

from datetime import date

import pytest

from config.supervision import LightRule, Supervision, supervision, worst
from simulator.platform.calendar import promise
from simulator.platform.lights import Due, light, working_days

RULE = LightRule(left_percent=20, left_days=1, left_days_from=2)
ACCEPTED = date(2026, 11, 2)  # a Monday


def due(days: int, **more: object) -> Due:
    legal = promise(ACCEPTED, days * 2).day
    return Due(days, promise(ACCEPTED, days).day, legal, None, **more)  # type: ignore[arg-type] - keywords of Due


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (date(2026, 11, 2), "green"),
        (date(2026, 11, 11), "green"),  # 3 of 10 left
        (date(2026, 11, 12), "yellow"),  # 2 of 10: 20 %
        (date(2026, 11, 16), "yellow"),  # the promised day itself
        (date(2026, 11, 17), "red"),
        (date(2026, 11, 30), "red"),  # the legal day
        (date(2026, 12, 1), "dark-red"),
    ],
)
def test_a_case_of_ten_days_goes_through_all_lights(today: date, expected: str) -> None:
    assert light(due(10), today, RULE) == expected


def test_a_promise_of_one_day_is_not_yellow_from_the_start() -> None:
    assert light(due(1), ACCEPTED, RULE) == "green"
    assert light(due(1), date(2026, 11, 3), RULE) == "yellow"
    assert light(due(3), date(2026, 11, 4), RULE) == "yellow"


def test_a_late_step_is_yellow_while_the_whole_is_not_late() -> None:
    late = Due(20, promise(ACCEPTED, 20).day, None, date(2026, 11, 4))
    assert light(late, date(2026, 11, 4), RULE) == "green"
    assert light(late, date(2026, 11, 5), RULE) == "yellow"


def test_a_stopped_clock_is_grey_and_what_is_over_is_green_whatever_the_day() -> None:
    far = date(2027, 5, 1)
    assert light(due(10, stopped=True), far, RULE) == "grey"
    assert light(due(10, over=True), far, RULE) == "green"
    assert light(Due(-1, ACCEPTED, None, None), far, RULE) == "green"


def test_working_days_pass_over_the_holidays_and_count_make_up_days() -> None:
    assert working_days(date(2026, 9, 30), date(2026, 10, 10)) == 3  # 8th, 9th, and Saturday the 10th
    assert working_days(date(2026, 12, 31), date(2027, 1, 4)) == 1
    assert working_days(date(2026, 11, 5), date(2026, 11, 2)) == 0


def test_thresholds_come_from_the_file_and_a_missing_rule_is_told() -> None:
    assert supervision().light == RULE
    told = supervision().model_dump()
    told["rule"] = told["rule"][1:]
    with pytest.raises(ValueError, match="paid-no-result"):
        Supervision.model_validate(told)
    assert worst(["green", "yellow", "grey"]) == "yellow"
    assert worst([]) == "green"
