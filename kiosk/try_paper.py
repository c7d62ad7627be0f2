"""Verbs of `kiosk try` for the printers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from drivers.families import LicencePrinting, ReceiptPrinting
from drivers.outcome import Done, Refused, Unknown
from drivers.receipt_printer.document import Cut, Feed, Line, Pair, Qr, ReceiptDocument, Rule
from kiosk.try_device import DONE, NOT_DONE, UNKNOWN, Say, Verb, Wish

RULER: Final = "0123456789" * 5


def test_page(now: datetime) -> ReceiptDocument:
    """What shows at a glance whether a printer is set up: both scripts, sizes, width, a code, the cut."""
    return ReceiptDocument(
        (
            Line("打印测试 Test page", "centre", bold=True, size=(2, 2)),
            Line(now.astimezone().isoformat(timespec="seconds"), "centre"),
            Rule("double"),
            Pair("威海市政务服务自助终端", "Kiosk"),
            Pair("左 left", "右 right"),
            Line("生僻字 䶮 㙓 龘", bold=True),
            Line(RULER),
            Rule(),
            Qr("test"),
            Feed(24),
            Cut(),
        )
    )


async def _test_page(printer: ReceiptPrinting, wish: Wish, say: Say) -> int:
    outcome = await printer.print_document(test_page(datetime.now().astimezone()), wish.seconds)
    match outcome:
        case Done(printed):
            say(f"printed {printed.lines} lines on {printed.metres:.2f} m of paper")
            return DONE
        case Refused():
            say(f"refused: {outcome.cause}: {outcome.sentence}")
            return NOT_DONE
        case Unknown():
            say(f"unknown: {outcome.cause}: {outcome.sentence}")
            return UNKNOWN


async def _check(printer: LicencePrinting, wish: Wish, say: Say) -> int:
    await printer.check()
    say("one page could be printed now")
    return DONE


RECEIPTS: Final[Mapping[str, Verb]] = {
    "test-page": Verb("print a page with both scripts, a code and a cut", _test_page)
}
LICENCES: Final[Mapping[str, Verb]] = {"check": Verb("whether a page could be printed now; prints nothing", _check)}
