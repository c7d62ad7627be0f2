"""The parts of P10 that need no process: who feeds, who is said to be stuck, what the journal is told, which layers."""

from __future__ import annotations

import logging
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.load import load_settings
from kiosk.diagnostics.history import History
from kiosk.installed import DESK, defaults, layers_of
from kiosk.journal.file import connect
from kiosk.journald import MOST_OCTETS, JournalHandler, datagram, fields, under_journald
from kiosk.keys import MachineKey
from kiosk.out_of_service import LANGUAGES, page_of, window_of
from kiosk.printing.supplies import SupplyStore
from kiosk.technician.code_secret import CodeSecret
from kiosk.watchdog import LoopBeat, Notifier, Part, Watchdog, patience_s, standing
from screens.stage import PRESENT_S, Stage
from screens.text import as_text


class Systemd:
    """Its socket."""

    def __init__(self, folder: Path) -> None:
        self.address = folder / "notify"
        self.wire = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.wire.bind(str(self.address))
        self.wire.setblocking(False)

    def heard(self) -> list[str]:
        try:
            return self.wire.recv(4096).decode().split("\n")
        except BlockingIOError:
            return []


@pytest.fixture(name="systemd")
def _systemd(tmp_path: Path) -> Iterator[Systemd]:
    systemd = Systemd(tmp_path)
    yield systemd
    systemd.wire.close()


def watched(systemd: Systemd, now: Callable[[], float], *beats: Callable[[], float]) -> Watchdog:
    names = ("program.screen-stuck", "program.loop-stuck")
    parts = tuple(Part(name, beat, threading.get_ident) for name, beat in zip(names, beats, strict=True))
    return Watchdog(Notifier({"NOTIFY_SOCKET": str(systemd.address)}), 30.0, parts, now)


@pytest.mark.promise("P10")
def test_it_feeds_only_while_both_beat(systemd: Systemd, caplog: pytest.LogCaptureFixture) -> None:
    clock = {"now": 100.0, "screen": 100.0, "loop": 100.0}
    watchdog = watched(systemd, lambda: clock["now"], lambda: clock["screen"], lambda: clock["loop"])
    assert watchdog.look()
    assert systemd.heard() == ["WATCHDOG=1"]
    clock |= {"now": 114.9, "loop": 114.0}
    assert watchdog.look(), "14.9 s is not yet half of WatchdogSec"
    systemd.heard()
    clock["now"] = 115.1
    assert not watchdog.look()
    assert systemd.heard() == ["STATUS=the terminal's screen stands still"]
    assert not watchdog.look()
    assert len([r for r in caplog.records if r.levelno == logging.CRITICAL]) == 1, "said once"
    clock["screen"] = 115.0
    assert watchdog.look()
    assert "goes on again" in caplog.text
    clock["now"] = 200.0
    assert {part.event for part in watchdog.stuck()} == {"program.screen-stuck", "program.loop-stuck"}


@pytest.mark.promise("P10")
def test_we_say_what_is_stuck_before_systemd_ends_it() -> None:
    """A look is due at least once between the moment a beat is too old and the end of systemd's patience."""
    watchdog = Watchdog(Notifier({}), 30.0, ())
    assert watchdog.pause_s < 30.0 * 0.5
    assert watchdog.pause_s * 2 < 30.0, "one feed that is lost does not end a terminal"
    assert PRESENT_S < 30.0 * 0.5, "a display that shows nothing new is looked at often enough"


def test_a_stack_names_functions_and_never_a_value() -> None:
    entered, leave = threading.Event(), threading.Event()

    def waits_with(secret: str) -> None:
        entered.set()
        leave.wait(10)
        assert secret

    thread = threading.Thread(target=waits_with, args=("371002199001011234",))
    thread.start()
    entered.wait(10)
    said = standing(thread.ident)
    leave.set()
    thread.join()
    assert "waits_with" in said
    assert "3710" not in said
    assert standing(None) == "a thread that has ended"


@pytest.mark.parametrize(
    ("environment", "seconds"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "8"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "nonsense"}, None),
        ({"WATCHDOG_USEC": "1"}, 0.5),
        ({"WATCHDOG_USEC": "9" * 30}, 3600.0),
    ],
)
def test_how_patient_systemd_is(environment: dict[str, str], seconds: float | None) -> None:
    assert patience_s(environment, 7) == seconds


def test_who_is_not_watched_says_nothing_and_blocks_nothing(tmp_path: Path) -> None:
    assert not Notifier({}).say("READY=1")
    assert not Notifier({"NOTIFY_SOCKET": str(tmp_path / "nobody")}).say("READY=1")
    assert not Notifier({"NOTIFY_SOCKET": "@nobody-listens-here"}).say("READY=1")


def test_a_line_cannot_bring_another(systemd: Systemd) -> None:
    Notifier({"NOTIFY_SOCKET": str(systemd.address)}).say("STATUS=one\nWATCHDOG=1", "MAINPID=" + "9" * 500)
    first, second = systemd.heard()
    assert first == "STATUS=one WATCHDOG=1"
    assert len(second) == 400


async def test_the_loop_beats() -> None:
    import asyncio

    beat = LoopBeat()
    beat.at = 0.0
    task = asyncio.create_task(beat.keep())
    await asyncio.sleep(0)
    task.cancel()
    assert beat.at > 0
    assert beat.thread == threading.get_ident()


def test_children_do_not_inherit_the_watchdog(systemd: Systemd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(systemd.address))
    monkeypatch.setenv("WATCHDOG_PID", "1")
    monkeypatch.setenv("WATCHDOG_USEC", "30000000")
    watchdog = Watchdog.of_environment()
    assert watchdog.patience is None
    assert not {"NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"} & set(os.environ)
    watchdog.is_ready()
    assert systemd.heard()[0] == "READY=1"


# The journal


def record(text: str, *arguments: object) -> logging.LogRecord:
    return logging.LogRecord(
        "kiosk.money.charging", logging.ERROR, "/opt/x/site-packages/kiosk/money/charging.py", 7, text, arguments, None
    )


def test_an_event_becomes_fields() -> None:
    text = "event=device.receipt-printer.paper-out severity=fault who=attendant device=receipt_printer: no paper"
    entry = fields(record(text), text)
    assert entry["PRIORITY"] == "3"
    assert entry["CODE_FILE"] == "kiosk/money/charging.py"
    assert entry["KIOSK_EVENT"] == "device.receipt-printer.paper-out"
    assert entry["KIOSK_DEVICE"] == "receipt_printer"
    assert "KIOSK_EVENT" not in fields(record("x"), "x")


def test_the_native_protocol() -> None:
    """The example of systemd.io/JOURNAL_NATIVE_PROTOCOL."""
    assert datagram({"PRIORITY": "3"}) == b"PRIORITY=3\n"
    assert datagram({"MESSAGE": "foo\nbar"}) == b"MESSAGE\n\x07\0\0\0\0\0\0\0foo\nbar\n"
    assert len(datagram({"MESSAGE": "x" * (MOST_OCTETS + 9)})) == MOST_OCTETS + 9


def test_records_reach_the_journal_or_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wire = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    wire.bind(str(tmp_path / "journal"))
    handler = JournalHandler(tmp_path / "journal")
    handler.handle(record("%d fen", 5))
    assert b"MESSAGE=5 fen\n" in wire.recv(4096)
    wire.close()
    handler.handle(record("%d fen", 6))
    assert "ERROR kiosk.money.charging: 6 fen" in capsys.readouterr().err
    handler.close()


def test_whether_stderr_is_the_journals(tmp_path: Path) -> None:
    file = (tmp_path / "x").open("w")
    there = os.fstat(file.fileno())
    assert under_journald({"JOURNAL_STREAM": f"{there.st_dev}:{there.st_ino}"}, file.fileno())
    assert not under_journald({"JOURNAL_STREAM": "1:2"}, file.fileno())
    assert not under_journald({}, file.fileno())
    file.close()


# Layers of an installed machine


def test_an_installed_machine_uses_its_layers_and_a_desk_none(tmp_path: Path) -> None:
    there = tmp_path / "machine.toml"
    there.touch()
    environment = {"KIOSK_PROFILE": "/usr/share/x.toml", "KIOSK_LAYERS": f"{tmp_path}/site.toml:{there}"}
    assert layers_of(environment) == ("/usr/share/x.toml", [there])
    assert layers_of(environment, ["--profile=simulated"]) == (DESK, [])
    assert layers_of(environment, ["run", "--machine", "x"]) == (DESK, [])
    assert layers_of({}) == (DESK, [])


def test_every_command_that_takes_a_profile_gets_them() -> None:
    import typer.main

    from kiosk.cli.commands import app

    found = defaults(typer.main.get_command(app), "p.toml", [Path("m.toml")])
    assert found["run"] == found["diagnose"] == found["supplies"] == {"profile": "p.toml", "machine": ["m.toml"]}
    assert found["setup"] == {"profile": "p.toml"}
    assert "docs" not in found
    assert found["devices"]["scan"] == {"profile": "p.toml", "machine": ["m.toml"]}


def test_devices_can_be_looked_for_before_setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    from kiosk.cli.commands import app

    bare = tmp_path / "default.toml"
    bare.write_text("simulated = false\n", encoding="utf-8")
    monkeypatch.setenv("KIOSK_PROFILE", str(bare))
    monkeypatch.setattr(sys, "argv", ["kiosk"])
    words = ["devices", "scan", "--no-ask", "--seconds", "0.1"]
    run = CliRunner().invoke(app, words)
    assert run.exit_code in (0, 1), "a scan; 1 where a port of this machine is in the way"
    assert "terminal: Field required" in run.output
    assert "compared with no profile" in run.output
    assert CliRunner().invoke(app, [*words, "--profile", str(bare)]).exit_code == 2


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes files for another")
def test_what_root_makes_in_the_terminals_folder_is_the_terminals(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    os.chown(state, 65534, 65534)
    connect(state / "journal.db").close()
    machine = MachineKey.load(state / "machine.key")
    CodeSecret(state, machine, load_settings("simulated").platform).renew()
    SupplyStore(state).update("receipt_printer", lambda roll: roll)
    History(state).tested("reader", passed=True, at=datetime.now(UTC))
    made = {path.name: (path.stat().st_uid, path.stat().st_gid) for path in state.iterdir()}
    assert len(made) >= 5
    assert set(made.values()) == {(65534, 65534)}, made


# The page when it is given up


@pytest.mark.parametrize("tree", [{}, {"terminal": 3}, {"terminal": {"hall_zh": 5, "number": "x"}, "site": []}])
def test_the_page_stands_whatever_the_settings_are(tree: dict[str, object]) -> None:
    for language in LANGUAGES:
        page = page_of(tree, language)
        assert page.page == "closed"
        assert "12345" in as_text(page)
        assert page.header.place.strip(" ·").count("·") == 1, "no gap where the hall's name would stand"
    assert window_of({**tree, "window": {"panel": {"width": 1}}}).fullscreen


def test_the_page_says_where_it_stands_and_whom_to_call() -> None:
    tree = {
        "terminal": {"hall_zh": "环翠区政务服务中心", "hall_en": "Huancui", "number": 3, "help_phone": "0631-5190000"},
        "site": {"counter": {"name_zh": "一楼综合窗口", "name_en": "the counter"}},
    }
    said = as_text(page_of(tree, "zh"))
    assert "0631-5190000" in said
    assert "一楼综合窗口" in said
    assert "环翠区政务服务中心" in said


def test_the_display_takes_a_pixel_when_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The beat stands for the display, too: it does not come while the display takes nothing."""
    now = {"at": 0.0}
    stage = Stage(window_of({"window": {"headless": True}}), clock=lambda: now["at"], on_reply=lambda _: None)
    shown: list[object] = []

    class Display:
        driver = ""

        def update(self, _: object, rects: object) -> None:
            shown.append(rects)

    monkeypatch.setattr(stage, "_window", Display())
    monkeypatch.setattr(stage, "_listen", lambda _: None)
    stage.turn()
    assert shown == []
    now["at"] = PRESENT_S
    stage.turn()
    stage.turn()
    assert len(shown) == 1
