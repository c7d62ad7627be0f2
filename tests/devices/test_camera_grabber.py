"""The grabber alone, on a source and a clock of the test's own."""

from __future__ import annotations

import logging
import time

import numpy as np
import pytest

from drivers.camera.frames import LIVE_S, Signal
from drivers.camera.grabber import Grabber
from drivers.camera.source import Reading
from drivers.errors import DeviceError, DeviceFault, LinkLost


class Script:
    """A source that gives what the test puts in, and otherwise waits."""

    def __init__(self) -> None:
        self.now = 100.0
        self.given: list[Reading | DeviceError] = []
        self.taken = 0
        self.closed = False

    def clock(self) -> float:
        return self.now

    def open(self) -> None: ...

    def read(self, seen: int | None) -> Reading:
        while len(self.given) <= self.taken:
            if self.closed:
                raise LinkLost("over")
            time.sleep(0.002)
        item = self.given[self.taken]
        self.taken += 1
        if isinstance(item, DeviceError):
            raise item
        return item

    def glance(self, seen: int | None) -> Reading:
        return self.read(seen)

    def skip(self) -> None:
        self.read(None)

    def close(self) -> None: ...

    def describe(self) -> str:
        return "script"

    def give(self, *items: Reading | DeviceError) -> None:
        self.given.extend(items)
        for _ in range(1000):
            if self.taken == len(self.given):
                break
            time.sleep(0.002)
        time.sleep(0.02)  # the last one is being taken in


def whole(mark: int, level: int = 100) -> Reading:
    return Reading(mark, np.full((32, 32, 3), level, np.uint8))


def test_an_old_picture_is_never_given_as_live() -> None:
    script = Script()
    grabber = Grabber(script, "x", script.clock)
    ready = grabber.start()
    try:
        script.give(whole(1))
        assert not ready.done(), "one picture proves nothing"
        script.give(whole(2, 101))
        ready.result(1)
        frame = grabber.newest()
        assert frame is not None
        assert frame.pixels[0, 0, 0] == 101
        script.now += LIVE_S - 0.01
        assert grabber.newest() is not None
        script.now += 0.02
        assert grabber.newest() is None
        assert grabber.vital().signal is Signal.NO_SIGNAL
        script.give(whole(2, 101))
        assert grabber.newest() is None
        assert grabber.vital().signal is Signal.FROZEN
        script.give(Reading(9, damage="torn"))
        script.now += LIVE_S + 0.1
        script.give(Reading(10, damage="torn"))
        assert grabber.vital().signal is Signal.CORRUPT
        script.give(whole(3, 102))
        assert grabber.vital().signal is Signal.LIVE
        kept = grabber.newest()
        assert kept is not None
        script.give(LinkLost("gone", code="lost"))
        assert grabber.vital().signal is Signal.LOST
        assert grabber.newest() is None
    finally:
        script.closed = True
        assert grabber.stop(2)
    assert not kept.pixels.any(), "stopping wipes what was handed out"


def test_black_pictures_that_are_all_the_same_are_dark_not_frozen() -> None:
    script = Script()
    grabber = Grabber(script, "x", script.clock)
    ready = grabber.start()
    try:
        script.give(whole(1, 3))
        ready.result(1)
        for _ in range(4):
            script.now += 0.6
            script.give(Reading(1))
        vital = grabber.vital()
        assert vital.signal is Signal.LIVE
        assert vital.dark
    finally:
        script.closed = True
        assert grabber.stop(2)


def test_a_failing_library_is_a_fault_and_not_a_dead_thread(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Script):
        def read(self, seen: int | None) -> Reading:
            raise RuntimeError("inside")

    caplog.set_level(logging.CRITICAL, "drivers.camera.grabber")
    grabber = Grabber(Broken(), "x")
    with pytest.raises(DeviceFault, match="RuntimeError"):
        grabber.start().result(2)
    assert grabber.stop(2)
