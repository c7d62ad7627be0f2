"""Firmware in the readiness report: what the profile refuses, what changed since the last check, what was told."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from config.expected import Expected, numbers
from config.load import load_settings
from config.settings import DeviceSettings
from config.texts import texts
from kiosk.clock import WEIHAI
from kiosk.control_room.reading import Section
from kiosk.diagnostics.facts import DeviceFact, Facts, PowerFact
from kiosk.diagnostics.firmware import MOST_KEPT, UPS
from kiosk.diagnostics.gather import by_profile
from kiosk.diagnostics.history import FILE, History
from kiosk.diagnostics.ranking import exit_code, report
from kiosk.diagnostics.show import as_json
from kiosk.metrics.look import section_row
from kiosk.technician.showing_readiness import _facts
from kiosk.technician.work import bundle_parts

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=WEIHAI)
PRINTER = DeviceFact("receipt_printer", "receipt_printer", True, "online", model="SPRT POS80", firmware="1.06")
HERE = Facts(NOW, "WH-HC-0003", "0.1.0", True, (PRINTER,))


def telling(firmware: str, at: datetime = NOW, ups: str = "") -> Facts:
    power = PowerFact(source="ups", has_ups=True, model="BX", firmware=ups) if ups else PowerFact()
    return replace(HERE, at=at, devices=(replace(PRINTER, firmware=firmware),), power=power)


@pytest.mark.parametrize(
    ("firmware", "unfit"),
    [
        ("", ""),
        ("1.9", "too-old"),
        ("1.10", ""),
        ("V1.11 build 3", ""),
        ("1.06", "refused"),
        ("2.0.4", "refused"),
        ("SPECIMEN-PAD-1.2", "too-old"),
    ],
)
def test_a_profile_refuses_what_is_known_to_be_bad_and_what_is_older(firmware: str, unfit: str) -> None:
    expects = Expected(firmware_min="1.10", firmware_refused=("1.06", "2.0*"))
    if "SPECIMEN" in firmware:
        assert numbers(firmware) == (1, 2)
    assert expects.unfit(firmware) == unfit


def test_a_profile_that_names_no_number_or_too_many_versions_is_refused() -> None:
    for wrong in ({"firmware_min": "newest"}, {"firmware_refused": ["1"] * 21}, {"firmware_refused": ["x" * 61]}):
        with pytest.raises(ValidationError):
            Expected.model_validate(wrong)


def test_an_unfit_firmware_is_attention_with_its_version_and_keeps_nobody_from_being_served() -> None:
    settings = load_settings("simulated")
    wanted = DeviceSettings(driver="escpos", link="tcp://10.0.0.9:9100", expects=Expected(firmware_refused=("1.06",)))
    settings = settings.model_copy(update={"devices": {"receipt_printer": wanted}})
    (fact,) = by_profile(settings, (PRINTER,))
    assert (fact.unfit, fact.networked, fact.usable) == ("refused", True, True)
    sections = report(replace(HERE, devices=(fact,)), {})
    (section,) = (each for each in sections if each.id == "receipt-printer")
    assert section.state == "attention"
    assert section.sentence("en") == "receipt printer: the profile does not want its firmware 1.06"
    assert exit_code(sections) == 1


def test_another_firmware_than_at_the_last_check_is_told_with_its_day_until_somebody_looks(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.keep(telling("1.06", ups="2.16"))
    assert {role: past.firmware for role, past in history.past(NOW).items()} == {"receipt_printer": None}
    later = NOW + timedelta(days=2)
    news = telling("1.07", later, ups="2.17")
    history.keep(news)
    history.keep(news)
    past = History(tmp_path).past(later)
    sections = {each.id: each for each in report(news, past)}
    words = "another firmware than at the last check (1.06 -> 1.07, 2026-11-24)"
    assert sections["receipt-printer"].sentence("en") == f"receipt printer: {words}"
    assert sections["receipt-printer"].state == "attention"
    assert [t.event for t in sections["power"].troubles] == ["device.any.firmware-changed"]
    told = as_json(news, list(sections.values()), "en")["sections"]
    assert next(each["told"] for each in told if each["id"] == "receipt-printer") == {
        "model": "SPRT POS80", "serial": "", "firmware": "1.07",
    }  # fmt: skip
    assert next(each["told"]["firmware"] for each in told if each["id"] == "power") == "2.17"
    # Who looks sees it once.
    seen = history.firmware_changes(news)
    assert {role: (each.before, each.now) for role, each in seen.items()} == {
        "receipt_printer": ("1.06", "1.07"), UPS: ("2.16", "2.17"),
    }  # fmt: skip
    assert history.firmware_changes(news) == {}
    assert {each.id: each.state for each in report(news, history.past(later))}["receipt-printer"] == "ok"
    assert [firmware for _, firmware in history.firmwares()["receipt_printer"]] == ["1.06", "1.07"]


def test_a_device_that_went_back_is_no_news_and_one_that_flaps_fills_no_disk(tmp_path: Path) -> None:
    history = History(tmp_path)
    for minute in range(3 * MOST_KEPT):
        history.keep(telling(f"{minute % 2}.0", NOW + timedelta(minutes=minute)))
    assert history.firmwares()["receipt_printer"][0] == (NOW.isoformat(timespec="seconds"), "0.0")
    assert len(history.firmwares()["receipt_printer"]) <= MOST_KEPT + 1
    assert history.firmware_changes(telling("0.0", NOW + timedelta(days=1))) == {}
    # It does not answer now: that is no other firmware.
    assert history.firmware_changes(telling("", NOW + timedelta(days=2))) == {}


def test_a_history_of_an_older_terminal_is_read_and_grown(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.keep(telling("1.06"))
    with sqlite3.connect(tmp_path / FILE) as db:
        db.execute("DROP TABLE firmware")
    assert history.past(NOW)["receipt_printer"].last_pass == NOW
    assert history.firmwares() == {}
    history.keep(telling("1.07"))
    assert history.past(NOW)["receipt_printer"].firmware is None


@pytest.mark.parametrize(("firmware", "shown"), [("1.06", "1.06"), ("", "设备不告知")])
def test_the_technicians_page_of_a_device_shows_its_firmware(firmware: str, shown: str) -> None:
    sections = report(telling(firmware), {})
    (section,) = (each for each in sections if each.id == "receipt-printer")
    facts = {fact.label: fact.value for fact in _facts(section, texts("zh"))}
    assert facts["固件"] == shown
    (clock,) = (each for each in sections if each.id == "time")
    assert "固件" not in {fact.label for fact in _facts(clock, texts("zh"))}


def test_the_fleet_is_told_the_firmware_and_nothing_where_there_is_none() -> None:
    rows = {each.id: section_row(each) for each in report(telling("1.06"), {})}
    assert rows["receipt-printer"]["firmware"] == "1.06"
    assert not [id_ for id_, row in rows.items() if "firmware" in row and id_ != "receipt-printer"]
    assert Section.model_validate(rows["receipt-printer"]).state == "ok"  # the control room takes it as before


def test_a_support_bundle_tells_firmware_and_no_serial_number() -> None:
    printer = replace(PRINTER, serial="4403050116")
    facts = replace(HERE, devices=(printer,))
    parts = [bundle_parts.readiness(facts, report(facts, {})), bundle_parts.devices(facts)]
    assert all('"1.06"' in part.text for part in parts)
    assert not any(printer.serial in part.text for part in parts)
