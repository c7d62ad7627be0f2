"""The truth outside a terminal, in books: the bank's, the platform's, the printer's, and the terminal's own journal.

A hall under virtual time has them, and so has a bench with real processes; `simulator.promises` holds both to them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from config.catalogue import Catalogue

Rows = Callable[[str], Sequence[Mapping[str, Any]]]


class Books(Protocol):
    """What the promises are held against."""

    folder: Path
    """The terminal's state; its journal is `journal.db` in it."""
    terminal: Any
    """The entry point of the terminal: `acts`, `entries` and `broken` read a journal."""
    print_jobs: dict[int, Any]

    @property
    def catalogue(self) -> Catalogue:
        """The services."""

    def rows(self, query: str) -> list[Mapping[str, Any]]:
        """What the platform keeps."""

    def fee_fen(self, service: str) -> int:
        """What a service costs; 1 where only the platform can say how much."""

    def paid_fen(self) -> dict[str, int]:
        """Order -> what its payer has paid in the end, in fen. "" is for no order at all."""

    @property
    def bank(self) -> list[Any]:
        """The bank's entries, oldest first."""

    @property
    def sheets(self) -> dict[str, int]:
        """Job name -> sheets that came out under it."""


def paid_fen(bank: Sequence[Any], rows: Rows) -> dict[str, int]:
    """Order -> what its payer has paid in the end, at the pad and by phone, in fen. "" is for no order at all."""
    at_pad: dict[str, int] = {}
    for entry in bank:
        at_pad[entry.receipt_no] = at_pad.get(entry.receipt_no, 0) + entry.moved_fen
    paid: dict[str, int] = {}
    for order in rows("SELECT id, receipt_no FROM payment_order"):
        paid[order["id"]] = at_pad.pop(order["receipt_no"], 0) if order["receipt_no"] else 0
    for entry in rows("SELECT id, kind, fen FROM payer_entry"):
        paid[entry["id"]] = paid.get(entry["id"], 0) + (entry["fen"] if entry["kind"] == "payment" else -entry["fen"])
    return {**paid, "": sum(at_pad.values())}
