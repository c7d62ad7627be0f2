"""Code readers, serial and keyboard, on real ports: each verb of the simulated ones and what the driver makes of it."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from config.load import SettingsError, load_settings
from drivers.barcode.driver import SerialCodeReader, WedgeCodeReader
from drivers.barcode.evdev import EvdevLink
from drivers.camera.codes import Code
from drivers.crossing import Withheld
from drivers.device import DeviceState
from drivers.errors import DeviceFault, LinkLost, NoAnswer, NoMedia, PortMissing, Unsupported, WrongDevice
from drivers.families import CodeReading
from kiosk.visits.code_reading import read_code
from simulator.models.code_reader import CodeReaderSim, make

KINDS = ("serial", "wedge")
QUICK = {"pause_s": 0.15, "repeat_s": 0.2}
CHINESE = "威海市政务服务 受理编号 3710022611220001"


def sim_at(kind: str, folder: Path, **options: Any) -> CodeReaderSim:
    return make(f"{'pty' if kind == 'serial' else 'fifo'}:{folder}/reader", **options)


@asynccontextmanager
async def pair(
    kind: str, folder: Path, options: dict[str, Any] | None = None, **sim: Any
) -> AsyncIterator[tuple[CodeReaderSim, CodeReading]]:
    device = sim_at(kind, folder, **sim)
    await device.plug()
    made = (SerialCodeReader if kind == "serial" else WedgeCodeReader)(
        "barcode", device.link, {**QUICK, **(options or {})}
    )
    await made.open()
    try:
        yield device, made
    finally:
        await made.close()
        await device.unplug()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["134567890123456789", CHINESE, "]Q1", 'A"b~{|}\\ \x1d/'])
async def test_what_is_scanned_is_read(kind: str, text: str, tmp_path: Path) -> None:
    async with pair(kind, tmp_path) as (sim, reader):
        asked = asyncio.create_task(reader.read_code({"qr"}, 5))
        await asyncio.sleep(0.02)
        sim.do("scan", payload=text)
        assert await asked == Code(text, "unknown", (0, 0, 0, 0), "scanner")
        assert reader.status.device is DeviceState.ONLINE


@pytest.mark.parametrize("kind", KINDS)
async def test_gb18030_is_understood(kind: str, tmp_path: Path) -> None:
    async with pair(kind, tmp_path) as (sim, reader):
        asked = asyncio.create_task(reader.read_code({"qr"}, 5))
        await asyncio.sleep(0.02)
        sim.do("scan", payload="营业执照", encoding="gb18030")
        code = await asked
        assert code is not None
        assert code.text == "营业执照"


@pytest.mark.parametrize("kind", KINDS)
async def test_a_format_that_is_said_counts(kind: str, tmp_path: Path) -> None:
    async with pair(kind, tmp_path, {"aim": True}, aim=True) as (sim, reader):
        asked = asyncio.create_task(reader.read_code({"qr"}, 5))
        await asyncio.sleep(0.02)
        sim.do("scan", payload="6901234567892", format="ean13")
        sim.do("scan", payload="WHA1.1", format="qr")
        code = await asked
        assert code is not None
        assert (code.text, code.format) == ("WHA1.1", "qr")


@pytest.mark.parametrize("kind", KINDS)
async def test_continuous_mode_is_one_scan(kind: str, tmp_path: Path) -> None:
    async with pair(kind, tmp_path) as (sim, reader):
        sim.do("duplicate", times=3)
        sim.do("scan", payload="one")
        assert (await reader.read_code({"qr"}, 5)).text == "one"  # type: ignore[union-attr]
        with pytest.raises(NoMedia):
            await reader.read_code({"qr"}, 0.15)
        assert reader.counters.extra["repeated"] == 2
        await asyncio.sleep(0.25)
        sim.do("scan", payload="one")
        assert (await reader.read_code({"qr"}, 5)).text == "one", "held up again on purpose"  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", KINDS)
async def test_what_has_no_end_does_not_spoil_the_next(kind: str, tmp_path: Path) -> None:
    async with pair(kind, tmp_path) as (sim, reader):
        asked = asyncio.create_task(reader.read_code({"qr"}, 5))
        await asyncio.sleep(0.02)
        sim.do("cut")
        sim.do("scan", payload="half")
        await asyncio.sleep(0.3)
        sim.do("scan", payload="whole")
        assert (await asked).text == "whole"  # type: ignore[union-attr]
        assert reader.counters.extra["garbled"] == 1


@pytest.mark.parametrize("kind", KINDS)
async def test_slow_typing_is_waited_for(kind: str, tmp_path: Path) -> None:
    async with pair(kind, tmp_path) as (sim, reader):
        sim.do("slow", ms=40)
        sim.do("scan", payload="12345")
        assert (await reader.read_code({"qr"}, 5)).text == "12345"  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", KINDS)
async def test_rubbish_is_no_code_and_becomes_a_warning(kind: str, tmp_path: Path) -> None:
    async with pair(kind, tmp_path, {"encoding": "utf-8"}) as (sim, reader):
        sim.do("garble", times=3)
        for number in range(3):
            sim.do("scan", payload=f"{number}")
        with pytest.raises(NoMedia):
            await reader.read_code({"qr"}, 0.4)
        status = await reader.poll()
        assert [w.cause for w in status.warnings] == ["garbled"]
        assert status.usable
        sim.do("scan", payload="good")
        assert (await reader.read_code({"qr"}, 5)).text == "good"  # type: ignore[union-attr]
        assert (await reader.poll()).warnings == ()


@pytest.mark.parametrize("kind", KINDS)
async def test_a_reader_that_hangs_is_said_to_and_comes_back(kind: str, tmp_path: Path) -> None:
    async with pair(kind, tmp_path, baud=115200) as (sim, reader):
        asked = asyncio.create_task(reader.read_code({"qr"}, 5))
        await asyncio.sleep(0.02)
        sim.do("stuck")
        with pytest.raises(DeviceFault, match="hangs"):
            await asked
        assert reader.status.fault is not None
        assert reader.status.fault.cause == "stuck"
        sim.do("restore")
        await asyncio.sleep(0.4)
        assert (await reader.poll()).usable
        sim.do("scan", payload="again")
        assert (await reader.read_code({"qr"}, 5)).text == "again"  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", KINDS)
async def test_unplugged_and_plugged_again(kind: str, tmp_path: Path) -> None:
    async with pair(kind, tmp_path) as (sim, reader):
        asked = asyncio.create_task(reader.read_code({"qr"}, 5))
        await asyncio.sleep(0.02)
        await sim.unplug()
        with pytest.raises(LinkLost):
            await asked
        with pytest.raises(LinkLost):
            await reader.poll()
        with pytest.raises(PortMissing):
            await reader.open()
        await sim.plug()
        await reader.open()
        sim.do("scan", payload="back")
        assert (await reader.read_code({"qr"}, 5)).text == "back"  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.promise("P6")
async def test_what_nobody_asked_for_is_forgotten(kind: str, tmp_path: Path) -> None:
    async with pair(kind, tmp_path) as (sim, reader):
        sim.do("scan", payload="wiped")
        await asyncio.sleep(0.1)
        reader.wipe()
        with pytest.raises(NoMedia):
            await reader.read_code({"qr"}, 0.1)
        assert isinstance(type(reader).tracer(sim.link, {}), Withheld), "no recording holds a payer's code"
        assert "payload" not in str(sim.state())


async def test_cancelling_and_bad_questions(tmp_path: Path) -> None:
    async with pair("serial", tmp_path) as (_, reader):
        cancel = asyncio.Event()
        asked = asyncio.create_task(reader.read_code({"qr"}, 5, cancel))
        await asyncio.sleep(0.02)
        cancel.set()
        assert await asked is None
        with pytest.raises(ValueError, match="formats"):
            await reader.read_code(set(), 1)


class Blind:
    """A camera that never sees a code, or fails."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.cancelled = False

    async def read_code(self, expect: Any, deadline_s: float) -> Code | None:
        try:
            await asyncio.sleep(0.05 if self.error else deadline_s)
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        raise self.error or NoMedia("nothing")


async def test_whoever_sees_it_first_answers(tmp_path: Path) -> None:
    async with pair("serial", tmp_path) as (sim, reader):
        camera = Blind()
        asked = asyncio.create_task(read_code(camera, reader, {"qr"}, 5))  # type: ignore[arg-type]
        await asyncio.sleep(0.02)
        sim.do("scan", payload="by the reader")
        assert (await asked).text == "by the reader"  # type: ignore[union-attr]
        assert camera.cancelled


async def test_one_that_fails_leaves_it_to_the_other(tmp_path: Path) -> None:
    async with pair("serial", tmp_path) as (sim, reader):
        asked = asyncio.create_task(read_code(Blind(NoAnswer("dark")), reader, {"qr"}, 5))  # type: ignore[arg-type]
        await asyncio.sleep(0.15)
        sim.do("scan", payload="still read")
        assert (await asked).text == "still read"  # type: ignore[union-attr]
        with pytest.raises(NoMedia):
            await read_code(Blind(NoAnswer("dark")), reader, {"qr"}, 0.3)  # type: ignore[arg-type]
    with pytest.raises(NoAnswer):
        await read_code(Blind(NoAnswer("dark")), reader, {"qr"}, 0.3)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"end": "bell"}, "end is one of"),
        ({"pause_s": 9}, "0.05 to 5"),
        ({"aim": 1}, "true or false"),
        ({"prefix": "x" * 40}, "at most 32"),
        ({"colour": "red"}, "unknown"),
        ({"alt": "unicode"}, "keyboard wedge"),
    ],
)
def test_bad_options_are_named(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        SerialCodeReader("barcode", "serial:///dev/ttyS0", options)


async def test_what_is_no_keyboard_is_refused(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_bytes(b"")
    for path in (str(plain), "/dev/null"):
        with pytest.raises(WrongDevice, match="event-kbd"):
            await EvdevLink(f"evdev://{path}").open()
    with pytest.raises(PortMissing):
        await EvdevLink("evdev:///dev/input/by-id/none").open()
    with pytest.raises(Unsupported):
        await EvdevLink("evdev:///dev/input/by-id/none").write(b"x")
    with pytest.raises(ValueError, match="event-kbd"):
        EvdevLink("evdev://host/x")


async def test_a_pipe_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "reader").write_text("somebody's")
    with pytest.raises(OSError):
        await sim_at("wedge", tmp_path).plug()
    assert not stat.S_ISFIFO((tmp_path / "reader").stat().st_mode)


def test_a_real_terminal_takes_no_pipe_for_a_keyboard(tmp_path: Path) -> None:
    layer = tmp_path / "machine.toml"
    layer.write_text(
        f'[platform]\npublic_key = "{"ab" * 32}"\n[devices.barcode]\ndriver = "wedge"\nlink = "evdev:///tmp/kiosk-sim/code-reader"\n'
    )
    with pytest.raises(SettingsError, match="no keyboard under /dev/input"):
        load_settings("example-real", [layer])
