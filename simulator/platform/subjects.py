"""Shared data and licences of the person in the session: read for a service, under a consent."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query

from simulator.people import Citizen
from simulator.platform import registry
from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City
from simulator.platform.models import Id, SharedDataRead
from simulator.platform.problems import Refusal
from simulator.platform.sessions import agreed, current


def router(city: City) -> APIRouter:
    """`/subjects:profile` and `/subjects/me`."""
    api = APIRouter()

    @api.post("/subjects:profile")
    async def profile(body: SharedDataRead, call: CallDep) -> Reply:
        return call.read(lambda cx: _profile(call, body, _person(cx, call, body, "share")))

    @api.get("/subjects/me")
    async def me(consent: Annotated[Id, Query()], call: CallDep) -> Reply:
        return call.read(lambda cx: _me(cx, call, consent))

    del city
    return api


def _person(cx: sqlite3.Connection, call: Call, read: SharedDataRead, of: str) -> Citizen:
    row = current(cx, call, call.session)
    if row["level"] < "A2":
        raise Refusal("assurance-too-low")
    agreed(cx, row["id"], [read.consent], of=of)
    who = registry.citizen(row["number"])
    assert who is not None
    return who


def _me(cx: sqlite3.Connection, call: Call, consent: str) -> Mapping[str, Any]:
    """What a card would have said, for somebody who is proven without one."""
    row = current(cx, call, call.session)
    if row["level"] < "A3":
        raise Refusal("assurance-too-low", "without a card a live person is needed")
    agreed(cx, row["id"], [consent], of="identity")
    who = registry.citizen(row["number"])
    assert who is not None
    return {
        "name": who.name,
        "number": who.number,
        "sex": who.sex,
        "birth": who.birth.isoformat(),
        "address": who.address,
        "valid_from": who.valid_from.isoformat(),
        "valid_to": who.valid_to.isoformat() if who.valid_to else None,
    }


def _profile(call: Call, read: SharedDataRead, who: Citizen) -> Mapping[str, Any]:
    code, name = registry.region(who)
    known = {"region_reg": (code, name), "phone": (who.phone, who.phone)}
    wanted = [spec.key for spec in call.city.service(read.service).form if spec.prefill == "share"]
    return {
        "fields": {
            key: {"value": known[key][0], "text": known[key][1], "source": "share"} for key in wanted if key in known
        }
    }
