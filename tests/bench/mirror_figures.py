"""The rows of `make bench` for the live screen: pictures and bytes a second against whole JPEG pictures, touch to
picture, and what the mirror costs the terminal.

python tests/bench/mirror_figures.py                print the rows alone; starts a bench of its own
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reader_figures import Row

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT)]

START_S = 90.0
QUIET_S = 8.0
TOUCHES = 30
BOUND_MS = 100.0
BUSY_S = 6.0
"""So long somebody goes to and fro between two pages, twice a second."""


def rows() -> Iterator[Row]:
    """All rows; some 40 seconds."""
    found = figures()
    rate, whole = found["bytes_s"] / 1024, found["jpeg_bytes_s"] / 1024
    yield Row(
        "mirror: pictures a second, two pages a second",
        f"{found['pictures_s']:.1f}",
        f"{found['jpeg_s']:.1f} whole JPEG",
        "",
    )
    yield Row("mirror: kB a second", f"{rate:.0f}", f"{whole:.0f} as whole JPEG", "less" if rate < whole else "MORE")
    worst = found["touch_ms_p95"]
    yield Row(
        "touch to picture, ms (median, 95 %)",
        f"{found['touch_ms']:.0f}, {worst:.0f}",
        f"bound {BOUND_MS:.0f}",
        "ok" if found["touch_ms"] < BOUND_MS else "OVER",
    )
    yield Row(
        "terminal's processor on standby, mirrored",
        f"{found['cpu_with']:.1f} %",
        f"{found['cpu_without']:.1f} % alone",
        "",
    )


def figures() -> dict[str, float]:
    """pictures_s, bytes_s, jpeg_s, jpeg_bytes_s, touch_ms, touch_ms_p95, cpu_with, cpu_without (percent of a core)."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "SDL_AUDIODRIVER": "dummy"}
        up = subprocess.Popen(
            [Path(sys.executable).parent / "kiosk-sim", "up", "--ephemeral", "--port", "0", "--out", folder],
            stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, env=environment,
        )  # fmt: skip
        try:
            return asyncio.run(_measured(Path(folder)))
        finally:
            up.terminate()
            up.wait(60)


async def _measured(folder: Path) -> dict[str, float]:
    from simulator.bench.calling import Caller, NoBench, find

    until = time.monotonic() + START_S
    while True:
        try:
            caller = Caller(find(str(folder)))
            caller.get("/api/screen/wait", page=["standby", "closed"], within_s=START_S)
            break
        except NoBench:
            if time.monotonic() > until:
                raise
            await asyncio.sleep(0.2)
    await asyncio.sleep(10)  # what loads late has loaded
    pid = int(caller.get("/api/state")["processes"]["terminal"]["pid"])
    alone = await _processor(pid)
    return {"cpu_without": alone, **await _looked_at(caller, pid)}


async def _looked_at(caller: Any, pid: int) -> dict[str, float]:
    from websockets.asyncio.client import connect

    address = caller.address
    url = f"{address.url.replace('http', 'ws')}/live?token={address.token}"
    async with connect(url, proxy=None, max_size=16 << 20) as socket:
        await _until_quiet(socket)
        drain = asyncio.create_task(_drain(socket))
        watched = await _processor(pid)
        drain.cancel()
        await asyncio.gather(drain, return_exceptions=True)
        touches = []
        for number in range(TOUCHES):
            touches.append(await _touched(socket, caller, number))
        pictures, size = await _to_and_fro(socket, caller)
    whole = _jpeg_bytes(caller.raw("/api/screen.png"))
    shown = pictures / BUSY_S
    return {
        "cpu_with": watched, "touch_ms": statistics.median(touches),
        "touch_ms_p95": sorted(touches)[int(len(touches) * 0.95)],
        "pictures_s": shown, "bytes_s": size / BUSY_S, "jpeg_s": shown, "jpeg_bytes_s": shown * whole,
    }  # fmt: skip


async def _touched(socket: Any, caller: Any, number: int) -> float:
    """From the touch (language there and back) to the first rectangle that shows it, in ms."""
    page = caller.get("/api/screen")
    key = next(n for n in page["tree"] if n["key"] == "language" and n["enabled"])
    left, top, width, height = key["rect"]
    began = time.perf_counter()
    await socket.send(json.dumps({"type": "touch", "x": left + width // 2, "y": top + height // 2, "phase": "tap"}))
    await _picture(socket)
    took = (time.perf_counter() - began) * 1000
    await _until_quiet(socket)
    return took


async def _to_and_fro(socket: Any, caller: Any) -> tuple[int, int]:
    """Two pages a second for a while; pictures and bytes that came."""
    counted = [0, 0]

    async def count() -> None:
        while True:
            message = await _picture(socket)
            counted[0] += 1
            counted[1] += len(message)

    counting = asyncio.create_task(count())
    end = time.monotonic() + BUSY_S
    while time.monotonic() < end:
        page = await asyncio.to_thread(caller.get, "/api/screen")
        key = next(n for n in page["tree"] if n["key"] == "language" and n["enabled"])
        left, top, width, height = key["rect"]
        await socket.send(json.dumps({"type": "touch", "x": left + width // 2, "y": top + height // 2, "phase": "tap"}))
        await asyncio.sleep(0.5)
    counting.cancel()
    await asyncio.gather(counting, return_exceptions=True)
    return counted[0], counted[1]


async def _picture(socket: Any) -> bytes:
    while True:
        message = await socket.recv()
        if isinstance(message, bytes):
            await socket.send(json.dumps({"type": "ack", "seq": int.from_bytes(message[:4], "big")}))
            return message


async def _until_quiet(socket: Any) -> None:
    while True:
        try:
            async with asyncio.timeout(0.3):
                await _picture(socket)
        except TimeoutError:
            return


async def _drain(socket: Any) -> None:
    while True:
        await _picture(socket)


async def _processor(pid: int) -> float:
    """Percent of one processor over some seconds."""

    def used() -> float:
        parts = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")

    before, began = used(), time.monotonic()
    await asyncio.sleep(QUIET_S)
    return (used() - before) / (time.monotonic() - began) * 100


def _jpeg_bytes(png: bytes) -> int:
    """The whole picture as JPEG, as another mirror would send it for every change."""
    from PIL import Image

    out = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").save(out, "JPEG", quality=85)
    return len(out.getvalue())


if __name__ == "__main__":
    for row in rows():
        print(row)
