"""Courier: one open order for the result of a case, and how far the parcel is."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City
from simulator.platform.models import Id
from simulator.platform.problems import Refusal
from simulator.platform.store import count

SCHEMA = """
CREATE TABLE IF NOT EXISTS delivery(
    id TEXT PRIMARY KEY, case_no TEXT NOT NULL UNIQUE, citizen TEXT NOT NULL, receiver TEXT NOT NULL,
    phone TEXT NOT NULL, addr TEXT NOT NULL, pay_by TEXT NOT NULL, waybill TEXT NOT NULL UNIQUE,
    events TEXT NOT NULL, at TEXT NOT NULL);
"""
STATES = ("ORDERED", "PICKED_UP", "ON_THE_WAY", "OUT_FOR_DELIVERY", "DELIVERED")


class Moved(BaseModel):
    """QA moves a parcel on."""

    model_config = ConfigDict(extra="forbid")

    waybill: str = ""


def router(city: City) -> APIRouter:
    """`GET /deliveries/{delivery}`; orders come as applications (`order`)."""
    api = APIRouter()

    @api.get("/deliveries/{delivery}")
    async def delivery(delivery: Id, call: CallDep) -> Reply:
        return call.read(lambda cx: _delivery(cx, delivery))

    del city
    return api


def desk(city: City) -> APIRouter:
    """`POST /sim/parcel {"waybill": ""}`: the parcel (the newest) goes one stage further."""
    api = APIRouter(prefix="/sim")

    @api.post("/parcel")
    async def move(moved: Moved) -> dict[str, Any]:
        with city.store.transaction() as cx:
            row = cx.execute(
                "SELECT * FROM delivery WHERE ? IN ('', waybill) ORDER BY rowid DESC LIMIT 1", (moved.waybill,)
            ).fetchone()
            if row is None:
                raise Refusal("not-found", "no such parcel")
            events = [*json.loads(row["events"]), city.stamp()][: len(STATES) - 1]
            cx.execute("UPDATE delivery SET events = ? WHERE id = ?", (json.dumps(events), row["id"]))
            return {"waybill": row["waybill"], "state": STATES[len(events)]}

    return api


def order(cx: sqlite3.Connection, call: Call, form: Mapping[str, str], number: str, citizen: str) -> None:
    """The courier order of an application, or a refusal: no such case of this citizen, or one is open already."""
    case = form["case_no"].replace(" ", "")
    row = cx.execute("SELECT citizen FROM application WHERE number = ? AND number <> ?", (case, number)).fetchone()
    if row is None or row["citizen"] != citizen:
        raise Refusal("case-not-found")
    waybill = f"EW{count(cx, 'waybill'):09d}CN"
    values = (number, case, citizen, form["receiver"], form["phone"], form["addr"], form["pay_by"], waybill, "[]")
    try:
        cx.execute("INSERT INTO delivery VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*values, call.city.stamp()))
    except sqlite3.IntegrityError:
        raise Refusal("delivery-exists") from None


def _delivery(cx: sqlite3.Connection, name: str) -> Mapping[str, Any]:
    row = cx.execute("SELECT * FROM delivery WHERE ? IN (id, case_no)", (name,)).fetchone()
    if row is None:
        raise Refusal("not-found", "no such courier order")
    return {
        "id": row["id"],
        "case": row["case_no"],
        "waybill": row["waybill"],
        "state": STATES[min(len(json.loads(row["events"])), len(STATES) - 1)],
        "pay_by": row["pay_by"],
        "at": row["at"],
    }
