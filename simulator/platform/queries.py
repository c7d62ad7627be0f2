"""Queries: what the city knows about an item, page by page and signed; and the reference data that terminals keep."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from config.catalogue import Service
from simulator.people import Citizen
from simulator.platform import forms, registry
from simulator.platform.assurance import acting_for, proven
from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City
from simulator.platform.models import ConsentIds, Sent, ServiceId, Values
from simulator.platform.problems import Flaw, Refusal
from simulator.platform.records import RECORDS, Ask, Record
from simulator.platform.records.answer import Dice, Section
from simulator.platform.records.directory import DIRECTORIES
from simulator.platform.signing import signed

PAGE = 50
WISH = "queries"
NO_WORDS = {"zh": "", "en": ""}


class Query(Sent):
    """What a terminal asks."""

    service: ServiceId
    params: Values
    consents: ConsentIds
    cursor: Annotated[str, Field(pattern=r"^row-[0-9]{1,6}$", max_length=10)] | None


class Wish(BaseModel):
    """Whether there are records: by rule, always, never."""

    model_config = ConfigDict(extra="forbid")

    answer: Literal["rule", "found", "none"] = "rule"


def router(city: City) -> APIRouter:
    """Endpoints of queries and reference data."""
    api = APIRouter()

    @api.post("/queries")
    async def query(body: Query, call: CallDep) -> Reply:
        return call.read(lambda cx: _answer(cx, call, body))

    @api.get("/reference/{service}")
    async def reference(service: ServiceId) -> Reply:
        return Reply(_reference(city, city.service(service)))

    return api


def desk(city: City) -> APIRouter:
    """`POST /sim/queries {"answer": "rule" | "found" | "none"}`: what every query finds from now on."""
    api = APIRouter(prefix="/sim")

    @api.post("/queries")
    async def wish(body: Wish) -> dict[str, str]:
        city.wishes[WISH] = body.answer
        return {"answer": body.answer}

    return api


def _answer(cx: sqlite3.Connection, call: Call, query: Query) -> Mapping[str, Any]:
    service = call.city.service(query.service)
    record = RECORDS.get(service.id)
    if record is None:
        raise Refusal("item-not-available", "this item is not a query")
    who = _who(cx, call, service, query)
    agent = bool(call.session) and acting_for(cx, call.session) is not None
    forms.check(call.city, service, query.params, "params", organisation=agent)
    number = who.number if who else ""
    wish = {"found": True, "none": False}.get(call.city.wishes.get(WISH, ""))
    drawn = Dice(f"{service.id}|{number}|{'|'.join(f'{k}={v}' for k, v in sorted(query.params.items()))}")
    today = call.city.now().date()
    ask = Ask(service, query.params, who, today, cx, call.city.catalogue, wish, drawn)
    sections = record.make(ask)
    shown, following = _page(sections or [], int((query.cursor or "row-0")[4:]))
    return signed(_result(call.city, service, record, sections, shown, following))


def _who(cx: sqlite3.Connection, call: Call, service: Service, query: Query) -> Citizen | None:
    if service.level == "A0":
        return None
    row = proven(cx, call, service, query.consents)
    who = registry.citizen(row["number"])
    if who is None:
        raise Refusal("identity-not-found")
    return who


def _result(
    city: City,
    service: Service,
    record: Record,
    found: list[Section] | None,
    shown: list[Section],
    following: str | None,
) -> dict[str, Any]:
    return {
        "service": service.id,
        "state": "found" if found else "none",
        "as_of": city.stamp(),
        "source": record.source,
        "sensitivity": record.sensitivity,
        "printable": bool(found)
        and record.sensitivity != "sensitive"
        and bool({"receipt", "a4"} & set(service.outputs)),
        "advice": NO_WORDS if found else record.advice,
        "sections": shown,
        "next_cursor": following,
    }


def _page(sections: list[Section], start: int) -> tuple[list[Section], str | None]:
    """The sections from record `start` of the last table on; everything else stands on the first page only."""
    if not sections or sections[-1]["kind"] != "table":
        if start:
            raise _no_cursor()
        return sections, None
    last = sections[-1]
    records = last["records"]
    if start and start >= len(records):
        raise _no_cursor()
    page = {**last, "records": records[start : start + PAGE]}
    following = f"row-{start + PAGE}" if start + PAGE < len(records) else None
    return ([page] if start else [*sections[:-1], page]), following


def _no_cursor() -> Refusal:
    return Refusal("validation", "", [Flaw("/body/cursor", "unknown", "not a cursor of this answer")])


def _reference(city: City, service: Service) -> dict[str, Any]:
    directory = DIRECTORIES.get(service.id)
    if directory is None:
        raise Refusal("not-found", "this item has no reference data")
    record = RECORDS[service.id]
    entries = directory.entries(city.now().date())
    return signed(
        {
            "service": service.id,
            "issued_at": city.stamp(),
            "source": record.source,
            "advice": record.advice,
            "title": directory.title,
            "columns": list(directory.columns),
            "records": [{"keys": dict(e.keys), "cells": list(e.cells)} for e in entries],
        }
    )
