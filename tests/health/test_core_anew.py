"""The core ends by a program error: it is begun anew in the same process, the panel goes on; bounded, then the end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from config.load import load_settings
from kiosk.app import Core
from kiosk.health.restarting import AGAIN_STATUS, BeginAnew, RestartBook
from kiosk.watchdog import LoopBeat


class Panel:
    """A stage as far as the core needs it."""

    def __init__(self) -> None:
        self.pages: list[str] = []
        self.closed = False

    def show(self, screen: Any) -> None:
        self.pages.append(screen.page)

    def close(self) -> None:
        self.closed = True


def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, errors: list[BaseException]) -> tuple[Core, Panel]:
    core = Core(load_settings("simulated", overrides={"state_dir": str(tmp_path)}), None, LoopBeat())
    panel = Panel()
    core.stage = panel  # type: ignore[assignment]  # it shows and closes

    async def life() -> None:
        if errors:
            raise errors.pop(0)

    monkeypatch.setattr(core, "_run", life)
    core.run()
    return core, panel


@pytest.mark.promise("P10")
def test_a_bug_begins_the_core_anew_and_the_panel_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    core, panel = run(tmp_path, monkeypatch, [ValueError("bug")])
    assert (core.status, panel.pages, panel.closed) == (0, ["standby"], True)
    assert [rung for _, rung in RestartBook(tmp_path).read()] == ["core"]


def test_a_core_that_fails_again_and_again_ends_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    core, panel = run(tmp_path, monkeypatch, [ValueError("bug") for _ in range(9)])
    assert (core.status, len(panel.pages), panel.closed) == (1, 2, True)


def test_a_wish_for_another_process_is_the_exit_status(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wish = ExceptionGroup("work", [ExceptionGroup("health", [BeginAnew("process", "memory-high")])])
    core, _ = run(tmp_path, monkeypatch, [wish])
    assert core.status == AGAIN_STATUS


def test_a_core_that_is_to_end_is_not_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    core = Core(load_settings("simulated", overrides={"state_dir": str(tmp_path)}), None, LoopBeat())
    core.stop()

    async def life() -> None:
        raise AssertionError

    monkeypatch.setattr(core, "_run", life)
    core.run()
    assert core.status == 0


def test_a_driver_that_is_not_installed_is_said_in_a_sentence_and_not_tried_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    changes = {"state_dir": str(tmp_path), "devices.camera.driver": "nobody-has-it"}
    core = Core(load_settings("simulated", overrides=changes), None, LoopBeat())
    panel = Panel()
    core.stage = panel  # type: ignore[assignment]  # it shows and closes
    core.run()
    assert (core.status, panel.pages, panel.closed) == (2, [], True)
    [said] = [r for r in caplog.records if r.levelname == "ERROR"]
    assert said.getMessage().startswith("devices.camera: ")
    assert "nobody-has-it" in said.getMessage()
    assert said.exc_info is None
    assert RestartBook(tmp_path).read() == []
