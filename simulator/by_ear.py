"""A citizen who hears and presses keys (`kiosk-sim run-all --by ear`): nothing is read from a screen, here or anywhere.

What a page is, is known by what was said: `CUES` names the texts by which each is recognised. What is not known is met
with the OK key where the page said what it does, else with its first button.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from config.bundle_whole import whole_of
from config.service import Service
from config.texts import texts
from simulator.by_ear_forms import EarForms
from simulator.customer import ENDINGS, FOREIGN, Customer, Errand, Refusal
from simulator.hall import Hall
from simulator.hearing import Ear, NotFound, Said, after
from simulator.people import Citizen

LISTEN_S = 0.3
QUIET = 12
"""After so many looks without a word, a page that waits for somebody is met as unknown."""
MOST_LOOKS = 4000
CUES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("still_there", ("still-there.prompt",)),
    ("finish", ("finish.title", "finish.title-later")),
    ("leave", ("leave.title", "leave.title-left")),
    ("not_done", ("not-done.prompt",)),
    ("code_verdict", tuple(f"verdict.title.{state}" for state in ("valid", "void", "altered", "unknown", "expired"))),
    ("result", ("result.prompt", "result.prompt-none")),
    ("signed_in", ("signed-in.title",)),
    ("home", ("home.prompt",)),
    ("fields", ("fields.prompt",)),
    ("field_page", ("field.prompt",)),
    ("for_whom", ("for-whom.title",)),
    ("organisations", ("organisations.title",)),
    ("face_consent", ("consent.face.prompt",)),
    ("place_card", ("place-card.waiting.title", "place-card.again.title")),
    ("number_match", ("number-match.prompt", "phone-qr.pick-title")),
    ("phone_code", ("phone-code.title",)),
    ("show_code", ("verify.title", "verify.look", "verify.closer")),
    ("scan_page", ("scan.place", "scan.ready")),
    ("pay_method", ("pay.method-prompt",)),
    ("pay", ("pay.say.present-card",)),
    ("rating_tags", ("rate.good", "rate.bad")),
    ("copy_offer", ("copy.title",)),
    ("waiting", ("working.prompt", "place-card.reading.title", "face.checking", "photo.by-itself", "receipt.printing",
                 "receipt.take", "collect.prompt-open", "settled.prompt")),
    ("waiting", tuple(f"face.{key}" for key in ("look", "hold", "closer", "ok"))),
    ("waiting", tuple(f"pay.say.{key}" for key in ("wait", "online", "approved", "remove-card", "confirm-amount"))),
    ("waiting", tuple(f"photo.fault.{key}" for key in ("look", "hold", "checking"))),
    ("waiting", tuple(f"challenge.step.{key}" for key in ("front", "return", "done"))),
    ("form", ("form.prompt",)),
    ("address", ("entering.address.district", "entering.address.town")),
    ("choose_many", ("entering.choose-many",)),
    ("choose_one", ("entering.choose-one",)),
    ("entries", ("entering.entries",)),
    ("code_field", ("entering.code", "entering.code-again")),
    ("writing", ("speech.keys.words", "speech.keys.letters")),
)  # fmt: skip
"""What a page is called here, and the texts of which one is said when it appears; the first that fits."""
FORMS = frozenset({"form", "address", "choose_many", "choose_one", "entries", "code_field", "writing"})
BAR = ("nav.back", "nav.home", "nav.leave", "nav.help")


class EarCustomer(Customer):
    """One citizen before the terminal of `hall`, whose panel speaks into `ear`."""

    def __init__(
        self,
        hall: Hall,
        errand: Errand,
        service: Service,
        citizen: Citizen,
        ear: Ear,
        turn: int = 0,
        refusal: Refusal = "",
        answers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(hall, errand, service, citizen, turn, refusal, answers)
        self.ear = ear
        whole = whole_of(service, hall.catalogue.services)
        self._form = EarForms(whole, ear, self._hold_up, answers=answers, turn=turn)
        self._page: Said = ()
        """What the page said when it appeared."""
        self._cue = ""
        self._quiet = 0
        self._acted = False
        self._repeated: dict[str, int] = {}

    async def _visit(self) -> None:
        ear = self.ear
        ear.forget()
        await ear.press("down", "ok")
        begun = False
        for _ in range(MOST_LOOKS):
            await asyncio.sleep(LISTEN_S)
            life = self.hall.life
            if life is None or life.is_dead:
                self.went.wrong = "the terminal ended"
                return
            if life.visit:
                begun = True
            elif begun:
                return
            try:
                await self._listen()
            except NotFound as error:
                self.went.wrong = f"on the page that says {' / '.join(self._page)[:300]}: {error}"
            if self.went.wrong:
                return
        self.went.wrong = f"no end after {ear.keys} keys; last was said: {ear.everything[-12:]}"

    async def _listen(self) -> None:
        """Take what was said, and act on it, or wait for more."""
        ear = self.ear
        said = ear.take()
        for each in said:
            if self._is_page(each):
                self._page, self._acted = each, False
                self._cue = next((name for name, keys in CUES if any(ear.means(key, each) for key in keys)), "")
                self._note(each)
            elif self._cue in ("", "waiting", "place_card", "scan_page", "pay", "show_code", "code_field"):
                # The same page goes on: what it says now may ask for something else.
                cue = next((name for name, keys in CUES if any(ear.means(key, each) for key in keys)), "")
                if cue and cue != self._cue:
                    self._cue, self._acted = cue, False
            if self._cue in FORMS:
                self._form.told(each, new_page=each is self._page)
        self._quiet = 0 if said else self._quiet + 1
        if self._cue in FORMS:
            if said or self._quiet % QUIET == QUIET - 1:
                await self._form.act(self._cue, self._page)
            return
        if self._acted and self._quiet < QUIET:
            return
        if self._acted or (self._cue in ("", "waiting") and self._quiet == 0):
            self._acted = self._acted and self._cue in ("waiting", "place_card", "leave")
            return
        self._acted = True
        act: Callable[[], Awaitable[None]] = getattr(self, f"_on_{self._cue or 'unknown'}", self._on_unknown)
        await act()

    def _is_page(self, said: Said) -> bool:
        """Whether it is what a page says when it appears, not what is in focus or has changed."""
        return any(self.ear.means(f"speech.{key}", said) for key in ("press-down", "nothing", "start"))

    def _note(self, said: Said) -> None:
        name = self._cue or "unknown"
        if not self.went.pages or self.went.pages[-1] != name or name == "unknown":
            self.went.pages.append(name)
        if name in ENDINGS:
            self.went.ended, self.went.says = name, " ".join(said)
        key = " ".join(said)
        self._repeated[key] = self._repeated.get(key, 0) + 1
        if self._repeated[key] > 60:
            self.went.wrong = f"the same page again and again: {key[:300]}"

    # Pages

    async def _on_unknown(self) -> None:
        if after(self._page, self.ear.language, "speech.ok-does"):
            await self.ear.press("ok")
            return
        bar = [self.ear.words(key) for key in BAR]
        said = await self.ear.press("right")
        if said and not any(said[0] == name for name in bar):
            await self.ear.press("ok")

    async def _on_waiting(self) -> None:
        self._acted = True

    async def _on_still_there(self) -> None:
        await self.ear.press("ok")

    async def _on_leave(self) -> None:
        self._tidy()

    async def _on_finish(self) -> None:
        self._tidy()
        await self.ear.press("ok")

    async def _on_code_verdict(self) -> None:
        self.hall.code = ""
        await self.ear.press("ok")

    async def _on_home(self) -> None:
        ear = self.ear
        if "went" in self._done:
            await ear.choose(ear.words("nav.leave"))
            return
        if ear.language != self.errand.language:
            await ear.choose(texts(ear.language).t(f"nav.language-{self.errand.language}"))
            ear.language = self.errand.language
            return
        self._done.add("went")
        await self._towards(self.service.name.get(ear.language), self.service.field.name.get(ear.language))

    async def _towards(self, item: str, place: str) -> None:
        """From the first page to the guide of an item: itself, or its field, or the page of all fields."""
        ear = self.ear
        try:
            found = await ear.choose(item, place)
        except NotFound:
            await ear.choose(ear.words("home.more"))
            found = await ear.choose(place)
        if found == place and found != item:
            await ear.choose(item)

    async def _on_for_whom(self) -> None:
        await self.ear.choose(self.ear.words(f"for-whom.{'organisation' if self.errand.agent else 'myself'}"))

    async def _on_organisations(self) -> None:
        await self.ear.press("right", "ok")

    async def _on_face_consent(self) -> None:
        await self.ear.choose(self.ear.words("consent.face.agree"))

    async def _on_place_card(self) -> None:
        with suppress(ValueError):
            if not self.hall.reader.state()["card"]:
                self.hall.do("id-card-reader", "present", card=self.citizen.key)

    async def _on_number_match(self) -> None:
        await self._at_number_match(None, {})
        self._acted = False

    async def _on_phone_code(self) -> None:
        await self._at_phone_code(None, {})

    async def _on_show_code(self) -> None:
        self.hall.code = FOREIGN

    async def _on_scan_page(self) -> None:
        self.hall.desk_has = "page"
        self.hall.sheet_says = ("户口簿", f"姓名 {self.citizen.name}", f"公民身份号码 {self.citizen.number}")
        await self.ear.press("ok")

    async def _on_pay_method(self) -> None:
        await self.ear.choose(self.ear.words("pay.way.card"))

    async def _on_pay(self) -> None:
        if not self.hall.pad.state()["waiting"]:
            self._acted = False
            return
        with suppress(ValueError):  # the pad waits for nobody at this moment
            self.hall.do("payment-pad", "decline" if self.refusal in ("bank", "consent") else "tap",
                         card=self.citizen.key)  # fmt: skip

    async def _on_rating_tags(self) -> None:
        await self.ear.press("right", "ok")
        await self.ear.choose(self.ear.words("rate.done"))

    async def _on_copy_offer(self) -> None:
        if after(self._page, self.ear.language, "speech.ok-does"):
            await self.ear.press("ok")
        elif "copied" in self._done:
            await self.ear.choose(self.ear.words("copy.done"))
        else:
            self._done.add("copied")
            await self.ear.press("right", "ok")

    async def _on_not_done(self) -> None:
        await self.ear.choose(self.ear.words("not-done.leave"))
