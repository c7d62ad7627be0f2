"""Queries and reference data: the part of the client that asks what the city knows. Errors as in `Platform`.

Every text and every list is capped; members and kinds of sections that are new to us are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeAlias, cast
from urllib.parse import quote

from kiosk.platform.errors import BadReply
from kiosk.platform.paying import Get, Post
from kiosk.platform.reading import Members
from kiosk.platform.signing import verify_signed

Sensitivity = Literal["public", "personal", "sensitive"]
EventState = Literal["done", "current", "late", "todo"]
_SENSITIVITIES = frozenset({"public", "personal", "sensitive"})
_EVENT_STATES = frozenset({"done", "current", "late", "todo"})
_STATES = frozenset({"found", "none"})
CURSOR = re.compile(r"row-[0-9]{1,6}", re.ASCII)
SERVICE = re.compile(r"WH-[A-Z]{2}-[0-9]{3}", re.ASCII)
_DAY = re.compile(r"|[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
MAX_SECTIONS, MAX_ROWS, MAX_COLUMNS, MAX_RECORDS, MAX_EVENTS, MAX_SERVICES = 12, 40, 6, 50, 20, 50
MAX_REFERENCE = 2000
MAX_KEYS = 8


@dataclass(frozen=True, slots=True)
class Said:
    """Words in both languages."""

    zh: str
    en: str

    def get(self, language: str) -> str:
        """In `language`; English for every language but Chinese."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Line:
    """A label and a value; `private`: not spoken, not in pictures of the screen."""

    label: Said
    value: Said = field(repr=False)
    private: bool = False


@dataclass(frozen=True, slots=True)
class Lines:
    """A card of lines; `figures`: the few that most people came for."""

    title: Said
    lines: tuple[Line, ...]
    figures: bool = False


@dataclass(frozen=True, slots=True)
class Records:
    """A table."""

    title: Said
    columns: tuple[Said, ...]
    records: tuple[tuple[Said, ...], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Event:
    """One step of something under way; `at` is a day or ""."""

    label: Said
    state: EventState
    at: str
    note: Said


@dataclass(frozen=True, slots=True)
class Events:
    """How far something is."""

    title: Said
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Services:
    """Items of the catalogue, to be opened."""

    title: Said
    ids: tuple[str, ...]


Section: TypeAlias = Lines | Records | Events | Services


@dataclass(frozen=True, slots=True)
class QueryResult:
    """What was found; without sections nothing was, and `advice` says what to do."""

    service: str
    found: bool
    as_of: datetime
    source: Said
    sensitivity: Sensitivity
    printable: bool
    advice: Said
    sections: tuple[Section, ...] = field(repr=False)
    cursor: str = ""
    """Where the next page begins; "" there is none."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Everything that an item of reference data can answer. No personal data."""

    service: str
    issued_at: datetime
    source: Said
    advice: Said
    title: Said
    columns: tuple[Said, ...]
    records: tuple[tuple[Mapping[str, str], tuple[Said, ...]], ...]
    """Keys that must be equal to an answer of the same name, and the cells."""


class Queries:
    """Calls of `Platform` that ask. Raises `BadSignature` for a reply that `public_key` (hex) did not sign."""

    def __init__(self, get: Get, post: Post, public_key: str) -> None:
        self._get = get
        self._post = post
        self._public_key = public_key

    async def ask(
        self, session: str, service: str, params: Mapping[str, str], consents: Sequence[str], cursor: str = ""
    ) -> QueryResult:
        """What is known. `session` "" for items of level A0. Asking again is always safe."""
        body = {"service": service, "params": dict(params), "consents": list(consents), "cursor": cursor or None}
        reply = await self._post("/queries", body, session=session)
        m = Members(reply, "QueryResult")
        verify_signed(reply, self._public_key)
        found = result(m)
        if found.service != service:
            raise BadReply("QueryResult.service: the answer is for another item")
        return found

    async def reference(self, service: str) -> dict[str, Any]:
        """The reference data as they were sent, to be kept (`catalogue.reference_data`); their signature is right."""
        reply = await self._get(f"/reference/{quote(service, safe='')}")
        verify_signed(reply, self._public_key)
        if reference(reply).service != service:
            raise BadReply("ReferenceData.service: these are another item's")
        return dict(reply)


def result(m: Members) -> QueryResult:
    """A QueryResult of the contract. Raises `BadReply`."""
    sections = tuple(s for s in map(_section, m.objects("sections", MAX_SECTIONS)) if s is not None)
    return QueryResult(
        m.text("service", 20, SERVICE),
        m.word("state", _STATES) == "found",
        m.time("as_of"),
        said(m.members("source"), 500),
        cast("Sensitivity", m.word("sensitivity", _SENSITIVITIES)),
        m.flag("printable"),
        said(m.members("advice"), 500),
        sections,
        m.text_or_none("next_cursor", 10, CURSOR) or "",
    )


def reference(reply: Any) -> Reference:
    """A ReferenceData of the contract. Raises `BadReply`."""
    m = Members(reply, "ReferenceData")
    columns = tuple(said(c) for c in m.objects("columns", MAX_COLUMNS))
    records = tuple(_entry(e, len(columns)) for e in m.objects("records", MAX_REFERENCE))
    return Reference(
        m.text("service", 20, SERVICE),
        m.time("issued_at"),
        said(m.members("source"), 500),
        said(m.members("advice"), 500),
        said(m.members("title")),
        columns,
        records,
    )


def said(m: Members, longest: int = 160) -> Said:
    """Words in both languages."""
    return Said(m.text("zh", longest), m.text("en", longest))


def _entry(m: Members, columns: int) -> tuple[Mapping[str, str], tuple[Said, ...]]:
    named = m.plain("keys")
    if len(named) > MAX_KEYS:
        raise BadReply(f"ReferenceData.records[].keys: at most {MAX_KEYS}")
    keys = {str(name): m.members("keys").text(name, 60) for name in named}
    cells = tuple(said(c) for c in m.objects("cells", MAX_COLUMNS))
    if len(cells) != columns:
        raise BadReply("ReferenceData.records[].cells: as many as there are columns are wanted")
    return keys, cells


def _section(m: Members) -> Section | None:
    """One section; None for a kind that is new to us."""
    kind = m.text("kind", 40)
    title = said(m.members("title"))
    match kind:
        case "figures" | "rows":
            return Lines(title, tuple(_line(r) for r in m.objects("rows", MAX_ROWS)), kind == "figures")
        case "table":
            columns = tuple(said(c) for c in m.objects("columns", MAX_COLUMNS))
            return Records(title, columns, tuple(_record(r, len(columns)) for r in m.each("records", MAX_RECORDS)))
        case "steps":
            return Events(title, tuple(_event(e) for e in m.objects("steps", MAX_EVENTS)))
        case "services":
            ids = m.texts("ids", MAX_SERVICES, 20)
            return Services(title, tuple(i for i in ids if SERVICE.fullmatch(i)))
    return None


def _line(m: Members) -> Line:
    return Line(said(m.members("label")), said(m.members("value")), m.flag("private"))


def _record(raw: Any, columns: int) -> tuple[Said, ...]:
    if not isinstance(raw, list) or len(raw) != columns:
        raise BadReply("QueryTable.records[]: as many cells as there are columns are wanted")
    return tuple(said(Members(cell, "QueryTable.records[][]")) for cell in raw)


def _event(m: Members) -> Event:
    state = cast("EventState", m.word("state", _EVENT_STATES))
    return Event(said(m.members("label")), state, m.text("at", 10, _DAY), said(m.members("note")))
