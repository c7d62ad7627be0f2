"""The system's clock jumps while a citizen is being served: nothing expires, nothing is done twice, and it is noted."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest
from citizens_hall import NOON, Hall

from kiosk.clock import Clock
from kiosk.journal import verify_file
from kiosk.supervision.clock_watch import watch_clock
from simulator.virtual_time import run_virtual

HOUR = 3600.0
DEAD_BATTERY = -26 * 365.25 * 86400
JUMPS = pytest.mark.parametrize("seconds", [HOUR, -HOUR, DEAD_BATTERY], ids=["forward", "back", "year-2000"])


class System:
    """The machine's clock; `jump` moves it under the terminal."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._off = 0.0

    def __call__(self) -> float:
        return NOON.timestamp() + self._loop.time() + self._off

    def jump(self, seconds: float) -> None:
        """Step the clock, as NTP does after an outage."""
        self._off += seconds


def play(folder: Path, story: Callable[[Hall, System], Awaitable[None]]) -> list[float]:
    """One story with a watched clock; gives the jumps that were journalled."""
    jumps: list[float] = []

    async def told() -> None:
        async with Hall(folder) as hall:
            system = System()
            hall.tools.clock.system = system
            hall.tools.clock.resync()
            watch = asyncio.ensure_future(watch_clock(hall.tools.clock, hall.journal))
            await hall.platform.health()
            try:
                await story(hall, system)
            finally:
                watch.cancel()
                with suppress(asyncio.CancelledError):
                    await watch
            entries = await hall.journal.entries()
            jumps.extend(json.loads(e["body"])["seconds"] for e in entries if e["kind"] == "clock.jumped")
            assert await hall.journal.open_intents() == []

    run_virtual(told())
    assert verify_file(folder / "journal.db").broken == ""
    return jumps


@pytest.mark.promise("P1", "P2")
@JUMPS
def test_in_the_middle_of_a_payment(tmp_path: Path, seconds: float) -> None:
    async def story(hall: Hall, system: System) -> None:
        await hall.renewal_to_pay()
        system.jump(seconds)
        await asyncio.sleep(2)
        hall.pad_there.do("tap", card="citizen-02")
        screen = await hall.page("finish", "receipt", "not_done")
        assert screen.page != "not_done", hall.display.pages
        await hall.goodbye()
        await asyncio.sleep(90)
        assert hall.paid_fen() == 2000
        assert len(await hall.sim("cases")) == 1

    assert [round(j) for j in play(tmp_path, story)] == [round(seconds)]


@pytest.mark.promise("P3")
@JUMPS
def test_while_a_certificate_is_being_printed(tmp_path: Path, seconds: float) -> None:
    async def story(hall: Hall, system: System) -> None:
        await hall.identified("WH-SI-001")
        await hall.page("form")
        await hall.press("choose:kinds", "pension")
        await hall.press("next")
        await hall.page("review")
        system.jump(seconds)
        await hall.press("confirm")
        await asyncio.sleep(1.5)
        system.jump(-seconds)
        await hall.goodbye()
        assert len(hall.licences.pages) == 1

    # Whether the two steps fall between two looks of the watch does not matter; what matters is that they cancel out.
    assert abs(sum(play(tmp_path, story))) < 2


@JUMPS
def test_between_two_visits(tmp_path: Path, seconds: float) -> None:
    async def story(hall: Hall, system: System) -> None:
        await hall.page("standby")
        system.jump(seconds)
        await asyncio.sleep(2)
        await hall.renewal_to_pay()
        hall.pad_there.do("tap", card="citizen-02")
        await hall.goodbye()
        assert hall.paid_fen() == 2000

    assert [round(j) for j in play(tmp_path, story)] == [round(seconds)]


def test_small_steps_are_taken_over_without_a_word(tmp_path: Path) -> None:
    async def story(hall: Hall, system: System) -> None:
        for _ in range(20):
            system.jump(0.4)
            await asyncio.sleep(1)
        assert abs(hall.tools.clock.timestamp() - system()) < 0.5

    assert play(tmp_path, story) == []


def test_the_platforms_time_goes_on_by_the_loop() -> None:
    async def story() -> None:
        system = System()
        clock = Clock(NOON.timestamp(), system)
        clock.heard(NOON)
        system.jump(DEAD_BATTERY)
        clock.resync()
        await asyncio.sleep(60)
        assert clock.now().year == 2000
        assert round((clock.platform_now() - NOON).total_seconds()) == 60
        clock.heard(NOON)
        assert round((clock.platform_now() - NOON).total_seconds()) == 0

    run_virtual(story())
