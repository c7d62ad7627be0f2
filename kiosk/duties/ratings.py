"""A rating on its way to the platform: once a case and round; offered and taken up are counted."""

from __future__ import annotations

import asyncio
from typing import Any

from config.evaluation import evaluation
from kiosk.duties.outbox import Fate
from kiosk.journal import Write
from kiosk.money.charging import new_id
from kiosk.platform.cases import RatingGiven
from kiosk.visits.case import Case

OFFERED, RATED = "rating.offered", "rated"


def bad_up_to() -> int:
    """So many stars or fewer are a bad rating: a reason is asked, and a work item follows."""
    return evaluation().bad_up_to


def subject(case: Case) -> str:
    """What is rated: the case by its number, else the act by its intent, else this visit (a query)."""
    if case.accepted:
        return case.accepted.number or case.accepted.intent
    if case.printed:
        return case.printed.intent
    return case.charge.intent if case.charge else case.visit.id


async def offered(case: Case) -> None:
    """The levels are on the screen: the coverage counter (R17) is offered over completed."""
    await case.tools.journal.note(case.visit.id, OFFERED, {"service": case.service.id})


async def post(case: Case, given: RatingGiven) -> asyncio.Future[Fate]:
    """Write it down and send it on; gives its fate. The words that somebody wrote are in the sealed row only."""
    outbox = case.tools.outbox
    row = new_id("evl")
    fate = outbox.expect(row)
    body: dict[str, Any] = {
        "case": given.case,
        "service": given.service,
        "level": given.stars,
        "tags": list(given.tags),
        "round": given.round,
        "text": given.text,
        "anonymous": given.anonymous,
        "at": given.assessed_at,
    }

    def work(write: Write) -> None:
        told = {"level": given.stars, "tags": list(given.tags), "round": given.round, "service": given.service}
        write.entry(case.visit.id, RATED, told)
        outbox.post(write, "evaluation", case.visit.id, row, body)

    await case.tools.journal.write(work)
    outbox.poke()
    return fate
