"""A scripted citizen's hands at a form: `simulator.filling_in` decides, the mirror's page is what it looks at.

What stands in a field never crosses the mirror: a field is told as filled or empty.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from config.service import Service
from simulator.filling_in import FormHands
from simulator.visit.mirror import MirrorClient, NotOnPage, Page

SHOWS_S = 3.0
TURNS_AT_MOST = 12
FILLED = "*"
"""Stands for whatever a filled field shows."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A mirrored page in the words that `FormHands` reads (`kiosk.in_process.parts.Shown`)."""

    page: str
    offers: tuple[tuple[str, str], ...]
    keys: frozenset[str]
    fields: tuple[tuple[str, str, bool, bool], ...]


def seen(page: Page) -> Seen:
    """What can be touched, and the state of every field."""
    touchable = [node for node in page.nodes if node.enabled and node.key]
    return Seen(
        page.page,
        tuple((node.key, node.value) for node in touchable if node.key != "key"),
        frozenset(node.value for node in touchable if node.key == "key"),
        tuple((one.key, FILLED if one.filled else "", one.focused, one.opens) for one in page.fields),
    )


class MirrorHands:
    """Fills the form of `service` through `mirror`, one touch after another, each only when it is there."""

    def __init__(self, mirror: MirrorClient, service: Service, answers: Mapping[str, str]) -> None:
        self.mirror = mirror
        self._touches: list[tuple[str, str]] = []
        self._hands = FormHands(service, self._touch, self._no_code, answers=answers)

    def _touch(self, key: str, value: str) -> None:
        self._touches.append((key, value))

    def _no_code(self, code: str) -> None:
        if code:
            raise NotOnPage("a field that is filled by a code before the camera has no script")

    async def act(self, page: Page) -> bool:
        """The next touches on this page; false when the form is full and only "next" is left. Raises `NotOnPage`."""
        self._touches.clear()
        await self._hands.act(seen(page))
        if self._touches == [("next", "")] and all(one.filled or not self._hands.asked(one.key) for one in page.fields):
            return False
        for key, value in self._touches:
            await self._press(key, value)
        return True

    async def _press(self, key: str, value: str) -> None:
        """Touch it, on whichever turn of the page it is, and wait until the page answers."""
        way = "next"
        for _ in range(TURNS_AT_MOST):
            page = self.mirror.page
            if page is None or page.offers(key, value) or not page.offers("turn"):
                break
            way = way if page.offers("turn", way) else "back"
            await self.mirror.press("turn", way)
            await self._shows(page.seq)
        if (key, value) == ("key", "clear") and (page := self.mirror.page) is not None and not page.offers(key, value):
            return  # a keypad without it is empty
        before = self.mirror.page.seq if self.mirror.page else 0
        await self.mirror.press(key, value)
        await self._shows(before)

    async def _shows(self, before: int) -> None:
        with suppress(TimeoutError):  # a touch that changes nothing paints nothing
            await self.mirror.wait_for(lambda page: page.seq > before, SHOWS_S)
        await asyncio.sleep(0.02)
