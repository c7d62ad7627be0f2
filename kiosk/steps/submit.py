"""Handing in the application: for good, exactly once; refused means the money goes back before anything else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from drivers.outcome import Done, Outcome, Refused
from kiosk.duties.fulfilment import Accepted
from kiosk.duties.queued import KEPT_S, queue_up
from kiosk.materials import papers
from kiosk.money.charging import new_id
from kiosk.steps.precheck import QUEUED, may_wait
from kiosk.visits.case import Case, Move, Stop
from kiosk.visits.visit import Ended
from screens import pages
from screens.models import NotDone, Place, Queued, Working
from screens.screen import Screen

WAIT_S = 12.0


async def submit(case: Case) -> Move:
    """Submit what was reviewed; without a network the terminal keeps it sealed and says so."""
    visit = case.visit
    visit.at("fulfil")
    outcome = await visit.complete(lambda p: pages.working(p, Working("submitting")), _hand_in(case))
    if isinstance(outcome, Done):
        case.accepted = outcome.value
        if case.charge and not outcome.value.number:
            # Sealed here for good: money that is only held would lapse before a long outage ends.
            await case.tools.money.holds.keep(case.charge.intent)
        if case.accepted.local:
            await _told(case, case.accepted)
        return "next"
    cause = outcome.cause if isinstance(outcome, Refused) else "submit-unknown"
    if case.charge is None:
        raise Stop(NotDone("submit-refused", reference=cause))
    back = await visit.complete(
        lambda p: pages.working(p, Working("refunding")), case.tools.money.give_back(case.charge.intent)
    )
    raise Stop(NotDone("submit-refused", "refunded" if back else "owed", case.charge.intent[-8:].upper()))


async def _told(case: Case, accepted: Accepted) -> None:
    """Received, not accepted: what that means, until the citizen has seen it."""
    until = (case.tools.clock.platform_now() + timedelta(seconds=KEPT_S)).strftime("%m-%d %H:%M")

    def build(place: Place) -> Screen:
        return pages.queued(place, Queued(case.service.name.get(place.language), accepted.local, until))

    try:
        await case.visit.ask(build, seconds=case.visit.manners.result_s)
    except Ended:
        return  # it is kept all the same; the receipt says the number


async def _hand_in(case: Case) -> Outcome[Accepted]:
    materials = papers.handed_in(case)
    draft = case.visit.vault.get("draft")
    body: dict[str, Any] = {
        "session": case.session,
        "service": case.service.id,
        "form": case.form,
        "order": case.order if case.charge else "",
        "consents": case.consents,
        "reviewed_digest": case.visit.vault.get("reviewed", ""),
        "submitted_at": case.tools.clock.platform_now().isoformat(timespec="seconds"),
        "draft": draft.id if draft is not None else None,
        "materials": [each.body() for each in materials],
        "signatures": papers.signatures(case),
    }
    charge = case.charge.intent if case.charge else ""
    intent = new_id("sub")
    if _waits(case):
        return await queue_up(case, intent, body)
    body["archive"] = papers.digests(case)
    return await case.tools.submissions.submit(case.visit.id, intent, body, charge=charge, wait_s=WAIT_S)


def _waits(case: Case) -> bool:
    """The network is away, and the item may wait, sealed to the platform."""
    away = not case.session or not case.tools.outbox.online
    return may_wait(case) and bool(case.visit.vault.get(QUEUED) or away)
