"""Cameras in `make bench`: a picture from line to memory by size, the preview, and what a camera costs nobody looks at.

python tests/bench/camera_figures.py                 print the rows alone
"""

from __future__ import annotations

import asyncio
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

from reader_figures import Row

SIZES = ((640, 480), (1280, 720), (1920, 1440))
TIMES = 30
WATCHED_S = 8.0
PREVIEW = (720, 540)
PREVIEW_HZ = 12
_SERVER = """
import asyncio, json, sys
from simulator.models.camera import make
async def main():
    sim = make("http://127.0.0.1:0/face.mjpg")
    await sim.plug()
    sim.do("show", face="citizen-07")
    print(sim.link, flush=True)
    await asyncio.sleep(120)
asyncio.run(main())
"""


def rows() -> Iterator[Row]:
    """All rows; about half a minute."""
    yield from _by_size()
    yield from asyncio.run(_over_the_line())


def _by_size() -> Iterator[Row]:
    """Checking and decoding one JPEG, beside the decoding alone; with what light and sharpness cost."""
    import cv2
    import numpy as np

    from drivers.camera.frames import jpeg_damage
    from drivers.camera.measures import exposure, sharpness
    from simulator.scenes.canvas import jpeg
    from simulator.scenes.documents import DeskScene, draw

    desk = draw(DeskScene("a4"))[0]
    for width, height in SIZES:
        packet = jpeg(np.asarray(cv2.resize(desk, (width, height), interpolation=cv2.INTER_AREA), np.uint8))
        raw = np.frombuffer(packet, np.uint8)
        ours, alone, measured = [], [], []
        for _ in range(TIMES):
            began = time.perf_counter()
            assert jpeg_damage(packet) is None
            whole = cv2.imdecode(raw, cv2.IMREAD_COLOR)
            ours.append(time.perf_counter() - began)
            began = time.perf_counter()
            cv2.imdecode(raw, cv2.IMREAD_COLOR)
            alone.append(time.perf_counter() - began)
            began = time.perf_counter()
            pixels = np.asarray(whole, np.uint8)
            exposure(pixels)
            sharpness(pixels)
            measured.append(time.perf_counter() - began)
        mine, peer = statistics.median(ours), statistics.median(alone)
        yield Row(
            f"camera: a picture of {width}x{height}, checked and decoded",
            f"{mine * 1000:.1f} ms (light and sharpness {statistics.median(measured) * 1000:.1f} ms)",
            f"imdecode alone {peer * 1000:.1f} ms",
            f"{mine / peer:.2f}",
        )


async def _over_the_line() -> list[Row]:
    """CPU of this process with a camera that is looked through, previewed, and at rest; how fast it wakes."""
    from drivers.camera import grabber
    from drivers.camera.driver import Camera

    server = subprocess.Popen([sys.executable, "-c", _SERVER], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    camera = Camera("bench", server.stdout.readline().strip(), {})
    made = []
    try:
        await camera.open()
        shown = 0

        async def look() -> None:
            nonlocal shown
            last = 0
            end = time.monotonic() + WATCHED_S
            while time.monotonic() < end:
                frame = camera.latest()
                if frame is not None and frame.number != last and await camera.preview(PREVIEW):
                    last, shown = frame.number, shown + 1
                await asyncio.sleep(1 / (2 * PREVIEW_HZ))

        busy = await _cpu(look())
        size = f"{PREVIEW[0]}x{PREVIEW[1]}"
        per_s = shown / WATCHED_S
        made.append(Row(f"camera: preview of {size}", f"{per_s:.1f} pictures/s, {busy:.1%} of a core", "sent 12/s"))
        await asyncio.sleep(grabber.REST_AFTER_S + 1)
        rest = await _cpu(asyncio.sleep(WATCHED_S))
        made.append(Row("camera: nobody looks through it", f"{rest:.2%} of a core", f"{busy:.1%} looked through"))
        began = time.perf_counter()
        while camera.latest() is None:
            await asyncio.sleep(0.005)
        woke = time.perf_counter() - began
        made.append(
            Row("camera: first picture after a rest", f"{woke * 1000:.0f} ms", "aim 500 ms", f"{woke / 0.5:.2f}")
        )
    finally:
        await camera.close()
        server.kill()
        server.wait()
    return made


async def _cpu(work: object) -> float:
    """The share of a core that this process uses while `work` is awaited."""
    began, before = time.perf_counter(), _used()
    await work  # type: ignore[misc]  # an awaitable
    return (_used() - before) / (time.perf_counter() - began)


def _used() -> float:
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return spent.ru_utime + spent.ru_stime


if __name__ == "__main__":
    print(json.dumps([row._asdict() for row in rows()], indent=1))
