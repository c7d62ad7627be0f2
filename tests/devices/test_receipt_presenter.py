"""A kiosk printer with a presenter: the ticket in the exit, taken, left, pulled back; both ends, virtual time."""

import asyncio
import itertools
from dataclasses import replace

import pytest

from drivers.device import DeviceState, Media, Supply
from drivers.links.memory import MemoryPort
from drivers.outcome import Done, Refused
from drivers.receipt_printer.document import Cut, Line, ReceiptDocument
from drivers.receipt_printer.driver import ReceiptPrinter
from drivers.receipt_printer.frames import (
    ASK_FULL,
    Condition,
    FullStatus,
    ReceiptTracer,
    ReplyParser,
    full_status,
    read_full,
)
from drivers.receipt_printer.line import LEFT_FACTOR
from simulator.models.receipt_printer import make
from simulator.ports.serve import MemoryWire
from simulator.virtual_time import run_virtual

C = Condition
TICKET = ReceiptDocument((Line("缴费凭条", "centre", size=(2, 2)), Line("￥10.00"), Cut()))
NEXT = ReceiptDocument((Line("下一位"), Cut()))
numbers = itertools.count()


class Desk:
    def __init__(self, **options):
        name = f"presenter-{next(numbers)}"
        self.sim = make("pty:/unused", profile="presenter-80mm")
        self.sim.port = MemoryWire(self.sim.end, MemoryPort(name), self.sim.tap)
        self.printer = ReceiptPrinter("receipt_printer", f"memory://{name}", {"profile": "presenter-80mm", **options})

    def state(self, key):
        return self.sim.state()[key]


def with_desk(test, **options):
    async def run():
        desk = Desk(**options)
        await desk.sim.plug()
        await desk.printer.open()
        try:
            await test(desk)
        finally:
            await desk.printer.close()
            await desk.sim.unplug()

    run_virtual(asyncio.wait_for(run(), 3600))


@pytest.mark.parametrize(
    ("golden", "conditions"),
    [
        ("10 0f 00 00 00 00", C(0)),
        ("10 0f 01 00 00 00", C.PAPER_END | C.STOPPED_NO_PAPER),
        ("10 0f 04 00 00 00", C.NEAR_END),
        ("10 0f 20 00 00 00", C.TICKET_IN_EXIT),
        ("10 0f 24 04 00 00", C.TICKET_IN_EXIT | C.NEAR_END | C.SPOOLING),
        ("10 0f 00 02 00 00", C.COVER_OPEN),
        ("10 0f 00 00 01 00", C.AUTO_RECOVERABLE),
        ("10 0f 00 00 02 00", C.LINE_ERROR),
        ("10 0f 00 00 08 00", C.VOLTAGE),
        ("10 0f 00 00 00 01", C.CUTTER),
        ("10 0f 00 00 00 04", C.UNRECOVERABLE),
    ],
)
def test_the_six_bytes(golden, conditions):
    """Custom KPM300 command manual, p. 113."""
    assert full_status(conditions).hex(" ") == golden
    assert read_full(bytes.fromhex(golden)) == conditions


@pytest.mark.parametrize(
    ("received", "means"),
    [("10 0f 00 01 00 00", C.COVER_OPEN), ("10 0f 00 00 00 02", C.COVER_OPEN), ("10 0f 00 00 00 08", C.UNRECOVERABLE)],
)
def test_bits_that_say_the_same(received, means):
    assert read_full(bytes.fromhex(received)) == means


@pytest.mark.parametrize("piece", [1, 2, 4, 100])
def test_the_six_bytes_among_other_answers(piece):
    """10 0F would be an automatic status where DLE EOT 20 was never asked."""
    stream = bytes.fromhex("12 10 00 03 00 16 10 0f 20 00 08 10 00 12 37 22") + b"0001\x00"
    parser = ReplyParser(full_status=True)
    found = [r for at in range(0, len(stream), piece) for r in parser.feed(stream[at : at + piece])]
    kinds = [type(reply).__name__ for reply in found]
    assert kinds == ["StatusByte", "AutoStatus", "StatusByte", "FullStatus", "Sensor", "StatusByte", "Block"]
    assert found[3] == FullStatus(bytes.fromhex("10 0f 20 00 08 10"))
    plain = ReplyParser().feed(bytes.fromhex("10 0f 00 00"))
    assert [type(reply).__name__ for reply in plain] == ["AutoStatus"]


def test_a_ticket_waits_in_the_exit_until_it_is_pulled():
    async def test(desk):
        assert desk.printer.status.media is Media.NOT_PRESENT
        assert isinstance(await desk.printer.print_document(TICKET), Done)
        assert desk.state("ticket_in_exit")
        waiting = asyncio.create_task(desk.printer.wait_taken(30))
        await asyncio.sleep(5)
        assert not waiting.done()
        assert desk.printer.status.media is Media.PRESENT
        desk.sim.do("tear_off")
        assert await waiting is True
        assert desk.printer.status.media is Media.NOT_PRESENT

    with_desk(test)


@pytest.mark.promise("P5")
def test_a_ticket_left_is_pulled_back_in_when_asked():
    async def test(desk):
        await desk.printer.print_document(TICKET)
        assert await desk.printer.wait_taken(10) is False
        assert await desk.printer.take_back() is True
        assert not desk.state("ticket_in_exit")
        assert "￥10.00" in desk.sim.mechanism.presenter.retracted[-1].text
        assert desk.printer.counters.extra["taken_back"] == 1

    with_desk(test)


@pytest.mark.promise("P5")
@pytest.mark.promise("P6")
def test_a_ticket_that_nobody_waits_for_is_pulled_back_by_the_poll():
    """The visit broke off: the terminal's own poll keeps the bound."""

    async def test(desk):
        await desk.printer.print_document(TICKET)
        await desk.printer.poll()
        await asyncio.sleep(desk.printer.take_s * LEFT_FACTOR - 1)
        await desk.printer.poll()
        assert desk.state("ticket_in_exit")
        await asyncio.sleep(2)
        status = await desk.printer.poll()
        assert not desk.state("ticket_in_exit")
        assert status.media is Media.NOT_PRESENT
        assert status.warnings == ()
        assert desk.state("retracted") == 1

    with_desk(test)


@pytest.mark.promise("P6")
def test_the_next_citizen_never_gets_the_ticket_of_the_one_before():
    async def test(desk):
        await desk.printer.print_document(TICKET)
        assert isinstance(await desk.printer.print_document(NEXT), Done)
        assert [r.text.strip() for r in desk.sim.paper.hanging] == ["下一位"]
        assert desk.state("pushed_out") == 0
        assert desk.state("retracted") == 1

    with_desk(test)


@pytest.mark.promise("P6")
def test_a_terminal_that_starts_clears_the_exit():
    async def test(desk):
        await desk.printer.print_document(TICKET)
        again = ReceiptPrinter("again", desk.printer._link.url, {"profile": "presenter-80mm"})
        await desk.printer.close()
        await again.open()
        await asyncio.sleep(2)
        assert (await again.poll()).media is Media.NOT_PRESENT
        assert any("￥10.00" in r.text for r in desk.sim.mechanism.presenter.retracted)
        await again.close()

    with_desk(test)


@pytest.mark.promise("P8")
def test_a_printer_that_may_not_retract_says_so_and_the_technician_hears():
    async def test(desk):
        desk.sim.do("retracting", on=False)
        await desk.printer.print_document(TICKET)
        assert await desk.printer.take_back() is False
        await asyncio.sleep(desk.printer.take_s * LEFT_FACTOR + 1)
        status = await desk.printer.poll()
        assert [w.cause for w in status.warnings] == ["ticket-left"]
        assert status.usable
        desk.sim.do("tear_off")
        assert (await desk.printer.poll()).warnings == ()

    with_desk(test)


def test_ejecting_instead_is_data():
    async def test(desk):
        await desk.printer.print_document(TICKET)
        assert await desk.printer.take_back() is True
        assert (desk.state("pushed_out"), desk.state("retracted")) == (1, 0)

    with_desk(test, take_back="1D 65 05")


def test_a_jam_in_the_presenter_is_a_fault_and_clears():
    async def test(desk):
        await desk.printer.print_document(TICKET)
        desk.sim.do("presenter_jam")
        status = await desk.printer.poll()
        assert (status.media, status.paper, status.device) == (Media.JAMMED, Supply.JAMMED, DeviceState.USER_ERROR)
        refused = await desk.printer.print_document(NEXT)
        assert isinstance(refused, Refused)
        assert refused.cause == "paper-jam"
        with pytest.raises(ValueError, match="jammed"):
            desk.sim.do("tear_off")
        desk.sim.do("clear_fault")
        await asyncio.sleep(6)
        assert (await desk.printer.poll()).media is Media.NOT_PRESENT
        assert isinstance(await desk.printer.print_document(NEXT), Done)

    with_desk(test)


def test_low_voltage_is_told():
    async def test(desk):
        desk.sim.do("voltage")
        status = await desk.printer.poll()
        assert status.fault is not None
        assert status.fault.cause == "voltage"
        desk.sim.do("clear_fault")
        assert (await desk.printer.poll()).usable

    with_desk(test)


def test_printers_without_a_presenter_cannot_say():
    async def run():
        name = f"presenter-{next(numbers)}"
        sim = make("pty:/unused", profile="chinese-80mm")
        sim.port = MemoryWire(sim.end, MemoryPort(name), sim.tap)
        printer = ReceiptPrinter("receipt_printer", f"memory://{name}", {"profile": "chinese-80mm"})
        await sim.plug()
        await printer.open()
        assert printer.status.media is Media.NOT_SUPPORTED
        assert await printer.wait_taken(30) is None
        assert await printer.take_back() is None
        await printer.close()
        await sim.unplug()

    run_virtual(run())
    with pytest.raises(ValueError, match="no presenter"):
        make("pty:/unused").do("presenter_jam")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"take_back": "1D 6"}, "take_back"),
        ({"take_back": "00" * 17}, "at most 16"),
        ({"take_s": 1}, "5 to 600"),
        ({"roll_m": True}, "roll_m"),
        ({"roll_m": 5000}, "1 to 1000"),
    ],
)
def test_bad_options_are_named(options, words):
    with pytest.raises(ValueError, match=words):
        ReceiptPrinter("receipt_printer", "memory://nowhere", options)


def test_the_ejector_tells_how_it_is():
    sim = make("pty:/unused", profile="presenter-80mm")
    assert sim.end.receive(0.0, b"\x1de\x06") == b"\x04"
    sim.end.receive(0.0, b"A\n\x1dVB\x00\x1de\x03\x0c")
    while (at := sim.end.wake_at) is not None:
        sim.end.wake(at)
    assert sim.end.receive(9.0, b"\x1de\x06") == b"\x0c"
    assert sim.end.receive(9.0, ASK_FULL) == bytes.fromhex("10 0f 20 00 00 00")
    sim.do("presenter_jam")
    assert sim.mechanism.presenter.act(replace_args(6), near_end=False) == b"\xcc"
    sim.do("cover_open")
    assert sim.end.receive(9.0, ASK_FULL) == bytes.fromhex("10 0f 20 02 00 00")


def replace_args(n):
    from drivers.receipt_printer.frames import Command

    return replace(Command("GS e"), args=(n,))


def test_the_recording_reads_the_six_bytes():
    tracer = ReceiptTracer()
    (asked,) = tracer.feed("out", ASK_FULL)
    (said,) = tracer.feed("in", bytes.fromhex("10 0f 24 00 00 00"))
    assert "full status?" in asked.words
    assert "near end" in said.words
    assert "ticket in exit" in said.words
