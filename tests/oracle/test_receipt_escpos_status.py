"""What python-escpos makes of a printer's answers, by name, and what this terminal makes of the same bytes."""

import asyncio

import pytest

from config.receipt_printers import receipt_printer
from drivers.device import Supply
from drivers.errors import NoAnswer
from drivers.links.memory import MemoryPort
from drivers.receipt_printer.driver import ReceiptPrinter
from drivers.receipt_printer.escpos_library import library
from drivers.receipt_printer.faults import status_of
from drivers.receipt_printer.frames import Condition
from drivers.receipt_printer.host import ANSWER_S, HostEnd, Silent, StatusRead, Wait
from simulator.models.receipt_printer import make
from simulator.ports.serve import MemoryWire
from simulator.virtual_time import run_virtual

PLENTY, NONE_LEFT = 2, 0
READY = b"\x12\x12\x12\x12"


class Answers:
    """Made on first use: the library's Dummy that reads `answer` whatever it asks."""

    def __new__(cls, answer):
        made = type("Answering", (library().Dummy,), {"_read": lambda _: answer})
        return made(profile="TM-T20II")


def ours(received):
    """The conditions that our host end reads out of `received` after asking, or what it says after waiting."""
    host = HostEnd(receipt_printer("chinese-80mm"))
    host.ask_status(0.0)
    read = [event for event in host.receive(received) if isinstance(event, StatusRead)]
    return read[0].conditions if read else host.wake(ANSWER_S)


def test_defect_no_reply_counts_as_plenty_of_paper():
    assert Answers(b"").paper_status() == PLENTY
    assert ours(b"") == [Silent(Wait.STATUS)]


def test_defect_an_automatic_status_before_the_reply_is_read_as_the_paper_byte():
    """A change told unasked (here: the drawer) stands in the input before the answer."""
    told = b"\x14\x00\x00\x00"
    theirs = Answers(told + b"\x12")
    assert theirs.paper_status() != PLENTY
    found = ours(told + READY)
    assert status_of(found).paper is Supply.FULL
    assert Condition.PAPER_END not in found


def test_defect_cover_cutter_and_jam_are_never_asked_for():
    """It asks DLE EOT 1 and 4 only: a cutter error looks like a printer that is just offline."""
    theirs = Answers(b"\x12")
    theirs.is_online()
    theirs.paper_status()
    assert theirs.output.count(b"\x10\x04\x02") == theirs.output.count(b"\x10\x04\x03") == 0
    assert Condition.CUTTER in ours(b"\x1a\x52\x1a\x12")
    assert Condition.COVER_OPEN in ours(b"\x1a\x16\x12\x12")


def test_defect_one_answer_too_few_is_no_answer_for_us():
    assert ours(READY[:3]) == [Silent(Wait.STATUS)]


def test_a_printer_that_falls_silent_withholds_instead_of_printing_into_the_dark():
    async def run():
        sim = make("pty:/unused")
        sim.port = MemoryWire(sim.end, MemoryPort("escpos-status"), sim.tap)
        printer = ReceiptPrinter("receipt_printer", "memory://escpos-status", {})
        await sim.plug()
        await printer.open()
        sim.do("silent")
        with pytest.raises(NoAnswer):
            await printer.poll()
        assert not printer.status.usable
        assert printer.status.paper is Supply.UNKNOWN
        await printer.close()
        await sim.unplug()

    run_virtual(asyncio.wait_for(run(), 60))
