"""Which script the pad runs for each command that it knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from drivers.payment_pad.frames import (
    Authorisation,
    BookTotal,
    Diagnosis,
    EndOfDay,
    Initialisation,
    PartialReversal,
    PreAuthorisation,
    PreAuthReversal,
    ReadCard,
    Refund,
    Registration,
    RepeatReceipt,
    Reversal,
    SelfTest,
    SetClock,
    StatusEnquiry,
    TurnoverTotals,
)
from simulator.wire import pad_holds, pad_payment
from simulator.wire import pad_script as script

SCRIPTS: Final[dict[type, Callable[[script.Pad, Any], script.Script]]] = {
    Registration: script.register,
    StatusEnquiry: lambda pad, _: script.enquiry(pad, pad.terminal.status_code(pad.now)),
    Authorisation: pad_payment.payment,
    Refund: pad_payment.payment,
    Reversal: script.reversal,
    RepeatReceipt: lambda pad, _: script.repeat(pad),
    EndOfDay: lambda pad, _: script.end_of_day(pad),
    TurnoverTotals: lambda pad, _: script.totals(pad),
    ReadCard: script.read_card,
    Diagnosis: lambda pad, _: script.chore(pad, 1.0, (0xC2, 0x62)),
    SelfTest: lambda pad, _: script.self_test(pad),
    Initialisation: lambda pad, _: script.chore(pad, 1.0, (0x51,)),
    SetClock: lambda pad, _: script.chore(pad, 0.1, (0x62,)),
    PreAuthorisation: pad_payment.payment,
    PartialReversal: pad_holds.partial,
    BookTotal: pad_holds.book,
    PreAuthReversal: pad_holds.release,
}
"""Commands this pad knows."""
HOLDS = (PreAuthorisation, PartialReversal, BookTotal, PreAuthReversal)
