"""What the terminal owes the platform beside its visits: how it is, what it is made of; and following its commands.

None of it ever fails a visit: without the platform it is tried again, without a journal commands are left alone.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from config.settings import Settings
from drivers.device import Device
from drivers.rhythm import beat
from kiosk.clock import Clock
from kiosk.duties.heartbeat import clock_part, heartbeat, journal_part
from kiosk.duties.office_commands import Commands
from kiosk.journal import Journal, JournalError
from kiosk.offering.capability import Capability
from kiosk.platform.client import Platform
from kiosk.platform.devices import Place
from kiosk.platform.errors import PlatformError

log = logging.getLogger(__name__)

PROBE_EVERY_S: Final = 2.0
AGAIN_S: Final = 15.0
"""After a question for commands that brought no answer."""
JITTER: Final = 0.1
"""So that thousands of terminals do not beat in the same second."""
MOST_ROWS: Final = 1000


class Duties:
    """Three loops. `nearby` is what the platform said last of other places."""

    def __init__(
        self,
        settings: Settings,
        platform: Platform,
        commands: Commands,
        capability: Capability,
        devices: Sequence[Device],
        journal: Journal,
        clock: Clock,
        *,
        is_busy: Callable[[], bool],
        stock: Callable[[], Mapping[str, int]],
    ) -> None:
        self._settings = settings
        self._platform = platform
        self._commands = commands
        self._capability = capability
        self._devices = tuple(devices)
        self._journal = journal
        self._clock = clock
        self._is_busy = is_busy
        self._stock = stock
        self._asked = asyncio.Event()
        self._introduced = False
        self.nearby: tuple[Place, ...] = ()
        self.area_back: Callable[[], None] = lambda: None
        """Called when an area of the platform is there again: what waits for it may go now."""

    @property
    def commands(self) -> Commands:
        """Whom orders from elsewhere are handed to as well (`kiosk.fleet`)."""
        return self._commands

    async def run(self) -> None:
        """For ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._beat())
            group.create_task(self._probe())
            if self._settings.platform.command_wait_s:
                group.create_task(self._listen())

    async def _beat(self) -> None:
        while True:
            try:
                await self.beat()
            except PlatformError as error:
                log.debug("no heartbeat: %s", error)
            seconds = self._settings.platform.heartbeat_s
            await asyncio.sleep(seconds * (1 + JITTER * (2 * random.random() - 1)))

    async def beat(self) -> None:
        """Say how the terminal is; at first also what it is made of, and ask what is near. Raises `PlatformError`."""
        if not self._introduced:
            await self._introduce()
        try:
            rows = await self._journal.rows(MOST_ROWS)
        except JournalError:
            rows = []
        now = self._clock.now()
        body = heartbeat(
            self._state(),
            self._devices,
            self._stock(),
            self._capability.available(),
            journal_part(rows, self._journal.trouble, now),
            clock_part(now, self._clock.platform_now()),
        )
        pulse = await self._platform.devices.heartbeat(body)
        if pulse.commands:
            self._asked.set()

    async def _introduce(self) -> None:
        drivers = self._settings.devices
        made = [
            {"module": device.name, "driver": drivers[device.name].driver, "model": device.status.model[:80]}
            for device in self._devices
            if device.name in drivers
        ]
        edition = self._capability.current().version
        await self._platform.devices.profile(made, {"catalogue": edition}, [device.family for device in self._devices])
        self._introduced = True
        self.nearby = await self._platform.devices.nearby()

    def _state(self) -> str:
        if self._capability.closed_reason:
            return "closed"
        if self._is_busy():
            return "busy"
        return "ready" if self._capability.available() else "out-of-work"

    async def _probe(self) -> None:
        """Ask areas that are down whether they are there again, so that no citizen has to try."""
        while True:
            await beat(PROBE_EVERY_S)
            if down := self._platform.areas_down():
                await self._platform.look_again()
                if down - self._platform.areas_down():
                    self.area_back()

    async def _listen(self) -> None:
        """Ask for commands and follow them, one after the other."""
        await self._commands.recall()
        wait = self._settings.platform.command_wait_s
        while True:
            began = self._clock.monotonic()
            try:
                given = await self._platform.devices.commands(wait)
                for command in given:
                    await self._commands.follow(command)
            except (PlatformError, JournalError) as error:
                log.debug("no commands: %s", error)
                given = ()
            # A platform that answers at once, or not at all, is not asked again and again.
            rest = 1.0 if given else max(1.0, min(float(wait), AGAIN_S) - (self._clock.monotonic() - began))
            self._asked.clear()
            try:
                async with asyncio.timeout(rest):
                    await self._asked.wait()
            except TimeoutError:
                continue
