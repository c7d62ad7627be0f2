"""Bills of the simulated city: found by what names them, due or paid, changed at the desk; one live order for each.

A bill is invented when it is first asked for (`bill_rules`) and kept. What was paid follows from its orders.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query

from config.catalogue import Service
from simulator.people import CITIZENS
from simulator.platform.bill_rules import PAY_CODE_DIGITS, RULES, Invented, Rule, invent, reference_of, rule_of
from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City
from simulator.platform.fee_models import BillChange, BillsWanted, CaseNumber, PayCode
from simulator.platform.models import Id
from simulator.platform.problems import Flaw, Refusal
from simulator.platform.sessions import current

SCHEMA = """
CREATE TABLE IF NOT EXISTS bill(
    id TEXT PRIMARY KEY, service TEXT NOT NULL, reference TEXT NOT NULL, person TEXT NOT NULL DEFAULT '',
    pay_code TEXT NOT NULL, items TEXT NOT NULL, period TEXT NOT NULL, due_on TEXT NOT NULL, state TEXT NOT NULL,
    changed INTEGER NOT NULL DEFAULT 0, at TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS bill_reference ON bill(service, reference);
CREATE INDEX IF NOT EXISTS bill_code ON bill(pay_code);
CREATE TABLE IF NOT EXISTS order_bill(payment_order TEXT NOT NULL, bill TEXT NOT NULL, fen INTEGER NOT NULL,
    PRIMARY KEY (payment_order, bill)) WITHOUT ROWID;
"""
MOST = 12
LARGEST_FEN = 10_000_000
BY_ANY_CODE = "WH-GN-009"
TAKEN = ("PAID", "REFUNDING")


@dataclass(frozen=True, slots=True)
class Bill:
    """One bill as it stands today. `fen` is what is due now, the surcharge in it."""

    id: str
    service: Service
    pay_code: str
    rule: Rule
    items: tuple[tuple[str, str, int], ...]
    period: str
    fen: int
    paid_fen: int
    due_on: date
    state: str

    @property
    def payee(self) -> tuple[str, str]:
        """Who gets it (zh, en)."""
        return self.rule.payee or (self.service.fee.payee.zh, self.service.fee.payee.en)

    @property
    def title(self) -> tuple[str, str]:
        """What it is for (zh, en), with its period where there are several."""
        zh, en = self.items[0][:2]
        return (f"{zh}（第 {self.period} 期）", f"{en} (period {self.period})") if self.period else (zh, en)


def router(city: City) -> APIRouter:
    """`GET /bills`, `POST /bills:find`."""
    api = APIRouter()

    @api.get("/bills")
    async def listed(
        call: CallDep,
        pay_code: Annotated[PayCode | None, Query()] = None,
        case: Annotated[CaseNumber | None, Query()] = None,
        mine: Annotated[str | None, Query(pattern="^true$")] = None,
    ) -> Reply:
        return call.read(lambda cx: _listed(cx, call, pay_code, case, mine))

    @api.post("/bills:find")
    async def find(body: BillsWanted, call: CallDep) -> Reply:
        def look(cx: sqlite3.Connection) -> Mapping[str, Any]:
            session = current(cx, call, call.session)
            service = call.city.service(body.service)
            return {"items": [shown(b) for b in found(cx, call.city, service, body.form, session["number"] or "")]}

        return call.read(look)

    del city
    return api


def desk(city: City) -> APIRouter:
    """`GET /sim/bills`, `POST /sim/bills/{bill}`: every bill that was found, and changing one."""
    api = APIRouter(prefix="/sim")

    @api.get("/bills")
    async def bills() -> list[dict[str, Any]]:
        with city.store.transaction() as cx:
            rows = cx.execute("SELECT id, service, period, due_on, state, at FROM bill ORDER BY at DESC LIMIT 500")
            return [dict(r) for r in rows]

    @api.post("/bills/{bill}")
    async def change(bill: Id, body: BillChange) -> dict[str, Any]:
        with city.store.transaction() as cx:
            row = cx.execute("SELECT * FROM bill WHERE id = ?", (bill,)).fetchone()
            if row is None:
                raise Refusal("not-found")
            items = json.loads(row["items"])
            if body.fen is not None:
                items = [[items[0][0], items[0][1], body.fen]]
            cx.execute(
                "UPDATE bill SET items = ?, state = ?, changed = changed + 1 WHERE id = ?",
                (json.dumps(items, ensure_ascii=False), body.state or row["state"], bill),
            )
        return {"id": bill, "fen": sum(item[2] for item in items), "state": body.state or row["state"]}

    return api


def _listed(
    cx: sqlite3.Connection, call: Call, pay_code: str | None, case: str | None, mine: str | None
) -> Mapping[str, Any]:
    session = current(cx, call, call.session)
    if sum(value is not None for value in (pay_code, case, mine)) != 1:
        raise Refusal("validation", "", [Flaw("/query", "one-of", "exactly one of pay_code, case, mine")])
    if pay_code is not None:
        bills = found(cx, call.city, call.city.service(BY_ANY_CODE), {"pay_code": pay_code}, "")
        return {"items": [shown(b) for b in bills]}
    if session["level"] < "A2" or not session["number"]:
        raise Refusal("assurance-too-low")
    if case is not None:
        row = cx.execute("SELECT service, citizen FROM application WHERE number = ?", (case,)).fetchone()
        if row is None or row["citizen"] != session["number"]:
            raise Refusal("bill-not-found")
        query, given = "SELECT * FROM bill WHERE reference = ?", (case,)
    else:
        query, given = "SELECT * FROM bill WHERE person = ?", (session["number"],)
    rows = cx.execute(f"{query} ORDER BY due_on, id LIMIT ?", (*given, MOST)).fetchall()
    if not rows:
        raise Refusal("bill-not-found")
    return {"items": [shown(_stands(cx, call.city, row)) for row in rows]}


def found(
    cx: sqlite3.Connection, city: City, service: Service, form: Mapping[str, str], number: str
) -> tuple[Bill, ...]:
    """The bills that `form` names, oldest first. Raises `Refusal`: there are none, or the form does not name any."""
    if service.id not in RULES:
        raise Refusal("item-not-available", "this service has no bills")
    reference = reference_of(service.id, form)
    if not reference:
        key = RULES[service.id].keys[0]
        raise Refusal("validation", "", [Flaw(f"/body/form/{key}", "required", "names the bill")])
    if RULES[service.id].keys == ("pay_code",) and len(reference) != PAY_CODE_DIGITS:
        raise Refusal("bill-not-found")
    if RULES[service.id].kind == "courier" and not _case_of(cx, reference, number):
        raise Refusal("bill-not-found")
    amount = RULES[service.id].of_amount
    named = reference if amount is None else f"{reference}|{form.get(amount[0], '')}"
    rows = _kept(cx, service.id, named)
    if not rows:
        for bill in invent(service.id, reference, form):
            _keep(cx, city, service.id, named, bill, number)
        rows = _kept(cx, service.id, named)
    if not rows:
        raise Refusal("bill-not-found")
    return tuple(_stands(cx, city, row) for row in rows[:MOST])


def _case_of(cx: sqlite3.Connection, case: str, number: str) -> bool:
    """Whether the citizen with this number has that case: nothing is paid for bringing what nobody asked for."""
    row = cx.execute("SELECT citizen FROM application WHERE number = ?", (case.replace(" ", ""),)).fetchone()
    return row is not None and row["citizen"] == number


def _kept(cx: sqlite3.Connection, service: str, reference: str) -> list[sqlite3.Row]:
    """A code is one bill, whichever service it is typed in."""
    if RULES[service].keys == ("pay_code",):
        return cx.execute("SELECT * FROM bill WHERE pay_code = ?", (reference,)).fetchall()
    query = "SELECT * FROM bill WHERE service = ? AND reference = ? ORDER BY due_on, id"
    return cx.execute(query, (service, reference)).fetchall()


def _keep(cx: sqlite3.Connection, city: City, service: str, reference: str, bill: Invented, number: str) -> None:
    draw = hashlib.sha256(f"bill|{service}|{reference}|{bill.period}".encode()).hexdigest()
    code = bill.reference if bill.rule.keys == ("pay_code",) else ""
    if bill.rule.ebill and not code:
        code = str(int(draw[:24], 16) % 10**PAY_CODE_DIGITS).zfill(PAY_CODE_DIGITS)
    due = city.now().date() - timedelta(days=bill.late_by)
    cx.execute(
        "INSERT OR IGNORE INTO bill (id, service, reference, person, pay_code, items, period, due_on, state, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            f"bil_{draw[:20]}", service, reference, number, code, json.dumps(bill.items, ensure_ascii=False),
            bill.period, due.isoformat(), "paid" if bill.paid else "due", city.stamp(),
        ),
    )  # fmt: skip


def by_ids(cx: sqlite3.Connection, city: City, ids: Sequence[str]) -> tuple[Bill, ...]:
    """These bills as they stand. Raises `Refusal` when one is not known."""
    marks = ",".join("?" * len(ids))
    query = f"SELECT * FROM bill WHERE id IN ({marks}) ORDER BY due_on, id"  # noqa: S608 - question marks
    rows = cx.execute(query, tuple(ids)).fetchall()
    if len(rows) != len(ids):
        raise Refusal("bill-not-found")
    return tuple(_stands(cx, city, row) for row in rows)


def _stands(cx: sqlite3.Connection, city: City, row: sqlite3.Row) -> Bill:
    service = city.service(row["service"])
    code = row["reference"].partition("|")[0]
    rule = rule_of(row["service"], code) if row["service"] == BY_ANY_CODE else RULES[row["service"]]
    items = [(str(zh), str(en), int(fen)) for zh, en, fen in json.loads(row["items"])]
    due_on = date.fromisoformat(row["due_on"])
    base, late = sum(fen for _, _, fen in items), (city.now().date() - due_on).days
    if rule.late_permille and late > 0:
        surcharge = min(base * rule.late_permille * late // 1000, base * rule.late_cap // 100)
        items.append((f"加处（逾期 {late} 天）", f"Surcharge, {late} days late", surcharge))
    marks = ",".join("?" * len(TAKEN))
    paid = cx.execute(
        "SELECT COALESCE(SUM(b.fen), 0) AS fen FROM order_bill b JOIN payment_order o ON o.id = b.payment_order"  # noqa: S608 - question marks
        f" WHERE b.bill = ? AND o.state IN ({marks})",
        (row["id"], *TAKEN),
    ).fetchone()["fen"]
    total = sum(fen for _, _, fen in items)
    state = "paid" if row["state"] == "paid" or paid else row["state"]
    fen = 0 if state != "due" else total
    return Bill(
        row["id"], service, row["pay_code"], rule, tuple(items), row["period"], fen,
        paid or (total if state == "paid" else 0), due_on, state,
    )  # fmt: skip


def shown(bill: Bill) -> Mapping[str, Any]:
    """A Bill of the contract."""
    return {
        "id": bill.id,
        "pay_code": bill.pay_code,
        "kind": bill.rule.kind,
        "title": words(bill.title),
        "payee": words(bill.payee),
        "payer_masked": _payer(bill),
        "items": [{"label": words((zh, en)), "fen": fen} for zh, en, fen in bill.items],
        "fen": min(bill.fen, LARGEST_FEN),
        "paid_fen": min(bill.paid_fen, LARGEST_FEN),
        "due_on": bill.due_on.isoformat(),
        "state": bill.state,
        "ebill": bill.rule.ebill,
    }


def _payer(bill: Bill) -> str:
    """Somebody invented, masked: so that a citizen sees whether it is the right account."""
    people = tuple(CITIZENS.values())
    name = people[int(bill.id[4:10], 16) % len(people)].name
    return name[0] + "*" * (min(len(name), 4) - 1)


def words(pair: tuple[str, str]) -> dict[str, str]:
    """Words of the contract."""
    return {"zh": pair[0], "en": pair[1]}
