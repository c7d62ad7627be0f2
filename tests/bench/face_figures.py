"""Faces in `make bench`: a whole try, a hint's picture, a photo's measures, start and memory of the face process.

python tests/bench/face_figures.py                 print the rows alone
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from reader_figures import Row

TIMES = 15
SCORES_EVERY = 2


def rows() -> Iterator[Row]:
    """All rows; about twenty seconds."""
    yield from asyncio.run(_measured())


async def _measured() -> list[Row]:
    import cv2
    import numpy as np

    from drivers.camera.faces import COMPARE_S, FaceEngine
    from simulator.models.camera_scenes import Scene, draw
    from simulator.people import CITIZENS

    def chip(key: str) -> np.ndarray:
        whole = cv2.imread(str(CITIZENS[key].id_photo))
        return np.asarray(cv2.resize(whole, (102, 126), interpolation=cv2.INTER_AREA), np.uint8)

    engine = FaceEngine(deadline_s=10)
    began = time.perf_counter()
    await engine.start()
    made = [Row("face process: start", f"{(time.perf_counter() - began) * 1000:.0f} ms", "budget 15 s")]
    live = [draw(Scene("citizen", "citizen-03")) for _ in range(4)]
    sitting = [draw(Scene("citizen", "citizen-03", pose="id"))]
    portrait = chip("citizen-03")
    try:
        for name, act, bound in (
            ("face: portrait against 4 pictures of 640x480", lambda: engine.compare(portrait, live), COMPARE_S),
            ("face: one picture of a hint", lambda: engine.watch(live[0], live[:1]), 1 / 6),
            ("face: one picture measured for an ID photo", lambda: engine.measure(sitting), 1 / 6),
        ):
            took = await _median(act)
            made.append(Row(name, f"{took * 1000:.0f} ms", f"bound {bound * 1000:.0f} ms", f"{took / bound:.2f}"))
        made.append(Row("face process: memory (RSS)", f"{_rss_mb(engine.pid):.0f} MB"))
        own, other = [], []
        keys = list(CITIZENS)[::SCORES_EVERY]
        for a in keys:
            for b in keys:
                verdict = await engine.compare(chip(a), [draw(Scene("citizen", b))])
                (own if a == b else other).append(verdict.score)
        words = f"own {min(own):.2f} to {max(own):.2f}, others {statistics.mean(other):.2f}, at most {max(other):.2f}"
        made.append(Row("face: scores of invented citizens", words, "pass 0.45, refuse under 0.363"))
    finally:
        await engine.close()
    return made


async def _median(act: Callable[[], Awaitable[object]]) -> float:
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        await act()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def _rss_mb(pid: int | None) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096 / 1e6


if __name__ == "__main__":
    for row in rows():
        print(*row, sep="  |  ")
