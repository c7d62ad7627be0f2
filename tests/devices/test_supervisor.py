"""The supervisor's state table under virtual time: a device is kept for ever, and what is said of it is true."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from config.load import SettingsError, load_settings
from drivers.device import Device, DeviceState, Fault, Media, Status, Supply
from drivers.errors import (
    DeviceError,
    DeviceFault,
    LinkLost,
    LinkRefused,
    NeedsPeople,
    NoAnswer,
    PortBusy,
    PortDenied,
    PortMissing,
    ProtocolError,
    Unsupported,
    WrongDevice,
)
from drivers.rhythm import Rhythm
from drivers.supervisor import MISSES_BEFORE_GONE, Supervisor, state_of, until_beat
from kiosk.devices import supervised
from simulator.virtual_time import run_virtual

WELL = Status(DeviceState.ONLINE, media=Media.NOT_PRESENT, paper=Supply.FULL, model="M", serial="1")


class Scripted(Device):
    """Fails as it is told; notes when it was asked."""

    family = "scripted"

    def __init__(self) -> None:
        super().__init__("scripted")
        self.opens: list[float] = []
        self.polls: list[float] = []
        self.closes = 0
        self.open_error: Exception | None = None
        self.poll_error: Exception | None = None
        self.hangs = False
        self.late_s = 0.0
        self.changes: list[tuple[float, Status]] = []
        self.watch(lambda _, status: self.changes.append((asyncio.get_running_loop().time(), status)))

    async def _open(self) -> None:
        self.opens.append(asyncio.get_running_loop().time())
        if self.hangs:
            await asyncio.sleep(1e6)
        if self.open_error:
            raise self.open_error
        self.set_status(WELL)

    async def _poll(self) -> Status:
        self.polls.append(asyncio.get_running_loop().time())
        if self.hangs:
            await asyncio.sleep(1e6)
        if self.late_s:
            await asyncio.sleep(self.late_s)
        if self.poll_error:
            raise self.poll_error
        return WELL

    async def _close(self) -> None:
        self.closes += 1


def watched(test: Callable[[Scripted, Supervisor], Awaitable[None]], rhythm: Rhythm | None = None) -> None:
    async def main() -> None:
        device = Scripted()
        supervisor = Supervisor(device, rhythm, seed=1)
        running = asyncio.create_task(supervisor.run())
        try:
            await test(device, supervisor)
            assert not running.done(), "a supervisor never ends by itself"
        finally:
            running.cancel()
            await asyncio.wait({running})
        assert device.closes, "the link is let go at the end"

    run_virtual(main())


@pytest.mark.parametrize(
    ("error", "state", "who"),
    [
        (PortMissing, DeviceState.NO_DEVICE, "technician"),
        (PortBusy, DeviceState.OFFLINE, "technician"),
        (PortDenied, DeviceState.OFFLINE, "technician"),
        (LinkRefused, DeviceState.OFFLINE, "technician"),
        (LinkLost, DeviceState.OFFLINE, "technician"),
        (NoAnswer, DeviceState.OFFLINE, "technician"),
        (WrongDevice, DeviceState.HARDWARE_ERROR, "technician"),
        (ProtocolError, DeviceState.HARDWARE_ERROR, "vendor"),
        (DeviceFault, DeviceState.HARDWARE_ERROR, "vendor"),
        (NeedsPeople, DeviceState.USER_ERROR, "technician"),
        (Unsupported, DeviceState.OFFLINE, "vendor"),
    ],
)
def test_each_failure_of_opening_has_its_state_and_who_can_mend_it(
    error: type[DeviceError], state: DeviceState, who: str
) -> None:
    async def test(device: Scripted, _: Supervisor) -> None:
        device.open_error = error("what, where, what to do", code="7")
        await asyncio.sleep(100)
        known = device.status
        assert (known.device, known.usable) == (state, False)
        assert known.fault == Fault(error.cause, "what, where, what to do", who, error.again, "7")  # type: ignore[arg-type]  # who is a Fixer, as the table says
        assert state_of(device.open_error) is state
        device.open_error = None
        await asyncio.sleep(40)
        assert device.status == WELL, "it comes back by itself"

    watched(test)


def test_it_tries_for_ever_ever_more_slowly_with_jitter() -> None:
    async def test(device: Scripted, _: Supervisor) -> None:
        device.open_error = LinkRefused("nobody")
        await asyncio.sleep(30 * 24 * 3600)
        gaps = [b - a for a, b in zip(device.opens, device.opens[1:], strict=False)]
        for at, gap in enumerate(gaps):
            planned = min(0.5 * 2 ** min(at, 10), 30.0)
            assert planned * 0.8 <= gap <= planned * 1.2
        assert len({round(gap, 6) for gap in gaps[10:60]}) > 40, "terminals must not come back all at once"
        assert len(gaps) > 70_000
        assert device.counters.extra == {"gone": 1}

    watched(test)


def test_after_a_good_opening_the_back_off_begins_anew() -> None:
    async def test(device: Scripted, _: Supervisor) -> None:
        device.open_error = LinkRefused("nobody")
        await asyncio.sleep(300)
        device.open_error = None
        await asyncio.sleep(60)
        assert device.status.usable
        opened = len(device.opens)
        device.poll_error, device.open_error = LinkLost("gone"), LinkRefused("nobody")
        await asyncio.sleep(6)
        at_once, first, second, *_ = device.opens[opened:]
        assert at_once == device.polls[-1], "a lost link is opened again at once"
        assert 0.4 <= first - at_once <= 0.6
        assert 0.8 <= second - first <= 1.2

    watched(test)


def test_a_device_that_opens_but_never_answers_is_not_opened_at_once_again() -> None:
    async def test(device: Scripted, _: Supervisor) -> None:
        device.poll_error = NoAnswer("silent")
        await asyncio.sleep(600)
        assert len(device.opens) < 30
        well = sum(b - a for (a, s), (b, _) in zip(device.changes, device.changes[1:], strict=False) if s.usable)
        assert well < 60, "most of the time it is said to be gone"

    watched(test)


def test_three_misses_before_a_device_is_gone() -> None:
    async def test(device: Scripted, _: Supervisor) -> None:
        await asyncio.sleep(0.5)
        for misses in range(1, MISSES_BEFORE_GONE):
            device.poll_error = NoAnswer("silent")
            polled = len(device.polls)
            while len(device.polls) < polled + misses:
                await asyncio.sleep(0.05)
            device.poll_error = None
            await asyncio.sleep(3)
            assert device.status == WELL, f"{misses} misses are no loss"
        assert len(device.opens) == 1
        device.poll_error, device.open_error = NoAnswer("silent"), NoAnswer("silent")
        await asyncio.sleep(1.0 + 2 * 0.3 + 0.1)
        assert device.status.device is DeviceState.OFFLINE
        assert device.status.fault is not None
        assert device.status.fault.cause == "no-answer"
        assert device.counters.extra["misses"] == 1 + 2 + 3
        assert device.counters.failures == 1 + 2 + 3

    watched(test)


def test_a_lost_link_needs_no_third_miss() -> None:
    async def test(device: Scripted, _: Supervisor) -> None:
        await asyncio.sleep(1.5)
        device.poll_error, device.open_error = LinkLost("unplugged"), PortMissing("no such port")
        await asyncio.sleep(0.6)
        assert [s.fault.cause for _, s in device.changes if s.fault] == ["link-lost", "port-missing"]
        assert device.status.device is DeviceState.NO_DEVICE

    watched(test)


@pytest.mark.promise("P7")
def test_a_device_that_falls_silent_is_called_gone_within_five_seconds() -> None:
    async def test(device: Scripted, _: Supervisor) -> None:
        await asyncio.sleep(10.5)
        device.hangs = True
        asked = device.polls[-1] + 1.0  # the first question that stays without an answer
        await asyncio.sleep(10)
        (at, status), *_ = [(at, s) for at, s in device.changes if s.fault]
        assert at - asked <= 4.0, "with the second between polls: five"
        assert status.fault is not None
        assert "no answer for 3.5 s" in status.fault.sentence

    watched(test)


PATIENT = Rhythm(poll_deadline_s=6.0, doubt_deadline_s=5.0)


@pytest.mark.promise("P7")
def test_a_device_that_may_answer_late_is_withheld_in_time_and_kept() -> None:
    async def test(device: Scripted, _: Supervisor) -> None:
        await asyncio.sleep(10.5)
        asked = device.polls[-1] + 1.0
        device.late_s = 5.5
        await asyncio.sleep(30)
        assert [(at - asked, s.usable) for at, s in device.changes[1:3]] == [(3.5, False), (5.5, True)]
        assert (len(device.opens), device.closes) == (1, 0), "a late answer is an answer"
        device.late_s = 0.0
        await asyncio.sleep(10)
        assert device.status == WELL
        assert device.counters.extra["silences"] >= 2

    watched(test, PATIENT)


def test_a_patient_rhythm_still_gives_up_on_what_stays_silent() -> None:
    async def test(device: Scripted, _: Supervisor) -> None:
        await asyncio.sleep(10.5)
        device.hangs = True
        await asyncio.sleep(3.9)
        assert device.closes == 0
        await asyncio.sleep(30)
        assert device.closes >= 1
        sentences = [s.fault.sentence for _, s in device.changes if s.fault]
        assert "still waiting for it" in sentences[0]
        assert "no answer while polling" in sentences[1]

    watched(test, PATIENT)


def test_what_is_gone_says_nothing_of_its_paper_any_more() -> None:
    async def test(device: Scripted, _: Supervisor) -> None:
        await asyncio.sleep(0.5)
        device.set_status(replace(WELL, warnings=(Fault("near-end", "soon"),)))
        device.poll_error = device.open_error = LinkLost("unplugged")
        await asyncio.sleep(1)
        gone = device.status
        assert (gone.media, gone.paper, gone.toner) == (Media.UNKNOWN, Supply.UNKNOWN, Supply.NOT_SUPPORTED)
        assert gone.warnings == ()
        assert (gone.model, gone.serial) == ("M", "1"), "which device it was is still known"

    watched(test)


def test_an_opening_that_hangs_is_ended_and_tried_again() -> None:
    async def test(device: Scripted, _: Supervisor) -> None:
        device.hangs = True
        await asyncio.sleep(21)
        assert device.status.fault is not None
        assert device.status.fault.cause == "no-answer"
        device.hangs = False
        await asyncio.sleep(30)
        assert device.status == WELL

    watched(test)


@pytest.mark.promise("P7")
def test_a_bug_in_a_driver_is_that_devices_fault_only(caplog: pytest.LogCaptureFixture) -> None:
    async def test(device: Scripted, _: Supervisor) -> None:
        device.open_error = KeyError("secret")
        await asyncio.sleep(5)
        known = device.status
        assert known.device is DeviceState.HARDWARE_ERROR
        assert known.fault is not None
        assert (known.fault.cause, known.fault.who, known.fault.code) == ("driver-failed", "vendor", "KeyError")
        assert "secret" not in known.fault.sentence
        device.open_error = None
        await asyncio.sleep(30)
        device.poll_error = ZeroDivisionError()
        await asyncio.sleep(1.7)
        assert device.status == WELL, "opened again at once"
        assert device.changes[-2][1].fault is not None
        assert device.changes[-2][1].fault.code == "ZeroDivisionError"
        device.poll_error = None
        await asyncio.sleep(30)
        assert device.status == WELL

    with caplog.at_level(logging.CRITICAL):
        watched(test)


def test_again_spares_the_wait() -> None:
    async def test(device: Scripted, supervisor: Supervisor) -> None:
        device.open_error = LinkRefused("nobody")
        await asyncio.sleep(200)
        device.open_error = None
        opened = len(device.opens)
        supervisor.again.set()
        await asyncio.sleep(0.001)
        assert len(device.opens) == opened + 1
        assert device.status == WELL

    watched(test)


def test_watchers_hear_changes_only_and_can_leave() -> None:
    async def test(device: Scripted, _: Supervisor) -> None:
        heard: list[Status] = []
        end = device.watch(lambda _, status: heard.append(status))
        await asyncio.sleep(60)
        assert heard == [WELL], "sixty polls that find nothing new are one event"
        end()
        device.set_status(replace(WELL, paper=Supply.LOW))
        assert heard == [WELL]
        end()

    watched(test)


def test_a_watcher_that_fails_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    async def test(device: Scripted, _: Supervisor) -> None:
        def broken(*_: Any) -> None:
            raise RuntimeError("a page that cannot be drawn")

        device._watchers.insert(0, broken)
        device.set_status(replace(WELL, paper=Supply.OUT))
        assert device.changes[-1][1].paper is Supply.OUT
        await asyncio.sleep(5)
        assert device.status == WELL
        device._watchers.remove(broken)

    watched(test)
    assert "a watcher of its status failed" in caplog.text


def test_a_device_at_work_is_not_polled() -> None:
    async def test(device: Scripted, _: Supervisor) -> None:
        await asyncio.sleep(0.5)
        async with device.lock:
            await asyncio.sleep(60)
        assert device.polls == []
        await asyncio.sleep(2)
        assert device.polls

    watched(test)


def test_the_rhythm_of_the_profile_is_kept() -> None:
    async def test(device: Scripted, _: Supervisor) -> None:
        await asyncio.sleep(60.5)
        assert len(device.polls) == 12

    watched(test, Rhythm(poll_s=5.0))


def test_a_profile_sets_single_beats_and_the_driver_the_rest() -> None:
    settings = load_settings("simulated", overrides={"devices.camera.rhythm": {"poll_s": 2.5}})
    device = Scripted()
    device.family = "camera"
    (supervisor,) = supervised(settings, [device])
    assert supervisor.rhythm == Rhythm(poll_s=2.5)
    with pytest.raises(SettingsError, match=r"rhythm\.poll_s"):
        load_settings("simulated", overrides={"devices.camera.rhythm": {"poll_s": 0}})


def test_who_holds_a_busy_device_is_said_once_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def test(device: Scripted, _: Supervisor) -> None:
        device.open_error = PortBusy("/dev/ttyS1: held by minicom (process 7)")
        await asyncio.sleep(3600)

    with caplog.at_level(logging.WARNING):
        watched(test)
    assert [r.getMessage() for r in caplog.records if "minicom" in r.getMessage()] == [
        "device scripted: /dev/ttyS1: held by minicom (process 7) (port-busy)"
    ]


@pytest.mark.parametrize("now", [0.0, 0.1, 0.74, 0.76, 0.999, 1234.5])
def test_devices_are_asked_on_one_beat_never_later_than_their_rhythm_says(now: float) -> None:
    wait = until_beat(now, 1.0)
    assert 0.25 <= wait <= 1.0
    assert wait == 1.0 or (now + wait) % 1.0 == pytest.approx(0.0, abs=1e-9)


def test_a_restart_closes_and_opens_at_once_and_waits_for_what_is_under_way() -> None:
    async def test(device: Scripted, supervisor: Supervisor) -> None:
        await asyncio.sleep(10)
        assert (len(device.opens), device.closes) == (1, 0)
        supervisor.restart()
        await asyncio.sleep(0.1)
        assert (len(device.opens), device.closes) == (2, 1)
        async with device.lock:  # a citizen's transaction
            supervisor.restart()
            await asyncio.sleep(60)
            assert (len(device.opens), device.closes) == (2, 1)
        await asyncio.sleep(0.1)
        assert (len(device.opens), device.closes) == (3, 2)
        assert device.status == WELL
        device.open_error = LinkRefused("nobody")
        supervisor.restart()
        await asyncio.sleep(1000)
        tried = len(device.opens)
        device.open_error = None
        supervisor.restart()  # instead of waiting out the back-off
        await asyncio.sleep(0.1)
        assert len(device.opens) == tried + 1
        assert device.status == WELL

    watched(test)
