"""The table of config/health.toml: judged, bounded, said; and power from mains failing to the machine switched off."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from pathlib import Path

import pytest
from pydantic import ValidationError

from config.health_rules import HealthRules, health_rules
from config.running import PowerSettings
from config.texts import texts
from drivers.ups.frames import UpsReading
from kiosk.events import events
from kiosk.health.judging import AGAIN_S, Bounds, Judge, Verdict
from kiosk.health.measuring import Growth, LoopLag, days_left, machine_celsius, resident_mb
from kiosk.health.power import STILL_ON_S, UNHEARD_S, Phase, PowerNow, PowerPhases, power_now
from kiosk.health.restarting import AGAIN_STATUS, BeginAnew, RestartBook, may_go_on, wanted_by

RULES = health_rules()


def judge() -> Judge:
    return Judge(RULES, Bounds(RULES.bounds))


def test_every_rule_names_an_event_and_words_that_there_are() -> None:
    for rule in RULES.rule:
        assert rule.event in events(), rule.id
        if rule.reason:
            for language in ("zh", "en", "ko"):
                assert texts(language).t(rule.reason) != rule.reason


def test_a_rule_breaks_after_its_time_is_said_once_and_ends_behind_its_clear() -> None:
    look = judge()
    assert not look.look({"temperature.c": 80}, 0, 0, idle=True).broken
    first = look.look({"temperature.c": 80}, 61, 61, idle=True)
    assert [rule.id for rule, _ in first.begun] == ["hot"]
    assert first.withheld == {"print": "reason.hot"}
    assert not look.look({"temperature.c": 80}, 65, 65, idle=True).begun
    assert "hot" in look.look({"temperature.c": 70}, 70, 70, idle=True).broken  # below 75, not yet below 65
    over = look.look({"temperature.c": 60}, 75, 75, idle=True)
    assert ([rule.id for rule in over.ended], over.withheld) == (["hot"], {})


def test_what_is_not_known_breaks_no_rule() -> None:
    assert not judge().look({}, 0, 0, idle=True).broken


def test_the_hotter_rule_closes_the_terminal() -> None:
    look = judge()
    look.look({"temperature.c": 95}, 0, 0, idle=True)
    verdict = look.look({"temperature.c": 95}, 61, 61, idle=True)
    assert verdict.withheld == {"print": "reason.hot", "all": "reason.hot-closed"}


def rungs(verdict: Verdict) -> list[str]:
    return [each.rung for each in verdict.restarts]


def test_parts_are_begun_anew_before_the_whole_and_never_more_often_than_allowed() -> None:
    look = judge()
    done = []
    for second in range(0, 3600, 10):
        verdict = look.look({"device.busy_s": 400.0}, second, second, idle=True, subjects={"device.busy_s": "id_card"})
        done += [(second, each.rung, each.subject) for each in verdict.restarts]
    assert [rung for _, rung, _ in done] == ["device"] * 4 + ["core"] * 2
    assert {who for *_, who in done} == {"id_card"}
    assert all(b[0] - a[0] >= AGAIN_S for a, b in pairwise(done))


def test_nothing_that_a_citizen_would_notice_is_begun_anew_while_one_is_here() -> None:
    look = judge()
    look.look({"memory.mb": 1000}, 0, 0, idle=False)
    assert not rungs(look.look({"memory.mb": 1000}, 100, 100, idle=False))
    assert rungs(look.look({"memory.mb": 1000}, 104, 104, idle=True)) == ["process"]


def test_the_bound_holds_over_a_restart_of_the_program(tmp_path: Path) -> None:
    book = RestartBook(tmp_path)
    assert book.read() == []
    book.write([(100.0, "process"), (200.0, "process")])
    look = Judge(RULES, Bounds(RULES.bounds, book.read()))
    look.look({"screen.silent_s": 20}, 1, 300, idle=True)
    assert not look.look({"screen.silent_s": 20}, 9, 309, idle=True).restarts
    assert rungs(look.look({"screen.silent_s": 20}, 3500, 3800, idle=True)) == ["process"]
    book.path.write_text("{")
    assert book.read() == []


@pytest.mark.promise("P10")
def test_a_core_that_fails_is_begun_anew_within_its_bound(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    bug = ExceptionGroup("tasks", [ValueError("bug")])
    assert [may_go_on(bug, tmp_path) for _ in range(3)] == [0, 0, 1]
    assert "the core ended by a program error" in caplog.text
    wish = ExceptionGroup("tasks", [ExceptionGroup("health", [BeginAnew("process", "memory-high")])])
    assert may_go_on(wish, tmp_path) == AGAIN_STATUS
    assert may_go_on(ExceptionGroup("t", [BeginAnew("core", "loop-slow")]), tmp_path) == 0
    assert wanted_by(ExceptionGroup("t", [BeginAnew("core", "x"), ValueError("bug")])) is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"under": 3.0}, "one of over and under"),
        ({"withhold": ["print"]}, "belong together"),
        ({"restart": ["process", "core"]}, "smaller part"),
        ({"clear": 9.0}, "well side"),
        ({"measure": "moon.phase"}, "Input should be"),
        ({"restart": ["engines"]}, "bounds: missing"),
    ],
)
def test_a_table_with_a_fault_is_refused(change: dict[str, object], why: str) -> None:
    row = {"id": "a-b-c", "part": "loop", "measure": "loop.lag_s", "over": 1.0, "for_s": 1.0, "event": "time.off"}
    HealthRules.model_validate({"bounds": {"core": 1, "process": 1}, "rule": [row]})
    with pytest.raises(ValidationError, match=why):
        HealthRules.model_validate({"bounds": {"core": 1, "process": 1}, "rule": [{**row, **change}]})


def test_growth_is_judged_over_days_and_not_by_a_busy_hour() -> None:
    steady, leaking = Growth(), Growth()
    for minute in range(0, 3 * 24 * 60, 10):
        hour = minute / 60
        steady.note(minute * 60, 300 + (200 if 9 <= hour % 24 < 12 else 0))
        leaking.note(minute * 60, 300 + hour * 4)
    assert abs(steady.mb_a_day() or 0) < 30
    assert leaking.mb_a_day() == pytest.approx(96, rel=0.1)
    assert len(steady.samples) <= 144
    assert Growth().mb_a_day() is None


async def test_the_loop_tells_how_late_it_is() -> None:
    lag = LoopLag(0.01)
    task = asyncio.create_task(lag.run())
    await asyncio.sleep(0.03)
    import time

    time.sleep(0.15)  # somebody blocks the loop
    await asyncio.sleep(0.03)
    assert 0.1 < lag.take() < 2
    assert lag.take() < 0.1
    task.cancel()


def test_what_the_machine_says(tmp_path: Path) -> None:
    assert (resident_mb() or 0) > 10
    assert resident_mb(2**22 + 5) is None
    assert machine_celsius(tmp_path) is None
    for number, text in enumerate(("45000", "61500", "rubbish")):
        zone = tmp_path / f"thermal_zone{number}"
        zone.mkdir()
        (zone / "temp").write_text(text)
    assert machine_celsius(tmp_path) == 61.5
    from datetime import UTC, datetime

    assert days_left((), datetime.now(UTC)) is None


# Power

ON = PowerNow("ups", charge=100, runtime_s=600)
OFF = PowerNow("ups", on_battery=True, charge=90, runtime_s=540)
LOW = PowerNow("ups", on_battery=True, charge=30, runtime_s=100)
DEAF = PowerNow("ups", trouble="no answer")


def course(*looks: tuple[float, PowerNow, bool]) -> list[str]:
    phases = PowerPhases(PowerSettings())
    return [str(went) for at, power, busy in looks if (went := phases.step(power, at, busy=busy))]


def test_a_short_cut_is_only_said() -> None:
    assert course((0, ON, False), (5, OFF, True), (20, OFF, True), (25, ON, True), (56, ON, True)) == [
        "battery",
        "mains",
    ]


def test_a_long_cut_sheds_then_waits_for_who_is_here_then_switches_off() -> None:
    looks = [(float(at), OFF if at < 100 else LOW, at < 130) for at in range(0, 140, 5)]
    assert course(*looks) == ["battery", "shed", "closing", "off"]


def test_nobody_is_waited_for_longer_than_the_battery_lasts() -> None:
    settings = PowerSettings()
    looks = [(float(at), LOW, True) for at in range(0, 120, 5)]
    phases = PowerPhases(settings)
    at = {str(went): second for second, power, busy in looks if (went := phases.step(power, second, busy=busy))}
    assert at["off"] - at["closing"] == settings.finish_s


def test_mains_must_be_steady_and_a_machine_that_stayed_on_serves_again() -> None:
    phases = PowerPhases(PowerSettings())
    for second in (0, 5, 10):
        phases.step(LOW, second, busy=False)
    assert phases.phase is Phase.OFF
    assert phases.step(ON, 20, busy=False) is None
    assert phases.step(ON, 11 + STILL_ON_S, busy=False) is None
    assert phases.step(ON, 12 + STILL_ON_S + 30, busy=False) is Phase.MAINS
    flicker = course(*((float(at), OFF if at % 20 < 10 else ON, False) for at in range(0, 100, 5)))
    assert "mains" not in flicker


def test_a_ups_that_falls_silent_on_battery_counts_as_low() -> None:
    phases = PowerPhases(PowerSettings())
    phases.step(OFF, 0, busy=False)
    phases.step(OFF, 5, busy=False)
    assert phases.step(DEAF, 40, busy=False) is Phase.SHED
    assert phases.step(DEAF, 6 + UNHEARD_S, busy=False) is Phase.CLOSING
    calm = PowerPhases(PowerSettings())
    calm.step(ON, 0, busy=False)
    assert calm.step(DEAF, 500, busy=False) is None  # mains were there: only the cable of the UPS


def test_the_word_of_ups_and_board_together() -> None:
    told = power_now(UpsReading(frozenset({"OL"}), 100.0, 600.0, None, "m"), "", ())
    assert (told.source, told.on_battery) == ("ups", False)
    assert power_now(None, "deaf", ()).source == ""
