"""`kiosk diagnose`: told by the running terminal or by opening the devices; what is kept of before; its JSON."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kiosk.cli.commands import app
from kiosk.clock import WEIHAI
from kiosk.diagnostics import gather
from kiosk.diagnostics.facts import (
    CertificateFact,
    DeviceFact,
    Facts,
    HouseFact,
    PlatformFact,
    StorageFact,
    from_json,
    to_json,
)
from kiosk.diagnostics.gather import facts_now, facts_of, keep_readiness
from kiosk.diagnostics.ground import certificates_of, house_of, storage_on_disk
from kiosk.diagnostics.history import DAYS, History, Past, trend
from kiosk.diagnostics.ranking import exit_code, first_line, first_trouble, report
from kiosk.diagnostics.sections import NAMES
from simulator.hall import Hall
from simulator.inline_loop import run_inline

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=WEIHAI)
READER = DeviceFact("id_card", "id_card", True, "online", model="SAM")
PRINTER = DeviceFact("receipt_printer", "receipt_printer", True, "online", paper="full")
WELL = Facts(
    NOW, "WH-HC-0003", "0.1.0", True, (READER, PRINTER), PlatformFact("", "", 40), 0.2, StorageFact(free_mb=9000)
)
BROKEN = replace(READER, usable=False, state="offline", cause="port-busy", said="held")


def line_of(facts: Facts, past: dict[str, Past] | None = None) -> str:
    found = first_trouble(report(facts, past or {}))
    return found.event if found else ""


def test_every_subsystem_has_its_section_in_the_order_of_the_report() -> None:
    sections = report(WELL, {})
    assert [each.id for each in sections] == [name for name in NAMES if name != "code-camera"]
    assert exit_code(sections) == 0
    assert first_line(sections, "en") == "all is well: the terminal can serve"


@pytest.mark.parametrize(
    ("facts", "event", "code"),
    [
        (replace(WELL, devices=(BROKEN,)), "device.any.port-busy", 2),
        (replace(WELL, cards_tried=10, cards_failed=4), "device.id-card.failing", 1),
        (replace(WELL, skew_s=-9.0), "time.off", 1),
        (replace(WELL, skew_s=40.0), "time.off", 2),
        (replace(WELL, platform=PlatformFact("clock", "", 3)), "time.off", 2),
        (replace(WELL, platform=PlatformFact("not-enrolled", "", 3)), "platform.not-enrolled", 2),
        (replace(WELL, platform=PlatformFact("our-certificate", "", 3)), "platform.our-certificate", 2),
        (replace(WELL, platform=PlatformFact("", "", 3, ("bills",))), "platform.area-down", 1),
        (replace(WELL, storage=StorageFact(free_mb=100)), "storage.nearly-full", 1),
        (replace(WELL, storage=StorageFact(hold="x was put aside", free_mb=9000)), "storage.held", 2),
        (replace(WELL, storage=StorageFact("", "", 9000, 4, 7200)), "storage.waiting", 1),
        (replace(WELL, certificates=(CertificateFact("terminal", NOW),)), "certificate.ended", 2),
        (replace(WELL, certificates=(CertificateFact("terminal", None, "gone"),)), "certificate.ended", 2),
        (replace(WELL, catalogue="7", catalogue_at=NOW - timedelta(days=4)), "updates.old", 1),
        (replace(WELL, house=HouseFact("", False, True)), "screen.no-touch", 2),
        (replace(WELL, house=HouseFact("", True, False)), "sound.no-card", 1),
    ],
)
def test_facts_become_the_event_and_the_exit_code(facts: Facts, event: str, code: int) -> None:
    assert line_of(facts) == event
    assert exit_code(report(facts, {})) == code


def test_paper_that_is_low_says_how_many_metres_are_left() -> None:
    low = replace(PRINTER, warnings=(("paper-low", "nearly used up"),))
    sections = report(replace(WELL, devices=(low,), metres_left=11.3), {})
    assert "receipt paper is nearly used up (~11 m)" in first_line(sections, "en")
    assert next(s for s in sections if s.id == "receipt-printer").counters["metres_left"] == 11.3


def test_facts_survive_the_way_between_two_processes() -> None:
    facts = replace(WELL, certificates=(CertificateFact("terminal", NOW),), devices=(BROKEN,))
    assert from_json(to_json(facts)) == facts
    assert from_json(b"{}") is None
    assert from_json(b"x" * 300_000) is None


def test_the_past_counts_work_fails_and_since_when(tmp_path: Path) -> None:
    history = History(tmp_path)
    assert history.past(NOW) == {}
    assert history.last_look() is None
    history.keep(replace(WELL, devices=(replace(READER, operations=20, failures=1),)))
    later = NOW + timedelta(minutes=5)
    history.keep(replace(WELL, at=later, devices=(replace(BROKEN, operations=30, failures=3),)))
    past = history.past(later)["id_card"]
    assert (past.last_pass, past.last_fail, past.since) == (NOW, later, later)
    assert (past.operations, past.failures) == (30, 3)
    reader = report(replace(WELL, devices=(BROKEN,)), {"id_card": past})[0]
    assert reader.counters["failed_per_hundred"] == 10.0
    assert History(tmp_path).last_look() is not None
    history.keep(replace(WELL, at=NOW + timedelta(days=DAYS + 2)))
    assert history.past(NOW + timedelta(days=DAYS + 2))["id_card"].operations == 0


def test_a_new_cartridge_begins_the_count_of_its_jobs_anew(tmp_path: Path) -> None:
    history = History(tmp_path)
    printer = DeviceFact("licence_printer", "licence_printer", True, "online", toner="low", operations=50)
    history.keep(replace(WELL, devices=(printer,)))
    assert history.past(NOW)["licence_printer"].on_supply == 50
    history.keep(replace(WELL, devices=(replace(printer, toner="full", operations=52),)))
    assert history.past(NOW)["licence_printer"].on_supply == 2


def test_a_damaged_file_costs_only_what_was_before(tmp_path: Path) -> None:
    (tmp_path / "readiness.db").write_bytes(b"not a database" * 100)
    assert History(tmp_path).past(NOW) == {}
    assert History(tmp_path).last_look() is None
    History(tmp_path).keep(WELL)
    assert History(tmp_path).last_look() == WELL


def test_trends() -> None:
    assert trend(Past(today=(5, 5), before=(100, 1))) == ""
    assert trend(Past(today=(50, 10), before=(100, 5))) == "worse"
    assert trend(Past(today=(50, 1), before=(100, 20))) == "better"
    assert trend(Past(today=(50, 5), before=(100, 10))) == "steady"


def test_the_running_terminal_tells_it_itself_and_a_stale_word_is_not_believed(tmp_path: Path) -> None:
    async def story() -> None:
        hall = Hall(tmp_path)
        await hall.open()
        workshop = hall.life.workshop
        keeping = asyncio.create_task(keep_readiness(workshop))
        await asyncio.sleep(25)
        keeping.cancel()
        history, settings = History(tmp_path), workshop.tools.settings
        facts = await facts_of(settings, history, workshop.tools.clock.now())
        assert facts.running
        assert {device.role for device in facts.devices} >= {"id_card", "payment_pad", "cabinet"}
        assert facts.at == (await facts_now(workshop, (0, 0))).at or facts.at < workshop.tools.clock.now()
        await asyncio.sleep(120)
        asked: list[datetime] = []

        async def opened(_: object, now: datetime) -> Facts:
            asked.append(now)
            return replace(facts, running=False)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(gather, "facts_by_opening", opened)
            assert not (await facts_of(settings, history, workshop.tools.clock.now())).running
        assert len(asked) == 1
        await hall.close()

    run_inline(story())


def test_a_device_that_is_not_yet_opened_has_neither_passed_nor_failed(tmp_path: Path) -> None:
    history = History(tmp_path)
    opening = replace(READER, usable=False, state="noDevice")
    history.keep(replace(WELL, devices=(opening,)))
    assert (history.past(NOW)["id_card"].last_pass, history.past(NOW)["id_card"].last_fail) == (None, None)
    history.keep(replace(WELL, devices=(READER,)))
    assert (history.past(NOW)["id_card"].last_pass, history.past(NOW)["id_card"].last_fail) == (NOW, None)
    history.keep(replace(WELL, devices=(replace(opening, cause="no-answer"),)))
    assert history.past(NOW)["id_card"].last_fail == NOW


def test_the_ground_is_only_read(tmp_path: Path) -> None:
    from config.load import load_settings

    (tmp_path / "bad.pem").write_text("nothing")
    named = {"platform.ca": str(tmp_path / "bad.pem"), "state_dir": str(tmp_path / "none")}
    settings = load_settings("simulated", (), named)
    assert certificates_of(settings) == (
        CertificateFact("authority", None, f"{tmp_path}/bad.pem: no certificate in PEM"),
    )
    assert house_of(settings).touch is None
    assert storage_on_disk(settings.state_dir, NOW).trouble == ""
    assert not settings.state_dir.exists()


def no_devices(folder: Path) -> Path:
    """A layer in which nothing listens anywhere."""
    layer = folder / "machine.toml"
    links = {
        "id_card": f"serial://{folder}/a", "receipt_printer": f"serial://{folder}/b", "cabinet": f"serial://{folder}/c?unit=1",
        "barcode": f"serial://{folder}/d", "payment_pad": "tcp://127.0.0.1:9", "licence_printer": "ipp://127.0.0.1:9/p",
        "camera": "http://127.0.0.1:9/a.mjpg", "document_camera": "http://127.0.0.1:9/b.mjpg",
    }  # fmt: skip
    lines = [f'state_dir = "{folder}/state"', '[platform]\nurl = "http://127.0.0.1:9"']
    lines += [f'[devices.{role}]\nlink = "{link}"' for role, link in links.items()]
    layer.write_text("\n".join(lines), encoding="utf-8")
    return layer


def test_the_command_without_a_terminal_says_what_is_missing(tmp_path: Path) -> None:
    layer = no_devices(tmp_path)
    given = CliRunner().invoke(app, ["diagnose", "--machine", str(layer), "--json", "--language", "zh"])
    assert given.exit_code == 2, given.output
    told = json.loads(given.stdout)
    assert told["schema"] == 1
    assert told["event"] == "device.any.strip"
    assert told["first"].startswith("几个设备同时断开了（读卡器、")
    states = {each["id"]: each["state"] for each in told["sections"]}
    assert states["reader"] == states["pad"] == states["platform"] == "fault"
    assert states["storage"] == "ok"
    assert not told["running"]
    shown = CliRunner().invoke(app, ["diagnose", "--machine", str(layer)])
    assert shown.exit_code == 2
    assert shown.stdout.startswith("several devices are gone at once (card reader, ")


def test_settings_that_cannot_be_used_are_the_first_line(tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text("simulated = 3\n", encoding="utf-8")
    given = CliRunner().invoke(app, ["diagnose", "--profile", str(bad), "--json"])
    assert given.exit_code == 2
    assert json.loads(given.stdout)["event"] == "settings.unusable"
    assert CliRunner().invoke(app, ["diagnose", "--profile", "nothing"]).stdout.startswith("the profile cannot be used")
