"""Sessions and what is proven in them: card, live person (face, or the number in the app), consents."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Response

from config.catalogue import Service
from simulator.platform import registry
from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City, new_id
from simulator.platform.models import AnyProof, CardProof, ConsentGiven, FaceProof, Id, Opening
from simulator.platform.problems import Refusal
from simulator.platform.signing import pseudonym

SESSION_S = 30 * 60
MATCH_S = 120
KEPT_S = 72 * 3600
FACE = "face"


def current(cx: sqlite3.Connection, call: Call, session: str, since: str = "") -> sqlite3.Row:
    """The open session of this terminal, or a refusal. It must have been alive at `since` (a stamp; "" is now)."""
    row = cx.execute("SELECT * FROM session WHERE id = ? AND kiosk = ?", (session, call.kiosk)).fetchone()
    if row is None or row["closed"] or row["expires_at"] < (since or call.city.stamp()):
        raise Refusal("session-expired")
    return row  # type: ignore[no-any-return]  # sqlite3 types fetchone as Any


def proven(
    cx: sqlite3.Connection, call: Call, service: Service, consents: Sequence[str], submitted_at: str = ""
) -> sqlite3.Row:
    """The session of the header, proven and agreed as the service wants it, or a refusal.

    `submitted_at`: an application that the terminal kept during an outage; at most 72 h old, never from the future.
    """
    if submitted_at:
        age = (call.city.now() - datetime.fromisoformat(submitted_at)).total_seconds()
        if not -KEPT_S < age < KEPT_S:
            raise Refusal("session-expired", "the application was kept for too long")
        submitted_at = submitted_at if age > 0 else ""
    row = current(cx, call, call.session, submitted_at)
    if row["level"] < service.level:
        raise Refusal("assurance-too-low", f"the session has {row['level']}, the service needs {service.level}")
    agreed(cx, row["id"], consents)
    return row


def agreed(cx: sqlite3.Connection, session: str, consents: Sequence[str], *, face: bool = False) -> None:
    """Refuse unless all `consents` are this session's and one of them is of the wanted purpose."""
    found = {r["id"]: r["purpose"] for r in cx.execute("SELECT id, purpose FROM consent WHERE session = ?", (session,))}
    if any(c not in found for c in consents) or not any((found[c] == FACE) == face for c in consents):
        raise Refusal("consent-missing")


def router(city: City) -> APIRouter:
    """Endpoints of sessions, proofs, app matches and consents."""
    api = APIRouter()

    @api.post("/sessions")
    async def open_session(body: Opening, call: CallDep) -> Reply:
        del body
        return call.once(201, lambda cx: _open(cx, call))

    @api.delete("/sessions/{session}", status_code=204)
    async def close_session(session: Id, call: CallDep) -> Response:
        with city.store.transaction() as cx:
            cx.execute(
                "UPDATE session SET closed = 1, number = NULL, name = NULL WHERE id = ? AND kiosk = ?",
                (session, call.kiosk),
            )
        return Response(status_code=204)

    @api.post("/sessions/{session}/proofs")
    async def prove(session: Id, body: AnyProof, call: CallDep) -> Reply:
        if isinstance(body, CardProof):
            return call.once(201, lambda cx: _card(cx, call, session, body))
        return call.once(201, lambda cx: _face(cx, call, session, body))

    @api.post("/sessions/{session}/app-matches")
    async def start_match(session: Id, body: Opening, call: CallDep) -> Reply:
        del body
        return call.once(201, lambda cx: _start_match(cx, call, session))

    @api.get("/sessions/{session}/app-matches/{match}")
    async def match_state(session: Id, match: Id, call: CallDep) -> Reply:
        return call.read(lambda cx: _match(cx, call, session, match))

    @api.post("/consents")
    async def consent(body: ConsentGiven, call: CallDep) -> Reply:
        return call.once(201, lambda cx: _consent(cx, call, body))

    return api


def _open(cx: sqlite3.Connection, call: Call) -> Mapping[str, Any]:
    session, until = new_id("ses"), call.city.stamp(SESSION_S)
    cx.execute(
        "INSERT INTO session (id, kiosk, level, opened_at, expires_at) VALUES (?, ?, 'A0', ?, ?)",
        (session, call.kiosk, call.city.stamp(), until),
    )
    return {"id": session, "level": "A0", "expires_at": until}


def _card(cx: sqlite3.Connection, call: Call, session: str, proof: CardProof) -> Mapping[str, Any]:
    row = current(cx, call, session)
    service = call.city.service(proof.service)
    who = registry.citizen(proof.number)
    if who is None:
        raise Refusal("identity-not-found")
    if who.name != proof.name or (row["number"] and row["number"] != proof.number):
        raise Refusal("identity-mismatch")
    expired = proof.valid_to is not None and proof.valid_to < call.city.now().date().isoformat()
    if expired and not service.allows_expired_card:
        raise Refusal("card-expired")
    level = max(row["level"], "A2")
    cx.execute(
        "UPDATE session SET level = ?, number = ?, name = ?, card_kind = ? WHERE id = ?",
        (level, who.number, who.name, proof.card_kind, session),
    )
    return {"level": level, "subject": pseudonym(who.number), "expires_at": row["expires_at"]}


def _face(cx: sqlite3.Connection, call: Call, session: str, proof: FaceProof) -> Mapping[str, Any]:
    row = current(cx, call, session)
    if row["level"] < "A2":
        raise Refusal("assurance-too-low", "a face proves nothing without a card")
    agreed(cx, session, [proof.consent], face=True)
    if proof.verdict != "pass":
        raise Refusal("face-not-matched")
    return _lifted(cx, row)


def _lifted(cx: sqlite3.Connection, row: sqlite3.Row) -> Mapping[str, Any]:
    """The session with a live person in it."""
    level = max(row["level"], "A3")
    cx.execute("UPDATE session SET level = ? WHERE id = ?", (level, row["id"]))
    return {"level": level, "subject": pseudonym(row["number"]), "expires_at": row["expires_at"]}


def _start_match(cx: sqlite3.Connection, call: Call, session: str) -> Mapping[str, Any]:
    if current(cx, call, session)["level"] < "A2":
        raise Refusal("assurance-too-low", "the app confirms a card's holder")
    match = new_id("apm")
    cx.execute(
        "INSERT INTO app_match VALUES (?, ?, ?, 'waiting', ?)",
        (match, session, f"{10 + secrets.randbelow(90)}", call.city.stamp(MATCH_S)),
    )
    return _match(cx, call, session, match)


def _match(cx: sqlite3.Connection, call: Call, session: str, match: str) -> Mapping[str, Any]:
    current(cx, call, session)
    row = cx.execute("SELECT * FROM app_match WHERE id = ? AND session = ?", (match, session)).fetchone()
    if row is None:
        raise Refusal("not-found")
    state = row["state"]
    if state == "waiting" and row["expires_at"] < call.city.stamp():
        state = "expired"
    return {"id": match, "number": row["number"], "state": state, "expires_at": row["expires_at"]}


def answer_match(city: City, match: str, *, confirm: bool) -> str:
    """What the citizen does in the app; gives the match's state. Refuses when it does not wait (any more)."""
    with city.store.transaction() as cx:
        row = cx.execute("SELECT * FROM app_match WHERE id = ?", (match,)).fetchone()
        if row is None:
            raise Refusal("not-found")
        if row["state"] != "waiting" or row["expires_at"] < city.stamp():
            raise Refusal("item-not-available", "the match does not wait for an answer")
        state = "confirmed" if confirm else "refused"
        cx.execute("UPDATE app_match SET state = ? WHERE id = ?", (state, match))
        session = cx.execute("SELECT * FROM session WHERE id = ?", (row["session"],)).fetchone()
        if confirm and session["number"]:
            _lifted(cx, session)
        return state


def _consent(cx: sqlite3.Connection, call: Call, given: ConsentGiven) -> Mapping[str, Any]:
    row = current(cx, call, call.session)
    consent, at = new_id("cns"), call.city.stamp()
    cx.execute(
        "INSERT INTO consent VALUES (?, ?, ?, ?, ?, ?)",
        (consent, row["id"], given.purpose, json.dumps(given.data_classes), given.text_version, at),
    )
    return {"id": consent, "at": at}
