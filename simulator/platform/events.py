"""The chain of events of each terminal, checked link by link; its supervision records, one open a module and rule."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import AfterValidator, Field

from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City, new_id
from simulator.platform.models import Digest, EventTime, Id, Sent, Time
from simulator.platform.problems import Refusal

SCHEMA = """
CREATE TABLE IF NOT EXISTS event(
    kiosk TEXT NOT NULL, chain TEXT NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL, at TEXT NOT NULL,
    visit TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL,
    broken INTEGER NOT NULL, received_at TEXT NOT NULL, PRIMARY KEY (kiosk, chain, seq));
CREATE TABLE IF NOT EXISTS supervision(
    id TEXT PRIMARY KEY, kiosk TEXT NOT NULL, module TEXT NOT NULL, rule TEXT NOT NULL, state TEXT NOT NULL,
    record TEXT NOT NULL, since TEXT NOT NULL, until TEXT NOT NULL DEFAULT '', times INTEGER NOT NULL DEFAULT 1);
CREATE UNIQUE INDEX IF NOT EXISTS supervision_open ON supervision(kiosk, module, rule) WHERE state = 'open';
"""
GENESIS = "0" * 64


def _text(pattern: str, longest: int) -> Any:
    return Field(pattern=pattern, max_length=longest)


def _plain_numbers(body: dict[str, Any]) -> dict[str, Any]:
    json.dumps(body, allow_nan=False)
    return body


class Event(Sent):
    """One entry of a terminal's journal."""

    id: Id
    seq: Annotated[int, Field(ge=1, le=999_999_999_999)]
    at: EventTime
    visit: Annotated[str, _text(r"^[A-Za-z0-9_-]{0,40}$", 40)]
    kind: Annotated[str, _text(r"^[a-z][a-z0-9._-]{0,59}$", 60)]
    body: Annotated[dict[str, Any], Field(max_length=40), AfterValidator(_plain_numbers)]
    prev: Digest
    hash: Digest


class EventBatch(Sent):
    """Events in their order."""

    chain: Digest
    events: Annotated[list[Event], Field(min_length=1, max_length=200)]


class SupervisionRecord(Sent):
    """GB/T 39046-2020, table 11."""

    case_no: Annotated[str, _text(r"^[A-Za-z0-9_-]{0,40}$", 40)]
    content: Annotated[str, Field(max_length=200)]
    agency: Annotated[str, Field(max_length=80)]
    item_type: Annotated[str, _text(r"^[A-Za-z0-9-]{0,20}$", 20)]
    issued_at: Time
    supervision_no: Id
    rule_no: Annotated[str, _text(r"^[A-Z][0-9]{2}$", 3)]
    warning_type: Annotated[str, _text(r"^[0-9]$", 1)]
    state_at: Time
    result: Annotated[str, Field(max_length=200)]
    department: Annotated[str, Field(max_length=80)]


class RuleBroken(Sent):
    """A rule of a terminal is broken, or is kept again."""

    module: Annotated[str, _text(r"^[a-z][a-z0-9_-]{0,39}$", 40)]
    rule: Annotated[str, _text(r"^[a-z][a-z0-9-]{0,39}$", 40)]
    state: Literal["open", "over"]
    record: SupervisionRecord


def router(city: City) -> APIRouter:
    """Endpoints of events and supervision records."""
    api = APIRouter()

    @api.get("/events/head")
    async def head(chain: Annotated[Digest, Query()], call: CallDep) -> Reply:
        return call.read(lambda cx: {"chain": chain, "seq": _head(cx, call.kiosk, chain)[0]})

    @api.post("/events:batch")
    async def events(body: EventBatch, call: CallDep) -> Reply:
        return call.once(200, lambda cx: _events(cx, call, body))

    @api.post("/supervision-records")
    async def supervise(body: RuleBroken, call: CallDep) -> Reply:
        return call.once(201, lambda cx: _supervise(cx, call, body))

    del city
    return api


def _head(cx: sqlite3.Connection, kiosk: str, chain: str) -> tuple[int, str]:
    """Number and hash of the newest event on record; 0 and the genesis before the first."""
    query = "SELECT seq, hash FROM event WHERE kiosk = ? AND chain = ? ORDER BY seq DESC LIMIT 1"
    row = cx.execute(query, (kiosk, chain)).fetchone()
    return (row["seq"], row["hash"]) if row else (0, GENESIS)


def chain_hash(event: Event) -> str:
    """The hash that the event must have, from its own members."""
    body = json.dumps(event.body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    parts = [bytes.fromhex(event.prev)]
    parts += [str(part).encode() for part in (event.seq, event.at, event.visit, event.kind, body)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _events(cx: sqlite3.Connection, call: Call, batch: EventBatch) -> Mapping[str, Any]:
    at, prev = _head(cx, call.kiosk, batch.chain)
    broken: list[str] = []
    for event in batch.events:
        if event.seq <= at:
            continue
        if event.seq != at + 1:
            raise Refusal("events-missing", f"event {at + 1} comes next, not {event.seq}")
        bad = event.prev != prev or chain_hash(event) != event.hash or (event.seq == 1 and event.hash != batch.chain)
        broken += [event.id] * bad
        cx.execute(
            "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                call.kiosk, batch.chain, event.seq, event.id, event.at, event.visit, event.kind,
                json.dumps(event.body, ensure_ascii=False), event.prev, event.hash, bad, call.city.stamp(),
            ),
        )  # fmt: skip
        at, prev = event.seq, event.hash
    return {"accepted": [event.id for event in batch.events], "head": at, "broken": broken}


def _supervise(cx: sqlite3.Connection, call: Call, told: RuleBroken) -> Mapping[str, Any]:
    row = cx.execute(
        "SELECT id FROM supervision WHERE kiosk = ? AND module = ? AND rule = ? AND state = 'open'",
        (call.kiosk, told.module, told.rule),
    ).fetchone()
    state_at = told.record.state_at
    if told.state == "open":
        if row is not None:
            cx.execute("UPDATE supervision SET times = times + 1 WHERE id = ?", (row["id"],))
            return {"id": row["id"], "state": "open"}
        made = new_id("spv")
        record = json.dumps(told.record.model_dump(), ensure_ascii=False)
        cx.execute(
            "INSERT INTO supervision (id, kiosk, module, rule, state, record, since) VALUES (?, ?, ?, ?, 'open', ?, ?)",
            (made, call.kiosk, told.module, told.rule, record, state_at),
        )
        return {"id": made, "state": "open"}
    if row is None:
        raise Refusal("not-found", "no such alarm is open")
    cx.execute("UPDATE supervision SET state = 'over', until = ? WHERE id = ?", (state_at, row["id"]))
    return {"id": row["id"], "state": "over"}
