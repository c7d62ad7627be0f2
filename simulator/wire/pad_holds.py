"""The pad's scripts for what it holds: list, book with the used or the unused part, free (06 22 to 06 25)."""

from __future__ import annotations

from drivers.payment_pad.frames import (
    OPEN_LIST,
    OPEN_RESERVATIONS,
    RESERVATION_WRONG,
    UNSUPPORTED,
    Abort,
    PartialReversal,
    negative,
    positive,
)
from simulator.wire.pad_script import (
    TIMED_OUT,
    WAIT,
    Pad,
    Pause,
    Say,
    Script,
    cannot,
    complete,
    end,
    print_out,
    show,
    tell,
)


def partial(pad: Pad, command: PartialReversal) -> Script:
    """06 23: the list of what is open, or the unused part given back."""
    if command.receipt_no != OPEN_LIST:
        yield from _settle(pad, command, unused=True)
        return
    if pad.terminal.faults.no_hold_list:
        yield Say(negative(UNSUPPORTED))
        return
    yield Say(positive())
    yield from tell(pad, Abort(OPEN_RESERVATIONS, tuple(pad.terminal.holds) or (OPEN_LIST,)))


def book(pad: Pad, command: PartialReversal) -> Script:
    """06 24: the used part booked."""
    yield from _settle(pad, command, unused=False)


def release(pad: Pad, command: PartialReversal) -> Script:
    """06 25: nothing of it booked."""
    yield from _settle(pad, PartialReversal(command.receipt_no, 0), unused=False)


def _settle(pad: Pad, command: PartialReversal, *, unused: bool) -> Script:
    """Done only once the ECR acknowledged it."""
    terminal = pad.terminal
    yield Say(positive())
    yield from show(pad, WAIT, "BOOKING")
    yield Pause(terminal.times.host_s + terminal.faults.slow_s)
    stored = terminal.held(command.receipt_no)
    if isinstance(stored, int):
        yield from cannot(pad, stored)
        return
    fen = command.amount or 0
    if unused:
        fen = stored.entry.fen - fen
    if not 0 <= fen <= stored.entry.fen:
        yield from cannot(pad, RESERVATION_WRONG)
        return
    info = terminal.settled(stored, fen)
    if (yield from tell(pad, info)) != 0:
        yield from end(pad, TIMED_OUT)
        return
    terminal.settle(stored, info)
    words = ["BOOKED", f"CNY {fen / 100:.2f}"] if fen else ["RESERVATION FREED"]
    yield from print_out(pad, [*words, f"RECEIPT {info.receipt_no}"])
    yield from complete(pad)
