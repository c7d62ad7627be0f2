"""What happens on the bench, told to every browser: devices (gathered for 50 ms), wire, platform, promises."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from simulator.bench.bench import Bench
from simulator.bench.platform_desk import PlatformDesk
from simulator.world import WireLine

GATHER_S = 0.05
LOOK_S = 0.5
PLATFORM_S = 1.0
STANDING_S = 2.5
QUEUE = 256


class News:
    """Watches everything on the bench; `run()` sends what changed to every listener's queue."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.world = bench.world
        self.processes = bench.processes
        self.platform = bench.platform
        self.overview: dict[str, Any] | None = None
        self.standing: dict[str, Any] | None = None
        self.listeners: set[asyncio.Queue[str]] = set()
        self._dirty: set[str] = set()
        self._shown: dict[str, str] = {}
        self._lines: list[WireLine] = []
        self._ended: set[str] = set()
        self._extras = False
        self._wake = asyncio.Event()
        self._asked = asyncio.Event()

    def watch(self) -> None:
        """Begin to listen to the world, the processes and the recorder."""
        self.world.device_watchers.append(self._device_changed)
        self.world.wire_watchers.append(self._crossed)
        self.bench.recorder.changed = self.tell_extras
        for process in self.processes.values():
            process.changed = self._process_changed(process.name)

    def tell_extras(self) -> None:
        """Clock and recording have changed."""
        self._extras = True
        self._wake.set()

    def _device_changed(self, family: str) -> None:
        self._dirty.add(family)
        self._wake.set()

    def _crossed(self, line: WireLine) -> None:
        if self.listeners:
            self._lines.append(line)
            self._wake.set()

    def _process_changed(self, name: str) -> Callable[[], None]:
        def note() -> None:
            self._ended.add(name)
            self._wake.set()

        return note

    def look_at_platform(self) -> None:
        """Somebody changed something there: look now, not in a second."""
        self._asked.set()

    @asynccontextmanager
    async def listener(self) -> AsyncIterator[asyncio.Queue[str]]:
        """A browser's queue, for as long as it listens."""
        queue: asyncio.Queue[str] = asyncio.Queue(QUEUE)
        self.listeners.add(queue)
        if self.overview is not None:
            queue.put_nowait(json.dumps({"type": "platform", "platform": self.overview}, ensure_ascii=False))
        if self.standing is not None:
            queue.put_nowait(json.dumps({"type": "standing", "standing": self.standing}, ensure_ascii=False))
        self._asked.set()
        try:
            yield queue
        finally:
            self.listeners.discard(queue)

    async def run(self) -> None:
        """Send device, wire and process news until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._tell())
            if self.platform:
                tasks.create_task(self._watch_platform(self.platform))
            if self.bench.places:
                tasks.create_task(self._watch_standing())

    async def _tell(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), LOOK_S)
            if not self.listeners:
                self._dirty.clear()
                self._lines.clear()
                self._shown.clear()
            self._wake.clear()
            dirty, self._dirty = self._dirty, set()
            lines, self._lines = self._lines, []
            ended, self._ended = self._ended, set()
            for family, state in self.world.state().items() if self.listeners else ():
                self._tell_device(family, state, family in dirty)
            if lines:
                self._send({"type": "wire", "lines": [line.as_json() for line in lines[-200:]]})
            for name in sorted(ended):
                self._send({"type": "process", "process": self.processes[name].state()})
            if self._extras:
                self._extras = False
                clock = self.bench.clock.state() if self.bench.clock else None
                self._send(
                    {
                        "type": "extras",
                        "clock": clock,
                        "record": self.bench.record_state(),
                        "breakdowns": self.bench.breaking.state(),
                    }
                )
            await asyncio.sleep(GATHER_S)

    def _tell_device(self, family: str, state: dict[str, Any], changed: bool) -> None:
        """Send a state that a device announced, or that differs from the last one sent (paper moves by itself)."""
        text = json.dumps(state, ensure_ascii=False, default=str)
        if changed or self._shown.get(family) != text:
            self._shown[family] = text
            self._send({"type": "device", "family": family, "state": state})

    async def _watch_platform(self, desk: PlatformDesk) -> None:
        while True:
            if self.listeners:
                overview = await desk.overview()
                if overview != self.overview:
                    self.overview = overview
                    self._send({"type": "platform", "platform": overview})
            self._asked.clear()
            try:
                await asyncio.wait_for(self._asked.wait(), PLATFORM_S)
            except TimeoutError:
                continue

    async def _watch_standing(self) -> None:
        while True:
            if self.listeners:
                standing = await self.bench.standing.look()
                if standing != self.standing:
                    self.standing = standing
                    self._send({"type": "standing", "standing": standing})
            await asyncio.sleep(STANDING_S)

    def _send(self, message: dict[str, Any]) -> None:
        text = json.dumps(message, ensure_ascii=False, default=str)
        for queue in list(self.listeners):
            if queue.full():
                self.listeners.discard(queue)  # it stopped reading: its socket ends, the page connects again
                _drain(queue)
            queue.put_nowait(text if queue in self.listeners else "")


def _drain(queue: asyncio.Queue[str]) -> None:
    while not queue.empty():
        queue.get_nowait()
