"""What a service costs this person, with these answers, today: every type of fee, reductions, and why. Fen.

Prices that the catalogue leaves to the platform are invented in `fee_prices`; bills come from `bills`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter

from config.catalogue import Service
from config.service_form import ShownIf
from simulator.people import CITIZENS
from simulator.platform import bills as billing
from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City
from simulator.platform.fee_models import FeeChange, FeeWanted, Price, Reduction
from simulator.platform.fee_prices import FORMULAS, PRICES, Line, money, priced
from simulator.platform.problems import Flaw, Refusal
from simulator.platform.sessions import current

SCHEMA = """
CREATE TABLE IF NOT EXISTS fee_reduction(number TEXT PRIMARY KEY, percent INTEGER NOT NULL, reason TEXT NOT NULL)
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS order_fee(
    payment_order TEXT PRIMARY KEY, title_zh TEXT NOT NULL, title_en TEXT NOT NULL, payee_zh TEXT NOT NULL,
    payee_en TEXT NOT NULL, pay_code TEXT NOT NULL, ebill INTEGER NOT NULL) WITHOUT ROWID;
"""
REASONS: Mapping[str, tuple[str, str]] = {
    "low-income": ("低保家庭减免", "Low-income reduction"),
    "disabled": ("残疾人减免", "Reduction for disabled persons"),
    "veteran": ("优抚对象减免", "Reduction for veterans"),
    "elder": ("高龄老人减免", "Reduction for the elderly"),
}
REDUCED = frozenset({"fixed", "table", "local"})
"""Administrative charges; bills, taxes and contributions are reduced where they are made."""
CHANGE = "fee_change"


@dataclass(frozen=True, slots=True)
class Fee:
    """What has to be paid: the lines add up to `fen`."""

    service: Service
    lines: tuple[Line, ...]
    bills: tuple[billing.Bill, ...] = ()

    @property
    def fen(self) -> int:
        """What is to be paid."""
        return sum(fen for _, _, fen in self.lines)

    @property
    def full_fen(self) -> int:
        """Before reductions."""
        return sum(fen for _, _, fen in self.lines if fen > 0)

    @property
    def title(self) -> tuple[str, str]:
        """What for (zh, en)."""
        if len(self.bills) == 1:
            return self.bills[0].title
        return self.service.fee.title.zh, self.service.fee.title.en

    @property
    def payee(self) -> tuple[str, str]:
        """To whom (zh, en)."""
        if self.bills:
            return self.bills[0].payee
        return self.service.fee.payee.zh, self.service.fee.payee.en

    @property
    def pay_code(self) -> str:
        """The payment code of the one bill that has one."""
        return self.bills[0].pay_code if len(self.bills) == 1 else ""

    @property
    def ebill(self) -> bool:
        """A fiscal e-bill follows the payment."""
        return any(bill.rule.ebill for bill in self.bills)


def router(city: City) -> APIRouter:
    """`POST /fees:assess`."""
    api = APIRouter()

    @api.post("/fees:assess")
    async def assess(body: FeeWanted, call: CallDep) -> Reply:
        return call.read(lambda cx: _assess(cx, call, body))

    del city
    return api


def desk(city: City) -> APIRouter:
    """What QA may change: reductions of a citizen, every fee at once."""
    api = APIRouter(prefix="/sim")

    @api.post("/reductions")
    async def reduce(body: Reduction) -> dict[str, Any]:
        if body.citizen not in CITIZENS:
            raise Refusal("not-found", "no such citizen; they are citizen-01 and so on")
        number = CITIZENS[body.citizen].number
        with city.store.transaction() as cx:
            cx.execute("DELETE FROM fee_reduction WHERE number = ?", (number,))
            if body.percent:
                cx.execute("INSERT INTO fee_reduction VALUES (?, ?, ?)", (number, body.percent, body.reason))
        return {"citizen": body.citizen, "percent": body.percent}

    @api.post("/fee-changes")
    async def change(body: FeeChange) -> dict[str, int]:
        city.wishes[CHANGE] = str(body.fen)
        return {"fen": body.fen}

    @api.post("/prices")
    async def price(body: Price) -> dict[str, int]:
        if body.key not in PRICES:
            raise Refusal("not-found", f"no such price; there are {', '.join(PRICES)}")
        city.wishes[f"price:{body.key}"] = str(body.fen)
        return {body.key: body.fen}

    return api


def _assess(cx: sqlite3.Connection, call: Call, wanted: FeeWanted) -> Mapping[str, Any]:
    session = current(cx, call, call.session)
    service = call.city.service(wanted.service)
    fee = fee_of(cx, call.city, service, session["number"] or "", wanted.form, wanted.bills)
    due = [bill.due_on for bill in fee.bills]
    return {
        "service": service.id,
        "fen": fee.fen,
        "full_fen": fee.full_fen,
        "title": billing.words(fee.title),
        "basis": {"zh": service.fee.basis.zh, "en": service.fee.basis.en},
        "payee": billing.words(fee.payee),
        "items": [{"label": billing.words((zh, en)), "fen": fen} for zh, en, fen in fee.lines][:24],
        "bills": [bill.id for bill in fee.bills],
        "pay_code": fee.pay_code,
        "payer_masked": "",
        "due_on": min(due).isoformat() if due else None,
        "ebill": fee.ebill,
    }


def fee_of(
    cx: sqlite3.Connection, city: City, service: Service, number: str, form: Mapping[str, str], bills: Sequence[str]
) -> Fee:
    """What `service` costs. Raises `Refusal`: no such bill, paid already, too much, an answer missing."""
    fee = _unreduced(cx, city, service, number, form, bills)
    change = int(city.wishes.get(CHANGE, "0")) if fee.lines and not fee.bills else 0
    if change:
        fee = replace(fee, lines=(*fee.lines, ("标准调整", "New price list", max(change, -fee.fen))))
    row = cx.execute("SELECT * FROM fee_reduction WHERE number = ?", (number,)).fetchone() if number else None
    if row is not None and service.fee.type in REDUCED and fee.fen:
        zh, en = REASONS[row["reason"]]
        fee = replace(fee, lines=(*fee.lines, (zh, en, -(fee.fen * row["percent"] // 100))))
    if fee.full_fen > billing.LARGEST_FEN:
        raise Refusal("fee-over-limit", f"more than {billing.LARGEST_FEN} fen")
    return fee


def _unreduced(
    cx: sqlite3.Connection, city: City, service: Service, number: str, form: Mapping[str, str], bills: Sequence[str]
) -> Fee:
    fee, title = service.fee, (service.fee.title.zh, service.fee.title.en)
    if fee.when is not None and not _holds(fee.when, form):
        return Fee(service, ())
    if fee.type == "fixed":
        return Fee(service, ((*title, fee.fen),))
    if fee.type == "table" and fee.rows:
        chosen = [row for row in fee.rows if row.when is not None and _holds(row.when, form)]
        row = chosen[0] if chosen else next((r for r in fee.rows if r.when is None), None)
        if row is None:
            raise Refusal("validation", "", [Flaw("/body/form", "required", "the answer that selects the price")])
        return Fee(service, ((row.label.zh, row.label.en, row.fen),) if row.fen else ())
    if fee.type in ("table", "local"):
        return Fee(service, priced(service, form, title, city.wishes))
    if fee.type == "formula":
        return Fee(service, FORMULAS[service.id](form))
    if fee.type == "chosen":
        return Fee(service, ((*title, money(form, fee.field or "", service)),))
    if fee.type == "sum":
        parts = [city.service(part.id) for part in service.bundle]
        lines = [
            line
            for part in parts
            if part.fee.type not in ("free", "bill", "sum")
            for line in _unreduced(cx, city, part, number, form, ()).lines
        ]
        return Fee(service, tuple(lines))
    if fee.type == "bill":
        return _billed(cx, city, service, number, form, bills)
    return Fee(service, ())


def _billed(
    cx: sqlite3.Connection, city: City, service: Service, number: str, form: Mapping[str, str], wanted: Sequence[str]
) -> Fee:
    if service.fee.field and form.get(service.fee.field):
        # Paid in advance: as much as the citizen wants, no bill is needed.
        return Fee(service, (("预缴", "Paid in advance", money(form, service.fee.field, service)),))
    there = billing.found(cx, city, service, form, number)
    known = {bill.id for bill in there}
    if any(bill not in known for bill in wanted):
        raise Refusal("bill-not-found")
    chosen = tuple(b for b in there if (b.id in wanted if wanted else b.state == "due"))
    if not chosen or any(b.state == "paid" for b in chosen):
        raise Refusal("bill-already-paid")
    if any(b.state != "due" for b in chosen):
        raise Refusal("bill-not-found")
    lines: list[Line] = []
    for bill in chosen:
        period = (f"（第 {bill.period} 期）", f" ({bill.period})") if len(chosen) > 1 else ("", "")
        lines += [(zh + period[0], en + period[1], fen) for zh, en, fen in bill.items]
    return Fee(service, tuple(lines), chosen)


def _holds(condition: ShownIf, form: Mapping[str, str]) -> bool:
    return form.get(condition.field) == condition.equals
