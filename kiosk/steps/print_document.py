"""Printing a certificate: authorised, typeset, printed, followed to its end; what the page says came out, came out."""

from __future__ import annotations

from drivers.outcome import Done, Refused
from kiosk.case import Case, Move, Stop
from kiosk.money import new_id
from screens import pages
from screens.models import NotDone, Working

NETWORK = frozenset({"network", "upstream-unavailable", "rate-limited", "maintenance", "internal"})


async def print_document(case: Case) -> Move:
    """Print what the service gives."""
    visit = case.visit
    visit.at("fulfil")
    model = Working("querying")

    def on_progress(what: str) -> None:
        nonlocal model
        model = Working(what)
        visit.refresh()

    outcome = await visit.complete(
        lambda p: pages.working(p, model),
        case.tools.prints.print_document(
            visit.id,
            new_id("prt"),
            session=case.session,
            service=case.service.id,
            params=case.form,
            consents=case.consents,
            on_progress=on_progress,
        ),
    )
    if isinstance(outcome, Done):
        case.printed = outcome.value
        return "next"
    if isinstance(outcome, Refused):
        cause = "network" if outcome.cause in NETWORK else "print-failed"
        raise Stop(NotDone(cause, can_retry=False, elsewhere=case.say("elsewhere.near")))
    raise Stop(NotDone("print-unclear", elsewhere=case.say("elsewhere.counter")))
