"""Keeps one device connected for ever: connect, identify, ready, doubted, gone, back-off with jitter.

| state      | what is done            | on success | on failure                                                     |
|------------|-------------------------|------------|----------------------------------------------------------------|
| connecting | open and identify       | ready      | gone: say why, wait out the back-off, connecting               |
| ready      | poll every `poll_s`     | ready      | doubted                                                        |
| doubted    | poll every `doubt_s`    | ready      | third miss in a row: close, gone, connecting                   |
|            | silent for `silent_s`: its status says so; the link stays open, a late answer takes it back           |
| any        |                         |            | a lost link needs no third miss; a device that never answered  |
|            |                         |            | a poll is waited for as one that did not open                  |

What a failure is called:

| error                    | XFS4IoT device | who        |
|--------------------------|----------------|------------|
| PortMissing              | noDevice       | technician |
| PortBusy, PortDenied, LinkRefused, LinkLost, NoAnswer | offline | technician |
| WrongDevice              | hardwareError  | technician |
| ProtocolError, DeviceFault, DriverFailed | hardwareError | vendor |
| NeedsPeople              | userError      | technician |
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from typing import Final

from drivers.device import Device, DeviceState, Fault
from drivers.errors import (
    DeviceError,
    DeviceFault,
    DriverFailed,
    LinkLost,
    NeedsPeople,
    NoAnswer,
    PortMissing,
    ProtocolError,
)
from drivers.rhythm import Rhythm, until_beat

__all__ = ["MISSES_BEFORE_GONE", "Rhythm", "Supervisor", "state_of", "until_beat"]

log = logging.getLogger(__name__)

MISSES_BEFORE_GONE: Final = 3
JITTER: Final = 0.2
"""Share of the back-off that is left to chance, so that terminals do not come back all at once after a power cut."""

_STATES: Final[tuple[tuple[type[DeviceError], DeviceState], ...]] = (
    (PortMissing, DeviceState.NO_DEVICE),
    (NeedsPeople, DeviceState.USER_ERROR),
    (DeviceFault, DeviceState.HARDWARE_ERROR),
    (DriverFailed, DeviceState.HARDWARE_ERROR),
    (ProtocolError, DeviceState.HARDWARE_ERROR),
)


def state_of(error: DeviceError) -> DeviceState:
    """The XFS4IoT word for a device that failed like this."""
    return next((state for kind, state in _STATES if isinstance(error, kind)), DeviceState.OFFLINE)


class Supervisor:
    """Runs one device until cancelled. `again` can be set to try at once instead of waiting out the back-off.

    It counts in the device's `counters.extra`: `connects`, `gone`, `misses`, `silences`, `restarts`. `rhythm` may be
    exchanged while it runs: a sleeping device is asked less often.
    """

    def __init__(self, device: Device, rhythm: Rhythm | None = None, seed: int | None = None) -> None:
        self.device = device
        self.rhythm = rhythm or device.rhythm
        self.again = asyncio.Event()
        self._jitter = random.Random(seed)
        self._restart = False

    def restart(self) -> None:
        """Close the device and open it again now; what it is doing for a citizen ends first (`Device.lock`)."""
        self._restart = True
        self.again.set()

    async def run(self) -> None:
        """Connect and poll for ever; only cancelling ends it, and then the link is closed."""
        backoff = self.rhythm.first_backoff_s
        try:
            while True:
                self._restart = False
                error = await self._try(self.device.open, self.rhythm.open_s, "opening")
                if error is not None:
                    self._gone(error)
                    await self.device.close()
                else:
                    self._count("connects")
                    log.info("device %s is there", self.device.name)
                    if await self._stay():
                        backoff = self.rhythm.first_backoff_s
                        continue
                await self._wait(backoff * self._jitter.uniform(1 - JITTER, 1 + JITTER))
                backoff = min(backoff * 2, self.rhythm.longest_backoff_s)
        finally:
            await self.device.close()

    async def _stay(self) -> bool:
        """Poll until the device is gone. False when it never answered a poll: opening it at once would not help."""
        misses, answered = 0, False
        r = self.rhythm
        silence: asyncio.TimerHandle | None = None
        wait = r.poll_s
        try:
            while True:
                await self._wait(wait)
                if self._restart:
                    async with self.device.lock:
                        await self.device.close()
                    return True
                deadline_s = r.doubt_deadline_s if misses else r.poll_deadline_s
                silence = silence or asyncio.get_running_loop().call_later(r.silent_s, self._silent)
                error = await self._try(self.device.poll, deadline_s, "polling")
                if error is None:
                    misses, answered = 0, True
                    silence.cancel()
                    silence = None
                    wait = until_beat(asyncio.get_running_loop().time(), self.rhythm.poll_s)
                    continue
                misses, wait = misses + 1, r.doubt_s
                self._count("misses")
                self.device.counters.failures += 1
                if misses >= MISSES_BEFORE_GONE or isinstance(error, LinkLost):
                    await self.device.close()
                    self._gone(error)
                    return answered
        finally:
            if silence is not None:
                silence.cancel()

    def _silent(self) -> None:
        """Say that the device does not answer, and go on waiting for it."""
        self._count("silences")
        self._gone(NoAnswer(f"{self.device.name}: no answer for {self.rhythm.silent_s:g} s; still waiting for it"))

    async def _try(self, act: Callable[[], Awaitable[object]], deadline_s: float, doing: str) -> DeviceError | None:
        """Why `act` failed, None when it did not. A bug in a driver is that device's fault, not the terminal's end."""
        name = self.device.name
        try:
            async with asyncio.timeout(deadline_s):
                await act()
        except DeviceError as error:
            return error
        except TimeoutError:
            return NoAnswer(f"{name}: no answer while {doing}, in {deadline_s:g} s; check its power and its cable")
        except Exception as error:
            log.exception("device %s: its driver failed while %s", name, doing)
            kind = type(error).__name__
            return DriverFailed(f"{name}: its driver failed while {doing} ({kind}); see the log", code=kind)
        return None

    def _gone(self, error: DeviceError) -> None:
        state = state_of(error)
        known = self.device.status
        if known.device is not state or known.fault is None or known.fault.cause != error.cause:
            log.warning("device %s: %s (%s)", self.device.name, error, error.cause)
        if known.usable or known.device is DeviceState.STARTING:
            self._count("gone")
        self.device.set_status(known.gone(state, Fault.of(error)))

    def _count(self, what: str) -> None:
        extra = self.device.counters.extra
        extra[what] = extra.get(what, 0) + 1

    async def _wait(self, seconds: float) -> None:
        self.again.clear()
        timer = asyncio.get_running_loop().call_later(seconds, self.again.set)
        try:
            await self.again.wait()
        finally:
            timer.cancel()
