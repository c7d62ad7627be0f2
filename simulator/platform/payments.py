"""Payment orders: the platform fixes the amount and knows how each stands. UNKNOWN is a state, not a failure.

An order is paid at the terminal's pad (the terminal reports), by a code that the terminal shows, or by the payer's own
code that the terminal scans (the payers' services say). One live order a bill: a new one closes what nobody is paying
and is refused while somebody may be.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query

from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City, new_id
from simulator.platform.fees import fee_of
from simulator.platform.models import Id, Key, Nothing, OrderRequest, PaymentOutcome, ScannedCode
from simulator.platform.orders import of, one, shown, sync
from simulator.platform.payers import Payers
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


def router(city: City, payers: Payers) -> APIRouter:
    """Endpoints of payment orders."""
    api = APIRouter()

    @api.post("/payment-orders")
    async def create(body: OrderRequest, call: CallDep) -> Reply:
        return call.once(201, lambda cx: _create(cx, call, payers, body))

    @api.get("/payment-orders")
    async def find(intent: Annotated[Key, Query()], call: CallDep) -> Reply:
        return call.read(
            lambda cx: {"items": [shown(cx, call, sync(cx, call, payers, r)) for r in of(cx, call, "intent", intent)]}
        )

    @api.get("/payment-orders/{order}")
    async def get(order: Id, call: CallDep) -> Reply:
        return call.read(lambda cx: shown(cx, call, one(cx, call, payers, order)))

    @api.post("/payment-orders/{order}/outcomes")
    async def outcome(order: Id, body: PaymentOutcome, call: CallDep) -> Reply:
        return call.once(200, lambda cx: _report(cx, call, payers, order, body))

    @api.post("/payment-orders/{order}/code")
    async def code(order: Id, body: Nothing, call: CallDep) -> Reply:
        del body
        return call.once(200, lambda cx: _code(cx, call, payers, order))

    @api.post("/payment-orders/{order}/scan")
    async def scan(order: Id, body: ScannedCode, call: CallDep) -> Reply:
        return call.once(200, lambda cx: _scan(cx, call, payers, order, body.code))

    @api.post("/payment-orders/{order}/close")
    async def close(order: Id, body: Nothing, call: CallDep) -> Reply:
        del body
        return call.once(200, lambda cx: _close(cx, call, payers, order))

    @api.post("/payment-orders/{order}/reversal")
    async def reversal(order: Id, body: Nothing, call: CallDep) -> Reply:
        del body
        return call.once(200, lambda cx: _reverse(cx, call, payers, order))

    del city
    return api


def _create(cx: sqlite3.Connection, call: Call, payers: Payers, request: OrderRequest) -> Mapping[str, Any]:
    service = call.city.service(request.service)
    session = current(cx, call, call.session)
    if session["level"] < service.level:
        raise Refusal("assurance-too-low", f"the session has {session['level']}, the service needs {service.level}")
    if service.fee.type == "free":
        raise Refusal("item-not-available", "this service is free")
    known = of(cx, call, "intent", call.key)
    if known:
        return shown(cx, call, known[0])
    number = session["number"] or ""
    fee = fee_of(cx, call.city, service, number, request.form, request.bills)
    if request.fen is not None and request.fen != fee.fen:
        raise Refusal("bill-changed" if fee.bills else "fee-changed", f"it is {fee.fen} fen now")
    if fee.fen == 0:
        raise Refusal("nothing-due")
    bills = [bill.id for bill in fee.bills]
    _one_live(cx, call, payers, service.id, number or session["id"], bills)
    if bills:  # an earlier order may have turned out to be paid just now
        fee = fee_of(cx, call.city, service, number, request.form, bills)
    order, at = new_id("ord"), call.city.stamp()
    cx.execute(
        "INSERT INTO payment_order (id, kiosk, intent, session, number, service, fen, expires_at, state, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'CREATED', ?)",
        (order, call.kiosk, call.key, session["id"], number, service.id, fee.fen, call.city.stamp(ORDER_S), at),
    )
    cx.execute(
        "INSERT INTO order_fee VALUES (?, ?, ?, ?, ?, ?, ?)", (order, *fee.title, *fee.payee, fee.pay_code, fee.ebill)
    )
    for bill in fee.bills:
        cx.execute("INSERT INTO order_bill VALUES (?, ?, ?)", (order, bill.id, bill.fen))
    return shown(cx, call, of(cx, call, "intent", call.key)[0])


def _one_live(
    cx: sqlite3.Connection, call: Call, payers: Payers, service: str, whose: str, bills: Sequence[str]
) -> None:
    """Earlier orders of the same bills (of the same person and service, where there are none) make way, or refuse."""
    live = "o.state IN ('CREATED', 'WAITING', 'PAYING', 'REVERSING', 'UNKNOWN')"
    if bills:
        marks = ",".join("?" * len(bills))
        query = (
            "SELECT DISTINCT o.* FROM payment_order o JOIN order_bill b ON b.payment_order = o.id"  # noqa: S608 - question marks, and words of ours
            f" WHERE b.bill IN ({marks}) AND {live}"
        )
        rows = cx.execute(query, tuple(bills)).fetchall()
    else:
        query = f"SELECT o.* FROM payment_order o WHERE (o.number = ? OR o.session = ?) AND o.service = ? AND {live}"  # noqa: S608 - words of ours
        rows = cx.execute(query, (whose, whose, service)).fetchall()
    for row in rows:
        _make_way(cx, call, payers, row)


def _make_way(cx: sqlite3.Connection, call: Call, payers: Payers, row: sqlite3.Row) -> None:
    """An earlier order of the same bill ends, or the new one is refused because somebody may be paying the earlier."""
    row = sync(cx, call, payers, row)
    elsewhere = row["kiosk"] != call.kiosk and row["expires_at"] >= call.city.stamp()
    if row["state"] in ("PAYING", "REVERSING", "UNKNOWN") or (elsewhere and row["state"] in ("CREATED", "WAITING")):
        raise Refusal("payment-unknown")
    if row["state"] in ("CREATED", "WAITING"):
        payers.close(cx, row["id"])
        cx.execute("UPDATE payment_order SET state = 'CLOSED' WHERE id = ?", (row["id"],))


def _report(
    cx: sqlite3.Connection, call: Call, payers: Payers, order: str, outcome: PaymentOutcome
) -> Mapping[str, Any]:
    row = one(cx, call, payers, order)
    if payers.row(cx, order) is not None:
        raise Refusal("order-mismatch", "this order is not paid at a pad")
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
    return shown(cx, call, one(cx, call, payers, order))


def _begun(cx: sqlite3.Connection, call: Call, payers: Payers, order: str, method: str) -> sqlite3.Row:
    """The order, if it can still be paid by `method`."""
    row = one(cx, call, payers, order)
    known = payers.row(cx, order)
    if row["state"] in ("CLOSED", "FAILED"):
        raise Refusal("order-expired")
    if (known is not None and (known["method"] != method or method == "scanned")) or (
        known is None and row["state"] != "CREATED"
    ):
        raise Refusal("payment-settled", f"the order is {row['state']}")
    return row


def _code(cx: sqlite3.Connection, call: Call, payers: Payers, order: str) -> Mapping[str, Any]:
    row = _begun(cx, call, payers, order, "shown")
    code = payers.show(cx, order, row["fen"])
    return {"order": shown(cx, call, one(cx, call, payers, order)), "code": code, "expires_at": row["expires_at"]}


def _scan(cx: sqlite3.Connection, call: Call, payers: Payers, order: str, code: str) -> Mapping[str, Any]:
    row = _begun(cx, call, payers, order, "scanned")
    payers.scan(cx, order, row["fen"], code)
    return shown(cx, call, one(cx, call, payers, order))


def _close(cx: sqlite3.Connection, call: Call, payers: Payers, order: str) -> Mapping[str, Any]:
    row = one(cx, call, payers, order)
    if payers.row(cx, order) is not None:
        payers.close(cx, order)
    elif row["state"] in ("CREATED", "WAITING"):
        cx.execute("UPDATE payment_order SET state = 'CLOSED' WHERE id = ?", (order,))
    return shown(cx, call, one(cx, call, payers, order))


def _reverse(cx: sqlite3.Connection, call: Call, payers: Payers, order: str) -> Mapping[str, Any]:
    row = one(cx, call, payers, order)
    known = payers.row(cx, order)
    if known is None and row["state"] == "CREATED":
        # The scan never arrived; from now on it is refused.
        cx.execute("UPDATE payment_order SET state = 'CLOSED' WHERE id = ?", (order,))
    elif known is not None:
        payers.reverse(cx, order)
    else:
        raise Refusal("order-mismatch", "a pad's payment is reversed at the pad")
    return shown(cx, call, one(cx, call, payers, order))
