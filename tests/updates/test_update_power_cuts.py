"""An update cut at every step: the old or the new version runs, a good one is kept in the end, a bad one taken back."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from config.update_settings import UpdateSettings
from kiosk.updates.installer import CannotInstall
from kiosk.updates.package import MANIFEST
from kiosk.updates.state import State, StateFile
from kiosk.updates.updater import Around, Readiness, Updater
from tests.updates.release import CONTENT, NOW, PUBLIC, signed, tree

OLD, NEW = "0.1.0", "0.2.0"
SETTINGS = UpdateSettings(url="http://127.0.0.1:1/kiosk", public_key=PUBLIC)
MOST_STEPS = 400


@pytest.fixture(autouse=True)
def a_quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cuts are made between calls here; thousands of real syncs would only take time."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


class PowerCut(BaseException):
    """The current is gone."""


class Restart(BaseException):
    """The program ends for the installed version to begin."""


@dataclass
class Machine:
    """What survives: disk, slots, time. `well` versions become ready. `cuts`: points at which the current goes."""

    method: str
    folder: Path
    well: frozenset[str] = frozenset({OLD, NEW})
    cuts: list[int] = field(default_factory=list)
    active: str = OLD
    other: str = OLD
    half: bool = False
    good: set[str] = field(default_factory=lambda: {OLD})
    boots_left: int = 3
    seconds: float = 0.0
    points: int = 0
    ran: list[str] = field(default_factory=list)
    busy: str = ""
    opened: int = 0
    """Installations that were begun while something was open."""
    network: bool = True
    serial: int = 1

    def point(self) -> None:
        self.points += 1
        if self.cuts and self.points >= self.cuts[0]:
            self.cuts.pop(0)
            self.points = 0
            raise PowerCut

    def boot(self) -> str:
        """Which version runs after a start. The package's guard, and the boot loader's counter, do their part."""
        if self.method == "package":
            if self.half:  # the guard finds a package that is not wholly there, before the terminal starts
                self.half, self.active = False, OLD
        elif self.active not in self.good:
            self.boots_left -= 1
            if self.boots_left < 0:
                self.active = self.other
        self.ran.append(self.active)
        return self.active

    # As an installer

    async def install(self, file: Path, version: str) -> None:
        assert file.read_bytes() == CONTENT
        self.opened += bool(self.busy)
        self.point()
        self.half = self.method == "package"
        self.point()
        self.half, self.active, self.other, self.boots_left = False, version, OLD, 3
        self.point()

    async def start_anew(self) -> None:
        self.point()
        raise Restart

    async def keep(self, version: str) -> None:
        self.point()
        self.good.add(version)
        self.point()

    async def take_back(self, version: str) -> None:
        self.point()
        self.active = OLD
        self.point()


class CutFile(StateFile):
    """The state on a disk that loses its current before or after a write."""

    def __init__(self, machine: Machine) -> None:
        super().__init__(machine.folder)
        self._machine = machine

    def write(self, state: State) -> None:
        self._machine.point()
        super().write(state)
        self._machine.point()


async def life(machine: Machine) -> State:
    """From a start to the end of it; raises `PowerCut`, `Restart`."""
    running = machine.boot()

    async def quiet() -> str:
        return machine.busy

    async def note(kind: str, body: Mapping[str, Any]) -> None:
        machine.point()

    around = Around(
        "WH-HC-0003",
        running,
        lambda: NOW + timedelta(seconds=machine.seconds),
        lambda: machine.seconds,
        quiet,
        lambda had: (
            Readiness("the platform", ours=False)
            if not machine.network
            else Readiness("" if running in machine.well and "id_card" in had else "it shows nothing")
        ),
        lambda: ("id_card",),
        note,
        lambda url: signed(tree(NEW, machine.serial)),
    )
    updater = Updater(SETTINGS, CutFile(machine), around, machine)
    moved = False
    for _ in range(MOST_STEPS):
        if not await updater.step():
            machine.seconds += 60
        moved = moved or updater.state.phase not in ("idle", "good", "rolled-back", "failed")
        if moved and updater.state.phase in ("good", "rolled-back", "failed"):
            break
    return updater.state


def lives(machine: Machine) -> State:
    """Starts until it stands still."""
    file = f"kiosk-{NEW}.{'deb' if machine.method == 'package' else 'raucb'}"
    place = machine.folder / "updates"
    place.mkdir(parents=True)
    (place / file).write_bytes(CONTENT)
    for _ in range(30):
        if not (place / file).exists():
            (place / file).write_bytes(CONTENT)  # the web server still has it
        try:
            return asyncio.run(life(machine))
        except (PowerCut, Restart):
            machine.seconds += 30
    raise AssertionError("it never stands still")


@pytest.mark.parametrize("method", ["package", "rauc"])
def test_a_good_version_is_kept_and_a_bad_one_taken_back_and_never_tried_again(method: str, tmp_path: Path) -> None:
    machine = Machine(method, tmp_path / "good")
    state = lives(machine)
    assert (state.phase, machine.active, NEW in machine.good) == ("good", NEW, True)
    assert sorted(p.name for p in (tmp_path / "good" / "updates").iterdir()) == ["state.json"]
    machine = Machine(method, tmp_path / "bad", well=frozenset({OLD}))
    state = lives(machine)
    assert (state.phase, machine.active, state.bad) == ("rolled-back", OLD, (NEW,))
    assert "it shows nothing" in state.said
    assert asyncio.run(life(machine)).phase == "rolled-back"
    assert machine.ran.count(NEW) == 1


@pytest.mark.parametrize("well", [True, False], ids=["good", "bad"])
@pytest.mark.parametrize("method", ["package", "rauc"])
def test_a_power_cut_between_any_two_steps_leaves_the_old_or_the_new_running(
    method: str, well: bool, tmp_path: Path
) -> None:
    versions = frozenset({OLD, NEW}) if well else frozenset({OLD})
    whole = Machine(method, tmp_path / "whole", versions)
    lives(whole)
    for at in range(1, whole.points + 60):
        machine = Machine(method, tmp_path / str(at), versions, [at])
        state = lives(machine)
        if machine.cuts:
            break
        assert set(machine.ran) <= {OLD, NEW}
        wanted = ("good", NEW) if well else ("rolled-back", OLD)
        assert (state.phase, machine.active) == wanted, f"cut at point {at}: {machine.ran} {state}"
    else:
        raise AssertionError("the sweep has no end")
    assert at > 15


@pytest.mark.parametrize("method", ["package", "rauc"])
def test_two_power_cuts_never_leave_a_bad_version_or_nothing_running(method: str, tmp_path: Path) -> None:
    for first in range(4, 26, 4):
        for second in range(1, 18, 4):
            machine = Machine(method, tmp_path / f"{first}-{second}", frozenset({OLD}), [first, second])
            state = lives(machine)
            assert machine.active == OLD, (first, second, state)
            assert state.phase in ("rolled-back", "failed")


def test_a_version_that_falls_back_by_the_boot_loader_is_remembered_as_bad(tmp_path: Path) -> None:
    """It cannot even start: the counter of the boot loader goes back, and the old version finds out."""
    machine = Machine("rauc", tmp_path, frozenset({OLD}))
    file = CutFile(machine)
    file.write(State("installed", NEW, OLD, "x", "0" * 64, 1, "rauc", 1, 3))
    machine.good, machine.active = {OLD}, OLD
    state = asyncio.run(life(machine))
    assert (state.phase, state.bad) == ("rolled-back", (NEW,))


def step(machine: Machine, count: int) -> State:
    async def some() -> State:
        running = machine.boot()
        updater = Updater(
            SETTINGS,
            StateFile(machine.folder),
            Around(
                "WH-HC-0003",
                running,
                lambda: NOW + timedelta(seconds=machine.seconds),
                lambda: machine.seconds,
                quiet,
                lambda had: Readiness("away", ours=False) if not machine.network else Readiness(),
                lambda: (),
                note,
                lambda url: signed(tree(NEW, machine.serial)),
            ),
            machine,
        )
        for _ in range(count):
            await updater.step()
            machine.seconds += 60
        return updater.state

    async def quiet() -> str:
        return machine.busy

    async def note(kind: str, body: Mapping[str, Any]) -> None:
        assert "said" in body

    return asyncio.run(some())


@pytest.mark.promise("P1")
def test_never_while_somebody_is_here_or_something_is_open(tmp_path: Path) -> None:
    machine = Machine("package", tmp_path, busy="2 acts are not settled")
    (tmp_path / "updates").mkdir()
    (tmp_path / "updates" / f"kiosk-{NEW}.deb").write_bytes(CONTENT)
    assert step(machine, 50).phase == "fetched"
    assert (machine.active, machine.opened) == (OLD, 0)


def test_a_platform_that_is_away_takes_no_version_back(tmp_path: Path) -> None:
    machine = Machine("package", tmp_path, active=NEW, network=False)
    StateFile(tmp_path).write(State("trying", NEW, OLD, deadline=NOW.isoformat()))
    assert step(machine, 200).phase == "trying"
    machine.network = True
    assert step(machine, 20).phase == "good"


def test_a_file_that_was_changed_on_the_disk_is_fetched_again_and_never_installed(tmp_path: Path) -> None:
    machine = Machine("package", tmp_path, busy="somebody is here")
    place = tmp_path / "updates"
    place.mkdir()
    (place / f"kiosk-{NEW}.deb").write_bytes(CONTENT)
    assert step(machine, 3).phase == "fetched"
    (place / f"kiosk-{NEW}.deb").write_bytes(b"evil")
    machine.busy = ""
    assert step(machine, 2).phase == "offered"
    assert machine.active == OLD


def test_a_manifest_that_is_withdrawn_or_ends_meanwhile_is_not_installed(tmp_path: Path) -> None:
    machine = Machine("package", tmp_path, busy="somebody is here")
    place = tmp_path / "updates"
    place.mkdir()
    (place / f"kiosk-{NEW}.deb").write_bytes(CONTENT)
    step(machine, 3)
    machine.busy, machine.seconds = "", 100 * 86400
    state = step(machine, 1)
    assert (state.phase, machine.active) == ("failed", OLD)
    (place / MANIFEST).write_bytes(b"{}")


def test_what_cannot_be_installed_is_said_and_left_alone_for_a_day(tmp_path: Path) -> None:
    class Refusing(Machine):
        async def install(self, file: Path, version: str) -> None:
            self.opened += 1
            raise CannotInstall("dpkg: no")

    machine = Refusing("package", tmp_path)
    (tmp_path / "updates").mkdir()
    (tmp_path / "updates" / f"kiosk-{NEW}.deb").write_bytes(CONTENT)
    state = step(machine, 100)
    assert (state.phase, state.said, machine.opened) == ("failed", "dpkg: no", 1)
    machine.seconds += 90_000
    step(machine, 80)
    assert machine.opened == 2


@pytest.mark.parametrize(
    "data",
    [
        b"{", b"[]", b'{"phase": "gone"}', b'{"file": "../x"}', b'{"bad": [1]}', b"\xff", b'{"since": "yesterday"}',
        b'{"phase": "trying", "deadline": "2026-11-22T02:00:00"}',
    ],
)  # fmt: skip
def test_a_state_that_is_none_begins_at_idle(data: bytes, tmp_path: Path) -> None:
    file = StateFile(tmp_path)
    file.write(State("trying", NEW, OLD, bad=("0.0.9",)))
    assert file.read().bad == ("0.0.9",)
    file.path.write_bytes(data)
    assert file.read() == State()


def test_a_bad_version_goes_although_acts_are_open_and_the_hour_is_past(tmp_path: Path) -> None:
    """It may be the version itself that cannot settle them, or cannot read the journal."""
    machine = Machine("rauc", tmp_path, well=frozenset({OLD}), active=NEW, other=OLD, busy="the journal cannot be read")
    StateFile(tmp_path).write(State("trying", NEW, OLD, method="rauc", deadline=NOW.isoformat(), had=("id_card",)))
    with pytest.raises(Restart):
        asyncio.run(life(machine))
    assert machine.active == OLD


async def test_a_bug_in_the_updater_ends_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.updates.updater.AFTER_BUG_S", 0.0)
    asked: list[str] = []

    def manifest(url: str) -> bytes:
        asked.append(url)
        raise ZeroDivisionError

    async def nothing(*_: object) -> str:
        return ""

    ready, note = (lambda had: Readiness()), nothing
    around = Around(
        "WH-HC-0003", OLD, lambda: NOW, lambda: 0.0, nothing, ready, tuple, note, manifest  # type: ignore[arg-type]  # a note that answers
    )  # fmt: skip
    updater = Updater(SETTINGS, StateFile(tmp_path), around, Machine("package", tmp_path))
    task = asyncio.create_task(updater.run())
    async with asyncio.timeout(5):
        while not asked:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    assert not task.done()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
