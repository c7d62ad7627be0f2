"""The daily list of a terminal's orders, and what the terminal found when it compared, for the platform's clerk."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter

from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.models import Day, Differences
from simulator.platform.orders import shown, sync
from simulator.platform.payers import Payers

MOST = 2000
SCHEMA = """CREATE TABLE IF NOT EXISTS comparison(
    kiosk TEXT NOT NULL, day TEXT NOT NULL, body TEXT NOT NULL, at TEXT NOT NULL)"""


def router(payers: Payers) -> APIRouter:
    """`GET /settlements/{day}`, `POST /settlements/{day}/differences`."""
    api = APIRouter()

    @api.get("/settlements/{day}")
    async def get(day: Day, call: CallDep) -> Reply:
        return call.read(lambda cx: _list(cx, call, payers, day))

    @api.post("/settlements/{day}/differences")
    async def report(day: Day, body: Differences, call: CallDep) -> Reply:
        return call.once(200, lambda cx: _keep(cx, call, day, body))

    return api


def _list(cx: sqlite3.Connection, call: Call, payers: Payers, day: str) -> Mapping[str, Any]:
    rows = cx.execute(
        "SELECT * FROM payment_order WHERE kiosk = ? AND substr(at, 1, 10) = ? ORDER BY rowid LIMIT ?",
        (call.kiosk, day, MOST),
    ).fetchall()
    items = []
    for row in rows:
        order = shown(cx, call, sync(cx, call, payers, row))
        items.append({key: order[key] for key in ("id", "intent", "fen", "state", "method")})
    return {"day": day, "items": items}


def _keep(cx: sqlite3.Connection, call: Call, day: str, found: Differences) -> Mapping[str, Any]:
    text = json.dumps(found.model_dump(), sort_keys=True)
    cx.execute("INSERT INTO comparison VALUES (?, ?, ?, ?)", (call.kiosk, day, text, call.city.stamp()))
    return {"day": day, "received": len(found.items)}
