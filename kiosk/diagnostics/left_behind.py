"""What a device left behind that the profile does not have any more: payments and prints in doubt, numbered forms.

Nothing of it is lost or decided here: it stays open until the device is back, or until a person settles it by what can
be seen (`kiosk.technician.work.settling`). Money that is owed is not among it: that goes back through the platform.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Final

from config.settings import Settings
from kiosk.diagnostics.facts import LeftFact
from kiosk.events import LEVELS, events, log_line
from kiosk.intents import IN_DOUBT, Kind, State
from kiosk.journal import Journal, JournalError
from kiosk.printing.forms_stock import FormsStock

log = logging.getLogger(__name__)

AT_PAD: Final = IN_DOUBT | {State.HELD, State.BOOKING, State.RELEASING}
"""States of a charge that only its pad can end."""
AT_PRINTER: Final = frozenset({State.AUTHORISED, State.SENT})
Act = tuple[Kind, State, int]
"""An open intent, as far as it matters here: kind, state, fen."""


async def left_behind(settings: Settings, journal: Journal, stock: FormsStock) -> tuple[LeftFact, ...]:
    """As the running terminal knows it. A journal that cannot be read is told elsewhere: () then."""
    if {"payment_pad", "licence_printer"} <= settings.devices.keys():
        return ()
    try:
        open_ = await journal.open_intents()
        await stock.refresh()
    except JournalError:
        return ()
    forms = {name: len(shelf.free) for name, shelf in stock.shelves.items() if shelf.free}
    acts = [(i.kind, i.state, int(i.body.get("fen", 0))) for i in open_]
    return (*_acts_left(settings, acts), *_forms_left(settings, forms))


def left_on_disk(settings: Settings) -> tuple[LeftFact, ...]:
    """While no terminal runs: the acts alone, read without touching the journal. Blocking."""
    path = settings.state_dir / "journal.db"
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            rows = db.execute("SELECT kind, state, body FROM intent").fetchall()
            acts = [(Kind(kind), State(state), int(json.loads(body).get("fen", 0))) for kind, state, body in rows]
    except (sqlite3.Error, ValueError):
        return ()  # no journal yet, or none that can be read: its own section says so
    return tuple(_acts_left(settings, acts))


async def tell_left_behind(settings: Settings, journal: Journal, stock: FormsStock) -> None:
    """One line of the log for each, when the terminal starts."""
    for left in await left_behind(settings, journal, stock):
        event = events()[left.event]
        log.log(LEVELS[event.severity], log_line(event, left.role, left.what))


def _acts_left(settings: Settings, acts: Iterable[Act]) -> Iterator[LeftFact]:
    known = list(acts)
    paid = [fen for kind, state, fen in known if kind is Kind.CHARGE and state in AT_PAD]
    if paid and "payment_pad" not in settings.devices:
        yield LeftFact("payment_pad", "removed.money", f"{len(paid)}, {sum(paid) / 100:.2f} CNY")
    prints = sum(kind is Kind.PRINT and state in AT_PRINTER for kind, state, _ in known)
    if prints and "licence_printer" not in settings.devices:
        yield LeftFact("licence_printer", "removed.prints", str(prints))


def _forms_left(settings: Settings, forms: dict[str, int]) -> Iterator[LeftFact]:
    if forms and "licence_printer" not in settings.devices:
        what = ", ".join(f"{name} {count}" for name, count in sorted(forms.items())[:6])
        yield LeftFact("licence_printer", "removed.forms", what)
