"""The screen's rows of `make bench`: our terminal beside QML, Kivy and Chromium, each seen from outside in one run.

python tests/bench/screen_figures.py [--starts 5] [--taps 30] [--idle-s 20] [--only ours,qml] [--pictures FOLDER]

The peers show a home page with header, twelve tiles and a clock; ours is the whole terminal as `make run` starts it,
on simulated devices that run beside it and are not counted. A start is over when every probe point has the colour
that it keeps. Cold: every file of the stack was dropped from the page cache before. Absent peers are said.
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
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from reader_figures import Row
from screen_x11 import (
    HEIGHT,
    WIDTH,
    Finger,
    Point,
    XScreen,
    cpu_of_tree,
    forget_files,
    memory_mib,
    thread_cpu,
    tree,
    until,
    x_server,
)

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
PEERS = Path(__file__).parent / "peers"
PEER_VENV = ROOT / ".venv" / "bench-peers"
FONTS = [ROOT / "config/fonts/NotoSansSC-Common.otf", ROOT / "config/fonts/NotoSansSC-Bold.otf"]
NAMES = "社会保险 公积金 不动产 交通出行 户籍 婚育 教育 医疗 就业 税务 企业 查询打印"
SETTLE_S = 4.0
"""Until a peer has painted all it will."""
OURS_SETTLE_S = 25.0
"""Until all devices are ready and what loads late has loaded."""
TARGETS = {"cold": 0.5, "warm": 0.5, "tap": 1.0, "idle": 0.1, "pss": 0.4}
PEER_PROBES: list[Point] = [(20, 1000), (202, 435), (202, 1155), (878, 1515), (400, 1850), (540, 75), (60, 360)]
PEER_TILE: Point = (60, 480)
OURS_PROBES: list[Point] = [(20, 1900), (1060, 1900), (20, 700), (1060, 700), (20, 1400), (540, 1700)]
"""On standby: the backdrop along the edges and the large button."""
NOBODY = "127.0.0.1:9"
MISSING = {
    **dict.fromkeys(("id_card", "receipt_printer", "cabinet", "barcode"), "serial:///dev/kiosk-bench-none"),
    **dict.fromkeys(("camera", "document_camera"), f"http://{NOBODY}/none.mjpg"),
    "licence_printer": f"ipp://{NOBODY}/ipp/print",
    "payment_pad": f"tcp://{NOBODY}",
}
NEAR = 6
"""How far a colour may be off, of 255."""
BESIDE: Point = (10, 310)
"""Where nothing can be touched."""


@dataclass
class Figures:
    """What was measured of one stack: seconds, seconds, shares of a core, MiB."""

    cold: list[float] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)
    tap: list[float] = field(default_factory=list)
    idle: float = 0.0
    idle_main: float = 0.0
    """Of that, the first process's main thread: with us the screen, without the devices."""
    idle_alone: float = 0.0
    """Ours without devices and platform, as the peers are: the whole process tree."""
    pss: float = 0.0
    processes: int = 0
    home: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Stack:
    """How one stack is started, where its files lie, and which pixels say that it stands."""

    name: str
    command: Callable[[Path], list[str]]
    files: list[Path]
    probes: list[Point]
    settle_s: float


def stacks(folder: Path, world: Path | None) -> list[Stack]:
    """Ours and the peers that can be started here; files are made in `folder`."""
    python_files = [Path(sysconfig.get_paths()["stdlib"])]
    home = {"hall": "环翠区政务服务中心", "title": "您要办什么？", "tiles": NAMES.split(" ")}
    home["fonts"] = [str(font) for font in FONTS]
    words = json.dumps(home, ensure_ascii=False)
    (folder / "home.json").write_text(words, encoding="utf-8")
    page = (PEERS / "home.html").read_text("utf-8")
    for place, value in (("FONT_REGULAR", FONTS[0].as_uri()), ("FONT_BOLD", FONTS[1].as_uri()), ("HOME", words)):
        page = page.replace(place, value)
    (folder / "home.html").write_text(page, encoding="utf-8")
    python = str(PEER_VENV / "bin" / "python")
    ours_files = [*python_files, Path(sysconfig.get_paths()["platlib"]), *(ROOT / d for d in ("kiosk", "screens"))]
    ours_files += [ROOT / "config", ROOT / "drivers", folder / "pyc"]
    found = [Stack("ours", lambda state: terminal_command(state, world), ours_files, OURS_PROBES, OURS_SETTLE_S)]
    for name, package in (("qml", "PySide6"), ("kivy", "kivy")):
        if list(PEER_VENV.glob(f"lib/python*/site-packages/{package}")):
            command = [python, str(PEERS / f"{name}_home.py"), str(folder / "home.json")]
            found.append(Stack(name, lambda _, c=command: c, [*python_files, PEER_VENV], PEER_PROBES, SETTLE_S))
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser:
        files = [path for path in (Path("/usr/lib/chromium"), Path("/usr/lib/chromium-browser")) if path.exists()]
        found.append(
            Stack("chromium", lambda state: chromium_command(browser, state, folder), files, PEER_PROBES, SETTLE_S)
        )
    return found


def chromium_command(browser: str, state: Path, folder: Path) -> list[str]:
    """Chromium as a kiosk would start it, without a GPU, a profile of its own and nothing that phones home."""
    switches = ["--kiosk", "--no-sandbox", "--disable-gpu", "--no-first-run", "--no-default-browser-check"]
    switches += ["--disable-features=Translate", "--lang=zh-CN", "--disable-background-networking"]
    switches += [f"--window-size={WIDTH},{HEIGHT}", "--window-position=0,0", f"--user-data-dir={state}"]
    return [browser, *switches, (folder / "home.html").as_uri()]


def terminal_command(state: Path, world: Path | None) -> list[str]:
    """The terminal on its simulated profile with a state folder of its own, without the mirror of the bench.

    Without a `world` every port of a device is missing, and nobody listens where the platform should be.
    """
    machine = state / "machine-bench.toml"
    text = f'state_dir = "{state}"\n[window]\nmirror = ""\n'
    if world is None:
        text += f'[platform]\nurl = "http://{NOBODY}"\n'
        text += "".join(f'[devices.{name}]\nlink = "{link}"\n' for name, link in MISSING.items())
    machine.write_text(text, encoding="utf-8")
    layers = [*(["--machine", str(world)] if world else []), "--machine", str(machine)]
    return [str(BIN / "kiosk"), "run", "--profile", "simulated", *layers]


@contextmanager
def simulated_world() -> Iterator[Path]:
    """All devices and the platform in processes of their own; gives the machine layer that names them."""
    folder = Path(tempfile.mkdtemp(prefix="kiosk-bench-world-"))
    layer = folder / "machine.toml"
    command = [str(BIN / "kiosk-sim"), "up", "--ephemeral", "--no-terminal", "--out", str(folder)]
    world = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        until(layer.exists, 60)
        time.sleep(2.0)
        yield layer
    finally:
        os.killpg(world.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            world.wait(15)
        shutil.rmtree(folder, ignore_errors=True)


class Run:
    """One start of one stack on a screen of its own."""

    def __init__(self, stack: Stack, display: str, screen: XScreen, cache: Path) -> None:
        self.screen = screen
        self.state = Path(tempfile.mkdtemp(prefix="kiosk-bench-"))
        env = {**os.environ, "DISPLAY": display, "SDL_VIDEODRIVER": "x11", "PYTHONPYCACHEPREFIX": str(cache)}
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        command = stack.command(self.state)
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True, cwd=ROOT
        )

    def stop(self) -> None:
        """End it, whatever it is doing, and throw its files away."""
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(15)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(5)
        shutil.rmtree(self.state, ignore_errors=True)


def measure(stack: Stack, starts: int, taps: int, idle_s: float, cache: Path, pictures: Path | None) -> Figures:
    """One stack: what stands at its probe points, then starts warm and cold, taps, idling, memory."""
    figures = Figures()
    with x_server() as (display, screen):
        finger = Finger(display)
        finger.move(BESIDE)
        try:
            run = Run(stack, display, screen, cache)
            try:
                right = _settled(stack, screen)
                if pictures:
                    (pictures / f"{stack.name}.ppm").write_bytes(screen.ppm())
                time.sleep(stack.settle_s)
                figures.idle, figures.idle_main = _idle(run.process.pid, idle_s)
                figures.pss = sum(memory_mib(pid, "Pss") for pid in tree(run.process.pid))
                figures.processes = len(tree(run.process.pid))
                figures.tap = _taps(stack, screen, finger, taps)
            finally:
                run.stop()
            for cold in (False, True):
                for _ in range(starts):
                    until(lambda: not _stands(stack, screen, right), 10)
                    if cold:
                        forget_files(stack.files)
                    run = Run(stack, display, screen, cache)
                    try:
                        end = until(lambda: _stands(stack, screen, right), 60)
                        (figures.cold if cold else figures.warm).append(end - run.began)
                        if stack.name == "ours" and not cold:
                            figures.home.append(_until_home(screen, finger) - run.began)
                    finally:
                        run.stop()
        finally:
            finger.close()
    return figures


def idle_alone(idle_s: float, cache: Path) -> float:
    """Our terminal with no device and no platform there: share of a core that its whole process tree takes."""
    stack = Stack("ours alone", lambda state: terminal_command(state, None), [], OURS_PROBES, OURS_SETTLE_S)
    with x_server() as (display, screen):
        run = Run(stack, display, screen, cache)
        try:
            _settled(stack, screen)
            time.sleep(stack.settle_s)
            return _idle(run.process.pid, idle_s)[0]
        finally:
            run.stop()


def _settled(stack: Stack, screen: XScreen) -> list[bytes]:
    """The colours of the probe points, once they have not changed for a second and are not all one."""
    last, since = screen.pixels(stack.probes), time.monotonic()
    end = since + 60
    while time.monotonic() < end:
        now = screen.pixels(stack.probes)
        if now != last:
            last, since = now, time.monotonic()
        if len(set(now)) > 2 and time.monotonic() - since > 1.0:
            return now
        time.sleep(0.02)
    raise TimeoutError(f"{stack.name}: no page came")


def _stands(stack: Stack, screen: XScreen, right: list[bytes]) -> bool:
    """Whether every probe point has its colour; our standby moves by a few pixels of its gradient each minute."""
    pairs = zip(screen.pixels(stack.probes), right, strict=True)
    return all(abs(a - b) <= NEAR for now, then in pairs for a, b in zip(now, then, strict=True))


def _idle(pid: int, seconds: float) -> tuple[float, float]:
    """Shares of a core that the whole process tree, and its first thread, take while nobody is there."""
    before, main = cpu_of_tree(pid), thread_cpu(pid)
    began = time.monotonic()
    time.sleep(seconds)
    after, end, lasted = cpu_of_tree(pid), thread_cpu(pid), time.monotonic() - began
    return sum(used - before.get(each, 0.0) for each, used in after.items()) / lasted, (end - main) / lasted


def _until_home(screen: XScreen, finger: Finger) -> float:
    """When the home page stands: a finger taps on standby again and again, as an impatient one does."""
    probe: Point = (1060, 700)
    dark = screen.pixel(*probe)
    end = time.monotonic() + 30
    while time.monotonic() < end:
        finger.tap((540, 1000))
        with suppress(TimeoutError):
            until(lambda: screen.pixel(*probe) != dark, 0.05)
            finger.move(BESIDE)
            return time.monotonic()
    raise TimeoutError("home never came")


def _taps(stack: Stack, screen: XScreen, finger: Finger, taps: int) -> list[float]:
    """Seconds from a touch to the tile's first changed pixel; the finger then slides off, so that nothing opens."""
    at = PEER_TILE
    if stack.name == "ours":
        _until_home(screen, finger)
        time.sleep(1.0)
        at = _a_tile(screen)
    found = []
    for _ in range(taps):
        finger.move(at)
        time.sleep(0.06)
        calm = screen.pixel(*at)
        began = time.monotonic()
        finger.press(down=True)
        found.append(until(lambda c=calm: screen.pixel(*at) != c, 5) - began)
        finger.move(BESIDE)
        finger.press(down=False)
        until(lambda c=calm: screen.pixel(*at) == c, 5)
        time.sleep(0.17)
    return found


def _a_tile(screen: XScreen) -> Point:
    """A place inside a card of our home page: far from its edges, on its plain ground."""
    for y in range(700, 1500, 10):
        for x in range(60, 500, 10):
            around = {screen.pixel(x + dx, y + dy) for dx in range(0, 24, 4) for dy in range(0, 24, 4)}
            if around == {b"\xff\xff\xff"}:
                return x + 12, y + 12
    raise TimeoutError("no tile on the home page")


def rows(
    *,
    starts: int = 5,
    taps: int = 30,
    idle_s: float = 20.0,
    only: Sequence[str] = (),
    pictures: Path | None = None,
) -> Iterator[Row]:
    """All rows; about three minutes."""
    measured: dict[str, Figures] = {}
    with tempfile.TemporaryDirectory(prefix="kiosk-bench-peers-") as name, simulated_world() as world:
        folder = Path(name)
        for stack in stacks(folder, world):
            if only and stack.name not in only:
                continue
            try:
                measured[stack.name] = measure(stack, starts, taps, idle_s, folder / "pyc", pictures)
                if stack.name == "ours":
                    measured[stack.name].idle_alone = idle_alone(idle_s, folder / "pyc")
            except (TimeoutError, OSError) as error:
                yield Row(f"screen: {stack.name}", "not measured", str(error))
    for name in ("ours", "qml", "kivy", "chromium"):
        if name not in measured and (not only or name in only):
            yield Row(f"screen: {name}", "absent here", "make bench installs it" if name != "chromium" else "Debian's")
    ours, chromium = measured.get("ours"), measured.get("chromium")
    if ours is None:
        return
    yield from _compared(ours, measured)
    yield Row("start to the home page, touched as soon as it can be", _ms(ours.home))
    if chromium is not None:
        yield Row("processes of the tree", str(ours.processes), f"chromium {chromium.processes}")


def _compared(ours: Figures, measured: dict[str, Figures]) -> Iterator[Row]:
    """A row a figure: ours, every peer, the ratio to Chromium (idling: to the bound) and what it should be."""
    peers = {name: figures for name, figures in measured.items() if name != "ours"}

    def row(what: str, of: Callable[[Figures], float], say: Callable[[Figures], str], aim: float) -> Row:
        beside = ", ".join(f"{name} {say(figures)}" for name, figures in peers.items())
        ratio = f"{of(ours) / of(peers['chromium']):.2f} (aim {aim:g})" if "chromium" in peers else ""
        return Row(what, say(ours), beside, ratio)

    median = statistics.median
    yield row("cold start to first right pixel", lambda f: median(f.cold), lambda f: _ms(f.cold), TARGETS["cold"])
    yield row("warm start to first right pixel", lambda f: median(f.warm), lambda f: _ms(f.warm), TARGETS["warm"])
    yield row("touch to paint, p95", lambda f: _p95(f.tap), lambda f: f"{_p95(f.tap) * 1000:.1f} ms", TARGETS["tap"])
    yield row("memory of the process tree (PSS)", lambda f: f.pss, lambda f: f"{f.pss:.0f} MiB", TARGETS["pss"])
    beside = ", ".join(f"{name} {figures.idle:.2%}" for name, figures in peers.items())
    aim = f"aim {TARGETS['idle']:g} % of a core"
    yield Row("idle, all processes, no device there, share of a core", f"{ours.idle_alone:.2%}", beside, aim)
    yield Row("idle, all processes, eight devices watched", f"{ours.idle:.2%}", "no peer watches any")
    yield Row("of that, the screen's thread", f"{ours.idle_main:.2%}", "", aim)


def _ms(seconds: list[float]) -> str:
    return f"{statistics.median(seconds) * 1000:.0f} ms" if seconds else "-"


def _p95(seconds: list[float]) -> float:
    return sorted(seconds)[max(0, round(0.95 * len(seconds)) - 1)]


def main() -> None:
    """Print the rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--taps", type=int, default=30)
    parser.add_argument("--idle-s", type=float, default=20.0)
    parser.add_argument("--only", default="", help="stacks, with commas")
    parser.add_argument("--pictures", type=Path, help="a folder for what each stack showed (PPM)")
    given = parser.parse_args()
    only = [name for name in given.only.split(",") if name]
    wanted = {"starts": given.starts, "taps": given.taps, "idle_s": given.idle_s}
    for what, ours, beside, ratio in rows(**wanted, only=only, pictures=given.pictures):
        print(f"{what:52} {ours:12} {beside:56} {ratio}")


if __name__ == "__main__":
    main()
