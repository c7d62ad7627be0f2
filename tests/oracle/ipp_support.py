"""CUPS' ipptool and ippeveprinter for the tests beside it, and the documents that CUPS' suites print."""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
import struct
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from io import BytesIO
from pathlib import Path
from urllib.request import urlopen

import cv2
import numpy as np
import pypdfium2
from numpy.typing import NDArray

from drivers.licence_printer.raster import A4_POINTS, HEADER_BYTES, SYNC, encode_page, pack_line

SUITES = Path("/usr/share/cups/ipptool")
FILES = ("ipp-1.1.test", "ipp-2.0.test", "ipp-everywhere.test")
EVERYWHERE_FORMATS = "application/pdf,image/jpeg,image/pwg-raster,image/urf"
PACE = "\tDELAY 0.05\n"
"""Before each job 50 ms, so that a printer without a queue has ended the one before: the 5 s that ipptool waits after
each busy answer are all that makes the suite take 500 s against ippeveprinter."""
_MAKES_WORK = re.compile(r"^\s*OPERATION (?:Print-Job|Create-Job|Send-Document|Print-URI|Send-URI)\s*$")
_RESULT = re.compile(r"^ {4}(\S.*?)\s+\[(PASS|FAIL|SKIP)\]$", re.MULTILINE)

# Its trays hold Letter until its own page is told otherwise; size and level for each tray.
LOADED = "media?" + "&".join(f"size{i}=iso_a4_210x297mm&type{i}=stationery&level{i}=250" for i in (1, 3))
EMPTY = LOADED.replace("=250", "=0")


def pdf(pages: int = 1) -> bytes:
    """`pages` blank A4 pages."""
    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(595.28, 841.89).close()
    out = BytesIO()
    document.save(out)
    document.close()
    return out.getvalue()


def drawn() -> bytes:
    """An A4 page with something on it."""
    import typst

    return typst.compile(b'#set page(paper: "a4")\n= Licence\n#circle(fill: gradient.linear(black, white))')


def jpeg() -> bytes:
    """A small grey picture."""
    ok, encoded = cv2.imencode(".jpg", np.tile(np.arange(256, dtype=np.uint8), (96, 1)))
    assert ok
    return encoded.tobytes()


def suite_folder(folder: Path, *, paced: bool, raster: bool) -> Path:
    """The suites and everything that they print, in `folder`. Debian leaves the documents out."""
    for name in FILES:
        text = (SUITES / name).read_text()
        (folder / name).write_text(_paced(text) if paced else text)
    for size in ("a4", "letter"):
        for suffix in ("pdf", "ps"):
            (folder / f"document-{size}.{suffix}").write_bytes(pdf(2))
    for name in ("color.jpg", "gray.jpg"):
        (folder / name).write_bytes(jpeg())
    if raster:
        _rasters(folder, (folder / "ipp-everywhere.test").read_text())
    return folder


def _paced(text: str) -> str:
    lines = text.splitlines(keepends=True)
    return "".join(line + PACE if _MAKES_WORK.match(line) else line for line in lines)


def _rasters(folder: Path, suite: str) -> None:
    """Every sample that the suite names; for what no printer here claims, a file that is there is enough."""
    for name in sorted(set(re.findall(r"^\s*FILE (pwg-\S+)$", suite, re.MULTILINE))):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        dpi = int(re.findall(r"-(\d+)dpi\.pwg$", name)[0])
        pages = 2 if "/document-" in name else 1
        if dpi not in (300, 600) or not ("sgray-8" in name or "black-1" in name):
            path.write_bytes(SYNC)
            continue
        path.write_bytes(SYNC + b"".join(_page(dpi, pages, black="black-1" in name) for _ in range(pages)))


def _page(dpi: int, pages: int, *, black: bool) -> bytes:
    """An A4 page with a frame, a grey ramp and a block."""
    width, height = (round(mm / 25.4 * dpi) for mm in (210, 297))
    grey = np.full((height, width), 255, np.uint8)
    grey[dpi : dpi + 8, dpi:-dpi] = grey[-dpi - 8 : -dpi, dpi:-dpi] = 0
    grey[dpi * 2 : dpi * 3, dpi:-dpi] = np.linspace(0, 255, width - 2 * dpi).astype(np.uint8)
    grey[dpi * 4 : dpi * 5, dpi : dpi * 3] = 40
    return _black_page(grey, dpi, pages) if black else encode_page(grey, dpi, pages)


def _black_page(grey: NDArray[np.uint8], dpi: int, pages: int) -> bytes:
    """As PWG 5102.4 has black_1: one bit a pixel, 1 is ink."""
    bits = np.packbits(grey < 128, axis=1)
    header = bytearray(HEADER_BYTES)
    header[0:9] = b"PwgRaster"
    fields = {
        276: dpi, 280: dpi, 340: 1, 352: A4_POINTS[0], 356: A4_POINTS[1], 372: grey.shape[1], 376: grey.shape[0],
        384: 1, 388: 1, 392: bits.shape[1], 400: 3, 420: 1, 452: pages, 456: 1, 460: 1,
    }  # fmt: skip
    for offset, value in fields.items():
        struct.pack_into(">I", header, offset, value)
    body = b"".join(b"\x00" + pack_line(row, 1) for row in bits)
    return bytes(header) + body


async def run(*command: str, cwd: Path, limit_s: float = 50) -> tuple[int, str]:
    """The program's exit code and all it said."""
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


async def ipptool(link: str, suite: str, version: str, cwd: Path, limit_s: float = 100) -> tuple[int, str]:
    """Run `suite` to its end, whatever fails, without repeating what the printer is too busy for (-R)."""
    arguments = ("-I", "-T", "20", "-V", version, "-tf", "document-a4.pdf", link, suite)
    return await run("ipptool", *arguments, cwd=cwd, limit_s=limit_s)


def results(out: str) -> list[tuple[str, str]]:
    """(test, PASS | FAIL | SKIP) in order; a suite that includes another prints no sum of both."""
    return _RESULT.findall(out)


class Eve:
    """CUPS' sample printer, without a network, under its own bus. `script` is run for every document."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.link = f"ipp://localhost:{self.port}/ipp/print"
        self.command = folder / "command.sh"
        self._formats = ""
        self._bus: subprocess.Popen[bytes] | None = None
        self._printer: subprocess.Popen[bytes] | None = None

    def script(self, body: str) -> None:
        """What "printing" is, as a shell script: STATE: and ATTR: lines to stderr, then an exit code."""
        self.command.write_text(f"#!/bin/sh\n{body}\n")
        self.command.chmod(0o755)

    async def start(self, formats: str = "application/pdf,image/pwg-raster") -> None:
        """Under a bus of its own, without which it does not start."""
        (self.folder / "spool").mkdir()
        self._formats = formats
        address = f"unix:path={self.folder}/bus"
        self._bus = subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", f"--address={address}"], stdout=subprocess.DEVNULL
        )
        async with asyncio.timeout(5):
            while not (self.folder / "bus").exists():
                await asyncio.sleep(0.02)
        await self.power_on()

    async def power_on(self) -> None:
        """Start the printer at its port."""
        spool = self.folder / "spool"
        log = (self.folder / "log").open("wb")
        self._printer = subprocess.Popen(
            [
                *("ippeveprinter", "-r", "off", "-2", "-p", str(self.port), "-n", "localhost", "-d", str(spool)),
                *("-k", "-K", str(spool), "-f", self._formats, "-c", str(self.command), "Oracle"),
            ],
            env={
                "PATH": "/usr/sbin:/usr/bin:/bin",
                "DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.folder}/bus",
                "HOME": str(self.folder),
            },
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

    def power_off(self) -> None:
        """The printer dies, without a word."""
        if self._printer is not None:
            self._printer.kill()
            self._printer.wait(5)
            self._printer = None

    def stop(self) -> None:
        """Printer and bus."""
        self.power_off()
        if self._bus is not None:
            self._bus.kill()
            self._bus.wait(5)

    def documents(self) -> list[bytes]:
        """What reached it, oldest first."""
        kept = sorted((p for p in (self.folder / "spool").iterdir() if p.suffix == ".pdf"), key=lambda p: p.name)
        return [p.read_bytes() for p in kept]

    async def web(self, query: str) -> None:
        """Use its own web page."""

        def get() -> None:
            with urlopen(f"http://localhost:{self.port}/{query}", timeout=5) as page:
                page.read()

        await asyncio.get_running_loop().run_in_executor(None, get)


@asynccontextmanager
async def eve_at(folder: Path, formats: str = "application/pdf,image/pwg-raster") -> AsyncIterator[Eve]:
    """A running ippeveprinter."""
    printer = Eve(folder)
    printer.script("exit 0")
    try:
        await printer.start(formats)
        yield printer
    finally:
        printer.stop()


def have_cups() -> bool:
    """Both programs are installed."""
    return bool(shutil.which("ipptool") and shutil.which("ippeveprinter"))
