"""What terminals tell the platform: ratings, events, heartbeats; and what they ask of it without a person."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from itertools import islice
from typing import Annotated, Any

from fastapi import APIRouter, Query

from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City
from simulator.platform.models import Evaluation, EventBatch, Heartbeat, Id
from simulator.platform.problems import Flaw, Refusal

EFFECTIVE = "2026-01-01T00:00:00+08:00"


def router(city: City) -> APIRouter:
    """Endpoints of evaluations, events, heartbeats, health and catalogue."""
    api = APIRouter()
    services = tuple(city.catalogue.services.values())

    @api.get("/health")
    async def health() -> Reply:
        return Reply({"status": "ok", "time": city.stamp()})

    @api.get("/catalogue/manifest")
    async def manifest() -> Reply:
        found = city.catalogue
        ids = [s.id for s in services]
        return Reply({"version": found.version, "hash": found.hash, "effective": EFFECTIVE, "items": ids})

    @api.get("/catalogue/items")
    async def items(
        limit: Annotated[int, Query(ge=1, le=200)] = 200, cursor: Annotated[Id | None, Query()] = None
    ) -> Reply:
        ids = [s.id for s in services]
        if cursor is not None and cursor not in ids:
            raise Refusal("validation", "", [Flaw("/query/cursor", "unknown", "not a cursor of this list")])
        start = ids.index(cursor) + 1 if cursor else 0
        page = list(islice(services, start, start + limit))
        more = start + limit < len(ids)
        shown = [
            {
                "id": s.id,
                "code": s.code,
                "kind": s.kind,
                "name": {"zh": s.name.zh, "en": s.name.en},
                "level": s.level,
                "fen": s.fee.fen,
                "working_days": s.working_days,
            }
            for s in page
        ]
        return Reply({"items": shown, "next_cursor": page[-1].id if more and page else None})

    @api.post("/evaluations")
    async def evaluate(body: Evaluation, call: CallDep) -> Reply:
        return call.once(201, lambda cx: _evaluate(cx, call, body))

    @api.post("/events:batch")
    async def events(body: EventBatch, call: CallDep) -> Reply:
        return call.once(200, lambda cx: _events(cx, call, body))

    @api.post("/devices/{device}/heartbeats")
    async def heartbeat(device: str, body: Heartbeat, call: CallDep) -> Reply:
        if device != call.kiosk:
            raise Refusal("device-mismatch")
        with city.store.transaction() as cx:
            cx.execute(
                "INSERT OR REPLACE INTO heartbeat VALUES (?, ?, ?)",
                (call.kiosk, json.dumps(body.state), city.stamp()),
            )
        return Reply({"server_time": city.stamp()})

    return api


def _evaluate(cx: sqlite3.Connection, call: Call, rating: Evaluation) -> Mapping[str, Any]:
    """One per case and round; the case may be named by its number or by the intent of the case or print."""
    flaws = [
        Flaw(f"/body/tags/{i}", "level", "belongs to another level")
        for i, tag in enumerate(rating.tags)
        if int(tag[0]) != rating.satisfaction
    ]
    if flaws:
        raise Refusal("validation", "tags of another level", flaws)
    row = cx.execute(
        "SELECT intent FROM application WHERE kiosk = :kiosk AND service = :service AND :case IN (number, intent)"
        " UNION ALL SELECT intent FROM print"
        " WHERE kiosk = :kiosk AND service = :service AND :case IN (jti, intent, serial)",
        {"kiosk": call.kiosk, "service": rating.service, "case": rating.case},
    ).fetchone()
    if row is None:
        raise Refusal("not-found", "no such case of this terminal and service")
    at = call.city.stamp()
    try:
        cx.execute(
            "INSERT INTO evaluation VALUES (?, ?, ?, ?, ?, ?)",
            (row["intent"], rating.round, rating.service, rating.satisfaction, json.dumps(rating.tags), at),
        )
    except sqlite3.IntegrityError:
        raise Refusal("already-evaluated") from None
    return {"case": rating.case, "round": rating.round, "at": at}


def _events(cx: sqlite3.Connection, call: Call, batch: EventBatch) -> Mapping[str, Any]:
    cx.executemany(
        "INSERT OR IGNORE INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [(call.kiosk, e.id, e.seq, e.at, e.kind, json.dumps(e.body), e.prev, e.hash) for e in batch.events],
    )
    return {"accepted": [e.id for e in batch.events]}
