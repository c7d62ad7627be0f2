"""Bills to choose from, a bill that is not there, a fee that changed, and the lines of a fee in the review."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class FeeLine:
    """One line of what a fee is made of: words, or an amount (`fen`, below 0 for a reduction)."""

    label: str
    value: str = ""
    fen: int | None = None


@dataclass(frozen=True, slots=True)
class BillLine:
    """One bill that can be paid now; `note` says whose it is (masked) and until when."""

    id: str
    title: str
    note: str
    fen: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class BillChoice:
    """Several bills are due: which of them."""

    service: str
    bills: tuple[BillLine, ...]

    @property
    def fen(self) -> int:
        """What the chosen ones add up to."""
        return sum(bill.fen for bill in self.bills if bill.chosen)


@dataclass(frozen=True, slots=True)
class BillNone:
    """There is nothing to pay: not-found (the number may be wrong), paid (`title`, `fen`), withdrawn."""

    why: Literal["not-found", "paid", "withdrawn"]
    title: str = ""
    fen: int = 0


@dataclass(frozen=True, slots=True)
class FeeChanged:
    """The amount is not what was confirmed any more; nothing was charged."""

    title: str
    before_fen: int
    fen: int
    lines: tuple[FeeLine, ...] = ()
