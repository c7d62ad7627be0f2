"""What a wayward citizen does on each page: what it asks for, now and then something else."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from random import Random
from typing import Any

from config.bundle_whole import whole_of
from simulator.customer import CROSS
from simulator.filling_in import FormHands
from simulator.hall import Hall
from simulator.wishes import Saw, Wish

WAYS_TRIED = 3
STILL_HERE = 5
"""How often somebody says that they are still there before they are not."""
SHEETS_TRIED = 40
LOOKS_AT_CODES = 40
"""So many acts before the camera, and who checks a certificate gives up."""
FOREIGN = "https://certificates.example/9F3C"
FORM = {"kinds": ("all", "pension", "injury", "unemployment"), "receive_mode": ("pickup", "courier")}


class AtPages:
    """Hands and wishes of one citizen before the terminal of `hall`: `_at_PAGE` acts once on that page."""

    def __init__(self, hall: Hall, wish: Wish, chance: Random) -> None:
        self.hall = hall
        self.wish = wish
        self.chance = chance
        self.saw = Saw()
        self.acts = 0
        self._acted: set[str] = set()
        self._asked_how = self._still_here = self._looked = 0
        self._holds_up = ""
        self._hands: FormHands | None = None
        self._sheets = self._other_ways = 0

    def press(self, key: str, value: str = "") -> None:
        """Touch it."""
        if self.hall.life is not None:
            self.hall.life.reply(key, value)

    async def _at_standby(self, _: Mapping[str, list[str]]) -> None:
        self.press("start")

    async def _at_settled(self, _: Mapping[str, list[str]]) -> None:
        self.press("continue")

    async def _at_home(self, offers: Mapping[str, list[str]]) -> None:
        if "home" in self._acted:
            self.press("leave")
        elif self.wish.service in offers.get("service", []):
            self._touch_service()
        elif self._field in offers.get("field", []):
            self.press("field", self._field)
        else:
            self.press("more")

    async def _at_fields(self, offers: Mapping[str, list[str]]) -> None:
        there = "home" not in self._acted and self._field in offers.get("field", [])
        self.press(*("field", self._field) if there else ("home",))

    async def _at_field_page(self, offers: Mapping[str, list[str]]) -> None:
        if "home" not in self._acted and self.wish.service in offers.get("service", []):
            self._touch_service()
        else:
            self.press("home")

    def _touch_service(self) -> None:
        """Once or, by chance, again after having come back."""
        self.press("service", self.wish.service)
        if self.chance.random() < 0.3:
            self._acted.add("home")

    @property
    def _field(self) -> str:
        """Under which field of life the wish is found."""
        return str(self.hall.catalogue.services[self.wish.service].field.key)

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

    async def _at_form_page(self, shown: Any) -> None:
        if self._hands is None:
            wanted = {key: self.chance.choice(values) for key, values in FORM.items()}
            answers = {**wanted, "phone": self.wish.citizen.phone}
            services = self.hall.catalogue.services
            whole = whole_of(services[self.wish.service], services)
            self._hands = FormHands(whole, self.press, self._hold_up, answers=answers)
        await self._hands.act(shown)

    def _hold_up(self, code: str) -> None:
        self.hall.code = code

    async def _at_other_ways(self, offers: Mapping[str, list[str]]) -> None:
        ways = offers.get("way", [])
        self._other_ways += 1
        if not ways or self._other_ways > WAYS_TRIED:
            self.press("leave")
        else:
            self.press("way", self.chance.choice(ways))

    async def _at_phone_code(self, offers: Mapping[str, list[str]]) -> None:
        self._looked += 1
        if self._looked > LOOKS_AT_CODES:
            self.press("leave")
        elif not self.hall.code:
            made = await self.hall.desk("phone/app-code", citizen=self.wish.citizen.key)
            self.hall.code = str((made or {}).get("code", ""))

    async def _at_draft_found(self, offers: Mapping[str, list[str]]) -> None:
        self.press(self.chance.choice([key for key in ("continue", "afresh") if key in offers]))

    async def _at_draft_keep(self, offers: Mapping[str, list[str]]) -> None:
        self.press(self.chance.choice([key for key in ("keep", "drop") if key in offers]))

    async def _at_bill_none(self, _: Mapping[str, list[str]]) -> None:
        self.press("leave")

    async def _at_fee_changed(self, _: Mapping[str, list[str]]) -> None:
        self.press("confirm" if self.chance.random() < 0.8 else "back")

    async def _at_scan_page(self, offers: Mapping[str, list[str]]) -> None:
        self.hall.desk_has = "page"
        self.hall.sheet_says = ("户口簿", f"姓名 {self.wish.citizen.name}", f"公民身份号码 {self.wish.citizen.number}")
        self._sheets += 1
        if self._sheets > SHEETS_TRIED:
            self.press("leave")
        elif "capture" in offers:
            self.press("capture")

    async def _at_scan_kept(self, offers: Mapping[str, list[str]]) -> None:
        self.press("done" if "done" in offers else "more")

    async def _at_photo_guide(self, _: Mapping[str, list[str]]) -> None:
        self.press("take")

    async def _at_review(self, offers: Mapping[str, list[str]]) -> None:
        if "edit" in offers and "edited" not in self._acted and self.chance.random() < 0.05:
            self._acted.add("edited")
            self.press("edit")
        else:
            self.press("confirm")

    async def _at_sign(self, offers: Mapping[str, list[str]]) -> None:
        if "undo" in offers:  # there is ink
            self.press("again" if self.chance.random() < 0.05 else "done")
        elif self.chance.random() < 0.1:
            self.press("other")
        else:
            for number, stroke in enumerate(CROSS, 1):
                self.press("stroke", f"{number} {stroke}")
                await asyncio.sleep(0.3)

    async def _at_sign_other(self, offers: Mapping[str, list[str]]) -> None:
        self.press("card" if "card" in offers and self.chance.random() < 0.7 else "hand")

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
