"""Uploads in parts: announced with their digest, each part with its own, resumable, complete only when whole."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from simulator.platform.applying_models import UploadNew
from simulator.platform.assurance import current
from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City, new_id
from simulator.platform.models import Digest, Id, Nothing
from simulator.platform.problems import Flaw, Refusal

SCHEMA = """
CREATE TABLE IF NOT EXISTS upload(
    id TEXT PRIMARY KEY, kiosk TEXT NOT NULL, citizen TEXT NOT NULL, meta TEXT NOT NULL, bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL, state TEXT NOT NULL, sealed INTEGER NOT NULL, kept INTEGER NOT NULL DEFAULT 0,
    at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS upload_part(
    upload TEXT NOT NULL, part INTEGER NOT NULL, data BLOB NOT NULL, PRIMARY KEY (upload, part)) WITHOUT ROWID;
"""
PART = 256 * 1024
MOST = 8 * 1024 * 1024
UNUSED_HOURS = 80
"""Longer than a sealed application may wait, so that its sheets do not go before it."""


def router(city: City) -> APIRouter:
    """Endpoints of uploads."""
    api = APIRouter()

    @api.post("/uploads")
    async def start(body: UploadNew, call: CallDep) -> Reply:
        return call.once(201, lambda cx: _start(cx, call, body))

    @api.get("/uploads/{upload}")
    async def state(upload: Id, call: CallDep) -> Reply:
        return call.read(lambda cx: shown(cx, _own(cx, call, upload)))

    @api.delete("/uploads/{upload}", status_code=204)
    async def drop(upload: Id, call: CallDep) -> Response:
        with city.store.transaction() as cx:
            forget(cx, "id = ? AND kiosk = ? AND kept = 0", (upload, call.kiosk))
        return Response(status_code=204)

    @api.put("/uploads/{upload}/parts/{part}")
    async def put(
        upload: Id,
        part: Annotated[int, Path(ge=1, le=64)],
        sha256: Annotated[Digest, Query()],
        request: Request,
        call: CallDep,
    ) -> Reply:
        data = await request.body()
        return call.read(lambda cx: _put(cx, call, upload, part, sha256, data))

    @api.post("/uploads/{upload}:complete")
    async def complete(upload: Id, body: Nothing, call: CallDep) -> Reply:
        del body
        return call.once(200, lambda cx: _complete(cx, call, upload))

    return api


def forget(cx: sqlite3.Connection, which: str, values: tuple[object, ...]) -> None:
    """Delete uploads and their parts; `which` is a condition of ours."""
    cx.execute(f"DELETE FROM upload_part WHERE upload IN (SELECT id FROM upload WHERE {which})", values)  # noqa: S608 - our own words
    cx.execute(f"DELETE FROM upload WHERE {which}", values)  # noqa: S608 - our own words


def keep(cx: sqlite3.Connection, uploads: Iterable[str]) -> None:
    """They belong to a kept draft or a case from now on."""
    cx.executemany("UPDATE upload SET kept = 1 WHERE id = ?", [(upload,) for upload in uploads])


def content(cx: sqlite3.Connection, upload: str) -> bytes:
    """The whole upload."""
    rows = cx.execute("SELECT data FROM upload_part WHERE upload = ? ORDER BY part", (upload,))
    return b"".join(row["data"] for row in rows)


def _start(cx: sqlite3.Connection, call: Call, new: UploadNew) -> Mapping[str, Any]:
    call.city.service(new.service)
    citizen = ""
    if not new.sealed:
        session = current(cx, call, call.session)
        if session["level"] < "A2":
            raise Refusal("assurance-too-low")
        citizen = str(session["number"])
    if new.bytes > MOST:
        raise Refusal("upload-too-large", f"more than {MOST} octets")
    forget(cx, "kept = 0 AND at < ?", (call.city.stamp(-UNUSED_HOURS * 3600),))
    upload = new_id("upl")
    meta = new.model_dump_json()
    values = (upload, call.kiosk, citizen, meta, new.bytes, new.sha256, "OPEN", new.sealed, 0, call.city.stamp())
    cx.execute(f"INSERT INTO upload VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608 - question marks
    return shown(cx, _own(cx, call, upload))


def _own(cx: sqlite3.Connection, call: Call, upload: str) -> sqlite3.Row:
    row = cx.execute("SELECT * FROM upload WHERE id = ? AND kiosk = ?", (upload, call.kiosk)).fetchone()
    if row is None:
        raise Refusal("not-found")
    return row  # type: ignore[no-any-return]  # sqlite3 types fetchone as Any


def shown(cx: sqlite3.Connection, row: sqlite3.Row) -> Mapping[str, Any]:
    """An upload as terminals see it."""
    parts = cx.execute("SELECT part FROM upload_part WHERE upload = ? ORDER BY part", (row["id"],))
    return {
        "id": row["id"],
        "state": row["state"],
        "bytes": row["bytes"],
        "sha256": row["sha256"],
        "part_bytes": PART,
        "parts": [p["part"] for p in parts],
    }


def _put(cx: sqlite3.Connection, call: Call, upload: str, part: int, digest: str, data: bytes) -> Mapping[str, Any]:
    row = _own(cx, call, upload)
    length = min(PART, row["bytes"] - (part - 1) * PART)
    if length <= 0:
        raise Refusal("validation", "there is no such part", [Flaw("/path/part", "range", "beyond the last part")])
    if len(data) != length or hashlib.sha256(data).hexdigest() != digest:
        raise Refusal("upload-hash-mismatch", f"part {part} is not what its digest says")
    if row["state"] == "OPEN":
        cx.execute("INSERT OR REPLACE INTO upload_part VALUES (?, ?, ?)", (upload, part, data))
    return shown(cx, row)


def _complete(cx: sqlite3.Connection, call: Call, upload: str) -> Mapping[str, Any]:
    row = _own(cx, call, upload)
    if row["state"] == "OPEN":
        there = set(shown(cx, row)["parts"])
        missing = [n for n in range(1, -(-row["bytes"] // PART) + 1) if n not in there]
        if missing:
            raise Refusal("validation", "parts are missing", [Flaw("/path/upload", "incomplete", "parts are missing")])
        if hashlib.sha256(content(cx, upload)).hexdigest() != row["sha256"]:
            cx.execute("DELETE FROM upload_part WHERE upload = ?", (upload,))
            raise Refusal("upload-hash-mismatch", "the whole is not what was announced")
        cx.execute("UPDATE upload SET state = 'COMPLETE' WHERE id = ?", (upload,))
    return shown(cx, _own(cx, call, upload))


def meta(row: sqlite3.Row) -> UploadNew:
    """What was announced of an upload."""
    return UploadNew.model_validate(json.loads(row["meta"]))
