"""Paying at the pad. While the pad is at work nothing on the page can cut it off: leaving asks the pad to cancel."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from drivers.outcome import Done, Outcome, Refused
from kiosk.case import Case, Move, Stop
from kiosk.journal import JournalError
from kiosk.money import Charge, new_id
from kiosk.platform.errors import PlatformError
from kiosk.platform.messages import PaymentOrder
from screens import pages
from screens.models import NotDone, Pay, Place
from screens.screen import Reply, Screen

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
}
"""The pad's causes -> what the page says. A cause that is not here is the terminal's trouble, not the citizen's."""


async def pay(case: Case) -> Move:
    """Charge the fee that the review showed. A free service is passed over."""
    if case.service.fee.fen == 0:
        return "next"
    case.visit.at("pay")
    while True:
        outcome = await _charge(case)
        if isinstance(outcome, Done):
            case.charge = outcome.value
            case.visit.vault.put("card-tail", outcome.value.card_tail)
            return "next"
        if not isinstance(outcome, Refused):
            raise Stop(NotDone("payment-unknown", "unknown", case.order[-8:].upper()))
        words = CITIZENS_WORDS.get(outcome.cause, "pad-fault")
        again = words not in ("pad-fault", "payment-locked") or outcome.again
        model = NotDone(words, "not-charged", can_retry=again)
        await case.tools.journal.note(case.visit.id, "payment.refused", {"cause": outcome.cause, "code": outcome.code})
        if not again:
            raise Stop(model)
        reply = await case.visit.ask(partial(_told, model), seconds=case.visit.manners.result_s)
        if reply.key != "again":
            return "back"


def _told(model: NotDone, place: Place) -> Screen:
    return pages.not_done(place, model)


async def _charge(case: Case) -> Outcome[Charge]:
    """One intent, one order, one authorisation."""
    visit = case.visit
    intent = new_id("chg")
    order = await _order(case, intent)
    case.order = order.id
    cancel = asyncio.Event()
    service = case.service
    model = Pay("", "", "", order.fen, prompt="wait")

    def build(place: Place) -> Screen:
        fee = service.fee
        language = visit.language
        words = replace(
            model, title=fee.title.get(language), basis=fee.basis.get(language), payee=fee.payee.get(language)
        )
        return pages.pay(place, words)

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
        visit.id, intent, order, on_prompt=on_prompt, cancel=cancel, deadline_s=visit.manners.pad_s
    )
    try:
        return await visit.complete(build, charging, on_reply)
    except JournalError as error:
        raise Stop(NotDone("storage-fault", "not-charged")) from error


async def _order(case: Case, intent: str) -> PaymentOrder:
    """The platform fixes the amount; it must be the one that the citizen confirmed."""
    try:
        order = await case.tools.platform.create_order(case.session, case.service.id, intent)
    except PlatformError as error:
        raise Stop(NotDone("network", "not-charged", can_retry=True)) from error
    if order.fen != case.service.fee.fen:
        raise Stop(NotDone("fee-changed", "not-charged"))
    return order
