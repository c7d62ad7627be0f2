"""An update cut at every step: the old or the new version runs, a good one is kept in the end, a bad one taken back."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from kiosk.updates.around import Around, Readiness
from kiosk.updates.installer import CannotInstall
from kiosk.updates.package import MANIFEST
from kiosk.updates.state import State, StateFile
from kiosk.updates.updater import Updater
from tests.updates.a_machine import NEW, OLD, SETTINGS, CutFile, Machine, Restart, life, lives, step
from tests.updates.release import CONTENT, NOW


@pytest.fixture(autouse=True)
def a_quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cuts are made between calls here; thousands of real syncs would only take time."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


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


@pytest.mark.promise("P1")
def test_never_while_somebody_is_here_or_something_is_open(tmp_path: Path) -> None:
    machine = Machine("package", tmp_path, busy="2 acts are not settled")
    (tmp_path / "updates").mkdir()
    (tmp_path / "updates" / f"kiosk-{NEW}.deb").write_bytes(CONTENT)
    assert step(machine, 50).phase == "fetched"
    assert (machine.active, machine.opened) == (OLD, 0)


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
