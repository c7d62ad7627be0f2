"""A session taken from the phone or given to it, by a code that is shown once.

take: the terminal shows a code, the app scans it (A1) and its holder picks the terminal's number (A3).
give: the app scans it and goes on there; the terminal's part of the session is over.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter

from simulator.people import Citizen
from simulator.platform.app_codes import link
from simulator.platform.assurance import current, lifted, masked, too_low
from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City, new_id
from simulator.platform.identity_models import HandoffRequest
from simulator.platform.matches import state_of, two_digits
from simulator.platform.models import Id
from simulator.platform.problems import Refusal
from simulator.platform.signing import pseudonym

PREFIX = "WHS1."
HANDOFF_S = 120
PHONE = "PHONE"
"""Stands for the terminal in a session that went on on a phone."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS handoff(
    id TEXT PRIMARY KEY, session TEXT NOT NULL, kiosk TEXT NOT NULL, direction TEXT NOT NULL, code TEXT NOT NULL UNIQUE,
    number TEXT NOT NULL, state TEXT NOT NULL, citizen TEXT NOT NULL DEFAULT '', expires_at TEXT NOT NULL);
"""


def router(city: City) -> APIRouter:
    """`/sessions/{session}/handoff`."""
    api = APIRouter()

    @api.post("/sessions/{session}/handoff")
    async def start(session: Id, body: HandoffRequest, call: CallDep) -> Reply:
        return call.once(201, lambda cx: _start(cx, call, session, body))

    @api.get("/sessions/{session}/handoff/{handoff}")
    async def state(session: Id, handoff: Id, call: CallDep) -> Reply:
        return call.read(lambda cx: _state(cx, call, session, handoff))

    del city
    return api


def _start(cx: sqlite3.Connection, call: Call, session: str, asked: HandoffRequest) -> Mapping[str, Any]:
    row = current(cx, call, session)
    if asked.direction == "give" and row["level"] < "A2":
        raise too_low(row["level"], "A2")
    handoff, code = new_id("hof"), f"{PREFIX}{secrets.token_urlsafe(18)}"
    cx.execute(
        "INSERT INTO handoff (id, session, kiosk, direction, code, number, state, expires_at)"
        " VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?)",
        (handoff, session, call.kiosk, asked.direction, code, two_digits(), call.city.stamp(HANDOFF_S)),
    )
    return _shown(cx, call.city, handoff)


def _state(cx: sqlite3.Connection, call: Call, session: str, handoff: str) -> Mapping[str, Any]:
    """How it stands; the terminal that began it may ask although its own session is over."""
    query = "SELECT 1 FROM handoff WHERE id = ? AND session = ? AND kiosk = ?"
    if cx.execute(query, (handoff, session, call.kiosk)).fetchone() is None:
        raise Refusal("not-found")
    return _shown(cx, call.city, handoff)


def _shown(cx: sqlite3.Connection, city: City, handoff: str) -> Mapping[str, Any]:
    row = cx.execute("SELECT * FROM handoff WHERE id = ?", (handoff,)).fetchone()
    session = cx.execute("SELECT * FROM session WHERE id = ?", (row["session"],)).fetchone()
    known = bool(session["number"])
    return {
        "id": row["id"],
        "direction": row["direction"],
        "code": row["code"],
        "number": row["number"],
        "state": state_of(city, row),
        "level": session["level"],
        "subject": pseudonym(session["number"]) if known else "",
        "name_masked": masked(session["name"]) if known else "",
        "expires_at": row["expires_at"],
    }


def scan(cx: sqlite3.Connection, city: City, who: Citizen, code: str) -> Mapping[str, str]:
    """The app scans `code` ("" is the newest that waits): its state and the number to pick. Refuses with the reason."""
    if code and not code.startswith(PREFIX):
        raise Refusal("code-unknown", "not a code of a terminal")
    query = "SELECT * FROM handoff WHERE code = ?" if code else "SELECT * FROM handoff ORDER BY rowid DESC LIMIT 1"
    row = cx.execute(query, (code,) if code else ()).fetchone()
    if row is None:
        raise Refusal("code-unknown")
    if row["state"] != "waiting":
        raise Refusal("code-used")
    if row["expires_at"] < city.stamp():
        raise Refusal("code-expired")
    session = cx.execute("SELECT * FROM session WHERE id = ?", (row["session"],)).fetchone()
    if session["closed"]:
        raise Refusal("session-expired")
    if session["number"] and session["number"] != who.number:
        raise Refusal("identity-mismatch", "another person stands at the terminal")
    if row["direction"] == "give":
        return _given(cx, city, row, session, who)
    cx.execute(
        "UPDATE session SET number = ?, name = ?, level = ? WHERE id = ?",
        (who.number, who.name, max(session["level"], "A1"), session["id"]),
    )
    link(cx, session["id"], who.number)
    cx.execute("UPDATE handoff SET state = 'scanned', citizen = ? WHERE id = ?", (who.number, row["id"]))
    return {"id": row["id"], "state": "scanned"}


def _given(
    cx: sqlite3.Connection, city: City, row: sqlite3.Row, session: sqlite3.Row, who: Citizen
) -> Mapping[str, str]:
    """The phone has the session now, at the level that was proven; the terminal's own is over."""
    there = new_id("ses")
    cx.execute(
        "INSERT INTO session (id, kiosk, level, number, name, card_kind, opened_at, expires_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (there, PHONE, session["level"], who.number, who.name, None, city.stamp(), session["expires_at"]),
    )
    link(cx, there, who.number)
    cx.execute("UPDATE session SET closed = 1 WHERE id = ?", (session["id"],))
    cx.execute("UPDATE handoff SET state = 'taken', citizen = ? WHERE id = ?", (who.number, row["id"]))
    return {"id": row["id"], "state": "taken"}


def pick(cx: sqlite3.Connection, city: City, who: Citizen, number: str) -> str:
    """Its holder picks a number in the app: the right one confirms, another one refuses. Gives the state."""
    row = cx.execute(
        "SELECT * FROM handoff WHERE citizen = ? AND state = 'scanned' ORDER BY rowid DESC LIMIT 1", (who.number,)
    ).fetchone()
    if row is None or state_of(city, row) != "scanned":
        raise Refusal("item-not-available", "no terminal waits for a number")
    state = "confirmed" if number == row["number"] else "refused"
    cx.execute("UPDATE handoff SET state = ? WHERE id = ?", (state, row["id"]))
    session = cx.execute("SELECT * FROM session WHERE id = ?", (row["session"],)).fetchone()
    if state == "confirmed" and not session["closed"]:
        lifted(cx, session)
    return state
