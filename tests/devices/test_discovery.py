"""What is plugged in and announced, who answers, what is in the way; and the profile that comes of it."""

from __future__ import annotations

import asyncio
import os
import socket
import struct
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from config.claims import Claims, load_claims
from config.load import SettingsError, load_settings
from drivers.announced import IPP, mdns_candidates
from drivers.camera.v4l2 import camera_words, capability_words
from drivers.discovery import (
    Candidate,
    Finding,
    link_of,
    misplaced,
    scan,
    serial_candidates,
    usb_candidates,
    video_candidates,
)
from drivers.errors import NoAnswer, PortBusy, PortMissing, WrongDevice
from drivers.registry import known
from kiosk.cli.commands import app
from kiosk.trying.scan import faults_of, finding_lines, profile_text, write_profile
from simulator.device import SimDevice
from simulator.families import make

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def port(device: str, vid: int | None = None, pid: int | None = None, **more: Any) -> SimpleNamespace:
    """What pyserial's list_ports gives."""
    told = {"serial_number": None, "manufacturer": None, "product": None, "description": "n/a", **more}
    return SimpleNamespace(device=device, vid=vid, pid=pid, **told)


def here(tmp_path: Path) -> Claims:
    """Our claims, with ports of this folder instead of /dev/ttyS*."""
    claims = load_claims()
    moved = [c.model_copy(update={"port": f"{tmp_path}/tty*"}) if c.port else c for c in claims.claim]
    return claims.model_copy(update={"claim": tuple(moved)})


# -- candidates ------------------------------------------------------------------------------------------------------


def test_a_port_is_known_by_what_stays_when_plugs_are_moved(tmp_path: Path) -> None:
    for name in ("ttyUSB0", "ttyUSB1", "ttyS0"):
        (tmp_path / name).touch()
    for way, name, target in (
        ("by-id", "usb-1a86_USB_Serial_0001-if00-port0", "ttyUSB0"),
        ("by-path", "pci-0000:00:14.0-usb-0:1:1.0-port0", "ttyUSB0"),
        ("by-path", "pci-0000:00:14.0-usb-0:2:1.0-port0", "ttyUSB1"),
    ):
        (tmp_path / "serial" / way).mkdir(parents=True, exist_ok=True)
        (tmp_path / "serial" / way / name).symlink_to(tmp_path / target)
    ports = [
        port(f"{tmp_path}/ttyUSB0", 0x1A86, 0x7523, serial_number="0001", manufacturer="QinHeng", product="CH340"),
        port(f"{tmp_path}/ttyUSB1", 0x1A86, 0x7523),
        port(f"{tmp_path}/ttyS0"),
    ]
    found = {Path(c.now).name: c for c in serial_candidates(ports, tmp_path)}
    assert found["ttyUSB0"].path.endswith("by-id/usb-1a86_USB_Serial_0001-if00-port0")
    assert found["ttyUSB1"].path.endswith("by-path/pci-0000:00:14.0-usb-0:2:1.0-port0")
    assert found["ttyS0"].path == f"{tmp_path}/ttyS0"
    assert (found["ttyUSB0"].usb, found["ttyUSB0"].serial) == ("1a86:7523", "0001")
    assert found["ttyUSB0"].words == "QinHeng CH340"
    assert found["ttyS0"].usb == ""


def test_cameras_are_known_by_id_and_in_their_order(tmp_path: Path) -> None:
    for name in ("video0", "video2", "video10"):
        (tmp_path / name).touch()
    (tmp_path / "v4l/by-id").mkdir(parents=True)
    (tmp_path / "v4l/by-id/usb-Cam-index0").symlink_to(tmp_path / "video2")
    assert [Path(c.path).name for c in video_candidates(tmp_path)] == ["video0", "usb-Cam-index0", "video10"]


def test_usb_devices_that_nothing_drives_stay_visible(tmp_path: Path) -> None:
    def plug(name: str, **attributes: str) -> None:
        (tmp_path / name).mkdir()
        for key, value in attributes.items():
            (tmp_path / name / key).write_text(value + "\n")

    plug("usb1", idVendor="1d6b", idProduct="0002", bDeviceClass="09", product="root hub")
    plug("1-1", idVendor="0400", idProduct="c35a", bDeviceClass="00", manufacturer="SDT", product="IDR210")
    plug("1-2", idVendor="1a86", idProduct="7523", bDeviceClass="ff", serial="0001")
    plug("1-3", idVendor="046d", idProduct="c31c", product="Keyboard")
    plug("1-4", idVendor="046d", idProduct="082d", product="Webcam")
    (tmp_path / "1-4/1-4:1.0/video4linux").mkdir(parents=True)
    (tmp_path / "1-1:1.0").mkdir()
    serial = [Candidate("serial", "/dev/ttyUSB0", usb="1a86:7523", serial="0001")]
    found = usb_candidates(serial, tmp_path)
    assert [(c.usb, c.words) for c in found] == [("0400:c35a", "SDT IDR210"), ("046d:c31c", "Keyboard")]
    findings = asyncio.run(scan(found, load_claims()))
    lines = finding_lines(findings)
    assert "no link reaches it; use its serial port (technician)" in lines[0]
    assert "Keyboard: no driver claims it" in lines[1]
    assert faults_of(findings, None) == []


def test_v4l2_nodes_say_what_they_are(tmp_path: Path) -> None:
    def answer(caps: int, own: int) -> bytes:
        return struct.pack("=16s32s32sIII12x", b"uvcvideo", b"Face Cam", b"usb-0000:00:14.0-3", 1, caps, own)

    assert capability_words("/dev/video0", answer(0x84A00001, 0x04200001)) == "Face Cam (usb-0000:00:14.0-3)"
    assert capability_words("/dev/video0", answer(0x00000001, 0)) == "Face Cam (usb-0000:00:14.0-3)"
    with pytest.raises(WrongDevice, match="second node"):
        capability_words("/dev/video1", answer(0x84A00001, 0x04A00000))
    (tmp_path / "video0").touch()
    with pytest.raises(WrongDevice, match="no camera"):
        camera_words(str(tmp_path / "video0"))
    with pytest.raises(PortMissing):
        camera_words(str(tmp_path / "video9"))


# -- claims ----------------------------------------------------------------------------------------------------------


def test_every_claim_names_drivers_that_are_installed_and_reached() -> None:
    claims = load_claims()
    installed = {each.name for each in known()}
    for claim in claims.claim:
        for driver in claim.drivers:
            assert driver in installed
            assert driver in claims.links
    assert claims.of(kind="serial", path="/dev/ttyUSB0", usb="0400:c35a").drivers == ("id_card.sam",)  # type: ignore[union-attr]  # it is claimed
    assert claims.of(kind="serial", path="/dev/ttyS3").drivers[0] == "receipt_printer.escpos"  # type: ignore[union-attr]  # as above
    assert claims.of(kind="serial", path="/dev/ttyUSB0", usb="dead:beef") is None
    for claim in claims.claim:
        if "receipt_printer.escpos" in claim.drivers:
            assert claim.drivers[0] == "receipt_printer.escpos", "a printer would keep other questions as text"


@pytest.mark.parametrize(
    ("claim", "what"),
    [
        ('words="x"\ndrivers=["id_card.sam"]', "exactly one of"),
        ('words="x"\ndrivers=["id_card.sam"]\nusb="1234:5678"\nvideo=true', "exactly one of"),
        ('words="x"\ndrivers=[]\nvideo=true', "at least 1"),
        ('words="x"\ndrivers=["sam"]\nvideo=true', "drivers.0"),
        ('words="x"\ndrivers=["id_card.sam"]\nusb="1234"', "usb"),
    ],
)
def test_a_bad_claim_is_refused(claim: str, what: str, tmp_path: Path) -> None:
    (tmp_path / "claims.toml").write_text(f"[links]\n[[claim]]\n{claim}\n")
    with pytest.raises(SettingsError, match=what):
        load_claims(tmp_path / "claims.toml")


def test_links_of_services_with_addresses_of_both_kinds() -> None:
    template = load_claims().links["licence_printer.ipp"]
    six = Candidate("mdns", "P", host="fe80::1", port=631, resource="ipp/print")
    assert link_of(six, template) == "ipp://[fe80::1]:631/ipp/print"


# -- asking ----------------------------------------------------------------------------------------------------------


class Asked:
    """Stands in for the drivers' probes; notes who was asked where."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.asked: list[str] = []

    async def __call__(self, driver: str, link: str) -> str:
        self.asked.append(driver)
        answer = self.answers.get(driver.partition(".")[0], NoAnswer("silent"))
        if isinstance(answer, Exception):
            raise answer
        return str(answer)


ADAPTER = Candidate("serial", "/dev/serial/by-id/usb-x", "/dev/ttyUSB0", "1a86:7523")


async def test_the_first_own_answer_has_the_port_and_nobody_else_is_asked() -> None:
    asked = Asked(id_card="SAM 05.03")
    (found,) = await scan([ADAPTER], load_claims(), asked)
    assert asked.asked == ["receipt_printer.escpos", "id_card.sam"]
    assert (found.driver, found.answer) == ("id_card.sam", "SAM 05.03")
    assert found.link == "serial:///dev/serial/by-id/usb-x?baud=115200"


async def test_an_unclaimed_port_is_never_spoken_to() -> None:
    asked = Asked()
    (found,) = await scan([Candidate("serial", "/dev/ttyACM0", "/dev/ttyACM0", "2341:0043")], load_claims(), asked)
    assert asked.asked == []
    assert found.claim is None


async def test_a_held_port_is_a_named_fault_and_nobody_else_tries() -> None:
    asked = Asked(receipt_printer=PortBusy("/dev/ttyUSB0: held by minicom (process 7); end it"))
    (found,) = await scan([ADAPTER], load_claims(), asked)
    assert asked.asked == ["receipt_printer.escpos"]
    assert found.fault is not None
    assert (found.fault.cause, found.fault.who) == ("port-busy", "technician")
    assert faults_of([found], None) == [found.fault]


async def test_that_somebody_speaks_tells_more_than_that_nobody_answers() -> None:
    asked = Asked(id_card=WrongDevice("something answers, but not a SAM"))
    (found,) = await scan([ADAPTER], load_claims(), asked)
    assert found.fault is not None
    assert found.fault.cause == "wrong-device"
    (found,) = await scan([ADAPTER], load_claims(), Asked())
    assert found.fault is not None
    assert found.fault.cause == "no-answer"
    assert "id_card.sam, payment_pad.zvt" in found.fault.sentence
    assert faults_of([found], None) == [], "an empty socket is no fault"


async def test_without_asking_a_claim_is_taken_at_its_word() -> None:
    (found,) = await scan([ADAPTER], load_claims(), None)
    assert (found.driver, found.answer) == ("receipt_printer.escpos", "")


def test_another_device_than_the_profiles_is_a_named_fault() -> None:
    found = Finding(ADAPTER, driver="receipt_printer.escpos", answer="ESC/POS printer, well")
    for link in ("serial:///dev/ttyUSB0?baud=115200", "serial:///dev/serial/by-id/usb-x"):
        (fault,) = misplaced([found], {"id_card": link, "receipt_printer": "serial:///dev/ttyS9"})
        assert (fault.cause, fault.who) == ("wrong-device", "technician")
        assert "id_card is set to" in fault.sentence
        assert "ESC/POS printer, well answers there" in fault.sentence
    assert misplaced([found], {"receipt_printer": "serial:///dev/ttyUSB0"}) == []


# -- real ports ------------------------------------------------------------------------------------------------------


async def test_real_devices_on_ptys_are_found_and_left_as_they_were(tmp_path: Path) -> None:
    """Reader, printer and pad are told apart; no paper moves, nothing is registered, nothing is paid."""
    sims: dict[str, SimDevice] = {
        "id_card.sam": make("id-card-reader", f"pty:{tmp_path}/ttyA", self_test_s=0.0, paced=False),
        "receipt_printer.escpos": make("receipt-printer", f"pty:{tmp_path}/ttyB"),
        "payment_pad.zvt": make("payment-pad", f"pty:{tmp_path}/ttyC"),
    }
    for sim in sims.values():
        await sim.plug()
    printer = sims["receipt_printer.escpos"]
    before = printer.state()
    try:
        candidates = serial_candidates([port(f"{tmp_path}/tty{x}") for x in "ABC"], tmp_path)
        findings = await scan(candidates, here(tmp_path))
        assert [f.driver for f in findings] == list(sims)
        reader, receipts, pad_found = (f.answer for f in findings)
        assert reader == "SAM 05.03-20200101-0001234567-1234567890"
        assert receipts == "ESC/POS printer, well"
        assert pad_found.startswith("ZVT pad")
        assert pad_found.endswith("status 00")
    finally:
        for sim in sims.values():
            await sim.unplug()
    after = printer.state()
    assert (after["receipts"], after["hanging"], after["paper_m"]) == (before["receipts"], 0, before["paper_m"])
    pad = sims["payment_pad.zvt"]
    said = {c.words for c in pad.wire if c.direction == "in"}
    assert any("status enquiry" in words for words in said)
    assert not any(word in words for words in said for word in ("registration", "authorisation"))


async def test_what_a_scan_writes_can_be_run(tmp_path: Path) -> None:
    """The layer loads over a profile; a second device and strangers stay as comments."""
    ipp = Candidate("mdns", "Weihai LP-400", service=IPP, words="Weihai LP-400", host="192.0.2.9", port=631)
    stranger = Candidate("usb", "usb 1-3", "1-3", "046d:c31c", words="Key\nboard")
    second = Candidate("serial", "/dev/ttyS9", "/dev/ttyS9")
    findings = [
        Finding(ADAPTER, driver="id_card.sam", link='serial:///dev/by-id/a"b?baud=115200', answer="SAM 05"),
        Finding(second, driver="id_card.sam", link="serial:///dev/ttyS9?baud=115200"),
        Finding(ipp, driver="licence_printer.ipp", link="ipp://192.0.2.9:631/ipp/print"),
        Finding(stranger),
    ]
    out = tmp_path / "found.toml"
    write_profile(out, findings, NOW)
    text = out.read_text()
    assert tomllib.loads(text)["devices"].keys() == {"id_card", "licence_printer"}
    assert "# [devices.id_card]" in text
    assert "# not in use: usb 1-3 Key board 046d:c31c" in text
    assert text == profile_text(findings, NOW)
    settings = load_settings("simulated", [out])
    assert settings.devices["licence_printer"].link == "ipp://192.0.2.9:631/ipp/print"
    assert settings.devices["id_card"].link == 'serial:///dev/by-id/a"b?baud=115200'
    with pytest.raises(FileExistsError):
        write_profile(out, findings, NOW)


def test_the_command_scans_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = CliRunner().invoke(
        app, ["devices", "scan", "--no-ask", "--seconds", "0.1", "--out", str(tmp_path / "p.toml")]
    )
    assert run.exit_code in (0, 1), run.output
    assert (tmp_path / "p.toml").read_text().startswith("# Written by `kiosk devices scan`")
    again = CliRunner().invoke(
        app, ["devices", "scan", "--no-ask", "--seconds", "0.1", "--out", str(tmp_path / "p.toml")]
    )
    assert again.exit_code == 2
    wrong = CliRunner().invoke(app, ["devices", "scan", "--profile", "none-such"])
    assert wrong.exit_code == 2
    assert "profiles are" in wrong.output


# -- printers that announce themselves -------------------------------------------------------------------------------


async def test_a_printer_announces_itself_and_is_asked() -> None:
    from zeroconf import IPVersion
    from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

    sim = make("licence-printer", "tcp://127.0.0.1:0")
    await sim.plug()
    number = int(sim.link.split(":")[2].split("/")[0])
    network = AsyncZeroconf(interfaces=["127.0.0.1"], ip_version=IPVersion.V4Only)
    name = f"Weihai LP-400 {os.getpid()}"
    info = AsyncServiceInfo(
        IPP,
        f"{name}.{IPP}",
        addresses=[socket.inet_aton("127.0.0.1")],
        port=number,
        properties={"rp": "ipp/print", "ty": "Weihai LP-400", "UUID": "1234"},
        server=f"lp400-{os.getpid()}.local.",
    )
    try:
        await (await network.async_register_service(info, strict=False))
        found = [c for c in await mdns_candidates(2.0, interfaces=["127.0.0.1"]) if c.path == name]
        assert [(c.kind, c.words, c.serial, c.resource, c.port) for c in found] == [
            ("mdns", "Weihai LP-400", "1234", "ipp/print", number)
        ]
        (finding,) = await scan(found, load_claims())
        assert (finding.driver, finding.answer) == ("licence_printer.ipp", "Weihai LP-400, ready")
        assert finding.link == sim.link
    finally:
        await network.async_close()
        await sim.unplug()
