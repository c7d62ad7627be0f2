"""The bench's page in a browser: a control for every verb, a verb for every control, words in the tile."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, get_args

import pytest
from playwright.async_api import Page

sys.path.insert(0, str(Path(__file__).parent))  # importlib mode gives tests no package to import each other from
from page_support import page_of

from drivers.barcode.frames import AIM_IDS
from drivers.licence_printer.frames import Operation
from simulator.bench.app import Bench, make_app
from simulator.bench.platform_desk import PlatformDesk
from simulator.bench.serve import listen, serving
from simulator.families import LOOPBACK, free_port
from simulator.network import Network
from simulator.platform.issuing import Flaw
from simulator.platform.payers import ProviderPlan
from simulator.world import World, ephemeral_addresses

pytestmark = [pytest.mark.processes, pytest.mark.timeout(90), pytest.mark.xdist_group("browser")]
TOKEN = "secret-token"
ALIASES = {("payment-pad", "cancel")}
"""Verbs that are another name of a verb that has a control (`cancel_key`)."""


@asynccontextmanager
async def shown(tmp_path: Path, width: int = 1440, height: int = 900) -> AsyncIterator[tuple[Page, Bench]]:
    """The page over all real device models, and a platform that does not answer."""
    world = World()
    silent = f"http://{LOOPBACK}:{free_port()}"
    world.devices["network"] = Network(silent, LOOPBACK, free_port())
    await world.start(ephemeral_addresses(tmp_path / "dev"))
    bench = Bench(world, TOKEN, platform=PlatformDesk(silent))
    try:
        async with (
            serving(make_app(bench), listen(0)) as address,
            page_of(address, TOKEN, width, height) as page,
        ):
            yield page, bench
    finally:
        await world.stop()


async def controls(page: Page) -> set[tuple[str, str]]:
    rows: list[list[str]] = await page.evaluate(
        "[...document.querySelectorAll('[data-verb]')]"
        ".flatMap(e => [[e.dataset.family, e.dataset.verb], [e.dataset.family, e.dataset.undo || '']])"
    )
    return {(family, verb) for family, verb in rows if verb}


async def test_every_verb_has_a_control_and_every_control_a_verb(tmp_path: Path) -> None:
    async with shown(tmp_path) as (page, bench):
        assert bench.world.missing == {}
        offered = {(family, verb) for family, verbs in bench.state()["verbs"].items() for verb in verbs}
        there = await controls(page)
        assert offered - there - ALIASES == set()
        assert there - offered == set()
        unknown = "[...document.querySelectorAll('.panel')].map(e => e.dataset.unknown || '').join('')"
        assert await page.evaluate(unknown) == ""


async def test_the_knobs_and_choices_are_those_of_the_platform_and_the_devices(tmp_path: Path) -> None:
    async with shown(tmp_path) as (page, _):
        knobs = await page.evaluate("[...document.querySelectorAll('[data-knob]')].map(e => e.dataset.knob)")
        assert sorted(knobs) == sorted(ProviderPlan.model_fields)

        async def options(label: str) -> set[str]:
            found: list[str] = await page.eval_on_selector(
                f"select[aria-label='{label}']", "e => [...e.options].map(o => o.value)"
            )
            return set(found)

        assert await options("flawed: flaw") == set(get_args(Flaw))
        assert await options("Scan: format") == set(AIM_IDS.values())
        declines = {word for word in get_args(ProviderPlan.model_fields["declines"].annotation) if word}
        assert await options("is declined: declines") == declines
        operations = {name.upper().replace("-", "_") for name in await options("answer lost: operation")}
        assert operations <= set(Operation.__members__)


async def test_every_control_has_a_name_and_takes_the_keyboard(tmp_path: Path) -> None:
    async with shown(tmp_path) as (page, _):
        nameless: list[str] = await page.evaluate(
            "[...document.querySelectorAll('button, select, input, a[href]')]"
            ".filter(e => !(e.getAttribute('aria-label') || e.textContent.trim() || e.title) || e.tabIndex < 0)"
            ".map(e => e.outerHTML.slice(0, 120))"
        )
        assert nameless == []
        opener = page.locator("[aria-controls='drawer-payment-pad']")
        await opener.focus()
        await page.keyboard.press("Enter")
        assert await page.locator("#drawer-payment-pad").is_visible()
        await page.locator("#drawer-payment-pad button").nth(1).focus()
        await page.keyboard.press("Escape")
        assert not await page.locator("#drawer-payment-pad").is_visible()
        assert await page.evaluate("document.activeElement.getAttribute('aria-controls')") == "drawer-payment-pad"


async def test_a_tile_says_what_was_done_and_what_was_refused(tmp_path: Path) -> None:
    async with shown(tmp_path) as (page, bench):
        pad = page.locator("section[aria-label='Payment pad']")
        await pad.get_by_role("button", name="busy 9C").click()
        await pad.locator(".did", has_text="busy 9C: done").wait_for()
        assert bench.world.devices["payment-pad"].state()["faults"] == ["busy"]
        await page.click("[aria-controls='drawer-payment-pad']")
        drawer = page.locator("#drawer-payment-pad")
        await drawer.get_by_label("less", exact=False).first.wait_for()
        await drawer.get_by_label("asks for patience: minutes").fill("7")
        await drawer.get_by_role("button", name="asks for patience").click()
        await drawer.locator(".did", has_text="asks for patience: done").wait_for()
        assert "t4_minutes" in bench.world.devices["payment-pad"].state()["faults"]
        await drawer.get_by_role("button", name="asks for patience").click()
        await drawer.locator(".did", has_text="asks for patience ended: done").wait_for()
        assert "t4_minutes" not in bench.world.devices["payment-pad"].state()["faults"]
        await drawer.get_by_label("status byte: status, hexadecimal").fill("5555")
        await drawer.get_by_role("button", name="status byte").click()
        await drawer.locator(".did.bad", has_text="code is 00 to FF").wait_for()
        phone = page.locator('section[aria-label="Citizen\'s phone"]')
        await phone.locator(".badge", has_text="the platform does not answer").wait_for()


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1920, 1080)])
async def test_nothing_reaches_beyond_its_tile(width: int, height: int, tmp_path: Path) -> None:
    async with shown(tmp_path, width, height) as (page, _):
        for opener in await page.query_selector_all("[aria-controls]"):
            await opener.click()
        found: dict[str, Any] = await page.evaluate(
            "({wide: document.documentElement.scrollWidth - innerWidth,"
            " out: [...document.querySelectorAll('.panel button, .panel select, .panel input')].filter(e => {"
            "  const box = e.getBoundingClientRect(), tile = e.closest('.panel').getBoundingClientRect();"
            "  return box.width && (box.right > tile.right + 1 || box.left < tile.left - 1);"
            " }).map(e => e.textContent)})"
        )
        assert found == {"wide": 0, "out": []}
