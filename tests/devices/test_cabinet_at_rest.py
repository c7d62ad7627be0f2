"""A cabinet with nobody before it: its contacts as often as ever, slow values seldom; whoever comes changes that."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # importlib mode gives tests no package to import each other from
from cabinet_support import open_stand, virtually

from drivers.cabinet.driver import REST_AFTER_S
from drivers.cabinet.frames import DARK, Lit

SETTLED_S = REST_AFTER_S + 6.0


@virtually
async def test_heat_and_lost_lights_are_found_within_six_seconds_and_a_key_as_fast_as_ever() -> None:
    async with open_stand("rtu") as s:
        await s.cabinet.light("id-card-reader", "slow")
        await asyncio.sleep(SETTLED_S)
        assert await s.act("key", seconds=0.2) == ["KeyPressed", "KeyReleased"]
        await asyncio.sleep(SETTLED_S)
        s.sim.do("temperature", c=65.0)
        await asyncio.sleep(6.0)
        assert s.names == ["Overheated"]
        await asyncio.sleep(SETTLED_S)
        s.sim.do("restart")
        assert s.sim.board.lights()["id-card-reader"] == DARK
        await asyncio.sleep(6.0)
        assert s.sim.board.lights()["id-card-reader"] == Lit("slow", "green")


@virtually
async def test_who_comes_and_who_wishes_a_light_is_looked_after_each_second() -> None:
    async with open_stand("rtu") as s:
        await asyncio.sleep(SETTLED_S)
        assert await s.act("presence") == ["PersonCame"]
        s.sim.do("temperature", c=65.0)
        await asyncio.sleep(1.3)
        assert s.names == ["Overheated"]
        s.sim.do("temperature", c=20.0)
        assert await s.act("presence", on=False) == ["PersonLeft"]
        await asyncio.sleep(SETTLED_S)
        s.names.clear()
        await s.cabinet.light("id-card-reader", "slow")
        s.sim.do("restart")
        await asyncio.sleep(1.3)
        assert s.sim.board.lights()["id-card-reader"] == Lit("slow", "green")
