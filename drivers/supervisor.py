"""Keeps one device connected for ever: connect, identify, ready, faulted, back-off with jitter.

| state      | on success        | on DeviceError                                         |
|------------|-------------------|--------------------------------------------------------|
| connecting | ready             | gone: say why, wait (back-off), connecting             |
| ready      | ready (next poll) | doubted: poll again soon                               |
| doubted    | ready             | third miss in a row: close, gone, connecting; a lost link needs no third |
"""

from __future__ import annotations

import asyncio
import logging
import random
from dataclasses import dataclass, replace

from drivers.device import Device, DeviceState, Fault
from drivers.errors import (
    DeviceError,
    DeviceFault,
    LinkLost,
    NeedsPeople,
    NoAnswer,
    PortMissing,
    ProtocolError,
)

log = logging.getLogger(__name__)

MISSES_BEFORE_GONE = 3


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Seconds: between polls when all is well, between polls in doubt, first and longest back-off, open deadline."""

    poll_s: float = 1.0
    doubt_s: float = 0.3
    first_backoff_s: float = 0.5
    longest_backoff_s: float = 30.0
    open_s: float = 20.0
    poll_deadline_s: float = 10.0


def state_of(error: DeviceError) -> DeviceState:
    """The XFS4IoT word for a device that failed like this."""
    if isinstance(error, PortMissing):
        return DeviceState.NO_DEVICE
    if isinstance(error, NeedsPeople):
        return DeviceState.USER_ERROR
    if isinstance(error, (DeviceFault, ProtocolError)):
        return DeviceState.HARDWARE_ERROR
    return DeviceState.OFFLINE


class Supervisor:
    """Runs one device until cancelled. `again` can be set to try at once instead of waiting out the back-off."""

    def __init__(self, device: Device, rhythm: Rhythm | None = None, seed: int | None = None) -> None:
        self.device = device
        self.rhythm = rhythm or Rhythm()
        self.again = asyncio.Event()
        self._jitter = random.Random(seed)

    async def run(self) -> None:
        """Connect and poll for ever; only cancelling ends it, and then the link is closed."""
        backoff = self.rhythm.first_backoff_s
        try:
            while True:
                try:
                    async with asyncio.timeout(self.rhythm.open_s):
                        await self.device.open()
                except (DeviceError, TimeoutError) as error:
                    self._gone(self._named(error, "opening"))
                    await self.device.close()
                    await self._wait(backoff * self._jitter.uniform(0.8, 1.2))
                    backoff = min(backoff * 2, self.rhythm.longest_backoff_s)
                    continue
                backoff = self.rhythm.first_backoff_s
                log.info("device %s is there", self.device.name)
                await self._stay()
        finally:
            await self.device.close()

    async def _stay(self) -> None:
        """Poll until the device is gone."""
        misses = 0
        while True:
            await self._wait(self.rhythm.poll_s if misses == 0 else self.rhythm.doubt_s)
            try:
                async with asyncio.timeout(self.rhythm.poll_deadline_s):
                    await self.device.poll()
            except (DeviceError, TimeoutError) as raw:
                error = self._named(raw, "polling")
                misses += 1
                self.device.counters.failures += 1
                if misses >= MISSES_BEFORE_GONE or isinstance(error, LinkLost):
                    await self.device.close()
                    self._gone(error)
                    return
            else:
                misses = 0

    def _named(self, error: DeviceError | TimeoutError, doing: str) -> DeviceError:
        if isinstance(error, DeviceError):
            return error
        return NoAnswer(f"{self.device.name}: no answer while {doing}")

    def _gone(self, error: DeviceError) -> None:
        state = state_of(error)
        if self.device.status.device is not state:
            log.warning("device %s: %s (%s)", self.device.name, error, error.cause)
        status = replace(self.device.status, device=state, fault=Fault.of(error))
        self.device.set_status(status)

    async def _wait(self, seconds: float) -> None:
        self.again.clear()
        try:
            async with asyncio.timeout(seconds):
                await self.again.wait()
        except TimeoutError:
            return
