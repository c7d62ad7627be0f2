"""Prepared breakdowns: the first line of `kiosk diagnose` names the true cause and its remedy."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from config.load import load_settings
from drivers.links.memory import MemoryLink, MemoryPort
from kiosk.diagnostics.facts import Facts
from kiosk.diagnostics.gather import facts_by_opening, facts_now
from kiosk.diagnostics.ranking import first_line, first_trouble, report
from kiosk.events import events
from simulator.bench.breaking import ending_certificate
from simulator.breakdowns import ALL, BREAKDOWNS, BROKER, FURTHER, SINCE, Breakdown
from simulator.families import make
from simulator.hall import NOON, Hall
from simulator.inline_loop import run_inline
from simulator.striking import strike

DOCS = Path(__file__).parents[2] / "docs" / "breakdowns.md"
SETTLED_S = 45.0


def certificate(folder: Path, days: int) -> dict[str, str]:
    """A terminal's certificate that ends `days` after the hall opens, as settings."""
    path = folder / "terminal.pem"
    path.write_bytes(ending_certificate(days, NOON))
    return {"platform.client_certificate": str(path), "platform.client_key": str(path)}


async def in_hall(folder: Path, breakdown: Breakdown) -> Facts:
    """What the running terminal knows some time after it happened."""
    hall = Hall(folder)
    if breakdown.act == "swap":
        links = hall.links
        links["id_card"], links["receipt_printer"] = links["receipt_printer"], links["id_card"]
    if breakdown.where == "certificate":
        hall.settings = {**hall.settings, **certificate(folder, breakdown.args["days"])}
    if breakdown.where == "fleet":
        hall.settings = {**hall.settings, "fleet.broker": BROKER}
    await hall.open()
    other = MemoryLink(hall.links["id_card"])
    try:
        await strike(hall, breakdown)
        if breakdown.stage == "held":
            MemoryPort.ports[other.name].hang_up()
            await other.open()
        await asyncio.sleep(SETTLED_S)
        return await facts_now(hall.life.workshop, (0, 0))
    finally:
        await other.close()
        await hall.close()
        assert hall.errors == []


@contextmanager
def slow_platform(seconds: float) -> Iterator[str]:
    """A platform that takes its time; its address."""

    class Slow(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            time.sleep(seconds)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Slow)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


async def at_ports(folder: Path, breakdown: Breakdown) -> Facts:
    """What is found while no terminal runs: real ports, a real network."""
    sim: Any = make("id-card-reader", f"pty:{folder}/reader", self_test_s=0.0)
    sim.sam.baud = breakdown.args.get("baud", sim.sam.baud)
    await sim.plug()
    try:
        with slow_platform(breakdown.args.get("slow_s", 0.0)) as url:
            link = {"devices.id_card.link": f"serial://{folder}/reader?baud=115200"}
            settings = load_settings("simulated", (), {**link, "platform.url": url, "state_dir": str(folder)})
            only = {role: device for role, device in settings.devices.items() if role == "id_card"}
            return await facts_by_opening(settings.model_copy(update={"devices": only}), datetime.now().astimezone())
    finally:
        await sim.unplug()


@pytest.mark.parametrize("breakdown", ALL, ids=lambda b: b.name)
def test_the_first_line_names_the_true_cause(breakdown: Breakdown, tmp_path: Path) -> None:
    story = at_ports if breakdown.stage == "ports" else in_hall
    run = asyncio.run if breakdown.stage == "ports" else run_inline
    sections = report(run(story(tmp_path, breakdown)), {})
    first = first_trouble(sections)
    assert first is not None, "nothing was found"
    assert first.event == breakdown.event, [t.event for s in sections for t in s.troubles]
    for language in ("zh", "en", "ko"):
        line = first_line(sections, language)
        assert events()[breakdown.event].remedy(language) in line


def test_a_broker_that_is_gone_is_named_only_when_nothing_worse_is_there(tmp_path: Path) -> None:
    with_toner = replace(SINCE[0], beside=(next(each for each in ALL if each.key == "toner-low"),))
    sections = report(run_inline(in_hall(tmp_path, with_toner)), {})
    first = first_trouble(sections)
    assert first is not None
    assert first.event == "device.licence-printer.toner-low"
    assert next(each for each in sections if each.id == "fleet").state == "attention"


def test_a_hall_that_is_well_has_nothing_to_tell(tmp_path: Path) -> None:
    async def well() -> Facts:
        hall = Hall(tmp_path)
        await hall.open()
        await asyncio.sleep(SETTLED_S)
        try:
            return await facts_now(hall.life.workshop, (0, 0))
        finally:
            await hall.close()

    assert first_trouble(report(run_inline(well()), {})) is None


def test_all_are_listed_in_the_docs() -> None:
    page = DOCS.read_text(encoding="utf-8")
    assert (len(BREAKDOWNS), len(FURTHER), len(SINCE)) == (20, 6, 1)
    missing = [each.name for each in ALL if f"| {each.name} | `{each.event}` |" not in page]
    assert missing == []
