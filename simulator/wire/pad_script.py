"""What the pad does for each command, as scripts: generators that say things, wait, and decide. No clock, no I/O.

A script yields `Say`, `Pause`, `Want`, `AwaitLink` or `Cut`; the engine in `simulator.wire.payment_pad` sends back what
came of it: the ECR's answer code (0 positive, None none), the `Act` that ended a wait, or whether the link is there.
Sections are those of PA00P015.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from drivers.payment_pad.frames import (
    PERMITTED,
    PERMITTED_LIST,
    Abort,
    Apdu,
    Completion,
    IntermediateStatus,
    PrintLine,
    PrintTextBlock,
    ReadCard,
    Registration,
    Reversal,
    StatusInformation,
    find,
    find_all,
    positive,
)
from simulator.models.pad_terminal import Act, Terminal

PRESENT, WAIT = 0x0A, 0x0E
TIMED_OUT = 0x6C
READER_BROKEN = 0xE2
SELF_TEST_S = 1.0
LATIN = "DANKE, AUF WIEDERSEHEN - Ä"
"""The last line of its receipts: its last letter has another place in each character set of pads."""


@dataclass(frozen=True, slots=True)
class Say:
    """Send a unit; with `answer_s` wait that long for the ECR's answer."""

    unit: Apdu
    answer_s: float | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """Time passes; `stoppable` by cancel key, 06 B0 and a lost link."""

    seconds: float
    stoppable: bool = False


@dataclass(frozen=True, slots=True)
class Want:
    """Wait for a person."""

    seconds: float


@dataclass(frozen=True, slots=True)
class AwaitLink:
    """Wait for the ECR to come back."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Cut:
    """Drop the connection."""


@dataclass(frozen=True, slots=True)
class PowerCut:
    """Power goes; the script ends here."""


Op: TypeAlias = Say | Pause | Want | AwaitLink | Cut | PowerCut
Script: TypeAlias = Generator[Op, Any, None]
Ask: TypeAlias = Generator[Op, Any, Any]


class Pad(Protocol):
    """What a script needs of its engine."""

    terminal: Terminal
    registration: Registration
    linked: bool
    aborted: bool
    stage: str
    part_fen: int | None

    @property
    def now(self) -> float:
        """The time of the step that runs."""
        ...


def tell(pad: Pad, message: StatusInformation | IntermediateStatus | Abort | PrintLine | PrintTextBlock) -> Ask:
    """Say something that the ECR has to answer, and return its answer."""
    return (yield Say(message.apdu(), pad.terminal.times.ack_s))


def end(pad: Pad, code: int) -> Script:
    """06 1E."""
    yield from tell(pad, Abort(code))


def complete(pad: Pad, completion: Completion | None = None) -> Script:
    """06 0F, in the length that the pad's dialect has."""
    faults = pad.terminal.faults
    unit = (completion or Completion()).apdu()
    if completion is None and faults.completion_length == 1:
        unit = Apdu(unit.control, b"\x00")
    elif completion is None and faults.completion_length == 2:
        unit = Apdu(unit.control, b"\x27\x00")
    yield Say(unit, pad.terminal.times.ack_s)


def show(pad: Pad, code: int, words: str) -> Script:
    """04 FF with the pad's own display in step; asked for by config bit 08."""
    pad.terminal.display = words
    if pad.registration.config & 0x08:
        yield from tell(pad, IntermediateStatus(code, pad.terminal.faults.t4_minutes or None))


def report(pad: Pad) -> Script:
    """A status information that nobody asked for, as some pads send it (terminal id only)."""
    if pad.terminal.faults.unsolicited:
        yield from tell(pad, StatusInformation(0, terminal_id=pad.terminal.terminal_id))


def register(pad: Pad, command: Registration) -> Script:
    """06 00."""
    pad.registration, pad.terminal.registered = command, True
    if command.currency is not None:
        pad.terminal.currency = command.currency
    yield Say(positive())
    yield from report(pad)
    vending = Completion(status=0x10, terminal_id=pad.terminal.terminal_id, currency=pad.terminal.currency)
    yield Say(vending.apdu(), pad.terminal.times.ack_s)


def enquiry(pad: Pad, code: int) -> Script:
    """05 01."""
    yield Say(positive())
    yield from report(pad)
    if code:
        yield Say(Completion(status=code, bare=True).apdu(), pad.terminal.times.ack_s)
    else:
        software = Completion(status=0, software=pad.terminal.software, bare=True)
        yield Say(software.apdu(), pad.terminal.times.ack_s)


def chore(pad: Pad, seconds: float, cures: tuple[int, ...] = ()) -> Script:
    """06 70, 06 79, 06 91, 06 93: some time, then done."""
    yield Say(positive())
    yield from show(pad, WAIT, "PLEASE WAIT")
    yield Pause(seconds)
    if pad.terminal.faults.status_code in cures:
        pad.terminal.faults.status_code = 0
    yield from complete(pad)


def self_test(pad: Pad) -> Script:
    """06 79: it tests itself, and ends with 06 0F, or with 06 1E and the result that says which part failed."""
    if pad.terminal.faults.self_test_fails:
        yield Say(positive())
        yield from show(pad, WAIT, "SELF TEST")
        yield Pause(SELF_TEST_S)
        yield from end(pad, READER_BROKEN)
    else:
        yield from chore(pad, SELF_TEST_S)


def refuse(pad: Pad, code: int, *, with_status: bool) -> Script:
    """A command that the pad does not do now (locked, sec. 7)."""
    yield Say(positive())
    if with_status:
        text = "Run the end of day" if code == 0xF0 else ""
        yield from tell(pad, StatusInformation(code, terminal_id=pad.terminal.terminal_id, text=text))
    yield from end(pad, code)


def repeat(pad: Pad) -> Script:
    """06 20 with service bits 0 and 1."""
    yield Say(positive())
    if pad.terminal.last is None:
        yield from end(pad, 0x66)
        return
    yield from tell(pad, pad.terminal.last.info)
    yield from complete(pad)


def totals(pad: Pad) -> Script:
    """06 10."""
    yield Say(positive())
    fen = pad.terminal.totals_fen()
    yield from tell(pad, StatusInformation(0, fen, terminal_id=pad.terminal.terminal_id, totals=(fen,)))
    yield from complete(pad)


def read_card(pad: Pad, command: ReadCard) -> Script:
    """06 C0: ends with the status, without completion."""
    yield Say(positive())
    pad.stage, pad.terminal.phase = "card", "waiting"
    yield from show(pad, PRESENT, "PRESENT CARD")
    wait_s = command.timeout_s or pad.terminal.times.card_s
    auto = pad.terminal.auto
    act = yield Want(min(wait_s, auto[1]) if auto else wait_s)
    if act is None and auto and auto[1] < wait_s:
        act = Act("tap", auto[0])
    if act is None or act.kind not in ("tap", "insert"):
        yield from end(pad, TIMED_OUT)
        return
    yield from tell(pad, StatusInformation(0, card="****" + pad.terminal.card(act.card)[-4:]))


def end_of_day(pad: Pad) -> Script:
    """06 50: totals, receipt, and perhaps an update during which the pad is mute."""
    terminal = pad.terminal
    yield Say(positive())
    yield from show(pad, WAIT, "END OF DAY")
    yield Pause(terminal.times.host_s * 2)
    if terminal.faults.end_of_day_fails:
        terminal.locked = True
        yield from tell(pad, StatusInformation(0x77))
        yield from end(pad, 0x77)
        return
    fen = terminal.totals_fen()
    unit = StatusInformation(0, fen, time="235900", date="1231", totals=(fen,)).apdu()
    if terminal.faults.lengthless_totals:
        yield Say(_Bare(unit.control, unit.data), terminal.times.ack_s)
    else:
        yield Say(unit, terminal.times.ack_s)
    terminal.close_day()
    yield from print_out(pad, ["END OF DAY", f"TOTAL {fen / 100:.2f}"])
    if terminal.faults.mute_s:
        how = int(terminal.faults.mute_how, 16)
        yield Say(Completion(result=how).apdu(), terminal.times.ack_s)
        terminal.updating_until = pad.now + terminal.faults.mute_s
        if terminal.faults.deaf:
            terminal.deaf_until = terminal.updating_until
            terminal.registered = False
            yield Cut()
        return
    yield from complete(pad)


class _Bare(Apdu):
    """A unit that forgets its length byte."""

    def encode(self) -> bytes:
        """Control and data only."""
        return self.control.to_bytes(2, "big") + self.data


def reversal(pad: Pad, command: Reversal) -> Script:
    """06 30: done only once the ECR acknowledged it."""
    terminal = pad.terminal
    yield Say(positive())
    yield from show(pad, WAIT, "REVERSAL")
    yield Pause(terminal.times.host_s + terminal.faults.slow_s)
    stored = terminal.reversible(command.receipt_no, command.amount)
    if isinstance(stored, int):
        yield from cannot(pad, stored)
        return
    info = terminal.reversal_of(stored)
    answer = yield from tell(pad, info)
    if answer != 0:
        yield from end(pad, TIMED_OUT)
        return
    terminal.reverse(stored, info)
    yield from print_out(pad, ["REVERSAL", f"RECEIPT {stored.info.receipt_no}", f"CNY {stored.entry.fen / 100:.2f}"])
    yield from complete(pad)


def cannot(pad: Pad, code: int) -> Script:
    """The pad has no such transaction, or cannot undo it."""
    yield from tell(pad, StatusInformation(code, terminal_id=pad.terminal.terminal_id))
    yield from end(pad, code)


def print_out(pad: Pad, lines: list[str]) -> Ask:
    """06 D3 where the ECR takes it, else 06 D1 line by line. The answer to the last: 0 printed, None nobody heard."""
    tags = pad.registration.tags
    allowed = find(tags, PERMITTED_LIST) if tags is not None else None
    if allowed is not None and b"\x06\xd3" in list(find_all(allowed, PERMITTED)):
        return (yield Say(_printed(pad, PrintTextBlock(tuple(lines), 2).apdu()), pad.terminal.times.ack_s))
    if not pad.registration.config & 0x80:
        return 0
    for number, line in enumerate(lines):
        attribute = 0x80 if number == len(lines) - 1 else 0
        answer = yield Say(_printed(pad, PrintLine(attribute, line).apdu()), pad.terminal.times.ack_s)
        if answer != 0:
            return answer
    return 0


def _printed(pad: Pad, unit: Apdu) -> Apdu:
    """`unit` in the character set of the pad."""
    if not pad.terminal.faults.latin1:
        return unit
    return Apdu(unit.control, unit.data.replace(LATIN.encode("cp437"), LATIN.encode("latin-1")))
