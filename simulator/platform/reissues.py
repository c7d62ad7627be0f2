"""Reissues: one more print of a document, asked for by an operator with a reason; the earlier paper is void then."""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import Field

from config.codes import LICENCE_ROOT, licence_identifier
from simulator.platform import issuing
from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City
from simulator.platform.models import Id, Sent
from simulator.platform.prints import AUTHORISATION_S, ISSUER, by_intent, facts_of, shown
from simulator.platform.problems import Refusal
from simulator.platform.store import count

REISSUE_DAYS = 30
REISSUABLE = ("PRINTED", "UNCLEAR")
SCHEMA = """
CREATE TABLE IF NOT EXISTS reissue (
    jti TEXT PRIMARY KEY, earlier TEXT NOT NULL, reason TEXT NOT NULL, operator TEXT NOT NULL, supervisor TEXT NOT NULL,
    at TEXT NOT NULL);
"""
Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{12,64}$")]


class Reissue(Sent):
    """Why it is printed once more, and who answers for that."""

    reason: Literal["damaged", "unreadable", "incomplete", "not-out", "wrong-form"]
    operator: Digest
    supervisor: Digest


def router(city: City) -> APIRouter:
    """Endpoint of reissues."""
    api = APIRouter()

    @api.post("/print-authorisations/{jti}/reissues")
    async def reissue(jti: Id, body: Reissue, call: CallDep) -> Reply:
        return call.once(201, lambda cx: _reissue(cx, call, jti, body))

    del city
    return api


def _reissue(cx: sqlite3.Connection, call: Call, jti: str, body: Reissue) -> Mapping[str, Any]:
    if known := by_intent(cx, call, call.key):
        return shown(known[0])
    row = cx.execute("SELECT * FROM print WHERE jti = ? AND kiosk = ?", (jti, call.kiosk)).fetchone()
    if row is None:
        raise Refusal("not-found")
    if row["state"] not in REISSUABLE:
        raise Refusal("print-settled", f"the print is {row['state']}: only what was printed is printed once more")
    if datetime.fromisoformat(row["at"]) < call.city.now() - timedelta(days=REISSUE_DAYS):
        raise Refusal("print-settled", f"printed more than {REISSUE_DAYS} days ago")
    query = "SELECT 1 FROM reissue r JOIN print p ON p.jti = r.jti WHERE r.earlier = ? AND p.state <> 'VOID'"
    if cx.execute(query, (jti,)).fetchone():
        raise Refusal("print-settled", "reissued before: ask for the reissue of that one")
    document = _again(cx, call, row, json.loads(row["document"]))
    fresh = f"prt-{secrets.token_hex(12)}"
    cx.execute(
        "INSERT INTO print (jti, kiosk, intent, citizen, service, serial, identifier, document, state, expires_at, at,"
        " copies) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'AUTHORISED', ?, ?, 1)",
        (
            fresh, call.kiosk, call.key, row["citizen"], row["service"], document["serial"], document["identifier"],
            json.dumps(document, ensure_ascii=False), call.city.stamp(AUTHORISATION_S), call.city.stamp(),
        ),
    )  # fmt: skip
    cx.execute(
        "INSERT INTO reissue VALUES (?, ?, ?, ?, ?, ?)",
        (fresh, jti, body.reason, body.operator, body.supervisor, call.city.stamp()),
    )
    if document["identifier"] != row["identifier"]:
        issuing.void(cx, call.city, row["identifier"], "replaced")
    return shown(by_intent(cx, call, call.key)[0])


def _again(cx: sqlite3.Connection, call: Call, row: sqlite3.Row, document: dict[str, Any]) -> dict[str, Any]:
    """The same content under a serial, an identifier and a code of its own; a copy keeps its original's identifier."""
    today: date = call.city.now().date()
    sequence = count(cx, f"print:{today:%y%m%d}")
    document |= {"serial": f"{row['service'][3:5]}-{today:%y%m%d}-{sequence:05d}"}
    if document["kind"] == "certificate":
        kind = document["identifier"].removeprefix(LICENCE_ROOT).partition(".")[0]
        document["identifier"] = licence_identifier(kind, ISSUER, f"{today:%Y%m%d}{sequence:05d}", 1)
    algorithm: Any = call.city.wishes.get("algorithm", "ED25519")
    document["qr"] = issuing.code_of(facts_of(document), algorithm)
    return document
