"""What the terminal does while nobody is there: CPU time and wake-ups of each thread, then turns of the loop by task.

python tests/bench/idle_figures.py [--windows 3] [--seconds 60] [--settle 60] [--alone] [--without camera,cabinet]

The terminal's process tree alone is counted (the kernel's schedstat and voluntary switches), the simulated devices run
beside it. `--alone`: no device and no platform is there. Drawn under Xvfb: SDL's dummy window is polled, a real one is
waited for.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from screen_figures import MISSING, ROOT, simulated_world, terminal_command
from screen_x11 import tree, x_server

COUNTED = Path(__file__).with_name("idle_counted.py")


@dataclass(frozen=True)
class Row:
    """One thread or task: wake-ups a second, milliseconds of CPU a second."""

    name: str
    wakes: float
    ms: float


def threads(pid: int) -> dict[str, tuple[int, int]]:
    """Of each thread of the process tree, by its id: CPU nanoseconds and voluntary switches so far."""
    found = {}
    for process in tree(pid):
        for task in Path(f"/proc/{process}/task").iterdir():
            with suppress(OSError):
                used = int((task / "schedstat").read_text().split()[0])
                lines = (task / "status").read_text().splitlines()
                found[task.name] = used, next(int(x.split()[1]) for x in lines if x.startswith("voluntary"))
    return found


def window(pid: int, seconds: float) -> dict[str, Row]:
    """Each thread of the tree over `seconds`."""
    before, began = threads(pid), time.monotonic()
    time.sleep(seconds)
    after, lasted = threads(pid), time.monotonic() - began
    return {
        key: Row(key, (n - before.get(key, (0, 0))[1]) / lasted, (ns - before.get(key, (0, 0))[0]) / lasted / 1e6)
        for key, (ns, n) in after.items()
    }


def start(
    world: Path | None, folder: Path, table: Path | None, without: list[str], display: str
) -> subprocess.Popen[bytes]:
    """The terminal, with `table` counted."""
    layer = folder / "without.toml"
    layer.write_text("".join(f'[devices.{name}]\nlink = "{MISSING[name]}"\n' for name in without), "utf-8")
    kiosk, *given = terminal_command(folder, world)
    command = [kiosk] if table is None else [sys.executable, str(COUNTED), str(table)]
    env = {**os.environ, "DISPLAY": display, "SDL_VIDEODRIVER": "x11", "SDL_AUDIODRIVER": "dummy"}
    log = (folder / "log").open("wb")
    command = [*command, *given, "--machine", str(layer)]
    return subprocess.Popen(command, env=env, stdout=log, stderr=log, cwd=ROOT, start_new_session=True)


def show(rows: list[Row], least_ms: float) -> None:
    """The largest first; a line for all."""
    for row in sorted(rows, key=lambda each: -each.ms):
        if row.ms >= least_ms:
            print(f"{row.name:58} {row.wakes:8.2f} /s {row.ms:8.3f} ms/s")
    print(f"{'together':58} {sum(r.wakes for r in rows):8.2f} /s {sum(r.ms for r in rows):8.3f} ms/s")


def counted_table(pid: int, table: Path, seconds: float) -> tuple[list[Row], dict[str, str]]:
    """Turns of the loop by task over `seconds`, and the threads' names by their ids."""
    os.kill(pid, signal.SIGUSR1)
    time.sleep(seconds)
    os.kill(pid, signal.SIGUSR1)
    time.sleep(2.5)
    found = json.loads(table.read_text("utf-8"))
    rows = [Row(n, turns / found["seconds"], s / found["seconds"] * 1e3) for n, (turns, s) in found["turns"].items()]
    return rows, found["threads"]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--windows", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--settle", type=float, default=60.0)
    parser.add_argument("--alone", action="store_true")
    parser.add_argument("--without", default="", help="devices whose port is missing, with commas")
    given = parser.parse_args()
    without = [name for name in given.without.split(",") if name]
    with ExitStack() as stack:
        display, _ = stack.enter_context(x_server())
        world = None if given.alone else stack.enter_context(simulated_world())
        for counts in (False, True):
            folder = Path(tempfile.mkdtemp(prefix="kiosk-idle-"))
            table = folder / "table.json" if counts else None
            process = start(world, folder, table, without, display)
            try:
                time.sleep(given.settle)
                if table is None:
                    windows = [window(process.pid, given.seconds) for _ in range(given.windows)]
                    sums = [sum(row.ms for row in each.values()) for each in windows]
                    print(f"share of a core: {', '.join(f'{each / 10:.3f} %' for each in sums)}")
                    print(f"median {statistics.median(sums) / 10:.3f} %; load {os.getloadavg()[0]:.1f}")
                else:
                    rows, names = counted_table(process.pid, table, given.seconds)
                    print("\nthreads (while turns are counted)")
                    after = window(process.pid, given.seconds)
                    show([Row(names.get(key, f"thread {key}"), r.wakes, r.ms) for key, r in after.items()], 0.005)
                    print("\nturns of the core's loop")
                    show(rows, 0.005)
            finally:
                process.send_signal(signal.SIGTERM)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(15)
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
