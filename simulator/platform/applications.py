"""Applications: exactly one case per intent and per draft, with a number to remember and a promised day; the acceptance
is signed and names the digests of all sheets in the archive."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query

from config.catalogue import Service
from config.divisions import CITY, division_name
from simulator.platform import bundles, calendar, counters, forms, handed_in
from simulator.platform.applying_models import Application, MaterialRef, SignatureRef
from simulator.platform.assurance import acting_for, current, proven
from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City
from simulator.platform.fees import fee_of
from simulator.platform.models import Id, Key
from simulator.platform.problems import Flaw, Refusal
from simulator.platform.signing import signed
from simulator.platform.store import count

SCHEMA = """
CREATE TABLE IF NOT EXISTS application_draft(draft TEXT PRIMARY KEY, number TEXT NOT NULL) WITHOUT ROWID;
"""
LAST_OF_DAY = 9999
DISTRICTS = ("region_reg", "region", "district")
"""Form fields that say whose case it is, the first that is there."""


def router(city: City) -> APIRouter:
    """Endpoints of applications."""
    api = APIRouter()

    @api.post("/applications")
    async def submit(body: Application, call: CallDep) -> Reply:
        return call.once(201, lambda cx: _submit(cx, call, body))

    @api.get("/applications")
    async def find(
        call: CallDep,
        intent: Annotated[Key | None, Query()] = None,
        draft: Annotated[Id | None, Query()] = None,
        mine: Annotated[Literal["yes"] | None, Query()] = None,
    ) -> Reply:
        if sum(asked is not None for asked in (intent, draft, mine)) != 1:
            raise Refusal("validation", "one of them", [Flaw("/query", "one-of", "intent, draft or mine")])
        if mine is not None:
            return call.read(lambda cx: {"items": [line(cx, row) for row in _mine(cx, call)]})
        if draft is not None:
            return call.read(lambda cx: {"items": [shown(cx, r) for r in _by_draft(cx, call, draft)]})
        return call.read(lambda cx: {"items": [shown(cx, r) for r in by_intent(cx, call, intent or "")]})

    del city
    return api


def by_intent(cx: sqlite3.Connection, call: Call, intent: str) -> list[sqlite3.Row]:
    """The case of this terminal's intent."""
    return cx.execute("SELECT * FROM application WHERE kiosk = ? AND intent = ?", (call.kiosk, intent)).fetchall()


def _by_draft(cx: sqlite3.Connection, call: Call, draft: str) -> list[sqlite3.Row]:
    joined = "application a JOIN application_draft d ON d.number = a.number"
    query = f"SELECT a.* FROM {joined} WHERE d.draft = ? AND a.kiosk = ?"  # noqa: S608 - our own words
    return cx.execute(query, (draft, call.kiosk)).fetchall()


def _mine(cx: sqlite3.Connection, call: Call) -> list[sqlite3.Row]:
    session = current(cx, call, call.session)
    if session["level"] < "A1" or not session["number"]:
        raise Refusal("assurance-too-low")
    query = "SELECT * FROM application WHERE citizen = ? ORDER BY accepted_at DESC, number DESC LIMIT 50"
    return cx.execute(query, (session["number"],)).fetchall()


def line(cx: sqlite3.Connection, row: sqlite3.Row) -> Mapping[str, Any]:
    """A case as its own person sees it in a list."""
    asked = cx.execute("SELECT material FROM asked_for WHERE number = ? ORDER BY material", (row["number"],))
    members = ("number", "service", "state", "accepted_at", "promise_date")
    return {**{m: row[m] for m in members}, "asked_for": [a["material"] for a in asked]}


def _submit(cx: sqlite3.Connection, call: Call, application: Application) -> Mapping[str, Any]:
    known = by_intent(cx, call, call.key)
    if known:
        return shown(cx, known[0])
    service = call.city.service(application.service)
    if "submit" not in service.steps:
        raise Refusal("item-not-available", "this service takes no applications")
    if (
        application.draft
        and cx.execute("SELECT 1 FROM application_draft WHERE draft = ?", (application.draft,)).fetchone()
    ):
        raise Refusal("duplicate-application", "this draft was handed in")
    session = proven(cx, call, service, application.consents, application.submitted_at)
    agent = acting_for(cx, call.session) is not None
    if application.order is not None or not _costs_nothing(cx, call, service, application.form, session["number"]):
        _paid(cx, call, service, application.order, session["number"])
    return accept(cx, call, service, session["number"], application, agent=agent)


def accept(
    cx: sqlite3.Connection,
    call: Call,
    service: Service,
    citizen: str,
    application: Application,
    *,
    agent: bool = False,
    document: str = "",
) -> Mapping[str, Any]:
    """Check form, materials and signatures, and make the case: what a person has handed in.

    `document`: the digest that was signed, where the references have been replaced since.
    """
    handed: Sequence[MaterialRef] = application.materials
    signatures: Sequence[SignatureRef] = application.signatures
    forms.check(call.city, service, application.form, "form", organisation=agent)
    handed_in.check_grades(service, handed)
    handed_in.refuse(handed_in.troubles(cx, call.city, service, citizen, application.form, handed, agent=agent))
    document = document or handed_in.document_digest(service.id, application.form, handed)
    handed_in.check_signatures(document, signatures)
    handed_in.check_signed(service, signatures, handed)
    now = call.city.now()
    promise = calendar.promise(now.date(), service.working_days)
    number = _number(cx, call, next((application.form[k] for k in DISTRICTS if k in application.form), CITY))
    values = (
        number,
        call.kiosk,
        call.key,
        citizen,
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
    columns = (
        "number, kiosk, intent, citizen, service, payment_order, form, consents, reviewed_digest, state, accepted_at,"
        " promise_date, estimated"
    )
    cx.execute(f"INSERT INTO application ({columns}) VALUES ({', '.join('?' * len(values))})", values)  # noqa: S608 - our own words and question marks
    handed_in.archive(cx, number, citizen, service, handed)
    handed_in.sign(cx, number, signatures)
    if application.draft:
        cx.execute("INSERT INTO application_draft VALUES (?, ?)", (application.draft, number))
        cx.execute("DELETE FROM draft WHERE id = ? AND citizen = ?", (application.draft, citizen))
    counters.act(cx, call, service.id, application.form, number, citizen)
    bundles.opened(cx, call.city, number)
    return shown(cx, by_intent(cx, call, call.key)[0])


def _costs_nothing(cx: sqlite3.Connection, call: Call, service: Service, form: Mapping[str, str], citizen: str) -> bool:
    """A fee that a reduction, or the answers, leave nothing of."""
    return "pay" in service.steps and fee_of(cx, call.city, service, citizen, form, ()).fen == 0


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
    division = division if division.isdecimal() and len(division) == 6 else CITY  # a free text is no division
    start = f"{division}{call.city.now():%y%m%d}"
    number = count(cx, f"application:{start}")
    if number > LAST_OF_DAY:
        raise Refusal("upstream-unavailable", "no acceptance numbers are left for today", retry_after_s=3600)
    return f"{start}{number:04d}"


def shown(cx: sqlite3.Connection, row: sqlite3.Row) -> Mapping[str, Any]:
    """The acceptance, signed."""
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
            "archive": handed_in.archived(cx, row["number"]),
            **bundles.parts_member(cx, row["number"]),
        }
    )
