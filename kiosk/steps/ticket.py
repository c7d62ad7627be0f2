"""A place in the hall's queue: the number first, then paper; it stands on the screen whatever the paper does."""

from __future__ import annotations

from functools import partial

from drivers.errors import DeviceError
from drivers.outcome import Done
from kiosk.duties.tickets import NoTicket, TicketGiven, Tickets
from kiosk.printing.receipts import ReceiptError, compose
from kiosk.visits.case import Case, Move, Stop
from screens import pages
from screens.models import NotDone, Place, TicketPage, Working
from screens.screen import Screen

PRINT_S = 20.0


def tickets_of(case: Case) -> Tickets:
    """The terminal's numbers; what is kept of them is on disk."""
    tools = case.tools
    return Tickets(tools.settings.state_dir, tools.journal, tools.outbox, tools.platform, tools.clock)


async def ticket(case: Case) -> Move:
    """Take a number, print it, show it. Raises `Stop` when none can be given."""
    visit = case.visit
    visit.at(None)
    tickets = tickets_of(case)
    try:
        given = await visit.complete(
            lambda p: pages.working(p, Working("taking-ticket")),
            tickets.take(visit.id, case.form.get("ticket_kind", "general"), case.form.get("booking_no", "")),
        )
    except NoTicket as error:
        await case.tools.journal.note(visit.id, "ticket.refused", {"cause": error.cause})
        cause = "network" if error.cause == "network" else "ticket-failed"
        raise Stop(NotDone(cause, can_retry=True, elsewhere=case.elsewhere(people=True))) from error
    fate = await visit.complete(lambda p: pages.working(p, Working("printing-slip")), _print(case, given))
    case.receipt_fate = "out" if fate else "failed"
    await visit.ask(partial(_page, given), seconds=visit.manners.result_s)
    return "next"


def _page(given: TicketGiven, place: Place) -> Screen:
    model = TicketPage(given.number, given.counter.get(place.language), given.waiting, given.kept)
    return pages.ticket(place, model)


async def _print(case: Case, given: TicketGiven) -> bool:
    """The slip; journalled. False: the number is on the screen only."""
    note, language = case.tools.journal.note, case.visit.language
    terminal = case.tools.settings.terminal
    values = {
        "ticket_no": given.number,
        "service": case.say("ticket.service"),
        "counter": given.counter.get(language),
        "waiting": "" if given.waiting is None else str(given.waiting),
        "hall": terminal.hall_zh if language == "zh" else terminal.hall_en,
        "terminal": terminal.id,
        "time": given.at.astimezone(case.tools.clock.platform_now().tzinfo).isoformat(timespec="seconds"),
    }
    try:
        document = compose("queue-ticket", values, simulated=case.tools.settings.simulated, language=language)
        outcome = await case.tools.receipt_printer.print_document(document, deadline_s=PRINT_S)
    except (DeviceError, ReceiptError) as error:
        await note(case.visit.id, "receipt.failed", {"cause": type(error).__name__})
        return False
    printed = isinstance(outcome, Done)
    cause = "" if isinstance(outcome, Done) else outcome.cause
    await note(case.visit.id, "receipt.printed" if printed else "receipt.failed", {"cause": cause})
    return printed
