"""The end of a session whose act goes on: nobody is served before it is over, and nothing goes on in silence."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from door_hall import SUPERVISOR_PIN, DoorHall
from work_hall import WHO, bodies, play, workshop

from config.health_rules import health_rules
from drivers.device import DeviceState, Status
from kiosk.diagnostics.gather import facts_now
from kiosk.diagnostics.ranking import first_trouble, report
from kiosk.health.judging import Bounds, Judge
from kiosk.technician.session import NotAllowed, Session
from screens import pages
from screens.models import Leave
from simulator.hall import Hall
from simulator.virtual_time import run_virtual


def walk(folder: Path, steps: Callable[[DoorHall], Awaitable[None]]) -> None:
    async def run() -> None:
        async with DoorHall(folder) as hall:
            await steps(hall)

    run_virtual(run())


async def deaf(until: asyncio.Event) -> str:
    """An act that goes on whatever it is told."""
    while not until.is_set():
        try:
            await until.wait()
        except asyncio.CancelledError:
            continue
    return "ended"


async def leaving(hall: DoorHall, act: str, until: asyncio.Event) -> asyncio.Task[Any]:
    """A technician at work leaves while their act goes on."""
    session = await hall.come_in()
    hall.lift()
    running = asyncio.create_task(session.run(act, lambda: deaf(until)))
    await asyncio.sleep(1)
    hall.seen.go.set()
    return running


def test_an_act_that_ends_late_keeps_citizens_waiting_and_no_longer(tmp_path: Path) -> None:
    async def steps(hall: DoorHall) -> None:
        armed: list[float] = []
        loop = asyncio.get_running_loop()
        hall.entry.rearm.append(lambda: armed.append(loop.time()))
        until, began = asyncio.Event(), loop.time()
        running = await leaving(hall, "burn-in", until)
        screen = await hall.page("maintenance")
        assert "马上恢复" in screen.title
        await hall.press("start")
        await hall.gesture()
        await asyncio.sleep(20)
        assert (hall.display.screen, armed) == (screen, [])
        assert hall.terminal.visit_id.startswith("t-")
        until.set()
        await hall.page("standby")
        assert armed[0] - began > 20
        assert await running == "ended"
        assert hall.entries("technician")[-1]["outcome"] == "done"
        assert not hall.entries("technician.act-stands")
        await hall.press("start")
        await hall.page("home")

    walk(tmp_path, steps)


def test_an_act_that_never_ends_leaves_the_terminal_closed_and_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def steps(hall: DoorHall) -> None:
        until = asyncio.Event()
        running = await leaving(hall, "test/receipts", until)
        await hall.page("maintenance")
        assert hall.entry.ending.stands_s == 0.0
        screen = await hall.page("closed", within_s=100)
        assert "没停下来" in repr(screen)
        assert hall.terminal.capability.closed_now == "reason.closed-act"
        assert (hall.entry.session, hall.terminal.visit_id) == (None, "")
        await asyncio.sleep(30)
        assert hall.entry.ending.acts == ("test/receipts",)
        assert hall.entry.ending.stands_s > 25
        assert hall.entries("technician.act-stands")[0]["acts"] == ["test/receipts"]
        assert (await hall.come_in()).is_open  # whoever mends it comes in
        hall.lift()
        hall.seen.go.set()
        await hall.page("closed")
        until.set()
        await hall.page("standby")
        assert hall.entry.ending.stands_s == 0.0
        assert await running == "ended"

    walk(tmp_path, steps)
    assert "event=health.act-stands severity=alarm" in caplog.text
    assert "test/receipts" in caplog.text


def test_pages_that_still_run_show_and_hear_nothing(tmp_path: Path) -> None:
    async def steps(hall: DoorHall) -> None:
        until = asyncio.Event()
        running = await leaving(hall, "burn-in", until)
        session = hall.seen.sessions[-1]
        await hall.page("maintenance")
        assert session.visit is not None
        session.visit.refresh()
        session.visit.show(lambda place: pages.leave(place, Leave()))
        assert hall.display.screen is not None
        assert hall.display.screen.page == "maintenance"
        until.set()
        await running
        await hall.page("standby")

    walk(tmp_path, steps)


def test_what_moves_a_controlled_document_is_waited_for_and_all_else_is_cut(tmp_path: Path) -> None:
    async def steps(hall: DoorHall) -> None:
        session = await hall.come_in("supervisor", SUPERVISOR_PIN)
        hall.lift()
        ended: list[str] = []

        async def work(name: str) -> None:
            await asyncio.sleep(30)
            ended.append(name)

        acts = [asyncio.create_task(session.run(name, partial(work, name))) for name in ("reissue", "report")]
        await asyncio.sleep(1)
        hall.seen.go.set()
        await hall.page("maintenance")
        with pytest.raises(NotAllowed, match="over"):
            await acts[1]
        assert not ended
        await hall.page("standby", within_s=60)
        assert ended == ["reissue"]
        await acts[0]

    walk(tmp_path, steps)


def test_a_sheet_on_its_way_is_waited_for_though_its_job_was_called_off(tmp_path: Path) -> None:
    async def steps(hall: DoorHall) -> None:
        session = await hall.come_in()
        hall.lift()
        running = asyncio.create_task(session.run("report", lambda: asyncio.sleep(60)))
        await asyncio.sleep(1)
        hall.licences.status = Status(DeviceState.BUSY)
        hall.seen.go.set()
        await hall.page("maintenance")
        with pytest.raises(NotAllowed):
            await running
        await asyncio.sleep(15)
        assert hall.display.screen is not None
        assert hall.display.screen.page == "maintenance"
        hall.licences.status = Status(DeviceState.ONLINE)
        await hall.page("standby", within_s=3)

    walk(tmp_path, steps)


def test_the_program_that_ends_waits_for_no_act(tmp_path: Path) -> None:
    async def steps(hall: DoorHall) -> None:
        until = asyncio.Event()
        session = await hall.come_in()
        running = asyncio.create_task(session.run("burn-in", lambda: deaf(until)))
        await asyncio.sleep(1)
        began, terminal = asyncio.get_running_loop().time(), hall.tasks[-1]
        terminal.cancel()
        await asyncio.wait({terminal})
        assert asyncio.get_running_loop().time() - began < 10
        until.set()
        await running

    walk(tmp_path, steps)


def test_the_table_begins_the_device_anew_then_the_program() -> None:
    rules = health_rules()
    judge = Judge(rules, Bounds(rules.bounds))

    def look(now: float) -> list[tuple[str, str]]:
        measured = {"technician.act_s": 1.0 + now}
        verdict = judge.look(measured, now, now, idle=True, subjects={"technician.act_s": "receipt-printer"})  # type: ignore[arg-type]  # names of measures
        return [(each.rung, each.subject) for each in verdict.restarts]

    assert look(0.0) == [("device", "receipt-printer")]
    assert look(60.0) == []
    for at in (121.0, 242.0, 363.0):
        assert look(at) == [("device", "receipt-printer")]
    assert look(484.0) == [("process", "receipt-printer")]


def test_the_whole_terminal_says_which_act_it_is_and_begins_anew_what_it_can(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        here, until = workshop(hall), asyncio.Event()
        door = here.terminal.technician
        assert door is not None
        async with here.tools.reader.lock:  # the act hangs in the reader
            session = Session(
                here.terminal, who=WHO, role="field", how="code", source="remote", idle_s=60, longest_s=600
            )
            running = asyncio.create_task(session.run("test/reader", lambda: deaf(until)))
            await asyncio.sleep(1)
            session.leave()
            session.stop_acts()
            await door.ending.of(session, session.under_way)
            await asyncio.sleep(30)
            sections = report(await facts_now(here, (0, 0)), {})
            first = first_trouble(sections)
            assert first is not None
            assert (first.event, first.what) == ("health.act-stands", "test/reader")
            assert here.health is not None
            assert "act-stands" in here.health.verdict.broken
            assert hall.life.shown.page == "closed"
        until.set()
        await running
        await asyncio.sleep(15)
        assert "act-stands" not in here.health.verdict.broken
        assert hall.life.shown.page == "standby"

    hall = play(tmp_path, story)
    assert '"device"' in bodies(hall, "health.restart")[0]
    assert any("act-stands" in body for body in bodies(hall, "health.broken"))
