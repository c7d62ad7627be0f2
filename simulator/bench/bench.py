"""What a bench consists of: world, the terminal's mirror, the platform's desk, processes, and where they write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from config.receipt_printers import receipt_printers
from simulator.bench.breaking import Breaking
from simulator.bench.glass import Glass
from simulator.bench.live_books import Places
from simulator.bench.own_clock import OwnClock
from simulator.bench.platform_desk import KNOBS, PlatformDesk
from simulator.bench.recording import Recorder, counter
from simulator.bench.relay import Relay
from simulator.bench.standing import Standing
from simulator.bench.things_routes import Newcomers
from simulator.families import FAMILIES
from simulator.platform.faults import PARTS, FaultPlan
from simulator.platform.problem_table import PROBLEMS
from simulator.processes import Process
from simulator.world import World


class Bench:
    """What the routes act on. `mirror` is the terminal's mirror URL with its token; `places` where the files are."""

    def __init__(
        self,
        world: World,
        token: str,
        mirror: str = "",
        platform: PlatformDesk | None = None,
        processes: Sequence[Process] = (),
        facts: dict[str, Any] | None = None,
        places: Places | None = None,
    ) -> None:
        self.world = world
        self.token = token
        self.mirror = mirror
        self.platform = platform
        self.processes = {p.name: p for p in processes}
        self.facts = facts or {}
        self.places = places
        terminal = self.processes.get("terminal")
        self.relay = Relay(lambda: self.mirror)
        self.glass = Glass(self.relay)
        self.newcomers = Newcomers(world, platform)
        self.standing = Standing(world, places, terminal)
        self.recorder = Recorder(world, platform, self.relay, counter(world, platform))
        self.clock = OwnClock(terminal, places.state_dir.parent) if places else None
        self.relead: Callable[[dict[str, Any], dict[str, Any]], None] = lambda devices, further: None
        """Writes the machine layer again, with tables for `devices`, and others, that differ from the profile's."""
        self.breaking = Breaking(self)

    async def fit_receipt_printer(self, profile: str) -> None:
        """Another model of receipt printer; the terminal is told and started again. Raises `KeyError`, `ValueError`."""
        if profile not in receipt_printers():
            raise ValueError(f"profile: one of {', '.join(receipt_printers())}")
        await self.world.refit("receipt-printer", profile=profile)
        self.relead({"receipt_printer": {"options": {"profile": profile}}}, {})
        terminal = self.processes.get("terminal")
        if terminal is not None and terminal.running:
            await terminal.stop()
            await terminal.start()

    def state(self) -> dict[str, Any]:
        """All that a page needs to draw itself from nothing."""
        devices = self.world.state()
        return {
            "facts": self.facts,
            "order": [name for name in (*FAMILIES, "ups", "network") if name in devices],
            "devices": devices,
            "verbs": {name: device.verbs for name, device in self.world.devices.items()},
            "presented": self.world.presented,
            "processes": {name: process.state() for name, process in self.processes.items()},
            "scene": self.world.scene,
            "has_terminal": bool(self.mirror),
            "has_platform": self.platform is not None,
            "clock": self.clock.state() if self.clock else None,
            "record": self.record_state(),
            "breakdowns": self.breaking.state(),
            "platform_faults": {
                "fields": [name for name in FaultPlan.model_fields if name not in ("area", "times")],
                "areas": list(PARTS),
                "problems": sorted(PROBLEMS),
            },
            "knobs": list(KNOBS),
            "receipt_profiles": {name: p.has_presenter for name, p in receipt_printers().items()},
        }

    def record_state(self) -> dict[str, Any]:
        """Whether something is recorded, how much, and whether there is something to fetch."""
        now, last = self.recorder.now, self.recorder.last
        return {
            "on": now is not None,
            "title": now.title if now else (last.title if last else ""),
            "began": now.began if now else None,
            "events": len(now.events) if now else (len(last.events) if last else 0),
            "last": last is not None,
        }
