"""The money row of `make bench`: what a paid visit costs beside pad, bank and platform.

python tests/bench/money_figures.py                  print the row alone
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reader_figures import Row

VISITS = 60
FEE_FEN = 2000
WRITES = 4
"""Minted, approved, charged, done."""


def rows() -> Iterator[Row]:
    """All rows; about two seconds."""
    yield asyncio.run(_overhead())


class _Pad:
    """A pad and a bank that take no time."""

    holds = False

    async def mark(self) -> Any:
        from drivers.payment_pad.approval import ReceiptMark

        return ReceiptMark("0006", "000011")

    async def authorise(self, fen: int, *, before_ack: Any, **_: Any) -> Any:
        from drivers.outcome import Done
        from drivers.payment_pad.approval import Approval

        approval = Approval(fen, "0007", "000012", "", "", "", "************1234", "", "", 0)
        await before_ack(approval)
        return Done(approval)


class _Order:
    id = "ord-bench"
    fen = FEE_FEN


async def _overhead() -> Row:
    """Everything of ours between "pay" and "paid", and until the charge is done: journal, chain, sealing, syncs."""
    from kiosk.clock import Clock
    from kiosk.duties.outbox import Outbox
    from kiosk.journal import Journal
    from kiosk.keys import MachineKey
    from kiosk.money.charging import Money

    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        journal = Journal(Path(folder) / "journal.db", Clock())
        await journal.open()
        pad: Any = _Pad()
        money = Money(journal, Outbox(journal, MachineKey.load(Path(folder) / "machine.key")), pad)
        took = []
        for number in range(VISITS):
            intent, order = f"chg-{number:08d}", _Order()
            began = time.perf_counter()
            await money.charge(
                f"v-{number}",
                intent,
                order,  # type: ignore[arg-type]  # an order as far as money needs it
                on_prompt=lambda _: None,
                cancel=asyncio.Event(),
                deadline_s=60,
            )
            await money.serve(intent)
            took.append((time.perf_counter() - began) * 1000)
        sync = await _one_sync(journal)
        await journal.close()
    ours = statistics.median(took)
    ratio = f"{ours / (WRITES * sync):.2f} x"
    bound = f"{WRITES} synced writes {WRITES * sync:.1f} ms"
    return Row("a card payment, all but pad and bank", f"{ours:.1f} ms", bound, ratio)


async def _one_sync(journal: Any) -> float:
    """The bound: one transaction on this disk, milliseconds."""
    took = []
    for _ in range(VISITS):
        began = time.perf_counter()
        await journal.note("", "bench", {})
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


if __name__ == "__main__":
    for row in rows():
        sys.stdout.write("  ".join(row) + "\n")
