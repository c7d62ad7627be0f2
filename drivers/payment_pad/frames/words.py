"""An APDU in words, for the wire view and for logs: no card number, no password, no printed text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from drivers.payment_pad.frames.answers import (
    Abort,
    Completion,
    IntermediateStatus,
    PrintLine,
    PrintTextBlock,
    StatusInformation,
    decode_answer,
)
from drivers.payment_pad.frames.apdu import Apdu, FrameError, is_positive, refusal
from drivers.payment_pad.frames.codes import prompt_word, result_word, status_word
from drivers.payment_pad.frames.commands import decode_command
from drivers.payment_pad.frames.money import Authorisation, PartialReversal, Refund, Reversal

_NAMES: Final[Mapping[int, str]] = {
    0x0600: "registration",
    0x0601: "authorisation",
    0x0602: "log off",
    0x0610: "turnover totals",
    0x0618: "reset",
    0x0620: "repeat receipt",
    0x0622: "pre-authorisation",
    0x0623: "partial reversal",
    0x0624: "book total",
    0x0625: "pre-authorisation reversal",
    0x0630: "reversal",
    0x0631: "refund",
    0x0650: "end of day",
    0x0670: "diagnosis",
    0x0679: "self test",
    0x0691: "set clock",
    0x0693: "initialisation",
    0x06B0: "abort",
    0x06C0: "read card",
    0x0501: "status enquiry",
}


def money(fen: int | None) -> str:
    """An amount in the smallest unit as people write it; a dash for none."""
    return "-" if fen is None else f"{fen // 100}.{fen % 100:02d}"


def describe(unit: Apdu) -> str:
    """One line that says what `unit` is. Never raises."""
    if is_positive(unit):
        return "80 00 acknowledged"
    code = refusal(unit)
    if code is not None:
        return f"84 {code:02X} refused: {result_word(code).cause}"
    head = f"{unit.control >> 8:02X} {unit.control & 0xFF:02X}"
    try:
        return f"{head} {_answer(unit) or _command(unit)}"
    except FrameError as error:
        return f"{head} unreadable: {error}"


def _answer(unit: Apdu) -> str:
    match decode_answer(unit):
        case StatusInformation() as s:
            result = "no result" if s.result is None else f"{s.result:02X} {result_word(s.result).cause}"
            details = f"amount {money(s.amount)}, receipt {s.receipt_no or '-'}, trace {s.trace or '-'}"
            return f"status information: {result}, {details}" + (f", card {s.card}" if s.card else "")
        case IntermediateStatus() as i:
            return f"intermediate status {i.code:02X}: {prompt_word(i.code)}"
        case Completion() as c:
            if c.status is None:
                return "completion"
            return f"completion, status {c.status:02X}" + (f" {status_word(c.status).cause}" if c.bare else "")
        case Abort() as a:
            return f"abort {a.result:02X}: {result_word(a.result).cause}"
        case PrintLine():
            return "print line"
        case PrintTextBlock() as b:
            return f"print text block, {len(b.lines)} lines"
    return ""


def _command(unit: Apdu) -> str:
    name = _NAMES.get(unit.control, f"command of {len(unit.data)} bytes")
    match decode_command(unit):
        case Authorisation() | Refund() as a:
            return f"{name}: amount {money(a.amount)}"
        case Reversal() | PartialReversal() as r:
            return f"{name}: receipt {r.receipt_no}, amount {money(r.amount)}"
    return name
