"""What the office orders from afar, as people at the terminal see it: closed with its words, a notice until its end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from citizens_hall import Hall

from config.load import load_settings
from config.texts import texts
from kiosk.duties.office_commands import Commands
from kiosk.duties.office_orders import CLOSED_REASON
from kiosk.offering.places import nearest
from simulator.virtual_time import run_virtual

KIOSK = load_settings("simulated").terminal.id


class Office:
    """Orders by the platform's own table, followed by the terminal as `kiosk.workshop` wires it."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        tools, terminal = hall.tools, hall.terminal
        self.commands = Commands(tools.journal, tools.outbox, tools.platform, tools.clock, terminal.orders)

        def closed_or_opened() -> None:
            hall.capability.closed_reason = CLOSED_REASON if terminal.orders.closed else ""

        self.commands.changed = closed_or_opened
        self.count = 0

    async def orders(self, name: str, **params: str) -> None:
        """Order, follow, and wait until the page had its time to change."""
        self.count += 1
        city = self.hall.app.state.city
        with city.store.transaction() as cx:
            cx.execute(
                "INSERT INTO command(id, kiosk, name, params, state, issued_at, expires_at)"
                " VALUES (?, ?, ?, ?, 'WAITING', ?, ?)",
                (f"cmd_{self.count:04d}", KIOSK, name, json.dumps(params), city.stamp(), city.stamp(600)),
            )
        for command in await self.hall.platform.devices.commands(0):
            await self.commands.follow(command)
        await asyncio.sleep(3)

    def outcomes(self) -> list[str]:
        """What the platform was told."""
        with self.hall.app.state.city.store.transaction() as cx:
            return [row["state"] for row in cx.execute("SELECT state FROM command ORDER BY id")]


def play(folder: Path, story: Callable[[Hall, Office], Awaitable[None]]) -> None:
    async def told() -> None:
        async with Hall(folder) as hall:
            await hall.page("standby")
            await story(hall, Office(hall))

    run_virtual(told())


def shown(hall: Hall) -> str:
    return repr(hall.display.screen)


def test_a_notice_stands_on_standby_until_its_end(tmp_path: Path) -> None:
    async def story(hall: Hall, office: Office) -> None:
        await office.orders("notice", zh="今晚 22 点停水，请提前缴费。", minutes="5")
        assert (await hall.page("standby")).page == "standby"
        assert "今晚 22 点停水" in shown(hall)
        await asyncio.sleep(5 * 60)
        assert "今晚 22 点停水" not in shown(hall)
        assert office.outcomes() == ["DONE"]

    play(tmp_path, story)


def test_closed_says_the_offices_words_and_where_to_go_until_it_is_opened(tmp_path: Path) -> None:
    async def story(hall: Hall, office: Office) -> None:
        await office.orders("close", zh="停电检修，16 点恢复。", en="No power until 16:00.")
        await hall.page("closed", within_s=5)
        assert "停电检修，16 点恢复。" in shown(hall)
        assert nearest(hall.tools.settings, "zh") in shown(hall)
        await hall.press("start")
        await asyncio.sleep(3)
        assert hall.display.screen is not None
        assert hall.display.screen.page == "closed"  # whatever is touched
        await office.orders("open")
        await hall.page("standby", within_s=5)
        assert office.outcomes() == ["DONE", "DONE"]

    play(tmp_path, story)


@pytest.mark.promise("P7")
def test_closed_without_words_still_says_a_sentence(tmp_path: Path) -> None:
    async def story(hall: Hall, office: Office) -> None:
        await office.orders("close")
        await hall.page("closed", within_s=5)
        assert texts("zh").t(CLOSED_REASON) in shown(hall)

    play(tmp_path, story)


def test_a_visit_under_way_is_not_cut_off_by_closing(tmp_path: Path) -> None:
    async def story(hall: Hall, office: Office) -> None:
        await hall.to_consent("WH-SI-001")
        await office.orders("close", zh="停电检修。")
        assert hall.display.screen is not None
        assert hall.display.screen.page == "consent"
        await hall.press("agree")
        await hall.page("place_card")
        hall.reader_there.do("present", card="citizen-02")
        assert (await hall.page("consent", "fill", "form", "materials", "review", within_s=60)).page != "closed"
        hall.lift()
        await hall.press("leave")
        await hall.page("closed", within_s=200)

    play(tmp_path, story)
