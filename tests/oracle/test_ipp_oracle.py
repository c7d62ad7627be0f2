"""IPP judged by others: CUPS' ipptool against our printer, our driver against CUPS' ippeveprinter and its faults."""

from __future__ import annotations

import asyncio
import base64
import re
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from urllib.request import urlopen

import numpy as np
import pypdfium2
import pytest

from drivers.errors import DeviceError, NeedsPeople
from drivers.licence_printer.driver import JobRef, LicencePrinter, Phase, Progress
from drivers.licence_printer.raster import pwg_raster
from drivers.outcome import Done, Refused, Unknown
from simulator.models.licence_printer import make
from simulator.models.printed_pages import read_pwg

pytestmark = pytest.mark.oracle

SUITES = Path("/usr/share/cups/ipptool")
# What the suites print and Debian leaves out. Formats that a printer does not list are skipped, but must be there.
SAMPLES = ("document-a4.pdf", "document-letter.pdf", "document-a4.ps", "document-letter.ps", "color.jpg", "gray.jpg")
# Its trays hold Letter until its own page is told otherwise; size and level for each tray.
LOADED = "media?" + "&".join(f"size{i}=iso_a4_210x297mm&type{i}=stationery&level{i}=250" for i in (1, 3))
EMPTY = LOADED.replace("=250", "=0")


def pdf(pages: int = 1) -> bytes:
    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(595.28, 841.89).close()
    out = BytesIO()
    document.save(out)
    document.close()
    return out.getvalue()


async def run(*command: str, cwd: Path, limit_s: float = 50) -> tuple[int, str]:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=cwd, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        async with asyncio.timeout(limit_s):
            out, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    assert process.returncode is not None
    return process.returncode, out.decode(errors="replace")


@pytest.mark.parametrize(("suite", "version", "least"), [("ipp-1.1.test", "1.1", 37), ("ipp-2.0.test", "2.0", 38)])
async def test_ipptool_suite_without_repeats(tmp_path: Path, suite: str, version: str, least: int) -> None:
    for name in ("ipp-1.1.test", "ipp-2.0.test"):
        shutil.copy(SUITES / name, tmp_path)
    for name in SAMPLES:
        (tmp_path / name).write_bytes(pdf(2))
    sim = make("tcp://127.0.0.1:0", page_s=0.1)
    await sim.plug()
    arguments = ("-I", "-T", "20", "-V", version, "-tf", "document-a4.pdf", sim.link, suite)
    code, out = await run("ipptool", *arguments, cwd=tmp_path)
    await sim.unplug()
    passed, failed, skipped = _summary(out)
    assert failed == 0, out
    assert code == 0, out
    assert passed + skipped >= least, out
    assert passed >= 30, out


def _summary(out: str) -> tuple[int, int, int]:
    """Passed, failed, skipped: the marks at the line ends (a suite that includes another prints no sum of both)."""
    marks = re.findall(r"\[(PASS|FAIL|SKIP)\]$", out, re.MULTILINE)
    return marks.count("PASS"), marks.count("FAIL"), marks.count("SKIP")


class Eve:
    """CUPS' sample printer, without a network, under its own bus. `script` is run for every document."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.link = f"ipp://localhost:{self.port}/ipp/print"
        self.command = folder / "command.sh"
        self._bus: subprocess.Popen[bytes] | None = None
        self._printer: subprocess.Popen[bytes] | None = None

    def script(self, body: str) -> None:
        self.command.write_text(f"#!/bin/sh\n{body}\n")
        self.command.chmod(0o755)

    async def start(self, formats: str = "application/pdf,image/pwg-raster") -> None:
        spool = self.folder / "spool"
        spool.mkdir()
        address = f"unix:path={self.folder}/bus"
        self._bus = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", f"--address={address}"], stdout=subprocess.DEVNULL
        )
        async with asyncio.timeout(5):
            while not (self.folder / "bus").exists():
                await asyncio.sleep(0.02)
        log = (self.folder / "log").open("wb")
        self._printer = subprocess.Popen(
            [
                *("ippeveprinter", "-r", "off", "-2", "-p", str(self.port), "-n", "localhost", "-d", str(spool)),
                *("-k", "-K", str(spool), "-f", formats, "-c", str(self.command), "Oracle"),
            ],
            env={"PATH": "/usr/sbin:/usr/bin:/bin", "DBUS_SYSTEM_BUS_ADDRESS": address, "HOME": str(self.folder)},
            stdout=log,
            stderr=log,
        )
        log.close()
        async with asyncio.timeout(10):
            while True:
                with suppress(OSError):
                    socket.create_connection(("localhost", self.port), 1).close()
                    return
                assert self._printer.poll() is None, (self.folder / "log").read_text()
                await asyncio.sleep(0.05)

    def stop(self) -> None:
        for process in (self._printer, self._bus):
            if process is not None:
                process.kill()
                process.wait(5)

    async def web(self, query: str) -> None:
        def get() -> None:
            with urlopen(f"http://localhost:{self.port}/{query}", timeout=5) as page:
                page.read()

        await asyncio.get_running_loop().run_in_executor(None, get)


@pytest.fixture
async def eve(tmp_path: Path) -> AsyncIterator[Eve]:
    printer = Eve(tmp_path)
    printer.script("exit 0")
    await printer.start()
    yield printer
    printer.stop()


async def test_our_driver_prints_on_ippeveprinter(eve: Eve) -> None:
    driver = LicencePrinter("licence", eve.link, {"poll_s": 0.05})
    refs: list[JobRef] = []

    async def journal(ref: JobRef) -> None:
        refs.append(ref)

    await driver.open()
    assert driver.status.usable
    with pytest.raises(NeedsPeople, match="load A4"):
        await driver.check()
    await eve.web(LOADED)
    await driver.check()
    eve.script("echo 'ATTR: job-impressions-completed=1' >&2; sleep 0.3; exit 0")
    document = pdf()
    outcome = await driver.print_pdf(document, "WH-1", pages=1, on_job=journal, deadline_s=20)
    assert isinstance(outcome, Done)
    assert [ref.job_id for ref in refs] == [outcome.value.job_id]
    assert refs[0].printer_uuid.startswith("urn:uuid:")
    kept = [p for p in (eve.folder / "spool").iterdir() if p.suffix == ".pdf"]
    assert [p.read_bytes() for p in kept] == [document]
    found = await driver.find_job("WH-1", ref=refs[0])
    assert isinstance(found, Done)
    assert await driver.find_job("WH-2") is None


async def test_faults_of_ippeveprinter_reach_the_terminal(eve: Eve) -> None:
    driver = LicencePrinter("licence", eve.link, {"poll_s": 0.05})
    seen: list[Progress] = []

    async def journal(ref: JobRef) -> None:
        del ref

    await driver.open()
    await eve.web(LOADED)
    eve.script("exit 1")
    aborted = await driver.print_pdf(pdf(), "WH-abort", pages=1, on_job=journal, deadline_s=20)
    assert isinstance(aborted, Refused)
    assert (aborted.cause, aborted.again) == ("aborted", True)

    counted = "echo 'ATTR: job-impressions-completed=1' >&2"
    eve.script(f"echo 'STATE: +media-jam' >&2; sleep 0.5; echo 'STATE: -media-jam' >&2; {counted}; sleep 0.2; exit 0")
    done = await driver.print_pdf(pdf(), "WH-jam", pages=1, on_job=journal, deadline_s=20, on_progress=seen.append)
    assert isinstance(done, Done)
    assert {p.phase for p in seen} >= {Phase.PRINTING}

    eve.script("exit 0")
    uncounted = await driver.print_pdf(pdf(), "WH-uncounted", pages=1, on_job=journal, deadline_s=20)
    assert isinstance(uncounted, Unknown), "it reports a counter, and the counter says that no page came out"
    assert uncounted.cause == "pages-missing"

    eve.script("sleep 3; exit 0")
    slow = await driver.print_pdf(pdf(), "WH-slow", pages=1, on_job=journal, deadline_s=0.5)
    assert isinstance(slow, Refused), slow
    assert slow.cause == "too-slow"

    await eve.web(EMPTY)
    with pytest.raises(NeedsPeople):
        await driver.check()
    nothing = await driver.print_pdf(pdf(), "WH-empty", pages=1, on_job=journal)
    assert isinstance(nothing, Refused)


async def test_ippeveprinter_that_dies_is_noticed(eve: Eve) -> None:
    driver = LicencePrinter("licence", eve.link)
    await driver.open()
    eve.stop()
    with pytest.raises(DeviceError):
        await driver.poll()


def test_raster_read_by_cups(tmp_path: Path) -> None:
    document = tmp_path / "document.pdf"
    document.write_bytes(drawn())
    stream, _ = pwg_raster(document.read_bytes(), dpi=150)
    raster = tmp_path / "document.pwg"
    raster.write_bytes(stream)
    done = subprocess.run(
        ["ippeveps", str(raster)],
        env={"PATH": "/usr/sbin:/usr/bin:/bin", "CONTENT_TYPE": "image/pwg-raster"},
        capture_output=True,
        timeout=30,
        check=True,
    )
    assert b"Page 1: 1240x1754x8" in done.stderr
    rows = re.findall(rb"(\d+) L\n(.*?)~>", done.stdout, re.DOTALL)
    (page,) = read_pwg(stream)
    drawn_rows = {1753 - int(height) for height, _ in rows}
    assert drawn_rows == set(np.flatnonzero(page.min(axis=1) < 255).tolist()), "blank lines are left out"
    for height, packed in rows:
        row = np.frombuffer(_a85(packed), np.uint8)
        assert np.array_equal(row[:1240], page[1753 - int(height)])
    assert page.min() < 50


def _a85(packed: bytes) -> bytes:
    return base64.a85decode(packed.replace(b"\n", b""))


def drawn() -> bytes:
    """A page with something on it."""
    import typst

    return typst.compile(b'#set page(paper: "a4")\n= Licence\n#circle(fill: gradient.linear(black, white))')
