"""A hundred faults of cameras, each healed by the supervisor: nothing old is shown as live, nothing is left behind.

Every picture carries a number that says when it was made, so its age is known wherever it turns up.
"""

from __future__ import annotations

import asyncio
import gc
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from drivers.camera.driver import Camera
from drivers.camera.frames import FPS, LIVE_S
from drivers.supervisor import Rhythm, Supervisor
from simulator.models.camera import CameraSim, make
from simulator.scenes.stamp import read_stamp

CAMERAS, ROUNDS = 5, 20
SEED = 20261122
FAULTS = ("unplug", "freeze", "corrupt", "stale", "close", "unplug", "refuse")
GRACE_S = 0.4
"""For a machine that is busy: from drawing a number to reading it."""


class Eye:
    """One simulated camera, the driver on it under a supervisor, and somebody who looks all the time."""

    def __init__(self, number: int) -> None:
        sim = make("http://127.0.0.1:0/face.mjpg", numbered=True)
        assert isinstance(sim, CameraSim)
        self.sim = sim
        self.number = number
        self.seen = 0
        self.oldest = 0.0

    async def live(self, rounds: int, chance: random.Random) -> None:
        await self.sim.plug()
        camera = Camera(f"camera-{self.number}", self.sim.link, {})
        supervisor = Supervisor(camera, Rhythm(poll_s=0.1, doubt_s=0.05, first_backoff_s=0.1, longest_backoff_s=0.4))
        tasks = [asyncio.create_task(supervisor.run()), asyncio.create_task(self.look(camera))]
        try:
            for _ in range(rounds):
                await until(lambda: camera.status.usable and camera.latest() is not None, 15)
                await asyncio.sleep(chance.uniform(0, 0.2))
                await self.fail(camera, chance.choice(FAULTS))
            await until(lambda: camera.status.usable and camera.latest() is not None, 15)
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
            await self.sim.unplug()
        assert not [e for e in ended if isinstance(e, Exception)]

    async def fail(self, camera: Camera, fault: str) -> None:
        connects = camera.counters.extra.get("connects", 0)
        if fault == "unplug":
            await self.sim.unplug()
            await until(lambda: not camera.status.usable, LIVE_S + 1.0)
            await self.sim.plug()
        elif fault == "close":
            self.sim.do("close")
            await until(lambda: camera.counters.extra["connects"] > connects, 10)
        elif fault == "stale":
            self.sim.do("stale", seconds=1.0)
            await until(lambda: self.sim.trouble == "", 10)
        else:
            self.sim.do(fault)
            await until(lambda: not camera.status.usable, LIVE_S + 1.0)
            self.sim.do("restore")

    async def look(self, camera: Camera) -> None:
        while True:
            await asyncio.sleep(0.04)
            frame = camera.latest()
            if frame is None:
                continue
            number = read_stamp(frame.pixels)
            if number is None:
                # A camera that goes away zeroes what it handed out, in its own thread and under our hands.
                await asyncio.sleep(0.05)
                assert not frame.pixels.any(), "a damaged picture was shown as live"
                continue
            frame.wipe()
            self.seen += 1
            self.oldest = max(self.oldest, time.monotonic() - (number + 1) / FPS)


async def until(true: Callable[[], bool], within_s: float) -> None:
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.03)


def held() -> tuple[int, int, int]:
    gc.collect()
    fds = len(list(Path("/proc/self/fd").iterdir()))
    return fds, threading.active_count(), len(list(Path("/proc/self/task").iterdir()))


@pytest.mark.timeout(180)
async def test_a_hundred_faults_leave_nothing_behind_and_show_nothing_old() -> None:
    await asyncio.gather(*(Eye(i).live(0, random.Random(i)) for i in range(CAMERAS)))  # loads everything once
    before = held()
    eyes = [Eye(i) for i in range(CAMERAS)]
    print(f"seed {SEED}")
    await asyncio.gather(*(eye.live(ROUNDS, random.Random(SEED + eye.number)) for eye in eyes))
    after = held()
    assert all(eye.seen > ROUNDS for eye in eyes)
    assert max(eye.oldest for eye in eyes) < LIVE_S + GRACE_S
    # asyncio's own pool of threads may still grow to its size once; a leak would count a hundred.
    pool = 6
    assert after[0] <= before[0] + 2
    assert after[1] <= before[1] + pool
    assert after[2] <= before[2] + pool


def test_the_number_in_a_picture_survives_a_jpeg_and_says_when_it_did_not() -> None:
    import cv2

    from simulator.scenes.canvas import jpeg
    from simulator.scenes.stamp import stamp

    for number in (0, 1, 0x5A5A5A, 2**24 - 1):
        picture = np.full((480, 640, 3), 120, np.uint8)
        stamp(picture, number)
        seen = cv2.imdecode(np.frombuffer(jpeg(picture, 50), np.uint8), cv2.IMREAD_COLOR)
        assert seen is not None
        assert read_stamp(np.asarray(seen, np.uint8)) == number
    assert read_stamp(np.full((480, 640, 3), 120, np.uint8)) is None
