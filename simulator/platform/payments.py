"""Payment orders: the platform fixes the amount and keeps what terminals report. UNKNOWN is a state, not a failure."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query

from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City, new_id
from simulator.platform.models import Id, Key, OrderRequest, PaymentOutcome
from simulator.platform.problems import Flaw, Refusal
from simulator.platform.sessions import current

ORDER_S = 300

# (state, what the pad said) -> state. A pair that is not here is refused: money that moved is never talked away.
_NEXT: Mapping[tuple[str, str], str] = {
    **{(state, "PAID"): "PAID" for state in ("CREATED", "WAITING", "UNKNOWN", "CLOSED", "FAILED", "PAID")},
    **{(state, "FAILED"): "FAILED" for state in ("CREATED", "WAITING", "UNKNOWN", "FAILED")},
    ("CLOSED", "FAILED"): "CLOSED",
    **{(state, "UNKNOWN"): "UNKNOWN" for state in ("CREATED", "WAITING", "CLOSED", "UNKNOWN")},
    **{(state, "REVERSED"): "REFUNDED" for state in ("PAID", "UNKNOWN", "CREATED", "WAITING", "CLOSED", "REFUNDED")},
}


def router(city: City) -> APIRouter:
    """Endpoints of payment orders."""
    api = APIRouter()

    @api.post("/payment-orders")
    async def create(body: OrderRequest, call: CallDep) -> Reply:
        return call.once(201, lambda cx: _create(cx, call, body))

    @api.get("/payment-orders")
    async def find(intent: Annotated[Key, Query()], call: CallDep) -> Reply:
        return call.read(lambda cx: {"items": [_shown(call, r) for r in _by(cx, call, "intent", intent)]})

    @api.get("/payment-orders/{order}")
    async def get(order: Id, call: CallDep) -> Reply:
        return call.read(lambda cx: _shown(call, _one(cx, call, order)))

    @api.post("/payment-orders/{order}/outcomes")
    async def outcome(order: Id, body: PaymentOutcome, call: CallDep) -> Reply:
        return call.once(200, lambda cx: _report(cx, call, order, body))

    del city
    return api


def _by(cx: sqlite3.Connection, call: Call, column: str, value: str) -> list[sqlite3.Row]:
    """Orders of this terminal by `id` or `intent`, after closing it when its time is over."""
    assert column in ("id", "intent")
    mine = f"kiosk = ? AND {column} = ?"  # a column name of ours, see the assertion
    cx.execute(
        f"UPDATE payment_order SET state = 'CLOSED' WHERE {mine} AND state IN ('CREATED', 'WAITING')"  # noqa: S608 - as above
        " AND expires_at < ?",
        (call.kiosk, value, call.city.stamp()),
    )
    return cx.execute(f"SELECT * FROM payment_order WHERE {mine}", (call.kiosk, value)).fetchall()  # noqa: S608 - as above


def _one(cx: sqlite3.Connection, call: Call, order: str) -> sqlite3.Row:
    rows = _by(cx, call, "id", order)
    if not rows:
        raise Refusal("not-found")
    return rows[0]


def _create(cx: sqlite3.Connection, call: Call, request: OrderRequest) -> Mapping[str, Any]:
    service = call.city.service(request.service)
    session = current(cx, call, call.session)
    if session["level"] < service.level:
        raise Refusal("assurance-too-low", f"the session has {session['level']}, the service needs {service.level}")
    if service.fee.fen == 0:
        raise Refusal("item-not-available", "this service is free")
    known = _by(cx, call, "intent", call.key)
    if known:
        return _shown(call, known[0])
    mine = (session["number"], service.id)
    if cx.execute(
        "SELECT 1 FROM payment_order WHERE number = ? AND service = ? AND state = 'UNKNOWN'", mine
    ).fetchone():
        raise Refusal("payment-unknown")
    cx.execute(
        "UPDATE payment_order SET state = 'CLOSED'"
        " WHERE session = ? AND service = ? AND state IN ('CREATED', 'WAITING')",
        (session["id"], service.id),
    )
    cx.execute(
        "INSERT INTO payment_order (id, kiosk, intent, session, number, service, fen, expires_at, state, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'CREATED', ?)",
        (
            new_id("ord"),
            call.kiosk,
            call.key,
            session["id"],
            *mine,
            service.fee.fen,
            call.city.stamp(ORDER_S),
            call.city.stamp(),
        ),
    )
    return _shown(call, _by(cx, call, "intent", call.key)[0])


def _report(cx: sqlite3.Connection, call: Call, order: str, outcome: PaymentOutcome) -> Mapping[str, Any]:
    row = _one(cx, call, order)
    if outcome.fen != row["fen"]:
        raise Refusal("amount-differs", "", [Flaw("/body/fen", "amount", "not the amount of the order")])
    state = _NEXT.get((row["state"], outcome.state))
    if state is None:
        raise Refusal("payment-settled", f"the order is {row['state']}, the report says {outcome.state}")
    cx.execute(
        "UPDATE payment_order SET state = ?, trace = COALESCE(NULLIF(?, ''), trace),"
        " receipt_no = COALESCE(NULLIF(?, ''), receipt_no), masked_card = COALESCE(NULLIF(?, ''), masked_card)"
        " WHERE id = ?",
        (state, outcome.trace, outcome.receipt_no, outcome.masked_card, order),
    )
    return _shown(call, _one(cx, call, order))


def _shown(call: Call, row: sqlite3.Row) -> Mapping[str, Any]:
    fee = call.city.service(row["service"]).fee
    return {
        "id": row["id"],
        "intent": row["intent"],
        "service": row["service"],
        "fen": row["fen"],
        "currency": "CNY",
        "title": {"zh": fee.title.zh, "en": fee.title.en},
        "basis": {"zh": fee.basis.zh, "en": fee.basis.en},
        "payee": {"zh": fee.payee.zh, "en": fee.payee.en},
        "expires_at": row["expires_at"],
        "state": row["state"],
    }
