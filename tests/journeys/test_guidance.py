"""Guide lights follow the pages, and never keep a page waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from config.cabinet_map import SLOTS, Slot
from drivers.cabinet.driver import Cabinet
from drivers.cabinet.frames import DARK, Lit
from drivers.errors import NoAnswer
from drivers.links.memory import MemoryPort
from kiosk.visits.guidance import PAGES, GuideLights
from simulator.models.cabinet import CabinetSim
from simulator.ports.serve import MemoryWire
from simulator.virtual_time import run_virtual

LEADS: list[tuple[str, dict[str, str]]] = [
    ("home", {}),
    ("place_card", {"id-card-reader": "slow"}),
    ("tech_door", {"id-card-reader": "slow"}),
    ("face", {"camera": "steady"}),
    ("working", {}),
    ("face_challenge", {"camera": "steady"}),
    ("photo_guide", {}),
    ("photo", {"camera": "steady"}),
    ("pay", {"payment-pad": "slow"}),
    ("pay_scan", {"camera": "slow"}),
    ("working", {}),
    ("show_code", {"camera": "slow"}),
    ("phone_code", {"camera": "slow"}),
    ("working", {}),
    ("receipt", {"receipt-printer": "quick", "licence-printer": "quick"}),
    ("finish", {"receipt-printer": "quick", "licence-printer": "quick"}),
    ("card_left", {"id-card-reader": "quick"}),
    ("leave", {}),
    ("standby", {}),
]


class Panel:
    """A cabinet that notes what it is asked for, slowly or not at all."""

    def __init__(self, slots: tuple[Slot, ...] = SLOTS, takes_s: float = 0.0, error: Exception | None = None) -> None:
        self.slots = slots
        self.takes_s = takes_s
        self.error = error
        self.shown: list[dict[str, str]] = []

    async def show(self, wishes: Mapping[Slot, Lit]) -> None:
        await asyncio.sleep(self.takes_s)
        if self.error:
            raise self.error
        self.shown.append({slot: lit.pattern for slot, lit in wishes.items() if lit != DARK})


def test_each_page_lights_its_slots_on_a_board_and_darkens_the_others() -> None:
    async def main() -> None:
        sim = CabinetSim(
            "memory://guided", framing="tcp", join=lambda end, tap: MemoryWire(end, MemoryPort("guided"), tap)
        )
        await sim.plug()
        cabinet = Cabinet("cabinet", "memory://guided")
        await cabinet.open()
        lights = GuideLights(cabinet)
        for page, lit in LEADS:
            await lights.show(page)
            await lights.settle()
            seen = {slot: one.pattern for slot, one in sim.board.lights().items() if one != DARK}
            assert seen == lit, page
            assert lights.page == page
        await cabinet.close()
        await sim.unplug()

    run_virtual(main())


def test_every_page_of_the_table_is_tested() -> None:
    assert set(PAGES) == {page for page, lit in LEADS if lit}


async def test_without_a_cabinet_nothing_happens() -> None:
    lights = GuideLights(None)
    await lights.show("pay")
    await lights.settle()
    assert lights.page == "pay"


def test_a_slow_cabinet_keeps_no_page_waiting_and_only_the_newest_page_is_shown() -> None:
    async def main() -> None:
        panel = Panel(takes_s=0.5)
        lights = GuideLights(panel)
        loop = asyncio.get_running_loop()
        started = loop.time()
        for _ in range(50):
            for page, _lit in LEADS:
                await lights.show(page)
                await asyncio.sleep(0)
        await lights.show("pay")
        assert loop.time() == started
        await lights.settle()
        assert panel.shown == [{}, {"payment-pad": "slow"}]
        assert loop.time() - started == pytest.approx(1.0)
        await lights.show("pay")
        await lights.settle()
        assert len(panel.shown) == 2

    run_virtual(main())


@pytest.mark.parametrize(
    "panel", [Panel(takes_s=30), Panel(error=NoAnswer("silence")), Panel(error=RuntimeError("bug"))]
)
def test_no_trouble_of_the_cabinet_reaches_a_page(panel: Panel, caplog: Any) -> None:
    async def main() -> None:
        lights = GuideLights(panel, deadline_s=1.0)
        loop = asyncio.get_running_loop()
        started = loop.time()
        await lights.show("face")
        await lights.settle()
        assert loop.time() - started <= 1.0
        panel.takes_s, panel.error = 0.0, None
        await lights.show("pay")
        await lights.settle()
        assert panel.shown == [{"payment-pad": "slow"}]

    with caplog.at_level("INFO", "kiosk.visits.guidance"):
        run_virtual(main())
    assert "guide lights" in caplog.text


def test_a_cabinet_that_is_away_shows_the_page_of_the_moment_when_it_is_back() -> None:
    async def main() -> None:
        sim = CabinetSim("memory://away", framing="tcp", join=lambda end, tap: MemoryWire(end, MemoryPort("away"), tap))
        cabinet = Cabinet("cabinet", "memory://away")
        lights = GuideLights(cabinet)
        await lights.show("face")
        await lights.show("pay")
        await lights.settle()
        await sim.plug()
        await cabinet.open()
        assert {slot for slot, lit in sim.board.lights().items() if lit != DARK} == {"payment-pad"}
        await cabinet.close()
        await sim.unplug()

    run_virtual(main())


async def test_slots_without_a_light_are_passed_over() -> None:
    panel = Panel(slots=("receipt-printer",))
    lights = GuideLights(panel)
    await lights.show("place_card")
    await lights.settle()
    await lights.show("receipt")
    await lights.settle()
    assert panel.shown == [{}, {"receipt-printer": "quick"}]
