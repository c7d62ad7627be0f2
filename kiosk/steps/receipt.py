"""The receipt: on paper, else as a QR code on the screen; it never blocks.

| what the printer says            | the citizen sees                          | journal                    |
|----------------------------------|-------------------------------------------|----------------------------|
| this terminal has no printer     | the code                                  | nothing                |
| printed, no eye on the exit      | the next page, which says where it lies   | receipt.printed            |
| printed and in the exit          | "please take it", for `take_s`            | receipt.printed, .taken    |
| nobody took it                   | the next page: the number to note         | receipt.left               |
| refused: nothing came out        | the code, and a button to try again       | receipt.failed             |
| nobody knows what came out       | that, the code, and the button            | receipt.unclear            |

What may have come out in part is printed again only after the printer was emptied, and says 补打.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal, Never, TypeAlias

from drivers.absent import is_absent
from drivers.errors import DeviceError
from drivers.families import ReceiptPrinting
from drivers.outcome import Done, Outcome, Refused, Unknown
from drivers.receipt_printer.document import ReceiptDocument
from kiosk.money.fees import earned, receipt_values
from kiosk.money.payment_ways import phone_service
from kiosk.printing.receipts import ReceiptError, compose
from kiosk.printing.slips import gives_slip, slip_of, slip_values
from kiosk.visits.case import Case, Move, Stop
from screens import pages
from screens.models import NotDone, Receipt, Working
from screens.screen import Reply

if TYPE_CHECKING:
    from drivers.receipt_printer.driver import PrintedReceipt

PRINT_S = 20.0
MAX_TRIES = 3
WATCH_S = 1.0
Fate: TypeAlias = "Outcome[PrintedReceipt]"


async def receipt(case: Case) -> Move:
    """Print the acceptance, or the payment when nothing was applied for; without either there is no receipt."""
    template = "acceptance" if case.accepted is not None else "payment" if case.charge is not None else ""
    visit = case.visit
    visit.at("collect")
    if gives_slip(case):
        template = "slip"
        await visit.complete(lambda p: pages.working(p, Working("querying")), _slip(case))
    elif template == "payment":
        more = await visit.complete(lambda p: pages.receipt(p, Receipt("printing")), receipt_values(case))
        visit.vault.put("receipt", more)
    if not template:
        return "next"
    if is_absent(case.tools.receipt_printer):
        await visit.ask(lambda p: pages.receipt(p, Receipt("paperless", _code(case))), seconds=visit.manners.result_s)
        return "next"
    reprint = False
    for attempt in range(MAX_TRIES):
        fate = await visit.complete(lambda p: pages.receipt(p, Receipt("printing")), _print(case, template, reprint))
        if isinstance(fate, Done):
            await _wait_taken(case)
            return "next"
        reprint = reprint or isinstance(fate, Unknown)
        case.receipt_fate = "unclear" if reprint else "failed"
        reply = await _show_code(case, may_try=attempt + 1 < MAX_TRIES and _again(fate))
        if reply.key != "again":
            break
    return "next"


async def _show_code(case: Case, *, may_try: bool) -> Reply:
    """The code instead of paper. The button to print again is there while the printer is well."""
    printer = case.tools.receipt_printer

    def model() -> Receipt:
        state: Literal["qr", "unclear"] = "unclear" if case.receipt_fate == "unclear" else "qr"
        return Receipt(state, _code(case), again=may_try and printer.status.usable)

    async def watch() -> Never:
        shown = printer.status.usable
        while True:
            await asyncio.sleep(WATCH_S)
            if printer.status.usable != shown:
                shown = not shown
                visit.refresh()

    visit = case.visit
    seconds = visit.manners.result_s
    return await visit.during(lambda p: pages.receipt(p, model()), watch(), seconds=seconds)


async def _print(case: Case, template: str, reprint: bool) -> Fate:
    """What became of one print; journalled."""
    printer, note = case.tools.receipt_printer, case.tools.journal.note
    try:
        document = _document(case, template, reprint=reprint)
        if reprint:
            await printer.clear()
        outcome: Fate = await printer.print_document(document, deadline_s=PRINT_S)
    except DeviceError as error:
        outcome = Refused(error.cause, str(error), error.code, error.again)
    except ReceiptError as error:
        outcome = Refused("not-printable", str(error))
    again = {"reprint": True} if reprint else {}
    if isinstance(outcome, Done):
        await note(case.visit.id, "receipt.printed", {"cause": "", **again})
        return outcome
    kind = "receipt.failed" if isinstance(outcome, Refused) else "receipt.unclear"
    await note(case.visit.id, kind, {"cause": outcome.cause, **again})
    return outcome


def _again(fate: Fate) -> bool:
    """Whether another try can end otherwise: a receipt that cannot be written never will."""
    return not (isinstance(fate, Refused) and fate.cause == "not-printable")


async def _wait_taken(case: Case) -> None:
    """Where the printer sees its exit: ask to take the ticket; one that is left is pulled back in and recorded (P5)."""
    visit, printer = case.visit, case.tools.receipt_printer
    seconds = printer.take_s * visit.patience
    taken = await visit.complete(lambda p: pages.receipt(p, Receipt("take")), _taken(printer, seconds))
    if taken is None:
        case.receipt_fate = "out"
        return
    case.receipt_fate = "taken" if taken else "left"
    if taken:
        await case.tools.journal.note(visit.id, "receipt.taken", {})
        return
    cleared = await _cleared(printer)
    await case.tools.journal.note(visit.id, "receipt.left", {"cleared": cleared})


async def _taken(printer: ReceiptPrinting, seconds: float) -> bool | None:
    """None also when the printer stops answering: nobody can say."""
    try:
        return await printer.wait_taken(seconds)
    except DeviceError:
        return None


async def _cleared(printer: ReceiptPrinting) -> bool:
    """True when the exit is known to be empty again."""
    try:
        return bool(await printer.take_back())
    except DeviceError:
        return False


async def _slip(case: Case) -> None:
    """The slip that this service gives, for the receipt. Without it there is nothing to give: the money goes back."""
    try:
        case.visit.vault.put("receipt", slip_values(case, await slip_of(case)))
    except Stop as stop:
        if case.charge is None:
            raise
        back = await case.tools.money.give_back(case.charge.intent)
        raise Stop(NotDone(stop.model.cause, "refunded" if back else "owed", case.charge.intent[-8:].upper())) from stop
    await earned(case)


def _document(case: Case, template: str, *, reprint: bool) -> ReceiptDocument:
    values = _values(case) | case.visit.vault.get("receipt", {})
    return compose(
        template, values, simulated=case.tools.settings.simulated, language=case.visit.language, reprint=reprint
    )


def _code(case: Case) -> str:
    """What the code on paper and on the screen says: a reference, nothing personal."""
    if case.accepted is not None:
        return f"WHA1.{case.accepted.number or case.accepted.intent}"
    if case.charge is None:
        return str(case.visit.vault.get("receipt", {}).get("code", "")) or "WHA1"
    return f"WHA1.{case.charge.intent}"


def _values(case: Case) -> dict[str, str]:
    """What the receipt says; the template masks the name."""
    accepted, service, language = case.accepted, case.service, case.visit.language
    terminal = case.tools.settings.terminal
    values = {
        "service": service.name.get(language),
        "name": case.card.name if case.visit.vault.get("card") else "",
        "amount_fen": str(case.charge.fen if case.charge else 0),
        "hall": terminal.hall_zh if language == "zh" else terminal.hall_en,
        "terminal": terminal.id,
        "time": case.tools.clock.platform_now().isoformat(timespec="seconds"),
        "help_phone": terminal.help_phone,
        "progress_url": _code(case),
    }
    if accepted is not None:
        later = case.say("receipt.later", reference=accepted.intent[-8:].upper())
        values["acceptance_no"] = _grouped(accepted.number) or later
        values["promise_date"] = (
            accepted.promise_date.isoformat() if accepted.promise_date else case.say("receipt.by-message")
        )
    if case.charge:
        tail = case.visit.vault.get("card-tail", "")
        values["method"] = phone_service(case) or case.say("receipt.card", tail=tail)
        values["payment_no"] = case.charge.intent[-8:].upper()
    return values


def _grouped(number: str) -> str:
    """An acceptance number in groups of four, as it is read aloud."""
    return " ".join(number[i : i + 4] for i in range(0, len(number), 4))
