"""What the operating system does to ports: plugs pulled, ports held, forbidden, or with another device on them."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from drivers.device import Device, DeviceState
from drivers.errors import LinkError, NoAnswer, PortBusy, PortDenied, PortMissing, WrongDevice
from drivers.id_card.driver import IdCardReader
from drivers.links.holder import holder_of
from drivers.links.serial import SerialLink
from drivers.payment_pad.driver import PaymentPad
from drivers.receipt_printer.driver import ReceiptPrinter
from drivers.rhythm import Rhythm
from drivers.supervisor import Supervisor
from simulator.models.id_card_reader import make as make_reader
from simulator.ports.serve import PtyPort

QUICK = Rhythm(poll_s=0.01, doubt_s=0.01, first_backoff_s=0.01, longest_backoff_s=0.02)
CYCLES = 100


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - a Path would keep one more open


async def until(device: Device, *states: DeviceState) -> None:
    async with asyncio.timeout(10):
        while device.status.device not in states:
            await asyncio.sleep(0.002)


async def test_unplugged_and_plugged_again_a_hundred_times(tmp_path: Path) -> None:
    """No file descriptor, no thread and no task more than before, and the truth in between."""
    sim = make_reader(f"pty:{tmp_path}/reader", self_test_s=0.0, read_s=(0.0, 0.0), paced=False)
    sim.do("present", card="citizen-10")
    await sim.plug()
    reader = IdCardReader("id_card", sim.link)
    running = asyncio.create_task(Supervisor(reader, QUICK, seed=1).run())
    counts: list[tuple[int, int, int]] = []
    gc.collect()
    gc.freeze()  # what tests before this one left is not walked a hundred times
    try:
        for cycle in range(CYCLES):
            await until(reader, DeviceState.ONLINE)
            if cycle % 10 == 0:
                assert (await reader.read_card()).number
            gc.collect()
            counts.append((open_files(), threading.active_count(), len(asyncio.all_tasks())))
            await sim.unplug()
            await until(reader, DeviceState.NO_DEVICE)
            assert reader.status.fault is not None
            assert reader.status.fault.cause == "port-missing"
            assert reader.status.fault.who == "technician"
            await sim.plug()
    finally:
        gc.unfreeze()
        running.cancel()
        await asyncio.wait({running})
        await sim.unplug()
    assert counts[-1] == counts[1]
    assert max(counts) == max(counts[:10])
    assert reader.counters.extra["connects"] >= CYCLES
    assert reader.counters.operations == CYCLES // 10


async def test_a_port_that_another_program_holds(tmp_path: Path) -> None:
    sim = make_reader(f"pty:{tmp_path}/reader", self_test_s=0.0)
    await sim.plug()
    code = (
        "import serial,sys,time\n"
        "s = serial.Serial(sys.argv[1], exclusive=True)\n"
        "print('held', flush=True)\n"
        "time.sleep(60)"
    )
    path = os.path.realpath(tmp_path / "reader")
    other = subprocess.Popen([sys.executable, "-c", code, path], stdout=subprocess.PIPE)
    assert other.stdout is not None
    try:
        assert await asyncio.to_thread(other.stdout.readline) == b"held\n"
        reader = IdCardReader("id_card", sim.link)
        with pytest.raises(PortBusy, match=rf"held by python.* \(process {other.pid}\); end it") as caught:
            await reader.open()
        assert caught.value.who == "technician"
        assert caught.value.again
    finally:
        other.kill()
        other.wait()
        other.stdout.close()
    await reader.open()
    second = IdCardReader("second", sim.link)
    with pytest.raises(PortBusy, match="two devices of the profile have the same port"):
        await second.open()
    await reader.close()
    await sim.unplug()


async def test_a_port_that_is_not_there_and_one_that_is_forbidden(tmp_path: Path, monkeypatch: Any) -> None:
    with pytest.raises(PortMissing, match="is the device plugged in"):
        await SerialLink(f"serial://{tmp_path}/nothing").open()

    def denied(*_: Any, **__: Any) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("serial.serialposix.os.open", denied)
    with pytest.raises(PortDenied, match="group of the port"):
        await SerialLink("serial:///dev/ttyS0").open()


def test_nobody_holds_a_port_that_nobody_holds(tmp_path: Path) -> None:
    assert holder_of(str(tmp_path / "free")) == ""
    assert holder_of("/dev/null", proc=tmp_path / "no-proc") == ""


class Chatter:
    """A device end that answers everything with the same bytes."""

    hang_up = False
    wake_at = None

    def __init__(self, says: bytes) -> None:
        self.says = says
        self.heard = b""

    def connected(self, now: float) -> bytes:
        return b""

    def receive(self, now: float, data: bytes) -> bytes:
        self.heard += data
        return self.says

    def wake(self, now: float) -> bytes:
        return b""


DEVICES = {"id_card": IdCardReader, "receipt_printer": ReceiptPrinter, "payment_pad": PaymentPad}


@pytest.mark.parametrize("family", sorted(DEVICES))
async def test_another_device_on_the_port_is_named_as_such(family: str, tmp_path: Path) -> None:
    """A bar-code scanner, say: it speaks, and no word of it is this protocol's."""
    port = PtyPort(Chatter(b"\xff\x8e\xf9 6901234567892\r\n" * 400), str(tmp_path / "port"))
    await port.plug()
    device = DEVICES[family](family, f"serial://{tmp_path}/port?baud=9600")
    try:
        with pytest.raises(WrongDevice) as caught:
            await device.open()
        assert caught.value.who == "technician"
        assert "check the" in str(caught.value)
        assert "6901234567892" not in str(caught.value)
    finally:
        await device.close()
        await port.unplug()


@pytest.mark.parametrize("family", sorted(DEVICES))
async def test_probing_a_silent_port_is_no_answer_and_leaves_nothing_open(family: str, tmp_path: Path) -> None:
    port = PtyPort(Chatter(b""), str(tmp_path / "port"))
    await port.plug()
    before = open_files()
    with pytest.raises((NoAnswer, LinkError)):
        await DEVICES[family].probe(f"serial://{tmp_path}/port?baud=9600")
    assert open_files() == before
    assert port.joint is not None
    assert port.joint.end.heard  # type: ignore[attr-defined]  # a Chatter, as made above
    await port.unplug()
