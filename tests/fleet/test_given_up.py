"""A terminal that is not started again says so, to whoever looks now or later, until it starts all the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from fleet_stand import TOPICS, Ear, Mosquitto, Stand, free_port
from typer.testing import CliRunner

from config.load import load_settings
from kiosk.cli.commands import app
from kiosk.control_room.ledger import Changes, Ledger
from kiosk.control_room.look import _condition
from kiosk.control_room.reading import read
from kiosk.fleet import given_up

pytestmark = pytest.mark.oracle
OVERRIDES = {"terminal.id": TOPICS.terminal, "terminal.division": TOPICS.site}


async def test_who_is_given_up_is_no_mere_absence_and_the_next_start_ends_it(
    stand: Stand, ear: Callable[..., Ear], mosquitto: Mosquitto
) -> None:
    settings = load_settings("simulated", overrides=OVERRIDES | {"fleet.broker": mosquitto.url})
    ledger = Ledger({})

    def believed(*messages: dict[str, Any]) -> Changes:
        changes = Changes()
        for each in messages:
            ledger.take(*read(each["topic"], json.dumps(each["payload"]).encode()), datetime.now(UTC), changes)
        return changes

    listening = ear()
    async with stand():
        await listening.next("birth")
    await listening.next("state", lambda state: not state["online"])
    believed(*listening.heard)
    known = ledger.known[TOPICS.terminal]
    assert _condition(known.online, known.mode, known.worst, 0, 300) == "offline"
    assert await given_up.tell(settings)
    late = ear(TOPICS.of("state"))
    assert (await late.next("state"))["given_up"] is True
    assert late.heard[0]["retain"] == 1
    changes = believed(*late.heard)
    assert _condition(known.online, known.mode, known.worst, 900, 300) == "fault"
    assert changes.sections[TOPICS.terminal]["program"].event == "program.given-up"
    again = ear()
    async with stand():
        birth = await again.next("birth", s=10)
    changes = believed(*again.heard)
    assert birth["session"] == known.session
    assert "program" not in changes.sections[TOPICS.terminal]
    assert TOPICS.terminal in changes.reborn


def test_the_command_says_whether_it_could_be_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setattr(given_up, "TRIES", 2)
    monkeypatch.setattr(given_up, "PAUSE_S", 0.01)
    layer = tmp_path / "machine.toml"
    layer.write_text(f'[fleet]\nbroker = "mqtt://127.0.0.1:{free_port()}"\n')
    run = CliRunner().invoke
    assert run(app, ["fleet", "given-up", "--profile", "simulated", "--machine", str(layer)]).exit_code == 1
    assert run(app, ["fleet", "given-up", "--profile", "simulated"]).exit_code == 0  # no fleet: nothing to tell
    layer.write_text("[fleet]\nbroker = 7\n")
    assert run(app, ["fleet", "given-up", "--profile", "simulated", "--machine", str(layer)]).exit_code == 2
