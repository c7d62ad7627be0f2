"""Scans on their way to a citizen's phone: parts in, one link out that works once; nothing stays after 30 minutes."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
import sqlite3
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import Field

from simulator.platform.bookings import Empty
from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City, new_id
from simulator.platform.models import Digest, Id, Sent
from simulator.platform.problems import Flaw, Refusal

SCHEMA = """
CREATE TABLE IF NOT EXISTS scan_share(
    id TEXT PRIMARY KEY, kiosk TEXT NOT NULL, bytes INTEGER NOT NULL, digest TEXT NOT NULL, data BLOB NOT NULL,
    token TEXT UNIQUE, expires_at TEXT NOT NULL);
"""
LIVES_S = 30 * 60
MOST = 16 << 20
PART_MOST = 96 * 1024
MOST_AT_ONCE = 200
ADDRESS = "https://share.platform.example/s/"
GONE = "<!doctype html><meta charset=utf-8><title>链接已失效</title><p>链接已失效。 This link is used up or too old."


class Asked(Sent):
    """How large the PDF is and what it will be."""

    bytes: Annotated[int, Field(ge=100, le=MOST)]
    digest: Digest


class Part(Sent):
    """Some octets of it."""

    at: Annotated[int, Field(ge=0, lt=MOST)]
    data: Annotated[str, Field(min_length=4, max_length=131_072, pattern=r"^[A-Za-z0-9+/]+={0,2}$")]


def router(city: City) -> APIRouter:
    """Endpoints of terminals."""
    api = APIRouter()

    @api.post("/scan-shares")
    async def begin(body: Asked, call: CallDep) -> Reply:
        return call.once(201, lambda cx: _begin(cx, call, body))

    @api.post("/scan-shares/{share}/parts")
    async def part(share: Id, body: Part, call: CallDep) -> Reply:
        return call.once(201, lambda cx: _part(cx, call, share, body))

    @api.post("/scan-shares/{share}/link")
    async def link(share: Id, body: Empty, call: CallDep) -> Reply:
        del body
        return call.once(201, lambda cx: _link(cx, call, share))

    del city
    return api


def desk(city: City) -> APIRouter:
    """`GET /s/{token}`: what the citizen's phone opens."""
    api = APIRouter()

    @api.get("/s/{token}")
    async def fetch(token: str) -> Response:
        with city.store.transaction() as cx:
            _sweep(cx, city)
            row = cx.execute("SELECT * FROM scan_share WHERE token = ?", (token[:80],)).fetchone()
            if row is None:
                return Response(GONE, 410, media_type="text/html; charset=utf-8")
            cx.execute("DELETE FROM scan_share WHERE id = ?", (row["id"],))
            headers = {"Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="scan.pdf"'}
            return Response(bytes(row["data"]), media_type="application/pdf", headers=headers)

    return api


def _sweep(cx: sqlite3.Connection, city: City) -> None:
    cx.execute("DELETE FROM scan_share WHERE expires_at < ?", (city.stamp(),))


def _begin(cx: sqlite3.Connection, call: Call, asked: Asked) -> Mapping[str, Any]:
    _sweep(cx, call.city)
    if cx.execute("SELECT count(*) AS n FROM scan_share").fetchone()["n"] >= MOST_AT_ONCE:
        raise Refusal("upstream-unavailable", "too many scans are on their way", retry_after_s=60)
    share = new_id("shr")
    values = (share, call.kiosk, asked.bytes, asked.digest, b"", None, call.city.stamp(LIVES_S))
    cx.execute("INSERT INTO scan_share VALUES (?, ?, ?, ?, ?, ?, ?)", values)
    return _shown(_own(cx, call, share))


def _own(cx: sqlite3.Connection, call: Call, share: str) -> sqlite3.Row:
    _sweep(cx, call.city)
    row = cx.execute("SELECT * FROM scan_share WHERE id = ? AND kiosk = ?", (share, call.kiosk)).fetchone()
    if row is None:
        raise Refusal("not-found", "no such scan, or its time is over")
    return row  # type: ignore[no-any-return]  # sqlite3 types fetchone as Any


def _part(cx: sqlite3.Connection, call: Call, share: str, part: Part) -> Mapping[str, Any]:
    row = _own(cx, call, share)
    try:
        data = base64.b64decode(part.data, validate=True)
    except binascii.Error:
        raise Refusal("validation", "", [Flaw("/body/data", "base64", "not base64")]) from None
    arrived = len(row["data"])
    if len(data) > PART_MOST or part.at != arrived or arrived + len(data) > row["bytes"]:
        raise Refusal("validation", "", [Flaw("/body/at", "range", f"{arrived} octets have arrived")])
    cx.execute("UPDATE scan_share SET data = ? WHERE id = ?", (bytes(row["data"]) + data, share))
    return _shown(_own(cx, call, share))


def _link(cx: sqlite3.Connection, call: Call, share: str) -> Mapping[str, Any]:
    row = _own(cx, call, share)
    whole = bytes(row["data"])
    if len(whole) != row["bytes"] or hashlib.sha256(whole).hexdigest() != row["digest"]:
        raise Refusal("validation", "what arrived is not what was announced", [Flaw("/body", "digest", "not whole")])
    token = row["token"] or secrets.token_urlsafe(24)
    cx.execute("UPDATE scan_share SET token = ? WHERE id = ?", (token, share))
    return {"url": ADDRESS + token, "expires_at": row["expires_at"]}


def _shown(row: sqlite3.Row) -> Mapping[str, Any]:
    return {"id": row["id"], "arrived": len(row["data"]), "bytes": row["bytes"], "expires_at": row["expires_at"]}
