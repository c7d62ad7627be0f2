"""Model, serial number and firmware as devices tell them at their opening; what has no way to tell says nothing."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # importlib mode gives tests no package to import each other from
from cabinet_support import open_stand, virtually
from pad_support import Desk, on_desk

from drivers.cabinet.address import parse_address
from drivers.cabinet.driver import Cabinet
from drivers.cabinet.frames import Frame, Parser, Tell, Told, encode
from drivers.cabinet.host import Failed, ModbusHost, Why
from drivers.errors import Unsupported
from drivers.licence_printer.driver import LicencePrinter
from drivers.licence_printer.frames import Attribute, Group, Tag, attribute
from drivers.licence_printer.reports import read_printer
from drivers.links.memory import MemoryPort
from drivers.receipt_printer.driver import ReceiptPrinter
from drivers.told import MOST_TOLD, printable
from drivers.ups.frames import reading_of
from drivers.usb_told import UsbTold, usb_told
from simulator.models.licence_printer import make as licence_printer
from simulator.models.receipt_printer import make as receipt_printer
from simulator.ports.serve import MemoryWire
from simulator.virtual_time import run_virtual

numbers = itertools.count()


@pytest.mark.parametrize(
    ("version", "told"),
    [("2.31", ("SPRT POS80", "SIM0000001", "2.31")), ("", ("SPRT POS80", "", ""))],
)
def test_a_receipt_printer_tells_by_gs_i_and_one_that_does_not_prints_all_the_same(
    version: str, told: tuple[str, ...]
) -> None:
    async def run() -> None:
        port = MemoryPort(name := f"tells-{next(numbers)}")
        sim = receipt_printer("pty:/unused", profile="chinese-80mm")
        sim.port = MemoryWire(sim.end, port, sim.tap)
        sim.do("firmware", version=version)
        printer = ReceiptPrinter("receipt_printer", f"memory://{name}", {"profile": "chinese-80mm"})
        await sim.plug()
        await printer.open()
        for _ in range(2):
            status = await printer.poll()
            assert (status.model, status.serial, status.firmware) == told
            assert status.usable
        await printer.close()
        await sim.unplug()

    run_virtual(run())


async def test_a_licence_printer_tells_its_firmware_and_the_next_opening_tells_another() -> None:
    sim = licence_printer("tcp://127.0.0.1:0")
    await sim.plug()
    printer = LicencePrinter("licence", sim.link)
    try:
        await printer.open()
        first = (await printer.poll()).firmware
        sim.do("firmware", version="1.1")
        await printer.close()
        await printer.open()
        assert (first, printer.status.firmware, printer.status.serial) == ("1.0", "1.1", "LP400-000001")
    finally:
        await printer.close()
        await sim.unplug()


@pytest.mark.parametrize(
    ("names", "versions", "firmware"),
    [
        ((), ("20240311-1",), "20240311-1"),
        (("main",), ("3.2",), "3.2"),
        (("main", "fax"), ("3.2", "1.0"), "main 3.2, fax 1.0"),
        (("main",), ("3.2", "1.0"), "3.2 1.0"),
        ((), (), ""),
    ],
)
def test_printers_of_several_programs_tell_each(
    names: tuple[str, ...], versions: tuple[str, ...], firmware: str
) -> None:
    found: list[Attribute] = [attribute("printer-state", Tag.ENUM, 3)]
    if names:
        found.append(attribute("printer-firmware-name", Tag.NAME, *names))
    if versions:
        found.append(attribute("printer-firmware-string-version", Tag.TEXT, *versions))
    report = read_printer(Group(Tag.PRINTER, (*found, attribute("printer-serial-number", Tag.TEXT, "S\x1b1"))))
    assert (report.firmware, report.serial) == (firmware, "S1")
    assert report.status().firmware == firmware


@pytest.mark.parametrize("transport", ["tcp", "serial"])
def test_a_pad_tells_its_software_and_a_new_one_is_seen_without_opening_it_again(transport: str) -> None:
    async def test(desk: Desk) -> None:
        before = desk.pad.status.firmware
        desk.simulated.do("firmware", version="SPECIMEN-PAD-2.0")
        after = await desk.pad.poll()
        desk.simulated.do("status_code", code="DC")  # such an answer leaves the software out
        later = await desk.pad.poll()
        assert (before, after.firmware, later.firmware) == ("SPECIMEN-PAD-1.0", *("SPECIMEN-PAD-2.0",) * 2)
        assert later.serial == "52523535"

    on_desk(test, transport)


@pytest.mark.promise("P1")
@pytest.mark.parametrize("transport", ["tcp", "serial"])
def test_a_pads_self_test_passes_fails_or_is_not_there_and_takes_no_money(transport: str) -> None:
    async def test(desk: Desk) -> None:
        assert await desk.pad.self_test() == "ok"
        desk.simulated.do("self_test_fails")
        assert await desk.pad.self_test() == "reader-broken"
        desk.simulated.do("self_test_fails", on=False)
        desk.simulated.do("no_self_test")
        with pytest.raises(Unsupported):
            await desk.pad.self_test()
        assert (await desk.pad.poll()).usable
        assert desk.charges == []

    on_desk(test, transport)


def test_a_pad_that_restarts_on_a_self_test_is_not_asked_for_one() -> None:
    async def test(desk: Desk) -> None:
        before = len(desk.said())
        with pytest.raises(Unsupported, match="profile"):
            await desk.pad.self_test()
        assert len(desk.said()) == before

    on_desk(test, self_test=False)


@pytest.mark.parametrize("framing", ["tcp", "rtu"])
def test_a_board_tells_by_device_identification(framing: str) -> None:
    async def run() -> None:
        async with open_stand(framing) as at:  # type: ignore[arg-type]  # one of the two
            assert (at.cabinet.status.model, at.cabinet.status.firmware) == ("Simulated CAB-16", "1.4")
            at.sim.do("firmware", version="1.5")
            await at.cabinet.close()
            await at.cabinet.open()
            assert at.cabinet.status.firmware == "1.5"

    run_virtual(run())


@virtually
async def test_a_board_that_does_not_answer_the_question_opens_as_ever() -> None:
    async with open_stand("rtu") as at:
        await at.cabinet.close()
        at.sim.end.board.cabinet = at.sim.board.cabinet.model_copy(
            update={"board": at.sim.board.cabinet.board.model_copy(update={"identification": False})}
        )
        await at.cabinet.open()  # it is refused: exception 1
        assert at.cabinet.status.usable
        assert at.cabinet.status.firmware == ""
        assert at.cabinet.status.model == at.sim.board.cabinet.sentence
        assert at.cabinet.counters.failures == 0
        await at.cabinet.close()
        at.sim.do("silent", times=1)  # it falls silent at the first question, and that one comes after who it is
        await at.cabinet.open()
        assert at.cabinet.status.usable


@virtually
async def test_a_relay_module_is_not_asked_what_it_chokes_on() -> None:
    async with open_stand("tcp", "relays") as at:
        asked = [frame.message for row in at.sim.wire for frame in Parser("tcp", requests=True).feed(row.data)]
        assert asked
        assert not any(isinstance(each, Tell) for each in asked)
        assert isinstance(at.cabinet, Cabinet)


def test_a_board_that_is_silent_to_the_question_is_asked_it_once() -> None:
    host = ModbusHost(parse_address("serial:///dev/ttyS9?baud=9600&unit=1"), 0.25, tries=3)
    host.request(0.0, Tell())
    wake_at = host.wake_at
    assert wake_at is not None
    assert 0.25 < wake_at < 0.6  # the longest answer takes 0.27 s at this speed
    (failed,) = host.wake(wake_at)
    assert isinstance(failed, Failed)
    assert (failed.why, host.retries) == (Why.NO_ANSWER, 0)


def test_an_identification_in_pieces_and_one_that_lies_about_its_length() -> None:
    # MODBUS application protocol V1.1b3, 6.21: the answer of its example, basic stream, all three objects.
    said = bytes.fromhex("2B0E01010000030016") + b"Company identification" + b"\x01\x0cProduct code" + b"\x02\x05V2.11"
    head = (1).to_bytes(2, "big") + bytes(2) + (len(said) + 1).to_bytes(2, "big") + b"\x01"
    heard = Parser("tcp", requests=False).feed(head + said)
    assert [frame.message for frame in heard] == [
        Told(((0, "Company identification"), (1, "Product code"), (2, "V2.11")))
    ]
    more = said[:4] + b"\xff\x02" + said[6:]
    assert next(frame.message for frame in Parser("tcp", requests=False).feed(head + more)) == Told(
        ((0, "Company identification"), (1, "Product code"), (2, "V2.11")), 2
    )
    short = said[:8] + b"\x7f" + said[9:]
    parser = Parser("tcp", requests=False)
    assert parser.feed(head + short) == []
    assert parser.damaged == 1
    assert encode("rtu", Frame(1, 0, Tell())).hex() == "012b0e01007077"


def test_a_ups_tells_maker_number_and_firmware() -> None:
    told = {"ups.status": "OL", "ups.mfr": "APC", "ups.model": "BX", "ups.firmware": "871.O2", "device.serial": "4B1"}
    reading = reading_of(told)
    assert (reading.model, reading.serial, reading.firmware) == ("APC BX", "4B1", "871.O2")


def test_a_usb_device_tells_its_release_and_an_adapter_does_not_stand_for_what_is_behind_it(tmp_path: Path) -> None:
    device = tmp_path / "devices" / "usb1" / "1-2"
    for kind, node in (("video4linux", "video0"), ("tty", "ttyUSB0"), ("tty", "ttyACM0")):
        (device / "1-2:1.0" / kind / node).mkdir(parents=True, exist_ok=True)
        (device / "1-2:1.0" / kind / node / "device").symlink_to(device / "1-2:1.0")
        (tmp_path / "class" / kind).mkdir(parents=True, exist_ok=True)
        (tmp_path / "class" / kind / node).symlink_to(device / "1-2:1.0" / kind / node)
    (device / "bcdDevice").write_text("0412\n")
    (device / "serial").write_text("A7\x1b31\n")
    there = tmp_path / "class"
    assert usb_told("/dev/video0", there) == UsbTold("A731", "4.12")
    assert usb_told("serial:///dev/ttyACM0?baud=9600", there).release == "4.12"
    assert usb_told("serial:///dev/ttyUSB0", there) == UsbTold()
    assert usb_told("http://10.0.0.9/stream", there) == UsbTold()
    assert usb_told("/dev/video7", there) == UsbTold()


def test_what_a_device_tells_is_short_and_printable() -> None:
    assert printable(" 1.0\x00\x1b[31m\n ") == "1.0[31m"
    assert len(printable("x" * 5000)) == MOST_TOLD
