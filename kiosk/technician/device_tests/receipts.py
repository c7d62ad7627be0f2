"""The receipt printer: a ticket with every style that receipts use, status before and after, and the presenter."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from drivers.device import Device, Supply
from drivers.families import ReceiptPrinting
from drivers.outcome import Done, Outcome, Refused, Unknown
from drivers.receipt_printer.document import Cut, Feed, Line, Pair, Qr, ReceiptDocument, Rule
from drivers.receipt_printer.driver import PrintedReceipt
from kiosk.technician.device_tests.declared import Figures, Ground, Run, TestResult, figures

RULER: Final = "0123456789" * 5
MARK: Final = "测试 TEST"
PRINT_S: Final = 25.0
PAPER_MM: Final = 210
"""What one ticket uses at the most, with its cut."""


def test_ticket(now: datetime) -> ReceiptDocument:
    """What shows at a glance whether a printer is set up: both scripts, sizes, weights, width, a code, the cut.

    It says that it is a test and nothing else: no hall's seal, no amount, no number of a case.
    """
    return ReceiptDocument(
        (
            Line(MARK, "centre", bold=True, size=(2, 2)),
            Line("打印测试 Test page", "centre"),
            Line(now.astimezone().isoformat(timespec="seconds"), "centre"),
            Rule("double"),
            Pair("左 left", "右 right"),
            Pair("粗 bold", "ABC abc 0123", bold=True),
            Rule("dashed"),
            Line("居右 right", "right"),
            Line("1. 折行缩进 a line that is longer than the paper is wide hangs below its first word", hang=3),
            Line("大 2x1", size=(2, 1)),
            Line("高 1x2", size=(1, 2)),
            Line("0123456789012345", size=(3, 3), fit=True),
            Line("生僻字 䶮 㙓 龘", bold=True),
            Rule("solid"),
            Line(RULER),
            Qr("test"),
            Line(MARK, "centre"),
            Feed(24),
            Cut(),
        )
    )


async def print_ticket(printer: ReceiptPrinting, now: datetime, seconds: float = PRINT_S) -> Outcome[PrintedReceipt]:
    """Print the ticket once."""
    return await printer.print_document(test_ticket(now), seconds)


async def test_receipts(run: Run) -> TestResult:
    """A ticket comes out whole, by the printer's word and by a person's eye; the presenter lets go or pulls back."""
    printer = run.ground.device("receipt_printer", ReceiptPrinting)
    run.tell("printing-ticket", *_supply(printer))
    outcome = await print_ticket(printer, run.ground.wall())
    match outcome:
        case Refused():
            return run.broken(printer.family, outcome.cause, outcome.sentence, *_supply(printer))
        case Unknown():
            return run.broken(printer.family, outcome.cause, outcome.sentence, *_supply(printer))
        case Done(printed):
            pass
    measured = (*figures(lines=printed.lines, paper_mm=round(printed.metres * 1000)), *_supply(printer))
    asked = await run.asked("ticket-whole", run.passed(*measured))
    if asked.outcome != "pass":
        return asked
    run.tell("presenter")
    empty = await printer.wait_taken(1.0)
    if empty is None:
        return asked  # a printer without a presenter
    if empty:
        return replace(asked, figures=(*measured, *figures(exit="exit-taken")))
    back = await printer.take_back()
    if not back:
        return run.ended("fail", "device.receipt-printer.not-retracted", "", *measured, cause="not-retracted")
    return replace(asked, figures=(*measured, *figures(exit="exit-retracted")))


def _supply(device: Device) -> Figures:
    paper = device.status.paper
    return () if paper is Supply.NOT_SUPPORTED else figures(paper=f"supply-{paper.value.lower()}")


async def emptied(ground: Ground) -> None:
    """Nothing half printed waits for the next citizen."""
    printer = ground.device("receipt_printer", ReceiptPrinting)
    if printer.status.fault is None:
        await printer.clear()
