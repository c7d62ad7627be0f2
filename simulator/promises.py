"""The promises of docs/promises.md, held against what is true outside the terminal: bank, platform, paper, disk, logs.

Every function returns sentences, one for each promise that was broken; none is the only good answer.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from simulator.books import Books
from simulator.forms_count import forms
from simulator.hall import Hall
from simulator.people import CITIZENS
from simulator.wishes import Saw, Wish

MAX_RECORDS = 20_000
MAX_PAGES = 60


@dataclass
class Came:
    """One citizen's visit as the soak kept it, with what went wrong before and during it."""

    index: int
    wish: Wish
    saw: Saw
    mishaps: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        pages = " ".join(("...", *self.saw.pages[-MAX_PAGES:]) if len(self.saw.pages) > MAX_PAGES else self.saw.pages)
        return f"visit {self.index} ({self.wish.service}, pad {self.wish.pad}, {', '.join(self.mishaps)}; {pages})"


class Ears(logging.Handler):
    """Hears everything that the terminal logs, in memory."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))
        self.lines: list[str] = []
        self.bugs: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line; an exception in the log is a bug of the terminal, or a fault that it should have named."""
        line = self.format(record)
        if len(self.lines) < MAX_RECORDS:
            self.lines.append(line)
        # What is no `Exception` is the plug: it ends a task that nobody waits for any more.
        if record.exc_info and record.levelno >= logging.ERROR and isinstance(record.exc_info[1], Exception):
            self.bugs.append(line)


def settled(hall: Books, came: Sequence[Came]) -> list[str]:
    """Everything is mended and the terminal says that nothing is open: is it so?"""
    return [*balanced(hall, came), *journal(hall), *personal(hall)]


def balanced(hall: Books, came: Sequence[Came]) -> list[str]:
    """P1, P2, P3, P4, P8: what the journal says of money, prints and submissions is so at bank, platform and paper."""
    acts = hall.terminal.acts(hall.folder)
    return [
        *_money(hall, acts),
        *_told(hall, came, acts),
        *_prints(hall, acts),
        *_verdicts(came),
        *_submissions(hall, came, acts),
        *(f"P1: {act['kind']} {act['id']} is still {act['state']}" for act in acts if act["open"]),
    ]


def _money(hall: Books, acts: list[dict[str, Any]]) -> list[str]:
    """P1, P2: who was served has paid the fee, once; who was not has paid nothing; nothing is held any more.

    A hold that was gone before it was booked (LAPSED, in the journal for a person to look at) is the one exception.
    """
    orders = hall.rows("SELECT id, intent, fen, state FROM payment_order")
    served = {row["payment_order"] for row in hall.rows("SELECT payment_order FROM application")} | set(_bills(hall))
    printed = {act["charge"] for act in acts if act["kind"] == "print" and act["state"] in ("done", "unclear")}
    lapsed = {act["id"] for act in acts if act["state"] == "lapsed"}
    paid = hall.paid_fen()
    found = [f"P1: {paid['']} fen were taken at the pad, and no order knows of it"] if paid.pop("", 0) else []
    for order in orders:
        due = order["fen"] if order["id"] in served or order["intent"] in printed else 0
        has = paid.pop(order["id"], 0)
        if has != due and not (order["intent"] in lapsed and has == 0):
            promise = "P2" if has > order["fen"] else "P1"
            found.append(
                f"{promise}: {has} fen are paid for order {order['id']} ({order['state']}); it should be {due}"
            )
    found += [f"P1: {e.held_fen} fen of receipt {e.receipt_no} stay held" for e in hall.bank if e.held_fen]
    return found + [f"P1: {fen} fen are paid for {order}, which is no order" for order, fen in paid.items() if fen]


def _bills(hall: Books) -> dict[str, str]:
    """Orders, with their intents, of services that are given by being paid, and the platform knows that they are."""
    rows = hall.rows("SELECT id, intent, service FROM payment_order WHERE state = 'PAID'")
    return {
        row["id"]: row["intent"]
        for row in rows
        if {"submit", "print"}.isdisjoint(hall.catalogue.services[row["service"]].steps)
    }


def _told(hall: Books, came: Sequence[Came], acts: list[dict[str, Any]]) -> list[str]:
    """P2, P8: what the screen said of the money is so in the end."""
    given = {
        act["visit"]
        for act in acts
        if (act["kind"] == "submit" and act["state"] == "done")
        or (act["kind"] == "print" and act["charge"] and act["state"] in ("done", "unclear"))
    }
    refused = {act["visit"] for act in acts if act["kind"] == "submit" and act["state"] == "refused"}
    lapsed = {act["visit"] for act in acts if act["state"] == "lapsed"}
    visits = {act["id"]: act["visit"] for act in acts}
    given |= {visits.get(intent, "") for intent in _bills(hall).values()}
    paid = hall.paid_fen()
    live: Counter[str] = Counter()
    for order in hall.rows("SELECT id, intent FROM payment_order"):
        live[visits.get(order["intent"], "")] += paid.get(order["id"], 0) > 0
    found = []
    for each in came:
        stand = live[each.saw.visit] if each.saw.visit else 0
        costs = hall.fee_fen(each.wish.service) > 0
        due = int(each.saw.finished and costs and each.saw.visit not in refused)
        if stand > 1:
            found.append(f"P2: {stand} payments stand; {each}")
        if each.saw.finished and stand != due and each.saw.visit not in lapsed:
            found.append(f"P8: the screen said done, {stand} payments stand and {due} should; {each}")
        if each.saw.finished and costs and each.saw.visit not in given | refused:
            found.append(f"P8: the screen said done, and nothing was given for the money; {each}")
        if not each.saw.finished and stand and each.saw.told & {"not-charged", "refunded", "owed"}:
            found.append(f"P8: the screen said {', '.join(sorted(each.saw.told))}, and the payment stands; {each}")
    return found


def _prints(hall: Books, acts: list[dict[str, Any]]) -> list[str]:
    """P3: what came out was authorised and paid, came out once, on forms of its own, and the platform knows."""
    prints = {row["jti"]: row for row in hall.rows("SELECT jti, intent, service, state FROM print")}
    states = {act["id"]: act["state"] for act in acts}
    charges = {act["id"]: act["charge"] for act in acts}
    found = []
    sheets = hall.sheets
    for name, out in sheets.items():
        if out and name not in prints:
            found.append(f"P3: {out} sheets of {name!r} came out, and nobody authorised them")
        pages = max(job.pages * job.copies for job in hall.print_jobs.values() if job.name == name)
        if out > max(1, pages):
            found.append(f"P3: {out} sheets of {name!r} came out; the document has {pages} pages")
    for jti, row in prints.items():
        out = sheets.get(jti, 0)
        if row["state"] == "PRINTED" and not out:
            found.append(f"P3: {jti} is PRINTED at the platform, and no sheet came out")
        if row["state"] == "VOID" and out:
            found.append(f"P3: {jti} is VOID at the platform, and {out} sheets came out")
        if row["state"] == "AUTHORISED":
            found.append(f"P3: the platform was never told what became of {jti}")
        paid = states.get(charges.get(row["intent"], ""), "never asked for")
        if out and hall.fee_fen(row["service"]) and paid not in ("done", "lapsed"):
            found.append(f"P3: {out} sheets of {jti} came out, and its payment is {paid}")
    entries = [entry for entry in hall.terminal.entries(hall.folder) if entry["kind"].startswith("stock.")]
    return found + forms(entries, {row["intent"]: sheets.get(jti, 0) for jti, row in prints.items()})


def _verdicts(came: Sequence[Came]) -> list[str]:
    """P3: a certificate that came out here is not called false, and one that was changed is not called genuine."""
    wrong = {("genuine", "altered"), ("genuine", "void"), ("tampered", "valid"), ("foreign", "valid")}
    return [
        f"P3: a {held} certificate was called {verdict}; {each}"
        for each in came
        for held, verdict in sorted(each.saw.verdicts & wrong)
    ]


def _submissions(hall: Books, came: Sequence[Came], acts: list[dict[str, Any]]) -> list[str]:
    """P4: what was confirmed is there once; what is there was not refused."""
    submits = {act["id"]: act for act in acts if act["kind"] == "submit"}
    cases = {row["intent"] for row in hall.rows("SELECT intent FROM application")}
    found = [f"P4: case for {i}, which the journal does not have" for i in cases - set(submits)]
    for intent, act in submits.items():
        if (act["state"] == "done") != (intent in cases):
            found.append(f"P4: {intent} is {act['state']} here; the platform has {int(intent in cases)} cases of it")
    visits = {submits[i]["visit"] for i in cases if i in submits}
    refused = {act["visit"] for act in submits.values() if act["state"] == "refused"}
    return found + [
        f"P4: the screen confirmed, and no case came; {each}"
        for each in came
        if each.saw.finished
        and "submit" in hall.catalogue.services[each.wish.service].steps
        and each.saw.visit not in visits | refused
    ]


def journal(hall: Books) -> list[str]:
    """P9: the chain holds."""
    broken = hall.terminal.broken(hall.folder)
    return [f"P9: {broken}"] if broken else []


def personal(hall: Books) -> list[str]:
    """P6: nothing of anybody is readable on the disk."""
    files = ((path.name, path.read_bytes()) for path in hall.folder.rglob("*") if path.is_file())
    return [sentence for where, data in files for sentence in _readable(data, where)]


def said(lines: Iterable[str]) -> list[str]:
    """P6: nothing of anybody is in the log."""
    return _readable("\n".join(lines).encode(), "the log")


def _readable(data: bytes, where: str) -> list[str]:
    return [
        f"P6: {key}'s {what} is in {where}" for key, forms in _PERSONAL.items() for what, form in forms if form in data
    ]


_PERSONAL = {
    c.key: tuple(
        (what, form)
        for what in ("name", "number", "phone", "address", "pan")
        for form in {str(getattr(c, what)).encode(), str(getattr(c, what)).encode("gb18030")}
    )
    for c in CITIZENS.values()
}
"""What must not be readable anywhere, in the encodings of disk, log and receipt printer."""


def after_visit(hall: Hall, each: Came) -> list[str]:
    """P5, P6, and that the terminal is free again, at once after the citizen has gone."""
    found = [f"P7: {each.saw.stuck}; {each}"] if each.saw.stuck else []
    life = hall.life
    if life is None or life.is_dead:
        return found
    shown = life.shown
    if shown is not None and not life.visit:
        words = shown.everything
        citizen = each.wish.citizen
        if any(word in words for word in (citizen.name, citizen.number, citizen.phone, citizen.address)):
            found.append(f"P6: page {shown.page} still shows what is {citizen.key}'s; {each}")
    undisturbed = not any(name.startswith(("reader", "power")) for name in each.mishaps)
    if each.saw.left_card and undisturbed and hall.reader.state()["card"] and each.saw.visit:
        closed = [e for e in hall.terminal.entries(hall.folder, "visit.closed") if e["visit"] == each.saw.visit]
        if closed and json.loads(closed[-1]["body"]).get("left") != "card":
            found.append(f"P5: a card was left, and the journal says {closed[-1]['body']}; {each}")
    return found
