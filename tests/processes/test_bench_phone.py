"""A person at the bench's page pays by phone, both ways, at a terminal that runs in its own process."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from playwright.async_api import Page

sys.path.insert(0, str(Path(__file__).parents[1] / "devices"))  # importlib mode: no package to import each other from
from page_support import page_of

from simulator.people import CITIZENS
from simulator.visit.acting import Actor
from simulator.visit.cases import CASES
from simulator.visit.script import Press, Scene
from simulator.visit.theatre import Theatre

pytestmark = [pytest.mark.processes, pytest.mark.timeout(180), pytest.mark.xdist_group("visits")]

SERVICE = "WH-PS-001"
FEE_FEN = 2000


async def walk_to_the_fee(theatre: Theatre) -> Actor:
    """Every scene of the paid service up to the page that asks how to pay."""
    actor = Actor(theatre, SERVICE, CITIZENS["citizen-02"], "zh")
    for scene in CASES[SERVICE, "plain"].scenes:
        if scene.page == "pay_method":
            break
        await come(theatre, scene)
        for act in scene.acts:
            await actor.do(act)
    await come(theatre, Scene("pay_method", within_s=40))
    return actor


async def come(theatre: Theatre, scene: Scene) -> None:
    await theatre.mirror.wait_for(lambda page: page.page == scene.page, scene.within_s)


async def payments(theatre: Theatre) -> tuple[int, list[str]]:
    ledger = await theatre.desk.get("payers")
    return ledger["paid_fen"], [entry["provider"] for entry in ledger["items"]]


async def said(page: Page, words: str) -> None:
    await page.locator('section[aria-label="Citizen\'s phone"] .did', has_text=words).wait_for()


@pytest.mark.promise("P2")
@pytest.mark.parametrize("way", ["shown", "scanned"])
async def test_the_phone_tile_pays(way: str, tmp_path: Path) -> None:
    theatre = Theatre(tmp_path / "bench")
    try:
        await theatre.open()
        await theatre.raise_curtain()
        async with page_of(*theatre.bench) as page:
            phone = page.locator('section[aria-label="Citizen\'s phone"]')
            await phone.locator(".badge", has_text="in the pocket").wait_for()
            await phone.get_by_role("button", name="Scan and pay").click()
            await said(page, "Scan and pay: no order waits for this code")
            assert await payments(theatre) == (0, [])
            actor = await walk_to_the_fee(theatre)
            await actor.do(Press("way", way))
            if way == "shown":
                await come(theatre, Scene("pay_code"))
                await phone.get_by_label("Whose payment service").select_option("alipay")
                await phone.get_by_role("button", name="Scan and pay").click()
                await said(page, "Scan and pay: done")
            else:
                await come(theatre, Scene("pay_scan"))
                await phone.get_by_label("Whose payment service").select_option("unionpay")
                await phone.get_by_role("button", name="Show my payment code").click()
                await said(page, "Show my payment code: done")
            await come(theatre, Scene("finish", within_s=60))
            paid = {"shown": "alipay", "scanned": "unionpay"}[way]
            assert await payments(theatre) == (FEE_FEN, [paid])
            row = phone.locator(".ledger tbody tr")
            await row.filter(has_text="20.00").wait_for()
            assert await row.count() == 1
            if way == "scanned":
                await phone.get_by_role("button", name="Put the phone away").click()
                await said(page, "Put the phone away: done")
                assert (await theatre.state("camera"))["scene"] != "code"
    finally:
        await theatre.close()
