"""Fiscal e-bills (财政电子票据): issued for a paid bill, verified by code, number, check code, day and amount.

Code: 2 supervising division, 2 class, 2 kind, 2 year; number: 10 digits in order. The check code is ours, invented.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter

from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City
from simulator.platform.fee_models import EBillClaim
from simulator.platform.models import Id
from simulator.platform.problems import Refusal
from simulator.platform.sessions import current
from simulator.platform.store import count

SCHEMA = """
CREATE TABLE IF NOT EXISTS ebill(
    code TEXT NOT NULL, number TEXT NOT NULL, check_code TEXT NOT NULL, payment_order TEXT NOT NULL UNIQUE,
    day TEXT NOT NULL, fen INTEGER NOT NULL, PRIMARY KEY (code, number)) WITHOUT ROWID;
"""
DIVISION, CLASS, KIND = "37", "06", "01"
NOBODY = {"zh": "", "en": ""}


def router(city: City) -> APIRouter:
    """`GET /payment-orders/{order}/ebill`, `POST /ebills:verify`."""
    api = APIRouter()

    @api.get("/payment-orders/{order}/ebill")
    async def ebill(order: Id, call: CallDep) -> Reply:
        return call.read(lambda cx: _issued(cx, call, order))

    @api.post("/ebills:verify")
    async def verify(body: EBillClaim, call: CallDep) -> Reply:
        def look(cx: sqlite3.Connection) -> Mapping[str, Any]:
            current(cx, call, call.session)
            return verdict(cx, body)

        return call.read(look)

    del city
    return api


def _issued(cx: sqlite3.Connection, call: Call, order: str) -> Mapping[str, Any]:
    row = cx.execute(
        "SELECT o.*, f.payee_zh, f.payee_en, f.ebill FROM payment_order o JOIN order_fee f ON f.payment_order = o.id"
        " WHERE o.id = ? AND o.kiosk = ?",
        (order, call.kiosk),
    ).fetchone()
    if row is None or not row["ebill"]:
        raise Refusal("not-found", "no fiscal e-bill belongs to this order")
    if row["state"] != "PAID":
        raise Refusal("payment-required", f"the order is {row['state']}")
    query = "SELECT * FROM ebill WHERE payment_order = ?"
    made = cx.execute(query, (order,)).fetchone()
    if made is None:
        code = f"{DIVISION}{CLASS}{KIND}{call.city.now():%y}"
        number = f"{count(cx, f'ebill:{code}'):010d}"
        check = hashlib.sha256(f"ebill|{code}|{number}|{row['fen']}".encode()).hexdigest()[:6]
        day = call.city.now().date().isoformat()
        cx.execute("INSERT INTO ebill VALUES (?, ?, ?, ?, ?, ?)", (code, number, check, order, day, row["fen"]))
        made = cx.execute(query, (order,)).fetchone()
    yuan = f"{made['fen'] // 100}.{made['fen'] % 100:02d}"
    return {
        "code": made["code"],
        "number": made["number"],
        "check": made["check_code"],
        "day": made["day"],
        "fen": made["fen"],
        "payee": {"zh": row["payee_zh"], "en": row["payee_en"]},
        "text": ",".join(("WHB1", made["code"], made["number"], made["check_code"], made["day"], yuan)),
    }


def verdict(cx: sqlite3.Connection, claim: EBillClaim) -> Mapping[str, Any]:
    """An EBillVerdict of the contract; who was paid and how much is told of a genuine one only."""
    row = cx.execute(
        "SELECT e.*, o.state, f.payee_zh, f.payee_en FROM ebill e JOIN payment_order o ON o.id = e.payment_order"
        " JOIN order_fee f ON f.payment_order = o.id WHERE e.code = ? AND e.number = ?",
        (claim.code, claim.number),
    ).fetchone()
    if row is None:
        return {"state": "unknown", "payee": NOBODY, "fen": 0}
    said = (claim.check.lower(), claim.day, row["fen"] if claim.fen is None else claim.fen)
    if said != (row["check_code"], row["day"], row["fen"]):
        return {"state": "differs", "payee": NOBODY, "fen": 0}
    state = "genuine" if row["state"] == "PAID" else "reversed"
    return {"state": state, "payee": {"zh": row["payee_zh"], "en": row["payee_en"]}, "fen": row["fen"]}
