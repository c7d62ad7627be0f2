"""The figures of `make bench`: each beside a peer or a bound in the same run, never asserted on wall time.

    python tests/bench/figures.py [--idle-s 30]

Start-up and idling are measured from outside: a virtual screen whose pixels are read from its frame buffer file, and
the process table.
"""

from __future__ import annotations

import argparse
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
from pathlib import Path

import camera_figures
import document_figures
import entry_figures
import face_figures
import finding_figures
import journal_figures
import money_figures
import paper_figures
import reader_figures
import soak_figures
import vision_figures
from reader_figures import Row

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
WIDTH, HEIGHT = 1080, 1920
SETTLE_S = 15.0
"""Until all devices are ready and what loads late has loaded."""

BARE_WINDOW = """
import pygame
pygame.display.init()
screen = pygame.display.set_mode((1080, 1920))
screen.fill((20, 90, 140))
pygame.display.flip()
import time
time.sleep(60)
"""


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


def start_terminal(
    display: str, screen: XScreen, world: Path, *, touch: bool
) -> tuple[float, float, subprocess.Popen[bytes]]:
    """Seconds from process start to standby's first pixel, and, when touched, to the first interactive home page."""
    state = Path(tempfile.mkdtemp(prefix="kiosk-bench-"))
    command = terminal_command(state, world)
    before = screen.pixel(40, HEIGHT - 40)
    env = {**os.environ, "DISPLAY": display, "SDL_VIDEODRIVER": "x11"}
    began = time.monotonic()
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    standby = until(lambda: screen.pixel(40, HEIGHT - 40) != before) - began
    if not touch:
        return standby, standby, process
    dark = screen.pixel(40, 40)
    click = ["xdotool", "mousemove", str(WIDTH // 2), "1680", "click", "1"]
    end = time.monotonic() + 30
    while screen.pixel(40, 40) == dark:
        subprocess.run(click, env=env, check=False, capture_output=True)
        with suppress(TimeoutError):
            until(lambda: screen.pixel(40, 40) != dark, 0.05)
        if time.monotonic() > end:
            raise TimeoutError("home never came")
    return standby, time.monotonic() - began, process


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the terminal and let its ports go."""
    process.terminate()
    process.wait(15)
    time.sleep(0.5)


def start_and_idle(idle_s: float) -> Iterator[Row]:
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
            for _ in range(3):
                standby, home, process = start_terminal(display, screen, layer, touch=True)
                runs.append((standby, home))
                stop(process)
            process = start_terminal(display, screen, layer, touch=False)[2]
            peer = statistics.median(bare)
            standby = statistics.median(r[0] for r in runs)
            home = statistics.median(r[1] for r in runs)
            yield Row(
                "start to first pixel (standby)",
                f"{standby * 1000:.0f} ms",
                f"bare window {peer * 1000:.0f} ms",
                f"{standby / peer:.2f}",
            )
            yield Row(
                "start to interactive home",
                f"{home * 1000:.0f} ms",
                f"bare window {peer * 1000:.0f} ms",
                f"{home / peer:.2f}",
            )
            time.sleep(SETTLE_S)
            before = cpu_seconds(process.pid)
            time.sleep(idle_s)
            idle = (cpu_seconds(process.pid) - before) / idle_s
            yield Row(
                f"idle CPU of the terminal over {idle_s:.0f} s, five devices polled",
                f"{idle:.2%} of a core",
                "aim 0.10 %",
            )
            yield Row(
                "memory of the terminal at standby",
                f"{memory_mib(process.pid, 'Rss'):.0f} MiB resident",
                f"{memory_mib(process.pid, 'Pss'):.0f} MiB proportional",
            )
            stop(process)
    finally:
        os.killpg(world.pid, signal.SIGTERM)
        world.wait(15)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--idle-s", type=float, default=30.0)
    options = parser.parse_args()
    from rich.console import Console
    from rich.table import Table

    table = Table("figure", "ours", "peer or bound", "ratio", title="in this run, on this machine")
    by_module = (
        paper_figures,
        money_figures,
        journal_figures,
        reader_figures,
        soak_figures,
        vision_figures,
        face_figures,
        document_figures,
        camera_figures,
        finding_figures,
        entry_figures,
    )
    for group in (*(each.rows for each in by_module), lambda: start_and_idle(options.idle_s)):
        for what, ours, peer, ratio in group():
            table.add_row(what, ours, peer, ratio)
    Console().print(table)


if __name__ == "__main__":
    main()
