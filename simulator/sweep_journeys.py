"""The journeys of the crash sweep, as a table: what the citizen wants, what is wrong, how the hall does business."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from simulator.hall import Hall
from simulator.mishaps import PAD
from simulator.people import CITIZENS
from simulator.trade import APPLIED, PRINTED, Trade
from simulator.wishes import Wish

PS, SI = APPLIED, PRINTED
SHEETS, BILL, BUNDLE, QUEUED = "WH-CA-010", "WH-GN-009", "WH-OT-006", "WH-CA-010"
"""An application with a sheet from the desk, a bill by its code, several items in one, one that can wait in a queue."""
USUAL, HOLDS, COSTS = Trade(), Trade(pad_holds=True), Trade(prints_cost=True)
ALL = Trade(pad_holds=True, prints_cost=True, forms=True)


def _nothing(_: Hall) -> None:
    """A fair day."""


def _platform(**plan: Any) -> Callable[[Hall], None]:
    return lambda hall: hall.platform_faults(**plan)


def _pad(verb: str, **args: Any) -> Callable[[Hall], None]:
    def arm(hall: Hall) -> None:
        hall.do(PAD, verb, **args)

    return arm


@dataclass(frozen=True)
class Journey:
    """One visit, always the same: what the citizen wants, and what is wrong; `at_pay` happens when the fee is asked."""

    words: str
    service: str
    pad: str = "tap"
    prepare: Callable[[Hall], None] = _nothing
    at_pay: Callable[[Hall], None] = _nothing
    way: str = "card"
    trade: Trade = USUAL
    paid: Callable[[Hall], None] = _nothing
    """Happens when the money was taken and the terminal knows it."""
    payer: Mapping[str, Any] = field(default_factory=dict)
    """What the payers' services do (`simulator.platform.payers.ProviderPlan`)."""
    waits_s: float = 0.0
    """So long after `prepare` the citizen comes."""
    at_end: Callable[[Hall], None] = _nothing
    """Happens when the visit is told to be finished."""
    settles: bool = False
    """The power may go until nothing is open any more, not only until the citizen has gone."""

    def wish(self) -> Wish:
        """The citizen: no hesitation, no chance."""
        return Wish(CITIZENS["citizen-02"], self.service, self.pad, self.way, thinks_s=(0.4, 0.4), rates=5)


def _consent_withdrawn(hall: Hall) -> None:
    hall.rows("DELETE FROM consent")


def _day_closed(hall: Hall) -> None:
    """Somebody ends the pad's day at the pad: it reverses nothing any more."""
    hall.pad.terminal.close_day()


def _refunds_lost(hall: Hall) -> None:
    _consent_withdrawn(hall)
    hall.platform_faults(drop_reply_after_commit=True, area="refunds", times=3)


def _says_it_again(hall: Hall) -> None:
    hall.do(PAD, "repeat_after_cut")
    hall.do(PAD, "lose_answer", when="before_ack")


JOURNEYS: Mapping[str, Journey] = {
    "apply": Journey("paid, handed in, receipted", PS),
    "apply-insert": Journey("paid with the card put in", PS, "insert"),
    "apply-declined": Journey("the bank declines", PS, "decline"),
    "apply-cancelled": Journey("cancelled on the screen", PS, "cancel"),
    "apply-late": Journey(
        "cancelled, and the pad approves nevertheless", PS, "tap-and-cancel", _pad("late_approval"), _nothing
    ),
    "apply-line-lost": Journey("the pad's line breaks late", PS, prepare=_pad("lose_answer", when="after_ack")),
    "apply-line-lost-early": Journey(
        "the pad's line breaks before its status", PS, "tap", _pad("lose_answer", when="before_status")
    ),
    "apply-repeated": Journey(
        "the pad says its approval again after a reconnect", PS, "tap",
        _says_it_again,
    ),
    "apply-kept": Journey("the pad keeps a payment over a lost line", PS, prepare=_pad("keep_on_loss")),
    "apply-offline": Journey(
        "the platform is away when it is handed in", PS, at_pay=_platform(down=True, area="applications")
    ),
    "apply-lost-reply": Journey(
        "the platform's answers are lost", PS,
        at_pay=_platform(drop_reply_after_commit=True, area="applications", times=2),
    ),
    "apply-refused": Journey("the platform refuses it after it was paid", PS, at_pay=_consent_withdrawn),
    "apply-phone": Journey("paid by phone, our code", PS, way="shown"),
    "apply-code": Journey("paid by phone, their code", PS, way="scanned"),
    "apply-phone-cancelled": Journey("our code paid and cancelled at once", PS, "tap-and-cancel", way="shown"),
    "print": Journey("a certificate", SI),
    "print-jam": Journey(
        "a certificate, the paper jams", SI, prepare=lambda hall: hall.do("licence-printer", "abort")
    ),
    "print-lost-answer": Journey(
        "the printer's answer to the document is lost", SI,
        prepare=lambda hall: hall.do("licence-printer", "lose_answer", operation="SEND_DOCUMENT"),
    ),
    "print-lost-reply": Journey(
        "the platform's authorisation is lost on its way", SI,
        prepare=_platform(drop_reply_after_commit=True, area="print-authorisations", times=1),
    ),
    "hold": Journey("held, handed in, booked", PS, trade=HOLDS, settles=True),
    "hold-late": Journey(
        "cancelled, and the pad holds nevertheless", PS, "tap-and-cancel", _pad("late_approval"), trade=HOLDS
    ),
    "hold-line-lost": Journey(
        "the pad's line breaks late, while it holds", PS, prepare=_pad("lose_answer", when="after_ack"), trade=HOLDS
    ),
    "hold-offline": Journey(
        "held, and the platform is away when it is handed in", PS, trade=HOLDS, settles=True,
        at_pay=_platform(down=True, area="applications", times=4),
    ),
    "hold-refused": Journey(
        "held, refused by the platform, freed", PS, at_pay=_consent_withdrawn, trade=HOLDS, settles=True
    ),
    "paid-print": Journey("a certificate with a fee", SI, trade=COSTS),
    "paid-print-jam": Journey(
        "a certificate with a fee, the paper jams", SI, trade=COSTS, settles=True,
        prepare=lambda hall: hall.do("licence-printer", "abort"),
    ),
    "hold-print": Journey("a certificate on a numbered form, its fee held first", SI, trade=ALL, settles=True),
    "hold-print-jam": Journey(
        "a certificate on a numbered form, its fee held first, the paper jams", SI, trade=ALL, settles=True,
        prepare=lambda hall: hall.do("licence-printer", "abort"),
    ),
    "owed-card": Journey(
        "refused after it was paid, and the pad's day is over: refunded by the platform", PS,
        at_pay=_consent_withdrawn, paid=_day_closed, settles=True,
    ),
    "owed-phone": Journey(
        "refused after it was paid by phone: refunded", PS, at_pay=_consent_withdrawn, way="shown", settles=True
    ),
    "owed-again": Journey(
        "the refund is refused once and takes its time", PS, at_pay=_consent_withdrawn, way="shown", settles=True,
        payer={"refund_refused": 1, "refund_slow_s": 100},
    ),
    "owed-lost-reply": Journey(
        "the platform's answers to the refund are lost", PS, at_pay=_refunds_lost, way="shown", settles=True
    ),
    "sheets": Journey("an application with a sheet that is uploaded", SHEETS, settles=True),
    "sheets-lost-reply": Journey(
        "a sheet is uploaded and the platform's answers are lost", SHEETS, settles=True,
        prepare=_platform(drop_reply_after_commit=True, area="uploads", times=2),
    ),
    "bill": Journey("a bill paid by its code", BILL),
    "bill-phone": Journey("a bill paid by phone", BILL, way="shown", settles=True),
    "bill-line-lost": Journey("the pad's line breaks late", BILL, prepare=_pad("lose_answer", when="after_ack")),
    "bundle": Journey("several items in one application", BUNDLE, settles=True),
    "queued": Journey(
        "received without a network, handed in when it is back", QUEUED, settles=True,
        prepare=_platform(down=True), waits_s=60.0, at_end=_platform(),
    ),
}  # fmt: skip
