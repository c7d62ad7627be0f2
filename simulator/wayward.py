"""A citizen who acts as people do: by what is on the page, sometimes hesitating, changing the language, walking away.

All chance comes from one generator, so that the same citizen does the same again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from simulator.at_pages import AtPages
from simulator.filling_in import PAGES as FORM_PAGES
from simulator.wishes import Saw

PATIENCE_S = 1800.0
"""Nobody stays longer; a page that keeps a citizen this long is a fault of the terminal."""
STUCK_ACTS = 3000
BAR = frozenset({"language", "mode", "help", "leave", "home", "back", "voice", "turn", "focus", "agreed"})
"""What stands on every page, or belongs to a form."""
WAITING = frozenset({"working", "face", "standby", "closed", "uploading", "photo", "face_challenge"})
"""Pages on which there is nothing to do but wait."""


class Person(AtPages):
    """One citizen before the terminal of `hall`."""

    async def visit(self) -> Saw:
        """Come, act, go. Returns when the terminal waits for the next one, or has no power any more."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._visit()
        except TimeoutError:
            self.saw.stuck = f"still on page {self.saw.pages[-1:]} after {PATIENCE_S:g} s"
        self.hall.code = self.hall.desk_has = ""
        return self.saw

    async def _visit(self) -> None:
        begun = False
        while (shown := await self._look()) is not None:
            if not self.saw.pages or self.saw.pages[-1] != shown.page:
                self.saw.pages.append(shown.page)
            life = self.hall.life
            if life is not None and life.visit and self.saw.visit not in ("", life.visit):
                self.press("leave")  # theirs is over, and by a late touch another one has begun
                return
            if life is not None and life.visit:
                begun, self.saw.visit = True, life.visit
            elif begun and shown.page in ("standby", "closed", "settled"):
                break
            self._note(shown)
            if shown.page == "closed" and not begun:
                return
            if shown.page == self.wish.walks_away and begun:
                await self._walk_away()
                return
            self.acts += 1
            if self.acts > STUCK_ACTS:
                self.saw.stuck = f"{STUCK_ACTS} acts and no end, on page {shown.page}"
                return
            await self._act(shown)

    async def _look(self) -> Any:
        """The page, after a moment of thought; None without power."""
        await asyncio.sleep(self.chance.uniform(*self.wish.thinks_s))
        for _ in range(240):
            life = self.hall.life
            if life is None or life.is_dead:
                return None
            if life.shown is not None:
                return life.shown
            await asyncio.sleep(0.25)
        self.saw.stuck = "the terminal shows nothing"
        return None

    def _note(self, shown: Any) -> None:
        if shown.page == "finish":
            self.saw.finished = True
        if shown.page == "not_done":
            self.saw.told.add(shown.money)
        if shown.page == "code_verdict":
            self.saw.verdicts.add((self._holds_up, shown.verdict))

    async def _act(self, shown: Any) -> None:
        offers: dict[str, list[str]] = {}
        for key, value in shown.offers:
            offers.setdefault(key, []).append(value)
        if self.chance.random() < self.wish.fidgets and "mode" in offers:
            self.press("mode", self.chance.choice(offers["mode"]))
        elif self.chance.random() < self.wish.fidgets and "language" in offers:
            self.press("language", offers["language"][0])
        if shown.page in FORM_PAGES:
            await self._at_form_page(shown)
            return
        act: Callable[[dict[str, list[str]]], Awaitable[None]] | None = getattr(self, f"_at_{shown.page}", None)
        if act is not None:
            await act(offers)
        elif shown.page not in WAITING:
            await self._anything(shown)

    async def _anything(self, shown: Any) -> None:
        """A page that nobody told us of: the likely next action, else any that is there, else the way out."""
        if shown.primary is not None:
            self.press(*shown.primary)
            return
        choices = sorted((key, value) for key, value in shown.offers if key and key not in BAR)
        self.press(*(self.chance.choice(choices) if choices else ("leave", "")))

    async def _walk_away(self) -> None:
        """Gone without a word; the card is taken along, or forgotten."""
        if self.wish.takes_card:
            self.lift()
        while (life := self.hall.life) is not None and not life.is_dead:
            shown = life.shown
            if shown is not None:
                self._note(shown)
                if not self.saw.pages or self.saw.pages[-1] != shown.page:
                    self.saw.pages.append(shown.page)
            if shown is not None and not life.visit and shown.page in ("standby", "closed", "settled"):
                break
            await asyncio.sleep(1.0)
        self.saw.left_card = bool(self.hall.reader.state()["card"])
