"""Whose fault it is: what is outside condemns no version, hides none of its faults, and is not waited for for ever."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kiosk.diagnostics.facts import Facts, UpdateFact
from kiosk.diagnostics.house_sections import house_sections
from kiosk.health.power import Phase
from kiosk.updates import joining
from kiosk.updates.around import Readiness
from kiosk.updates.installer import CannotInstall
from kiosk.updates.state import State, StateFile
from kiosk.updates.trial import Back, is_condemned, verdict
from tests.updates.a_machine import NEW, OLD, SETTINGS, Machine, Restart, life, step
from tests.updates.release import CONTENT, NOW

DAY_MIN = 24 * 60
AWAY = Readiness("the platform does not answer", ours=False)
OWN = Readiness("nothing can be offered")
TRYING = State(
    "trying",
    NEW,
    OLD,
    deadline=(NOW + timedelta(minutes=45)).isoformat(),
    latest=(NOW + timedelta(hours=4)).isoformat(),
    method="package",
)


@pytest.fixture(autouse=True)
def a_shelf_at_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Days pass here: the disk is not waited for, and the web server is beside it."""
    monkeypatch.setattr(os, "fsync", lambda _: None)
    monkeypatch.setattr("kiosk.updates.fetching.fetch_file", lambda url, target, *_: target.write_bytes(CONTENT))


def goes_on(machine: Machine, minutes: float) -> State:
    """So long, over every start anew in between."""
    until, state = machine.seconds + minutes * 60, State()
    while machine.seconds < until:
        try:
            state = step(machine, int((until - machine.seconds) // 60) + 1)
        except Restart:
            machine.seconds += 60
    return state


@pytest.mark.parametrize(
    ("found", "well_min", "at_min", "what"),
    [
        (Readiness(), 9, 20, "wait"),
        (Readiness(), 10, 20, "good"),
        (Readiness(), 5, 50, "prolong"),
        (Readiness(), 5, 241, "wait"),
        (OWN, 0, 44, "wait"),
        (OWN, 0, 45, "take-back"),
        (AWAY, 0, 45, "prolong"),
        (AWAY, 0, 239, "prolong"),
        (AWAY, 0, 240, "take-back"),
    ],
)
def test_what_a_trial_comes_to(found: Readiness, well_min: float, at_min: float, what: str) -> None:
    assert verdict(TRYING, found, well_min * 60, 600, NOW + timedelta(minutes=at_min)) == what


@pytest.mark.parametrize(
    ("more", "back", "never_again"),
    [
        ({"phase": "installed"}, "failed", True),
        ({"said": AWAY.why, "outer": True}, "failed", True),
        ({"phase": "installed"}, "late", False),
        ({"phase": "installed", "method": "rauc"}, "", True),
        ({}, "late", False),
        ({}, "", False),
        ({"said": OWN.why}, "late", True),
        ({"said": AWAY.why, "outer": True}, "late", False),
        ({"phase": "rolling-back", "said": OWN.why}, "", True),
        ({"phase": "rolling-back", "said": AWAY.why, "outer": True}, "", False),
    ],
)
def test_which_version_is_never_tried_again(more: dict[str, Any], back: Back, never_again: bool) -> None:
    assert is_condemned(replace(TRYING, **more), back) is never_again


def test_a_trial_outlasts_an_outage_of_some_hours(tmp_path: Path) -> None:
    machine = Machine("package", tmp_path)
    (tmp_path / "updates").mkdir()
    with pytest.raises(Restart):
        step(machine, 9)
    machine.network = False
    assert goes_on(machine, 200).phase == "trying"
    assert machine.prolonged >= 3
    machine.network = True
    state = goes_on(machine, 15)
    assert (state.phase, machine.active, state.bad) == ("good", NEW, ())


def test_a_longer_one_sets_it_aside_without_a_mark_and_it_comes_again_the_next_day(tmp_path: Path) -> None:
    machine = Machine("rauc", tmp_path)
    (tmp_path / "updates").mkdir()
    with pytest.raises(Restart):
        step(machine, 9)
    machine.network = False
    state = goes_on(machine, 300)
    assert (state.phase, machine.active, state.bad, state.rounds) == ("set-aside", OLD, (), 1)
    assert "away" in state.said
    machine.network = True
    assert goes_on(machine, DAY_MIN - 120).phase == "set-aside"
    assert goes_on(machine, 240).phase == "good"


def test_one_that_cuts_the_terminal_off_is_tried_three_times_and_again_under_a_higher_serial(tmp_path: Path) -> None:
    """The platform answers the old one each time: it is the version, and nobody here can prove it."""

    class Cutting(Machine):
        mended = False

        def boot(self) -> str:
            running = super().boot()
            self.network = running == OLD or self.mended
            return running

    machine = Cutting("rauc", tmp_path)
    (tmp_path / "updates").mkdir()
    state = goes_on(machine, 8 * DAY_MIN)
    assert (state.phase, state.rounds, state.bad, machine.active) == ("set-aside", 3, (), OLD)
    assert machine.ran.count(NEW) == 3
    machine.serial, machine.mended = 2, True
    assert goes_on(machine, 300).phase == "good"


def test_it_waits_for_the_platform_before_it_is_installed_but_a_day_at_most(tmp_path: Path) -> None:
    """It may be what mends the way to the platform."""
    machine = Machine("package", tmp_path, network=False)
    (tmp_path / "updates").mkdir()
    state = goes_on(machine, DAY_MIN - 60)
    assert (state.phase, state.said, machine.active) == ("fetched", "away", OLD)
    goes_on(machine, 120)
    assert NEW in machine.ran


def test_what_root_took_back_is_judged_by_what_was_known(tmp_path: Path) -> None:
    """Root's guard: it could not start, or its time was over while the machine was off."""
    phases = {("trying", "late"): "set-aside", ("trying", "failed"): "rolled-back", ("installed", "late"): "set-aside",
              ("installed", "failed"): "rolled-back", ("installing", "failed"): "rolled-back"}  # fmt: skip
    for number, ((phase, back), comes) in enumerate(phases.items()):
        folder = tmp_path / str(number)
        machine = Machine("package", folder, back=back)  # type: ignore[arg-type]  # the words of the table above
        StateFile(folder).write(replace(TRYING, phase=phase))  # type: ignore[arg-type]  # the same
        state = asyncio.run(life(machine))
        assert (state.phase, state.bad) == (comes, (NEW,) if comes == "rolled-back" else ()), (phase, back)
        assert machine.ran == [OLD], "nothing is started anew for it"


@pytest.mark.parametrize(
    ("lost", "online", "ours"),
    [("payment_pad", False, False), ("payment_pad", True, True), ("id_card", False, True)],
)
def test_a_device_on_the_halls_network_is_away_with_the_network(lost: str, online: bool, ours: bool) -> None:
    links = {"payment_pad": "tcp://192.0.2.1:20007", "id_card": "serial:///dev/ttyS1?baud=115200"}
    devices = {name: SimpleNamespace(link=link) for name, link in links.items()}
    there = [SimpleNamespace(device=SimpleNamespace(name=n, status=SimpleNamespace(usable=n != lost))) for n in links]
    workshop: Any = SimpleNamespace(
        tools=SimpleNamespace(
            journal=SimpleNamespace(trouble="", hold=""), settings=SimpleNamespace(devices=devices, updates=SETTINGS)
        ),
        health=SimpleNamespace(verdict=SimpleNamespace(broken=frozenset()), phases=SimpleNamespace(phase=Phase.MAINS)),
        network=SimpleNamespace(online=online),
        supervisors=there,
    )
    found = joining.ready(workshop, tuple(links))
    assert (found.why, found.ours) == (f"devices: {lost}", ours)


def test_the_diagnosis_says_that_it_was_set_aside_and_why() -> None:
    told = UpdateFact("set-aside", NEW, "package", AWAY.why, NOW)
    looked = Facts(at=NOW, terminal="WH-HC-0003", version=OLD, running=True, devices=(), update=told)
    (said,) = [each for each in house_sections(looked) if each.id == "updates"]
    assert said.state == "attention"
    assert f"{NEW}: {AWAY.why}" in said.sentence("en")


def test_what_runs_is_marked_once_a_start_and_what_is_on_trial_is_not(tmp_path: Path) -> None:
    """A boot loader that counts would start the other system next time; its service may come up after us."""

    class Late(Machine):
        asked = 0

        async def settle(self) -> None:
            self.asked += 1
            if self.asked < 3:
                raise CannotInstall("rauc: no service yet")

    machine = Late("rauc", tmp_path)
    StateFile(tmp_path).write(State("good", NEW, OLD, serial=1))
    machine.active, machine.good = NEW, {OLD, NEW}
    step(machine, 10)
    assert machine.asked == 3
    StateFile(tmp_path).write(replace(TRYING, method="rauc"))
    step(machine, 5)
    assert machine.asked == 3
