"""What happens to a case afterwards from a terminal: materials that the office asked for (补正), and withdrawal."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from simulator.platform import applications, handed_in
from simulator.platform.applying_models import CaseNumber, SupplementNew, Withdrawal
from simulator.platform.assurance import agreed, current
from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City
from simulator.platform.problems import Flaw, Refusal

SCHEMA = """
CREATE TABLE IF NOT EXISTS asked_for(
    number TEXT NOT NULL, material INTEGER NOT NULL, PRIMARY KEY (number, material)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS withdrawal(number TEXT PRIMARY KEY, reason TEXT NOT NULL, at TEXT NOT NULL) WITHOUT ROWID;
"""
OPEN = frozenset({"ACCEPTED", "IN_PROGRESS", "SUPPLEMENT"})


class Asked(BaseModel):
    """What the office asks for again."""

    model_config = ConfigDict(extra="forbid")

    materials: Annotated[list[Annotated[int, Field(ge=0, le=29)]], Field(min_length=1, max_length=30)]


def router(city: City) -> APIRouter:
    """Supplements and withdrawal."""
    api = APIRouter()

    @api.post("/applications/{number}/supplements")
    async def supplement(number: CaseNumber, body: SupplementNew, call: CallDep) -> Reply:
        return call.once(201, lambda cx: _supplement(cx, call, number, body))

    @api.post("/applications/{number}:withdraw")
    async def withdraw(number: CaseNumber, body: Withdrawal, call: CallDep) -> Reply:
        return call.once(200, lambda cx: _withdraw(cx, call, number, body))

    del city
    return api


def desk(city: City) -> APIRouter:
    """`POST /sim/applications/{number}/ask`: the office wants materials again."""
    api = APIRouter(prefix="/sim")

    @api.post("/applications/{number}/ask")
    async def ask(number: CaseNumber, body: Asked) -> dict[str, str]:
        with city.store.transaction() as cx:
            row = cx.execute("SELECT * FROM application WHERE number = ?", (number,)).fetchone()
            if row is None:
                raise Refusal("not-found")
            cx.executemany("INSERT OR REPLACE INTO asked_for VALUES (?, ?)", [(number, m) for m in body.materials])
            cx.execute("UPDATE application SET state = 'SUPPLEMENT' WHERE number = ?", (number,))
        return {"state": "SUPPLEMENT"}

    return api


def _own(cx: sqlite3.Connection, call: Call, number: str) -> sqlite3.Row:
    session = current(cx, call, call.session)
    if session["level"] < "A2" or not session["number"]:
        raise Refusal("assurance-too-low")
    row = cx.execute(
        "SELECT * FROM application WHERE number = ? AND citizen = ?", (number, session["number"])
    ).fetchone()
    if row is None:
        raise Refusal("not-found")
    return row  # type: ignore[no-any-return]  # sqlite3 types fetchone as Any


def _supplement(cx: sqlite3.Connection, call: Call, number: str, body: SupplementNew) -> Mapping[str, Any]:
    row = _own(cx, call, number)
    agreed(cx, call.session, body.consents)
    if row["state"] != "SUPPLEMENT":
        raise Refusal("item-not-available", "nothing was asked for")
    service = call.city.service(row["service"])
    handed_in.check_grades(service, body.materials)
    asked = {a["material"] for a in cx.execute("SELECT material FROM asked_for WHERE number = ?", (number,)).fetchall()}
    if {ref.material for ref in body.materials} != asked:
        raise Refusal("material-rejected", "not what was asked for", [Flaw("/body/materials", "missing", "not all")])
    found = [t for ref in body.materials for t in handed_in.troubles_of(cx, call.city, service, row["citizen"], ref)]
    handed_in.refuse(found)
    handed_in.archive(cx, number, row["citizen"], service, body.materials)
    cx.execute("DELETE FROM asked_for WHERE number = ?", (number,))
    cx.execute("UPDATE application SET state = 'IN_PROGRESS' WHERE number = ?", (number,))
    return applications.line(cx, _own(cx, call, number))


def _withdraw(cx: sqlite3.Connection, call: Call, number: str, body: Withdrawal) -> Mapping[str, Any]:
    row = _own(cx, call, number)
    if row["state"] not in OPEN:
        raise Refusal("item-not-available", f"the case is {row['state']}")
    cx.execute("INSERT INTO withdrawal VALUES (?, ?, ?)", (number, body.reason, call.city.stamp()))
    cx.execute("UPDATE application SET state = 'WITHDRAWN' WHERE number = ?", (number,))
    cx.execute("DELETE FROM asked_for WHERE number = ?", (number,))
    return applications.line(cx, _own(cx, call, number))
