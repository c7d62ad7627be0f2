"""Paying: choose how, pay, or be told why not and what became of the money. One order and one intent for each try."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial

from drivers.outcome import Done, Outcome, Refused
from kiosk.intents import Kind
from kiosk.journal import JournalError
from kiosk.money import fees
from kiosk.money.charging import Charge, new_id
from kiosk.money.payment_ways import Way
from kiosk.platform.errors import PlatformError, Problem
from kiosk.platform.messages import PaymentOrder
from kiosk.steps import pay_phone
from kiosk.steps.bills import changed
from kiosk.steps.review import reviewed_digest
from kiosk.visits.case import Case, Move, Stop
from kiosk.visits.visit import Ended
from screens import pages
from screens.models import Due, NotDone, Pay, PayMethod, PayWay, Place, Working
from screens.screen import Reply, Screen

log = logging.getLogger(__name__)

CITIZENS_WORDS: Mapping[str, str] = {
    "declined": "declined",
    "call-bank": "declined",
    "card-withheld": "declined",
    "card-restricted": "declined",
    "card-invalid": "declined",
    "card-unknown": "declined",
    "not-permitted": "declined",
    "fallback-refused": "declined",
    "over-limit": "declined",
    "insufficient": "insufficient",
    "insufficient-funds": "insufficient",
    "card-expired": "bank-card-expired",
    "card-unreadable": "bank-card-unreadable",
    "card-left": "bank-card-unreadable",
    "wrong-pin": "wrong-pin",
    "cancelled": "cancelled",
    "timeout": "timeout",
    "payment-locked": "payment-locked",
    "code-invalid": "code-invalid",
    "paid-after-close": "paid-after-close",
    "given-back": "given-back",
    "network": "network",
}
"""Causes of the pad and of the payers' services -> what the page says. A cause that is not here is the terminal's
trouble, not the citizen's."""


MOST_CHANGES = 3


class _Changed(Exception):
    """The amount is another one than the citizen confirmed; nothing was charged."""


async def pay(case: Case) -> Move:
    """Charge what the review showed. Where nothing is left to pay it is passed over."""
    visit = case.visit
    visit.at("pay")
    changes = 0
    while True:
        if (fees.due(case) or await fees.assess(case)).fen == 0:
            return "next"
        way = await _choose(case)
        if way is None:
            return "back"
        case.order = ""
        try:
            outcome = await _PAY[way](case)
        except _Changed:
            changes += 1
            before = fees.due(case)
            if before is None or changes > MOST_CHANGES:
                raise Stop(NotDone("fee-changed", "not-charged")) from None
            if not await changed(case, before):
                return "back"
            visit.vault.put("reviewed", reviewed_digest(case))
            continue
        if outcome is None:
            continue
        if isinstance(outcome, Done):
            case.charge = outcome.value
            visit.vault.put("card-tail", outcome.value.card_tail)
            return "next"
        if not isinstance(outcome, Refused):
            cause = "payment-unknown" if way == "card" else "phone-unknown"
            raise Stop(NotDone(cause, "unknown", case.order[-8:].upper()))
        model = await _not_charged(case, outcome)
        if not model.can_retry:
            raise Stop(model)
        reply = await visit.ask(partial(_told, model), seconds=visit.manners.result_s)
        if reply.key != "again":
            return "back"


async def _choose(case: Case) -> Way | None:
    """How the citizen wants to pay; None is back. With one way only there is nothing to ask."""
    ways = case.tools.ways
    if ways is None or ways.offered == ("card",):
        return "card"

    def build(place: Place) -> Screen:
        lines = tuple(PayWay(way, case.say(reason) if (reason := ways.reason(way)) else "") for way in ways.offered)
        return pages.pay_method(place, PayMethod(due(case), lines))

    while True:
        reply = await case.visit.ask(build, seconds=case.visit.manners.form_s)
        if reply.key == "cancel":
            raise Ended("home")
        if reply.key != "way":
            return None
        for way in ways.offered:
            if reply.value == way and not ways.reason(way):
                return way


def due(case: Case) -> Due:
    """What has to be paid, in the language of the moment."""
    fee, language = fees.due(case), case.visit.language
    assert fee is not None
    return Due(fee.title.get(language), fee.basis.get(language), fee.payee.get(language), fee.fen)


async def _not_charged(case: Case, refusal: Refused) -> NotDone:
    """Journalled; money that arrived although it was not wanted goes back first."""
    words = CITIZENS_WORDS.get(refusal.cause, "pad-fault")
    again = words not in ("pad-fault", "payment-locked") or refusal.again
    await case.tools.journal.note(case.visit.id, "payment.refused", {"cause": refusal.cause, "code": refusal.code})
    if refusal.cause == "paid-after-close":
        back = False
        for intent in await case.tools.journal.visit_intents(case.visit.id):
            if intent.kind is Kind.QR and intent.body.get("order") == case.order:
                giving = case.tools.money.give_back(intent.id)
                back = await case.visit.complete(lambda p: pages.working(p, Working("refunding")), giving)
        return NotDone(words, "refunded" if back else "owed", case.order[-8:].upper(), can_retry=True)
    return NotDone(words, "refunded" if refusal.cause == "given-back" else "not-charged", can_retry=again)


def _told(model: NotDone, place: Place) -> Screen:
    return pages.not_done(place, model)


async def _card(case: Case) -> Outcome[Charge] | None:
    """At the pad. While it is at work nothing on the page can cut it off: leaving asks the pad to cancel."""
    visit = case.visit
    intent = new_id("chg")
    order = await order_for(case, intent)
    cancel = asyncio.Event()
    model = Pay("", "", "", order.fen, prompt="wait")

    def build(place: Place) -> Screen:
        words = due(case)
        return pages.pay(place, replace(model, title=words.title, basis=words.basis, payee=words.payee))

    def on_prompt(prompt: str) -> None:
        nonlocal model
        model = replace(model, prompt=prompt)
        visit.refresh()

    def on_reply(reply: Reply) -> None:
        nonlocal model
        if reply.key in ("cancel", "home", "leave", "back"):
            cancel.set()
            model = replace(model, can_cancel=False)

    charging = case.tools.money.charge(
        visit.id,
        intent,
        order,
        on_prompt=on_prompt,
        cancel=cancel,
        deadline_s=visit.manners.pad_s,
        bills=fee.bills if (fee := fees.due(case)) else (),
    )
    try:
        return await visit.complete(build, charging, on_reply)
    except JournalError as error:
        raise Stop(NotDone("storage-fault", "not-charged")) from error


async def order_for(case: Case, intent: str) -> PaymentOrder:
    """The platform fixes the amount; it must be the one that the citizen confirmed. Raises `Stop`, `_Changed`."""
    fee = fees.due(case)
    assert fee is not None
    if await fees.in_doubt(case.tools.journal, fee.bills):
        raise Stop(NotDone("bill-in-doubt", "none"))
    try:
        order = await case.tools.platform.create_order(
            await fees.session_of(case), case.service.id, intent, case.form, fee.bills, fee.fen
        )
    except Problem as problem:
        if problem.slug in ("fee-changed", "bill-changed", "nothing-due"):
            raise _Changed from problem
        raise Stop(_ORDER_REFUSED.get(problem.slug, NotDone("network", "not-charged", can_retry=True))) from problem
    except PlatformError as error:
        raise Stop(NotDone("network", "not-charged", can_retry=True)) from error
    if order.fen != fee.fen:
        await _unwanted(case, order, intent)
        raise _Changed
    case.order = order.id
    return order


async def _unwanted(case: Case, order: PaymentOrder, intent: str) -> None:
    """An order of another amount is closed; one that cannot be closed now ends by its own time."""
    try:
        await case.tools.platform.paying.close(order.id, f"{intent}:unwanted")
    except PlatformError as error:
        log.info("order %s of another amount is not closed yet (%s)", order.id, type(error).__name__)


_ORDER_REFUSED: Mapping[str, NotDone] = {
    "payment-unknown": NotDone("bill-in-doubt", "none"),
    "bill-already-paid": NotDone("bill-already-paid", "none"),
    "bill-not-found": NotDone("bill-not-found", "none"),
    "fee-over-limit": NotDone("fee-over-limit", "not-charged"),
}


async def _shown(case: Case) -> Outcome[Charge] | None:
    intent = new_id("qrp")
    return await pay_phone.show(case, intent, due, await order_for(case, intent))


async def _scanned(case: Case) -> Outcome[Charge] | None:
    read = await pay_phone.read(case, due)
    if read is None:
        return None
    intent = new_id("qrp")
    order = await order_for(case, intent)
    return await pay_phone.scan(case, intent, due, order, read)


_PAY: Mapping[Way, Callable[[Case], Awaitable[Outcome[Charge] | None]]] = {
    "card": _card,
    "shown": _shown,
    "scanned": _scanned,
}
"""Each gives what became of the charge; None: another way was asked for, and nothing was begun."""
