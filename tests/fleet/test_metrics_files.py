"""The one table of metrics, and everything that names one: dashboard, alert rules, the page of the documentation."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import stat
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fleet_stand import free_port

from config import DATA
from config.fleet_metrics import Metric, known_series, metrics
from config.fleet_settings import FleetSettings
from config.settings import Family, Role
from kiosk.diagnostics.sections import NAMES, ROLES
from kiosk.events import events
from kiosk.fleet.page import page
from kiosk.intents import Kind, State
from kiosk.metrics.export import HOST, keep_metrics
from kiosk.metrics.look import Look, ends_at, mode_of
from kiosk.printing.supplies import Roll

DEPLOY = DATA / "deploy"
RULES = DEPLOY / "prometheus" / "kiosk-alerts.yaml"
DASHBOARD = DEPLOY / "grafana" / "kiosk.json"
_NAME = re.compile(r"\bkiosk_[a-z0-9_]+")


def promtool(*asked: str) -> str:
    program = shutil.which("promtool")
    assert program, "promtool is not installed; see config/deploy/system-packages.txt"
    done = subprocess.run([program, *asked], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_labels_are_the_programs_own_words() -> None:
    table = metrics()
    assert set(table["kiosk_device_state"].labels["device"]) == set(ROLES.values())
    assert set(table["kiosk_section_state"].labels["section"]) == set(NAMES)
    assert set(table["kiosk_intents_total"].labels["kind"]) == {kind.value for kind in Kind}
    assert set(table["kiosk_intents_total"].labels["state"]) == {state.value for state in State}
    assert set(table["kiosk_events_total"].labels["event"]) == set(events())
    assert Family
    assert Role


def test_a_label_can_have_no_other_value() -> None:
    metric = metrics()["kiosk_open_intents"]
    assert metric.series(kind="qr") == 'kiosk_open_intents{kind="qr"}'
    for wrong in ({"kind": "王伟"}, {"kind": "qr", "name": "x"}, {}):
        with pytest.raises(ValueError, match="kiosk_open_intents"):
            metric.series(**wrong)
    with pytest.raises(ValueError, match="_total"):
        Metric(name="kiosk_visits", kind="counter", help="without its ending")
    with pytest.raises(ValueError, match="its unit is bytes"):
        Metric(name="kiosk_disk_free", kind="gauge", help="without its unit", unit="bytes")
    assert len(known_series()) < 2000


def expressions() -> list[str]:
    dashboard = json.loads(DASHBOARD.read_text(encoding="utf-8"))
    return [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]


def test_every_metric_of_rules_and_dashboard_is_in_the_table() -> None:
    named = set(_NAME.findall(RULES.read_text(encoding="utf-8"))) | set(_NAME.findall(" ".join(expressions())))
    assert len(named) > 25
    assert named <= set(metrics()), named - set(metrics())


def test_labels_that_rules_and_dashboard_choose_by_are_in_the_table() -> None:
    text = RULES.read_text(encoding="utf-8") + " ".join(expressions())
    for name, inner in re.findall(r"\b(kiosk_[a-z0-9_]+)\{([^}]*)\}", text):
        for label, value in re.findall(r'([a-z_]+)(?:=|=~|!=)"([^"$]*)"', inner):
            if label != "instance":
                assert set(value.split("|")) <= set(metrics()[name].labels[label]), (name, label, value)


def test_events_that_rules_name_are_in_the_catalogue() -> None:
    named = re.findall(r"event: ([a-z.-]+)\}", RULES.read_text(encoding="utf-8"))
    assert named
    assert set(named) <= set(events())


@pytest.mark.oracle
def test_promtool_takes_the_rules_the_configuration_and_every_expression_of_the_dashboard(tmp_path: Path) -> None:
    promtool("check", "rules", str(RULES))
    promtool("check", "config", str(DEPLOY / "prometheus" / "prometheus.yaml"))
    rows = [
        {"record": f"panel:{n}", "expr": expr.replace("$__rate_interval", "5m").replace("$instance", ".*")}
        for n, expr in enumerate(expressions())
    ]
    (tmp_path / "panels.yaml").write_text(json.dumps({"groups": [{"name": "panels", "rules": rows}]}))
    promtool("check", "rules", str(tmp_path / "panels.yaml"))


ALERTS = """
rule_files: [%s]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - {series: 'kiosk_journal_held{instance="a"}', values: '0 0 1x60'}
      - {series: 'kiosk_open_intents{instance="a",kind="qr"}', values: '1x60'}
      - {series: 'kiosk_open_intents{instance="b",kind="print"}', values: '1x60'}
      - {series: 'kiosk_commands_total{instance="a",state="FORGED"}', values: '0x10 1x50'}
    alert_rule_test:
      - {eval_time: 1m, alertname: KioskMoneyHeld}
      - eval_time: 10m
        alertname: KioskMoneyHeld
        exp_alerts:
          - exp_labels: {instance: a, severity: critical, who: technician, event: storage.held}
            exp_annotations: {summary: "a: money is locked until a technician has looked at the journal"}
      - {eval_time: 20m, alertname: KioskMoneyNotSettled}
      - eval_time: 40m
        alertname: KioskMoneyNotSettled
        exp_alerts:
          - exp_labels: {instance: a, severity: warning, who: platform, event: money.open}
            exp_annotations: {summary: "a: a payment is not settled after half an hour"}
      - eval_time: 12m
        alertname: KioskForgedOrders
        exp_alerts:
          - exp_labels: {instance: a, severity: critical, who: technician, event: fleet.forged, state: FORGED}
            exp_annotations: {summary: "a: orders that nobody of ours signed"}
"""


@pytest.mark.oracle
def test_alerts_fire_by_promtools_own_clock(tmp_path: Path) -> None:
    (tmp_path / "alerts.yaml").write_text(ALERTS % RULES)
    assert "SUCCESS" in promtool("test", "rules", str(tmp_path / "alerts.yaml"))


@pytest.mark.oracle
async def test_file_and_endpoint_are_what_prometheus_reads(tmp_path: Path) -> None:
    file, port = tmp_path / "kiosk.prom", free_port()
    values = {"kiosk_mode": 1.0, 'kiosk_device_state{device="reader"}': 4.0, 'kiosk_visits_total{how="done"}': 7.0}
    look = Look(datetime.now(UTC), "open", "ok", 0, values, (), ())

    async def looked() -> Look:
        return look

    running = asyncio.create_task(
        keep_metrics(FleetSettings(metrics_file=file, metrics_port=port), looked, every_s=0.05)
    )
    try:
        while not file.exists():
            await asyncio.sleep(0.02)
        reader, writer = await asyncio.open_connection(HOST, port)
        writer.write(b"GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n")
        answer = (await asyncio.wait_for(reader.read(), 5)).decode()
        writer.close()
        await writer.wait_closed()
        slow = [await asyncio.open_connection(HOST, port) for _ in range(8)]  # who asks nothing does not stop others
        for _, each in slow:
            each.close()
            await each.wait_closed()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    body = answer.partition("\r\n\r\n")[2]
    assert body == file.read_text()
    assert 'kiosk_visits_total{how="done"} 7.0' in body
    assert "4 hardwareError" in body
    assert stat.S_IMODE(file.stat().st_mode) & 0o044
    done = subprocess.run(
        [shutil.which("promtool") or "", "check", "metrics"], input=body.encode(), capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["kiosk.prom"]


def test_a_roll_ends_at_the_pace_of_its_use() -> None:
    now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    roll = Roll(mm=20_000, since="2026-11-20T12:00:00+00:00")
    assert ends_at(roll, 60.0, now) == datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
    assert ends_at(Roll(mm=20_000, since="2026-11-22T11:00:00+00:00"), 60.0, now) is None
    assert ends_at(Roll(mm=20_000, since="yesterday"), 60.0, now) is None
    assert ends_at(Roll(), 60.0, now) is None


def test_the_page_of_the_documentation_is_that_of_the_tables() -> None:
    written = (DATA.parent / "docs" / "fleet.md").read_text(encoding="utf-8")
    assert written == page(), "kiosk docs fleet --out docs/fleet.md"
    for name in metrics():
        assert f"`{name}`" in written


@pytest.mark.parametrize(
    ("session", "visit", "closed", "available", "limits", "mode"),
    [
        (object(), "v-1", "reason.closed", 0, (), "maintenance"),
        (None, "v-1", "reason.closed", 9, (), "visit"),
        (None, "", "reason.closed", 9, (), "closed"),
        (None, "", "", 9, (), "open"),
        (None, "", "", 0, ("reason.id_card.starting",), "starting"),
        (None, "", "", 0, ("reason.id_card.fault",), "closed"),
    ],
)
def test_what_it_does_now_in_one_word(
    session: object, visit: str, closed: str, available: int, limits: tuple[str, ...], mode: str
) -> None:
    capability = SimpleNamespace(closed_reason=closed, available=lambda: available, limits=lambda: limits)
    terminal = SimpleNamespace(technician=SimpleNamespace(session=session), visit_id=visit, capability=capability)
    workshop: Any = SimpleNamespace(terminal=terminal)
    assert mode_of(workshop) == mode
