"""Consents: on record before anything is read, withdrawn as easily; a withdrawn one opens nothing any more."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Response

from simulator.platform.assurance import current
from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City, new_id
from simulator.platform.models import ConsentGiven, Id

SCHEMA = """
CREATE TABLE IF NOT EXISTS consent_withdrawn(
    id TEXT PRIMARY KEY, purpose TEXT NOT NULL, text_version TEXT NOT NULL, given_at TEXT NOT NULL, at TEXT NOT NULL);
"""


def router(city: City) -> APIRouter:
    """`/consents`."""
    api = APIRouter()

    @api.post("/consents")
    async def give(body: ConsentGiven, call: CallDep) -> Reply:
        return call.once(201, lambda cx: _give(cx, call, body))

    @api.delete("/consents/{consent}", status_code=204)
    async def withdraw(consent: Id, call: CallDep) -> Response:
        with city.store.transaction() as cx:
            _withdraw(cx, call, consent)
        return Response(status_code=204)

    return api


def _give(cx: sqlite3.Connection, call: Call, given: ConsentGiven) -> Mapping[str, Any]:
    row = current(cx, call, call.session)
    consent, at = new_id("cns"), call.city.stamp()
    cx.execute(
        "INSERT INTO consent VALUES (?, ?, ?, ?, ?, ?)",
        (consent, row["id"], given.purpose, json.dumps(given.data_classes), given.text_version, at),
    )
    return {"id": consent, "at": at}


def _withdraw(cx: sqlite3.Connection, call: Call, consent: str) -> None:
    """Take it off the live list; that it was given and withdrawn stays on record. Twice is no error."""
    row = current(cx, call, call.session)
    found = cx.execute("SELECT * FROM consent WHERE id = ? AND session = ?", (consent, row["id"])).fetchone()
    if found is None:
        return
    cx.execute("DELETE FROM consent WHERE id = ?", (consent,))
    cx.execute(
        "INSERT INTO consent_withdrawn VALUES (?, ?, ?, ?, ?)",
        (consent, found["purpose"], found["text_version"], found["at"], call.city.stamp()),
    )
