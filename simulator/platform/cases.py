"""What a terminal asks about cases: the person's own, one by its number, its events; strangers see no reasons."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from config.supervision import Light, worst
from simulator.platform import bundles, casefile
from simulator.platform.assurance import current
from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City
from simulator.platform.problems import Refusal

SCHEMA = casefile.SCHEMA + bundles.SCHEMA
MOST_EVENTS = 200
FileNumber = Annotated[str, Path(pattern=r"^[0-9]{16}([0-9]{2})?$", max_length=18)]
Cursor = Annotated[str | None, Query(pattern=r"^[0-9]{16}([0-9]{2})?$", max_length=18)]
NO_STEP = {"zh": "", "en": ""}


def router(city: City) -> APIRouter:
    """Endpoints of cases."""
    api = APIRouter()

    @api.get("/cases")
    async def mine(call: CallDep, limit: Annotated[int, Query(ge=1, le=50)] = 50, cursor: Cursor = None) -> Reply:
        return call.read(lambda cx: _mine(cx, call, limit, cursor))

    @api.get("/cases/{number}")
    async def one(number: FileNumber, call: CallDep) -> Reply:
        return call.read(lambda cx: _case(cx, call, found(cx, city, number)))

    @api.get("/cases/{number}/timeline")
    async def timeline(number: FileNumber, call: CallDep) -> Reply:
        return call.read(lambda cx: _timeline(cx, call, found(cx, city, number)))

    return api


def found(cx: sqlite3.Connection, city: City, number: str) -> sqlite3.Row:
    """The file with this number, as its application says that it stands, or a refusal."""
    row = casefile.file_of(cx, number)
    if row is None:
        raise Refusal("not-found", "no such case")
    if row["part"]:
        return row
    told = cx.execute("SELECT state FROM application WHERE number = ?", (number,)).fetchone()
    if told is not None and told["state"] != _as_application(row["state"]):
        # Supplements and withdrawals are taken in by their own area; the clock starts again, or the case is over.
        casefile.set_state(cx, city, row, told["state"])
        row = casefile.file_of(cx, number)
        assert row is not None
    return row


def _as_application(state: str) -> str:
    return {"PAUSED": "IN_PROGRESS", "WAITING": "ACCEPTED"}.get(state, state)


def _person(cx: sqlite3.Connection, call: Call) -> str:
    """The number of the person in the session; "" without a session, or before somebody was proven."""
    if not call.session:
        return ""
    row = cx.execute("SELECT * FROM session WHERE id = ? AND kiosk = ?", (call.session, call.kiosk)).fetchone()
    alive = row is not None and not row["closed"] and row["expires_at"] >= call.city.stamp()
    return str(row["number"] or "") if alive and row["level"] >= "A1" else ""


def _mine(cx: sqlite3.Connection, call: Call, limit: int, cursor: str | None) -> Mapping[str, Any]:
    session = current(cx, call, call.session)
    if session["level"] < "A1" or not session["number"]:
        raise Refusal("assurance-too-low")
    rows = cx.execute(
        "SELECT number FROM casefile WHERE citizen = ? AND part = 0 AND (? IS NULL OR number < ?)"
        " ORDER BY number DESC LIMIT ?",
        (session["number"], cursor, cursor, limit + 1),
    ).fetchall()
    page = rows[:limit]
    return {
        "items": [_case(cx, call, found(cx, call.city, row["number"])) for row in page],
        "next_cursor": page[-1]["number"] if len(rows) > limit else None,
    }


def _case(cx: sqlite3.Connection, call: Call, row: sqlite3.Row) -> Mapping[str, Any]:
    city = call.city
    service = city.catalogue.services[row["service"]]
    mine = bool(row["citizen"]) and row["citizen"] == _person(cx, call)
    parts = [_case(cx, call, part) for part in casefile.parts_of(cx, row["number"])] if not row["part"] else []
    over = row["state"] in casefile.OVER
    lights: list[Light] = [part["light"] for part in parts] or [casefile.light_of(cx, city, row)]
    return {
        "number": row["number"],
        "service": row["service"],
        "name": {"zh": service.name.zh, "en": service.name.en},
        "department": {"zh": service.authority.zh, "en": service.authority.en},
        "state": row["state"],
        "why": row["why"] if mine else "",
        "step": NO_STEP if over else _step(row["step"]),
        "light": "green" if over else worst(lights),
        "accepted_at": row["accepted_at"],
        "promise_date": row["promise_date"],
        "promise_estimated": bool(row["estimated"]),
        "mine": mine,
        "back_fen": row["back_fen"] if mine else 0,
        "parts": parts,
    }


def _step(key: str) -> Mapping[str, str]:
    return next(({"zh": s.zh, "en": s.en} for s in casefile.stages() if s.key == key), NO_STEP)


def _timeline(cx: sqlite3.Connection, call: Call, row: sqlite3.Row) -> Mapping[str, Any]:
    shown = _case(cx, call, row)
    numbers = [row["number"], *(part["number"] for part in shown["parts"])]
    marks = ", ".join("?" * len(numbers))
    rows = cx.execute(
        f"SELECT * FROM case_event WHERE number IN ({marks}) ORDER BY id DESC LIMIT ?",  # noqa: S608 - question marks
        (*numbers, MOST_EVENTS),
    ).fetchall()
    events = [
        {
            "number": e["number"],
            "at": e["at"],
            "kind": e["kind"],
            "step": _step(e["step"]),
            "why": e["why"] if shown["mine"] else "",
        }
        for e in reversed(rows)
    ]
    return {"number": row["number"], "light": shown["light"], "events": events}
