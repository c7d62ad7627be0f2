"""Which transaction: all that the bank wants to hear when it is to be undone, as one receipt number for the journal."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from drivers.payment_library.frames import Answer
from drivers.payment_pad.approval import Approval, ReceiptMark

_NUMBER = re.compile(r"([0-9A-Za-z]{1,6})-([0-9A-Za-z]{0,12})-([0-9]{8})(-H([0-9]{1,12}))?")


@dataclass(frozen=True, slots=True)
class Receipt:
    """Voucher, reference and day (yyyymmdd) name the transaction; `held`: its money is only held."""

    voucher: str
    reference: str
    day: str
    held: bool = False
    fen: int = 0
    time: str = ""
    date: str = ""
    terminal_id: str = ""
    card: str = ""
    code: str = ""

    @classmethod
    def of(cls, answer: Answer, today: str) -> Receipt:
        """From an answer. Its day has no year: the latest such day that is not after `today` (yyyymmdd)."""
        return cls(
            answer.voucher,
            answer.reference,
            _day(answer.date, today),
            fen=answer.fen or 0,
            time=answer.time,
            date=answer.date,
            terminal_id=answer.terminal,
            card=answer.card,
            code=answer.approval,
        )

    @classmethod
    def parse(cls, number: str) -> Receipt:
        """From a receipt number of ours. Raises `ValueError`."""
        found = _NUMBER.fullmatch(number)
        if found is None:
            raise ValueError(f"{number[:40]!r} is no receipt number of this library (voucher-reference-day)")
        voucher, reference, day, held, fen = found.groups()
        return cls(voucher, reference, day, bool(held), int(fen or 0))

    @property
    def number(self) -> str:
        """voucher-reference-yyyymmdd, and -H with the amount where it is held."""
        return f"{self.voucher}-{self.reference}-{self.day}" + (f"-H{self.fen}" if self.held else "")

    def as_held(self, *, held: bool) -> Receipt:
        """The same, held or not."""
        return replace(self, held=held)

    def mark(self) -> ReceiptMark:
        """What the journal notes before the next payment."""
        return ReceiptMark(self.number, self.reference, self.time, self.date, self.terminal_id)

    def approval(self) -> Approval:
        """What journeys know of it."""
        return Approval(
            fen=self.fen,
            receipt_no=self.number,
            trace=self.reference,
            time=self.time,
            date=self.date,
            terminal_id=self.terminal_id,
            masked_card=self.card,
            card_name="",
            aid="",
            result=0,
            approval_code=self.code,
        )


def _day(month_day: str, today: str) -> str:
    if len(month_day) != 4 or not month_day.isdecimal():
        return today
    year = int(today[:4])
    return f"{year if month_day <= today[4:] else year - 1:04d}{month_day}"
