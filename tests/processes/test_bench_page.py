"""The bench's page in a real browser before a real terminal: visits by clicks, every thing, every control, two people.

One bench and one browser for all of them; the visits leave the terminal as they found it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any, get_args

import pytest
from playwright.async_api import Browser

sys.path.insert(0, str(Path(__file__).parent))  # importlib mode gives tests no package to import each other from
from bench_hands import Person, pressed, to_the_fee
from bench_stand import browser, caller, folder, opened, person

from drivers.barcode.frames import AIM_IDS
from drivers.licence_printer.frames import Operation
from simulator.acceptance.terminals import Terminals
from simulator.bench.calling import Caller
from simulator.bench.playing import play, read
from simulator.breakdowns import ALL
from simulator.people import CITIZENS
from simulator.platform.faults import FaultPlan
from simulator.platform.issuing import Flaw
from simulator.platform.payers import ProviderPlan

pytestmark = [
    pytest.mark.processes,
    pytest.mark.timeout(180),
    pytest.mark.xdist_group("browser"),
    pytest.mark.asyncio(loop_scope="module"),
]
__all__ = ["browser", "caller", "folder", "person"]
"""Fixtures of this module."""
ALIASES = {("payment-pad", "cancel")}
"""Verbs that are another name of a verb that has a control (`cancel_key`)."""
FEE_FEN = 2000
TEN_FAULTS = (
    ("ID-card reader", "pull mid-read", "id-card-reader"), ("Payment pad", "busy 9C", "payment-pad"),
    ("Payment pad", "locked F0", "payment-pad"), ("Face camera", "freeze", "camera"),
    ("Receipt printer", "cover", "receipt-printer"), ("Receipt printer", "paper out", "receipt-printer"),
    ("Licence printer", "jam", "licence-printer"), ("Licence printer", "toner out", "licence-printer"),
    ("Document camera", "glare", "document-camera"), ("Cabinet", "door open", "cabinet"),
)  # fmt: skip


@pytest.mark.promise("P3")
async def test_a_certificate_by_clicks(person: Person) -> None:
    await person.comes("standby")
    await person.click("点这里开始")
    await person.comes("home")
    await person.click("社会保险个人参保证明")
    await person.comes("guide")
    await person.click("开始办理")
    await person.comes("consent")
    await person.click(key="agree")
    await person.comes("place_card")
    await person.lays("宋建国")
    await person.comes("form")
    await person.fills("WH-SI-001", "citizen-01")
    await person.click("下一步")
    await person.comes("review")
    await person.click(key="confirm")
    await person.comes("finish")
    await person.tile("Licence printer").get_by_role("button", name="Open page 1 of job", exact=False).wait_for()
    await person.presses("Licence printer", "Take the pages")
    await person.is_so("licence-printer", output_pages=0)
    await person.presses("ID-card reader", "Lift card")
    await person.click(key="rate", value="5")
    await person.click(key="leave")
    await person.comes("standby", within_s=60)
    assert (await person.state("licence-printer"))["pages_printed"] == 1


@pytest.mark.promise("P1")
@pytest.mark.promise("P4")
async def test_an_application_by_clicks_is_recorded_and_plays_again(person: Person) -> None:
    await person.browser.click("#record")
    await person.browser.locator("#record", has_text="Stop").wait_for()
    await to_the_fee(person)
    await person.click(key="way", value="card")
    await person.comes("pay")
    await person.presses("Payment pad", "Tap card")
    await person.comes("finish")
    await person.presses("ID-card reader", "Lift card")
    await person.click(key="rate", value="5")
    await person.click(key="leave")
    await person.comes("standby", within_s=60)
    curl = person.tile("Receipt printer").locator(".curl img")
    await curl.wait_for()
    await person.presses("Receipt printer", "Take paper")
    await person.browser.click("#record")
    feature = await person.browser.locator("dialog .feature").inner_text()
    await person.browser.locator("#viewer form .button").click()
    assert (await person.state("payment-pad"))["balance_fen"] == FEE_FEN
    for line in (
        "当 他把身份证放在读卡区",
        "当 他在刷卡机上“挥卡”",
        "银行收到20.00元",
        "而且 出了1张凭条",
        "而且 流水校验通过",
    ):
        assert line in feature, feature
    (scenario,) = read(feature)
    said: list[str] = []
    terminals = Terminals(seed=1)
    try:
        wrong = await asyncio.to_thread(play, scenario, terminals, said.append)
    finally:
        await asyncio.to_thread(terminals.close)
    assert wrong == "", "\n".join(said)
    assert not any("left out" in line for line in said)


@pytest.mark.promise("P2")
@pytest.mark.parametrize("way", ["shown", "scanned"])
async def test_the_phone_pays(way: str, person: Person) -> None:
    phone = person.tile("Citizen's phone")
    before = (await person.ask("/api/platform"))["payers"]["paid_fen"]
    await to_the_fee(person)
    await person.click(key="way", value=way)
    if way == "shown":
        await person.comes("pay_code")
        await phone.get_by_label("Whose payment service").select_option("alipay")
        await person.presses("Citizen's phone", "Scan and pay")
        await person.said("Citizen's phone", "Scan and pay: done")
    else:
        await person.comes("pay_scan")
        await phone.get_by_label("Whose payment service").select_option("unionpay")
        await person.presses("Citizen's phone", "Show my payment code")
        await person.said("Citizen's phone", "Show my payment code: done")
    await person.comes("finish", within_s=60)
    ledger = (await person.ask("/api/platform"))["payers"]
    assert ledger["paid_fen"] - before == FEE_FEN
    assert ledger["items"][-1]["provider"] == {"shown": "alipay", "scanned": "unionpay"}[way]
    await phone.locator(".ledger tbody tr").filter(has_text="20.00").first.wait_for()
    if way == "scanned":
        await person.presses("Citizen's phone", "Put the phone away")
        await person.is_so("camera", scene="citizen")
    await person.leaves()


async def test_the_offices_act_and_the_promises_stand(person: Person) -> None:
    case = (await person.ask("/api/platform"))["cases"][-1]["number"]
    await person.browser.click("[aria-controls='drawer-offices']")
    drawer = person.browser.locator("#drawer-offices")
    row = drawer.locator(".case", has_text=case)
    for button, state in (
        ("ask for papers", "SUPPLEMENT"),
        ("next step", "IN_PROGRESS"),
        ("stop the clock", "PAUSED"),
        ("go on", "IN_PROGRESS"),
        ("done", "DONE"),
    ):
        await row.get_by_role("button", name=button, exact=True).click()
        await row.locator(".badge", has_text=state).wait_for()
    assert await row.get_by_role("button", name="refuse", exact=True).is_disabled()
    await drawer.get_by_role("button", name="Close").click()
    for body, status in (
        ({"act": "dance"}, 422),
        ({"act": "step", "number": "x"}, 422),
        ({"act": "step", "number": case}, 422),
    ):
        answer = await asyncio.to_thread(
            lambda body=body: person.caller._session.post(
                f"{person.caller.address.url}/api/platform/office", json=body, timeout=5
            )
        )
        assert answer.status_code == status
        assert answer.json()["detail"]
    await person.until(lambda: _all_hold(person), "the promises do not stand")
    await person.browser.locator(".pill", has_text="promises 9/9 hold").wait_for()
    entries = (await person.ask("/api/standing"))["entries"]
    assert {"visit.opened", "visit.closed"} <= {entry["kind"] for entry in entries}
    assert "张秀荣" not in json.dumps(entries, ensure_ascii=False)


async def _all_hold(person: Person) -> bool:
    standing = await person.ask("/api/standing")
    return all(one["state"] == "holds" for one in standing["promises"] if one["name"] != "P10")


@pytest.mark.parametrize(("tile", "fault", "family"), TEN_FAULTS)
async def test_a_switch_makes_a_fault_and_ends_it(tile: str, fault: str, family: str, person: Person) -> None:
    well = await person.state(family)
    button = await person.presses(tile, fault)
    await person.said(tile, f"{fault}: done")
    await person.until(lambda: pressed(button, True), f"{fault} does not stay pressed")
    assert await person.state(family) != well
    await button.click()
    await person.said(tile, f"{fault} ended: done")
    await person.until(lambda: pressed(button, False), f"{fault} stays pressed")


async def test_a_prepared_breakdown_comes_and_goes(person: Person) -> None:
    well = await person.state("receipt-printer")
    choice = person.browser.locator("select[aria-label='Breakdown']")
    assert await choice.locator("option").count() == len(ALL)
    await choice.select_option("receipt-paper-at-its-end")
    await person.presses("Terminal", "Break")
    await person.said("Terminal", "breakdown receipt-paper-at-its-end: done")
    assert (await person.state("receipt-printer"))["words"] != well["words"]
    await person.presses("Terminal", "all well")
    await person.said("Terminal", "breakdown ended: done")
    assert (await person.state("receipt-printer"))["words"] == well["words"]


async def test_a_disk_that_refuses_withholds_what_must_be_written_until_it_is_mended(person: Person) -> None:
    await person.until(lambda: person.shows("现在可办"), "nothing is offered yet")
    button = await person.presses("Terminal", "disk refuses")
    await person.until(lambda: pressed(button, True), "disk refuses does not stay pressed")
    await person.until(lambda: person.shows("存储出了问题"), "standby does not say so", 15)
    await button.click()
    await person.until(lambda: pressed(button, False), "disk refuses stays pressed")
    await person.until(lambda: person.shows("存储出了问题", False), "standby still says so", 15)


async def test_a_card_of_ones_own_is_made_laid_down_and_thrown_away(person: Person) -> None:
    await person.presses("ID-card reader", "New citizen …")
    form = person.browser.locator("dialog.own")
    await form.get_by_label("Name").fill("欧阳测试")
    await form.get_by_label("Valid from").fill("2050-01-01")
    await form.get_by_role("button", name="Put it into the tray").click()
    await form.locator(".did.bad", has_text="follow each other").wait_for()
    await form.get_by_label("Valid from").fill("2020-01-01")
    await form.get_by_role("button", name="Put it into the tray").click()
    await person.lays("欧阳测试")
    await person.is_so("id-card-reader", citizen="own-01")
    await person.is_so("camera", face="own-01")
    await person.presses("ID-card reader", "Lift card")
    await person.presses("ID-card reader", "Throw 欧阳测试's card away")
    await person.said("ID-card reader", "thrown away: done")
    assert "own-01" not in {one["key"] for one in await person.ask("/api/citizens")}


async def test_a_picture_of_ones_own_lies_on_the_desk(person: Person, tmp_path: Path) -> None:
    import cv2
    import numpy as np

    picture = tmp_path / "form.png"
    cv2.imwrite(str(picture), np.full((400, 300, 3), 200, np.uint8))
    desk = person.tile("Document camera")
    await desk.locator("input[type=file]").set_input_files(picture)
    await person.is_so("document-camera", scene="picture")
    (tmp_path / "no.png").write_bytes(b"no picture")
    await desk.locator("input[type=file]").set_input_files(tmp_path / "no.png")
    await person.said("Document camera", "that is no JPEG, PNG or WebP picture")
    await desk.get_by_label("Which document").select_option("passport")
    await person.presses("Document camera", "Lay it down")
    await person.is_so("document-camera", scene="passport")
    await person.presses("Document camera", "take away")
    await person.is_so("document-camera", scene="empty")


async def test_paper_current_keys_and_a_second_person(person: Person, browser: Browser, caller: Caller) -> None:
    broken: list[str] = []
    other = await opened(browser, caller, broken, viewport={"width": 1920, "height": 1080}, color_scheme="dark")
    dial = person.tile("Receipt printer").get_by_label("Metres of paper on the roll")
    await dial.fill("3")
    await person.is_so("receipt-printer", paper_low=True)
    await other.locator('section[aria-label="Receipt printer"] .badge.attention').wait_for()
    await dial.fill("80")
    await person.is_so("receipt-printer", paper_low=False)
    await other.locator("#screen").focus()
    await person.comes("standby")
    await other.keyboard.press("Enter")
    await person.comes("home")
    await other.locator("#page b", has_text="home").wait_for()
    await person.browser.locator("#page b", has_text="home").wait_for()
    await person.click(key="leave")
    await person.comes("standby", within_s=60)
    assert await other.evaluate("document.documentElement.dataset.theme") == "dark"
    await other.close()
    assert broken == []


async def test_every_verb_fault_and_knob_has_a_control_and_every_control_one_of_them(person: Person) -> None:
    state = await person.ask("/api/state")
    offered = {(family, verb) for family, verbs in state["verbs"].items() for verb in verbs}
    rows: list[list[str]] = await person.browser.evaluate(
        "[...document.querySelectorAll('[data-verb]')]"
        ".flatMap(e => [[e.dataset.family, e.dataset.verb], [e.dataset.family, e.dataset.undo || '']])"
    )
    there = {(family, verb) for family, verb in rows if verb}
    assert offered - there - ALIASES == set()
    assert there - offered == set()
    unknown = "[...document.querySelectorAll('.panel')].map(e => e.dataset.unknown || '').join('')"
    assert await person.browser.evaluate(unknown) == ""
    plans = await person.browser.evaluate("[...document.querySelectorAll('[data-plan]')].map(e => e.dataset.plan)")
    assert sorted(plans) == sorted(set(FaultPlan.model_fields) - {"area", "times"})
    knobs = await person.browser.evaluate("[...document.querySelectorAll('[data-knob]')].map(e => e.dataset.knob)")
    assert sorted(knobs) == sorted(ProviderPlan.model_fields)


async def test_choices_are_those_of_the_platform_and_the_devices(person: Person) -> None:
    async def options(label: str) -> set[str]:
        found: list[str] = await person.browser.eval_on_selector(
            f"select[aria-label='{label}']", "e => [...e.options].map(o => o.value)"
        )
        return set(found)

    assert await options("flawed: flaw") == set(get_args(Flaw))
    assert await options("Scan: format") == set(AIM_IDS.values())
    declines = {word for word in get_args(ProviderPlan.model_fields["declines"].annotation) if word}
    assert await options("is declined: declines") == declines
    operations = {name.upper().replace("-", "_") for name in await options("answer lost: operation")}
    assert operations <= set(Operation.__members__)


async def test_a_drawer_opens_by_keyboard_and_says_what_was_refused(person: Person) -> None:
    nameless: list[str] = await person.browser.evaluate(
        "[...document.querySelectorAll('button, select, input:not([hidden]), a[href]')]"
        ".filter(e => e.tabIndex < 0"
        " || !(e.getAttribute('aria-label') || e.textContent.trim() || e.title || e.labels?.length))"
        ".map(e => e.outerHTML.slice(0, 120))"
    )
    assert nameless == []
    await person.browser.locator("[aria-controls='drawer-payment-pad']").focus()
    await person.browser.keyboard.press("Enter")
    drawer = person.browser.locator("#drawer-payment-pad")
    await drawer.get_by_label("asks for patience: minutes").fill("7")
    await drawer.get_by_role("button", name="asks for patience").click()
    await drawer.locator(".did", has_text="asks for patience: done").wait_for()
    await drawer.get_by_role("button", name="asks for patience").click()
    await drawer.locator(".did", has_text="asks for patience ended: done").wait_for()
    await drawer.get_by_label("status byte: status, hexadecimal").fill("5555")
    await drawer.get_by_role("button", name="status byte").click()
    await drawer.locator(".did.bad", has_text="code is 00 to FF").wait_for()
    await person.browser.keyboard.press("Escape")
    assert not await drawer.is_visible()
    assert await person.browser.evaluate("document.activeElement.getAttribute('aria-controls')") == "drawer-payment-pad"


@pytest.mark.parametrize(("width", "height", "theme"), [(1280, 900, "light"), (1920, 1080, "dark")])
async def test_nothing_reaches_beyond_its_tile(width: int, height: int, theme: str, person: Person) -> None:
    await person.browser.set_viewport_size({"width": width, "height": height})
    if await person.browser.evaluate("document.documentElement.dataset.theme") != theme:
        await person.browser.click("#theme")
    every = "document.querySelectorAll('[aria-controls]').forEach(e => e.click())"
    await person.browser.evaluate(every)
    found: dict[str, Any] = await person.browser.evaluate(
        "({wide: document.documentElement.scrollWidth - innerWidth,"
        " out: [...document.querySelectorAll('.panel button, .panel select, .panel input')].filter(e => {"
        "  const box = e.getBoundingClientRect(), tile = e.closest('.panel').getBoundingClientRect();"
        "  return box.width && (box.right > tile.right + 1 || box.left < tile.left - 1);"
        " }).map(e => e.textContent)})"
    )
    await person.browser.evaluate(every)
    assert found == {"wide": 0, "out": []}


@pytest.mark.promise("P7")
async def test_the_terminal_ends_and_starts_from_the_page(person: Person) -> None:
    await person.presses("Terminal", "power cut")
    await person.browser.locator("#gone-words", has_text="The terminal is not running: ended by SIGKILL").wait_for()
    await person.browser.locator("#gone-buttons").get_by_role("button", name="Start the terminal").click()
    await person.browser.locator("#gone").wait_for(state="hidden", timeout=40_000)
    await person.comes("standby", "settled", "closed")
    assert (await person.ask("/api/state"))["processes"]["terminal"]["starts"] == 2
    report = await asyncio.to_thread(person.caller.raw, "/api/report.html")
    assert b"data:image/png;base64," in report
    assert CITIZENS["citizen-02"].number.encode() not in report
