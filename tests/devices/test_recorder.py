"""Recordings: bounded, rotating, without a citizen in them; read in words, live, and played back as a device."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from config.load import SettingsError, load_settings
from config.recording import About, Began, Crossed, Note, RecordingError, files_of, parse_line, read_file
from drivers.cabinet.driver import Cabinet
from drivers.camera.driver import Camera
from drivers.crossing import Direction
from drivers.device import Device
from drivers.errors import LinkRefused, NoAnswer
from drivers.families import CardPaying, CardReading, Seeing
from drivers.id_card.driver import IdCardReader
from drivers.licence_printer.driver import LicencePrinter
from drivers.links.memory import MemoryPort
from drivers.outcome import Done
from drivers.payment_pad.driver import PaymentPad
from drivers.receipt_printer.document import Cut, Line, Qr, ReceiptDocument
from drivers.receipt_printer.driver import ReceiptPrinter
from drivers.recorder import FILES, Recorder, without_password
from drivers.registry import load
from kiosk.cli.commands import app
from kiosk.devices import make_device, recorded
from kiosk.trying.trace import TraceWords, records
from simulator.cli import app as sim_app
from simulator.device import SimDevice
from simulator.families import FAMILIES, make
from simulator.people import CITIZENS
from simulator.replay import ReplayDevice
from simulator.virtual_time import run_virtual

CITIZEN = CITIZENS["citizen-10"]
DRIVERS = {
    "id_card": "sam",
    "receipt_printer": "escpos",
    "payment_pad": "zvt",
    "licence_printer": "ipp",
    "cabinet": "modbus",
}
DOCUMENT = ReceiptDocument((Line(f"{CITIZEN.name} {CITIZEN.number}"), Qr(CITIZEN.number), Cut()))


class Tape:
    """A memory wire's worth of device: whatever is written is told."""

    def __init__(self, recorder: Recorder, device: Device, driver: str, link: str) -> None:
        recorder.attach(device, driver, link, {})
        self.device = device

    def cross(self, direction: Direction, data: bytes) -> None:
        self.device.crossed(direction, data)


def recorder_of(folder: Path, limit: int = 1 << 20, clock: list[float] | None = None) -> Recorder:
    hands = clock if clock is not None else [0.0]
    return Recorder(folder, limit, clock=lambda: hands[0], wall=lambda: datetime(2026, 11, 21, 8, tzinfo=UTC))


def text_of(folder: Path) -> str:
    return "".join(file.read_text() for file in files_of(folder))


def test_the_format_reads_back_what_was_written(tmp_path: Path) -> None:
    clock = [10.0]
    recorder = recorder_of(tmp_path, clock=clock)
    reader = IdCardReader("id_card", "memory://x")
    recorder.attach(reader, "id_card.sam", "serial:///dev/ttyS1?baud=115200", {"portrait": "none"})
    reader.noted("opened")
    clock[0] += 0.5
    reader.crossed("out", bytes.fromhex("AAAAAA96690003200122"))
    clock[0] += 0.1
    reader.crossed("in", bytes.fromhex("AAAAAA966900"))
    clock[0] += 0.003
    reader.crossed("in", bytes.fromhex("0400008084"))
    recorder.close()
    (file,) = files_of(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(read_file(file)) == [
        Began("2026-11-21T08:00:00.000+00:00"),
        About(0.0, "id_card", "id_card.sam", "serial:///dev/ttyS1?baud=115200", {}),
        Note(0.0, "id_card", "opened"),
        Crossed(500.0, "id_card", "out", bytes.fromhex("AAAAAA96690003200122"), 10),
        Crossed(600.0, "id_card", "in", bytes.fromhex("AAAAAA9669000400008084"), 11, took=3.0),
    ]


def test_it_never_grows_beyond_its_bound_and_every_file_introduces_itself(tmp_path: Path) -> None:
    limit = 64 * 1024
    recorder = recorder_of(tmp_path, limit)
    reader = IdCardReader("id_card", "memory://x")
    recorder.attach(reader, "id_card.sam", "memory://x")
    for _ in range(3000):
        reader.crossed("out", bytes.fromhex("AAAAAA96690003200122"))
        files = files_of(tmp_path)
        assert len(files) <= FILES
    assert sum(file.stat().st_size for file in files) <= limit
    assert int(files[0].stem.removeprefix("trace-")) > 1, "the oldest have gone"
    for file in files:
        first, second, *rest = read_file(file)
        assert isinstance(first, Began)
        assert isinstance(second, About)
        assert rest
    recorder.close()


def test_a_new_run_does_not_write_into_an_old_file(tmp_path: Path) -> None:
    for _ in range(3):
        recorder_of(tmp_path).close()
    assert [f.name for f in files_of(tmp_path)] == [f"trace-{n:06d}.jsonl" for n in (1, 2, 3)]


def test_equal_content_has_equal_digests_for_a_while_only(tmp_path: Path) -> None:
    """So a retry is seen to bring the same, and two visits cannot be told to be one citizen's."""
    clock = [0.0]
    recorder = recorder_of(tmp_path, clock=clock)
    first = recorder.digest(b"card")
    assert recorder.digest(b"card") == first
    assert recorder.digest(b"drac") != first
    clock[0] = 601.0
    assert recorder.digest(b"card") != first
    recorder.close()


def test_a_full_disk_ends_the_recording_and_nothing_else(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = recorder_of(tmp_path)
    reader = IdCardReader("id_card", "memory://x")
    recorder.attach(reader, "id_card.sam", "memory://x")

    def full(*_: Any) -> int:
        raise OSError(28, "No space left on device")

    assert recorder._file is not None
    monkeypatch.setattr(recorder._file, "write", full)
    with caplog.at_level(logging.ERROR):
        reader.crossed("out", b"\xaa\xaa\xaa\x96\x69\x00\x03\x20\x01\x22")
        reader.crossed("out", b"\xaa\xaa\xaa\x96\x69\x00\x03\x20\x01\x22")
    assert len(caplog.records) == 1
    assert reader.counters.bytes_out == 20


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("{", "no JSON"),
        ("[]", "no JSON object"),
        ('{"trace":9}', "version 9"),
        ('{"ms":1,"device":"x","dir":"up","hex":""}', "dir"),
        ('{"ms":1,"device":"x","dir":"in","hex":"0g"}', "record"),
        ('{"ms":1}', "device"),
    ],
)
def test_what_is_no_recording_is_refused_with_file_and_line(tmp_path: Path, line: str, what: str) -> None:
    with pytest.raises(RecordingError, match=what):
        parse_line(line)
    file = tmp_path / "x.jsonl"
    file.write_text('{"trace":1,"began":""}\n' + line + "\n")
    with pytest.raises(RecordingError, match=r"x\.jsonl, line 2"):
        list(read_file(file))


def test_a_torn_last_line_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    file.write_text('{"trace":1,"began":"a"}\n{"ms":1,"device":"x","no')
    assert list(read_file(file)) == [Began("a")]
    assert list(records(file, follow=False)) == [Began("a")]


def test_links_are_kept_without_their_passwords() -> None:
    assert without_password("rtsp://admin:secret@192.0.2.7/live") == "rtsp://192.0.2.7/live"
    assert without_password("serial:///dev/serial/by-id/usb-x@1") == "serial:///dev/serial/by-id/usb-x@1"
    assert without_password("/dev/video0") == "/dev/video0"


def test_the_setting_is_bounded() -> None:
    assert load_settings("simulated").trace_dir is None
    assert load_settings("simulated", overrides={"trace_dir": "build/t", "trace_mb": 5}).trace_mb == 5
    with pytest.raises(SettingsError, match="trace_mb"):
        load_settings("simulated", overrides={"trace_mb": 100_000})


# -- every family over its simulated device, and back again ----------------------------------------------------------


async def record(folder: Path, sim: SimDevice, device: Device, act: Any) -> str:
    section = device.family
    recorder = Recorder(folder, 1 << 22)
    recorder.attach(device, f"{section}.{DRIVERS[section]}", sim.link)
    try:
        await device.open()
        await act(device, sim)
    finally:
        await device.close()
        recorder.close()
        await sim.unplug()
    return text_of(folder)


async def read_a_card(reader: IdCardReader, sim: SimDevice) -> None:
    sim.do("present", card="citizen-10")
    await reader.wait_for_card(2)
    assert (await reader.read_card()).number == CITIZEN.number


async def print_a_receipt(printer: ReceiptPrinter, _: SimDevice | None) -> None:
    assert isinstance(await printer.print_document(DOCUMENT), Done)


async def settled(_: Any) -> None:
    await asyncio.sleep(0)


async def pay(pad: PaymentPad, sim: SimDevice | None) -> None:
    if sim is not None:
        sim.do("auto", card="citizen-10", after=0.05)
    outcome = await pad.authorise(1210, order="x", on_prompt=lambda _: None, before_ack=settled)
    assert isinstance(outcome, Done)
    assert outcome.value.fen == 1210


async def check(printer: LicencePrinter, _: SimDevice | None) -> None:
    await printer.check()


async def light_up(cabinet: Cabinet, _: SimDevice | None) -> None:
    await cabinet.light("id-card-reader", "steady")
    await cabinet.poll()


def made(section: str, tmp_path: Path) -> tuple[SimDevice, Any]:
    """The simulated device and a driver's class, quick and on a port of its own."""
    name = next(f.name for f in FAMILIES.values() if f.section == section)
    options: dict[str, Any] = {"self_test_s": 0.0, "read_s": (0.01, 0.01)} if section == "id_card" else {}
    serial = section in SERIAL
    sim = make(name, f"pty:{tmp_path}/{section}" if serial else "tcp://127.0.0.1:0", **options)
    return sim, load(section, DRIVERS[section])


ACTS: dict[str, Any] = {
    "id_card": read_a_card,
    "receipt_printer": print_a_receipt,
    "payment_pad": pay,
    "licence_printer": check,
    "cabinet": light_up,
}
SERIAL = ("id_card", "receipt_printer")
SECRETS = (
    CITIZEN.name,
    CITIZEN.number,
    CITIZEN.number.encode().hex(),
    CITIZEN.number.encode("utf-16-le").hex(),
    CITIZEN.name.encode("gb18030").hex(),
    CITIZEN.name.encode("utf-16-le").hex(),
)


@pytest.mark.promise("P6")
@pytest.mark.parametrize("section", sorted(ACTS))
async def test_recorded_without_the_citizen_and_played_back(section: str, tmp_path: Path) -> None:
    """The driver that was recorded meets its own recording, and does the same without a departure."""
    sim, kind = made(section, tmp_path)
    await sim.plug()
    folder = tmp_path / "trace"
    text = await record(folder, sim, kind(section, sim.link, {}), ACTS[section])
    for secret in SECRETS:
        assert secret not in text
    words = CliRunner().invoke(app, ["trace", str(folder)])
    assert words.exit_code == 0, words.output
    assert f"{section}.{DRIVERS[section]} at {sim.link}" in words.output
    for secret in SECRETS:
        assert secret not in words.output

    said: list[str] = []
    name = next(f.name for f in FAMILIES.values() if f.section == section)
    where = f"pty:{tmp_path}/again" if section in SERIAL else "tcp://127.0.0.1:0"
    replay = ReplayDevice(name, folder, where, said.append)
    await replay.plug()
    device = kind(section, replay.link, {"portrait": "none"} if section == "id_card" else {})
    try:
        await device.open()
        if section == "id_card":
            await device.wait_for_card(2)
            card = await device.read_card()
            assert card.number == CITIZENS["citizen-07"].number, "the specimen stands in for the citizen"
            assert said == [said[0]]
            assert "specimen" in said[0]
        else:
            await ACTS[section](device, None)
            if section == "cabinet":  # it is looked at many times a second, now at other moments than then
                assert not any("not in the recording" in line for line in said)
            else:
                assert said == []
        assert replay.state()["step"] > 1
    finally:
        await device.close()
        await replay.unplug()


async def test_a_host_that_departs_is_told_so(tmp_path: Path) -> None:
    sim, kind = made("id_card", tmp_path)
    await sim.plug()
    await record(tmp_path / "trace", sim, kind("id_card", sim.link, {}), read_a_card)
    said: list[str] = []
    replay = ReplayDevice("id-card-reader", tmp_path / "trace", f"pty:{tmp_path}/again", said.append)
    await replay.plug()
    reader = IdCardReader("id_card", replay.link)
    try:
        await reader.open()
        assert said == []
        for _ in range(3):
            assert (await reader.poll()).usable, "a recorded status answers for ever"
        assert len(said) <= 2, said
        await reader.close()
        replay.do("restart")
        assert replay.state()["step"] == 0
        end = replay.end
        end.connected(0.0)
        assert end.receive(0.0, bytes.fromhex("AAAAAA9669000310FFEC")) == b"", "reset was never recorded"
        assert end.wake_at is None
        assert "not in the recording" in said[-1]
        assert "recorded here: SAM status" in said[-1]
    finally:
        await reader.close()
        await replay.unplug()


def test_recordings_that_cannot_be_played_are_refused(tmp_path: Path) -> None:
    recorder = recorder_of(tmp_path)
    camera = Camera("camera", "http://127.0.0.1:9/x")
    recorder.attach(camera, "camera.opencv", "http://127.0.0.1:9/x")
    recorder.close()
    run = CliRunner().invoke(sim_app, ["device", "camera", "--replay", str(tmp_path)])
    assert run.exit_code == 2
    assert "hold no content" in run.output
    run = CliRunner().invoke(sim_app, ["device", "payment-pad", "--replay", str(tmp_path)])
    assert run.exit_code == 2
    assert "no payment_pad in it; there are camera (camera.opencv)" in run.output
    run = CliRunner().invoke(sim_app, ["device", "payment-pad", "--replay", str(tmp_path / "none")])
    assert "no such file" in run.output


async def test_http_devices_are_recorded_by_request(tmp_path: Path) -> None:
    """What was asked of a printer that is not there is on record too, and that nobody answered."""
    recorder = Recorder(tmp_path, 1 << 20)
    printer = LicencePrinter("licence_printer", "ipp://127.0.0.1:9/ipp/print")
    recorder.attach(printer, "licence_printer.ipp", "ipp://127.0.0.1:9/ipp/print")
    with pytest.raises(LinkRefused):
        await printer.open()
    recorder.close()
    _, _, asked, note = read_file(files_of(tmp_path)[0])
    assert isinstance(asked, Crossed)
    assert note == Note(note.ms, "licence_printer", "not reached")  # type: ignore[union-attr]  # a Note, as the equation says
    assert printer.counters.bytes_out == asked.size


async def test_a_cameras_life_is_noted(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path, 1 << 20)
    camera = Camera("camera", "http://127.0.0.1:9/x")
    recorder.attach(camera, "camera.opencv", "http://127.0.0.1:9/x")
    with pytest.raises(LinkRefused):
        await camera.open()
    await camera.close()
    recorder.close()
    notes = [r.words for r in read_file(files_of(tmp_path)[0]) if isinstance(r, Note)]
    assert notes == ["not opened: link-refused", "closed"]


# -- following -------------------------------------------------------------------------------------------------------


def test_following_goes_through_new_files_and_half_lines(tmp_path: Path) -> None:
    recorder = recorder_of(tmp_path, FILES * 4096)
    reader = IdCardReader("id_card", "memory://x")
    recorder.attach(reader, "id_card.sam", "memory://x")
    turns = iter(range(1000))

    def more(_: float) -> None:
        """Called when there is nothing new: the terminal writes on, or the follower has seen enough."""
        turn = next(turns)
        if turn == 40:
            raise KeyboardInterrupt
        for _ in range(5):
            reader.crossed("out", bytes.fromhex("AAAAAA96690003200122"))

    words = TraceWords()
    seen: list[str] = []
    with contextlib.suppress(KeyboardInterrupt):
        for each in records(tmp_path, follow=True, wait=more):
            seen.append(words.line(each))
    assert next(turns) == 41
    assert sum("find a card" in line for line in seen) == 200
    assert sum("id_card.sam at" in line for line in seen) == 1, "introduced once, not in every file"
    assert int(files_of(tmp_path)[-1].stem.removeprefix("trace-")) > 3
    recorder.close()


def test_only_one_device(tmp_path: Path) -> None:
    recorder = recorder_of(tmp_path)
    for name in ("a", "b"):
        device = IdCardReader(name, "memory://x")
        recorder.attach(device, "id_card.sam", "memory://x")
        device.crossed("out", bytes.fromhex("AAAAAA96690003200122"))
    recorder.close()
    run = CliRunner().invoke(app, ["trace", str(tmp_path), "--device", "b"])
    assert len(run.output.splitlines()) == 2
    assert not any(" a   " in line for line in run.output.splitlines())
    run = CliRunner().invoke(app, ["trace", str(tmp_path / "nothing")])
    assert run.exit_code == 2
    assert "no such file or folder" in run.output


def test_a_driver_that_is_not_installed_leaves_the_bytes(tmp_path: Path) -> None:
    words = TraceWords()
    assert "cabinet.acme" in words.line(About(0, "board", "cabinet.acme", "memory://x"))
    line = words.line(Crossed(1, "board", "in", b"\x01\x02", 2))
    assert "01 02" in line


def test_under_virtual_time_times_are_the_loops(tmp_path: Path) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        MemoryPort("silent")
        recorder = Recorder(tmp_path, 1 << 20, clock=loop.time)
        reader = IdCardReader("id_card", "memory://silent")
        recorder.attach(reader, "id_card.sam", "memory://silent")
        with pytest.raises(NoAnswer):
            await reader.open()
        recorder.close()

    run_virtual(main())
    asked = [r for r in read_file(files_of(tmp_path)[0]) if isinstance(r, Crossed)]
    assert [r.ms for r in asked] == [0.0, 1000.0, 2000.0]
    assert [file.name for file in tmp_path.iterdir()] == ["trace-000001.jsonl"]


def test_the_terminal_records_every_device_of_its_profile(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings = load_settings("simulated", overrides={"trace_dir": str(tmp_path / "trace")})
    devices: list[Device] = [
        make_device(settings, "id_card", CardReading),
        make_device(settings, "payment_pad", CardPaying),
        make_device(settings, "camera", Seeing),
    ]
    recorder = recorded(settings, devices)
    assert recorder is not None
    recorder.close()
    abouts = [r for r in read_file(files_of(tmp_path / "trace")[0]) if isinstance(r, About)]
    assert [(a.device, a.driver) for a in abouts] == [
        ("id_card", "id_card.sam"),
        ("payment_pad", "payment_pad.zvt"),
        ("camera", "camera.opencv"),
    ]
    assert "123456" not in text_of(tmp_path / "trace"), "the pad's password is in the profile, not in the recording"
    assert recorded(load_settings("simulated"), devices) is None
    (tmp_path / "file").touch()
    with caplog.at_level(logging.ERROR):
        blocked = load_settings("simulated", overrides={"trace_dir": str(tmp_path / "file")})
        assert recorded(blocked, devices) is None, "no recording is no reason not to serve"
    assert "no recording in" in caplog.text
