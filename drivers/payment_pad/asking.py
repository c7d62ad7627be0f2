"""What became of a payment, and how the pad is: all of it asked, nothing taken. Callers hold the device's lock."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from drivers.device import DeviceState, Fault, Media, Status
from drivers.errors import DeviceError, ProtocolError, Unsupported, WrongDevice
from drivers.outcome import Done, Outcome, Refused, Unknown
from drivers.payment_pad import undoing, verdict
from drivers.payment_pad.approval import Approval, CardSeen, PadStatus, ReceiptMark
from drivers.payment_pad.events import Completed
from drivers.payment_pad.frames import (
    BUSY,
    CARD_LEFT,
    UNSUPPORTED,
    Command,
    ReadCard,
    SelfTest,
    StatusEnquiry,
    result_word,
    status_word,
)
from drivers.payment_pad.host import Approvals
from drivers.payment_pad.options import PadOptions
from drivers.payment_pad.talk import Talk
from drivers.payment_pad.verdict import Course, Doubt
from drivers.payment_pad.wire import LONG_S, SHORT_S, PadWire, answer_code, no
from drivers.told import printable

CONFIRM_S = 30.0
PROBE_S = 3.0
SELF_TEST_S = 40.0


def as_status(pad: PadStatus, known: Status, serial: str) -> Status:
    """The status byte of 05 01 in XFS4IoT's words. A pad that is not ready leaves out its software: as `known`."""
    software = printable(pad.software)
    return replace(_as_status(pad), model=software or known.model, serial=serial, firmware=software or known.firmware)


def _as_status(pad: PadStatus) -> Status:
    if pad.code in (None, 0x00):
        return Status(DeviceState.ONLINE, media=Media.NOT_PRESENT)
    assert pad.code is not None
    word = status_word(pad.code)
    fault = Fault(word.cause, word.sentence, word.who, word.again, f"{pad.code:02X}")
    if pad.code == BUSY:
        return Status(DeviceState.BUSY, media=Media.UNKNOWN)
    if pad.ready:
        media = Media.PRESENT if pad.code == CARD_LEFT else Media.NOT_PRESENT
        return Status(DeviceState.ONLINE, media=media, warnings=(fault,))
    state = DeviceState.HARDWARE_ERROR if word.who == "vendor" else DeviceState.USER_ERROR
    return Status(state, fault)


async def mark(wire: PadWire, options: PadOptions, deadline_s: float) -> ReceiptMark:
    """The last transaction, approved or not, and what is held. Raises `DeviceError`."""
    await wire.ready(deadline_s)
    info = await wire.last()
    held = tuple(await undoing.listed(wire) or ()) if options.holds else ()
    if info is None:
        return ReceiptMark(open_holds=held)
    return ReceiptMark(info.receipt_no, info.trace, info.time, info.date, info.terminal_id, info.receipt_id, held)


async def confirm(
    wire: PadWire, options: PadOptions, told: Doubt | Done[Approval], course: Course
) -> Outcome[Approval]:
    """The pad took an approval back, or was told to charge a part: whether that is so."""
    try:
        async with asyncio.timeout(CONFIRM_S):
            await wire.ready(CONFIRM_S)
            last = await wire.last()
            if isinstance(told, Done):
                return verdict.charged(told.value, course.part or 0, last, course)
            if options.holds:
                why = await _free_new(wire, options, (), told.approval.receipt_no)
                if why is not None:
                    return Unknown("pad-contradicts", "The pad took a hold back and keeps it.", course.evidence())
    except (DeviceError, TimeoutError):
        return Unknown("not-confirmed", "The pad took a payment back and then did not answer.", course.evidence())
    return told.refused if options.holds else verdict.gone(told, last, course)


async def resolve(
    wire: PadWire, options: PadOptions, fen: int, before: ReceiptMark | None, order: str, deadline_s: float
) -> Outcome[Approval]:
    """What became of a payment of `fen` begun after `before`. Raises `DeviceError`."""
    status = await wire.ready(deadline_s)
    last = await wire.last()
    empty = last is None and not options.closes_day and await wire.nothing_booked()
    outcome = verdict.conclude(fen, before, last, nothing_booked=empty, order=order)
    if isinstance(outcome, Refused) and status.code is None:
        # Without 05 01 nobody can say that the cut payment does not still run on the pad.
        return Unknown("pad-mute", "This pad cannot say whether it is at work.", {"order": order})
    if options.holds and before is not None:
        outcome = await _held(wire, options, outcome, before)
    if isinstance(outcome, Refused):
        wire.talk.known.clear()
    return outcome


async def _held(
    wire: PadWire, options: PadOptions, outcome: Outcome[Approval], before: ReceiptMark
) -> Outcome[Approval]:
    """`outcome` of a hold that was cut off: held is only what the pad lists; what it holds unasked is freed."""
    if isinstance(outcome, Unknown) and outcome.cause != "other-amount":
        return outcome
    found = await undoing.listed(wire)
    if found is None or (isinstance(outcome, Done) and outcome.value.receipt_no in found):
        return outcome
    why = await _free_new(wire, options, before.open_holds)
    return why or Refused("not-charged", "The pad holds no money for it.", again=True)


async def _free_new(wire: PadWire, options: PadOptions, before: tuple[str, ...], only: str = "") -> Unknown | None:
    """Free what is held and was not `before` (of that `only` one receipt); Unknown when it stays."""
    try:
        found = await undoing.open_holds(wire)
    except Unsupported:
        # A pad that cannot list its holds is told by number, and says B7 when there is none.
        found = [only] if only else []
    new = [r for r in found if r not in before and only in ("", r)]
    why = await undoing.free(wire, options, new)
    if why is None:
        return None
    return Unknown("hold-open", f"A hold could not be freed: {why.sentence}", {"receipt_no": new[0]})


async def chore(wire: PadWire, command: Command, what: str) -> str:
    """A command that only looks after the pad: `ok` or the cause why not. Raises `DeviceError`."""
    said = await wire.ask(command, LONG_S)
    if isinstance(said.end, Completed):
        return "ok"
    code = answer_code(said)
    if code is None:
        raise no(wire.talk.link.url, said, what)
    return result_word(code).cause


async def self_test(wire: PadWire) -> str:
    """06 79: as `chore`, but a pad that does not know the command raises `Unsupported`."""
    said = await wire.ask(SelfTest(), SELF_TEST_S)
    if isinstance(said.end, Completed):
        return "ok"
    code = answer_code(said)
    if code is None or code == UNSUPPORTED:
        raise no(wire.talk.link.url, said, "self-test")
    return result_word(code).cause


async def read_card(wire: PadWire, timeout_s: int) -> Outcome[CardSeen]:
    """06 C0: its status ends it, no completion follows. Raises `DeviceError`."""
    said = await wire.ask(ReadCard(timeout_s), timeout_s + SHORT_S, Approvals.REPORTED)
    found = [info for info in said.statuses if info.approved]
    if said.completed and found:
        return Done(CardSeen(found[-1].card, found[-1].card_name, found[-1].aid))
    results = [info.result for info in said.statuses if info.result]
    return verdict.refused(results[-1] if results else answer_code(said) or 0xFF)


async def probe(talk: Talk) -> str:
    """05 01 without a registration, on a connection of its own. Raises `WrongDevice`, `NoAnswer`, `LinkError`."""
    try:
        await talk.connect()
        said = await talk.exchange(StatusEnquiry(), PROBE_S)
    except ProtocolError as error:
        raise WrongDevice(f"{talk.link.url}: something answers, but no ZVT pad: {error}") from error
    finally:
        await talk.drop()
    if isinstance(said.end, Completed):
        completion = said.end.completion
        return f"ZVT pad {completion.software}, status {completion.status or 0:02X}".replace(" ,", ",")
    return f"ZVT pad, refuses 05 01 ({answer_code(said) or 0:02X})"
