"""Printing a certificate: authorised, typeset, printed, followed to its end; what the page says came out, came out."""

from __future__ import annotations

from config.certificate_layouts import layouts
from drivers.errors import DeviceError
from drivers.outcome import Done, Refused
from kiosk.money import fees
from kiosk.money.charging import new_id
from kiosk.platform.errors import PlatformError
from kiosk.printing.prints import MAX_COPIES
from kiosk.visits.case import Case, Move, Stop
from screens import pages
from screens.models import NotDone, Working

NOTHING = {"licence-not-found": "nothing-to-print", "not-found": "nothing-to-print", "validation": "nothing-to-print"}
"""What the platform says when there is no such document -> what the page says."""
NETWORK = frozenset({"network", "upstream-unavailable", "rate-limited", "maintenance", "internal"})


async def printer_ready(case: Case) -> None:
    """Before money moves for something that is printed: ask the printer itself. Stops the journey when it cannot."""
    try:
        await case.tools.licence_printer.check()
    except DeviceError as error:
        await case.tools.journal.note(case.visit.id, "print.not-ready", {"cause": error.cause})
        raise Stop(NotDone("printer-fault", "not-charged", elsewhere=case.elsewhere())) from error


async def print_document(case: Case) -> Move:
    """Print what the service gives."""
    visit = case.visit
    visit.at("fulfil")
    model = Working("querying")

    def on_progress(what: str) -> None:
        nonlocal model
        model = Working(what, detail=case.say("working.printer-waits-detail") if what == "printer-waits" else "")
        visit.refresh()

    try:
        session = await fees.session_of(case)
    except PlatformError as error:
        if case.charge is not None:
            raise await fees.give_back(case, "network") from error
        raise Stop(NotDone("network", can_retry=True)) from error
    outcome = await visit.complete(
        lambda p: pages.working(p, model),
        case.tools.prints.print_document(
            visit.id,
            new_id("prt"),
            session=session,
            service=case.service.id,
            params=case.form,
            consents=case.consents,
            on_progress=on_progress,
            copies=_copies(case),
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
        cause = "network" if outcome.cause in NETWORK else NOTHING.get(outcome.cause, "print-failed")
        raise await fees.give_back(case, cause)
    raise Stop(NotDone("print-unclear", elsewhere=case.elsewhere(people=True)))


def _copies(case: Case) -> int:
    """How many, where the form asks for that; one otherwise."""
    layout = layouts().get(case.service.certificate or "")
    asked = case.form.get(layout.copies, "") if layout and layout.copies else case.form.get("copies", "")
    return min(int(asked), MAX_COPIES) if asked.isdecimal() and int(asked) > 0 else 1
