"""The support bundle holds nothing personal: built from what may leave, and scanned before anybody gets it (P6)."""

from __future__ import annotations

import io
import json
import logging
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner
from work_hall import WHO, bodies, play, visit, workshop

from config.recording import About, Began, Crossed, Note, Record, line_of
from kiosk.cli.commands import app
from kiosk.clock import WEIHAI
from kiosk.log_tail import TAIL, LogTail
from kiosk.log_tail import line_of as log_line_of
from kiosk.technician.work import bundle, bundle_parts
from kiosk.technician.work.bundle_parts import Part
from kiosk.technician.work.personal_scan import findings, is_clean, kinds_in
from kiosk.technician.work.refusal import Refusal
from simulator.hall import Hall
from simulator.people import CITIZENS, Citizen
from simulator.trade import APPLIED, PRINTED

NOW = datetime(2026, 11, 22, 3, 12, tzinfo=WEIHAI)
SOMEBODY = CITIZENS["citizen-09"]


def everything_of(citizen: Citizen) -> list[bytes]:
    """How each of a citizen's data could stand in a file."""
    words = [citizen.name, citizen.number, citizen.phone, citizen.pan, citizen.address]
    texts = [w for w in words if len(w) > 1]
    out = [w.encode() for w in texts] + [w.encode("utf-16-le") for w in texts] + [w.encode("gb18030") for w in texts]
    return out + [w.encode().hex().encode() for w in texts] + [w.encode("utf-16-le").hex().encode() for w in texts]


def planted(folder: Path) -> None:
    """A recording as a codec would write it that forgot to mask, and a folder with a telling name."""
    frame = SOMEBODY.number.encode("utf-16-le") + SOMEBODY.name.encode("utf-16-le")
    rows: list[Record] = [
        Began("2026-11-22T03:00:00.000+00:00"),
        About(0.0, "id_card", "id_card.sam", "tcp://user:secret@192.0.2.7:9", {"password": "123456"}),
        Note(1.0, "id_card", "opened"),
        Note(2.0, "id_card", f"card of {SOMEBODY.name}"),
        Crossed(3.0, "id_card", "in", frame, len(frame)),
        Crossed(4.0, "id_card", "in", None, 1295, 112.4, digest="5f2c" * 8, words="card data, 1295 bytes"),
        Crossed(5.0, "id_card", "in", None, 80, digest="5f2c" * 8, words=f"number {SOMEBODY.number}"),
    ]
    (folder / "trace-000001.jsonl").write_text("".join(line_of(row) for row in rows), encoding="utf-8")


@pytest.mark.promise("P6")
def test_after_visits_of_citizens_a_bundle_has_nothing_of_them(tmp_path: Path) -> None:
    traces = tmp_path / "traces"
    traces.mkdir()
    planted(traces)
    log = logging.getLogger("kiosk.somewhere")
    logging.getLogger().addHandler(TAIL)
    made: list[bundle.Bundle] = []

    async def story(hall: Hall) -> None:
        here = workshop(hall)
        await visit(hall, APPLIED, "citizen-09")
        await visit(hall, PRINTED, "citizen-05")
        for citizen in CITIZENS.values():
            log.error(
                "identified %s (%s), pays with %s, lives %s", citizen.name, citizen.number, citizen.pan, citizen.address
            )
            log.error("call %s, pin=%s", citizen.phone, "908172")
        log.error("device receipt_printer: paper-out")
        settings = here.tools.settings.model_copy(update={"trace_dir": traces})
        object.__setattr__(here.tools, "settings", settings)
        made.append(await bundle.export(here, WHO))
        assert made[0].path.stat().st_mode & 0o077 == 0

    try:
        hall = play(tmp_path / "state", story)
    finally:
        logging.getLogger().removeHandler(TAIL)
    with zipfile.ZipFile(made[0].path) as opened:
        files = {name: opened.read(name) for name in opened.namelist()}
    whole = b"\n".join(files.values())
    for citizen in CITIZENS.values():
        assert [each for each in everything_of(citizen) if each in whole] == []
    assert b"908172" not in whole
    assert b"secret" not in files["trace.jsonl"]
    # What it is for is in it.
    assert b"device receipt_printer: paper-out" in files["log.txt"]
    assert b'"words":"card data, 1295 bytes"' in files["trace.jsonl"]
    assert (
        b'"size":%d' % len(SOMEBODY.number.encode("utf-16-le") + SOMEBODY.name.encode("utf-16-le"))
        in files["trace.jsonl"]
    )
    journal = json.loads(files["journal.json"])
    assert journal["broken"] == ""
    assert journal["kinds"]["visit.opened"] == 2
    assert len(journal["last"][0]["hash"]) == 64
    assert "body" not in journal["last"][0]
    told = {name: left_out for name, _, left_out in made[0].parts}
    assert told["log.txt"] >= 2 * len(CITIZENS)
    assert told["trace.jsonl"] == 2
    assert json.loads(bodies(hall, "work.bundle")[0])["who"] == WHO


IN_FOURS = " ".join(SOMEBODY.pan[at : at + 4] for at in range(0, len(SOMEBODY.pan), 4))
PLANTS = [
    ("name", "王建国"), ("name", "holder \\u738b\\u5efa"), ("name", "%E7%8E%8B%E5%BB%BA"), ("name", "Wang Jianguo"),
    ("name", "LI NA"), ("name", "김영수"),
    ("address", "环翠区世昌大道12号"), ("address", "Room 302, 12 Shichang Road"),
    ("id-number", SOMEBODY.number), ("id-number", SOMEBODY.number.lower()),
    ("document", "E12345678"), ("document", "passport EA1234567"), ("document", "H0123456700"),
    ("phone", SOMEBODY.phone), ("phone", "+86 138-0013-8000"), ("phone", "0631-5231234"),
    ("bank-card", SOMEBODY.pan), ("bank-card", IN_FOURS),
    ("mail", "somebody@example.com"),
    ("key", "-----BEGIN PRIVATE KEY-----"), ("key", "aa" * 32),
    ("secret", "PIN: 908172"), ("secret", '"token": "abc123"'),
    ("secret", "Authorization: Bearer abcdef012345"), ("secret", "eyJhbGciOiJFZERTQSJ9.eyJqdGkiOiJwcnQi.c2ln"),
    ("payload", "aGVsbG8gd29ybGQgdGhpcyBpcyBiYXNlNjQgMTIzNDU2Nzg5MDEy"), ("payload", "3f 9a " * 20),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), PLANTS, ids=[f"{kind}-{at}" for at, (kind, _) in enumerate(PLANTS)])
def test_each_kind_of_planted_data_is_found_and_no_bundle_is_written(kind: str, text: str, tmp_path: Path) -> None:
    line = f"2026-11-22T03:12:00 INFO kiosk.x: {text} end"
    assert kind in kinds_in(line)
    out = tmp_path / "bundle.zip"
    with pytest.raises(Refusal) as refused:
        bundle.written(out, [Part("a.txt", "well\n"), Part("b.txt", f"well\n{line}\n")], "WH-HC-0003", NOW)
    assert "b.txt" in str(refused.value)
    assert "line 2" in str(refused.value)
    assert text not in str(refused.value)
    assert list(tmp_path.iterdir()) == []


CLEAN = [
    "2026-11-22T03:12:00.123+08:00 INFO kiosk.workshop: device id_card: online",
    "event=device.any.port-busy severity=fault who=technician device=id_card: another program holds its port",
    "serial:///dev/serial/by-id/usb-1a86_USB2.0-Serial-if00-port0?baud=115200",
    "act=technician.test/id_card ended outcome=done",
    "receipt_printer: 31.0 m printed since 2026-11-22T03:12:00+08:00, about 49.0 m of 80 m left",
    "journal: /var/lib/kiosk/journal.db: 12 MiB free, 16 MiB needed; make room",
    '{"seq":1795300000,"at":"2026-11-22T03:12:00.123+08:00","kind":"visit.opened","hash":"' + "ab" * 32 + '"}',
    "IPP printer urn:uuid:4509a320-00a0-008f-00b6-002507510eca, job 17",
    '"platform.token": "set", "payment.pin": "not set"',
    "An Error: no answer; Ma is no name here",
    "HP LaserJet Pro M404dn, ET-Printer ESC/POS 80 mm",
]


@pytest.mark.parametrize("line", CLEAN)
def test_what_a_technician_needs_passes(line: str) -> None:
    assert kinds_in(line) == []


def test_a_number_without_its_check_digit_is_only_a_number() -> None:
    wrong = SOMEBODY.number[:-1] + ("0" if SOMEBODY.number[-1] != "0" else "1")
    assert "id-number" not in kinds_in(f"count {wrong}")
    assert findings("\n\n" + SOMEBODY.phone)[0].line == 3
    for before in ("p", "tel.", ".", "号"):
        assert "phone" in kinds_in(f"{before}{SOMEBODY.phone}"), before
        assert "id-number" in kinds_in(f"{before}{SOMEBODY.number}"), before
    assert kinds_in(f"took 0.{SOMEBODY.phone} s") == []
    assert kinds_in(f"hash 9c1ea{SOMEBODY.phone}") == []
    assert is_clean("")


def test_a_bundle_is_bounded_and_never_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "b.zip"
    made = bundle.written(out, [Part("log.txt", "line\n" * 10)], "WH-HC-0003", NOW)
    assert made.size == out.stat().st_size
    with pytest.raises(FileExistsError):
        bundle.written(out, [Part("log.txt", "other\n")], "WH-HC-0003", NOW)
    monkeypatch.setattr(bundle, "MOST_PART_BYTES", 100)
    made = bundle.written(tmp_path / "c.zip", [Part("log.txt", "0123456789\n" * 50)], "WH-HC-0003", NOW)
    assert made.parts[0][1] <= 100
    monkeypatch.setattr(bundle, "MOST_BYTES", 10)
    with pytest.raises(Refusal, match="too large"):
        bundle.written(tmp_path / "d.zip", [Part("log.txt", "x\n")], "WH-HC-0003", NOW)


def test_the_gate_reads_the_zip_itself() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr(f"{SOMEBODY.phone}.txt", "well")
    with pytest.raises(Refusal, match="phone"):
        bundle.gate(buffer.getvalue())


def test_settings_show_no_secret_and_a_part_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    from config.load import load_settings

    more = {"state_dir": str(tmp_path), "platform.token": "t0ken-abc", "devices.payment_pad.options.password": "123456"}
    text = bundle_parts.settings(load_settings("simulated", (), more)).text
    told = json.loads(text)
    assert "t0ken" not in text
    assert "123456" not in text
    assert told["platform.token"] == told["devices.payment_pad.options.password"] == "set"
    assert told["devices.id_card.link"].startswith("serial://")
    assert json.loads(bundle_parts.journal(tmp_path / "none.db").text) == {"unreadable": "JournalError"}
    assert "unreadable" in bundle_parts.trace(tmp_path / "nowhere").text
    assert "not recorded" in bundle_parts.trace(None).text


def test_the_log_in_memory_is_bounded_and_tells_no_words_of_an_exception() -> None:
    tail = LogTail(lines=3)
    log = logging.getLogger("kiosk.test-of-tail")
    log.addHandler(tail)
    try:
        for number in range(5):
            log.warning("line %d\nbroken", number)
        try:
            int(SOMEBODY.name)
        except ValueError:
            log.exception("a program error")
    finally:
        log.removeHandler(tail)
    lines = tail.lines()
    assert len(lines) == 3
    assert "ValueError at test_work_bundle.py" in lines[-1]
    assert SOMEBODY.name not in lines[-1]
    record = logging.LogRecord("x", logging.INFO, "", 1, "y" * 9999, (), None)
    assert len(log_line_of(record)) <= 400


def test_the_command_says_what_it_packed(tmp_path: Path) -> None:
    layer = tmp_path / "machine.toml"
    layer.write_text(f'state_dir = "{tmp_path}"\n[devices]\n', encoding="utf-8")
    log = tmp_path / "kiosk.log"
    log.write_text(f"device pad: online\ncall {SOMEBODY.phone}\n", encoding="utf-8")
    out = tmp_path / "b.zip"
    words = ["support-bundle", str(out), "--machine", str(layer), "--log", str(log)]
    told = CliRunner().invoke(app, words)
    assert told.exit_code == 0, told.output
    assert "1 lines left out" in told.output
    assert CliRunner().invoke(app, words).exit_code == 2
