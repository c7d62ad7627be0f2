"""Drafts: begun at one terminal, changed under If-Match, kept for a week when the person asks, checked as a whole."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from simulator.platform import handed_in, uploads
from simulator.platform.applying_models import DraftChange, DraftNew, MaterialRef
from simulator.platform.assurance import acting_for, current
from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City, new_id
from simulator.platform.models import Id, Nothing, ServiceId
from simulator.platform.problems import Flaw, Refusal

SCHEMA = """
CREATE TABLE IF NOT EXISTS draft(
    id TEXT PRIMARY KEY, citizen TEXT NOT NULL, service TEXT NOT NULL, session TEXT NOT NULL, version INTEGER NOT NULL,
    form TEXT NOT NULL, materials TEXT NOT NULL, kept INTEGER NOT NULL, saved_at TEXT NOT NULL,
    expires_at TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS draft_of ON draft(citizen, service);
"""
KEPT_DAYS = 7
WORKING_S = 2 * 3600
_TAG = re.compile(r'"([0-9]{1,9})"', re.ASCII)


class Wish(BaseModel):
    """What the next pre-checks find wrong with a material; "" nothing."""

    model_config = ConfigDict(extra="forbid")

    material: Annotated[int, Field(ge=0, le=29)]
    code: Literal["", "blurred", "wrong-side", "expired", "other-person"]


def router(city: City) -> APIRouter:
    """Endpoints of drafts."""
    api = APIRouter()

    @api.post("/drafts")
    async def start(body: DraftNew, call: CallDep) -> Reply:
        return _tagged(call.once(201, lambda cx: _start(cx, call, body)))

    @api.get("/drafts")
    async def mine(call: CallDep, service: Annotated[ServiceId | None, Query()] = None) -> Reply:
        return call.read(lambda cx: {"items": [_shown(r) for r in _kept(cx, call, service)]})

    @api.get("/drafts/{draft}")
    async def read(draft: Id, call: CallDep) -> Reply:
        return _tagged(call.read(lambda cx: _shown(own(cx, call, draft))))

    @api.patch("/drafts/{draft}")
    async def change(draft: Id, body: DraftChange, if_match: Annotated[str, Header()], call: CallDep) -> Reply:
        return _tagged(call.once(200, lambda cx: _change(cx, call, draft, body, if_match)))

    @api.delete("/drafts/{draft}", status_code=204)
    async def drop(draft: Id, call: CallDep) -> Response:
        with city.store.transaction() as cx:
            citizen = _citizen(cx, call)
            cx.execute("DELETE FROM draft WHERE id = ? AND citizen = ?", (draft, citizen))
        return Response(status_code=204)

    @api.post("/drafts/{draft}:precheck")
    async def precheck(draft: Id, body: Nothing, call: CallDep) -> Reply:
        del body
        return call.read(lambda cx: _precheck(cx, call, draft))

    return api


def desk(city: City) -> APIRouter:
    """`POST /sim/precheck`: a material is found blurred, the wrong side, expired, somebody else's."""
    api = APIRouter(prefix="/sim")

    @api.post("/precheck")
    async def wish(body: Wish) -> dict[str, str]:
        key = f"precheck:{body.material}"
        if body.code:
            city.wishes[key] = body.code
        else:
            city.wishes.pop(key, None)
        return {"code": body.code}

    return api


def _tagged(reply: Reply) -> Reply:
    reply.headers["ETag"] = f'"{json.loads(bytes(reply.body))["version"]}"'
    return reply


def _citizen(cx: sqlite3.Connection, call: Call) -> str:
    session = current(cx, call, call.session)
    if session["level"] < "A2" or not session["number"]:
        raise Refusal("assurance-too-low", "drafts belong to a proven person")
    return str(session["number"])


def own(cx: sqlite3.Connection, call: Call, draft: str) -> sqlite3.Row:
    """A draft of the session's person that has not run out, or a refusal."""
    row = cx.execute(
        "SELECT * FROM draft WHERE id = ? AND citizen = ? AND expires_at > ?",
        (draft, _citizen(cx, call), call.city.stamp()),
    ).fetchone()
    if row is None:
        raise Refusal("not-found")
    return row  # type: ignore[no-any-return]  # sqlite3 types fetchone as Any


def _kept(cx: sqlite3.Connection, call: Call, service: str | None) -> list[sqlite3.Row]:
    query = "SELECT * FROM draft WHERE citizen = ? AND kept = 1 AND expires_at > ? AND (? IS NULL OR service = ?)"
    values = (_citizen(cx, call), call.city.stamp(), service, service)
    return cx.execute(f"{query} ORDER BY saved_at DESC, id LIMIT 20", values).fetchall()


def _start(cx: sqlite3.Connection, call: Call, new: DraftNew) -> Mapping[str, Any]:
    service, citizen = call.city.service(new.service), _citizen(cx, call)
    if "submit" not in service.steps:
        raise Refusal("item-not-available", "this service takes no applications")
    handed_in.check_grades(service, new.materials)
    cx.execute("DELETE FROM draft WHERE expires_at <= ?", (call.city.stamp(),))
    cx.execute("DELETE FROM draft WHERE citizen = ? AND service = ?", (citizen, service.id))
    draft = new_id("drf")
    values = (draft, citizen, service.id, call.session, 0, "{}", "[]", 0, "", "")
    cx.execute(f"INSERT INTO draft VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608 - question marks
    return _write(cx, call, draft, new)


def _change(cx: sqlite3.Connection, call: Call, draft: str, change: DraftChange, tag: str) -> Mapping[str, Any]:
    row = own(cx, call, draft)
    wanted = _TAG.fullmatch(tag)
    if wanted is None:
        raise Refusal("validation", "If-Match", [Flaw("/header/if-match", "header", "not an entity tag of a draft")])
    if int(wanted[1]) != row["version"]:
        raise Refusal("version-conflict", f"the draft is at version {row['version']}")
    handed_in.check_grades(call.city.service(row["service"]), change.materials)
    return _write(cx, call, draft, change)


def _write(cx: sqlite3.Connection, call: Call, draft: str, change: DraftChange) -> Mapping[str, Any]:
    until = call.city.stamp(KEPT_DAYS * 86_400 if change.keep else WORKING_S)
    form = json.dumps(change.form, ensure_ascii=False)
    cx.execute(
        "UPDATE draft SET version = version + 1, form = ?, materials = ?, kept = ?, saved_at = ?, expires_at = ?"
        " WHERE id = ?",
        (form, handed_in.dumped(change.materials), change.keep, call.city.stamp(), until, draft),
    )
    if change.keep:
        uploads.keep(cx, [ref for m in change.materials if m.source in ("scan", "photo") for ref in m.refs])
    return _shown(cx.execute("SELECT * FROM draft WHERE id = ?", (draft,)).fetchone())


def materials_of(row: sqlite3.Row) -> list[MaterialRef]:
    """The references that a draft keeps."""
    return [MaterialRef.model_validate(ref) for ref in json.loads(row["materials"])]


def _precheck(cx: sqlite3.Connection, call: Call, draft: str) -> Mapping[str, Any]:
    row = own(cx, call, draft)
    service = call.city.service(row["service"])
    agent = acting_for(cx, call.session) is not None
    form, handed = json.loads(row["form"]), materials_of(row)
    found = handed_in.troubles(cx, call.city, service, row["citizen"], form, handed, agent=agent)
    return {"problems": [{"code": t.code, "material": t.material, "field": t.field} for t in found[:100]]}


def _shown(row: sqlite3.Row) -> Mapping[str, Any]:
    return {
        "id": row["id"],
        "service": row["service"],
        "version": row["version"],
        "form": json.loads(row["form"]),
        "materials": json.loads(row["materials"]),
        "kept": bool(row["kept"]),
        "saved_at": row["saved_at"],
        "expires_at": row["expires_at"],
    }
