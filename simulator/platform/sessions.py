"""Sessions and what is proven in them: app code, card, typed number, live person, authority for an organisation."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Response

from simulator.platform import agencies, app_codes, registry
from simulator.platform.assurance import SCHEMA, agreed, close, current, lifted, proof, proven
from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City, new_id
from simulator.platform.identity_models import AgencyProof, AnyProof, CodeProof, NumberProof
from simulator.platform.matches import answer_match
from simulator.platform.models import CardProof, FaceProof, Id, Opening
from simulator.platform.problems import Refusal

__all__ = ["SCHEMA", "SESSION_S", "agreed", "answer_match", "current", "proven", "router"]

SESSION_S = 30 * 60


def router(city: City) -> APIRouter:
    """Endpoints of sessions and proofs."""
    api = APIRouter()

    @api.post("/sessions")
    async def open_session(body: Opening, call: CallDep) -> Reply:
        del body
        return call.once(201, lambda cx: _open(cx, call))

    @api.delete("/sessions/{session}", status_code=204)
    async def close_session(session: Id, call: CallDep) -> Response:
        with city.store.transaction() as cx:
            if cx.execute("SELECT 1 FROM session WHERE id = ? AND kiosk = ?", (session, call.kiosk)).fetchone():
                close(cx, session)
        return Response(status_code=204)

    @api.post("/sessions/{session}/proofs")
    async def prove(session: Id, body: AnyProof, call: CallDep) -> Reply:
        return call.once(201, lambda cx: _prove(cx, call, session, body))

    return api


def _open(cx: sqlite3.Connection, call: Call) -> Mapping[str, Any]:
    session, until = new_id("ses"), call.city.stamp(SESSION_S)
    cx.execute(
        "INSERT INTO session (id, kiosk, level, opened_at, expires_at) VALUES (?, ?, 'A0', ?, ?)",
        (session, call.kiosk, call.city.stamp(), until),
    )
    return {"id": session, "level": "A0", "expires_at": until}


def _prove(cx: sqlite3.Connection, call: Call, session: str, given: AnyProof) -> Mapping[str, Any]:
    row = current(cx, call, session)
    match given:
        case CardProof():
            return _card(cx, call, row, given)
        case FaceProof():
            return _face(cx, row, given)
        case CodeProof():
            return _code(cx, call, row, given)
        case NumberProof():
            return _number(cx, call, row, given)
        case AgencyProof():
            return agencies.prove(cx, call, row, given)


def _card(cx: sqlite3.Connection, call: Call, row: sqlite3.Row, given: CardProof) -> Mapping[str, Any]:
    service = call.city.service(given.service)
    who = registry.citizen(given.number)
    if who is None:
        raise Refusal("identity-not-found")
    if who.name != given.name or (row["number"] and row["number"] != given.number):
        raise Refusal("identity-mismatch")
    expired = given.valid_to is not None and given.valid_to < call.city.now().date().isoformat()
    if expired and not service.allows_expired_card:
        raise Refusal("card-expired")
    return _known(cx, row, max(row["level"], "A2"), who.number, given.card_kind)


def _face(cx: sqlite3.Connection, row: sqlite3.Row, given: FaceProof) -> Mapping[str, Any]:
    if row["level"] < "A2":
        raise Refusal("assurance-too-low", "a face proves nothing without a card")
    agreed(cx, row["id"], [given.consent], face=True)
    if given.verdict != "pass":
        raise Refusal("face-not-matched")
    return lifted(cx, row)


def _code(cx: sqlite3.Connection, call: Call, row: sqlite3.Row, given: CodeProof) -> Mapping[str, Any]:
    """The app's code was scanned: A1. The phone may end the session from now on."""
    number = app_codes.use(cx, call.city, given.code)
    if row["number"] and row["number"] != number:
        raise Refusal("identity-mismatch")
    app_codes.link(cx, row["id"], number)
    return _known(cx, row, max(row["level"], "A1"), number, row["card_kind"])


def _number(cx: sqlite3.Connection, call: Call, row: sqlite3.Row, given: NumberProof) -> Mapping[str, Any]:
    """A typed number says who somebody wants to be: it proves nothing by itself, another way has to follow."""
    if not call.city.service(given.service).without_card:
        raise Refusal("item-not-available", "this item wants the card itself")
    who = registry.citizen(given.number)
    if who is None:
        raise Refusal("identity-not-found")
    if row["number"] and row["number"] != who.number:
        raise Refusal("identity-mismatch")
    # Whose number it is is not said before it is proven: the mask is of the number's owner, not of who stands there.
    return {**_known(cx, row, row["level"], who.number, row["card_kind"]), "name_masked": ""}


def _known(
    cx: sqlite3.Connection, row: sqlite3.Row, level: str, number: str, card_kind: str | None
) -> Mapping[str, Any]:
    who = registry.citizen(number)
    assert who is not None
    cx.execute(
        "UPDATE session SET level = ?, number = ?, name = ?, card_kind = ? WHERE id = ?",
        (level, who.number, who.name, card_kind, row["id"]),
    )
    return proof(level, who.number, row["expires_at"])
