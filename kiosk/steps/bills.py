"""Before the review of something that costs: which bills, how much, and why. Nothing is charged here."""

from __future__ import annotations

from functools import partial

from kiosk.money import fees
from kiosk.platform.bills import Assessment, Bill
from kiosk.visits.case import Case, Move
from screens import pages
from screens.models import BillChoice, BillLine, BillNone, FeeChanged, FeeLine, Place, Working
from screens.screen import Reply, Screen

MOST_LINES = 8
_ASKING = Working("querying")


async def settle(case: Case) -> Move:
    """Ask what has to be paid, choosing among several bills. `back`: the citizen wants to change the form."""
    service = case.service
    if "pay" not in service.steps:
        return "next"
    wanted: tuple[str, ...] = ()
    if service.fee.type == "bill" and not (service.fee.field and case.form.get(service.fee.field)):
        found = await case.visit.during(_asking, fees.find_bills(case))
        if isinstance(found, Reply):
            return "back"
        open_ones = tuple(bill for bill in found if bill.state == "due")
        if not open_ones:
            await case.visit.ask(partial(_none, case, found), seconds=case.visit.manners.result_s)
            return "back"
        chosen = await _choose(case, open_ones)
        if not chosen:
            return "back"
        wanted = tuple(bill.id for bill in chosen)
    assessed = await case.visit.during(_asking, fees.assess(case, wanted))
    return "back" if isinstance(assessed, Reply) else "next"


async def changed(case: Case, before: Assessment) -> bool:
    """The amount is another one than was confirmed: show it, true when the citizen agrees to the new one."""
    now = await case.visit.complete(_asking, fees.assess(case, before.bills))
    if now.fen == before.fen:
        return True

    def build(place: Place) -> Screen:
        language = case.visit.language
        lines = fee_lines(case, now)
        return pages.fee_changed(place, FeeChanged(now.title.get(language), before.fen, now.fen, lines))

    reply = await case.visit.ask(build, seconds=case.visit.manners.form_s)
    return reply.key == "confirm"


def fee_lines(case: Case, fee: Assessment) -> tuple[FeeLine, ...]:
    """What the review says of the fee, in the language of the moment: its parts, to whom, until when."""
    language = case.visit.language
    lines: list[FeeLine] = []
    if len(fee.items) > 1:
        shown = fee.items if len(fee.items) <= MOST_LINES else fee.items[: MOST_LINES - 1]
        lines += [FeeLine(item.label.get(language), fen=item.fen) for item in shown]
        if rest := fee.items[len(shown) :]:
            lines.append(FeeLine(case.say("fees.more", count=len(rest)), fen=sum(item.fen for item in rest)))
    elif fee.items and fee.items[0].label.get(language) != fee.title.get(language):
        lines.append(FeeLine(fee.title.get(language), fee.items[0].label.get(language)))
    lines.append(FeeLine(case.say("fees.payee"), fee.payee.get(language)))
    if fee.pay_code:
        lines.append(FeeLine(case.say("fees.pay-code"), fees.spaced(fee.pay_code)))
    if fee.due_on:
        lines.append(FeeLine(case.say("fees.due-on"), _day(case, fee.due_on.isoformat())))
    return tuple(lines)


async def _choose(case: Case, bills: tuple[Bill, ...]) -> tuple[Bill, ...]:
    """Which of several; all of them until the citizen says otherwise. Empty: back."""
    if len(bills) == 1:
        return bills
    wanted = {bill.id for bill in bills}

    def build(place: Place) -> Screen:
        lines = tuple(_line(case, bill, chosen=bill.id in wanted) for bill in bills)
        return pages.bills(place, BillChoice(case.service.name.get(case.visit.language), lines))

    while True:
        reply: Reply = await case.visit.ask(build, seconds=case.visit.manners.form_s)
        if reply.key == "bill" and any(bill.id == reply.value for bill in bills):
            wanted ^= {reply.value}
        elif reply.key == "next" and wanted:
            return tuple(bill for bill in bills if bill.id in wanted)
        elif reply.key == "back":
            return ()


def _line(case: Case, bill: Bill, *, chosen: bool) -> BillLine:
    language = case.visit.language
    when = case.say("fees.due-by", day=_day(case, bill.due_on.isoformat())) if bill.due_on else ""
    whose = case.say("fees.of", name=bill.payer_masked) if bill.payer_masked else ""
    between = "，" if language == "zh" else ", "
    return BillLine(bill.id, bill.title.get(language), between.join(filter(None, (whose, when))), bill.fen, chosen)


def _none(case: Case, found: tuple[Bill, ...], place: Place) -> Screen:
    paid = next((bill for bill in found if bill.state == "paid"), None)
    if paid is not None:
        return pages.bill_none(place, BillNone("paid", paid.title.get(case.visit.language), paid.paid_fen))
    return pages.bill_none(place, BillNone("withdrawn" if found else "not-found"))


def _day(case: Case, iso: str) -> str:
    year, month, day = (int(part) for part in iso.split("-"))
    return case.say("fees.day", year=year, month=month, day=day)


def _asking(place: Place) -> Screen:
    return pages.working(place, _ASKING)
