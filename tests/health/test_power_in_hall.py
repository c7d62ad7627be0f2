"""The whole terminal in a hall: mains fail, the battery empties, mains come back; parts that are begun anew; night."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from kiosk.clock import WEIHAI
from kiosk.diagnostics.gather import facts_now
from kiosk.diagnostics.ranking import first_line, first_trouble, report
from kiosk.health.restarting import BeginAnew
from kiosk.health.watch import Health
from kiosk.offering.capability import OF_THE_MACHINE
from simulator.hall import Hall
from simulator.inline_loop import run_inline

CABINET = "cabinet"


def played(folder: Path, story: Callable[[Hall, Health], Coroutine[Any, Any, None]], **more: Any) -> None:
    async def whole() -> None:
        hall = Hall(folder, poll_s=5.0, **more)
        await hall.open()
        try:
            health = hall.life.workshop.health
            assert health is not None
            await story(hall, health)
            assert hall.errors == []
        finally:
            await hall.close()

    run_inline(whole())


async def event_now(hall: Hall) -> str:
    facts = await facts_now(hall.life.workshop, (0, 0))
    trouble = first_trouble(report(facts, {}))
    return trouble.event if trouble else ""


async def entries(hall: Hall, kind: str) -> int:
    return len(await hall.life.workshop.tools.journal.recent(kind, 50))


@pytest.mark.promise("P7")
def test_mains_fail_then_the_battery_empties_then_mains_come_back(tmp_path: Path) -> None:
    async def story(hall: Hall, health: Health) -> None:
        off = []

        async def switch_off() -> bool:
            off.append(asyncio.get_running_loop().time())
            return True

        health._off = switch_off
        capability = hall.life.workshop.terminal.capability
        offered = capability.available()
        hall.do(CABINET, "ups_engage")
        await asyncio.sleep(12)
        assert capability.available() == offered  # most cuts are short: it is only said
        assert await event_now(hall) == "cabinet.on-battery"
        await asyncio.sleep(40)
        intents = [s for s in capability.current().services.values() if "submit" in s.steps and s.depth > 1]
        reasons = {capability.of(s).reason for s in intents}
        assert "reason.power" in reasons
        assert all(reason.startswith((*OF_THE_MACHINE, "reason.power")) for reason in reasons)
        assert 0 < capability.available() < offered  # what moves nothing goes on
        assert "reason.power" in capability.limits()
        hall.do(CABINET, "ups_low")
        await asyncio.sleep(12)
        assert hall.life.shown.page == "closed"
        assert len(off) == 1
        assert await event_now(hall) == "power.switching-off"
        assert await entries(hall, "power.closing") == await entries(hall, "power.off") == 1
        hall.do(CABINET, "ups_recover")  # nobody really switched it off: it serves again
        await asyncio.sleep(200)
        assert hall.life.shown.page == "standby"
        assert capability.available() == offered
        assert await event_now(hall) == ""

    played(tmp_path, story)


def test_who_is_here_when_the_battery_empties_may_end_and_is_not_kept_for_ever(tmp_path: Path) -> None:
    async def story(hall: Hall, health: Health) -> None:
        off = []

        async def switch_off() -> bool:
            off.append(bool(hall.life.visit))
            return True

        health._off = switch_off
        hall.life.reply("start")
        await asyncio.sleep(1)
        assert hall.life.visit
        hall.do(CABINET, "ups_engage")
        await asyncio.sleep(8)
        assert hall.life.visit
        hall.do(CABINET, "ups_low")
        await asyncio.sleep(20)
        assert hall.life.visit  # asked whether anybody is there, not thrown out
        await asyncio.sleep(50)
        assert not hall.life.visit
        assert off == [False]

    played(tmp_path, story)


def test_a_device_that_hangs_in_its_work_is_begun_anew_by_itself(tmp_path: Path) -> None:
    async def story(hall: Hall, health: Health) -> None:
        reader = next(s.device for s in hall.life.workshop.supervisors if s.device.family == "id_card")
        stuck = asyncio.Event()

        async def hang() -> None:
            async with reader.lock:
                await stuck.wait()

        task = asyncio.create_task(hang())
        await asyncio.sleep(400)
        assert "device-hangs" in health.verdict.broken
        assert await entries(hall, "health.restart") >= 1
        fact = health.fact()
        assert next(part for part in fact.parts if part.part == "device").restarts >= 1
        stuck.set()
        await task
        await asyncio.sleep(60)
        assert "device-hangs" not in health.verdict.broken
        assert hall.life.devices["id_card"] == ""

    played(tmp_path, story)


def test_devices_sleep_at_night_and_wake_with_the_first_touch(tmp_path: Path) -> None:
    async def story(hall: Hall, health: Health) -> None:
        supervisors = {s.device.family: s for s in hall.life.workshop.supervisors}
        await asyncio.sleep(200)
        assert health.night.asleep
        assert supervisors["id_card"].rhythm.poll_s == 20
        assert supervisors["cabinet"].rhythm.poll_s < 5
        polled = supervisors["id_card"].device.counters.bytes_out
        hall.life.reply("start")
        await asyncio.sleep(1)
        assert not health.night.asleep
        assert supervisors["id_card"].rhythm.poll_s == 5
        assert supervisors["id_card"].device.counters.bytes_out > polled  # asked at once

    played(tmp_path, story, opens=datetime(2026, 11, 22, 23, 30, tzinfo=WEIHAI))


def test_nothing_sleeps_by_day(tmp_path: Path) -> None:
    async def story(hall: Hall, health: Health) -> None:
        await asyncio.sleep(200)
        assert not health.night.asleep

    played(tmp_path, story, with_cabinet=False)


def test_the_report_says_in_three_languages_what_the_power_is(tmp_path: Path) -> None:
    async def story(hall: Hall, health: Health) -> None:
        facts = await facts_now(hall.life.workshop, (0, 0))
        power = replace(facts.power, source="ups", has_ups=True, charge=80.0, runtime_s=480.0, model="Acme 600")
        found = {s.id: s for s in report(replace(facts, power=power), {})}
        assert (found["power"].state, found["power"].note) == ("ok", "Acme 600, 80 %")
        assert found["power"].counters == {"charge_percent": 80, "runtime_min": 8}
        deaf = replace(power, source="", trouble="ups@localhost:3493: no answer within 3 s")
        line = first_line(report(replace(facts, power=deaf), {}), "zh")
        assert line.startswith("问不到 UPS")
        worn = replace(power, worn=True)
        assert first_trouble(report(replace(facts, power=worn), {})).event == "power.battery-worn"  # type: ignore[union-attr]  # there is one
        assert not health.verdict.broken

    played(tmp_path, story)


def test_a_wish_to_begin_anew_ends_the_core_with_its_name(tmp_path: Path) -> None:
    async def story(hall: Hall, health: Health) -> None:
        health._judge.bounds.done.clear()

        class Meter:
            def measures(self, now: float) -> dict[str, float]:
                return {"memory.mb": 2000.0}

            def screen_beat(self) -> float | None:
                return None

        health._meter = Meter()  # type: ignore[assignment]  # what it says is all that is asked
        await health.look()
        await asyncio.sleep(61)
        with pytest.raises(BeginAnew, match="process: memory-high"):
            await health.look()

    async def whole() -> None:
        hall = Hall(tmp_path, with_cabinet=False, poll_s=30.0)
        await hall.open()
        try:
            await story(hall, hall.life.workshop.health)
        finally:
            await hall.close()

    run_inline(whole())
