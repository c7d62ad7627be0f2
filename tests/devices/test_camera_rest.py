"""A camera that nobody looks through rests: it decodes little, keeps nothing, notices faults, and wakes at once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import numpy as np
import pytest
from numpy.typing import NDArray

from drivers.camera import grabber as grabbing
from drivers.camera.driver import Camera
from drivers.camera.frames import LIVE_S, Signal
from drivers.camera.grabber import REST_AFTER_S, REST_READ_S, Grabber
from drivers.camera.measures import exposure, sharpness
from drivers.camera.source import Reading
from drivers.errors import DeviceError, LinkLost
from simulator.models.camera import CameraSim, make


class Ticking:
    """A source with a picture every 0.1 s of a clock that moves only with it; counts what was decoded."""

    keeps = False

    def __init__(self) -> None:
        self.now = 0.0
        self.decoded = self.skipped = 0
        self.frozen = False
        self.over = False

    def clock(self) -> float:
        return self.now

    def open(self) -> None: ...

    def close(self) -> None: ...

    def describe(self) -> str:
        return "ticking"

    def _tick(self) -> None:
        time.sleep(0.001)
        if self.over:
            raise LinkLost("over")
        self.now += 0.1

    def read(self, seen: int | None) -> Reading:
        self._tick()
        mark = 7 if self.frozen else int(self.now * 10)
        if mark == seen:
            return Reading(mark)
        self.decoded += 1
        return Reading(mark, np.full((64, 64, 3), 90 + mark % 20, np.uint8))

    def glance(self, seen: int | None) -> Reading:
        return self.read(seen)

    def skip(self) -> float:
        self._tick()
        self.skipped += 1
        return 0.1

    def until(self, moment: float) -> None:
        end = time.monotonic() + 10
        while self.now < moment:
            assert time.monotonic() < end
            time.sleep(0.001)


def test_a_grabber_at_rest_decodes_little_and_keeps_nothing() -> None:
    source = Ticking()
    grabber = Grabber(source, "x", source.clock)
    grabber.start().result(5)
    try:
        assert grabber.newest() is not None
        source.until(REST_AFTER_S + 2)
        assert grabber.vital().resting
        decoded, skipped = source.decoded, source.skipped
        source.until(source.now + 30)
        assert source.decoded - decoded <= 30 / REST_READ_S + 2
        assert source.skipped - skipped > 200
        vital = grabber.vital()
        assert vital.signal is Signal.LIVE
        assert vital.fps > 5, "a camera at rest is not called slow"
        assert grabber._pixels is None
        asked = source.now
        assert grabber.newest() is None, "nothing was kept"
        while grabber.newest() is None:
            assert source.now - asked < 0.5
            time.sleep(0.0005)
        assert not grabber.vital().resting
    finally:
        source.over = True
        assert grabber.stop(2)


def test_a_grabber_at_rest_notices_a_picture_that_stands_still() -> None:
    source = Ticking()
    grabber = Grabber(source, "x", source.clock)
    grabber.start().result(5)
    try:
        source.until(REST_AFTER_S + 2)
        source.frozen = True
        source.until(source.now + LIVE_S + 2 * REST_READ_S)
        assert grabber.vital().signal is Signal.FROZEN
        assert grabber.newest() is None
        grabber.wipe()
        source.until(source.now + 1.0)
        assert grabber.newest() is None, "forgetting a picture does not make the same one new"
    finally:
        source.over = True
        assert grabber.stop(2)


def test_pictures_out_of_a_buffer_are_passed_over() -> None:
    class Buffered(Ticking):
        """Silence for 3 s, then 30 pictures at once."""

        given = 0

        def read(self, seen: int | None) -> Reading:
            self.given += 1
            if self.given == 20:
                self.now += 3.0
            waited = 0.0 if 20 < self.given < 50 else 0.1
            if waited:
                self._tick()
            mark = self.given
            return Reading(mark, np.full((64, 64, 3), mark % 200 + 30, np.uint8), waited_s=waited)

    source = Buffered()
    grabber = Grabber(source, "x", source.clock)
    shown: list[int] = []
    keep = grabber._keep

    def watched(pixels: NDArray[np.uint8], now: float, *, drop: bool) -> None:
        if not drop:
            shown.append(int(pixels[0, 0, 0]) - 30)
        keep(pixels, now, drop=drop)

    grabber._keep = watched  # type: ignore[method-assign]  # watches what is kept
    grabber.start().result(5)
    source.until(8.0)
    source.over = True
    assert grabber.stop(2)
    assert 19 in shown
    assert not set(range(20, 50)) & set(shown)
    assert 50 in shown
    assert 1 not in shown, "what lay there when it was opened is not known to be new"


@pytest.fixture
async def watched() -> AsyncIterator[tuple[CameraSim, Camera]]:
    sim = make("http://127.0.0.1:0/face.mjpg")
    assert isinstance(sim, CameraSim)
    await sim.plug()
    sim.do("show", face="citizen-07")
    camera = Camera("camera", sim.link, {})
    await camera.open()
    yield sim, camera
    await camera.close()
    await sim.unplug()


async def trouble(camera: Camera) -> DeviceError:
    """The first error of polling."""
    async with asyncio.timeout(6):
        while True:
            try:
                await camera.poll()
            except DeviceError as error:
                return error
            await asyncio.sleep(0.03)


async def test_over_http_it_wakes_within_half_a_second_and_fails_as_fast_as_ever(
    watched: tuple[CameraSim, Camera], monkeypatch: pytest.MonkeyPatch
) -> None:
    sim, camera = watched
    monkeypatch.setattr(grabbing, "REST_AFTER_S", 0.3)
    await asyncio.sleep(1.2)
    vital = camera.vital()
    assert vital is not None
    assert vital.resting
    began = time.monotonic()
    while camera.latest() is None:
        await asyncio.sleep(0.01)
    assert time.monotonic() - began < 0.5
    await asyncio.sleep(1.0)
    sim.do("freeze")
    began = time.monotonic()
    assert (await trouble(camera)).code == Signal.FROZEN
    assert time.monotonic() - began < LIVE_S + REST_READ_S + 0.7


async def test_light_and_sharpness_are_known(watched: tuple[CameraSim, Camera]) -> None:
    _, camera = watched
    frame = (await camera.frames(1, within_s=5))[0]
    light = frame.exposure()
    assert 60 < light.luma < 200
    assert light.burnt < 0.2
    assert frame.sharpness() > 0.01
    vital = camera.vital()
    assert vital is not None
    assert abs(vital.exposure.luma - light.luma) < 10
    assert vital.sharpness > 0


def test_a_blurred_picture_is_less_sharp_whatever_its_brightness() -> None:
    import cv2

    from simulator.scenes.documents import DeskScene, draw

    sharp = draw(DeskScene("a4"))[0]
    dim = draw(DeskScene("a4", light=0.5))[0]
    blurred = np.asarray(cv2.GaussianBlur(sharp, (0, 0), 3), np.uint8)
    assert min(sharpness(sharp), sharpness(dim)) > 3 * sharpness(blurred)
    assert exposure(np.full((64, 64, 3), 255, np.uint8)).burnt == 1.0
    assert exposure(np.zeros((64, 64, 3), np.uint8)).black == 1.0
    assert sharpness(np.full((480, 640, 3), 120, np.uint8)) == 0.0


class Lying(Ticking):
    """A picture every 0.02 s of the machine's own clock; what nobody takes lies there and is given at once."""

    keeps = True

    def __init__(self) -> None:
        super().__init__()
        self.began = time.monotonic()
        self.taken = self.waits = 0

    def clock(self) -> float:
        return time.monotonic()

    def _tick(self) -> None:
        if self.over:
            raise LinkLost("over")
        self.taken += 1
        self.waited = max(0.0, self.began + self.taken * 0.02 - time.monotonic())
        self.waits += self.waited > 0
        time.sleep(self.waited)

    def read(self, seen: int | None) -> Reading:
        self._tick()
        return Reading(self.taken, np.full((64, 64, 3), self.taken % 200 + 30, np.uint8), waited_s=self.waited)

    def skip(self) -> float:
        self._tick()
        return self.waited


def test_a_grabber_at_rest_sleeps_and_what_lay_there_meanwhile_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grabbing, "REST_AFTER_S", 0.2)
    monkeypatch.setattr(grabbing, "REST_READ_S", 0.5)
    source = Lying()
    grabber = Grabber(source, "x", source.clock)
    grabber.start().result(5)
    try:
        time.sleep(0.6)
        assert grabber.vital().resting
        waits, taken = source.waits, source.taken
        time.sleep(1.1)
        assert source.taken - taken > 30, "nothing is left on the line"
        assert source.waits - waits <= 10, "it is not woken by each picture"
        vital = grabber.vital()
        assert vital.signal is Signal.LIVE
        assert 25 < vital.fps < 75
        asked = time.monotonic()
        while (frame := grabber.newest()) is None:
            assert time.monotonic() - asked < 5, "it is not woken by the question"
            time.sleep(0.001)
        shown = int(frame.pixels[0, 0, 0]) - 30
        came = source.began + shown * 0.02
        assert came > asked - 0.04, "as new as the question"
    finally:
        source.over = True
        assert grabber.stop(2)
