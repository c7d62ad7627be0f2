"""The bank behind the pad: what each cardholder was charged, given back, refunded. The truth for tests."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Kind = Literal["payment", "refund"]
State = Literal["held", "authorised", "booked", "reversed", "declined"]
KEPT = 5000


@dataclass(slots=True)
class Entry:
    """One transaction at the bank. `fen` is what the cardholder pays (payment) or gets (refund)."""

    kind: Kind
    state: State
    fen: int
    card: str
    receipt_no: str
    trace: str
    code: str = "00"

    @property
    def held_fen(self) -> int:
        """What is held of the cardholder's money now, and neither taken nor free."""
        return self.fen if self.state == "held" else 0

    @property
    def moved_fen(self) -> int:
        """What this entry takes from the cardholder now; what is only held is not taken."""
        if self.state not in ("authorised", "booked"):
            return 0
        return self.fen if self.kind == "payment" else -self.fen


class Ledger:
    """All transactions, oldest first. `authorised` money is taken already; only `reversed` gives it back."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def add(self, entry: Entry) -> Entry:
        """Note a transaction."""
        if len(self.entries) >= KEPT:
            del self.entries[0]
        self.entries.append(entry)
        return entry

    @property
    def balance_fen(self) -> int:
        """What all cardholders together have paid."""
        return sum(entry.moved_fen for entry in self.entries)

    @property
    def held_fen(self) -> int:
        """What is held of all cardholders together."""
        return sum(entry.held_fen for entry in self.entries)

    def charges(self) -> list[Entry]:
        """Payments that took money and have not given it back."""
        return [entry for entry in self.entries if entry.kind == "payment" and entry.moved_fen]

    def rows(self) -> list[dict[str, Any]]:
        """The entries as JSON; cards are masked already."""
        return [asdict(entry) for entry in self.entries]
