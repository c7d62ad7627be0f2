"""A person before the bench's page: a real browser, real clicks on the live screen and on the things beside it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.async_api import Locator, Page

from config.bundle_whole import whole_of
from config.catalogue import load_catalogue
from simulator.bench.calling import Caller, Refused
from simulator.bench.glass import node_called, node_replying
from simulator.filling_in import PAGES
from simulator.people import CITIZENS
from simulator.visit.cases import ANSWERS
from simulator.visit.form_hands import MirrorHands
from simulator.visit.mirror import Page as Shown
from simulator.visit.mirror import read_page

WAIT_S = 75.0
LOOK_S = 0.06
PANEL = 1080, 1920


class Person:
    """One person at one page. What stands on the screen is read by program; every touch is a click of the mouse."""

    def __init__(self, page: Page, caller: Caller, log: Path) -> None:
        self.browser = page
        self.caller = caller
        self.log = log
        """What the terminal writes about itself."""
        self.page: Shown | None = None

    async def ask(self, path: str, **query: Any) -> Any:
        """GET of the bench."""
        return await asyncio.to_thread(lambda: self.caller.get(path, **query))

    async def do(self, path: str, body: Any = None) -> Any:
        """POST of the bench."""
        return await asyncio.to_thread(lambda: self.caller.post(path, body))

    async def state(self, family: str) -> dict[str, Any]:
        """What is seen of a device."""
        found: dict[str, Any] = (await self.ask("/api/state"))["devices"][family]
        return found

    async def comes(self, *pages: str, within_s: float = WAIT_S) -> dict[str, Any]:
        """The page, once it is one of these."""
        try:
            found: dict[str, Any] = await self.ask("/api/screen/wait", page=list(pages), within_s=within_s)
        except Refused as error:
            entries = (await self.ask("/api/standing"))["entries"][-12:]
            raise AssertionError(
                "\n".join(
                    [
                        str(error),
                        *(f"{e['at']} {e['kind']} {e['body']}" for e in entries),
                        *self.log.read_text(encoding="utf-8").splitlines()[-12:],
                    ]
                )
            ) from None
        return found

    async def until(self, true: Callable[[], Any], what: str, within_s: float = WAIT_S) -> None:
        """Look again until it is so."""
        end = time.monotonic() + within_s
        while not await true():
            assert time.monotonic() < end, what
            await asyncio.sleep(LOOK_S)

    async def is_so(self, family: str, **wanted: Any) -> None:
        """The device's state gets to be that."""

        async def now() -> bool:
            state = await self.state(family)
            return all(state.get(name) == value for name, value in wanted.items())

        await self.until(now, f"{family} does not get {wanted}: {await self.state(family)}", 10)

    async def shows(self, words: str, there: bool = True) -> bool:
        """Whether these words stand on the live screen (or do not)."""
        return (words in (await self.ask("/api/screen"))["text"]) is there

    # The live screen

    async def click(self, words: str = "", key: str = "", value: str = "") -> None:
        """Click the live screen where these words are, or what replies so; as soon as it can be touched."""
        end = time.monotonic() + 10
        while True:
            screen = await self.ask("/api/screen")
            try:
                node = node_called(screen, words) if words else node_replying(screen, key, value)
                break
            except ValueError:
                assert time.monotonic() < end, f"{words or key}={value} is not on {screen['page']}: {screen['text']}"
                await asyncio.sleep(LOOK_S)
        left, top, width, height = node["rect"]
        await self.click_at(left + width / 2, top + height / 2)

    async def click_at(self, x: float, y: float) -> None:
        """Click the live screen at a place of the panel."""
        canvas = self.browser.locator("#screen")
        box = await canvas.bounding_box()
        assert box is not None
        at = {"x": x * box["width"] / PANEL[0], "y": y * box["height"] / PANEL[1]}
        await canvas.click(position=at)  # type: ignore[arg-type]  # a position is a dict with x and y

    async def press(self, key: str, value: str = "") -> None:
        """As `MirrorHands` wants it."""
        await self.click(key=key, value=value)

    async def wait_for(self, wanted: Callable[[Shown], bool], deadline_s: float) -> Shown:
        """As `MirrorHands` wants it."""
        async with asyncio.timeout(deadline_s):
            while True:
                self.page = read_page(await self.ask("/api/screen"))
                if wanted(self.page):
                    return self.page
                await asyncio.sleep(LOOK_S)

    async def fills(self, service: str, citizen: str) -> None:
        """Fill the form, click by click."""
        catalogue = load_catalogue()
        answers = {**ANSWERS, "phone": CITIZENS[citizen].phone}
        hands = MirrorHands(self, whole_of(catalogue.services[service], catalogue.services), answers)  # type: ignore[arg-type]  # the three members that it uses
        for _ in range(120):
            self.page = read_page(await self.ask("/api/screen"))
            if self.page.page not in PAGES or not await hands.act(self.page):
                return
        raise AssertionError(f"the form of {service} is not full: {self.page}")

    # The things beside it

    def tile(self, name: str) -> Locator:
        """The thing called so."""
        return self.browser.locator(f'section[aria-label="{name}"]')

    async def presses(self, tile: str, button: str) -> Locator:
        """Click a button of a tile; the button."""
        found = self.tile(tile).get_by_role("button", name=button, exact=True)
        await found.click()
        return found

    async def lays(self, name: str) -> None:
        """Click somebody's card in the tray."""
        await self.tile("ID-card reader").locator(".idcard", has_text=name).first.click()

    async def said(self, tile: str, words: str) -> None:
        """The tile says so under its heading."""
        await self.tile(tile).locator(".did", has_text=words).first.wait_for()

    async def leaves(self) -> None:
        """Everything is mended, nobody is here, the terminal waits for the next."""
        for path in ("/api/platform/faults", "/api/platform/knobs/provider"):
            await self.do(path, {})
        if (await self.state("id-card-reader"))["card"]:
            await self.do("/api/devices/id-card-reader/lift")
        screen = await self.ask("/api/screen")
        if screen["page"] not in ("standby", "closed") and any(n["key"] == "leave" for n in screen["tree"]):
            await self.click(key="leave")
        await self.comes("standby", "closed", within_s=90)


async def to_the_fee(person: Person, service: str = "WH-PS-001", citizen: str = "citizen-02") -> None:
    """From the first page to the page that asks how to pay, by clicks."""
    await person.comes("standby")
    await person.click(key="start")
    await person.comes("home")
    await person.click(key="service", value=service)
    await person.comes("guide")
    await person.click(key="start")
    await person.comes("consent")
    await person.click(key="agree")
    await person.comes("place_card")
    await person.lays(CITIZENS[citizen].name)
    await person.until(lambda: _asks_for_the_face(person), "no question for the face")
    await person.click(key="agree")
    await person.comes("form")
    await person.fills(service, citizen)
    await person.click(key="next")
    await person.comes("review")
    await person.click(key="confirm")
    await person.comes("pay_method")


async def _asks_for_the_face(person: Person) -> bool:
    screen = await person.ask("/api/screen")
    return screen["page"] == "consent" and "刷脸" in screen["text"]


async def pressed(button: Locator, on: bool) -> bool:
    """Whether a switch is on (or off)."""
    return (await button.get_attribute("aria-pressed") == "true") is on
