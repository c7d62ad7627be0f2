"""Rows of payment orders: found, brought up to date with the payers' services, shown."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from simulator.platform.call import Call
from simulator.platform.payers import Payers
from simulator.platform.problems import Refusal

_REFUNDED = frozenset({"REFUNDING", "REFUNDED"})


def of(cx: sqlite3.Connection, call: Call, column: str, value: str) -> list[sqlite3.Row]:
    """Orders of this terminal by `id` or `intent`, after closing one that nobody has begun to pay in its time."""
    assert column in ("id", "intent")
    mine = f"kiosk = ? AND {column} = ?"  # a column name of ours, see the assertion
    cx.execute(
        f"UPDATE payment_order SET state = 'CLOSED' WHERE {mine} AND state = 'CREATED' AND expires_at < ?",  # noqa: S608 - as above
        (call.kiosk, value, call.city.stamp()),
    )
    return cx.execute(f"SELECT * FROM payment_order WHERE {mine}", (call.kiosk, value)).fetchall()  # noqa: S608 - as above


def one(cx: sqlite3.Connection, call: Call, payers: Payers, order: str) -> sqlite3.Row:
    """The order as it stands now, or a refusal."""
    rows = of(cx, call, "id", order)
    if not rows:
        raise Refusal("not-found")
    return sync(cx, call, payers, rows[0])


def sync(cx: sqlite3.Connection, call: Call, payers: Payers, row: sqlite3.Row) -> sqlite3.Row:
    """Take over what the payers' services say; a shown code that nobody scanned in its time is closed."""
    order = row["id"]
    known = payers.look(cx, order)
    if known is not None and known[0] == "WAITING" and row["expires_at"] < call.city.stamp():
        payers.close(cx, order)
        known = payers.look(cx, order)
    if known is None or row["state"] in _REFUNDED:
        return row
    cx.execute("UPDATE payment_order SET state = ? WHERE id = ?", (known[0], order))
    found: sqlite3.Row = cx.execute("SELECT * FROM payment_order WHERE id = ?", (order,)).fetchone()
    return found


def shown(cx: sqlite3.Connection, call: Call, row: sqlite3.Row) -> Mapping[str, Any]:
    """A PaymentOrder of the contract."""
    fee = call.city.service(row["service"]).fee
    named = cx.execute("SELECT * FROM order_fee WHERE payment_order = ?", (row["id"],)).fetchone()
    title = {"zh": named["title_zh"], "en": named["title_en"]} if named else {"zh": fee.title.zh, "en": fee.title.en}
    payee = {"zh": named["payee_zh"], "en": named["payee_en"]} if named else {"zh": fee.payee.zh, "en": fee.payee.en}
    paying = cx.execute("SELECT method, provider, cause FROM payer_order WHERE id = ?", (row["id"],)).fetchone()
    return {
        "id": row["id"],
        "intent": row["intent"],
        "service": row["service"],
        "fen": row["fen"],
        "currency": "CNY",
        "title": title,
        "basis": {"zh": fee.basis.zh, "en": fee.basis.en},
        "payee": payee,
        "expires_at": row["expires_at"],
        "state": row["state"],
        "method": paying["method"] if paying else "",
        "provider": paying["provider"] if paying else "",
        "cause": paying["cause"] if paying and row["state"] == "FAILED" else "",
    }
