"""A virtual X screen seen and touched from outside: pixels out of its frame buffer file, fingers through XTest."""

from __future__ import annotations

import ctypes
import ctypes.util
import mmap
import os
import struct
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

WIDTH, HEIGHT = 1080, 1920
LOOK_EVERY_S = 0.0005

Point = tuple[int, int]


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
        """Three bytes of the pixel at x, y: blue, green, red."""
        at = self._start + y * self._stride + x * 4
        return self._map[at : at + 3]

    def pixels(self, points: list[Point]) -> list[bytes]:
        """Those pixels."""
        return [self.pixel(*point) for point in points]

    def ppm(self) -> bytes:
        """The whole screen as a picture that every viewer opens (PPM)."""
        rows = (
            self._map[self._start + y * self._stride : self._start + y * self._stride + WIDTH * 4]
            for y in range(HEIGHT)
        )
        whole = b"".join(rows)
        rgb = bytearray(WIDTH * HEIGHT * 3)
        for channel in range(3):
            rgb[channel::3] = whole[2 - channel :: 4]
        return b"P6 %d %d 255\n" % (WIDTH, HEIGHT) + rgb


class Finger:
    """Touches the screen as the X server's own pointer (XTest)."""

    def __init__(self, display: str) -> None:
        self._x11 = ctypes.CDLL(ctypes.util.find_library("X11") or "libX11.so.6")
        self._test = ctypes.CDLL(ctypes.util.find_library("Xtst") or "libXtst.so.6")
        self._x11.XOpenDisplay.restype = ctypes.c_void_p
        self._x11.XCloseDisplay.argtypes = [ctypes.c_void_p]
        self._x11.XFlush.argtypes = [ctypes.c_void_p]
        self._test.XTestFakeMotionEvent.argtypes = [ctypes.c_void_p, *[ctypes.c_int] * 3, ctypes.c_ulong]
        self._test.XTestFakeButtonEvent.argtypes = [ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_ulong]
        self._display = self._x11.XOpenDisplay(display.encode())
        if not self._display:
            raise OSError(f"no X server at {display}")

    def move(self, at: Point) -> None:
        """Point there, without touching."""
        self._test.XTestFakeMotionEvent(self._display, -1, *at, 0)
        self._x11.XFlush(self._display)

    def press(self, *, down: bool) -> None:
        """Touch down, or lift."""
        self._test.XTestFakeButtonEvent(self._display, 1, int(down), 0)
        self._x11.XFlush(self._display)

    def tap(self, at: Point) -> None:
        """Down and up there."""
        self.move(at)
        self.press(down=True)
        self.press(down=False)

    def close(self) -> None:
        """Let the server go."""
        self._x11.XCloseDisplay(self._display)


@contextmanager
def x_server() -> Iterator[tuple[str, XScreen]]:
    """A virtual screen of the panel's size."""
    with tempfile.TemporaryDirectory() as folder:
        read, write = os.pipe()
        size = f"{WIDTH}x{HEIGHT}x24"
        command = ["Xvfb", "-displayfd", str(write), "-screen", "0", size, "-fbdir", folder, "-nocursor", "-br"]
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
    """Seconds (monotonic clock) at which `condition` became true; looks every half millisecond."""
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if condition():
            return time.monotonic()
        time.sleep(LOOK_EVERY_S)
    raise TimeoutError("never came true")


def tree(pid: int) -> list[int]:
    """A process and everything that it has started."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rsplit(")", 1)[1].split()
        except OSError:  # it has ended meanwhile
            continue
        parents.setdefault(int(fields[1]), []).append(int(entry.parent.name))
    found, todo = [], [pid]
    while todo:
        each = todo.pop()
        found.append(each)
        todo += parents.get(each, [])
    return found


def cpu_seconds(pid: int) -> float:
    """CPU seconds that a process and all its threads have used."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def cpu_of_tree(pid: int) -> Mapping[int, float]:
    """CPU seconds of each process of a tree, to the nanosecond where the kernel keeps `schedstat`."""
    return {each: _exact(each) for each in tree(pid)}


def thread_cpu(tid: int) -> float:
    """CPU seconds of one thread of that number (a process's first thread has the process's)."""
    return int(Path(f"/proc/{tid}/task/{tid}/schedstat").read_text().split()[0]) / 1e9


def _exact(pid: int) -> float:
    try:
        tasks = [int(task.read_text().split()[0]) for task in Path(f"/proc/{pid}/task").glob("*/schedstat")]
    except OSError:
        return cpu_seconds(pid)
    return sum(tasks) / 1e9 if any(tasks) else cpu_seconds(pid)


def memory_mib(pid: int, key: str) -> float:
    """Rss or Pss of a process in MiB; 0 when it has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{key}:")), 0.0)


def forget_files(roots: list[Path]) -> None:
    """Take every file under `roots` out of the page cache, so that the next start reads the disk."""
    os.sync()  # only clean pages are dropped
    for root in roots:
        for path in (root,) if root.is_file() else root.rglob("*"):
            if path.is_symlink() or not path.is_file():
                continue
            handle = os.open(path, os.O_RDONLY)
            try:
                os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(handle)
