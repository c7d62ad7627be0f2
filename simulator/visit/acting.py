"""How each act of a script is done at the real terminal: by touching what is on the page, and at the real devices."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

from config.bundle_whole import whole_of
from config.catalogue import load_catalogue
from simulator.bench.platform_desk import PlatformDown
from simulator.filling_in import PAGES as FORM_PAGES
from simulator.people import Citizen
from simulator.visit.cases import ANSWERS
from simulator.visit.form_hands import MirrorHands
from simulator.visit.mirror import Page
from simulator.visit.script import (
    Act,
    Card,
    CutPower,
    Device,
    FillIn,
    FindService,
    Network,
    NotOffered,
    PayByPhone,
    Phone,
    Press,
    Quiet,
    Says,
    Speak,
    Stranger,
)
from simulator.visit.theatre import Theatre

READY_S = 25.0
TYPED_S = 5.0
OFFERED_S = 8.0
READY_TO_START_S = 40.0  # a device may still be starting
SAYS_S = 25.0
QUIET_AT_MOST_S = 40.0
CHARGED_S = 25.0
TOUCHES_AT_MOST = 200
TURNS_AT_MOST = 20


class Missed(RuntimeError):
    """What the script waited for did not come, or came differently; the message is a sentence."""


class Actor:
    """The citizen's hands, and fate's."""

    def __init__(self, theatre: Theatre, service: str, citizen: Citizen, language: str) -> None:
        self.theatre = theatre
        self.service = service
        self.citizen = citizen
        self.language = language
        self.catalogue = load_catalogue()

    async def do(self, act: Act) -> bool:
        """Do it; true when the page is worth another picture. Raises `Missed`, `NotOnPage`, `requests.HTTPError`."""
        match act:
            case Press(key, value):
                await self._press(key, value)
            case Speak():
                await self._speak()
            case Device(family, verb, args, ready):
                if ready:
                    await self._until(lambda: self._is(family, ready), READY_S, f"{family} was never {ready}")
                await self.theatre.act(family, verb, **args)
            case Card(verb):
                await self.theatre.act("id-card-reader", verb, **self._card_args(verb))
            case Stranger():
                await self.theatre.act("camera", "someone_else", face=self.citizen.key)
            case Network(faults):
                await self.theatre.desk.post("faults", dict(faults))
            case NotOffered(words):
                await self._not_offered(words)
            case Says(words):
                await self._seen(partial(_says, words=words), f"the page does not say {' or '.join(words)}", SAYS_S)
                return True
            case Phone(answer):
                await self._until(partial(self._answered, answer), READY_S, "no question came to the phone")
            case PayByPhone(provider):
                await self._pay_by_phone(provider)
            case Quiet(seconds):
                await self._quiet(seconds)
            case FindService():
                await self._find_service()
            case FillIn():
                await self._fill_in()
                return True
            case CutPower():
                await self._until(self._charged, CHARGED_S, "the charge never reached the pad's ledger")
                await self.theatre.cut_power()
                await self.theatre.raise_curtain()
        return False

    def _card_args(self, verb: str) -> dict[str, str]:
        return {"card": self.citizen.key} if verb == "present" else {}

    def _page(self) -> Page:
        page = self.theatre.mirror.page
        if page is None:
            raise Missed("the terminal shows nothing")
        return page

    async def _press(self, key: str, value: str) -> None:
        """Touch it as soon as it can be touched."""
        with suppress(TimeoutError):  # press() says what is there instead
            within_s = READY_TO_START_S if key == "start" else OFFERED_S
            await self.theatre.mirror.wait_for(lambda page: page.offers(key, value), within_s)
        await self.theatre.mirror.press(key, value)

    async def _speak(self) -> None:
        if self._page().language != self.language:
            await self._press("language", self.language)
            await self._seen(lambda page: page.language == self.language, f"the page did not change to {self.language}")

    async def _seen(self, wanted: Callable[[Page], bool], otherwise: str, within_s: float = TYPED_S) -> Page:
        try:
            return await self.theatre.mirror.wait_for(wanted, within_s)
        except TimeoutError:
            raise Missed(f"{otherwise}; it reads: {self._page().text[:200]!r}") from None

    async def _until(self, true: Callable[[], Awaitable[bool]], within_s: float, otherwise: str) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + within_s
        while not await true():
            if loop.time() > until:
                raise Missed(otherwise)
            await asyncio.sleep(0.05)

    async def _is(self, family: str, ready: str) -> bool:
        return bool((await self.theatre.state(family)).get(ready))

    async def _not_offered(self, words: tuple[str, ...]) -> None:
        await self._seen(
            lambda p: (node := p.find("start")) is not None and not node.enabled,
            f"{self.service} is offered although it cannot be done",
            OFFERED_S,
        )
        await self._seen(partial(_says, words=words), f"the page does not say {' or '.join(words)}")

    async def _quiet(self, seconds: float) -> None:
        """The page and its words stand still for `seconds`."""
        loop = asyncio.get_running_loop()
        until = loop.time() + QUIET_AT_MOST_S
        while loop.time() < until:
            page = self._page()
            try:
                await self.theatre.mirror.wait_for(partial(_differs, page), seconds)
            except TimeoutError:
                return
        raise Missed(f"page {self._page().page} does not come to rest")

    async def _fill_in(self) -> None:
        """Touch by touch until nothing that this citizen answers is empty; "next" is the script's."""
        whole = whole_of(self.catalogue.services[self.service], self.catalogue.services)
        hands = MirrorHands(self.theatre.mirror, whole, {**ANSWERS, "phone": self.citizen.phone})
        for _ in range(TOUCHES_AT_MOST):
            page = self._page()
            if page.page not in FORM_PAGES or not await hands.act(page):
                break
        else:
            raise Missed(f"the form is not full after {TOUCHES_AT_MOST} touches; it reads: {self._page().text[:200]!r}")

    async def _find_service(self) -> None:
        """Open the service's guide from wherever it stands: the first page, else its field and the field's turns."""
        page = self._page()
        if page.offers("service", self.service):
            await self._press("service", self.service)
            return
        field = self.catalogue.services[self.service].field.key
        if not page.offers("field", field):
            await self._press("more", "")
            await self._seen(lambda p: p.offers("field", field), f"field {field} is not among the fields")
        await self._press("field", field)
        await self._seen(lambda p: p.page == "field_page", f"the page of field {field} did not come")
        for _ in range(TURNS_AT_MOST):
            page = self._page()
            if page.find("service", self.service) is not None or not page.offers("turn", "next"):
                break
            await self._press("turn", "next")
            await self._seen(partial(_newer, seq=page.seq), "the next turn of the field did not show")
        await self._press("service", self.service)

    async def _answered(self, answer: str) -> bool:
        """Answer the question that is on the page; false while none waits."""
        for match in await self.theatre.desk.get("app-matches"):
            if match["state"] == "waiting" and str(match["number"]) in self._page().text:
                await self.theatre.desk.post(f"app-matches/{match['id']}", {"answer": answer})
                return True
        return False

    async def _pay_by_phone(self, provider: str) -> None:
        try:
            await self.theatre.desk.post("phone/pay", {"provider": provider})
        except PlatformDown as error:
            raise Missed(f"the code on the page could not be paid: {error}") from None

    async def phone_fen(self) -> int:
        """What was paid by phone, less what went back."""
        return int((await self.theatre.desk.get("payers"))["paid_fen"])

    async def ledger_fen(self) -> int:
        """What the payee's bank account gained."""
        return int((await self.theatre.state("payment-pad")).get("balance_fen", 0))

    async def _charged(self) -> bool:
        """The bank has booked it: the terminal acknowledged the approval."""
        ledger = (await self.theatre.state("payment-pad")).get("ledger", [])
        return any(entry["kind"] == "payment" and entry["state"] == "booked" for entry in ledger)

    async def receipts(self) -> int:
        """How many receipts came out."""
        return int((await self.theatre.state("receipt-printer")).get("receipts", 0))

    async def certificates(self) -> int:
        """How many certificates came out."""
        return int((await self.theatre.state("licence-printer")).get("pages_printed", 0))


def _says(page: Page, words: tuple[str, ...]) -> bool:
    return any(word.lower() in page.text.lower() for word in words)


def _newer(page: Page, seq: int) -> bool:
    return page.seq > seq


def _differs(was: Page, page: Page) -> bool:
    return (page.page, page.text) != (was.page, was.text)
