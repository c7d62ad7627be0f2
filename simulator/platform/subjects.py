"""Shared data and licences of the person in the session: read for a service, under a consent."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter

from simulator.people import Citizen
from simulator.platform import registry
from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City
from simulator.platform.models import SharedDataRead
from simulator.platform.problems import Refusal
from simulator.platform.sessions import agreed, current


def router(city: City) -> APIRouter:
    """`/subjects:profile` and `/licences:lookup`."""
    api = APIRouter()

    @api.post("/subjects:profile")
    async def profile(body: SharedDataRead, call: CallDep) -> Reply:
        return call.read(lambda cx: _profile(call, body, _person(cx, call, body)))

    @api.post("/licences:lookup")
    async def lookup(body: SharedDataRead, call: CallDep) -> Reply:
        return call.read(lambda cx: _licences(call, body, _person(cx, call, body)))

    del city
    return api


def _person(cx: sqlite3.Connection, call: Call, read: SharedDataRead) -> Citizen:
    row = current(cx, call, call.session)
    if row["level"] < "A2":
        raise Refusal("assurance-too-low")
    agreed(cx, row["id"], [read.consent])
    who = registry.citizen(row["number"])
    assert who is not None
    return who


def _profile(call: Call, read: SharedDataRead, who: Citizen) -> Mapping[str, Any]:
    code, name = registry.region(who)
    known = {"region_reg": (code, name), "phone": (who.phone, who.phone)}
    wanted = [spec.key for spec in call.city.service(read.service).form if spec.prefill == "share"]
    return {
        "fields": {
            key: {"value": known[key][0], "text": known[key][1], "source": "share"} for key in wanted if key in known
        }
    }


def _licences(call: Call, read: SharedDataRead, who: Citizen) -> Mapping[str, Any]:
    call.city.service(read.service)
    masked = who.number[:4] + "*" * 10 + who.number[-4:]
    until = who.valid_to.isoformat() if who.valid_to else None
    return {
        "items": [
            {"kind": "中华人民共和国居民身份证", "number_masked": masked, "grade": "A", "valid_to": until},
            {"kind": "中华人民共和国社会保障卡", "number_masked": masked, "grade": "A", "valid_to": None},
        ]
    }
