"""Every family counts what it does: work, failures, tries again, bytes both ways, time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from drivers.device import Counters, Device
from drivers.errors import DeviceError
from drivers.links.memory import MemoryPort
from drivers.outcome import Done, Refused
from drivers.receipt_printer.document import Cut, Line, ReceiptDocument
from drivers.registry import load
from simulator.device import SimDevice
from simulator.families import FAMILIES, make

PAGE = ReceiptDocument((Line("x"), Cut()))
DRIVERS = {
    "id_card": "sam",
    "receipt_printer": "escpos",
    "payment_pad": "zvt",
    "licence_printer": "ipp",
    "cabinet": "modbus",
}


async def read_a_card(device: Any, sim: SimDevice) -> None:
    sim.do("present", card="citizen-10")
    sim.do("bad_checksum", at="read")
    await device.read_card()
    sim.do("lift")
    with pytest.raises(DeviceError):
        await device.read_card(deadline_s=1.0)


async def print_receipts(device: Any, sim: SimDevice) -> None:
    assert isinstance(await device.print_document(PAGE), Done)
    sim.do("cutter_jam")
    assert isinstance(await device.print_document(PAGE), Refused)
    await device.poll()


async def pay_twice(device: Any, sim: SimDevice) -> None:
    async def durable(_: Any) -> None:
        await asyncio.sleep(0)

    for _ in range(2):
        sim.do("auto", after=0.05)
        await device.authorise(100, order="x", on_prompt=lambda _: None, before_ack=durable)
        sim.do("decline", code="05")


async def print_licences(device: Any, sim: SimDevice) -> None:
    async def durable(_: Any) -> None:
        await asyncio.sleep(0)

    sim.do("busy", count=1)
    await device.print_pdf(ONE_PAGE, "job-1", pages=1, on_job=durable)
    sim.do("paper_out")
    assert isinstance(await device.print_pdf(ONE_PAGE, "job-2", pages=1, on_job=durable), Refused)


async def light_a_slot_that_answers_late(device: Any, sim: SimDevice) -> None:
    await device.light("id-card-reader", "steady")
    sim.do("silent", times=3)
    with pytest.raises(DeviceError):
        await device.light("id-card-reader", "off")


ONE_PAGE = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
)
WORK: dict[str, Callable[[Any, SimDevice], Awaitable[None]]] = {
    "id_card": read_a_card,
    "receipt_printer": print_receipts,
    "payment_pad": pay_twice,
    "licence_printer": print_licences,
    "cabinet": light_a_slot_that_answers_late,
}


def simulated(section: str, tmp_path: Path) -> SimDevice:
    name = next(f.name for f in FAMILIES.values() if f.section == section)
    options: dict[str, Any] = {"id_card": {"self_test_s": 0.0, "read_s": (0.01, 0.01), "paced": False}}.get(section, {})
    if section == "licence_printer":
        options = {"page_s": 0.05}
    serial = section in ("id_card", "receipt_printer")
    return make(name, f"pty:{tmp_path}/{section}" if serial else "tcp://127.0.0.1:0", **options)


@pytest.mark.parametrize("section", sorted(WORK))
async def test_every_family_counts_everything(section: str, tmp_path: Path) -> None:
    sim = simulated(section, tmp_path)
    await sim.plug()
    factory: Any = load(section, DRIVERS[section])
    device: Device = factory(section, sim.link, {})
    try:
        await device.open()
        opened = device.counters.bytes_in, device.counters.bytes_out
        assert min(opened) > 0, "who the device is crosses the wire too"
        await device.poll()
        assert device.counters.bytes_in > opened[0]
        assert device.counters.bytes_out > opened[1]
        await WORK[section](device, sim)
    finally:
        await device.close()
        await asyncio.sleep(0.05)  # what was said at the end reaches the other side
        await sim.unplug()
    c: Counters = device.counters
    assert c.operations >= 1
    assert c.failures >= 1
    assert c.seconds > 0
    if section != "payment_pad":  # over TCP nothing is ever repeated by the pad's driver
        assert c.retries >= 1
    # What the simulator saw cross is what was counted (of IPP it keeps no documents, of a board's polls only changes).
    if section not in ("licence_printer", "cabinet"):
        assert c.bytes_out == sum(len(x.data) for x in sim.wire if x.direction == "in")
        assert c.bytes_in == sum(len(x.data) for x in sim.wire if x.direction == "out")


async def test_a_camera_counts_its_pictures_and_their_bytes() -> None:
    sim = make("camera", "http://127.0.0.1:0/face.mjpg")
    await sim.plug()
    factory: Any = load("camera", "opencv")
    camera = factory("camera", sim.link, {})
    try:
        await camera.open()
        for frame in await camera.frames(2, 5.0):
            frame.wipe()
        await camera.poll()
        first = camera.counters.bytes_in
        assert first > 10_000
        with pytest.raises(DeviceError):
            await camera.read_code({"qr"}, 0.3)
        await camera.close()
        await camera.open()
        await camera.poll()
        assert camera.counters.bytes_in > first, "a reopened camera goes on counting"
    finally:
        await camera.close()
        await sim.unplug()
    c = camera.counters
    assert (c.operations, c.failures) == (1, 1)
    assert c.retries >= 1
    assert c.seconds > 0.3


async def test_a_serial_pad_counts_repeated_frames(tmp_path: Path) -> None:
    sim = make("payment-pad", f"pty:{tmp_path}/pad")
    await sim.plug()
    factory: Any = load("payment_pad", "zvt")
    pad = factory("payment_pad", sim.link, {})
    try:
        await pad.open()
        assert pad.counters.retries == 0
        sim.do("nak", times=1)
        await pad.poll()
        assert pad.counters.retries == 1
    finally:
        await pad.close()
        await sim.unplug()


async def test_bytes_that_come_unasked_are_counted_too() -> None:
    port = MemoryPort("noisy")
    factory: Any = load("receipt_printer", "escpos")
    printer = factory("p", "memory://noisy", {})
    opening = asyncio.create_task(printer.open())
    await asyncio.sleep(0.01)
    port.write(b"\xff" * 30)
    with pytest.raises(DeviceError):
        await opening
    await printer.close()
    assert printer.counters.bytes_in == 30
