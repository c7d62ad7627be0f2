"""The figures of `make bench`: each beside a peer or a bound in the same run, never asserted on wall time.

    python tests/bench/figures.py [--idle-s 30]

Start-up and idling are measured from outside: a virtual screen whose pixels are read from its frame buffer file, and
the process table.
"""

from __future__ import annotations

import argparse
import asyncio
import mmap
import os
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
WIDTH, HEIGHT = 1080, 1920

BARE_WINDOW = """
import pygame
pygame.display.init()
screen = pygame.display.set_mode((1080, 1920))
screen.fill((20, 90, 140))
pygame.display.flip()
import time
time.sleep(60)
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """One row: what, ours, the peer or bound, and their ratio."""

    what: str
    ours: str
    peer: str = ""
    ratio: str = ""


class XScreen:
    """The pixels of a virtual X screen, read from its frame buffer file (XWD)."""

    def __init__(self, folder: Path) -> None:
        path = folder / "Xvfb_screen0"
        self._file = path.open("rb")
        self._map = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        header = struct.unpack(">25I", self._map[:100])
        self._start = header[0] + header[19] * 12
        self._stride = header[12]

    def pixel(self, x: int, y: int) -> bytes:
        """Four bytes of the pixel at x, y."""
        at = self._start + y * self._stride + x * 4
        return self._map[at : at + 4]


@contextmanager
def x_server() -> Iterator[tuple[str, XScreen]]:
    """A virtual screen of the panel's size."""
    with tempfile.TemporaryDirectory() as folder:
        read, write = os.pipe()
        command = [
            "Xvfb",
            "-displayfd",
            str(write),
            "-screen",
            "0",
            f"{WIDTH}x{HEIGHT}x24",
            "-fbdir",
            folder,
            "-nocursor",
        ]
        server = subprocess.Popen(command, pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(write)
        try:
            with os.fdopen(read) as stream:
                display = ":" + stream.readline().strip()
            yield display, XScreen(Path(folder))
        finally:
            server.terminate()
            server.wait(10)


def until(condition: Callable[[], bool], within_s: float = 30.0) -> float:
    """Seconds (monotonic clock) at which `condition` became true; polls every half millisecond."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if condition():
            return time.monotonic()
        time.sleep(0.0005)
    raise TimeoutError("never came true")


def cpu_seconds(pid: int) -> float:
    """CPU seconds that a process and all its threads have used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mib(pid: int, key: str) -> float:
    """Rss or Pss of a process in MiB."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith(f"{key}:"):
            return int(line.split()[1]) / 1024
    raise KeyError(key)


def start_bare(display: str, screen: XScreen) -> float:
    """Process start to first pixel of a bare pygame window, in seconds."""
    before = screen.pixel(40, HEIGHT - 40)
    env = {**os.environ, "DISPLAY": display, "SDL_FRAMEBUFFER_ACCELERATION": "0", "PYGAME_HIDE_SUPPORT_PROMPT": "1"}
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, "-c", BARE_WINDOW], env=env, stdout=subprocess.DEVNULL)
    try:
        return until(lambda: screen.pixel(40, HEIGHT - 40) != before) - began
    finally:
        process.kill()
        process.wait()
        time.sleep(0.3)


def terminal_command(state: Path, world: Path | None) -> list[str]:
    """The terminal on its simulated profile with a state folder of its own."""
    machine = state / "machine-bench.toml"
    text = f'state_dir = "{state}"\n[window]\nmirror = ""\n'
    machine.write_text(text, encoding="utf-8")
    layers = [*(["--machine", str(world)] if world else []), "--machine", str(machine)]
    return [str(BIN / "kiosk"), "run", "--profile", "simulated", *layers]


def start_terminal(display: str, screen: XScreen, world: Path) -> tuple[float, float, subprocess.Popen[bytes], Path]:
    """Process start to standby's first pixel, and to the first interactive home page, in seconds."""
    state = Path(tempfile.mkdtemp(prefix="kiosk-bench-"))
    command = terminal_command(state, world)
    before = screen.pixel(40, HEIGHT - 40)
    env = {**os.environ, "DISPLAY": display, "SDL_VIDEODRIVER": "x11"}
    began = time.monotonic()
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    standby = until(lambda: screen.pixel(40, HEIGHT - 40) != before) - began
    dark = screen.pixel(40, 40)
    touch = ["xdotool", "mousemove", str(WIDTH // 2), "1680", "click", "1"]
    end = time.monotonic() + 30
    while screen.pixel(40, 40) == dark:
        subprocess.run(touch, env=env, check=False, capture_output=True)
        with suppress(TimeoutError):
            until(lambda: screen.pixel(40, 40) != dark, 0.05)
        if time.monotonic() > end:
            raise TimeoutError("home never came")
    return standby, time.monotonic() - began, process, state


def start_and_idle(idle_s: float) -> Iterator[Figure]:
    """Start-up, memory and idle CPU of the whole terminal against a bare window."""
    world_dir = Path(tempfile.mkdtemp(prefix="kiosk-bench-world-"))
    layer = world_dir / "machine.toml"
    world = subprocess.Popen(
        [str(BIN / "kiosk-sim"), "up", "--ephemeral", "--no-terminal", "--out", str(world_dir)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        until(layer.exists, 30)
        time.sleep(1.5)
        with x_server() as (display, screen):
            bare = [start_bare(display, screen) for _ in range(3)]
            runs = []
            process: subprocess.Popen[bytes] | None = None
            for number in range(3):
                standby, home, process, _ = start_terminal(display, screen, layer)
                runs.append((standby, home))
                if number < 2:
                    process.terminate()
                    process.wait(15)
                    time.sleep(0.5)
            assert process is not None
            peer = statistics.median(bare)
            standby = statistics.median(r[0] for r in runs)
            home = statistics.median(r[1] for r in runs)
            yield Figure(
                "start to first pixel (standby)",
                f"{standby * 1000:.0f} ms",
                f"bare window {peer * 1000:.0f} ms",
                f"{standby / peer:.2f}",
            )
            yield Figure(
                "start to interactive home",
                f"{home * 1000:.0f} ms",
                f"bare window {peer * 1000:.0f} ms",
                f"{home / peer:.2f}",
            )
            time.sleep(125)  # the home page ends by itself; the terminal stands by
            before = cpu_seconds(process.pid)
            time.sleep(idle_s)
            idle = (cpu_seconds(process.pid) - before) / idle_s
            yield Figure(
                f"idle CPU of the terminal over {idle_s:.0f} s, five devices polled",
                f"{idle:.2%} of a core",
                "aim 0.10 %",
            )
            yield Figure(
                "memory of the terminal at standby",
                f"{memory_mib(process.pid, 'Rss'):.0f} MiB resident",
                f"{memory_mib(process.pid, 'Pss'):.0f} MiB proportional",
            )
            process.terminate()
            process.wait(15)
    finally:
        os.killpg(world.pid, signal.SIGTERM)
        world.wait(15)


def card_read() -> Iterator[Figure]:
    """A card read over a pty paced at 115200 against the wire's own time."""
    from drivers.id_card.driver import IdCardReader
    from simulator.models.id_card_reader import make

    async def measure() -> tuple[list[float], float]:
        with tempfile.TemporaryDirectory() as folder:
            device = make(f"{folder}/reader")
            await device.plug()
            device.do("present", card="citizen-07")
            reader = IdCardReader("bench", device.link, {"portrait": "standin"})
            crossings: list[int] = []
            device.wire_watchers.append(lambda c: crossings.append(len(c.data)))
            times = []
            await reader.open()
            for _ in range(7):
                await reader.find()
                crossings.clear()
                began = time.monotonic()
                await reader.read_card()
                times.append(time.monotonic() - began)
            await reader.close()
            await device.unplug()
            return times, sum(crossings) * 10 / 115200

    times, wire = asyncio.run(measure())
    ours = statistics.median(times)
    from simulator.models.sam import Times

    rf = sum(getattr(Times(), name) for name in ("find_s", "select_s", "read_s") if hasattr(Times(), name))
    yield Figure(
        "card read over the pty at 115200",
        f"{ours * 1000:.0f} ms",
        f"wire {wire * 1000:.0f} ms + simulated radio {rf * 1000:.0f} ms",
        f"{ours / (wire + rf):.3f}",
    )


def paper() -> Iterator[Figure]:
    """Receipt encoding against python-escpos alone; certificate rendering cold and warm."""
    from datetime import date

    from kiosk.certificate import render
    from kiosk.certificate_data import CertificateData
    from kiosk.receipts import compose

    values = dict.fromkeys(
        (
            "number",
            "service",
            "name",
            "fee",
            "card",
            "promise",
            "receipt_no",
            "reference",
            "hall",
            "terminal",
            "time",
            "phone",
            "qr",
        ),
        "威海 3710",
    )
    document = compose("acceptance", values, simulated=True, language="zh")
    from config.receipt_printers import receipt_printer
    from drivers.receipt_printer.encoder import encode

    profile = receipt_printer("chinese-80mm")
    encode(document, profile)
    ours = _median(lambda: encode(document, profile), 30)

    from drivers.receipt_printer.escpos_library import dummy_printer

    def plain() -> None:
        printer = dummy_printer()
        for _ in range(20):
            printer.text("威海市二十四小时自助服务终端\n")
        printer.qr("WHA1.3710022611210047", native=True)
        printer.cut()

    plain()
    peer = _median(plain, 30)
    yield Figure(
        "receipt encoded", f"{ours * 1000:.2f} ms", f"python-escpos alone {peer * 1000:.2f} ms", f"{ours / peer:.2f}"
    )

    data = CertificateData(
        template="insured-status",
        identifier="1.2.156.3005.2.11100000000013338W032.11371000MB2856435T.20260100001.001.W",
        title="社会保险个人参保证明",
        holder_name="张某荣",
        holder_number_masked="371002********5015",
        statement="在我市参加社会保险，截至二〇二六年十一月，参保情况如下：",
        columns=("险种", "参保状态", "起始年月", "累计月数"),
        rows=(("企业职工基本养老保险", "参保缴费", "2012-07", "173"), ("失业保险", "参保缴费", "2012-07", "173")),
        issuer="威海市社会保险服务中心",
        issued_on=date(2026, 11, 21),
        purpose="求职",
        valid_until=date(2027, 2, 21),
        qr="WHC1.bench",
        serial="20260100001",
    )
    began = time.monotonic()
    render(data, specimen=True, terminal_id="WH-HC-0003")
    cold = time.monotonic() - began
    warm = _median(lambda: render(data, specimen=True, terminal_id="WH-HC-0003"), 10)
    yield Figure(
        "certificate rendered (PDF/A)",
        f"{warm * 1000:.1f} ms warm",
        f"{cold * 1000:.0f} ms the first time",
        f"{warm / cold:.2f}",
    )


def _median(work: Callable[[], object], times: int) -> float:
    samples = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        samples.append(time.perf_counter() - began)
    return statistics.median(samples)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--idle-s", type=float, default=30.0)
    options = parser.parse_args()
    from rich.console import Console
    from rich.table import Table

    table = Table("figure", "ours", "peer or bound", "ratio", title="in this run, on this machine")
    for group in (paper, card_read, lambda: start_and_idle(options.idle_s)):
        for figure in group():
            table.add_row(figure.what, figure.ours, figure.peer, figure.ratio)
    Console().print(table)


if __name__ == "__main__":
    main()
