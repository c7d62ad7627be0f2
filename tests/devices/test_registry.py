"""Drivers as entry points: ours, another package's (the one of docs/writing-a-driver.md), and what can be wrong."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from typer.testing import CliRunner

from config.load import SettingsError, load_settings
from drivers import registry
from drivers.device import Device, DeviceState, Status
from drivers.errors import NoAnswer, WrongDevice
from drivers.families import FAMILIES, CardReading, ReceiptPrinting, Seeing
from drivers.links.memory import MemoryPort
from drivers.outcome import Done, Refused, Unknown
from drivers.receipt_printer.document import Cut, Line, ReceiptDocument
from drivers.recorder import Recorder
from drivers.registry import UnknownDriver, known, load, load_as
from kiosk.cli.commands import app
from kiosk.devices import make_device
from simulator.virtual_time import run_virtual

GUIDE = Path(__file__).parents[2] / "docs/writing-a-driver.md"
OURS = {
    "id_card.sam",
    "receipt_printer.escpos",
    "licence_printer.ipp",
    "payment_pad.zvt",
    "camera.opencv",
    "cabinet.modbus",
}


def test_ours_are_there_and_are_what_their_family_must_be() -> None:
    assert {each.name for each in known()} >= OURS
    for name in OURS:
        family, _, driver = name.partition(".")
        loaded = load(family, driver)
        assert issubclass(loaded, FAMILIES.get(family, Device))
        assert load(family, name) is loaded, "the full name is understood too"


def test_nothing_is_imported_before_it_is_asked_for() -> None:
    code = (
        "import sys, drivers.registry as r; r.known(); r.load('id_card', 'sam');"
        "print([m for m in sys.modules if m.startswith(('cv2', 'numpy', 'drivers.camera', 'drivers.payment_pad'))])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert ended.stdout.strip() == "[]"


def entry(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, registry.GROUP)


def pretend(monkeypatch: pytest.MonkeyPatch, *entries: EntryPoint) -> None:
    def entry_points(*, group: str, name: str | None = None) -> list[EntryPoint]:
        assert group == registry.GROUP
        return [e for e in entries if name in (None, e.name)]

    monkeypatch.setattr(registry, "entry_points", entry_points)


HERE = __name__


class Halfway(ReceiptPrinting):
    """Leaves most of it out."""

    async def clear(self) -> None:
        """Nothing."""


@pytest.mark.parametrize(
    ("driver", "what"),
    [
        ("missing", "driver id_card.missing is not installed; for id_card there are id_card.alien"),
        ("gone", "no.such.module:Reader of a package without a name cannot be imported: ModuleNotFoundError"),
        ("alien", r"is no drivers\.families\.CardReading"),
        ("function", r"is no drivers\.families\.CardReading"),
        ("twice", "two packages bring it"),
    ],
)
def test_what_cannot_be_loaded_says_why_and_what_there_is(
    driver: str, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(
        monkeypatch,
        entry("id_card.alien", "drivers.camera.driver:Camera"),
        entry("id_card.function", "drivers.registry:known"),
        entry("id_card.gone", "no.such.module:Reader"),
        entry("id_card.twice", "drivers.id_card.driver:IdCardReader"),
        entry("id_card.twice", "drivers.camera.driver:Camera"),
    )
    with pytest.raises(UnknownDriver, match=what):
        load("id_card", driver)


def test_a_driver_that_leaves_verbs_out_is_found_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    module = type(sys)("halfway_driver")
    module.Halfway = Halfway  # type: ignore[attr-defined]  # a module made by hand
    monkeypatch.setitem(sys.modules, "halfway_driver", module)
    pretend(monkeypatch, entry("receipt_printer.halfway", "halfway_driver:Halfway"))
    with pytest.raises(UnknownDriver, match=r"lacks _close, _open, _poll, print_document"):
        load("receipt_printer", "halfway")


def test_without_any_metadata_it_says_how_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch)
    with pytest.raises(UnknownDriver, match="no drivers are installed at all"):
        load("id_card", "sam")


def test_a_class_of_another_family_is_refused_by_kind() -> None:
    with pytest.raises(UnknownDriver, match=r"is no drivers\.families\.Seeing"):
        load_as("id_card", "sam", Seeing)


def test_a_profile_with_a_wrong_driver_or_link_says_which_line() -> None:
    settings = load_settings("simulated", overrides={"devices.id_card.driver": "magic"})
    with pytest.raises(SettingsError, match=r"devices\.id_card: driver id_card\.magic is not installed; for id_card"):
        make_device(settings, "id_card", CardReading)
    settings = load_settings("simulated", overrides={"devices.id_card.options": {"colour": "red"}})
    with pytest.raises(SettingsError, match=r"devices\.id_card: .*colour"):
        make_device(settings, "id_card", CardReading)
    assert make_device(load_settings("simulated"), "id_card", CardReading).name == "id_card"


def test_the_command_lists_them() -> None:
    run = CliRunner().invoke(app, ["devices", "drivers"])
    assert run.exit_code == 0
    assert {line.split()[0] for line in run.output.splitlines()} >= OURS


# -- the package of the guide ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def plainline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The guide's files as a package, built and installed into a folder of its own, without a network."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("target")
    blocks = re.findall(r"```\w+ file=(\S+)\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert sorted(name for name, _ in blocks) == [
        "plainline/__init__.py",
        "plainline/driver.py",
        "plainline/frames.py",
        "pyproject.toml",
    ]
    for name, text in blocks:
        (source / name).parent.mkdir(exist_ok=True)
        (source / name).write_text(text, encoding="utf-8")
    install = ["-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index", "--target"]
    ended = subprocess.run(
        [sys.executable, *install, str(target), str(source)], capture_output=True, text=True, timeout=120, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return target


class Printer:
    """The device end of the guide's printer, on a memory wire."""

    def __init__(self, name: str) -> None:
        self.port = MemoryPort(name)
        self.paper = b""
        self.state = 0x40
        self.acknowledges = True

    async def run(self) -> None:
        while True:
            data = await self.port.read()
            for byte in data:
                if byte == 0x05:
                    self.port.write(bytes((self.state,)))
                    continue
                self.paper += bytes((byte,))
                if byte == 0x0C and self.acknowledges:
                    self.port.write(b"\x06")


def test_the_guides_package_builds_installs_and_prints(
    plainline: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(plainline))
    assert "receipt_printer.plainline" in {each.name for each in known()}
    settings = load_settings(
        "simulated",
        overrides={"devices.receipt_printer": {"driver": "plainline", "link": "memory://plainline"}},
    )

    async def main() -> None:
        sim = Printer("plainline")
        running = asyncio.create_task(sim.run())
        printer = make_device(settings, "receipt_printer", ReceiptPrinting)
        loop = asyncio.get_running_loop()
        recorder = Recorder(tmp_path / "trace", 1 << 20, clock=loop.time)
        recorder.attach(printer, "receipt_printer.plainline", "memory://plainline")
        await printer.open()
        assert printer.status.usable
        document = ReceiptDocument((Line("Hello"), Cut()))
        assert isinstance(await printer.print_document(document), Done)
        assert sim.paper == b"Hello\n\x0c"
        sim.state = 0x41
        refused = await printer.print_document(document)
        assert isinstance(refused, Refused)
        assert refused.cause == "paper-out"
        assert printer.status.device is DeviceState.USER_ERROR
        sim.state, sim.acknowledges = 0x40, False
        assert isinstance(await printer.print_document(document), Unknown)
        sim.state = 0x99
        with pytest.raises(WrongDevice):
            await printer.poll()
        await printer.close()
        recorder.close()
        running.cancel()
        await asyncio.wait({running})
        assert printer.counters.bytes_out > 3
        with pytest.raises((NoAnswer, WrongDevice)):
            await load("receipt_printer", "plainline").probe("memory://plainline")

    run_virtual(main())
    words = CliRunner().invoke(app, ["trace", str(tmp_path / "trace")])
    assert "receipt_printer.plainline at memory://plainline" in words.output
    assert "7 bytes of a receipt" in words.output
    assert "state?" in words.output
    assert b"Hello".hex() not in words.output
    listed = CliRunner().invoke(app, ["devices", "drivers"])
    assert "kiosk-driver-plainline 1.0" in listed.output


def test_the_guides_code_is_as_clean_as_ours(plainline: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--config-file=", str(plainline / "plainline")],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=GUIDE.parents[1],
    )
    ours = [line for line in ended.stdout.splitlines() if str(plainline) in line or line.startswith("plainline")]
    assert ours == [], ended.stdout


def test_a_device_without_a_tracer_or_probe_is_still_a_device() -> None:
    class Mute(Device):
        family = "mute"

        async def _open(self) -> None:
            self.set_status(Status(DeviceState.ONLINE))

        async def _poll(self) -> Status:
            return self.status

        async def _close(self) -> None:
            return

    assert Mute.tracer("memory://x", {}).feed("in", b"secret")[0].shown is None
    with pytest.raises(Exception, match="without a harmless question"):
        asyncio.run(Mute.probe("memory://x"))
