"""The city's catalogue: versions with their effective time, what changed between them, the reference data beside it."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from config.catalogue import Catalogue, CatalogueError, catalogue_from, catalogue_of
from config.catalogue_content import field_json, hash_of, item_json, item_key, trees_of
from config.divisions import divisions
from simulator.platform import calendar, dictionaries
from simulator.platform.call import CallDep, Reply
from simulator.platform.city import City
from simulator.platform.problems import Flaw, Refusal
from simulator.platform.signing import signed

SCHEMA = """
CREATE TABLE IF NOT EXISTS catalogue_version(
    seq INTEGER PRIMARY KEY, version TEXT NOT NULL, hash TEXT NOT NULL, effective TEXT NOT NULL, fields TEXT NOT NULL,
    count INTEGER NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS catalogue_entry(
    key TEXT NOT NULL, seq INTEGER NOT NULL, body TEXT, PRIMARY KEY (key, seq)) WITHOUT ROWID;
"""
ALWAYS = "2026-01-01T00:00:00+08:00"
"""Since when the version that came with the program is in force."""
MAX_CHANGES = 500

Version = Annotated[str, Query(pattern=r"^[0-9a-f]{12}$")]
Sequence_ = Annotated[int, Query(ge=1, le=1_000_000_000)]
Cursor = Annotated[str, Query(pattern=r"^[0-9]{1,10}[.]WH-[A-Z]{2}-[0-9]{3}@[0-9]{1,5}$")]
Code = Annotated[str, Path(pattern=r"^([0-9A-Z]{31}|[0-9A-Z]{33})$")]
Name = Annotated[str, Path(pattern=r"^WH-[A-Z]{2}-[0-9]{3}[.][a-z][a-z0-9_-]{0,39}$")]
ItemKey = Annotated[str, Field(pattern=r"^WH-[A-Z]{2}-[0-9]{3}@[0-9]{1,5}$")]
ChoiceKey = Annotated[str, Query(pattern=r"^[A-Za-z0-9][A-Za-z0-9_+-]{0,39}$")]


class Search(BaseModel):
    """A sentence, naming nobody."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: Annotated[str, Field(min_length=1, max_length=200)]
    limit: Annotated[int, Field(ge=1, le=50)] = 10


class Change(BaseModel):
    """What QA publishes at the desk: items as their tables, keys of items that go, and from when."""

    model_config = ConfigDict(extra="forbid")

    items: Annotated[list[dict[str, Any]], Field(max_length=MAX_CHANGES)] = []
    gone: Annotated[list[ItemKey], Field(max_length=MAX_CHANGES)] = []
    effective: Annotated[str, Field(max_length=25)] = ALWAYS
    checked: bool = True
    """False publishes what no terminal can use: the fault "a bad update"."""


def router(city: City) -> APIRouter:
    """Endpoints of the area, for terminals."""
    api = APIRouter()
    read: dict[int, Catalogue] = {}

    def offered(cx: sqlite3.Connection) -> Catalogue:
        """What is offered now by the version in force; one that was published unchecked counts as its forerunner."""
        now = city.stamp()
        rows = _ready(cx, city).execute(
            "SELECT seq FROM catalogue_version WHERE effective <= ? ORDER BY effective DESC, seq DESC", (now,)
        )
        for row in rows.fetchall():
            if row["seq"] not in read:
                try:
                    found = catalogue_of(trees_of(*_content(cx, row["seq"])), "a version on record")
                except CatalogueError:
                    continue
                read[row["seq"]] = found
            return read[row["seq"]].at(city.now())
        return city.catalogue.at(city.now())

    @api.get("/catalogue/manifest")
    async def manifest(call: CallDep, sequence: Sequence_ | None = None) -> Reply:
        return call.read(lambda cx: _manifest(_ready(cx, city), city, sequence))

    @api.get("/catalogue/items")
    async def items(
        call: CallDep,
        since: Version | None = None,
        until: Sequence_ | None = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 100,
        cursor: Cursor | None = None,
    ) -> Reply:
        return call.read(lambda cx: _changes(_ready(cx, city), city, since, until, limit, cursor))

    @api.get("/catalogue/items/{code}")
    async def item(code: Code, call: CallDep) -> Reply:
        def look(cx: sqlite3.Connection) -> Mapping[str, Any]:
            service = next((s for s in offered(cx).services.values() if s.code == code), None)
            if service is None:
                raise Refusal("not-found", "no item of this code is in force")
            found = item_json(service)
            return {"key": item_key(found), **found, "gone": False}

        return call.read(look)

    @api.post("/catalogue:search")
    async def search(body: Search, call: CallDep) -> Reply:
        return call.read(lambda cx: {"items": _search(offered(cx), body.text, body.limit)})

    @api.get("/calendar/{year}")
    async def year(year: Annotated[int, Path(ge=2000, le=2199)]) -> Reply:
        table = calendar.year_table(year)
        if table is None:
            raise Refusal("not-found", "nothing is known of that year yet")
        off, work = ([day.isoformat() for day in sorted(days)] for days in (table.off, table.work))
        return Reply({"year": year, "published": table.published, "off": off, "work": work})

    @api.get("/divisions")
    async def all_divisions() -> Reply:
        shown = [
            {"code": d.code, "name": d.name, "name_en": d.name_en, "parent": d.parent, "level": d.level}
            for d in divisions().values()
        ]
        return Reply({"items": shown})

    @api.get("/dictionaries/{name}")
    async def dictionary(
        name: Name, limit: Annotated[int, Query(ge=1, le=200)] = 200, cursor: ChoiceKey | None = None
    ) -> Reply:
        found = dictionaries.choices(city, name)
        if found is None:
            raise Refusal("not-found", "no such choices")
        keys = [entry.key for entry in found]
        if cursor is not None and cursor not in keys:
            raise Refusal("validation", "", [Flaw("/query/cursor", "unknown", "not a cursor of this list")])
        start = keys.index(cursor) + 1 if cursor else 0
        page = found[start : start + limit]
        following = page[-1].key if page and start + limit < len(found) else None
        shown = [{"key": e.key, "label": {"zh": e.zh, "en": e.en}} for e in page]
        return Reply({"name": name, "items": shown, "next_cursor": following, "as_of": city.stamp()})

    return api


def desk(city: City) -> APIRouter:
    """The simulator's own: publish a version, list what was published."""
    api = APIRouter(prefix="/sim/catalogue")

    @api.get("")
    async def listed() -> list[dict[str, Any]]:
        with city.store.transaction() as cx:
            rows = _ready(cx, city).execute(
                "SELECT seq, version, effective, count, at FROM catalogue_version ORDER BY seq"
            )
            return [dict(row) for row in rows.fetchall()]

    @api.post("")
    async def publish_change(body: Change) -> dict[str, Any]:
        with city.store.transaction() as cx:
            fields, items = content_of(_ready(cx, city), _newest(cx)["seq"])
            for key in body.gone:
                items.pop(key, None)
            for item in body.items:
                items[item_key(item)] = item
            return publish(cx, city, fields, list(items.values()), body.effective, checked=body.checked)

    return api


def publish(
    cx: sqlite3.Connection,
    city: City,
    fields: Sequence[Mapping[str, Any]],
    items: Sequence[Mapping[str, Any]],
    effective: str,
    *,
    checked: bool = True,
) -> dict[str, Any]:
    """Put a version on record that comes into force at `effective`. Refuses one that no terminal can use."""
    shown = list(fields)
    try:
        made = catalogue_of(trees_of(shown, items), "the new version")
    except CatalogueError as error:
        if checked:
            raise Refusal("validation", str(error), [Flaw("/body/items", "catalogue", "see detail")]) from None
        ordered, digest = list(items), hash_of([dict(f) for f in shown], [dict(i) for i in items])
    else:
        shown = [field_json(field) for field in made.fields]
        ordered, digest = [item_json(s) for s in made.versions], made.hash
        # What was offered until now is still known: a visit under way ends on the version that it began with.
        kept = {(s.id, s.version): s for s in (*city.catalogue.versions, *made.versions)}
        keys = {field.key for field in made.fields}
        city.catalogue = catalogue_from(made.fields, [s for s in kept.values() if s.field.key in keys])
    before: dict[str, Any] = {}
    seq = 1
    if last := cx.execute("SELECT max(seq) AS seq FROM catalogue_version").fetchone()["seq"]:
        seq, before = last + 1, content_of(cx, last)[1]
    now = {item_key(item): item for item in ordered}
    changed: list[tuple[str, int, str | None]] = []
    changed += [
        (key, seq, json.dumps(item, ensure_ascii=False)) for key, item in now.items() if before.get(key) != item
    ]
    changed += [(key, seq, None) for key in before if key not in now]
    cx.executemany("INSERT INTO catalogue_entry VALUES (?, ?, ?)", changed)
    cx.execute(
        "INSERT INTO catalogue_version VALUES (?, ?, ?, ?, ?, ?, ?)",
        (seq, digest[:12], digest, effective, json.dumps(shown, ensure_ascii=False), len(now), city.stamp()),
    )
    return {"sequence": seq, "version": digest[:12], "effective": effective}


def publish_shipped(city: City) -> None:
    """Put the catalogue that the program came with on record, before the first terminal waits for it."""
    with city.store.transaction() as cx:
        _ready(cx, city)


def content_of(cx: sqlite3.Connection, seq: int) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Fields, and items by key, of one version."""
    fields = cx.execute("SELECT fields FROM catalogue_version WHERE seq = ?", (seq,)).fetchone()["fields"]
    rows = cx.execute(
        "SELECT key, body, max(seq) FROM catalogue_entry WHERE seq <= ? GROUP BY key ORDER BY key", (seq,)
    )
    return json.loads(fields), {row["key"]: json.loads(row["body"]) for row in rows if row["body"] is not None}


def _content(cx: sqlite3.Connection, seq: int) -> tuple[list[dict[str, Any]], list[Any]]:
    fields, items = content_of(cx, seq)
    return fields, list(items.values())


def _ready(cx: sqlite3.Connection, city: City) -> sqlite3.Connection:
    """The catalogue that the program came with is a version as every other: on record before anybody asks."""
    found = city.shipped
    if not cx.execute("SELECT 1 FROM catalogue_version WHERE hash = ?", (found.hash,)).fetchone():
        first = cx.execute("SELECT 1 FROM catalogue_version").fetchone() is None
        if first and _copied(cx, city):
            return cx
        since = ALWAYS if first else city.stamp()
        publish(cx, city, [field_json(f) for f in found.fields], [item_json(s) for s in found.versions], since)
        if first:
            _keep_copy(cx, city)
    return cx


def _copied(cx: sqlite3.Connection, city: City) -> bool:
    """Put the shipped catalogue on record as another city of this process has it: soak and sweep open thousands."""
    if (rows := _published.get(city.shipped.hash)) is None:
        return False
    entries, version, city.catalogue = rows
    cx.executemany("INSERT INTO catalogue_entry VALUES (?, ?, ?)", entries)
    cx.execute("INSERT INTO catalogue_version VALUES (?, ?, ?, ?, ?, ?, ?)", (*version[:-1], city.stamp()))
    return True


def _keep_copy(cx: sqlite3.Connection, city: City) -> None:
    while len(_published) >= COPIES:
        del _published[next(iter(_published))]
    entries = [tuple(row) for row in cx.execute("SELECT * FROM catalogue_entry")]
    version = tuple(cx.execute("SELECT * FROM catalogue_version").fetchone())
    _published[city.shipped.hash] = entries, version, city.catalogue


_published: dict[str, tuple[list[tuple[Any, ...]], tuple[Any, ...], Catalogue]] = {}
COPIES = 4


def _newest(cx: sqlite3.Connection) -> sqlite3.Row:
    row: sqlite3.Row = cx.execute("SELECT * FROM catalogue_version ORDER BY seq DESC LIMIT 1").fetchone()
    return row


def _manifest(cx: sqlite3.Connection, city: City, sequence: int | None) -> Mapping[str, Any]:
    now = city.stamp()
    if sequence is None:
        row = cx.execute(
            "SELECT * FROM catalogue_version WHERE effective <= ? ORDER BY effective DESC, seq DESC LIMIT 1", (now,)
        ).fetchone()
    else:
        row = cx.execute("SELECT * FROM catalogue_version WHERE seq = ?", (sequence,)).fetchone()
    if row is None:
        raise Refusal("not-found", "no such version")
    upcoming = cx.execute(
        "SELECT seq FROM catalogue_version WHERE effective > ? ORDER BY effective, seq DESC LIMIT 1",
        (max(now, row["effective"]),),
    ).fetchone()
    return signed(
        {
            "version": row["version"],
            "hash": row["hash"],
            "sequence": row["seq"],
            "effective": row["effective"],
            "upcoming": upcoming and upcoming["seq"],
            "count": row["count"],
            "fields": json.loads(row["fields"]),
        }
    )


def _changes(
    cx: sqlite3.Connection, city: City, since: str | None, until: int | None, limit: int, cursor: str | None
) -> Mapping[str, Any]:
    """Entries between two versions; the cursor fixes the end, so that a version published meanwhile changes nothing."""
    known = cx.execute("SELECT max(seq) AS seq FROM catalogue_version WHERE version = ?", (since or "",))
    start = known.fetchone()["seq"]
    fixed, _, after = (cursor or "").partition(".")
    end = int(fixed) if fixed else until or _newest(cx)["seq"]
    goal = cx.execute("SELECT version FROM catalogue_version WHERE seq = ?", (end,)).fetchone()
    if goal is None:
        raise Refusal("validation", "", [Flaw("/query/until", "unknown", "no such version")])
    complete = start is None or start > end
    rows = cx.execute(
        "SELECT key, body, max(seq) AS seq FROM catalogue_entry WHERE seq <= ? AND key > ? GROUP BY key"
        " HAVING max(seq) > ? AND (body IS NOT NULL OR NOT ?) ORDER BY key LIMIT ?",
        (end, after, 0 if complete else start, complete, limit + 1),
    ).fetchall()
    page = rows[:limit]
    return {
        "complete": complete,
        "items": [_entry(row["key"], row["body"]) for row in page],
        "next_cursor": f"{end}.{page[-1]['key']}" if len(rows) > limit else None,
        "resume_token": goal["version"],
        "as_of": city.stamp(),
    }


def _entry(key: str, body: str | None) -> dict[str, Any]:
    if body is None:
        return {"key": key, "field": None, "service": None, "gone": True}
    return {"key": key, **json.loads(body), "gone": False}


def _search(catalogue: Catalogue, text: str, limit: int) -> list[dict[str, Any]]:
    """By pairs of characters that sentence and name share; a plain matcher, the terminals bring a better one."""
    asked = _pairs(text)
    found = []
    for service in catalogue.services.values():
        own = _pairs(f"{service.name.zh} {service.name.en}")
        shared = sum((asked & own).values())
        if shared:
            confidence = round(2 * shared / (asked.total() + min(own.total(), 2 * asked.total())), 4)
            found.append((-min(1.0, confidence), service.id, service))
    found.sort(key=lambda entry: entry[:2])
    return [
        {"id": s.id, "name": {"zh": s.name.zh, "en": s.name.en}, "confidence": -score} for score, _, s in found[:limit]
    ]


def _pairs(text: str) -> Counter[str]:
    low = "".join(text.lower().split())
    return Counter(low[at : at + 2] for at in range(max(1, len(low) - 1)))
