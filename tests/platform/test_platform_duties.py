"""The terminal's duties beside its visits: heartbeats, commands, areas asked again; faults of devices, told once."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
from platform_town import KIOSK

from config.load import load_settings
from drivers.device import Counters, DeviceState, Fault, Status
from kiosk.clock import Clock
from kiosk.duties.office_commands import Commands
from kiosk.duties.office_orders import OfficeOrders
from kiosk.duties.outbox import LONGEST_BACKOFF_S, Outbox
from kiosk.duties.platform import AGAIN_S, JITTER, Duties
from kiosk.journal import Journal
from kiosk.keys import MachineKey
from kiosk.platform.errors import NoReply
from kiosk.supervision.device_faults import GAP_S, SETTLE_S, DeviceFaults
from simulator.platform.faults import FaultPlan
from simulator.virtual_time import run_virtual

BROKEN = Status(DeviceState.OFFLINE, Fault("paper-out", "the paper is out", "technician"))
WELL = Status(DeviceState.ONLINE)


class Reader:
    """A device as its watchers see it."""

    name = family = "receipt_printer"

    def __init__(self):
        self.status = WELL
        self.counters = Counters()


class Post:
    """A terminal without pages: its journal, outbox, commands, duties, and what it thinks of its devices."""

    def __init__(self, town, folder, **overrides):
        self.town = town
        self.clock = Clock(town.wall.at.timestamp())
        self.journal = Journal(folder / "journal.db", self.clock)
        self.outbox = Outbox(self.journal, MachineKey(b"k" * 32))
        self.orders = OfficeOrders()
        self.commands = Commands(self.journal, self.outbox, town.platform, self.clock, self.orders)
        self.reader = Reader()
        self.capability = SimpleNamespace(
            closed_reason="", available=lambda: self.services, current=lambda: SimpleNamespace(version="0123456789ab")
        )
        self.services = 236
        self.busy = False
        self.faults = DeviceFaults(self.journal, self.outbox, town.platform, self.clock)
        settings = load_settings("simulated", overrides={f"platform.{k}": v for k, v in overrides.items()})
        self.duties = Duties(
            settings, town.platform, self.commands, self.capability, [self.reader], self.journal, self.clock,
            is_busy=lambda: self.busy, stock=lambda: {"blank-a4": 7},
        )  # fmt: skip

    @asynccontextmanager
    async def at_work(self, *loops):
        """The journal open, the loops running."""
        await self.journal.open()
        tasks = [asyncio.create_task(loop()) for loop in loops]
        try:
            yield self
            assert [t.exception() for t in tasks if t.done()] == []
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.journal.close()

    def at_platform(self, query):
        with self.town.app.state.city.store.transaction() as cx:
            return [tuple(row) for row in cx.execute(query)]

    def pulse(self):
        [(body,)] = self.at_platform("SELECT body FROM heartbeat")
        return json.loads(body)

    def asked(self, path):
        return sum(template == path for template, _ in self.town.adapter.log)


HEARTBEATS, PROFILE = "/devices/{device}/heartbeats", "/devices/{device}/profile"


@pytest.fixture
def post(town, tmp_path):
    async def made(**overrides):
        return Post(town, tmp_path, **overrides)

    return made


def test_the_first_beat_says_what_the_terminal_is_made_of_and_asks_what_is_near(post):
    async def walk():
        here = await post()
        async with here.at_work():
            await here.duties.beat()
            await here.duties.beat()
            assert (here.asked(PROFILE), here.asked(HEARTBEATS)) == (1, 2)
            [(profile,)] = here.at_platform("SELECT body FROM device_profile")
            assert "0123456789ab" in profile
            assert len(here.duties.nearby) > 5
            assert (here.pulse()["stock"], here.pulse()["journal"]["waiting"]) == ({"forms.blank-a4": 7}, 0)

    run_virtual(walk())


def test_a_beat_says_ready_busy_closed_or_out_of_work_and_what_is_broken(post):
    async def walk():
        here = await post()
        async with here.at_work():
            said = []
            for change in ({}, {"busy": True}, {"busy": False, "services": 0}):
                for name, value in change.items():
                    setattr(here, name, value)
                await here.duties.beat()
                said.append(here.pulse()["state"])
            here.capability.closed_reason, here.reader.status = "reason.closed-office", BROKEN
            await here.duties.beat()
            assert [*said, here.pulse()["state"]] == ["ready", "busy", "out-of-work", "closed"]
            [module] = [m for m in here.pulse()["modules"] if m["module"] == "receipt_printer"]
            assert (module["state"], module["cause"]) == (4, "paper-out")

    run_virtual(walk())


@pytest.mark.promise("P7")
def test_the_heart_beats_through_an_outage_and_never_fails(post, town):
    async def walk():
        here = await post(heartbeat_s=60, command_wait_s=0)
        async with here.at_work(here.duties.run):
            await asyncio.sleep(10 * 60)
            before = here.asked(HEARTBEATS)
            assert 10 / (1 + JITTER) - 1 <= before <= 10 / (1 - JITTER) + 1
            town.app.state.faults.set(FaultPlan(down=True))
            await asyncio.sleep(20 * 60)
            town.app.state.faults.set(FaultPlan())
            during = here.asked(HEARTBEATS)
            await asyncio.sleep(3 * 60)
            assert here.asked(HEARTBEATS) - during >= 2  # at its own pace again, nobody restarted it
            assert town.platform.areas_down() == frozenset()

    run_virtual(walk())


def test_an_area_that_is_down_is_asked_again_without_a_citizen(post, town):
    async def walk():
        here = await post(heartbeat_s=3600, command_wait_s=0)
        session = await town.platform.open_session(town.key("ses"))
        town.app.state.faults.set(FaultPlan(down=True))
        async with here.at_work(here.duties.run):
            for _ in range(20):
                with pytest.raises(NoReply):
                    await town.platform.order("ord_00000000000000000000")
                if town.platform.areas_down():
                    break
            assert town.platform.areas_down()
            back = []
            here.duties.area_back = lambda: back.append(town.platform.areas_down())
            town.app.state.faults.set(FaultPlan())
            await asyncio.sleep(180)
            assert town.platform.areas_down() == frozenset()
            assert back == [frozenset()], "what waits for it is told once, when it is there"
            await town.platform.close_session(session)

    run_virtual(walk())


def test_a_command_is_followed_and_its_result_told_by_the_loops_alone(post, town):
    async def walk():
        here = await post(heartbeat_s=60, command_wait_s=25)
        city = town.app.state.city
        async with here.at_work(here.duties.run, here.outbox.run):
            await asyncio.sleep(30)
            with city.store.transaction() as cx:
                cx.execute(
                    "INSERT INTO command(id, kiosk, name, params, state, issued_at, expires_at)"
                    " VALUES ('cmd_0001', ?, 'close', ?, 'WAITING', ?, ?)",
                    (KIOSK, json.dumps({"zh": "停电检修。"}), city.stamp(), city.stamp(3600)),
                )
            await asyncio.sleep(AGAIN_S + 1)
            assert here.orders.closed_words("zh") == "停电检修。"
            await asyncio.sleep(2)
            assert here.at_platform("SELECT state FROM command") == [("DONE",)]

    run_virtual(walk())


OPENED = "SELECT cause, is_open FROM device_fault ORDER BY opened_at, id"


@pytest.mark.promise("P4")
def test_a_fault_in_an_outage_is_told_once_afterwards_and_its_end_too(post, town):
    async def walk():
        here = await post()
        async with here.at_work(here.faults.run, here.outbox.run):
            town.app.state.faults.set(FaultPlan(down=True))
            here.reader.status = BROKEN
            here.faults.seen(here.reader, BROKEN)
            await asyncio.sleep(SETTLE_S + 600)
            assert [row.topic for row in await here.journal.rows()] == ["device-fault"]
            # It arrives, its answer is lost, and it is sent again.
            town.app.state.faults.set(FaultPlan(drop_reply_after_commit=True, times=1))
            await asyncio.sleep(2.5 * LONGEST_BACKOFF_S)
            assert here.at_platform(OPENED) == [("paper-out", 1)]
            assert await here.journal.rows() == []
            here.faults.seen(here.reader, WELL)
            await asyncio.sleep(SETTLE_S + 5)
            assert here.at_platform(OPENED) == [("paper-out", 0)]

    run_virtual(walk())


def test_a_fault_that_flaps_is_told_at_most_once_in_a_while(post):
    async def walk():
        here = await post()
        async with here.at_work(here.faults.run, here.outbox.run):
            here.faults.seen(here.reader, BROKEN)
            here.faults.seen(here.reader, WELL)
            await asyncio.sleep(SETTLE_S + 5)
            assert here.at_platform(OPENED) == []  # gone before anybody had to know
            began = here.clock.monotonic()
            while here.clock.monotonic() - began < 10 * GAP_S:
                for status in (BROKEN, WELL):
                    here.faults.seen(here.reader, status)
                    await asyncio.sleep(SETTLE_S + 1)
            told = len(await here.journal.recent("device.fault", 500))
            assert 2 <= told <= 12
            await asyncio.sleep(2 * GAP_S)
            assert [row for row in here.at_platform(OPENED) if row[1]] == []

    run_virtual(walk())
