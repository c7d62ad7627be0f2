"""Done: the numbers to remember, what to take, the rating that may be skipped."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Literal

from drivers.errors import DeviceError
from kiosk.case import Case, Move
from kiosk.journal import Write
from kiosk.money import new_id
from kiosk.payment_ways import phone_service
from screens import pages
from screens.models import Finish, Known, Place, Take
from screens.screen import Reply, Screen

CARD_POLL_S = 1.0
RECEIPT_TAKES: Mapping[str, Literal["waiting", "taken", "unclear"]] = {
    "out": "waiting",
    "taken": "taken",
    "unclear": "unclear",
}


class _Finish:
    """What the last page knows; the card's presence is watched behind it."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.card_there = True
        self.rated = 0

    def page(self, place: Place) -> Screen:
        case = self.case
        takes = [Take("card", "waiting" if self.card_there else "taken")]
        if case.printed:
            takes.append(Take("certificate", "waiting"))
        if case.receipt_fate:
            takes.append(Take("receipt", RECEIPT_TAKES.get(case.receipt_fate, "failed")))
        later = case.accepted is not None and not case.accepted.number
        return pages.finish(place, Finish(tuple(self.rows()), tuple(takes), self.rated, later))

    def rows(self) -> list[Known]:
        """Numbers, dates and money; nothing personal."""
        from kiosk.steps.receipt import _grouped

        case = self.case
        rows = [Known(case.say("finish.service"), case.service.name.get(case.visit.language))]
        if case.accepted:
            if case.accepted.number:
                rows.append(Known(case.say("finish.number"), _grouped(case.accepted.number)))
            else:
                rows.append(Known(case.say("finish.reference"), case.accepted.intent[-8:].upper()))
            if case.accepted.promise_date:
                day = case.accepted.promise_date
                rows.append(
                    Known(
                        case.say("finish.promise"),
                        case.say("finish.promise-by", month=day.month, day=day.day, days=case.service.working_days),
                    )
                )
        if case.charge:
            amount = f"{case.charge.fen / 100:.2f}"
            tail, service = case.visit.vault.get("card-tail", ""), phone_service(case)
            paid = (
                case.say("finish.paid-phone", yuan=amount, service=service)
                if service
                else case.say("finish.paid-card", yuan=amount, tail=tail)
            )
            rows.append(Known(case.say("finish.paid"), paid))
        if case.printed:
            rows.append(Known(case.say("finish.pages"), str(case.printed.pages)))
            rows.append(Known(case.say("finish.identifier"), case.printed.identifier))
        return rows

    async def watch_card(self) -> None:
        """Tell at once when the card is lifted."""
        reader = self.case.tools.reader
        while self.card_there:
            try:
                self.card_there = await reader.card_present()
            except DeviceError:
                self.card_there = False
            if not self.card_there:
                self.case.visit.refresh()
            await asyncio.sleep(CARD_POLL_S)
        await asyncio.Event().wait()

    def take(self, reply: Reply) -> bool:
        """A rating keeps the page open; the last one touched counts when the page closes."""
        if reply.key == "rate" and reply.value in ("1", "2", "3", "4", "5"):
            self.rated = int(reply.value)
            return True
        return False


async def finish(case: Case) -> Move:
    """Show what was done. Returns when the citizen goes on; the rating, if any, goes to the outbox."""
    visit = case.visit
    visit.at("collect")
    model = _Finish(case)
    try:
        await visit.during(model.page, model.watch_card(), seconds=visit.manners.result_s, on_reply=model.take)
    finally:
        if model.rated:
            await _send_rating(case, model.rated)
    return "next"


async def _send_rating(case: Case, level: int) -> None:
    subject = case.accepted.intent if case.accepted else case.printed.intent if case.printed else ""
    number = case.accepted.number if case.accepted else ""
    body = {"case": number or subject, "service": case.service.id, "level": level, "tags": []}
    outbox = case.tools.outbox
    row = new_id("evl")

    def work(write: Write) -> None:
        write.entry(case.visit.id, "rated", {"level": level})
        outbox.post(write, "evaluation", case.visit.id, row, body)

    await case.tools.journal.write(work)
    outbox.poke()
