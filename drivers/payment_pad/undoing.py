"""Money given back, kept or handed in after a payment: reversal, booking and release of a hold, end of day.

Callers hold the device's lock. Each verb is safe to do again after `Unknown`: what was done already is answered B4
or B7, and then the pad is asked what it knows of that receipt.
"""

from __future__ import annotations

from collections.abc import Mapping

from drivers.errors import DeviceError, Unsupported
from drivers.outcome import Done, Outcome, Refused, Unknown
from drivers.payment_pad import verdict
from drivers.payment_pad.approval import DayEnd, Reversal
from drivers.payment_pad.events import Aborted, Completed, Rejected
from drivers.payment_pad.frames import (
    ALREADY_REVERSED,
    NOT_REVERSIBLE,
    OPEN_LIST,
    OPEN_RESERVATIONS,
    RESERVATION_WRONG,
    BookTotal,
    Command,
    EndOfDay,
    PartialReversal,
    PreAuthReversal,
    StatusInformation,
    status_word,
)
from drivers.payment_pad.frames import Reversal as ReversalCommand
from drivers.payment_pad.host import Approvals
from drivers.payment_pad.options import PadOptions
from drivers.payment_pad.talk import Said
from drivers.payment_pad.wire import LONG_S, PadWire, answer_code, no

BUSY_S = 5.0
MAX_ROUNDS = 20
"""How often the list of open holds is asked for before an end of day: pads list only some of them at a time."""
_GONE = frozenset((RESERVATION_WRONG, NOT_REVERSIBLE))


async def _order(
    wire: PadWire, command: Command, evidence: Mapping[str, str], deadline_s: float = LONG_S
) -> Said | Refused | Unknown:
    """Say what cannot be taken back, once. Raises `DeviceError` while nothing was said."""
    status = await wire.not_busy(BUSY_S)
    if not status.ready:
        return verdict.refused(status.code or 0xFF, status_word(status.code or 0xFF).cause)
    try:
        return await wire.talk.exchange(command, deadline_s, Approvals.REPORTED)
    except DeviceError as error:
        return Unknown(error.cause, "The pad fell silent while it gave money back or booked it.", evidence)


def _done(
    said: Said, receipt_no: str, fen: int, allowed: tuple[int | None, ...], evidence: Mapping[str, str]
) -> Outcome[Reversal]:
    """The verdict on `said`; `allowed` are the amounts that the pad may name for it."""
    results = [info.result for info in said.statuses if info.result is not None]
    code = answer_code(said)
    if ALREADY_REVERSED in (code, *results):
        return Done(Reversal(receipt_no, fen, already=True, receipt_lines=said.lines))
    if said.completed and results and results[-1] == 0:
        if any(info.approved and info.amount not in allowed for info in said.statuses):
            return Unknown("other-amount", "The pad named another amount than it was told.", evidence)
        return Done(Reversal(receipt_no, fen, receipt_lines=said.lines))
    if isinstance(said.end, Rejected):
        return verdict.refused(said.end.code)
    if 0 in results or (code is None and not results):
        return Unknown("contradiction", "The pad did not say what became of the money.", evidence)
    return verdict.refused(next((r for r in reversed(results) if r), code or 0xFF))


def _code(outcome: Outcome[Reversal]) -> int | None:
    return int(outcome.code, 16) if isinstance(outcome, Refused) and outcome.code else None


async def reverse(wire: PadWire, options: PadOptions, receipt_no: str, fen: int) -> Outcome[Reversal]:
    """06 30; what is only held is freed instead. Raises `DeviceError` while nothing was said."""
    if options.holds:
        await wire.not_busy(BUSY_S)
        found = await listed(wire)
        if found is None or receipt_no in found:
            outcome = await release(wire, options, receipt_no)
            if found is not None or _code(outcome) not in _GONE:
                return outcome
    evidence = {"receipt_no": receipt_no, "fen": str(fen)}
    if options.last_only and receipt_no not in wire.reversing:
        why = _beyond(await wire.last(), receipt_no, fen, evidence)
        if why is not None:
            return why
    wire.reversing.add(receipt_no)
    said = await _order(wire, ReversalCommand(receipt_no, fen, options.password), evidence)
    if not isinstance(said, Said):
        return said
    outcome = _done(said, receipt_no, fen, (None, fen), evidence)
    if options.holds and _code(outcome) in _GONE and _freed(await wire.last(), receipt_no):
        return Done(Reversal(receipt_no, fen, already=True))
    return outcome


def _beyond(
    last: StatusInformation | None, receipt_no: str, fen: int, evidence: Mapping[str, str]
) -> Refused | Unknown | None:
    """Why a pad that undoes only its last payment must not be told to undo this one: it may undo another instead."""
    if last is not None and last.receipt_no == receipt_no:
        return None
    if last is not None and last.approved and last.amount == fen:
        return Unknown("not-last", "The last transaction is its reversal, or a payment of the same amount.", evidence)
    return Refused("reversal-not-possible", "This pad reverses only its last payment; refund it.", "B5")


async def book(wire: PadWire, options: PadOptions, receipt_no: str, held_fen: int, fen: int) -> Outcome[Reversal]:
    """06 24 with what is used, or 06 23 with what is not, as the profile says. Raises `DeviceError`."""
    evidence = {"receipt_no": receipt_no, "fen": str(fen), "held_fen": str(held_fen)}
    unused = held_fen - fen
    command: Command
    if options.booking == "unused":
        command = PartialReversal(receipt_no, unused, options.currency)
    else:
        command = BookTotal(receipt_no, fen, options.currency)
    said = await _order(wire, command, evidence)
    if not isinstance(said, Said):
        return said
    outcome = _done(said, receipt_no, unused, (None, fen, unused), evidence)
    if _code(outcome) not in _GONE:
        return outcome
    last, found = await wire.last(), await listed(wire)
    if found is None or receipt_no in found:
        return outcome
    if last is not None and last.receipt_no == receipt_no:
        if last.approved and last.amount == fen:
            return Done(Reversal(receipt_no, unused, already=True))
        if _freed(last, receipt_no):
            return Refused("released", "What was held is freed already.", f"{RESERVATION_WRONG:02X}")
    return Unknown("hold-gone", "The pad holds nothing under this number; compare with the bank's list.", evidence)


async def release(wire: PadWire, options: PadOptions, receipt_no: str) -> Outcome[Reversal]:
    """06 25. Raises `DeviceError` while nothing was said. What the pad does not say of the amount is 0."""
    evidence = {"receipt_no": receipt_no}
    said = await _order(wire, PreAuthReversal(receipt_no, None, options.currency), evidence)
    if not isinstance(said, Said):
        return said
    amounts = [info.amount for info in said.statuses if info.approved and info.amount]
    freed = amounts[-1] if amounts else 0
    outcome = _done(said, receipt_no, freed, (None, 0, freed), evidence)
    if _code(outcome) not in _GONE:
        return outcome
    last, found = await wire.last(), await listed(wire)
    if found is not None and receipt_no in found:
        return outcome
    if last is not None and last.receipt_no == receipt_no and last.is_payment:
        return Refused("booked", "Nothing is held under this number any more; it may be booked.", outcome_code(outcome))
    return Done(Reversal(receipt_no, 0, already=True))


def outcome_code(outcome: Outcome[Reversal]) -> str:
    """The pad's own code of a refusal, empty for any other outcome."""
    return outcome.code if isinstance(outcome, Refused) else ""


def _freed(last: StatusInformation | None, receipt_no: str) -> bool:
    """Whether the pad's last word on `receipt_no` is that nothing is left of it (FEIG: amount 0 after 06 25)."""
    return last is not None and last.receipt_no == receipt_no and last.approved and last.amount == 0


async def open_holds(wire: PadWire) -> list[str]:
    """06 23 with FFFF: receipt numbers. Raises `DeviceError`, `Unsupported` when the pad has no such list."""
    said = await wire.ask(PartialReversal(OPEN_LIST), LONG_S, Approvals.REPORTED)
    if isinstance(said.end, Aborted) and said.end.abort.result == OPEN_RESERVATIONS:
        return [number for number in said.end.abort.receipts if number != OPEN_LIST]
    if isinstance(said.end, Completed):
        return []
    raise no(wire.talk.link.url, said, "list of open reservations")


async def listed(wire: PadWire) -> list[str] | None:
    """As `open_holds`, None by a pad that has no such list. Raises `DeviceError`."""
    try:
        return await open_holds(wire)
    except Unsupported:
        return None


async def free(wire: PadWire, options: PadOptions, receipts: list[str]) -> Refused | Unknown | None:
    """Free each of `receipts`; why one could not be, None when all are free. Raises `DeviceError`."""
    for receipt_no in receipts:
        outcome = await release(wire, options, receipt_no)
        if not isinstance(outcome, Done):
            return outcome
    return None


async def end_of_day(wire: PadWire, options: PadOptions) -> Outcome[DayEnd]:
    """06 50; holds left open are freed first (SMART; ABN C5.1). Raises `DeviceError` while nothing was said."""
    await wire.connect()
    if options.holds:
        for _ in range(MAX_ROUNDS):
            found = await listed(wire)
            if not found:
                break
            if (why := await free(wire, options, found)) is not None:
                return Refused("reservations-open", f"A reservation could not be freed: {why.sentence}", again=True)
        else:
            return Refused("reservations-open", "The pad goes on listing open reservations.", again=True)
    try:
        said = await wire.talk.exchange(EndOfDay(options.password), LONG_S * 2, Approvals.REPORTED)
    except DeviceError as error:
        return Unknown(error.cause, "The pad fell silent in the middle of the end of day.")
    results = [info.result for info in said.statuses if info.result]
    code = answer_code(said)
    if results or code is not None:
        return verdict.refused(results[-1] if results else code or 0xFF)
    amounts = [info.amount for info in said.statuses if info.amount is not None]
    then = said.end.completion.result if isinstance(said.end, Completed) else None
    return Done(DayEnd(amounts[-1] if amounts else None, said.lines, f"{then:02X}" if then else ""))
