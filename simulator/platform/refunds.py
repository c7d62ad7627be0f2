"""Refunds by the platform: a refund number is used once, and never more goes back than was paid."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter

from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.models import Key, RefundRequest
from simulator.platform.orders import one
from simulator.platform.payers import Payers
from simulator.platform.problems import Refusal

SCHEMA = """CREATE TABLE IF NOT EXISTS refund(
    refund_no TEXT PRIMARY KEY, kiosk TEXT NOT NULL, payment_order TEXT NOT NULL, fen INTEGER NOT NULL,
    reason TEXT NOT NULL, state TEXT NOT NULL, due REAL NOT NULL, at TEXT NOT NULL) WITHOUT ROWID"""


def router(payers: Payers) -> APIRouter:
    """`POST /refunds`, `GET /refunds/{refund_no}`."""
    api = APIRouter()

    @api.post("/refunds")
    async def create(body: RefundRequest, call: CallDep) -> Reply:
        return call.once(201, lambda cx: _create(cx, call, payers, body))

    @api.get("/refunds/{refund_no}")
    async def get(refund_no: Key, call: CallDep) -> Reply:
        return call.read(lambda cx: _shown(_advanced(cx, call, payers, refund_no)))

    return api


def _create(cx: sqlite3.Connection, call: Call, payers: Payers, request: RefundRequest) -> Mapping[str, Any]:
    order = one(cx, call, payers, request.order)
    if order["state"] not in ("PAID", "REFUNDING"):
        raise Refusal("payment-settled", f"the order is {order['state']}")
    given = cx.execute(
        "SELECT COALESCE(SUM(fen), 0) AS fen FROM refund WHERE payment_order = ? AND state <> 'REFUSED'", (order["id"],)
    ).fetchone()["fen"]
    if given + request.fen > order["fen"]:
        raise Refusal("refund-exceeds", f"{given} fen of {order['fen']} are on their way back already")
    plan = payers.plan
    state = "PROCESSING"
    if plan.refund_refused:
        payers.plan = plan.model_copy(update={"refund_refused": plan.refund_refused - 1})
        state = "REFUSED"
    due = payers.now() + plan.refund_slow_s
    cx.execute(
        "INSERT INTO refund VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (call.key, call.kiosk, order["id"], request.fen, request.reason, state, due, call.city.stamp()),
    )
    if state != "REFUSED":
        cx.execute("UPDATE payment_order SET state = 'REFUNDING' WHERE id = ?", (order["id"],))
    return _shown(_advanced(cx, call, payers, call.key))


def _advanced(cx: sqlite3.Connection, call: Call, payers: Payers, refund_no: str) -> sqlite3.Row:
    query = "SELECT * FROM refund WHERE refund_no = ? AND kiosk = ?"
    row = cx.execute(query, (refund_no, call.kiosk)).fetchone()
    if row is None:
        raise Refusal("not-found")
    if row["state"] == "PROCESSING" and row["due"] <= payers.now():
        payers.give(cx, row["payment_order"], refund_no, row["fen"])
        cx.execute("UPDATE refund SET state = 'DONE' WHERE refund_no = ?", (refund_no,))
        order = cx.execute("SELECT fen FROM payment_order WHERE id = ?", (row["payment_order"],)).fetchone()
        back = cx.execute(
            "SELECT SUM(fen) AS fen FROM refund WHERE payment_order = ? AND state = 'DONE'", (row["payment_order"],)
        ).fetchone()
        state = "REFUNDED" if back["fen"] >= order["fen"] else "PAID"
        cx.execute("UPDATE payment_order SET state = ? WHERE id = ?", (state, row["payment_order"]))
        row = cx.execute(query, (refund_no, call.kiosk)).fetchone()
    found: sqlite3.Row = row
    return found


def _shown(row: sqlite3.Row) -> Mapping[str, Any]:
    return {
        "refund_no": row["refund_no"],
        "order": row["payment_order"],
        "fen": row["fen"],
        "state": row["state"],
        "at": row["at"],
    }
