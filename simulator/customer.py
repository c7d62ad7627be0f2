"""A citizen who wants one item done, as `kiosk-sim run-all` sends them: does what each page asks, or meets one refusal.

Pages that this one does not know are met with their likely next action, else with their first choice, as a newcomer
would. Nothing is left to chance.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

from config.bundle_whole import whole_of
from config.service import Service
from simulator.filling_in import PAGES as FORM_PAGES
from simulator.filling_in import FormHands
from simulator.hall import Hall
from simulator.people import Citizen

End = Literal["done", "refused"]
Refusal = Literal["", "bank", "consent", "network", "nothing", "foreign", "leaves"]
"""How an errand is refused: the bank declines; the citizen takes the consent back at the last moment; the platform does
not answer; it has nothing on record; the code is somebody else's; the citizen leaves before anything is final."""
LOOK_S = 0.15
PATIENCE_S = 900.0
MOST_ACTS = 400
SAME_PAGE = 25
"""So often the same page with nothing new is a fault of the terminal, or of these hands."""
WAITING = frozenset({"working", "face", "standby", "closed", "uploading", "settled", "photo", "face_challenge"})
ENDS = frozenset({"standby", "closed"})
ENDINGS = frozenset({"finish", "not_done", "code_verdict", "result", "signed_in"})
"""Pages that say how it ended."""
CROSS = ("1000,1000,0 2500,2000,80 4000,3000,160", "4000,1000,0 2500,2000,90 1000,3000,170")
"""A mark of the hand, as the terminal hands strokes on: x, y (in 1/10000 of the pad's longer side), milliseconds."""
FOREIGN = "https://certificates.example/9F3C"
Offers = dict[str, list[str]]


@dataclass(frozen=True, slots=True)
class Errand:
    """One item, in one language, for oneself or for an organisation, to its happy end or to a refusal."""

    item: str
    language: Literal["zh", "en", "ko"]
    agent: bool
    end: End

    @property
    def words(self) -> str:
        """A name for tables and messages."""
        return f"{self.item} {self.language} {'agent' if self.agent else 'person'} {self.end}"


@dataclass(slots=True)
class Went:
    """What became of an errand: the pages in order, the last that says how it ended, virtual seconds, what is wrong."""

    errand: Errand
    pages: list[str] = field(default_factory=list)
    ended: str = ""
    says: str = ""
    seconds: float = 0.0
    wrong: str = ""


class Customer:
    """One citizen before the terminal of `hall`."""

    def __init__(
        self,
        hall: Hall,
        errand: Errand,
        service: Service,
        citizen: Citizen,
        turn: int = 0,
        refusal: Refusal = "",
        answers: Mapping[str, str] | None = None,
    ) -> None:
        self.hall, self.errand, self.service, self.citizen = hall, errand, service, citizen
        self.went = Went(errand)
        self.refusal = refusal
        whole = whole_of(service, hall.catalogue.services)
        self._hands = FormHands(whole, self.press, self._hold_up, answers=answers, turn=turn)
        self._done: set[str] = set()
        self._same = 0
        self._last = ""

    async def run(self) -> Went:
        """Come, act, go."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._visit()
        except TimeoutError:
            self.went.wrong = f"still on page {self.went.pages[-1:]} after {PATIENCE_S:g} s"
        self.went.seconds = loop.time() - began
        if self.went.wrong:
            await self._walk_out()
        self._tidy()
        return self.went

    def press(self, key: str, value: str) -> None:
        """Touch it."""
        if self.hall.life is not None:
            self.hall.life.reply(key, value)

    def _hold_up(self, code: str) -> None:
        self.hall.code = code

    async def _visit(self) -> None:
        begun = False
        for _ in range(MOST_ACTS):
            await asyncio.sleep(LOOK_S)
            life = self.hall.life
            if life is None or life.is_dead:
                self.went.wrong = "the terminal ended"
                return
            shown = life.shown
            if shown is None:
                continue
            if life.visit:
                begun = True
            elif begun and shown.page in ENDS:
                return
            if not await self._step(shown):
                return
        self.went.wrong = self.went.wrong or f"{MOST_ACTS} acts and no end, on page {self.went.pages[-1:]}"

    async def _walk_out(self) -> None:
        """These hands do not know on: away, so that the next errand finds standby."""
        for _ in range(60):
            life = self.hall.life
            if life is None or life.is_dead or (life.shown and life.shown.page in ENDS and not life.visit):
                return
            self._tidy()
            self.press("leave", "")
            await asyncio.sleep(3.0)

    async def _step(self, shown: Any) -> bool:
        """One act on the page; false when these hands do not know on."""
        if not self.went.pages or self.went.pages[-1] != shown.page:
            self.went.pages.append(shown.page)
        if shown.page in ENDINGS:
            self.went.ended, self.went.says = shown.page, shown.text
        self._same = self._same + 1 if repr(shown.offers) + shown.text == self._last else 0
        self._last = repr(shown.offers) + shown.text
        if self._same > SAME_PAGE * (40 if shown.page in WAITING or shown.page == "leave" else 1):
            self.went.wrong = f"page {shown.page} does not go on; it reads: {shown.text[:300]!r}"
            return False
        if shown.page in WAITING:
            if shown.page == "standby":
                self.press("start", "")
                await asyncio.sleep(0.3)
            elif shown.page == "settled":
                self.press("continue", "")
            return True
        offers: Offers = {}
        for key, value in shown.offers:
            offers.setdefault(key, []).append(value)
        if shown.language != self.errand.language and self.errand.language in offers.get("language", []):
            self.press("language", self.errand.language)
        elif shown.page in FORM_PAGES:
            await self._hands.act(shown)
        else:
            act: Callable[[Any, Offers], Awaitable[None]] | None = getattr(self, f"_at_{shown.page}", None)
            await (act or self._onward)(shown, offers)
        return True

    async def _onward(self, shown: Any, offers: Offers) -> None:
        if shown.primary is not None:
            self.press(*shown.primary)
            return
        bar = ("back", "home", "leave", "help", "language", "mode", "turn")
        choices = [(key, value) for key, values in offers.items() for value in values if key and key not in bar]
        self.press(*(choices[0] if choices else ("leave", "")))

    # Finding the item

    async def _at_home(self, shown: Any, offers: Offers) -> None:
        if "went" in self._done:
            self.press("leave", "")
            return
        self._done.add("went")
        self.press("service", self.errand.item)

    async def _at_guide(self, shown: Any, offers: Offers) -> None:
        if "start" in offers:
            self.press("start", "")
        else:
            self.went.wrong = f"not offered: {shown.text[-400:]!r}"
            self.press("leave", "")

    # Identity

    async def _at_for_whom(self, shown: Any, offers: Offers) -> None:
        self.press("organisation" if self.errand.agent else "myself", "")

    async def _at_organisations(self, shown: Any, offers: Offers) -> None:
        there = offers.get("organisation", [])
        self.press(*("organisation", there[0]) if there else ("back", ""))

    async def _at_place_card(self, shown: Any, offers: Offers) -> None:
        with suppress(ValueError):
            if not self.hall.reader.state()["card"]:
                self.hall.do("id-card-reader", "present", card=self.citizen.key)

    async def _at_number_match(self, shown: Any, offers: Offers) -> None:
        for row in self.hall.rows("SELECT number FROM app_match WHERE state = 'waiting'"):
            self.hall.answer_match(row["number"], confirm=True)

    async def _at_phone_code(self, shown: Any, offers: Offers) -> None:
        if self.refusal == "foreign":
            self.press("home", "")
            return
        if not self.hall.code:
            made = await self.hall.desk("phone/app-code", citizen=self.citizen.key)
            self.hall.code = str((made or {}).get("code", ""))

    async def _at_review(self, shown: Any, offers: Offers) -> None:
        if self.refusal == "leaves":
            self.press("leave", "")
            return
        if self.refusal == "consent":
            self.hall.rows("DELETE FROM consent")
        self.press("confirm", "")

    async def _at_sign(self, shown: Any, offers: Offers) -> None:
        if "signed" not in self._done:
            self._done.add("signed")
            for number, stroke in enumerate(CROSS, 1):
                self.press("stroke", f"{number} {stroke}")
                await asyncio.sleep(0.3)
        self.press("done", "")

    # Papers

    async def _at_scan_page(self, shown: Any, offers: Offers) -> None:
        self.hall.desk_has = "page"
        self.hall.sheet_says = ("户口簿", f"姓名 {self.citizen.name}", f"公民身份号码 {self.citizen.number}")
        self.press("capture", "")

    async def _at_scan_kept(self, shown: Any, offers: Offers) -> None:
        self.press("done" if "done" in offers else "more", "")

    async def _at_scan_read(self, shown: Any, offers: Offers) -> None:
        self.press("confirm", "")

    async def _at_photo_guide(self, shown: Any, offers: Offers) -> None:
        self.press("take", "")

    async def _at_photo_review(self, shown: Any, offers: Offers) -> None:
        self.press("accept", "")

    # Money

    async def _at_pay_method(self, shown: Any, offers: Offers) -> None:
        self.press("way", "card")

    async def _at_pay(self, shown: Any, offers: Offers) -> None:
        if not self.hall.pad.state()["waiting"]:
            return
        with suppress(ValueError):  # the pad waits for nobody at this moment
            verb = "decline" if self.refusal in ("bank", "consent") else "tap"
            self.hall.do("payment-pad", verb, card=self.citizen.key)
            await asyncio.sleep(1.0)

    # Ends

    async def _at_show_code(self, shown: Any, offers: Offers) -> None:
        self.hall.code = FOREIGN

    async def _at_code_verdict(self, shown: Any, offers: Offers) -> None:
        self.hall.code = ""
        self.press("leave", "")

    async def _at_not_done(self, shown: Any, offers: Offers) -> None:
        self.press("leave", "")

    async def _at_copy_offer(self, shown: Any, offers: Offers) -> None:
        self.press("continue" if "continue" in offers else "print", "")

    async def _at_result(self, shown: Any, offers: Offers) -> None:
        await self._onward(shown, offers)

    async def _at_receipt(self, shown: Any, offers: Offers) -> None:
        if "continue" in offers:
            self.press("continue", "")

    async def _at_finish(self, shown: Any, offers: Offers) -> None:
        self._tidy()
        self.press("leave", "")

    async def _at_leave(self, shown: Any, offers: Offers) -> None:
        self._tidy()

    async def _at_still_there(self, shown: Any, offers: Offers) -> None:
        self.press("continue", "")

    def _tidy(self) -> None:
        """Take card and paper; nothing stays on the desk or before the camera."""
        while self.hall.reader.state()["card"]:
            self.hall.do("id-card-reader", "lift")
        self.hall.do("receipt-printer", "tear_off")
        if self.hall.licences.state()["output_pages"]:
            self.hall.do("licence-printer", "take")
        self.hall.desk_has, self.hall.code = "", ""
