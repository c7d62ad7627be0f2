"""The camera against the simulated one, over HTTP and OpenCV's FFMPEG."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest

from drivers.camera.driver import Camera
from drivers.camera.frames import LIVE_S
from drivers.device import DeviceState
from drivers.errors import (
    DeviceError,
    DeviceFault,
    LinkLost,
    LinkRefused,
    NoAnswer,
    NoMedia,
    PortMissing,
    ProtocolError,
)
from drivers.supervisor import Rhythm, Supervisor
from simulator.device import UnknownVerb
from simulator.models.camera import CameraSim, make, well_apart


@asynccontextmanager
async def standing(**options: object) -> AsyncIterator[tuple[CameraSim, Camera]]:
    """A plugged camera that sees a citizen, and the closed device for it."""
    sim = make("http://127.0.0.1:0/face.mjpg")
    assert isinstance(sim, CameraSim)
    await sim.plug()
    sim.do("show", face="citizen-07")
    camera = Camera("camera", sim.link, options)
    try:
        yield sim, camera
    finally:
        await camera.close()
        await sim.unplug()


async def trouble(camera: Camera, within_s: float) -> DeviceError:
    """The first error of polling."""
    async with asyncio.timeout(within_s):
        while True:
            try:
                await camera.poll()
            except DeviceError as error:
                return error
            await asyncio.sleep(0.03)


async def until(true: Callable[[], bool], within_s: float) -> None:
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.03)


async def test_pictures_previews_and_people() -> None:
    async with standing() as (sim, camera):
        assert camera.latest() is None
        await camera.open()
        assert (await camera.poll()).device is DeviceState.ONLINE
        assert camera.status.usable
        assert "640x480" in camera.status.model
        first, second = await camera.frames(2, within_s=5)
        assert first.pixels.shape == (480, 640, 3)
        assert second.at - first.at >= 0.1
        assert not np.array_equal(first.pixels, second.pixels)
        assert first.pixels.mean() > 60
        preview = await camera.preview((300, 300))
        assert preview is not None
        assert len(preview) == 300 * 300 * 3
        camera.wipe()
        assert not first.pixels.any()
        assert not second.pixels.any()
        with pytest.raises(ValueError, match="preview"):
            await camera.preview((5, 5))
        with pytest.raises(ValueError, match="pictures"):
            await camera.frames(9, within_s=1)
        sim.do("cover")
        await until(lambda: (f := camera.latest()) is not None and f.pixels.mean() < 10, 3)
        assert [w.cause for w in (await camera.poll()).warnings] == ["dark"]


async def test_the_preview_is_a_mirror_in_rgb() -> None:
    """What is at the left of the picture is at the right of the preview, red first."""
    async with standing() as (sim, camera):
        sim.do(
            "two", face="citizen-07", other="citizen-03"
        )  # an orange shirt at the picture's left, violet at the right
        await camera.open()
        frame = (await camera.frames(1, within_s=5))[0]
        left, right = frame.pixels[460, 60].copy(), frame.pixels[460, 580].copy()
        assert left[2] > left[0] + 40, "BGR: the orange shirt"
        assert right[0] > right[1] + 40, "BGR: the violet shirt"
        raw = await camera.preview((640, 480))
        assert raw is not None
        rows = np.frombuffer(raw, np.uint8).reshape(480, 640, 3)
        assert np.abs(rows[460, 579].astype(int) - left[::-1]).max() < 40


async def test_a_code_is_read_from_a_phone() -> None:
    payload = "https://example.invalid/w/营业执照-7788"
    async with standing() as (sim, camera):
        await camera.open()
        with pytest.raises(NoMedia, match="no readable code"):
            await camera.read_code({"qr"}, 0.5)
        cancel = asyncio.Event()
        asyncio.get_running_loop().call_later(0.2, cancel.set)
        assert await camera.read_code({"qr"}, 5, cancel) is None
        sim.do("code", payload=payload)
        code = await camera.read_code({"qr"}, 8)
        assert code is not None
        assert code.text == payload
        assert payload not in str(sim.state())


@pytest.mark.parametrize(
    ("verb", "kind", "device"),
    [
        ("freeze", DeviceFault, DeviceState.HARDWARE_ERROR),
        ("corrupt", ProtocolError, DeviceState.HARDWARE_ERROR),
        ("stall", NoAnswer, DeviceState.OFFLINE),
        ("refuse", LinkLost, DeviceState.OFFLINE),
    ],
)
async def test_troubles_are_told_apart_in_time(verb: str, kind: type[DeviceError], device: DeviceState) -> None:
    async with standing() as (sim, camera):
        await camera.open()
        await camera.frames(1, within_s=3)
        state = sim.do(verb)
        began = time.monotonic()
        error = await trouble(camera, 4)
        assert time.monotonic() - began < LIVE_S + 0.7
        assert type(error) is kind
        assert error.code == state["signal"]
        assert camera.status.device is device
        assert camera.status.fault is not None
        assert not camera.status.usable
        assert camera.latest() is None, "an old picture is never shown as live"
        assert await camera.preview((64, 48)) is None
        with pytest.raises(DeviceError):
            await camera.read_code({"qr"}, 2)


@pytest.mark.parametrize(
    ("verb", "kind", "within_s"),
    [
        ("freeze", DeviceFault, 5.0),
        ("corrupt", ProtocolError, 5.0),
        ("silent", NoAnswer, 3.5),
        ("refuse", LinkRefused, 1.5),
    ],
)
async def test_a_camera_that_is_not_well_does_not_open(verb: str, kind: type[DeviceError], within_s: float) -> None:
    async with standing() as (sim, camera):
        sim.do(verb)
        began = time.monotonic()
        with pytest.raises(kind):
            await camera.open()
        assert time.monotonic() - began < within_s
        sim.do("restore")
        await camera.open()
        assert camera.status.usable


async def test_links_that_lead_nowhere() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    camera = Camera("camera", f"http://user:secret@127.0.0.1:{port}/x", {})
    with pytest.raises(LinkRefused) as refused:
        await camera.open()
    assert "secret" not in str(refused.value)
    with pytest.raises(PortMissing, match="plugged in"):
        await Camera("camera", "/dev/video97", {}).open()
    with pytest.raises(LinkLost):
        await Camera("camera", "/dev/video97", {}).poll()
    for link in ("serial:///dev/ttyS0", "http://", "file:///etc/passwd", "video0"):
        with pytest.raises(ValueError, match="camera link"):
            Camera("camera", link, {})
    for options in ({"rotate": 45}, {"fps": 0}, {"width": "640"}, {"mirror": 1}, {"zoom": 2}):
        with pytest.raises(ValueError, match="camera option"):
            Camera("camera", "/dev/video0", options)


async def test_supervised_a_camera_that_hangs_up_comes_back() -> None:
    async with standing() as (sim, camera):
        supervisor = Supervisor(camera, Rhythm(poll_s=0.1, doubt_s=0.05, first_backoff_s=0.1), seed=1)
        task = asyncio.create_task(supervisor.run())
        try:
            await until(lambda: camera.status.usable, 5)
            sim.do("close")
            await until(lambda: not camera.status.usable, 1.5)
            await until(lambda: camera.status.usable, 5)
            await sim.unplug()
            await until(lambda: camera.status.device is DeviceState.OFFLINE, 2)
            await sim.plug()
            await until(lambda: camera.status.usable, 5)
            assert (await camera.frames(1, within_s=3))[0].pixels.any()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        assert camera.latest() is None


async def test_twenty_openings_leave_nothing_behind() -> None:
    def held() -> tuple[int, int]:
        gc.collect()
        ours = [t for t in threading.enumerate() if t.name.startswith("camera-")]
        return len(list(Path("/proc/self/fd").iterdir())), len(ours)

    async with standing() as (sim, camera):
        await camera.open()
        await camera.close()
        await until(lambda: sim.server.lookers == 0, 3)
        before = held()
        tasks = len(list(Path("/proc/self/task").iterdir()))
        for _ in range(20):
            await camera.open()
            await camera.close()
        await until(lambda: sim.server.lookers == 0, 3)
        after = held()
        assert after[1] == before[1] == 0
        assert after[0] <= before[0] + 1
        executor = (os.cpu_count() or 1) + 4  # asyncio's own pool may still grow; the grabbers' threads may not
        assert len(list(Path("/proc/self/task").iterdir())) <= tasks + executor


async def test_the_pictures_stand_upright_as_the_profile_says() -> None:
    async with standing(rotate=90) as (_, camera):
        await camera.open()
        assert (await camera.frames(1, within_s=3))[0].pixels.shape == (640, 480, 3)


async def test_the_bench_can_stage_everything() -> None:
    async with standing() as (sim, _):
        for verb, args in {
            "someone_else": {"face": "citizen-07"},
            "nobody": {},
            "photo": {"face": "citizen-01"},
            "dark": {"face": "citizen-01"},
            "slow": {"fps": 1.0},
            "restore": {},
        }.items():
            state = sim.do(verb, **args)
            assert state["words"]
            kind, jpeg = sim.artefact("now.jpg")
            assert kind == "image/jpeg"
            assert jpeg[:2] == b"\xff\xd8"
        with pytest.raises(UnknownVerb, match="there are"):
            sim.do("explode")
        for verb, args in (
            ("show", {"face": "nobody-99"}),
            ("show", {"face": "citizen-01", "pose": "x"}),
            ("show", {}),
            ("nobody", {"face": "citizen-01"}),
            ("code", {"payload": ""}),
            ("code", {"payload": "x" * 1001}),
            ("slow", {"fps": 0}),
        ):
            with pytest.raises(ValueError):
                sim.do(verb, **args)
        with pytest.raises(KeyError):
            sim.artefact("later.jpg")
        assert well_apart("citizen-00") != "citizen-00"
    with pytest.raises(ValueError, match="options"):
        make("http://127.0.0.1:0/x", colour="red")
    with pytest.raises(ValueError, match="address"):
        make("tcp://127.0.0.1:0")
