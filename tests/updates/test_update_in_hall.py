"""The updater in the whole terminal: it waits for the citizen, closes while files are exchanged, and takes back."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from config.update_settings import UpdateSettings
from kiosk.diagnostics.gather import facts_now
from kiosk.diagnostics.ranking import report
from kiosk.health.restarting import BeginAnew
from kiosk.updates import joining
from kiosk.updates.installer import CannotInstall
from kiosk.updates.state import State, StateFile
from simulator.hall import Hall
from simulator.inline_loop import run_inline
from tests.updates.release import CONTENT, NOW, PUBLIC, signed, tree


class Desk:
    """An installer that writes down what it was told and what the citizens saw meanwhile."""

    method = "package"

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.acts: list[str] = []
        self.pages: list[str] = []

    async def install(self, file: Path, version: str) -> None:
        self.acts.append(f"install {version}")
        await asyncio.sleep(30)
        self.pages.append(self.hall.life.shown.page)

    async def start_anew(self) -> None:
        self.acts.append("anew")
        await asyncio.Event().wait()  # a real one ends the program

    async def keep(self, version: str) -> None:
        self.acts.append(f"keep {version}")

    async def take_back(self, version: str) -> None:
        self.acts.append(f"take back {version}")
        raise CannotInstall("no way back is kept")

    async def settle(self) -> None:
        pass  # a package needs none


def test_an_update_waits_for_who_is_here_then_closes_installs_and_opens(tmp_path: Path) -> None:
    async def whole() -> None:
        hall = Hall(tmp_path, with_cabinet=False, poll_s=30.0, opens=NOW)
        await hall.open()
        workshop = hall.life.workshop
        settings = UpdateSettings(url="http://127.0.0.1:1/x", public_key=PUBLIC, quiet_s=60, ready_min=1)
        workshop.tools.settings.__dict__["updates"] = settings  # frozen for everybody else
        desk = Desk(hall)

        async def installer(_: StateFile) -> Any:
            return desk

        updater = await joining.make_updater(workshop, installer, running="0.1.0")
        object.__setattr__(updater.around, "manifest", lambda url: signed(tree()))
        (tmp_path / "updates").mkdir()
        (tmp_path / "updates" / "kiosk-0.2.0.deb").write_bytes(CONTENT)
        hall.life.reply("start")
        await asyncio.sleep(1)
        running = asyncio.create_task(updater.run())
        await asyncio.sleep(40)
        assert (updater.state.phase, desk.acts) == ("fetched", [])
        assert await updater.around.quiet() == "somebody is here"
        hall.life.reply("leave")
        await asyncio.sleep(300)
        assert desk.acts == ["install 0.2.0", "anew"]
        assert desk.pages == ["closed"]
        assert updater.state.had
        running.cancel()

        # The program begins again; it is the new version now.
        again = await joining.make_updater(workshop, installer, running="0.2.0")
        for _ in range(30):
            await again.step()
            await asyncio.sleep(20)
        assert (again.state.phase, again.state.said) == ("good", "")
        assert hall.life.shown.page == "standby"
        assert desk.acts[-1] == "keep 0.2.0"
        entries = await workshop.tools.journal.recent("update.good", 5)
        assert [each["version"] for each in entries] == ["0.2.0"]
        await hall.close()
        assert hall.errors == []

    run_inline(whole())


def test_a_new_version_that_loses_a_device_is_taken_back(tmp_path: Path) -> None:
    async def whole() -> None:
        hall = Hall(tmp_path, with_cabinet=False, poll_s=5.0, opens=NOW)
        await hall.open()
        workshop = hall.life.workshop
        workshop.tools.settings.__dict__["updates"] = UpdateSettings(
            quiet_s=10, ready_min=1, within_min=5, window_from="12:00", window_to="12:30"
        )  # a version that is not well goes at any hour
        had = joining.usable(workshop)
        assert "id_card" in had
        StateFile(tmp_path).write(State("installed", "0.2.0", "0.1.0", tries=1, had=had, deadline=NOW.isoformat()))
        await hall.devices["id-card-reader"].unplug()
        await asyncio.sleep(30)
        desk = Desk(hall)

        async def installer(_: StateFile) -> Any:
            return desk

        updater = await joining.make_updater(workshop, installer, running="0.2.0")
        for _ in range(20):
            await updater.step()
            await asyncio.sleep(5)
        assert desk.acts[0] == "take back 0.2.0"
        facts = await facts_now(workshop, (0, 0))
        updates = next(each for each in report(facts, {}) if each.id == "updates")
        assert updates.state in ("fault", "attention")
        assert "0.2.0" in updates.sentence("zh")
        await hall.close()

    run_inline(whole())


async def test_a_package_begins_the_program_anew_through_systemd() -> None:
    with pytest.raises(BeginAnew, match="process"):
        await joining.begin_again()
