"""Verbs of `kiosk try` for the printers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from socket import gethostname
from typing import Any, Final

from drivers.families import LicencePrinting, ReceiptPrinting
from drivers.outcome import Done, Outcome, Refused, Unknown
from kiosk.technician.device_tests.licences import print_sheet
from kiosk.technician.device_tests.receipts import print_ticket
from kiosk.trying.device import DONE, NOT_DONE, UNKNOWN, Say, Verb, Wish


async def _ticket(printer: ReceiptPrinting, wish: Wish, say: Say) -> int:
    outcome = await print_ticket(printer, datetime.now().astimezone(), wish.seconds)
    if isinstance(outcome, Done):
        say(f"printed {outcome.value.lines} lines on {outcome.value.metres:.2f} m of paper")
    return _ended(outcome, say)


async def _page(printer: LicencePrinting, wish: Wish, say: Say) -> int:
    jobs: list[int] = []
    outcome = await print_sheet(printer, gethostname(), datetime.now().astimezone(), jobs, max(wish.seconds, 60.0))
    if isinstance(outcome, Done):
        say(f"printed {outcome.value.pages} page")
    return _ended(outcome, say)


def _ended(outcome: Outcome[Any], say: Say) -> int:
    match outcome:
        case Done():
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
    "test-page": Verb("print a ticket with every style, both scripts, a code and a cut", _ticket)
}
LICENCES: Final[Mapping[str, Verb]] = {
    "check": Verb("whether a page could be printed now; prints nothing", _check),
    "test-page": Verb("print one page that is marked as a test", _page),
}
