"""Standby and the first page: what was chosen there holds for one visit, large type gets few lines."""

from __future__ import annotations

from pathlib import Path

from citizens_hall import Hall

from config.catalogue import load_catalogue
from config.home import home_page
from screens.screen import Actions, Items, Notice, Reply, Tiles
from simulator.virtual_time import run_virtual


def _lines(hall: Hall) -> list[tuple[str, str]]:
    assert hall.display.screen is not None
    return [(i.key, i.value) for b in hall.display.screen.blocks if isinstance(b, Items) for i in b.items]


def test_the_language_chosen_on_standby_is_that_of_one_visit(tmp_path: Path) -> None:
    async def story() -> None:
        async with Hall(tmp_path) as hall:
            standby = await hall.page("standby")
            offered = {
                a.value for b in standby.blocks if isinstance(b, Actions) for a in b.actions if a.key == "language"
            }
            assert offered == {"en", "ko"}
            await hall.press("language", "ko")
            assert (await hall.page("home")).language == "ko"
            await hall.press("leave")
            assert (await hall.page("standby")).language == "zh"
            await hall.press("start")
            assert (await hall.page("home")).language == "zh"

    run_virtual(story())


def test_a_language_that_nobody_has_begins_no_visit(tmp_path: Path) -> None:
    async def story() -> None:
        async with Hall(tmp_path) as hall:
            await hall.page("standby")
            hall.replies.put(Reply("language", "xx"))
            await hall.press("start")
            assert (await hall.page("home")).language == "zh"

    run_virtual(story())


def test_large_type_has_few_fields_the_rest_behind_one_line_and_somebody_to_ask(tmp_path: Path) -> None:
    async def story() -> None:
        async with Hall(tmp_path) as hall:
            await hall.page("standby")
            await hall.press("start")
            await hall.page("home")
            hall.capability.limits = list  # type: ignore[method-assign]  # nothing is out of order
            await hall.press("mode", "elder")
            home = await hall.page("home")
            assert home.mode == "elder"
            wanted = [("field", key) for key in home_page().elder]
            assert _lines(hall) == [("search", ""), *wanted, ("more", "")]
            assert [t.key for b in home.blocks if isinstance(b, Tiles) for t in b.tiles] == ["verb"] * 5
            assert [a.key for b in home.blocks if isinstance(b, Actions) for a in b.actions] == ["help"]
            await hall.press("more")
            fields = await hall.page("fields")
            assert len([t for b in fields.blocks if isinstance(b, Tiles) for t in b.tiles]) == 18
            await hall.press("mode", "standard")
            await hall.press("back")
            await hall.page("home")
            assert ("service", "WH-SI-001") in _lines(hall)

    run_virtual(story())


def test_what_does_not_work_says_where_else(tmp_path: Path) -> None:
    async def story() -> None:
        async with Hall(tmp_path) as hall:
            await hall.page("standby")
            hall.capability.limits = lambda: ["reason.licence_printer.paper-out"]  # type: ignore[method-assign]
            await hall.press("start")
            home = await hall.page("home")
            told = [b for b in home.blocks if isinstance(b, Notice)]
            assert len(told) == 1
            assert "证照打印机缺纸" in told[0].text
            assert told[0].detail.strip(), "nobody is left standing without a place to go"

    run_virtual(story())


def test_the_fields_for_large_type_are_those_of_the_catalogue() -> None:
    known = {field.key for field in load_catalogue().fields}
    assert set(home_page().elder) <= known
