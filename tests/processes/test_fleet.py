"""Two hundred terminals, a real broker, a real database, the control room: nothing of money is lost, order is kept.

The same for 3,143 of them, by hand and by `make bench`: tests/bench/fleet_figures.py. The page in Chromium is here too,
because the stand with its terminals is.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import signal
import sys
import urllib.request
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

sys.path.insert(0, str(Path(__file__).parent))  # importlib mode gives tests no package to import each other from
from control_room_proof import compared, until
from control_room_stand import ROOT, Program, Stand, missing, standing

from config.fleet_contract import REBIRTH_LEAST_S
from kiosk.control_room.bundles import Bundles
from simulator.fleet import mqtt
from simulator.fleet.connection import Broker
from simulator.fleet.fleet import Fleet, FleetOptions
from simulator.fleet.life import SECTIONS

pytestmark = [
    pytest.mark.processes,
    pytest.mark.timeout(120),
    pytest.mark.xdist_group("fleet"),
    pytest.mark.asyncio(loop_scope="module"),
]
TERMINALS = 200
SPEED = 60.0
CONTRAST = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")
"""Gives the texts whose contrast with what lies under them is below 4.5 (WCAG 2.2, 1.4.3)."""
SHOTS = ROOT / "build" / "control-room"


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the control room keeps what terminals bring."""
    return tmp_path_factory.mktemp("room") / "bundles"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stand(bundles: Path) -> AsyncIterator[Stand]:
    """Broker, database, control room."""
    assert not missing(), f"{missing()}: see config/deploy/system-packages.txt"
    with standing(BUNDLES=str(bundles)) as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def fleet(stand: Stand) -> AsyncIterator[Fleet]:
    """All up and born."""
    options = FleetOptions(Broker.of(stand.broker.url), TERMINALS, seed=20, speed=SPEED, will_delay_s=0)
    async with Fleet(options, datetime.now().astimezone()).running() as found:
        await found.all_up(30)
        await asyncio.sleep(1)
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """Debian's chromium."""
    async with async_playwright() as playing:
        opened = await playing.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield opened
        await opened.close()


async def overview(stand: Stand) -> dict[str, Any]:
    answer: dict[str, Any] = await asyncio.to_thread(stand.room.get, "/api/overview")
    return answer


@pytest.mark.oracle
async def test_all_come_up_and_are_seen(stand: Stand, fleet: Fleet) -> None:
    await until(lambda: stand.room.get("/api/overview")["conditions"]["offline"] == 0, 20)
    seen = await overview(stand)
    assert len(seen["terminals"]) == TERMINALS
    assert fleet.counters.refused == 0
    assert not fleet.counters.reasons


@pytest.mark.promise("P1")
async def test_a_third_without_a_network_loses_nothing_and_keeps_its_order(stand: Stand, fleet: Fleet) -> None:
    away = asyncio.create_task(fleet.outage(0.33, 5))  # five of their minutes are five seconds
    await until(lambda: stand.room.get("/api/overview")["conditions"]["offline"] >= TERMINALS // 4, 15)
    chosen = await away
    assert len(chosen) == 66
    await fleet.all_up(30)
    await fleet.drained(30)
    found = await compared(fleet, stand)
    assert found["events"] > found["money"] > 0


@pytest.mark.promise("P1")
async def test_a_restarted_broker_and_a_control_room_that_was_away(stand: Stand, fleet: Fleet) -> None:
    stand.room.program.stop(signal.SIGKILL)  # what it had not confirmed must come again
    before = fleet.report()["events"].get("money", 0)
    await asyncio.sleep(1.5)
    await asyncio.to_thread(stand.broker.program.stop)
    stand.broker.start()
    await fleet.all_up(60)
    await fleet.drained(60)
    await asyncio.to_thread(stand.room.start)
    assert fleet.report()["events"]["money"] >= before
    await compared(fleet, stand)


@pytest.mark.promise("P1")
async def test_broker_and_writer_that_die_together_lose_nothing_that_was_confirmed(stand: Stand, fleet: Fleet) -> None:
    stand.room.program.stop(signal.SIGKILL)
    before = fleet.report()
    await asyncio.sleep(1.5)
    said = fleet.report()
    assert said["acknowledged"] > before["acknowledged"]  # PUBACK: the broker has them, nobody else
    assert said["events"]["money"] > before["events"]["money"]
    await asyncio.to_thread(stand.broker.program.stop, signal.SIGKILL)
    for left in stand.broker.data.iterdir():
        left.unlink()  # its disk is gone with it
    for each in fleet.connections:
        each.cut()  # who is back before the room finds nobody to give it to: tests/fleet/test_acknowledged.py
    stand.broker.start()
    await asyncio.to_thread(stand.room.start)
    for each in fleet.connections:
        each.restore()
    await fleet.all_up(60)
    await compared(fleet, stand, in_order=False)
    assert fleet.report()["repeated"] > before["repeated"]


async def test_one_request_for_a_rebirth_is_heard_by_one(stand: Stand, fleet: Fleet) -> None:
    one, others = fleet.terminals[5], [*fleet.terminals[:5], *fleet.terminals[6:]]
    await asyncio.sleep(REBIRTH_LEAST_S / SPEED)  # it may have been born a moment ago
    heard, births = [t.heard_requests for t in others], [t.rebirths for t in others]
    before = one.rebirths
    request = json.dumps({"want": "rebirth", "terminal": one.topics.terminal}).encode()
    assert one.connection is not None
    one.connection.publish(mqtt.Publish(one.topics.of("request"), request, 1))
    await until(lambda: one.rebirths == before + 1, 10)
    # A gap of their own may have made the room ask one or the other: never all of them.
    assert sum(t.heard_requests > was for t, was in zip(others, heard, strict=True)) < 5
    assert sum(t.rebirths > was for t, was in zip(others, births, strict=True)) < 5


@pytest.mark.promise("P1")
async def test_a_database_that_is_away_is_waited_for(stand: Stand, fleet: Fleet) -> None:
    await asyncio.to_thread(stand.database.program.stop, signal.SIGINT)
    answer = await asyncio.to_thread(stand.room.get, "/api/terminals/WH-HC-0003")
    assert answer == {"detail": "The database does not answer."}
    await asyncio.sleep(1)
    stand.database.start()
    await compared(fleet, stand, in_order=False)
    assert (await overview(stand))["conditions"]["offline"] == 0


async def test_messages_of_another_shape_hurt_nobody(stand: Stand, fleet: Fleet) -> None:
    topics = fleet.terminals[0].topics
    seq = fleet.terminals[0]
    sent = [
        (topics.of("event"), b"\xff\xfe"), (topics.of("event"), b"[" * 60_000), (topics.of("birth"), b'{"v":1}'),
        (topics.of("state"), b'{"online":false,"v":1,"terminal":"%s","session":"old"}' % topics.terminal.encode()),
        ("kiosk/v1/371002/WH-HC-9999/state", b'{"v":1,"terminal":"WH-HC-0001","session":"x","online":false}'),
    ]  # fmt: skip
    assert seq.connection is not None
    for topic, payload in sent:
        seq.connection.publish(mqtt.Publish(topic, payload, 1))
    await until(lambda: len(stand.room.get("/healthz").get("odd", {})) >= 4, 10)
    seen = await overview(stand)
    assert len(seen["terminals"]) == TERMINALS
    assert next(row for row in seen["terminals"] if row[0] == topics.terminal)[5] != "offline"


async def test_the_service_takes_a_bundle_into_its_folder(stand: Stand, bundles: Path) -> None:
    keeps = Bundles(bundles, stand.database.dsn, 5, 30)
    token, _ = keeps.issue("WH-HC-0003", 1000, 5, "desk", datetime.now(UTC))
    digest = base64.b64encode(hashlib.sha256(b"PK").digest()).decode()
    headers = {"Authorization": f"Bearer {token}", "Content-Digest": f"sha-256=:{digest}:"}
    asked = urllib.request.Request(f"{stand.room.url}/bundles/WH-HC-0003", b"PK", headers, method="PUT")
    with await asyncio.to_thread(urllib.request.urlopen, asked, timeout=10) as answer:
        kept = json.load(answer)["file"]
    assert [path.name for path in bundles.iterdir()] == [kept]
    assert stand.room.get("/api/terminals/WH-HC-0003")["bundles"][0]["file"] == kept


async def opened(browser: Browser, stand: Stand, broken: list[str], **more: Any) -> Page:
    page = await browser.new_page(**more)
    page.set_default_timeout(15_000)
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.on("console", lambda message: broken.append(message.text) if message.type == "error" else None)
    await page.goto(stand.room.url)
    await page.wait_for_selector("#rows tbody tr")
    return page


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_the_page(stand: Stand, fleet: Fleet, browser: Browser, theme: str, width: int) -> None:
    broken: list[str] = []
    with psycopg.connect(stand.database.dsn) as cx:  # as if each had brought a bundle
        cx.execute("""INSERT INTO bundle SELECT lower(id) || '-20261122t101010-00112233.zip', id, now(), 65536,
            repeat('0123', 16) FROM terminal ON CONFLICT DO NOTHING""")
    language = "zh-CN" if theme == "light" else "en-GB"
    page = await opened(
        browser, stand, broken, viewport={"width": width, "height": 900}, color_scheme=theme, locale=language
    )
    assert await page.locator(".dot").count() == TERMINALS
    assert await page.evaluate("document.documentElement.scrollWidth") == width
    SHOTS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=SHOTS / f"city-{theme}-{width}.png", full_page=True)
    small = await page.evaluate(
        """() => [...document.querySelectorAll("main button, main select, main input:not([type=checkbox])")]
        .filter((e) => e.offsetParent && e.getBoundingClientRect().height < 24).map((e) => e.outerHTML)"""
    )
    assert small == []
    faint = await page.evaluate(CONTRAST)
    assert faint == []
    await page.locator("#rows a").first.click()
    await page.wait_for_selector("#one h2")
    assert await page.locator("#one .checks tr").count() == len(SECTIONS)
    assert await page.locator("#one a[download]").count() >= 1
    assert await page.evaluate("document.documentElement.scrollWidth") == width
    assert await page.evaluate(CONTRAST) == []
    await page.screenshot(path=SHOTS / f"one-{theme}-{width}.png", full_page=True)
    await page.close()
    assert broken == []


async def test_the_page_by_keyboard_alone(stand: Stand, fleet: Fleet, browser: Browser) -> None:
    broken: list[str] = []
    page = await opened(browser, stand, broken, viewport={"width": 1280, "height": 900}, locale="en-GB")
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"
    area = page.locator("g.area[role=button]").first
    await area.focus()
    await page.keyboard.press("Enter")
    assert await area.get_attribute("aria-pressed") == "true"
    shown = int((await page.locator("#count").inner_text()).split()[0])
    assert 0 < shown < TERMINALS
    await page.keyboard.press("Space")
    assert await area.get_attribute("aria-pressed") == "false"
    await page.fill("#search", "wh-hc-0003")
    await page.locator("#count", has_text="1 of 200").wait_for()
    await page.locator("#rows a").focus()
    await page.keyboard.press("Enter")
    await page.locator("#one h2", has_text="WH-HC-0003").wait_for()
    assert await page.title() == "WH-HC-0003 · Kiosks: control room"
    await page.go_back()
    await page.locator("#city").wait_for()
    await page.click("#language")
    assert await page.evaluate("document.documentElement.lang") == "zh-CN"
    assert broken == []
    await page.route("**/api/**", lambda route: route.abort())
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # asks at once, not in 10 s
    await page.locator("#stale", has_text="总览没有回应").wait_for()
    await page.unroute("**/api/**")
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await page.locator("#stale").wait_for(state="hidden")
    await page.close()


async def test_the_program_says_what_is_wrong_with_its_settings(stand: Stand, tmp_path: Path) -> None:
    program = Program(
        [sys.executable, "-m", "kiosk.control_room", "run"], tmp_path / "log",
        {"KIOSK_CONTROL_ROOM_LISTEN": "0.0.0.0:8090"},
    )  # fmt: skip
    program.start()
    assert await asyncio.to_thread(program.stop, 0) == 2
    assert "set a token of 24 characters" in program.log.read_text()
    assert json.loads(json.dumps(stand.room.get("/api/terminals/WH-HC-0000"))) == {
        "detail": "nobody has heard of this terminal"
    }
