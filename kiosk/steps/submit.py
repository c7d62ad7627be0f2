"""Handing in the application: for good, exactly once; refused means the money goes back before anything else."""

from __future__ import annotations

from drivers.outcome import Done, Outcome, Refused
from kiosk.case import Case, Move, Stop
from kiosk.fulfilment import Accepted
from kiosk.money import new_id
from screens import pages
from screens.models import NotDone, Working

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
        return "next"
    cause = outcome.cause if isinstance(outcome, Refused) else "submit-unknown"
    if case.charge is None:
        raise Stop(NotDone("submit-refused", reference=cause))
    back = await visit.complete(
        lambda p: pages.working(p, Working("refunding")), case.tools.money.give_back(case.charge.intent)
    )
    raise Stop(NotDone("submit-refused", "refunded" if back else "owed", case.charge.intent[-8:].upper()))


async def _hand_in(case: Case) -> Outcome[Accepted]:
    body = {
        "session": case.session,
        "service": case.service.id,
        "form": case.form,
        "order": case.order if case.charge else "",
        "consents": case.consents,
        "reviewed_digest": case.visit.vault.get("reviewed", ""),
        "submitted_at": case.tools.clock.platform_now().isoformat(timespec="seconds"),
    }
    charge = case.charge.intent if case.charge else ""
    return await case.tools.submissions.submit(case.visit.id, new_id("sub"), body, charge=charge, wait_s=WAIT_S)
