"""The licence library and shared data: what stands in for an item's materials, copies for one purpose, by consent.

Who has what is made by rule on the first look at a person (`_issue`), and changed at the desk (`POST /sim/licences`).
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from config.catalogue import Service
from simulator.people import CITIZENS
from simulator.platform.assurance import agreed, current
from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City, new_id
from simulator.platform.models import Id, SharedDataRead
from simulator.platform.problems import Refusal

SCHEMA = """
CREATE TABLE IF NOT EXISTS licence(
    id TEXT PRIMARY KEY, holder TEXT NOT NULL, source TEXT NOT NULL, kind TEXT NOT NULL, number TEXT NOT NULL,
    issuer TEXT NOT NULL, valid_to TEXT, UNIQUE (holder, source, kind)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS licence_holder(number TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS licence_copy(
    id TEXT PRIMARY KEY, licence TEXT NOT NULL, holder TEXT NOT NULL, service TEXT NOT NULL, consent TEXT NOT NULL,
    sha256 TEXT NOT NULL, expires_at TEXT NOT NULL, at TEXT NOT NULL) WITHOUT ROWID;
"""
COPY_DAYS = 7
KINDS: Mapping[str, str] = {
    "户口簿": "居民户口簿", "户口": "居民户口簿", "户口簿或居住证": "居民户口簿", "不动产权证": "不动产权证书",
    "不动产证": "不动产权证书", "房产证": "不动产权证书", "出生证明": "出生医学证明", "死亡证明": "死亡医学证明",
    "旧证": "出入境证件", "居住证明": "居住证", "低保证": "最低生活保障证",
}  # fmt: skip
"""Names in the lists of materials -> kinds of the library, where they differ."""
PORTRAITS = frozenset({"证件照", "照片", "出入境证件照"})
PORTRAIT = "人像照片"
CLASSES: Mapping[str, str] = {"elicense": "licence", "share": "share"}
"""Source of the catalogue -> the class of data that the consent must name."""


class Standing(BaseModel):
    """What QA wants a citizen to have: `kind` by its name in the list of materials, or a kind of the library."""

    model_config = ConfigDict(extra="forbid")

    citizen: Annotated[str, Field(max_length=40)]
    kind: Annotated[str, Field(min_length=1, max_length=80)]
    source: Literal["elicense", "share"] = "elicense"
    state: Literal["valid", "expired", "absent"]


def kinds_of(material: str, source: str) -> list[str]:
    """The kinds that stand in for a material of that name; "A/B" is either."""
    if source == "share" and material in PORTRAITS:
        return [PORTRAIT]
    return [KINDS.get(part, part) for part in material.split("/")]


def router(city: City) -> APIRouter:
    """The two look-ups and copies."""
    api = APIRouter()

    @api.post("/licences:lookup")
    async def licences(body: SharedDataRead, call: CallDep) -> Reply:
        return call.read(lambda cx: _found(cx, call, body, "elicense"))

    @api.post("/shared-data:lookup")
    async def shared(body: SharedDataRead, call: CallDep) -> Reply:
        return call.read(lambda cx: _found(cx, call, body, "share"))

    @api.post("/licences/{licence}/copies")
    async def copy(licence: Id, body: SharedDataRead, call: CallDep) -> Reply:
        return call.once(201, lambda cx: _copy(cx, call, licence, body))

    del city
    return api


def desk(city: City) -> APIRouter:
    """`POST /sim/licences`: what a citizen has from now on."""
    api = APIRouter(prefix="/sim")

    @api.post("/licences")
    async def stand(body: Standing) -> dict[str, str]:
        if body.citizen not in CITIZENS:
            raise Refusal("not-found", "no such citizen; they are citizen-01 and so on")
        holder = CITIZENS[body.citizen].number
        with city.store.transaction() as cx:
            _issue(cx, city, holder)
            for kind in kinds_of(body.kind, body.source):
                cx.execute(
                    "DELETE FROM licence WHERE holder = ? AND source = ? AND kind = ?", (holder, body.source, kind)
                )
                if body.state != "absent":
                    _insert(cx, city, holder, body.source, kind, expired=body.state == "expired")
        return {"state": body.state}

    return api


def holder_of(cx: sqlite3.Connection, call: Call, consent: str, source: str) -> str:
    """The proven person of the session, whose `consent` is for this source; or a refusal (R37)."""
    row = current(cx, call, call.session)
    if row["level"] < "A2" or not row["number"]:
        raise Refusal("assurance-too-low")
    agreed(cx, row["id"], [consent], of=CLASSES[source])
    return str(row["number"])


def holds(cx: sqlite3.Connection, city: City, holder: str, material: str, source: str) -> bool:
    """Whether the city itself has something valid for a material of that name: then nobody has to hand it in."""
    _issue(cx, city, holder)
    kinds, today = kinds_of(material, source), city.now().date().isoformat()
    return any(
        cx.execute(
            "SELECT 1 FROM licence WHERE holder = ? AND source = ? AND kind = ? AND coalesce(valid_to, ?) >= ?",
            (holder, source, kind, today, today),
        ).fetchone()
        for kind in kinds
    )


def _found(cx: sqlite3.Connection, call: Call, read: SharedDataRead, source: str) -> Mapping[str, Any]:
    service = call.city.service(read.service)
    holder = holder_of(cx, call, read.consent, source)
    _issue(cx, call.city, holder)
    return {"items": list(_standing_in(cx, call.city, service, holder, source))[:50]}


def _standing_in(
    cx: sqlite3.Connection, city: City, service: Service, holder: str, source: str
) -> Iterator[Mapping[str, Any]]:
    today = city.now().date().isoformat()
    for index, material in enumerate(service.materials):
        if source not in material.sources:
            continue
        for kind in kinds_of(material.name.zh, source):
            row = cx.execute(
                "SELECT * FROM licence WHERE holder = ? AND source = ? AND kind = ?", (holder, source, kind)
            ).fetchone()
            if row is not None:
                yield {
                    "id": row["id"],
                    "material": index,
                    "kind": row["kind"],
                    "number_masked": row["number"][:4] + "****" + row["number"][-4:],
                    "issuer": row["issuer"],
                    "grade": "A",
                    "valid_to": row["valid_to"],
                    "state": "expired" if row["valid_to"] and row["valid_to"] < today else "valid",
                }
                break


def _copy(cx: sqlite3.Connection, call: Call, licence: str, read: SharedDataRead) -> Mapping[str, Any]:
    service = call.city.service(read.service)
    row = cx.execute("SELECT * FROM licence WHERE id = ?", (licence,)).fetchone()
    holder = holder_of(cx, call, read.consent, row["source"] if row else "elicense")
    if row is None or row["holder"] != holder:
        raise Refusal("licence-not-found")
    if row["valid_to"] and row["valid_to"] < call.city.now().date().isoformat():
        raise Refusal("licence-void", "it has expired")
    copy, expires = new_id("cpy"), call.city.stamp(COPY_DAYS * 86_400)
    digest = hashlib.sha256(f"{row['id']}:{copy}:{service.id}".encode()).hexdigest()
    values = (copy, licence, holder, service.id, read.consent, digest, expires, call.city.stamp())
    cx.execute("INSERT INTO licence_copy VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
    day = expires[:10]
    return {
        "id": copy,
        "licence": licence,
        "grade": "A",
        "watermark": {
            "zh": f"{row['kind']}·仅用于{service.name.zh}·{day}前有效",
            "en": f"{row['kind']}: only for {service.name.en}, until {day}"[:200],
        },
        "expires_at": expires,
        "sha256": digest,
    }


def _issue(cx: sqlite3.Connection, city: City, holder: str) -> None:
    """What a person has, once: every kind that some item asks for, but one in eight, and one in eight has expired."""
    if cx.execute("SELECT 1 FROM licence_holder WHERE number = ?", (holder,)).fetchone():
        return
    cx.execute("INSERT INTO licence_holder VALUES (?)", (holder,))
    for source, kind in sorted(_all_kinds(city)):
        draw = hashlib.sha256(f"{holder}:{source}:{kind}".encode()).digest()[0] % 8
        if source == "share" or draw:
            _insert(cx, city, holder, source, kind, expired=source == "elicense" and draw == 1)


def _all_kinds(city: City) -> set[tuple[str, str]]:
    return {
        (source, kind)
        for service in city.catalogue.services.values()
        for material in service.materials
        for source in ("elicense", "share")
        if source in material.sources
        for kind in kinds_of(material.name.zh, source)
        if material.name.zh != "指纹"  # nobody shares fingerprints here
    }


def _insert(cx: sqlite3.Connection, city: City, holder: str, source: str, kind: str, *, expired: bool) -> None:
    digest = hashlib.sha256(f"number:{holder}:{source}:{kind}".encode()).hexdigest().upper()
    until = (city.now().date() - timedelta(days=40)).isoformat() if expired else None
    cx.execute(
        "INSERT INTO licence VALUES (?, ?, ?, ?, ?, ?, ?)",
        (new_id("lic"), holder, source, kind, f"3710{digest[:12]}", "威海市", until),
    )
