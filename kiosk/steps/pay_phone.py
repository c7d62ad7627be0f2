"""Paying by phone: our code on the screen, or theirs at the camera. A payer's code lives here and in one call only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field, replace
from typing import Any

from config.payments import Provider
from drivers.errors import DeviceError, NoMedia
from drivers.outcome import Outcome, Refused
from kiosk.journal import JournalError
from kiosk.money.charging import Charge
from kiosk.money.qr_payment import Offer
from kiosk.platform.messages import PaymentOrder
from kiosk.steps.previewed import previewed
from kiosk.visits.case import Case, Stop
from kiosk.visits.code_reading import read_code, wipe
from kiosk.visits.code_router import Routed, answer, formats_for, route
from kiosk.visits.visit import Ended
from screens import pages
from screens.models import Due, NotDone, PayCode, PayPhone, PayScan, Place, Working
from screens.screen import Countdown, Reply, Screen

LOOK_S = 12.0
EXPECTED = formats_for("payment")
LEAVING = frozenset({"cancel", "other", "home", "leave", "back"})
DueOf = Callable[[Case], Due]


@dataclass(frozen=True, slots=True)
class Read:
    """A payment code that was held up, and whose it is."""

    provider: Provider
    code: str = field(repr=False)


async def show(case: Case, intent: str, due: DueOf, order: PaymentOrder) -> Outcome[Charge] | None:
    """Show our code until it is paid, left or over. None: another way was asked for, and this one is closed."""
    visit, qr = case.visit, case.tools.qr
    assert qr is not None
    rules = qr.rules
    cancel = asyncio.Event()
    offer: Offer | None = None
    asked = ""
    paying = False

    def build(place: Place) -> Screen:
        if paying:
            return pages.pay_phone(place, PayPhone(due(case), "paying"))
        if offer is None:
            return pages.working(place, Working("querying"))
        between = "、" if visit.language == "zh" else ", "
        services = between.join(p.name.get(visit.language) for p in rules.provider)
        counted = replace(place, countdown=Countdown(offer.ends_at, offer.total_s))
        return pages.pay_code(counted, PayCode(due(case), offer.code, services, not asked))

    def on_offer(made: Offer) -> None:
        nonlocal offer
        offer = made
        visit.refresh()

    def on_paying() -> None:
        nonlocal paying
        paying = True
        visit.refresh()

    def on_reply(reply: Reply) -> None:
        nonlocal asked
        if reply.key in LEAVING and not paying and offer is not None:
            asked = asked or reply.key
            cancel.set()

    work = qr.show(visit.id, intent, order, on_offer=on_offer, on_paying=on_paying, cancel=cancel)
    outcome = await _complete(case, build, work, on_reply)
    if asked == "other" and isinstance(outcome, Refused) and outcome.cause == "cancelled":
        return None
    return outcome


async def read(case: Case, due: DueOf) -> Read | None:
    """Wait for a payment code at the camera; None: another way was asked for. Raises `Stop` when the camera fails."""
    visit = case.visit
    look = _Look(case, due)
    try:
        found = await visit.during(look.page, look.code(), seconds=visit.manners.card_s)
    finally:
        visit.display.preview(None, 0, 0)
        wipe(case.tools.code_eye, case.tools.code_reader)
    if isinstance(found, Reply):
        if found.key == "cancel":
            raise Ended("home")
        return None
    if found is None:
        raise Stop(NotDone("camera-fault", "not-charged", can_retry=True))
    return found


async def scan(case: Case, intent: str, due: DueOf, order: PaymentOrder, found: Read) -> Outcome[Charge]:
    """Charge the payer's code, and wait for their phone."""
    visit, qr = case.visit, case.tools.qr
    assert qr is not None
    paying = False

    def build(place: Place) -> Screen:
        model = PayPhone(due(case), "paying" if paying else "asking", found.provider.name.get(visit.language))
        return pages.pay_phone(place, model)

    def on_paying() -> None:
        nonlocal paying
        paying = True
        visit.refresh()

    work = qr.scan(visit.id, intent, order, found.provider.key, found.code, on_paying=on_paying)
    return await _complete(case, build, work, lambda _: None)


async def _complete(
    case: Case,
    build: Callable[[Place], Screen],
    work: Coroutine[Any, Any, Outcome[Charge]],
    on_reply: Callable[[Reply], None],
) -> Outcome[Charge]:
    try:
        return await case.visit.complete(build, work, on_reply)
    except JournalError as error:
        raise Stop(NotDone("storage-fault", "not-charged")) from error


class _Look:
    """The camera at work behind the page."""

    def __init__(self, case: Case, due: DueOf) -> None:
        self.case = case
        self._due = due
        self._trouble = ""
        self._other: Routed | None = None

    def page(self, place: Place) -> Screen:
        known = self._other is not None and self._other.kind != "other"
        told = answer(self._other, "payment", place.language) if self._other and known else ""
        return pages.pay_scan(place, PayScan(self._due(self.case), self._trouble, told))

    async def code(self) -> Read | None:
        """The first payment code that is held up; None when the camera fails."""
        read: Read | None = None
        try:
            read = await previewed(self.case, self.case.tools.code_eye, self._read())
        except* DeviceError:
            read = None
        return read

    async def _read(self) -> Read:
        qr = self.case.tools.qr
        assert qr is not None
        while True:
            try:
                code = await read_code(self.case.tools.code_eye, self.case.tools.code_reader, EXPECTED, LOOK_S)
            except NoMedia:
                self._say("not-read")
                continue
            provider = qr.rules.whose(code.text) if code else None
            if code is not None and provider is not None:
                return Read(provider, code.text)
            self._say("not-a-code", route(code, "payment").without_text() if code else None)
            await asyncio.sleep(0.5)

    def _say(self, trouble: str, other: Routed | None = None) -> None:
        if (trouble, other) != (self._trouble, self._other):
            self._trouble, self._other = trouble, other
            self.case.visit.refresh()
