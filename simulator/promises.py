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

from simulator.hall import Hall
from simulator.people import CITIZENS
from simulator.wayward import Saw, Wish

PAID = "WH-PS-001"
TAIL = 3
MAX_RECORDS = 20_000


@dataclass
class Came:
    """One citizen's visit as the soak kept it, with what went wrong before and during it."""

    index: int
    wish: Wish
    saw: Saw
    mishaps: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        pages = " ".join(self.saw.pages)
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
        if record.exc_info and record.levelno >= logging.ERROR:
            self.bugs.append(line)


def settled(hall: Hall, came: Sequence[Came]) -> list[str]:
    """Everything is mended and the terminal says that nothing is open: is it so?"""
    acts = hall.terminal.acts(hall.folder)
    return [
        *_money(hall),
        *_told(hall, came, acts),
        *_prints(hall),
        *_submissions(hall, came, acts),
        *(f"P1: {act['kind']} {act['id']} is still {act['state']}" for act in acts if act["open"]),
        *journal(hall),
        *personal(hall),
    ]


def _money(hall: Hall) -> list[str]:
    """P1, P2: whose case was accepted has paid its fee, once; who has none has paid nothing."""
    orders = hall.rows("SELECT id, fen, state FROM payment_order")
    cases = {row["payment_order"] for row in hall.rows("SELECT payment_order FROM application")}
    paid = hall.paid_fen()
    found = [f"P1: {paid['']} fen were taken at the pad, and no order knows of it"] if paid.pop("", 0) else []
    for order in orders:
        has, due = paid.pop(order["id"], 0), order["fen"] if order["id"] in cases else 0
        if has != due:
            promise = "P2" if has > order["fen"] else "P1"
            found.append(
                f"{promise}: {has} fen are paid for order {order['id']} ({order['state']}); it should be {due}"
            )
    return found + [f"P1: {fen} fen are paid for {order}, which is no order" for order, fen in paid.items() if fen]


def _told(hall: Hall, came: Sequence[Came], acts: list[dict[str, Any]]) -> list[str]:
    """P2, P8: what the screen said of the money is so in the end."""
    refused = {act["visit"] for act in acts if act["kind"] == "submit" and act["state"] == "refused"}
    visits = {act["id"]: act["visit"] for act in acts}
    paid = hall.paid_fen()
    live: Counter[str] = Counter()
    for order in hall.rows("SELECT id, intent FROM payment_order"):
        live[visits.get(order["intent"], "")] += paid.get(order["id"], 0) > 0
    found = []
    for each in came:
        stand = live[each.saw.visit] if each.saw.visit else 0
        due = int(each.saw.finished and each.wish.service == PAID and each.saw.visit not in refused)
        if stand > 1:
            found.append(f"P2: {stand} payments stand; {each}")
        if each.saw.finished and stand != due:
            found.append(f"P8: the screen said done, {stand} payments stand and {due} should; {each}")
        if not each.saw.finished and stand and each.saw.told & {"not-charged", "refunded", "owed"}:
            found.append(f"P8: the screen said {', '.join(sorted(each.saw.told))}, and the payment stands; {each}")
    return found


def _prints(hall: Hall) -> list[str]:
    """P3: what came out was authorised, came out once, and the platform knows."""
    prints = {row["jti"]: row for row in hall.rows("SELECT jti, state FROM print")}
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
    return found


def _submissions(hall: Hall, came: Sequence[Came], acts: list[dict[str, Any]]) -> list[str]:
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
        if each.saw.finished and each.wish.service == PAID and each.saw.visit not in visits | refused
    ]


def journal(hall: Hall) -> list[str]:
    """P9: the chain holds."""
    broken = hall.terminal.broken(hall.folder)
    return [f"P9: {broken}"] if broken else []


def personal(hall: Hall) -> list[str]:
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
