"""Printing a certificate: authorised, typeset, printed, followed to its end; what the page says came out, came out."""

from __future__ import annotations

from drivers.errors import DeviceError
from drivers.outcome import Done, Refused
from kiosk.case import Case, Move, Stop
from kiosk.money import new_id
from screens import pages
from screens.models import NotDone, Working

NETWORK = frozenset({"network", "upstream-unavailable", "rate-limited", "maintenance", "internal"})


async def printer_ready(case: Case) -> None:
    """Before money moves for something that is printed: ask the printer itself. Stops the journey when it cannot."""
    try:
        await case.tools.licence_printer.check()
    except DeviceError as error:
        await case.tools.journal.note(case.visit.id, "print.not-ready", {"cause": error.cause})
        raise Stop(NotDone("printer-fault", "not-charged", elsewhere=case.say("elsewhere.near"))) from error


async def print_document(case: Case) -> Move:
    """Print what the service gives."""
    visit = case.visit
    visit.at("fulfil")
    model = Working("querying")

    def on_progress(what: str) -> None:
        nonlocal model
        model = Working(what, detail=case.say("working.printer-waits-detail") if what == "printer-waits" else "")
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
            copies=int(case.form.get("copies") or 1),
            form_stock=case.service.form_stock,
            charge=case.charge.intent if case.charge else "",
        ),
    )
    if isinstance(outcome, Done):
        case.printed = outcome.value
        if case.charge:
            await case.tools.money.serve(case.charge.intent)
        return "next"
    if isinstance(outcome, Refused):
        cause = "network" if outcome.cause in NETWORK else "print-failed"
        if case.charge is None:
            raise Stop(NotDone(cause, can_retry=False, elsewhere=case.say("elsewhere.near")))
        back = await visit.complete(
            lambda p: pages.working(p, Working("refunding")), case.tools.money.give_back(case.charge.intent)
        )
        raise Stop(NotDone(cause, "refunded" if back else "owed", case.charge.intent[-8:].upper()))
    raise Stop(NotDone("print-unclear", elsewhere=case.say("elsewhere.counter")))
