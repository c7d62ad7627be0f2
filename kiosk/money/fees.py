"""What the citizen of this journey has to pay: asked of the platform, kept for the visit, confirmed, then charged.

| where          | what                                                                              |
|----------------|-----------------------------------------------------------------------------------|
| review         | `settle`: find and choose the bills, assess; the page shows amount and reasons    |
| pay            | the order names what was confirmed; another amount is shown and confirmed again   |
| receipt        | `receipt_values`: payee, payment code, fiscal e-bill                              |
| afterwards     | `give_back`: the charge when what it was for cannot be given                      |

An amount of 0 is an answer, never a type: whether something costs is `costs`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from kiosk.journal import Journal
from kiosk.money.charging import new_id
from kiosk.money.fee_words import certainly_costs
from kiosk.platform.bills import Assessment, Bill, EBill
from kiosk.platform.errors import PlatformError, Problem
from kiosk.platform.messages import Bilingual
from kiosk.visits.case import Case, Stop
from screens import pages
from screens.models import NotDone, Working

FEE: Final = "fee"
EBILL: Final = "ebill"
EBILL_WITHIN_S: Final = 6.0
EBILL_EVERY_S: Final = 0.5
WAITING_REPORTS: Final = 500
_ENDS: Final = frozenset({"fee-over-limit", "item-not-available"})


def due(case: Case) -> Assessment | None:
    """What was assessed in this journey; None before that."""
    found = case.visit.vault.get(FEE)
    assert found is None or isinstance(found, Assessment)
    return found


def costs(case: Case) -> bool:
    """Whether something has to be paid here, as far as it is known now."""
    if "pay" not in case.service.steps:
        return False
    assessed = due(case)
    return certainly_costs(case.service.fee) if assessed is None else assessed.fen > 0


async def session_of(case: Case) -> str:
    """The journey's session; one at A0 is opened where nobody has to say who they are. Raises `PlatformError`."""
    if not case.session:
        case.session = await case.tools.platform.open_session(new_id("ses"))
    return case.session


async def find_bills(case: Case) -> tuple[Bill, ...]:
    """The bills that the form names; empty when there is none. Raises `Stop` when nobody can say."""
    try:
        return await case.tools.platform.bills.find(await session_of(case), case.service.id, case.form)
    except Problem as problem:
        if problem.slug in ("bill-not-found", "validation"):
            return ()
        raise _stopped(case, problem) from problem
    except PlatformError as error:
        raise Stop(NotDone("network", can_retry=True)) from error


async def assess(case: Case, bills: Sequence[str] = ()) -> Assessment:
    """Ask what has to be paid, and keep it. Raises `Stop`; a local price of 0 needs no platform."""
    fee = case.service.fee
    try:
        found = await case.tools.platform.bills.assess(await session_of(case), case.service.id, case.form, bills)
    except Problem as problem:
        raise _stopped(case, problem) from problem
    except PlatformError as error:
        if fee.type != "local" or fee.fen or case.service.offline == "no":
            raise Stop(NotDone("network", can_retry=True)) from error
        found = Assessment(case.service.id, 0, 0, _both(fee.title), _both(fee.basis), _both(fee.payee))
    found = _in_our_words(found, (fee.title, fee.basis, fee.payee))
    case.visit.vault.put(FEE, found)
    return found


def _stopped(case: Case, problem: Problem) -> Stop:
    if problem.slug in ("bill-already-paid", "bill-not-found"):
        return Stop(NotDone(problem.slug, "none"))
    if problem.slug in _ENDS:
        return Stop(NotDone("fee-over-limit", "none", elsewhere=case.elsewhere(people=True)))
    if problem.slug == "validation":
        return Stop(NotDone("fee-not-known", "none", elsewhere=case.elsewhere(people=True)))
    return Stop(NotDone("network", can_retry=True))


def _in_our_words(found: Assessment, known: Sequence[object]) -> Assessment:
    """The same, a phrase that the catalogue has too in the catalogue's languages: the platform speaks no Korean."""
    by_zh = {both.zh: both for both in map(_both, known)}

    def ours(said: Bilingual) -> Bilingual:
        return said if said.ko else by_zh.get(said.zh, said)

    items = tuple(replace(item, label=ours(item.label)) for item in found.items)
    return replace(found, title=ours(found.title), basis=ours(found.basis), payee=ours(found.payee), items=items)


def _both(words: object) -> Bilingual:
    return Bilingual(words.get("zh"), words.get("en"), words.get("ko"))  # type: ignore[attr-defined]  # `Words` of the catalogue


async def in_doubt(journal: Journal, bills: Sequence[str]) -> bool:
    """Whether this terminal was paid one of these bills and the platform has not heard of it yet."""
    if not bills:
        return False
    for row in await journal.rows(WAITING_REPORTS):
        intent_id, _, state = row.id.rpartition(":")
        if row.topic != "payment-outcome" or state not in ("PAID", "UNKNOWN"):
            continue
        intent = await journal.intent(intent_id)
        if intent is not None and not set(bills).isdisjoint(intent.body.get("bills", ())):
            return True
    return False


async def fetch_ebill(case: Case) -> EBill | None:
    """The fiscal e-bill of what was paid, where there is one; waits a little until the platform has heard of it."""
    assessed = due(case)
    if assessed is None or not assessed.ebill or not case.order or case.charge is None:
        return None
    known = case.visit.vault.get(EBILL)
    if isinstance(known, EBill):
        return known
    try:
        async with asyncio.timeout(EBILL_WITHIN_S):
            while True:
                try:
                    found = await case.tools.platform.bills.ebill(case.order)
                except Problem as problem:
                    if problem.slug != "payment-required":
                        return None
                    await asyncio.sleep(EBILL_EVERY_S)
                    continue
                case.visit.vault.put(EBILL, found)
                return found
    except (TimeoutError, PlatformError):
        return None


async def receipt_values(case: Case) -> dict[str, str]:
    """What a payment's receipt says beyond the amount: for what, to whom, by which code, and the fiscal e-bill."""
    assessed, language = due(case), case.visit.language
    if assessed is None or case.charge is None:
        return {}
    values = {
        "paid_for": assessed.title.get(language),
        "payee": assessed.payee.get(language),
        "basis": assessed.basis.get(language),
        "pay_code": spaced(assessed.pay_code),
    }
    ebill = await fetch_ebill(case)
    if ebill is not None:
        values |= {
            "ebill_code": ebill.code,
            "ebill_number": ebill.number,
            "ebill_check": ebill.check,
            "ebill_text": ebill.text,
        }
    elif assessed.ebill:
        values["ebill_later"] = case.say("fees.ebill-later")
    return {key: value for key, value in values.items() if value}


def spaced(digits: str) -> str:
    """A long number in groups of four, as it is read aloud."""
    return " ".join(digits[i : i + 4] for i in range(0, len(digits), 4))


async def earned(case: Case) -> None:
    """What was paid for in this journey has been given: the money stays. Nothing to do where nothing was paid."""
    if case.charge is not None:
        await case.tools.money.serve(case.charge.intent)


async def give_back(case: Case, cause: str) -> Stop:
    """What was paid for cannot be given: the money goes back first. Returns what the citizen is told, to be raised."""
    if case.charge is None:
        return Stop(NotDone(cause, can_retry=False, elsewhere=case.elsewhere()))
    returning = case.tools.money.give_back(case.charge.intent)
    back = await case.visit.complete(lambda p: pages.working(p, Working("refunding")), returning)
    return Stop(NotDone(cause, "refunded" if back else "owed", case.charge.intent[-8:].upper()))
