"""emupos 0.4.0, another people's receipt printer, reads our receipts and shows its faults to our driver.

It runs as a program of its own (emupos_program.py says how on Python 3.11) with a TCP port and a control API. It knows
no Chinese mode: what it read as CP437 is put back into bytes and read as GB 18030. That costs no column, because a
Chinese character is as wide as two of its own.
"""

from __future__ import annotations

import io
import os
import re
import select
import subprocess
import sys
import tomllib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import numpy as np
import pytest
import zxingcpp
from PIL import Image as PilImage

from config.receipt_printers import receipt_printer
from drivers.device import DeviceState, Supply
from drivers.outcome import Done, Refused
from drivers.receipt_printer.document import Image, Line, Pair, Qr, ReceiptDocument
from drivers.receipt_printer.driver import ReceiptPrinter
from drivers.receipt_printer.encoder import ReceiptEncoder
from kiosk.printing.receipts import TEMPLATES, compose, template_names
from simulator.models.receipt_render import render_receipt

PROGRAM = Path(__file__).with_name("emupos_program.py")
PACKAGE = Path(sys.executable).parent.parent / "emupos"
pytestmark = [
    pytest.mark.oracle,
    pytest.mark.skipif(not PACKAGE.is_dir(), reason="emupos is not installed: run `make setup`"),
]

START_S = 20.0
PROFILES = {"chinese-80mm": 576, "chinese-58mm": 384}
"""Ours, and the dots of the emupos printer that stands for it; GS ( H is not known to emupos, so no epson-80mm."""
VALUES = {
    "acceptance_no": "3710 0226 1121 0047",
    "service": "居民身份证到期换领",
    "name": "张三丰",
    "promise_date": "2026-12-18",
    "amount_fen": "123450",
    "method": "银行卡尾号 0025",
    "payment_no": "7B9B21BB",
    "hall": "环翠区政务服务中心",
    "terminal": "WH-HC-0003",
    "time": "2026-11-21T20:14:00+08:00",
    "help_phone": "0631-12345",
    "progress_url": "WHA1.3710022611210047",
    "missing": "户口簿原件及复印件\n近期照片《二寸》，白底",
    "outcome": "已退款，原路退回。",
    "ebill_text": "01,10,37010125,0000123456,1234.50,20261121,A1B2C3",
    "code": "WHPH1,3710002611210047",
}
OTHER_VALUE = "示例 A-012"
"""For what a template names and the table above does not."""


@dataclass(frozen=True, slots=True)
class Emupos:
    """A running one: its address, its printers by profile of ours."""

    address: str

    def link(self, profile: str) -> str:
        return f"tcp://{self.address}:{9100 + list(PROFILES).index(profile)}"

    def fault(self, profile: str, name: str, *, on: bool) -> None:
        self._ask("PUT" if on else "DELETE", f"{profile}/faults/{name}")

    def latest(self, profile: str) -> tuple[list[str], np.ndarray[tuple[int, int], np.dtype[np.bool_]]]:
        """Lines and dots (True = black) of the receipt that came out last."""
        raw = self._ask("GET", f"{profile}/receipts/latest/text").decode()
        lines = raw.encode("cp437").decode("gb18030").splitlines()
        picture = PilImage.open(io.BytesIO(self._ask("GET", f"{profile}/receipts/latest/image"))).convert("L")
        return lines, np.asarray(picture) < 128

    def count(self, profile: str) -> int:
        return self._ask("GET", f"{profile}/receipts").count(b'"boundary"')

    def _ask(self, method: str, path: str) -> bytes:
        # Its API answers to its loopback name only; the port is bound to our own loopback address.
        request = Request(
            f"http://{self.address}:8765/api/v1/devices/{path}", method=method, headers={"Host": "127.0.0.1"}
        )
        try:
            with urlopen(request, timeout=10) as answer:
                body: bytes = answer.read()
        except HTTPError as error:
            with error:
                raise AssertionError(f"{method} {path}: {error.code} {error.read()!r}") from None
        return body


@pytest.fixture(scope="module")
def emupos(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emupos]:
    folder = tmp_path_factory.mktemp("emupos")
    number = os.getpid() % 65536 * 64 + 63
    address = f"127.{32 + (number >> 16) % 32}.{number >> 8 & 255}.{number & 255}"
    stock = (PACKAGE / "emupos/profiles/printers/epson-tm-t20iii.yaml").read_text()
    devices = []
    for port, (profile, dots) in enumerate(PROFILES.items(), 9100):
        (folder / f"{profile}.yaml").write_text(re.sub(r"(?m)^width_dots: \d+$", f"width_dots: {dots}", stock))
        devices.append(
            f"  - {{id: {profile}, type: printer, profile: ./{profile}.yaml, receipts_dir: ./{profile}, "
            f"connections: [{{tcp: {{host: {address}, port: {port}}}}}]}}\n"
        )
    config = folder / "emupos.yaml"
    config.write_text(f"schema: 1\napi: {{host: {address}, port: 8765}}\ndevices:\n" + "".join(devices))
    env = {**os.environ, "PYTHONPATH": str(PACKAGE), "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(
        [sys.executable, str(PROGRAM), str(config)], cwd=folder, env=env, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            assert select.select([process.stdout], [], [], START_S)[0], "emupos did not start"
            assert process.stdout.readline() == "ready\n"
            yield Emupos(address)
        finally:
            process.terminate()
            try:
                process.wait(START_S)
            except subprocess.TimeoutExpired:
                process.kill()


@pytest.fixture(params=list(PROFILES))
async def at_emupos(
    emupos: Emupos, request: pytest.FixtureRequest
) -> AsyncIterator[tuple[Emupos, str, ReceiptPrinter]]:
    """Our driver, open, at one of its printers."""
    profile: str = request.param
    printer = ReceiptPrinter("receipt_printer", emupos.link(profile), {"profile": profile})
    await printer.open()
    try:
        yield emupos, profile, printer
    finally:
        await printer.close()
        for fault in ("paper-near-end", "paper-out", "cover-open", "offline"):
            emupos.fault(profile, fault, on=False)


def receipt(template: str, language: str) -> ReceiptDocument:
    """The template with every value that it names."""
    named = set(re.findall(r"\{([a-z_]+)\}", (TEMPLATES / f"{template}.toml").read_text(encoding="utf-8")))
    needs = tomllib.loads((TEMPLATES / f"{template}.toml").read_text(encoding="utf-8")).get("needs", [])
    values = {name: VALUES.get(name, OTHER_VALUE) for name in {*named, *needs} - {"amount"}}
    if "amount" in {*named, *needs}:
        values["amount_fen"] = VALUES["amount_fen"]
    return compose(template, values, simulated=True, language=language)


def said(lines: list[str]) -> list[str]:
    """Lines of words: without pictures, codes and blanks, and without alignment (emupos dumps none)."""
    words = (line.strip() for line in lines)
    return [line for line in words if line and not re.match(r"\[(qr|image|raster|graphics)", line, re.IGNORECASE)]


def rules_of(dots: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> list[int]:
    """Rows black from edge to edge, counted from the first."""
    rows = np.flatnonzero(dots.all(axis=1))
    return [int(row - rows[0]) for row in rows]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("template", template_names())
async def test_it_reads_every_receipt_as_we_mean_it(
    at_emupos: tuple[Emupos, str, ReceiptPrinter], template: str, language: str
) -> None:
    """Words, order and columns as in our own simulated printer; the same dots for codes and rules."""
    emupos, profile, printer = at_emupos
    document = receipt(template, language)
    assert isinstance(await printer.print_document(document), Done)
    lines, dots = emupos.latest(profile)
    encoded = ReceiptEncoder(receipt_printer(profile)).encode(document, b"0001")
    png, text, _ = render_receipt(encoded.data, True, profile)
    assert said(lines) == said(text.splitlines())
    words = "".join("".join(said(lines)).split())
    for part in document.parts:
        if isinstance(part, Line):
            assert "".join(part.text.split()) in words
        elif isinstance(part, Pair):
            assert "".join(part.left.split()) in words
            assert "".join(part.right.split()) in words
    ours = (np.asarray(PilImage.open(io.BytesIO(png)).convert("L")) < 128)[:, 32:-32]
    assert rules_of(dots) == rules_of(ours)
    payloads = [part.payload for part in document.parts if isinstance(part, Qr)]
    page = np.pad(np.where(dots, 0, 255).astype(np.uint8), 32, constant_values=255)
    assert [code.text for code in zxingcpp.read_barcodes(page)] == payloads


async def test_a_rare_name_is_dots_and_the_same_dots(at_emupos: tuple[Emupos, str, ReceiptPrinter]) -> None:
    """The line that no printer can set is sent as a picture: emupos' paper and ours agree dot for dot."""
    emupos, profile, printer = at_emupos
    document = ReceiptDocument((Line("张㛃䶮", size=(2, 2)), Image(16, 8, b"\xaa\x55" * 8), Line("张㛃 at the left")))
    assert isinstance(await printer.print_document(document), Done)
    _, theirs = emupos.latest(profile)
    encoded = ReceiptEncoder(receipt_printer(profile)).encode(document, b"0001")
    png, _, _ = render_receipt(encoded.data, True, profile)
    ours = (np.asarray(PilImage.open(io.BytesIO(png)).convert("L")) < 128)[:, 32:-32]
    assert np.array_equal(_cropped(ours), _cropped(theirs))


@pytest.mark.parametrize(
    ("fault", "cause", "paper"),
    [("cover-open", "cover-open", None), ("paper-out", "paper-out", Supply.OUT)],
)
async def test_our_driver_sees_its_faults_refuses_and_recovers(
    at_emupos: tuple[Emupos, str, ReceiptPrinter], fault: str, cause: str, paper: Supply | None
) -> None:
    emupos, profile, printer = at_emupos
    document = ReceiptDocument((Line("威海"),))
    before = emupos.count(profile)
    emupos.fault(profile, fault, on=True)
    status = await printer.poll()
    assert status.fault is not None
    assert status.fault.cause == cause
    assert paper is None or status.paper is paper
    outcome = await printer.print_document(document)
    assert isinstance(outcome, Refused)
    assert outcome.cause == cause
    emupos.fault(profile, fault, on=False)
    assert emupos.count(profile) == before, "a refused receipt came out later"
    assert (await printer.poll()).usable
    assert isinstance(await printer.print_document(document), Done)
    assert emupos.count(profile) == before + 1


async def test_our_driver_sees_near_end_and_offline(at_emupos: tuple[Emupos, str, ReceiptPrinter]) -> None:
    emupos, profile, printer = at_emupos
    emupos.fault(profile, "paper-near-end", on=True)
    status = await printer.poll()
    assert (status.paper, status.usable) == (Supply.LOW, True)
    emupos.fault(profile, "offline", on=True)
    status = await printer.poll()
    assert status.device is not DeviceState.ONLINE
    assert not status.usable


async def test_what_it_does_not_know_of_us(emupos: Emupos) -> None:
    """The probe, the identity and the recovery that our driver sends leave its paper clean."""
    counts = [emupos.count(profile) for profile in PROFILES]
    for profile in PROFILES:
        assert "ESC/POS" in await ReceiptPrinter.probe(emupos.link(profile))
    printer = ReceiptPrinter("receipt_printer", emupos.link("chinese-80mm"))
    await printer.open()
    # It answers GS I 65 and 68 as a printer does that has no such value: header and NUL alone.
    assert (printer.status.model, printer.status.firmware, printer.status.serial) == ("EPSON TM-T20III", "", "")
    assert printer.counters.extra.get("noise", 0) == 0
    await printer.close()
    assert [emupos.count(profile) for profile in PROFILES] == counts


def _cropped(dots: np.ndarray[tuple[int, int], np.dtype[np.bool_]]) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    rows = np.flatnonzero(dots.any(axis=1))
    return dots[rows[0] : rows[-1] + 1]
