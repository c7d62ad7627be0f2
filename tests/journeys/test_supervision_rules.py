"""The terminal's own rules, each at its edge; the look at a journal's file; the reports of the command line."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest
from typer.testing import CliRunner

from config.supervision import RULES
from drivers.device import DeviceState, Fault, Status, Supply
from kiosk.cli.commands import app
from kiosk.clock import WEIHAI, Clock
from kiosk.intents import Intent, Kind, State
from kiosk.journal import Journal
from kiosk.supervision.look import look, quality
from kiosk.supervision.rules import DeviceSeen, Seen, Tries, Waiting, findings
from simulator.virtual_time import run_virtual

DOWN = Status(DeviceState.OFFLINE, Fault("no-answer", "silent"))
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=WEIHAI)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def act(kind: Kind, state: State, seconds: float) -> Intent:
    return Intent("int-1", kind, "v-1", state, {}, ago(seconds).isoformat())


def device(**status: object) -> dict[str, DeviceSeen]:
    return {"receipt_printer": DeviceSeen(Status(DeviceState.ONLINE, **status), ago(601))}  # type: ignore[arg-type] - fields of Status


CASES = [
    (
        "paid-no-result",
        {"intents": [act(Kind.CHARGE, State.CHARGED, 601)]},
        {"intents": [act(Kind.CHARGE, State.CHARGED, 600)]},
    ),
    (
        "paid-no-result",
        {"intents": [act(Kind.QR, State.UNKNOWN, 601)]},
        {"intents": [act(Kind.QR, State.DONE, 9999)]},
    ),
    (
        "print-no-outcome",
        {"intents": [act(Kind.PRINT, State.AUTHORISED, 301)]},
        {"intents": [act(Kind.PRINT, State.UNCLEAR, 9999)]},
    ),
    (
        "submit-no-number",
        {"intents": [act(Kind.SUBMIT, State.MINTED, 601)]},
        {"intents": [act(Kind.SUBMIT, State.MINTED, 599)]},
    ),
    ("paper-low", {"devices": device(paper=Supply.LOW)}, {"devices": device(paper=Supply.FULL)}),
    ("paper-low", {"devices": device(toner=Supply.LOW)}, {"devices": device(toner=Supply.UNKNOWN)}),
    ("paper-out", {"devices": device(paper=Supply.OUT)}, {"devices": device(paper=Supply.UNKNOWN)}),
    ("paper-out", {"devices": device(paper=Supply.JAMMED)}, {}),
    ("door-open", {"devices": device(fault=Fault("cover-open", "the cover is open"))}, {"devices": device()}),
    ("door-open", {"doors": ["service"]}, {}),
    ("reader-failing", {"cards": Tries(10, 3)}, {"cards": Tries(10, 2)}),
    ("face-failing", {"faces": Tries(5, 2)}, {"faces": Tries(4, 4)}),
    ("silent", {"silent_s": 181.0}, {"silent_s": 180.0}),
    ("silent-long", {"silent_s": 1801.0}, {"silent_s": 1800.0}),
    ("clock-skew", {"skew_s": -6.0}, {"skew_s": 5.0}),
    (
        "certificate-ending",
        {"certificates": {"device": NOW + timedelta(days=29)}},
        {"certificates": {"device": NOW + timedelta(days=31)}},
    ),
    ("journal-lag", {"waiting": [Waiting("events", ago(3601))]}, {"waiting": [Waiting("events", ago(3600))]}),
    (
        "evaluation-lag",
        {"waiting": [Waiting("evaluation", ago(86401))]},
        {"waiting": [Waiting("evaluation", ago(86400))]},
    ),
    ("fee-differs", {"fee_differs": [ago(60)]}, {"fee_differs": [ago(90000)]}),
    (
        "device-fault",
        {"devices": {"camera": DeviceSeen(DOWN, ago(601))}},
        {"devices": {"camera": DeviceSeen(DOWN, ago(599))}},
    ),
    ("chain-broken", {"chain": "entry 7: the hash differs"}, {"chain": ""}),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "broken", "kept"), CASES)
def test_each_rule_at_its_edge(rule, broken, kept):
    assert rule in {f.rule.key for f in findings(Seen(NOW, **broken))}
    assert rule not in {f.rule.key for f in findings(Seen(NOW, **kept))}


def test_every_rule_has_a_case_and_red_comes_first():
    assert {rule for rule, _, _ in CASES} == RULES
    seen = Seen(NOW, silent_s=200.0, chain="broken", skew_s=9.0)
    assert [f.light for f in findings(seen)] == ["red", "yellow", "yellow"]
    assert findings(Seen(NOW)) == ()


async def _kept(folder, entries):
    journal = Journal(folder / "journal.db", Clock(NOW.timestamp()))
    await journal.open()
    for visit, kind, body in entries:
        await journal.note(visit, kind, body)
    await journal.close()
    return folder / "journal.db"


def test_a_look_at_the_file_counts_the_last_hour(tmp_path):
    entries = [("v", "face.compared", {"band": band}) for band in ("fail", "fail", "pass", "retake", "pass")]
    entries += [("v", "step.ended", {"step": "identify", "outcome": "stopped", "cause": "card-unreadable"})]
    entries += [("v", "step.ended", {"step": "pay", "outcome": "next", "cause": "", "pages": ["fee_changed", "pay"]})]
    path = run_virtual(_kept(tmp_path, entries))
    seen = look(path, NOW + timedelta(minutes=1))
    assert (seen.faces, seen.cards) == (Tries(5, 3), Tries(1, 1))
    assert {f.rule.key for f in findings(seen)} == {"face-failing", "fee-differs"}
    assert look(path, NOW + timedelta(hours=2)).faces == Tries()


HOW = [*["done"] * 997, "error", "leave", "timeout"]


def test_quality_counts_how_visits_end_and_whether_a_rating_was_offered(tmp_path):
    entries = [
        (f"v{n}", "visit.closed", {"how": how}) for n, how in enumerate(["done"] * 997 + ["error", "leave", "timeout"])
    ]
    entries += [("v", "step.began", {"step": "finish", "service": "WH-PS-001"}), ("v", "rating.offered", {})]
    entries += [("v", "step.began", {"step": "finish", "service": "WH-GN-014"}), ("v", "rated", {"level": 5})]
    path = run_virtual(_kept(tmp_path, entries))
    report = quality(path)
    assert (report.visits, report.permille("error"), report.coverage, report.rated) == (1000, 1.0, 100.0, 1)
    calm = CliRunner().invoke(app, ["quality", str(path)])
    assert (calm.exit_code, "coverage  100.0 %" in calm.output) == (0, True)
    path = run_virtual(_kept(tmp_path, [("v", "visit.closed", {"how": "error"})]))
    alarm = CliRunner().invoke(app, ["quality", str(path), "--json"])
    assert (alarm.exit_code, json.loads(alarm.output)["alarm"]) == (1, True)


def test_supervise_on_the_command_line(tmp_path):
    gone = CliRunner().invoke(app, ["supervise", str(tmp_path / "none.db")])
    assert gone.exit_code == 2
    path = run_virtual(_kept(tmp_path, [("", "boot", {})]))
    assert CliRunner().invoke(app, ["supervise", str(path)]).exit_code == 0
    told = {"rule": "door-open", "module": "cabinet", "what": "service"}
    path = run_virtual(_kept(tmp_path, [("", "supervision.raised", told)]))
    red = CliRunner().invoke(app, ["supervise", str(path), "--json"])
    assert (red.exit_code, json.loads(red.output)[0]["rule"]) == (3, "K06")
    path = run_virtual(_kept(tmp_path, [("", "supervision.cleared", told)]))
    assert CliRunner().invoke(app, ["supervise", str(path)]).exit_code == 0
