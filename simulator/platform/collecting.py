"""Collecting from the issuing cabinet: what lies ready for whom, behind which door, and that it was taken."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from simulator.platform.assurance import current, proven
from simulator.platform.bookings import Empty
from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City, new_id
from simulator.platform.models import ConsentIds, Id, Sent, ServiceId
from simulator.platform.problems import Refusal
from simulator.platform.records.answer import Dice

SCHEMA = """
CREATE TABLE IF NOT EXISTS collection(
    id TEXT PRIMARY KEY, citizen TEXT NOT NULL, service TEXT NOT NULL, accept_no TEXT NOT NULL, door TEXT NOT NULL,
    state TEXT NOT NULL, opened_at TEXT, taken_at TEXT, kiosk TEXT, UNIQUE (service, accept_no));
"""
WISH = "collecting"
TAKEN_AFTER_S = 4
"""A hand that reaches into the compartment takes so long."""
PLACE = {"zh": "本机右侧取证柜", "en": "the cabinet to the right of this terminal"}


class Asked(Sent):
    """Whether something lies ready."""

    service: ServiceId
    accept_no: Annotated[str, Field(min_length=1, max_length=60)]
    consents: ConsentIds


class Wish(BaseModel):
    """By rule; always ready; not ready; the door does not open; nobody takes it out."""

    model_config = ConfigDict(extra="forbid")

    cabinet: Literal["rule", "ready", "not-ready", "stuck", "left"] = "rule"


def router(city: City) -> APIRouter:
    """Endpoints of collecting."""
    api = APIRouter()

    @api.post("/collections")
    async def find(body: Asked, call: CallDep) -> Reply:
        return call.read(lambda cx: _find(cx, call, body))

    @api.get("/collections/{collection}")
    async def state(collection: Id, call: CallDep) -> Reply:
        return call.read(lambda cx: _shown(call, _now(cx, call, _here(cx, call, collection))))

    @api.post("/collections/{collection}/openings")
    async def open_door(collection: Id, body: Empty, call: CallDep) -> Reply:
        del body
        return call.once(201, lambda cx: _open(cx, call, collection))

    del city
    return api


def desk(city: City) -> APIRouter:
    """`POST /sim/cabinet {"cabinet": "stuck"}`: how the issuing cabinet behaves from now on."""
    api = APIRouter(prefix="/sim")

    @api.post("/cabinet")
    async def wish(body: Wish) -> dict[str, str]:
        city.wishes[WISH] = body.cabinet
        return {"cabinet": body.cabinet}

    return api


def _find(cx: sqlite3.Connection, call: Call, asked: Asked) -> Mapping[str, Any]:
    service = call.city.service(asked.service)
    if "collect" not in service.steps:
        raise Refusal("item-not-available", "nothing is collected with this item")
    citizen = proven(cx, call, service, asked.consents)["number"]
    number = asked.accept_no.replace(" ", "")
    row = cx.execute("SELECT * FROM collection WHERE service = ? AND accept_no = ?", (service.id, number)).fetchone()
    if row is None:
        dice = Dice(f"{service.id}|{number}")
        ready = not dice.one_in(4)
        ready = {"ready": True, "not-ready": False}.get(call.city.wishes.get(WISH, ""), ready)
        door = f"{dice.pick('ABC')}{dice.between(1, 24):02d}" if ready else ""
        state = "READY" if ready else "NOT_READY"
        values = (new_id("col"), citizen, service.id, number, door, state)
        cx.execute("INSERT INTO collection VALUES (?, ?, ?, ?, ?, ?, NULL, NULL, NULL)", values)
        row = cx.execute("SELECT * FROM collection WHERE id = ?", (values[0],)).fetchone()
    if row["citizen"] != citizen:
        raise Refusal("case-not-found")
    return _shown(call, row)


def _here(cx: sqlite3.Connection, call: Call, collection: str) -> sqlite3.Row:
    """The collection that this terminal opened, or that nobody has; or a refusal."""
    row = cx.execute(
        "SELECT * FROM collection WHERE id = ?1 AND coalesce(kiosk, ?2) = ?2", (collection, call.kiosk)
    ).fetchone()
    if row is None:
        raise Refusal("not-found", "no such collection")
    return row  # type: ignore[no-any-return]  # sqlite3 types fetchone as Any


def _now(cx: sqlite3.Connection, call: Call, row: sqlite3.Row) -> sqlite3.Row:
    """The collection as it stands: taken when its time has come."""
    if row["state"] != "OPEN" or call.city.wishes.get(WISH) == "left":
        return row
    if call.city.now() - datetime.fromisoformat(row["opened_at"]) < timedelta(seconds=TAKEN_AFTER_S):
        return row
    cx.execute("UPDATE collection SET state = 'TAKEN', taken_at = ? WHERE id = ?", (call.city.stamp(), row["id"]))
    return _here(cx, call, row["id"])


def _open(cx: sqlite3.Connection, call: Call, collection: str) -> Mapping[str, Any]:
    person = current(cx, call, call.session)
    row = _now(cx, call, _here(cx, call, collection))
    if not person["number"] or row["citizen"] != person["number"]:
        raise Refusal("not-found", "no such collection")
    if row["state"] in ("NOT_READY", "TAKEN"):
        raise Refusal("not-ready", f"it is {row['state']}")
    state = "STUCK" if call.city.wishes.get(WISH) == "stuck" else "OPEN"
    cx.execute(
        "UPDATE collection SET state = ?, opened_at = ?, kiosk = ? WHERE id = ?",
        (state, call.city.stamp(), call.kiosk, row["id"]),
    )
    return _shown(call, cx.execute("SELECT * FROM collection WHERE id = ?", (collection,)).fetchone())


def _shown(call: Call, row: sqlite3.Row) -> Mapping[str, Any]:
    name = call.city.catalogue.services[row["service"]].name
    ready_on = None
    if row["state"] == "NOT_READY":
        ready_on = (call.city.now().date() + timedelta(days=5)).isoformat()
    return {
        "id": row["id"],
        "state": row["state"],
        "document": {"zh": name.zh[:120], "en": name.en[:160]},
        "place": PLACE,
        "door": row["door"],
        "ready_on": ready_on,
    }
