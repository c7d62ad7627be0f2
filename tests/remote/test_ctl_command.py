"""`kiosk ctl` from the command line to the workshop and back: words, JSON, exit codes; and pictures of the stage."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pygame
import pytest
import typer
from typer.testing import CliRunner, Result

from config.load import load_settings
from config.settings import WindowSettings
from drivers.device import DeviceState, Fault
from drivers.errors import NoAnswer
from kiosk.cli.ctl import CODES, ctl_app, page_lines
from kiosk.diagnostics.gather import facts_told
from kiosk.remote.keeping import keep_remote
from kiosk.remote.verbs import Verbs
from kiosk.visits.visit import Replies
from kiosk.workshop import Workshop
from screens.samples import samples
from screens.samples.technician import work_samples
from screens.shot import BLANK, MOST_WAITING, Shots, TooMany
from screens.stage import Stage


class NoScreen:
    """A display that nobody sees."""

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: None


def run(folder: Path, *words: str, code: str = "") -> Result:
    layer = folder / "machine.toml"
    return CliRunner().invoke(ctl_app, [words[0], *words[1:], "--machine", str(layer)], input=code)


async def test_from_the_command_line_to_the_terminal_and_back(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "machine.toml").write_text(
        f'state_dir = "{tmp_path / "state"}"\n[platform]\nurl = "http://127.0.0.1:9"\n', encoding="utf-8"
    )
    settings = load_settings("simulated", [tmp_path / "machine.toml"])
    screen: Any = NoScreen()
    assert run(tmp_path, "status").exit_code == 3
    assert facts_told(settings) is None
    async with Workshop.open(settings, screen, Replies()) as workshop:
        panel = _Panel()
        running = asyncio.create_task(keep_remote(workshop, panel))
        async with asyncio.timeout(5):
            while not (tmp_path / "state" / "ctl.sock").is_socket():
                await asyncio.sleep(0.01)

        async def ask(*words: str, code: str = "") -> Result:
            return await asyncio.to_thread(run, tmp_path, *words, code=code)

        told = await ask("status")
        assert told.exit_code == 0, told.output
        assert "WH-HC-0003" in told.output
        # `kiosk diagnose` asks here when the disk refuses the look that it usually reads.
        facts = await asyncio.to_thread(facts_told, settings)
        assert facts is not None
        assert (facts.running, facts.terminal) == (True, "WH-HC-0003")
        status = json.loads((await ask("status", "--json")).stdout)
        assert (status["terminal"], status["here"], status["at_work"]) == ("WH-HC-0003", "nobody", False)
        silent = NoAnswer("id_card: no answer")
        workshop.tools.reader.set_fault(DeviceState.OFFLINE, Fault.of(silent))
        assert (await ask("diagnose")).exit_code == 2
        assert "platform" in (await ask("diagnose", "--language", "en")).output
        assert (await ask("screen")).exit_code == 1
        panel.screen = samples("en")["standby"]
        assert "24" in (await ask("screen")).output
        refused = await ask("drain", "--json")
        assert (refused.exit_code, json.loads(refused.stdout)["error"]["code"]) == (4, "not-signed-in")
        assert (await ask("sign-in", code="123456789012\n")).exit_code == 4
        assert (await ask("trace", "--on")).exit_code == 2
        assert (await ask("trace", "reader", "--on")).exit_code == 4
        assert (await ask("trace", "teapot")).exit_code == 1
        assert (await ask("logs", "-n", "5", "--level", "error")).exit_code == 0
        (tmp_path / "there.png").write_bytes(b"mine")
        assert (await ask("capture", "--out", str(tmp_path / "there.png"))).exit_code == 2
        assert (tmp_path / "there.png").read_bytes() == b"mine"
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert not (tmp_path / "state" / "ctl.sock").exists()
        (tmp_path / "state" / "ctl.sock").mkdir()
        stuck = asyncio.create_task(keep_remote(workshop, None))
        async with asyncio.timeout(5):
            while "remote.no-socket" not in caplog.text:
                await asyncio.sleep(0.01)
        stuck.cancel()
        await asyncio.gather(stuck, return_exceptions=True)


class _Panel:
    """A panel on which a page is shown."""

    def __init__(self) -> None:
        self.screen: Any = None
        self.shots = Shots(lambda: None)


def test_every_verb_has_a_command_and_a_line_in_the_manual(tmp_path: Path) -> None:
    settings = load_settings("simulated", overrides={"state_dir": str(tmp_path)})
    screen: Any = NoScreen()

    async def verbs() -> set[str]:
        async with Workshop.open(settings, screen, Replies()) as workshop:
            from kiosk.remote.sign_in import SignIn

            return set(Verbs(workshop, SignIn(workshop), None).table)

    there = asyncio.run(verbs())
    group = typer.main.get_group(ctl_app)
    assert set(group.commands) == there
    manual = (Path(__file__).parents[2] / "docs" / "remote.md").read_text(encoding="utf-8")
    assert [verb for verb in there if f"`{verb}" not in manual] == []
    assert [code for code in CODES if f"`{code}`" not in manual] == []


def test_a_page_is_told_with_what_can_be_answered() -> None:
    from kiosk.remote.far_panel import told

    lines = "\n".join(page_lines(told(work_samples("en", "standard")["tech_readiness"], can=True)))
    assert "press section reader" in lines
    assert "press leave" in lines
    assert page_lines({"page": ""}) == [
        "the work has ended; the terminal serves citizens again (you are still signed in)"
    ]


def test_a_picture_has_its_private_places_blanked() -> None:
    stage = Stage(WindowSettings(), on_reply=lambda _: None, headless=True)
    page = samples("zh")["pin_entry"]
    stage.show(page)
    wanted = stage.shots.ask()
    stage.turn()
    shot = wanted.result(0)
    assert stage.sheet is not None
    assert stage.sheet.private
    for private in stage.sheet.private:
        for spot in (private.centre, (private.x, private.y), (private.right - 1, private.y + private.h - 1)):
            assert tuple(shot.surface.get_at(spot))[:3] == BLANK
    assert shot.screen is page
    assert shot.png().startswith(b"\x89PNG")
    assert stage.shots.ask().cancel()
    stage.turn()


def test_no_more_pictures_are_waited_for_than_a_few() -> None:
    woken: list[int] = []
    shots = Shots(lambda: woken.append(1))
    for _ in range(MOST_WAITING):
        shots.ask()
    with pytest.raises(TooMany):
        shots.ask()
    shots.take(None, None, pygame.Surface((1, 1)))
    assert len(woken) == MOST_WAITING
