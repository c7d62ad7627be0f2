"""Everything the cash register (ECR, the kiosk) says to the pad (PT), by its control field; both directions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from drivers.payment_pad.frames.apdu import Apdu
from drivers.payment_pad.frames.money import (
    Authorisation,
    BookTotal,
    PartialReversal,
    PreAuthorisation,
    PreAuthReversal,
    Refund,
    Reversal,
)
from drivers.payment_pad.frames.service import (
    AbortCommand,
    Diagnosis,
    EndOfDay,
    Initialisation,
    LogOff,
    ReadCard,
    Registration,
    RepeatReceipt,
    Reset,
    SelfTest,
    SetClock,
    StatusEnquiry,
    TurnoverTotals,
)

Command: TypeAlias = (
    Registration
    | Authorisation
    | Refund
    | Reversal
    | PartialReversal
    | RepeatReceipt
    | StatusEnquiry
    | EndOfDay
    | Diagnosis
    | SetClock
    | ReadCard
)
_PARSERS: dict[int, Callable[[bytes], Command]] = {
    kind.control: kind.parse
    for kind in (
        *(Registration, Authorisation, PreAuthorisation, Refund, Reversal, PartialReversal, PreAuthReversal),
        *(BookTotal, RepeatReceipt, StatusEnquiry, EndOfDay, Initialisation, TurnoverTotals, Diagnosis, SelfTest),
        *(Reset, LogOff, AbortCommand, SetClock, ReadCard),
    )
}


def decode_command(unit: Apdu) -> Command | None:
    """The command that `unit` is, None for one we do not know. Raises `FrameError`, `UnknownField`."""
    parser = _PARSERS.get(unit.control)
    return parser(unit.data) if parser else None
