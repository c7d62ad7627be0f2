"""A citizen who acts as people do: by what is on the page, sometimes hesitating, changing the language, walking away.

All chance comes from one generator, so that the same citizen does the same again.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from random import Random
from typing import Any

from simulator.hall import Hall
from simulator.wishes import Saw, Wish

PATIENCE_S = 1800.0
"""Nobody stays longer; a page that keeps a citizen this long is a fault of the terminal."""
STUCK_ACTS = 3000
WAYS_TRIED = 3
STILL_HERE = 5
"""How often somebody says that they are still there before they are not."""
LOOKS_AT_CODES = 40
"""So many acts before the camera, and who checks a certificate gives up."""
FOREIGN = "https://certificates.example/9F3C"
FORM = {"kinds": ("all", "pension", "injury", "unemployment"), "receive_mode": ("pickup", "courier")}
WAITING = frozenset({"working", "face", "standby", "closed"})
"""Pages on which there is nothing to do but wait."""


class Person:
    """One citizen before the terminal of `hall`."""

    def __init__(self, hall: Hall, wish: Wish, chance: Random) -> None:
        self.hall = hall
        self.wish = wish
        self.chance = chance
        self.saw = Saw()
        self.acts = 0
        self._acted: set[str] = set()
        self._asked_how = self._still_here = self._looked = 0
        self._holds_up = ""

    async def visit(self) -> Saw:
        """Come, act, go. Returns when the terminal waits for the next one, or has no power any more."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._visit()
        except TimeoutError:
            self.saw.stuck = f"still on page {self.saw.pages[-1:]} after {PATIENCE_S:g} s"
        self.hall.code = ""
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
        act: Callable[[dict[str, list[str]]], Awaitable[None]] | None = getattr(self, f"_at_{shown.page}", None)
        if act is not None:
            await act(offers)
        elif shown.page not in WAITING:
            await self._anything(offers)

    def press(self, key: str, value: str = "") -> None:
        """Touch it."""
        if self.hall.life is not None:
            self.hall.life.reply(key, value)

    async def _anything(self, offers: Mapping[str, list[str]]) -> None:
        """A page that nobody told us of: the way on, else the way out."""
        for key in ("method", "continue", "next", "agree", "confirm", "start"):
            if key in offers:
                self.press(key, self.chance.choice(offers[key]))
                return
        choices = sorted(key for key in offers if key and key not in ("language", "mode", "help", "leave", "home"))
        self.press(self.chance.choice(choices or ["leave"]))

    # Page by page

    async def _at_standby(self, _: Mapping[str, list[str]]) -> None:
        self.press("start")

    async def _at_settled(self, _: Mapping[str, list[str]]) -> None:
        self.press("continue")

    async def _at_home(self, offers: Mapping[str, list[str]]) -> None:
        if self.wish.service in offers.get("service", []) and "home" not in self._acted:
            self.press("service", self.wish.service)
            if self.chance.random() < 0.3:
                self._acted.add("home")
        else:
            self.press("leave")

    async def _at_field(self, offers: Mapping[str, list[str]]) -> None:
        await self._at_home(offers)

    async def _at_guide(self, offers: Mapping[str, list[str]]) -> None:
        self.press("start" if "start" in offers else "home")

    async def _at_consent(self, offers: Mapping[str, list[str]]) -> None:
        self.press("other-way" if "other-way" in offers and self.wish.other_way else "agree")

    async def _at_place_card(self, _: Mapping[str, list[str]]) -> None:
        if self.hall.reader.state()["card"]:
            if self.chance.random() < 0.3:
                self.lift()
            return
        with suppress(ValueError):
            self.hall.do("id-card-reader", "present", card=self.wish.citizen.key)

    async def _at_number_match(self, offers: Mapping[str, list[str]]) -> None:
        for row in self.hall.rows("SELECT number FROM app_match WHERE state = 'waiting'"):
            self.hall.answer_match(row["number"], confirm=not self.wish.refuses_match)
        if "again" in offers:
            self.press("again")

    async def _at_form(self, offers: Mapping[str, list[str]]) -> None:
        if "next" in offers:
            self.press("next")
            return
        for field_key in (key.removeprefix("choose:") for key in offers if key.startswith("choose:")):
            wanted = [v for v in FORM.get(field_key, ()) if v in offers[f"choose:{field_key}"]]
            self.press(f"choose:{field_key}", self.chance.choice(wanted or offers[f"choose:{field_key}"]))
            await asyncio.sleep(0.2)
        if "phone" in offers.get("focus", []):
            self.press("focus", "phone")
            await asyncio.sleep(0.1)
            self.press("key", "clear")
            for digit in self.wish.citizen.phone:
                await asyncio.sleep(0.05)
                self.press("key", digit)
            await asyncio.sleep(0.2)

    async def _at_review(self, offers: Mapping[str, list[str]]) -> None:
        if "edit" in offers and "edited" not in self._acted and self.chance.random() < 0.05:
            self._acted.add("edited")
            self.press("edit")
        else:
            self.press("confirm")

    async def _at_pay_method(self, offers: Mapping[str, list[str]]) -> None:
        ways = offers.get("way", [])
        self._asked_how += 1
        if not ways or self._asked_how > WAYS_TRIED or (self.wish.pad == "leave" and self.chance.random() < 0.5):
            self.press("leave")
        else:
            self.press("way", self.wish.way if self.wish.way in ways else self.chance.choice(ways))

    async def _at_pay_code(self, offers: Mapping[str, list[str]]) -> None:
        match self.wish.pad:
            case "cancel" | "leave" | "red-key":
                self.press("cancel")
            case "decline" if "other" in offers and self.chance.random() < 0.5:
                self.press("other")
            case "nothing":
                pass
            case how:
                await self.hall.desk("phone/pay", provider=self.chance.choice(("wechat", "alipay")))
                if how == "tap-and-cancel":
                    self.press("cancel")

    async def _at_pay_scan(self, _: Mapping[str, list[str]]) -> None:
        match self.wish.pad:
            case "cancel" | "leave":
                self.press("cancel")
            case "nothing":
                pass
            case _ if not self.hall.code:
                shown = await self.hall.desk("phone/code", provider=self.chance.choice(("wechat", "alipay")))
                self.hall.code = shown["code"] if shown else ""

    async def _at_pay_phone(self, _: Mapping[str, list[str]]) -> None:
        self.hall.code = ""

    async def _at_pay(self, _: Mapping[str, list[str]]) -> None:
        how = self.wish.pad
        with suppress(ValueError):  # the pad waits for nobody at this moment
            match how:
                case "tap" | "decline" | "insert":
                    self.hall.do("payment-pad", how, card=self.wish.bank_card)
                case "wrong-then-right":
                    self.hall.do("payment-pad", "insert", card=self.wish.bank_card, pin=how)
                case "tap-and-cancel":
                    self.hall.do("payment-pad", "tap", card=self.wish.bank_card)
                    await asyncio.sleep(0.3)
                    self.press("cancel")
                case "red-key":
                    self.hall.do("payment-pad", "cancel_key")
                case "cancel" | "leave":
                    self.press(how)

    async def _at_show_code(self, offers: Mapping[str, list[str]]) -> None:
        self._looked += 1
        if self._looked > LOOKS_AT_CODES:
            self.press("home" if "home" in offers else "leave")
        elif not self.hall.code:
            self._holds_up, self.hall.code = self._certificate()

    def _certificate(self) -> tuple[str, str]:
        """A code of a paper that came out here, genuine or with one character changed; else something foreign."""
        rows = self.hall.rows("SELECT document FROM print WHERE state = 'PRINTED'")
        if not rows or self.chance.random() < 0.2:
            return "foreign", FOREIGN
        code = str(json.loads(self.chance.choice(rows)["document"])["qr"])
        if self.chance.random() < 0.6:
            return "genuine", code
        at = self.chance.randrange(len(code) // 3, len(code) * 2 // 3)
        return "tampered", code[:at] + ("A" if code[at] != "A" else "B") + code[at + 1 :]

    async def _at_code_verdict(self, offers: Mapping[str, list[str]]) -> None:
        self.hall.code = ""
        self.press("again" if "again" in offers and self.chance.random() < 0.3 else "leave")

    async def _at_not_done(self, offers: Mapping[str, list[str]]) -> None:
        again = "again" in offers and self.chance.random() < 0.4 and self.acts < 100
        if "other-way" in offers and self.chance.random() < 0.3:
            self.press("other-way")
        else:
            self.press("again" if again else "leave")

    async def _at_receipt(self, offers: Mapping[str, list[str]]) -> None:
        if "continue" in offers:
            self.press("continue")

    async def _at_still_there(self, _: Mapping[str, list[str]]) -> None:
        self._still_here += 1
        if self._still_here <= STILL_HERE:
            self.press("continue")

    async def _at_finish(self, _: Mapping[str, list[str]]) -> None:
        if self.wish.rates and "rated" not in self._acted:
            self._acted.add("rated")
            self.press("rate", str(self.wish.rates))
            await asyncio.sleep(0.3)
        if self.wish.takes_paper:
            self._take_paper()
        if self.wish.takes_card:
            self.lift()
        self.press("leave")

    async def _at_leave(self, _: Mapping[str, list[str]]) -> None:
        if self.wish.takes_card:
            self.lift()
        else:
            self.saw.left_card = bool(self.hall.reader.state()["card"])

    def _take_paper(self) -> None:
        self.hall.do("receipt-printer", "tear_off")
        if self.hall.licences.state()["output_pages"]:
            self.hall.do("licence-printer", "take")

    def lift(self) -> None:
        """Take the card, if it lies there."""
        while self.hall.reader.state()["card"]:
            self.hall.do("id-card-reader", "lift")

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
