"""Help by people, complaints and requests to 12345, notices."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City, new_id
from simulator.platform.models import Sent, ServiceId
from simulator.platform.store import count

SCHEMA = """
CREATE TABLE IF NOT EXISTS request12345(
    number TEXT PRIMARY KEY, service TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, phone TEXT NOT NULL,
    at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS help_request(
    id TEXT PRIMARY KEY, kiosk TEXT NOT NULL, key TEXT NOT NULL, number TEXT NOT NULL, service TEXT NOT NULL,
    topic TEXT NOT NULL, phone TEXT NOT NULL, at TEXT NOT NULL, UNIQUE (kiosk, key));
"""
HOTLINE = "0631-12345"
FIRST_HOUR, LAST_HOUR = 9, 17
OPEN = {
    "zh": "工作日 9:00–17:00 有人接听，其他时间 12345 值守",
    "en": "Weekdays 9:00-17:00; 12345 answers at all hours",
}


class HelpAsked(Sent):
    """Somebody at a terminal wants to speak to a person."""

    service: ServiceId
    topic: Annotated[str, Field(max_length=60)]
    phone: Annotated[str, Field(pattern=r"^(1[3-9][0-9]{9})?$", max_length=11)]
    case_no: Annotated[str, Field(max_length=60)]


def router(city: City) -> APIRouter:
    """`POST /help-requests`, `GET /notices`; complaints and requests come as applications (`take`)."""
    api = APIRouter()

    @api.post("/help-requests")
    async def ask(body: HelpAsked, call: CallDep) -> Reply:
        return call.once(201, lambda cx: _help(cx, call, body))

    @api.get("/notices")
    async def notices() -> Reply:
        return Reply({"items": _notices(city)})

    return api


def take(cx: sqlite3.Connection, call: Call, service: str, form: Mapping[str, str], number: str) -> None:
    """A complaint or a request under the number of its application."""
    values = (number, service, form.get("kind", "request"), form["text"], form.get("phone", ""), call.city.stamp())
    cx.execute("INSERT INTO request12345 VALUES (?, ?, ?, ?, ?, ?)", values)


def _help(cx: sqlite3.Connection, call: Call, asked: HelpAsked) -> Mapping[str, Any]:
    call.city.service(asked.service)
    now = call.city.now()
    number = f"{now:%m%d}{count(cx, f'help:{now:%Y%m%d}') % 10_000:04d}"
    found = (new_id("hlp"), call.kiosk, call.key, number, asked.service, asked.topic, asked.phone, call.city.stamp())
    cx.execute("INSERT INTO help_request VALUES (?, ?, ?, ?, ?, ?, ?, ?)", found)
    staffed = now.weekday() < 5 and FIRST_HOUR <= now.hour < LAST_HOUR
    way = "call-back" if asked.phone else "call-us"
    minutes = 0 if not asked.phone else 10 if staffed else 60
    return {"id": found[0], "number": number, "way": way, "phone": HOTLINE, "minutes": minutes, "open": OPEN}


def _notices(city: City) -> list[Mapping[str, Any]]:
    return [
        {
            "id": "notice-0001",
            "title": {"zh": "自助服务区全天开放", "en": "Self-service around the clock"},
            "text": {
                "zh": "夜间办理遇到问题，请拨打 0631-12345。",
                "en": "If you need help at night, please call 0631-12345.",
            },
            "until": city.stamp(30 * 86_400),
        }
    ]
