"""What a payment leaves behind: approval, mark, reversal, end of day. No card number beyond its last four digits."""

from __future__ import annotations

from dataclasses import dataclass, field

from drivers.payment_pad.frames import StatusInformation


@dataclass(frozen=True, slots=True)
class ReceiptMark:
    """The pad's last transaction, to be journalled before the next one: what `resolve` compares with.

    Empty fields are unknown; a mark without receipt number says that the pad had no transaction.
    `time` hhmmss and `date` MMDD are the pad's own clock, for comparing only. `open_holds` are the receipts that were
    held already, on a pad that holds.
    """

    receipt_no: str = ""
    trace: str = ""
    time: str = ""
    date: str = ""
    terminal_id: str = ""
    receipt_id: str | None = None
    open_holds: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """True when the pad had no transaction."""
        return not self.receipt_no


@dataclass(frozen=True, slots=True)
class Approval:
    """An approved payment or refund. `fen` is the amount in the smallest unit; `result` the pad's code, 0."""

    fen: int
    receipt_no: str
    trace: str
    time: str
    date: str
    terminal_id: str
    masked_card: str
    card_name: str
    aid: str
    result: int
    approval_code: str = ""
    receipt_id: str | None = None
    receipt_lines: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, info: StatusInformation) -> Approval:
        """The approval that `info` reports; it must have an amount, a receipt number and a result."""
        assert info.amount is not None
        assert info.result is not None
        return cls(
            fen=info.amount,
            receipt_no=info.receipt_no,
            trace=info.trace,
            time=info.time,
            date=info.date,
            terminal_id=info.terminal_id,
            masked_card=info.card,
            card_name=info.card_name,
            aid=info.aid,
            result=info.result,
            approval_code=info.approval_code,
            receipt_id=info.receipt_id,
        )

    @property
    def key(self) -> tuple[str, str, str]:
        """Terminal, receipt number, trace: which transaction this is."""
        return (self.terminal_id, self.receipt_no, self.trace)

    @property
    def mark(self) -> ReceiptMark:
        """The mark that this transaction leaves."""
        return ReceiptMark(self.receipt_no, self.trace, self.time, self.date, self.terminal_id, self.receipt_id)

    def evidence(self) -> dict[str, str]:
        """What a person needs to find the transaction."""
        return {"receipt_no": self.receipt_no, "trace": self.trace, "terminal_id": self.terminal_id}


@dataclass(frozen=True, slots=True)
class Reversal:
    """A payment undone, or a hold booked or freed: `fen` is what the cardholder got back.

    `already` when the pad says that it was done before.
    """

    receipt_no: str
    fen: int
    already: bool = False
    receipt_lines: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class DayEnd:
    """A batch handed in. `fen` is the total, None when the pad does not say it.

    `then` is E0 when the pad now updates itself, FC when it restarts: it answers nobody for a while.
    """

    fen: int | None
    receipt_lines: tuple[str, ...] = field(default=(), repr=False)
    then: str = ""


@dataclass(frozen=True, slots=True)
class PadStatus:
    """The status byte of 05 01 (None: this pad has no 05 01) and the software it names."""

    code: int | None
    software: str = ""

    @property
    def ready(self) -> bool:
        """True when a payment may start: ready, or only a card left in the slot or a printer that we do not use."""
        return self.code in (None, 0x00, 0xDC, 0xCC)


@dataclass(frozen=True, slots=True)
class CardSeen:
    """A card that was read without a payment: its last four digits, its name and its application."""

    masked_card: str
    card_name: str = ""
    aid: str = ""
