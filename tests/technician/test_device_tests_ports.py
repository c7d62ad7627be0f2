"""`kiosk test-device` at real ports: words, figures and JSON, on record in the journal that is there."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from config.load import load_settings
from config.settings import Settings
from kiosk.cli import device_tests as command
from kiosk.cli.commands import app
from kiosk.clock import Clock
from kiosk.diagnostics.facts import Facts
from kiosk.diagnostics.history import History
from kiosk.journal import Journal
from kiosk.technician.device_tests import grounds, running, table
from simulator.families import make

NAMES = {"id_card": "id-card-reader", "receipt_printer": "receipt-printer"}


def settings(folder: Path) -> Settings:
    """A terminal of two devices."""
    links = {f"devices.{role}.link": f"serial://{folder}/{name}?baud=115200" for role, name in NAMES.items()}
    whole = load_settings("simulated", (), {**links, "state_dir": str(folder)})
    only = {role: device for role, device in whole.devices.items() if role in NAMES}
    return whole.model_copy(update={"devices": only})


async def test_a_ticket_is_printed_and_a_silent_reader_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = Journal(tmp_path / "journal.db", Clock())
    await journal.open()
    await journal.close()
    sims: dict[str, Any] = {
        role: make(name, f"pty:{tmp_path}/{name}", **({"self_test_s": 0.0} if role == "id_card" else {}))
        for role, name in NAMES.items()
    }
    for sim in sims.values():
        await sim.plug()
    try:
        wanted = settings(tmp_path)
        shell = command.Shell("zh", present=False, quiet=True)
        tests = table.find_tests("receipt-printer", wanted)
        assert await command._tested(wanted, tests, shell, as_json=True) == command.PASSED
        told = json.loads(capsys.readouterr().out)["results"][0]
        assert (told["outcome"], told["event"]) == ("pass", "test.passed-unseen")
        assert 50 < told["figures"]["paper-mm"] <= tests[0].paper_mm
        assert "测试 TEST" in sims["receipt_printer"].state()["last_receipt"]
        await sims["receipt_printer"].unplug()
        shell = command.Shell("en", present=True, quiet=False)
        assert await command._tested(wanted, tests, shell, as_json=False) == command.FAILED
        assert "its port is not there" in capsys.readouterr().out
    finally:
        for sim in sims.values():
            await sim.unplug()
    with sqlite3.connect(tmp_path / "journal.db") as db:
        bodies = [json.loads(body) for (body,) in db.execute("SELECT body FROM entry WHERE kind='device-test'")]
    assert [(b["step"], b.get("outcome")) for b in bodies] == [
        ("begin", None), ("end", "pass"), ("begin", None), ("end", "fail"),
    ]  # fmt: skip


async def test_a_driver_that_is_not_there_fails_its_own_test_and_no_other(tmp_path: Path) -> None:
    whole = load_settings("simulated", (), {"devices.camera.driver": "nothing", "state_dir": str(tmp_path)})
    shell = command.Shell("zh", present=False, quiet=True)
    async with grounds.by_opening(whole, frozenset({"camera"}), shell, "zh") as ground:
        result = await running.run_test(table.BY_ID["face-camera"], ground)
    assert (result.outcome, result.event, result.cause) == ("fail", "device.any.wrong-device", "driver-unusable")
    assert "camera.nothing" in result.said


async def test_a_face_camera_that_was_blurred_or_covered_is_found_out(tmp_path: Path) -> None:
    """Pictures over HTTP, decoded by OpenCV, as of a real camera; the lens is what the simulator makes of it."""
    sim = make("camera", "http://127.0.0.1:0/face.mjpg")
    await sim.plug()
    try:
        whole = load_settings("simulated", (), {"devices.camera.link": sim.link, "state_dir": str(tmp_path)})
        shell = command.Shell("zh", present=False, quiet=True)
        found = []
        async with grounds.by_opening(whole, frozenset({"camera"}), shell, "zh") as ground:
            for verb, args in (("show", {"face": "citizen-07"}), ("blur", {}), ("cover", {})):
                sim.do(verb, **args)
                await asyncio.sleep(0.25)
                found.append((await running.run_test(table.BY_ID["face-camera"], ground)).event)
    finally:
        await sim.unplug()
    assert found == ["test.passed", "device.camera.blurred", "device.camera.dark"]


async def test_the_person_at_the_keyboard_answers_or_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    for typed, answer in (("y\n", True), ("no\n", False), ("perhaps\n", None), ("", None), (None, None)):
        ends = os.pipe()
        with os.fdopen(ends[0]) as reading, os.fdopen(ends[1], "w") as writing:
            monkeypatch.setattr(command.sys, "stdin", reading)
            if typed is not None:
                writing.write(typed)
                writing.flush()
            if typed == "":
                writing.close()
            shell = command.Shell("en", present=True, quiet=True)
            assert await shell.ask("ticket-whole", 0.05) is answer
    await asyncio.sleep(0)


def test_wrong_use_and_a_running_terminal_are_refused(tmp_path: Path) -> None:
    run = CliRunner().invoke
    layer = tmp_path / "machine.toml"
    layer.write_text(f'state_dir = "{tmp_path}"\n')
    done = run(app, ["test-device", "lamp", "--machine", str(layer)])
    assert (done.exit_code, "there are all, reader" in done.output) == (2, True)
    done = run(app, ["test-device", "reader", "--rounds", "3", "--machine", str(layer)])
    assert (done.exit_code, "no test is chosen" in done.output) == (2, True)
    from datetime import datetime

    History(tmp_path).keep(Facts(datetime.now().astimezone(), "WH-HC-0003", "1", True, ()))
    done = run(app, ["test-device", "all", "--machine", str(layer)])
    assert (done.exit_code, "the terminal runs" in done.output) == (2, True)
