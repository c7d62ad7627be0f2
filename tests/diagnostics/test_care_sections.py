"""The sections of who looks after the terminal, and certificates that are only there while the unit runs."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from config.load import load_settings
from kiosk.clock import WEIHAI
from kiosk.diagnostics import ground
from kiosk.diagnostics.facts import CertificateFact, DoorFact, Facts, FleetFact, from_json, to_json
from kiosk.diagnostics.ground import certificates_of
from kiosk.diagnostics.ranking import report
from kiosk.diagnostics.sections import Section
from simulator.bench.breaking import ending_certificate

NOW = datetime(2026, 11, 22, 3, 12, tzinfo=WEIHAI)


def facts(fleet: FleetFact = FleetFact(), door: DoorFact = DoorFact(), *, running: bool = True) -> Facts:  # noqa: B008 - frozen
    return Facts(NOW, "WH-HC-0003", "1.0", running, (), fleet=fleet, door=door)


def section(id_: str, given: Facts) -> Section:
    return next(each for each in report(given, {}) if each.id == id_)


def test_the_fleet_tells_when_it_was_heard_what_waits_and_when_its_certificate_ends() -> None:
    ends = NOW + timedelta(days=400)
    well = section("fleet", facts(FleetFact("broker", True, "", NOW, NOW - timedelta(hours=2), 3, ends)))
    assert (well.state, well.sentence("en")) == ("ok", "connected; 3 entries wait to be told")
    assert dict(well.counters) == {"waiting": 3, "certificate_days_left": 400, "heard_s_ago": 0}
    gone = FleetFact("broker", False, "Connection refused", NOW - timedelta(minutes=40), NOW, 250, ends)
    away = section("fleet", facts(gone))
    assert (away.state, away.troubles[0].event, away.last_pass) == (
        "attention", "fleet.unreachable", NOW - timedelta(minutes=40)
    )  # fmt: skip
    assert "Connection refused" in away.sentence("zh")
    assert away.counters["waiting"] == 250
    ended = FleetFact("broker", True, "", NOW, NOW, 0, NOW - timedelta(days=1))
    assert section("fleet", facts(ended)).troubles[0].event == "certificate.ended"
    ending = FleetFact("broker", True, "", NOW, NOW, 0, NOW + timedelta(days=2))
    assert section("fleet", facts(ending)).troubles[0].event == "certificate.ending"


def test_without_a_broker_and_while_nothing_runs_nothing_is_claimed() -> None:
    assert section("fleet", facts()).state == "absent"
    assert section("fleet", facts(FleetFact("broker"))).state == "unknown"  # its first connection is on its way
    assert section("fleet", facts(FleetFact("broker", why="x"), running=False)).state == "unknown"


def test_the_door_names_an_act_that_goes_on_and_a_book_that_was_lost() -> None:
    assert section("door", facts()).state == "ok"
    assert section("door", facts(running=False)).state == "unknown"
    stuck = section("door", facts(door=DoorFact(("test/receipt-printer",))))
    assert (stuck.state, stuck.troubles[0].event) == ("fault", "health.act-stands")
    assert "test/receipt-printer" in stuck.sentence("ko")
    lost = section("door", facts(door=DoorFact((), "03:30")))
    assert "03:30" in lost.sentence("zh")
    refused = section("door", facts(door=DoorFact(refused="No space left on device")))
    assert (refused.state, refused.troubles[0].event) == ("attention", "technician.book-refused")


def test_they_cross_between_two_processes() -> None:
    given = facts(FleetFact("broker", True, "", NOW, NOW, 1, NOW), DoorFact(("report",), "03:30", "x"))
    assert from_json(to_json(given)) == given


def test_a_credential_of_a_unit_that_does_not_run_is_not_called_unreadable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = tmp_path / "secrets"
    monkeypatch.setattr(ground, "SECRETS", secrets)
    path = "/run/credentials/no-such-kiosk.service/secrets_terminal.pem"
    settings = load_settings("simulated", (), {"platform.client_certificate": path, "platform.client_key": path})
    secrets.mkdir()
    with monkeypatch.context() as patch:
        patch.setattr("kiosk.diagnostics.ground.os.access", lambda *_: False)  # root's, and another user asks
        found = certificates_of(settings, running=False)
    assert [(each.name, each.looked) for each in found] == [("terminal", False)]
    made = report(Facts(NOW, "WH-HC-0003", "1.0", False, (), certificates=found), {})
    told = next(each for each in made if each.id == "certificates")
    assert (told.state, told.troubles) == ("unknown", ())
    for language, words in (("zh", "终端没有运行"), ("en", "the unit does not run"), ("ko", "실행 중일 때만")):
        assert words in told.sentence(language)  # type: ignore[arg-type]  # three languages
    # Root may look where it comes from.
    (secrets / "terminal.pem").write_bytes(ending_certificate(30, NOW))
    (there,) = certificates_of(settings, running=False)
    assert there.ends == NOW + timedelta(days=30)
    (secrets / "terminal.pem").unlink()
    (gone,) = certificates_of(settings, running=False)
    assert (gone.looked, gone.ends, "secrets/terminal.pem" in gone.said) == (True, None, True)
    # While it runs, what is not there is broken.
    assert certificates_of(settings) == (CertificateFact("terminal", None, f"{path}: No such file or directory"),)
