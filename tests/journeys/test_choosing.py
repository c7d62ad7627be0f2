"""Looking around: fields, verbs, a typed sentence, guides on paper; and an item that came as data, run to its end."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from citizens_hall import Hall

from config.catalogue import load_catalogue
from config.catalogue_content import item_json, item_key
from kiosk.catalogue.editions import Editions
from kiosk.catalogue.store import CatalogueStore
from kiosk.catalogue.sync import CatalogueSync
from screens.screen import Actions, Heading, Items, Result, Tiles
from simulator.platform import catalogue as area
from simulator.virtual_time import run_virtual

Story = Callable[[Hall], Awaitable[None]]


def play(folder: Path, story: Story) -> None:
    async def told() -> None:
        async with Hall(folder) as hall:
            await hall.page("standby")
            await hall.press("start")
            await hall.page("home")
            await story(hall)

    run_virtual(told())


def offered(hall: Hall) -> list[str]:
    """Ids of the services on the page."""
    assert hall.display.screen is not None
    return [item.value for b in hall.display.screen.blocks if isinstance(b, Items) for item in b.items if item.value]


async def typed(hall: Hall, text: str) -> None:
    for letter in text:
        await hall.press("key", "space" if letter == " " else letter)


async def printed(hall: Hall) -> str:
    """How printing a guide ended: done or failed."""
    for _ in range(400):
        page = await hall.page("guide_printed")
        results = [block.tone for block in page.blocks if isinstance(block, Result)]
        if results:
            return "done" if results[0] == "done" else "failed"
        await asyncio.sleep(0.25)
    raise AssertionError("still printing")


def test_home_has_six_fields_the_verbs_what_is_popular_and_the_rest_behind_more(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        home = hall.display.screen
        assert home is not None
        tiles = [tile for block in home.blocks if isinstance(block, Tiles) for tile in block.tiles]
        assert [t.key for t in tiles] == ["verb"] * 5 + ["field"] * 6
        assert offered(hall) == ["WH-SI-001", "WH-PS-001", "WH-PS-015", "WH-HF-001"]
        await hall.press("more")
        page = await hall.page("fields")
        tiles = [tile for block in page.blocks if isinstance(block, Tiles) for tile in block.tiles]
        assert len(tiles) == 18
        assert sum(int(t.badge.split()[0]) for t in tiles) == 236
        await hall.press("field", "public-security")
        page = await hall.page("field_page")
        assert len([b for b in page.blocks if isinstance(b, Heading)]) >= 3
        assert len(offered(hall)) == 27
        await hall.press("service", "WH-PS-001")
        await hall.page("guide")
        await hall.press("back")
        await hall.page("field_page")  # back is where one came from
        await hall.press("back")
        await hall.page("fields")
        await hall.press("home")

    play(tmp_path, story)


def test_a_verb_leads_to_its_fields_and_only_its_services(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.press("verb", "pay")
        await hall.page("fields")
        await hall.press("field", "public-security")
        await hall.page("field_page")
        kinds = {load_catalogue().services[item].kind for item in offered(hall)}
        assert kinds == {"pay"}
        await hall.press("leave")

    play(tmp_path, story)


@pytest.mark.parametrize(
    ("sentence", "item"), [("sfzdq", "WH-PS-001"), ("wufanzui", "WH-PS-015"), ("gjj", "WH-HF-001")]
)
def test_results_come_while_typing_and_nothing_is_started_by_it(tmp_path: Path, sentence: str, item: str) -> None:
    async def story(hall: Hall) -> None:
        await hall.press("search")
        await hall.page("search")
        await typed(hall, sentence)
        page = await hall.page("search")
        assert page.page == "search"  # typing never opens anything
        if item not in offered(hall):
            await hall.press("all")
            await hall.page("found")
        assert item in offered(hall)
        await hall.press("service", item)
        await hall.page("guide")
        await hall.press("leave")

    play(tmp_path, story)


def test_a_bare_subject_is_asked_back_and_nonsense_finds_nothing(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.press("search")
        await hall.page("search")
        await typed(hall, "shebaoka")
        page = await hall.page("search")
        asks = [i for b in page.blocks if isinstance(b, Items) for i in b.items if i.key == "ask"]
        assert 2 <= len(asks) <= 4
        await hall.press("ask", asks[0].value)
        await hall.page("found")
        assert offered(hall) == asks[0].value.split(",")
        await hall.press("again")
        await hall.page("search")
        await hall.press("key", "clear")
        await typed(hall, "abcdefg")
        await hall.page("search")
        assert offered(hall) == []
        await typed(hall, "a" * 80)
        await hall.press("back")
        await hall.page("home")
        await hall.press("leave")

    play(tmp_path, story)


def test_a_guide_is_printed_on_a4_or_on_a_receipt_without_signing_in(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await hall.press("service", "WH-PS-001")
        await hall.page("guide")
        await hall.press("print")
        assert await printed(hall) == "done"
        await hall.press("continue")
        await hall.page("guide")
        assert len(hall.licences.pages) == 1
        assert hall.licences.pages[0].startswith(b"%PDF")
        fault, hall.capability.fault_of = (
            hall.capability.fault_of,
            lambda family: "reason.licence_printer.paper-out" if family == "licence_printer" else "",
        )  # type: ignore[method-assign]  # a printer without paper
        await hall.press("print")
        assert await printed(hall) == "done"
        hall.capability.fault_of = fault  # type: ignore[method-assign]  # as before
        kinds = [e["kind"] for e in await hall.journal.entries(limit=500)]
        assert kinds.count("guide.printed") == 2
        assert "print.minted" not in kinds
        await hall.press("leave")

    play(tmp_path, story)


@pytest.mark.promise("P3")
def test_an_item_that_comes_through_the_delta_runs_to_its_end(tmp_path: Path) -> None:
    """R50: by data only. The visit before it ends on the version with which it began."""

    async def told() -> None:
        async with Hall(tmp_path) as hall:
            settings = hall.tools.settings.platform
            store = CatalogueStore(tmp_path / "catalogue", settings.public_key)
            now = hall.tools.clock.now
            editions = Editions(load_catalogue(), now, store)
            journal: Any = hall.journal
            sync = CatalogueSync(editions, hall.platform.catalogue, journal, now)
            hall.capability.current = editions.now
            await sync.once()
            item = copy.deepcopy(item_json(load_catalogue().services["WH-PS-001"]))
            item["service"] |= {"id": "WH-PS-901", "code": "11371000MB2856435T3000799901002"}
            item["service"]["name"] = {"zh": "园区牡蛎一件事", "en": "Oyster farm matters"}
            item["service"]["fee"] = {"type": "free"}
            item["service"]["steps"] = [s for s in item["service"]["steps"] if s not in ("pay", "materials", "photo")]
            item["service"]["needs"] = ["id_card", "receipt_printer"]
            item["service"].pop("photo", None)
            await hall.page("standby")
            await hall.press("start")
            await hall.page("home")
            city = hall.app.state.city
            with city.store.transaction() as cx:
                fields, content = area.content_of(area._ready(cx, city), area._newest(cx)["seq"])
                content[item_key(item)] = item
                del content["WH-SI-001@1"]
                area.publish(cx, city, fields, list(content.values()), area.ALWAYS)
            assert await sync.once()
            assert sync.trouble == ""
            assert "WH-SI-001" in offered(hall)
            await hall.press("service", "WH-SI-001")  # withdrawn meanwhile: this visit still has it
            await hall.page("guide")
            await hall.press("leave")
            await hall.page("standby")
            await hall.press("start")
            await hall.page("home")
            assert "WH-SI-001" not in offered(hall)
            await hall.press("leave")
            await hall.page("standby")
            await hall.identified("WH-PS-901")
            await hall.page("consent")
            await hall.press("agree")
            await hall.page("form")
            await hall.type("19906311074")
            await hall.press("choose:receive_mode", "pickup")
            await hall.press("next")
            await hall.page("review")
            await hall.press("confirm")
            await hall.goodbye()
            assert [case["service"] for case in await hall.sim("cases")] == ["WH-PS-901"]

    run_virtual(told())


@pytest.mark.promise("P7")
def test_a_guide_says_by_itself_when_the_service_can_be_started_again(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        def starts() -> bool:
            screen = hall.display.screen
            assert screen is not None
            rows = [block.actions for block in screen.blocks if isinstance(block, Actions)]
            return any(action.key == "start" and action.enabled for row in rows for action in row)

        hall.capability.closed_reason = ""
        await hall.press("service", "WH-SI-001")
        await hall.page("guide")
        assert starts()
        hall.capability.closed_reason = "reason.closed"
        await asyncio.sleep(2)
        assert not starts()
        hall.capability.closed_reason = ""
        await asyncio.sleep(2)
        assert starts()

    play(tmp_path, story)
