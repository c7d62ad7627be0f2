"""The receipt: on paper, else as a QR code on the screen; it never blocks."""

from __future__ import annotations

from drivers.errors import DeviceError
from drivers.outcome import Done
from kiosk.case import Case, Move
from kiosk.receipts import compose
from screens import pages
from screens.models import Receipt

PRINT_S = 20.0


async def receipt(case: Case) -> Move:
    """Print the acceptance; a service without an application has none."""
    if case.accepted is None:
        return "next"
    visit = case.visit
    visit.at("collect")
    printed = await visit.complete(lambda p: pages.receipt(p, Receipt("printing")), _print(case))
    case.receipt_fate = "taken" if printed else "failed"
    if not printed:
        payload = f"WHA1.{case.accepted.number or case.accepted.intent}"
        await visit.ask(lambda p: pages.receipt(p, Receipt("qr", payload)), seconds=visit.manners.result_s)
    return "next"


async def _print(case: Case) -> bool:
    """True only when the printer said that it came out."""
    tools = case.tools
    assert case.accepted is not None
    document = compose("acceptance", _values(case), simulated=tools.settings.simulated, language=case.visit.language)
    try:
        outcome = await tools.receipt_printer.print_document(document, deadline_s=PRINT_S)
    except DeviceError as error:
        await tools.journal.note(case.visit.id, "receipt.failed", {"cause": error.cause})
        return False
    done = isinstance(outcome, Done)
    cause = "" if isinstance(outcome, Done) else outcome.cause
    await tools.journal.note(case.visit.id, "receipt.printed" if done else "receipt.failed", {"cause": cause})
    return done


def _values(case: Case) -> dict[str, str]:
    """What the acceptance receipt says; the template masks the name."""
    assert case.accepted is not None
    accepted, service, language = case.accepted, case.service, case.visit.language
    terminal = case.tools.settings.terminal
    values = {
        "acceptance_no": _grouped(accepted.number) or case.say("receipt.later", reference=accepted.intent[-8:].upper()),
        "service": service.name.get(language),
        "name": case.card.name,
        "promise_date": accepted.promise_date.isoformat() if accepted.promise_date else case.say("receipt.by-message"),
        "amount_fen": str(service.fee.fen),
        "hall": terminal.hall_zh if language == "zh" else terminal.hall_en,
        "terminal": terminal.id,
        "time": case.tools.clock.now().isoformat(timespec="seconds"),
        "help_phone": terminal.help_phone,
        "progress_url": f"WHA1.{accepted.number or accepted.intent}",
    }
    if case.charge:
        values["method"] = case.say("receipt.card", tail=case.visit.vault.get("card-tail", ""))
        values["payment_no"] = case.charge.intent[-8:].upper()
    return values


def _grouped(number: str) -> str:
    """An acceptance number in groups of four, as it is read aloud."""
    return " ".join(number[i : i + 4] for i in range(0, len(number), 4))
