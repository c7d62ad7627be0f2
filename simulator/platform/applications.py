"""Applications: exactly one case per intent, with a number to remember and a promised day; the acceptance is signed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query

from config.catalogue import Service
from config.divisions import CITY, division_name
from simulator.platform import calendar, forms
from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City
from simulator.platform.models import Application, Key
from simulator.platform.problems import Refusal
from simulator.platform.sessions import proven
from simulator.platform.signing import signed
from simulator.platform.store import count

LAST_OF_DAY = 9999


def router(city: City) -> APIRouter:
    """Endpoints of applications."""
    api = APIRouter()

    @api.post("/applications")
    async def submit(body: Application, call: CallDep) -> Reply:
        return call.once(201, lambda cx: _submit(cx, call, body))

    @api.get("/applications")
    async def find(intent: Annotated[Key, Query()], call: CallDep) -> Reply:
        return call.read(lambda cx: {"items": [_shown(r) for r in _by_intent(cx, call, intent)]})

    del city
    return api


def _by_intent(cx: sqlite3.Connection, call: Call, intent: str) -> list[sqlite3.Row]:
    return cx.execute("SELECT * FROM application WHERE kiosk = ? AND intent = ?", (call.kiosk, intent)).fetchall()


def _submit(cx: sqlite3.Connection, call: Call, application: Application) -> Mapping[str, Any]:
    known = _by_intent(cx, call, call.key)
    if known:
        return _shown(known[0])
    service = call.city.service(application.service)
    if "submit" not in service.steps:
        raise Refusal("item-not-available", "this service takes no applications")
    session = proven(cx, call, service, application.consents, application.submitted_at)
    forms.check(service, application.form, "form")
    _paid(cx, call, service, application.order, session["number"])
    now = call.city.now()
    promise = calendar.promise(now.date(), service.working_days)
    values = (
        _number(cx, call, application.form.get("region_reg", CITY)),
        call.kiosk,
        call.key,
        session["number"],
        service.id,
        application.order,
        json.dumps(application.form, ensure_ascii=False),
        json.dumps(application.consents),
        application.reviewed_digest,
        "ACCEPTED",
        call.city.stamp(),
        promise.day.isoformat(),
        promise.estimated,
    )
    cx.execute(f"INSERT INTO application VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608 - question marks
    return _shown(_by_intent(cx, call, call.key)[0])


def _paid(cx: sqlite3.Connection, call: Call, service: Service, order: str | None, citizen: str) -> None:
    """Refuse unless a fee that is due before submitting has been paid with this order, for this case."""
    if "pay" not in service.steps or service.steps.index("pay") > service.steps.index("submit"):
        if order is not None:
            raise Refusal("order-mismatch", "nothing is paid before this application")
        return
    if order is None:
        raise Refusal("payment-required")
    row = cx.execute("SELECT * FROM payment_order WHERE id = ? AND kiosk = ?", (order, call.kiosk)).fetchone()
    if row is None or row["service"] != service.id or row["number"] != citizen:
        raise Refusal("order-mismatch")
    if row["state"] == "UNKNOWN":
        raise Refusal("payment-unknown")
    if row["state"] != "PAID":
        raise Refusal("payment-required", f"the order is {row['state']}")
    if cx.execute("SELECT 1 FROM application WHERE payment_order = ?", (order,)).fetchone():
        raise Refusal("order-used")


def _number(cx: sqlite3.Connection, call: Call, division: str) -> str:
    """16 digits: division, day, number of the day."""
    start = f"{division}{call.city.now():%y%m%d}"
    number = count(cx, f"application:{start}")
    if number > LAST_OF_DAY:
        raise Refusal("upstream-unavailable", "no acceptance numbers are left for today", retry_after_s=3600)
    return f"{start}{number:04d}"


def _shown(row: sqlite3.Row) -> Mapping[str, Any]:
    form = json.loads(row["form"])
    district = form.get("region_reg", CITY)
    if form.get("receive_mode") == "courier":
        pickup = {"zh": "免费邮寄到家", "en": "Free courier to your home"}
    else:
        pickup = {
            "zh": f"{division_name(district)}公安户籍窗口",
            "en": f"Household counter, {division_name(district, 'en')}",
        }
    return signed(
        {
            "kiosk": row["kiosk"],
            "intent": row["intent"],
            "service": row["service"],
            "number": row["number"],
            "state": row["state"],
            "accepted_at": row["accepted_at"],
            "promise_date": row["promise_date"],
            "promise_estimated": bool(row["estimated"]),
            "pickup": pickup,
        }
    )
