"""The equal other ways to a live person: a number picked in the app, or an officer who looks. Both are answers to wait
for; a phone that signs in by the terminal's code (`handoffs`) answers a match too."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter

from simulator.platform.assurance import agreed, current, lifted
from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City, new_id
from simulator.platform.identity_models import CheckRequest
from simulator.platform.models import Id, Opening
from simulator.platform.problems import Refusal

MATCH_S = 120
CHECK_S = 300

SCHEMA = """
CREATE TABLE IF NOT EXISTS officer_check(
    id TEXT PRIMARY KEY, session TEXT NOT NULL, service TEXT NOT NULL, state TEXT NOT NULL, expires_at TEXT NOT NULL);
"""


def router(city: City) -> APIRouter:
    """Endpoints of app matches and officer checks."""
    api = APIRouter()

    @api.post("/sessions/{session}/app-matches")
    async def start_match(session: Id, body: Opening, call: CallDep) -> Reply:
        del body
        return call.once(201, lambda cx: _start_match(cx, call, session))

    @api.get("/sessions/{session}/app-matches/{match}")
    async def match_state(session: Id, match: Id, call: CallDep) -> Reply:
        return call.read(lambda cx: _match(cx, call, session, match))

    @api.post("/sessions/{session}/officer-checks")
    async def start_check(session: Id, body: CheckRequest, call: CallDep) -> Reply:
        return call.once(201, lambda cx: _start_check(cx, call, session, body))

    @api.get("/sessions/{session}/officer-checks/{check}")
    async def check_state(session: Id, check: Id, call: CallDep) -> Reply:
        return call.read(lambda cx: _check(cx, call, session, check))

    del city
    return api


def _known(cx: sqlite3.Connection, call: Call, session: str) -> sqlite3.Row:
    """The session, if it says who somebody is or wants to be: the others confirm exactly that."""
    row = current(cx, call, session)
    if not row["number"]:
        raise Refusal("assurance-too-low", "there is nobody to confirm: no card, no code, no number")
    return row


def _start_match(cx: sqlite3.Connection, call: Call, session: str) -> Mapping[str, Any]:
    _known(cx, call, session)
    match = new_id("apm")
    cx.execute(
        "INSERT INTO app_match VALUES (?, ?, ?, 'waiting', ?)",
        (match, session, two_digits(), call.city.stamp(MATCH_S)),
    )
    return _match(cx, call, session, match)


def _match(cx: sqlite3.Connection, call: Call, session: str, match: str) -> Mapping[str, Any]:
    current(cx, call, session)
    row = cx.execute("SELECT * FROM app_match WHERE id = ? AND session = ?", (match, session)).fetchone()
    if row is None:
        raise Refusal("not-found")
    return {"id": match, "number": row["number"], "state": state_of(call.city, row), "expires_at": row["expires_at"]}


def answer_match(city: City, match: str, *, confirm: bool) -> str:
    """What the citizen does in the app; gives the match's state. Refuses when it does not wait (any more)."""
    return _answered(city, "app_match", match, confirm=confirm)


def _start_check(cx: sqlite3.Connection, call: Call, session: str, asked: CheckRequest) -> Mapping[str, Any]:
    row = _known(cx, call, session)
    call.city.service(asked.service)
    agreed(cx, row["id"], [asked.consent], of="officer")
    check = new_id("ofc")
    cx.execute(
        "INSERT INTO officer_check VALUES (?, ?, ?, 'waiting', ?)",
        (check, session, asked.service, call.city.stamp(CHECK_S)),
    )
    return _check(cx, call, session, check)


def _check(cx: sqlite3.Connection, call: Call, session: str, check: str) -> Mapping[str, Any]:
    current(cx, call, session)
    row = cx.execute("SELECT * FROM officer_check WHERE id = ? AND session = ?", (check, session)).fetchone()
    if row is None:
        raise Refusal("not-found")
    return {"id": check, "state": state_of(call.city, row), "expires_at": row["expires_at"]}


def answer_check(city: City, check: str, *, confirm: bool) -> str:
    """What the officer says; gives the check's state. Refuses when it does not wait (any more)."""
    return _answered(city, "officer_check", check, confirm=confirm)


def two_digits() -> str:
    """A number to pick."""
    return f"{10 + secrets.randbelow(90)}"


def state_of(city: City, row: sqlite3.Row) -> str:
    """The state as it is now: what waited too long is expired."""
    return "expired" if row["state"] in ("waiting", "scanned") and row["expires_at"] < city.stamp() else row["state"]


def _answered(city: City, table: str, answered: str, *, confirm: bool) -> str:
    with city.store.transaction() as cx:
        row = cx.execute(f"SELECT * FROM {table} WHERE id = ?", (answered,)).fetchone()  # noqa: S608 - one of two names of ours
        if row is None:
            raise Refusal("not-found")
        if state_of(city, row) != "waiting":
            raise Refusal("item-not-available", "it does not wait for an answer")
        state = "confirmed" if confirm else "refused"
        cx.execute(f"UPDATE {table} SET state = ? WHERE id = ?", (state, answered))  # noqa: S608 - as above
        session = cx.execute("SELECT * FROM session WHERE id = ?", (row["session"],)).fetchone()
        if confirm and session["number"] and not session["closed"]:
            lifted(cx, session)
        return state
