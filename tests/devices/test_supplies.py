"""Paper counted over restarts, a new roll, what runs low told once to journal and platform, a file that is broken."""

import asyncio
import itertools
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from config.load import load_settings
from drivers.device import Supply
from drivers.links.memory import MemoryPort
from drivers.receipt_printer.document import Cut, Feed, Line, ReceiptDocument
from drivers.receipt_printer.driver import ReceiptPrinter
from kiosk.clock import Clock
from kiosk.duties.outbox import Outbox
from kiosk.journal import Journal
from kiosk.keys import MachineKey
from kiosk.printing.supplies import FILE, MAX_BYTES, Roll, Supplies, SupplyStore, fresh_roll, show_supplies
from simulator.models.receipt_printer import make
from simulator.ports.serve import MemoryWire
from simulator.virtual_time import run_virtual

METRE = ReceiptDocument((Line("一米"), *(Feed(800),) * 9, Feed(600), Cut()))
numbers = itertools.count()
NOW = datetime(2025, 11, 21, 3, 0, tzinfo=UTC).astimezone()


class Fixed(Clock):
    def now(self):
        return NOW


class Hall:
    """A printer, the journal and the supplies, as the workshop joins them."""

    def __init__(self, folder, profile="chinese-58mm", **options):
        name = f"supplies-{next(numbers)}"
        self.sim = make("pty:/unused", profile=profile)
        self.sim.port = MemoryWire(self.sim.end, MemoryPort(name), self.sim.tap)
        self.printer = ReceiptPrinter("receipt_printer", f"memory://{name}", {"profile": profile, **options})
        self.journal = Journal(folder / "journal.db", Fixed())
        self.outbox = Outbox(self.journal, MachineKey.load(folder / "machine.key"))
        self.store = SupplyStore(folder)
        self.supplies = Supplies(self.store, self.printer, self.journal, self.outbox, Fixed())

    async def open(self):
        await self.journal.open()
        await self.sim.plug()
        await self.supplies.start()
        self.printer.watch(self.supplies.seen)
        await self.printer.open()

    async def settle(self):
        await self.printer.poll()
        await asyncio.sleep(1)
        await self.supplies.close()

    async def told(self):
        rows = await self.journal._run(
            lambda: (
                self.journal._handle().execute("SELECT visit, kind FROM entry WHERE kind LIKE 'supply.%'").fetchall()
            )
        )
        return [kind for _, kind in rows]

    async def close(self):
        await self.printer.close()
        await self.supplies.close()
        await self.sim.unplug()
        await self.journal.close()


def with_hall(folder, test, **options):
    async def run():
        hall = Hall(folder, **options)
        await hall.open()
        try:
            await test(hall)
        finally:
            await hall.close()

    run_virtual(asyncio.wait_for(run(), 3600))


def counted(folder):
    return SupplyStore(folder).read()["receipt_printer"]


def test_metres_are_counted_over_restarts_as_the_paper_itself_moved(tmp_path):
    used = []

    async def test(hall):
        for _ in range(3):
            await hall.printer.print_document(METRE)
        used.append(hall.sim.paper.used_m)

    with_hall(tmp_path, test)
    with_hall(tmp_path, test)
    assert counted(tmp_path).mm / 1000 == pytest.approx(sum(used), abs=0.02)
    assert counted(tmp_path).since == NOW.isoformat(timespec="seconds")


def test_a_printer_without_a_sensor_is_low_by_the_count_and_the_technician_hears_once(tmp_path):
    """30 m of paper: low from 25 m on, five metres before a citizen stands there without a receipt."""

    async def test(hall):
        hall.store.update("receipt_printer", lambda roll: replace(roll, mm=24_500))
        await hall.printer.print_document(METRE)
        await hall.settle()
        assert hall.printer.status.paper is Supply.LOW
        (warning,) = hall.printer.status.warnings
        assert (warning.cause, warning.code) == ("paper-low", "count")
        assert hall.printer.status.usable
        assert await hall.told() == ["supply.paper-low"]
        await hall.printer.print_document(METRE)
        await hall.settle()
        assert await hall.told() == ["supply.paper-low"]
        (row,) = await hall.journal.rows()
        assert row.topic == "events"

    with_hall(tmp_path, test)
    with_hall(tmp_path, told_no_more)


async def told_no_more(hall):
    """After a restart the same low roll is not told again."""
    await hall.settle()
    assert hall.printer.status.paper is Supply.LOW
    assert await hall.told() == ["supply.paper-low"]


def test_the_sensor_s_warning_is_told_again_for_the_next_roll(tmp_path):
    async def test(hall):
        for _ in range(2):
            hall.sim.do("near_end")
            await hall.settle()
            assert hall.printer.status.paper is Supply.LOW
            hall.sim.do("new_roll")
            await hall.settle()
            assert hall.printer.status.paper is Supply.FULL
        assert await hall.told() == ["supply.paper-low"] * 2

    with_hall(tmp_path, test, profile="chinese-80mm")


def test_a_roll_put_in_without_telling_starts_the_count_anew(tmp_path):
    async def test(hall):
        await hall.printer.print_document(METRE)
        hall.sim.do("paper_out")
        await hall.settle()
        assert await hall.told() == ["supply.paper-out"]
        assert counted(tmp_path).was_low
        hall.sim.do("new_roll")
        await hall.settle()
        assert counted(tmp_path).mm < 100

    with_hall(tmp_path, test)


def test_a_technician_tells_of_a_new_roll_while_the_terminal_runs(tmp_path):
    async def test(hall):
        hall.store.update("receipt_printer", lambda roll: replace(roll, mm=29_000))
        await hall.printer.print_document(METRE)
        assert hall.printer.counted_low
        SupplyStore(tmp_path).update("receipt_printer", lambda _: fresh_roll("2025-11-21T11:00:00+08:00", 50))
        await hall.printer.print_document(METRE)
        await hall.settle()
        assert not hall.printer.counted_low
        assert hall.printer.status.paper is Supply.FULL
        assert 990 <= counted(tmp_path).mm < 1010
        assert counted(tmp_path).roll_mm == 50_000

    with_hall(tmp_path, test)


def test_a_disk_that_refuses_costs_the_count_and_never_a_receipt(tmp_path, caplog):
    async def test(hall):
        hall.store.path = tmp_path / "no" / "such" / FILE
        (tmp_path / "no").write_text("a file where a folder should be")
        assert (await hall.printer.print_document(METRE)).value.lines == 1

    with_hall(tmp_path, test)
    assert "supplies" in caplog.text


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"receipt_printer": 1}',
        b"\xff\xfe",
        b'{"receipt_printer": {"mm": -1}}',
        b'{"receipt_printer": {"mm": "1"}}',
        b'{"receipt_printer": {"mm": 1, "told": 5}}',
        b'{"receipt_printer": {"since": 1}}',
        b"[" * MAX_BYTES,
        b" " * (MAX_BYTES + 1),
    ],
)
def test_a_broken_file_is_put_aside_and_counting_goes_on(tmp_path, content):
    store = SupplyStore(tmp_path)
    store.path.write_bytes(content)
    assert store.read() == {}
    assert store.path.with_suffix(".bad").read_bytes() == content
    assert store.update("receipt_printer", lambda roll: replace(roll, mm=roll.mm + 5)).mm == 5
    assert json.loads(store.path.read_text())["receipt_printer"]["mm"] == 5


@pytest.mark.parametrize(
    ("mm", "usual_m", "low"),
    [(0, 80, False), (71_999, 80, False), (72_001, 80, True), (25_001, 30, True), (0, 4, True)],
)
def test_when_a_roll_is_low(mm, usual_m, low):
    assert Roll(mm=mm).is_low(usual_m * 1000) is low


def test_the_command_shows_and_resets(tmp_path):
    settings = load_settings("simulated", [], {"state_dir": str(tmp_path)})
    SupplyStore(tmp_path).update("receipt_printer", lambda roll: replace(roll, mm=75_000))
    (line,) = show_supplies(settings, new_roll=False, metres=0)
    assert "75.0 m printed" in line
    assert "about 5.0 m of 80 m left; have a new roll ready" in line
    (line,) = show_supplies(settings, new_roll=True, metres=60)
    assert "about 60.0 m of 60 m left" in line
    with pytest.raises(ValueError, match="--new-roll"):
        show_supplies(settings, new_roll=False, metres=60)
