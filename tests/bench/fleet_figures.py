"""3,143 terminals on one Mosquitto: birth storm, steady minutes, a restarted broker, an hour without a network.

    python tests/bench/fleet_figures.py [--terminals 3143] [--steady-s 120] [--speed 20]

Prints one JSON object. Everything runs in real time but the hour, which runs `speed` times as fast (the terminals then
beat `speed` times a minute). PostgreSQL writes as it does in the field (fsync on). Nothing of money may be missing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "processes"))
sys.path.insert(0, str(Path(__file__).parents[2]))
from control_room_proof import compared
from control_room_stand import Stand, cost, missing, standing

from simulator.fleet.connection import Broker
from simulator.fleet.fleet import Fleet, FleetOptions
from simulator.fleet.limits import room_for

SHARE = 0.33


class Meter:
    """Processor time and memory of every part between two looks."""

    def __init__(self, stand: Stand) -> None:
        self._parts = {"broker": stand.broker, "database": stand.database, "control_room": stand.room}
        self._pids = {"fleet": os.getpid()}
        self.again()

    def again(self) -> None:
        """Begin to measure here; also after a part was restarted."""
        self._pids |= {name: part.program.pid for name, part in self._parts.items()}
        self._at, self._cpu = time.monotonic(), {name: _own(name, pid)[0] for name, pid in self._pids.items()}

    def taken(self) -> dict[str, Any]:
        """Seconds, and for each part percent of one core and MiB."""
        past = time.monotonic() - self._at
        now = {name: _own(name, pid) for name, pid in self._pids.items()}
        parts = {
            name: {"core_percent": round(100 * (cpu - self._cpu[name]) / past, 1), "rss_mib": rss}
            for name, (cpu, rss) in now.items()
        }
        return {"seconds": round(past, 1), **parts}


def _own(name: str, pid: int) -> tuple[float, float]:
    if name == "fleet":  # the others are this process's children
        used = os.times()
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return used.user + used.system, round(pages * os.sysconf("SC_PAGE_SIZE") / 2**20, 1)
    found = cost(pid)
    return found.cpu_s, found.rss_mib


async def measured(terminals: int, steady_s: float, speed: float, say: Any = print) -> dict[str, Any]:
    """All figures. Raises `AssertionError` when something is missing."""
    room_for(terminals)
    with standing(durable=True) as stand:
        broker = Broker.of(stand.broker.url)
        found: dict[str, Any] = {"terminals": terminals, "load_before": round(os.getloadavg()[0], 2)}
        options = FleetOptions(broker, terminals)
        async with Fleet(options, datetime.now().astimezone()).running() as fleet:
            found |= await _real_time(fleet, stand, steady_s, say)
        stand.database.ask("SELECT 1")
        options = FleetOptions(broker, terminals, seed=2, speed=speed)
        async with Fleet(options, datetime.now().astimezone()).running() as fleet:
            found["hour"] = await _hour(fleet, stand, speed, say)
        found["room"] = stand.room.get("/healthz")
    return found


async def _real_time(fleet: Fleet, stand: Stand, steady_s: float, say: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    meter = Meter(stand)
    found["come_up"] = {"connected_s": round(await fleet.all_up(300), 1)}
    found["come_up"]["all_seen_s"] = round(await _all_seen(fleet, stand), 1)
    found["come_up"] |= meter.taken()
    say("come up", found["come_up"])
    await asyncio.sleep(20)
    meter.again()
    await asyncio.sleep(steady_s)
    found["steady"] = meter.taken() | {"messages_a_second": round(len(fleet.terminals) / 60, 1)}
    say("steady", found["steady"])
    meter.again()
    found["birth_storm"] = {"connected_s": round(await fleet.birth_storm(), 1)}
    found["birth_storm"]["all_seen_s"] = round(await _all_seen(fleet, stand), 1)
    found["birth_storm"] |= meter.taken()
    say("birth storm", found["birth_storm"])
    began = time.monotonic()
    await asyncio.to_thread(stand.broker.program.stop)
    stand.broker.start()
    meter.again()
    await fleet.all_up(300)
    await fleet.drained(300)
    found["broker_restart"] = {"all_back_s": round(time.monotonic() - began, 1)} | meter.taken()
    say("broker restart", found["broker_restart"])
    await fleet.outage(SHARE, 1)
    found["outage_of_a_minute"] = {"back_s": round(await fleet.all_up(300), 1)}
    found["outage_of_a_minute"] |= {"delivered_s": round(await fleet.drained(300), 1)}
    found["real_time_proof"] = await compared(fleet, stand, 120)
    found["not_used_in_real_time"] = stand.room.get("/healthz")["odd"]
    say("proof", found["real_time_proof"], found["not_used_in_real_time"])
    return found


async def _hour(fleet: Fleet, stand: Stand, speed: float, say: Any) -> dict[str, Any]:
    """An hour without a network for a third, `speed` times as fast."""
    await fleet.all_up(300)
    stand.database.ask("SELECT 1")
    meter = Meter(stand)
    chosen = await fleet.outage(SHARE, 60)
    held = sum(each.backlog for each in chosen)
    back, drained = await fleet.all_up(300), await fleet.drained(300)
    proof = await compared(fleet, stand, 300)
    found = {
        "speed": speed, "without_network": len(chosen), "events_held": held, "back_s": round(back, 1),
        "delivered_s": round(drained, 1), "proof": proof, **meter.taken(), "fleet_report": fleet.report(),
    }  # fmt: skip
    say("hour", found)
    return found


async def _all_seen(fleet: Fleet, stand: Stand) -> float:
    """Seconds until the database has every terminal online and born in its present session."""
    began = time.monotonic()
    while True:
        rows = await asyncio.to_thread(stand.database.ask, "SELECT count(*) FROM terminal WHERE online AND born")
        backlog = await asyncio.to_thread(stand.room.get, "/healthz")
        if rows[0][0] >= len(fleet.terminals) and backlog.get("waiting", 0) == 0:
            return time.monotonic() - began
        assert time.monotonic() - began < 300, rows
        await asyncio.sleep(0.2)


def rows() -> list[tuple[str, str, str, str]]:
    """For `make bench`: a shorter run."""
    if lacks := missing():
        return [("fleet", "not measured", f"missing: {lacks}", "")]
    found = asyncio.run(measured(3143, 60, 20.0, lambda *_: None))
    return [
        ("fleet: 3,143 terminals connected, then all in the database",
         f"{found['come_up']['connected_s']} s, {found['come_up']['all_seen_s']} s more", "", ""),
        *(_part(found["steady"], name) for name in ("broker", "control_room", "database", "fleet")),
        ("fleet: broker restarted, all back and delivered", f"{found['broker_restart']['all_back_s']} s", "", ""),
        (f"fleet: an hour without network for {found['hour']['without_network']} (x{found['hour']['speed']:.0f})",
         f"delivered in {found['hour']['delivered_s']} s", f"{found['hour']['proof']['missing']} events missing", ""),
    ]  # fmt: skip


def _part(steady: Mapping[str, Any], name: str) -> tuple[str, str, str, str]:
    part = steady[name]
    return (
        f"fleet: {name}, a heartbeat a minute each",
        f"{part['core_percent']} % of a core, {part['rss_mib']} MiB",
        "",
        "",
    )


def main() -> None:
    """Print the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--terminals", type=int, default=3143)
    parser.add_argument("--steady-s", type=float, default=120.0)
    parser.add_argument("--speed", type=float, default=20.0)
    given = parser.parse_args()
    if lacks := missing():
        parser.error(f"missing: {lacks} (config/deploy/system-packages.txt)")
    said = asyncio.run(measured(given.terminals, given.steady_s, given.speed, lambda *w: print(*w, file=sys.stderr)))
    print(json.dumps(said, indent=1))


if __name__ == "__main__":
    main()
