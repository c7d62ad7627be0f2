"""Print authorisations: one signed permission per intent to print one document once, and how it ended."""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query

from config.catalogue import Service
from config.codes import licence_identifier
from simulator.platform import forms, registry
from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City
from simulator.platform.models import Id, Key, PrintOutcome, PrintRequest
from simulator.platform.problems import Refusal
from simulator.platform.sessions import proven
from simulator.platform.signing import canonical, code_payload, signed
from simulator.platform.store import count

AUTHORISATION_S = 120
VALID_DAYS = 92
ISSUER = "11371000MB2856435T"
LICENCE_KIND = f"{ISSUER}901"
"""Type code of the invented licence: a real body of Weihai and three digits of ours."""
_DIGITS = "〇一二三四五六七八九"
_MONTHS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")

_SETTLED: Mapping[tuple[str, str], str] = {
    **{("AUTHORISED", state): state for state in ("PRINTED", "VOID", "UNCLEAR")},
    **{("UNCLEAR", state): state for state in ("PRINTED", "VOID", "UNCLEAR")},
    ("PRINTED", "PRINTED"): "PRINTED",
    ("VOID", "VOID"): "VOID",
}


def router(city: City) -> APIRouter:
    """Endpoints of print authorisations."""
    api = APIRouter()

    @api.post("/print-authorisations")
    async def authorise(body: PrintRequest, call: CallDep) -> Reply:
        return call.once(201, lambda cx: _authorise(cx, call, body))

    @api.get("/print-authorisations")
    async def find(intent: Annotated[Key, Query()], call: CallDep) -> Reply:
        return call.read(lambda cx: {"items": [_shown(r) for r in _by_intent(cx, call, intent)]})

    @api.post("/print-authorisations/{jti}/outcomes")
    async def outcome(jti: Id, body: PrintOutcome, call: CallDep) -> Reply:
        return call.once(200, lambda cx: _report(cx, call, jti, body))

    del city
    return api


def _by_intent(cx: sqlite3.Connection, call: Call, intent: str) -> list[sqlite3.Row]:
    return cx.execute("SELECT * FROM print WHERE kiosk = ? AND intent = ?", (call.kiosk, intent)).fetchall()


def _authorise(cx: sqlite3.Connection, call: Call, request: PrintRequest) -> Mapping[str, Any]:
    known = _by_intent(cx, call, call.key)
    if known:
        return _shown(known[0])
    service = call.city.service(request.service)
    if service.certificate is None:
        raise Refusal("item-not-available", "this service prints nothing")
    session = proven(cx, call, service, request.consents)
    forms.check(service, request.params, "params")
    document = _document(cx, call, service, request.params, session["number"])
    cx.execute(
        "INSERT INTO print (jti, kiosk, intent, citizen, service, serial, identifier, document, state, expires_at, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'AUTHORISED', ?, ?)",
        (
            f"prt-{secrets.token_hex(12)}",
            call.kiosk,
            call.key,
            session["number"],
            service.id,
            document["serial"],
            document["identifier"],
            json.dumps(document, ensure_ascii=False),
            call.city.stamp(AUTHORISATION_S),
            call.city.stamp(),
        ),
    )
    return _shown(_by_intent(cx, call, call.key)[0])


def _document(
    cx: sqlite3.Connection, call: Call, service: Service, params: Mapping[str, str], number: str
) -> dict[str, Any]:
    """The certificate's content: the insured status of one citizen."""
    who = registry.citizen(number)
    assert who is not None
    today = call.city.now().date()
    sequence = count(cx, f"print:{today:%y%m%d}")
    first, last = params.get("from_month", ""), params.get("to_month", "")
    kind = registry.KINDS.get(params.get("kinds", "all"))
    rows = [
        [i.kind, i.status, f"{i.since[0]}-{i.since[1]:02d}", str(i.months(first, last))]
        for i in registry.insurances(who, today)
        if kind in (None, i.kind)
    ]
    document: dict[str, Any] = {
        "template": service.certificate,
        "identifier": licence_identifier(LICENCE_KIND, ISSUER, f"{today:%Y%m%d}{sequence:05d}", 1),
        "title": service.name.zh,
        "holder_name": who.name,
        "holder_number_masked": who.number[:6] + "*" * 8 + who.number[-4:],
        "statement": _statement(today, first, last, found=bool(rows)),
        "columns": ["险种", "参保状态", "起始年月", "累计月数"],
        "rows": rows,
        "issuer": service.authority.zh,
        "issued_on": today.isoformat(),
        "purpose": "本人办事",
        "valid_until": (today + timedelta(days=VALID_DAYS)).isoformat(),
        "serial": f"{service.id[3:5]}-{today:%y%m%d}-{sequence:05d}",
    }
    digest = hashlib.sha256(canonical(document)).hexdigest()[:32]
    keys = ("identifier", "serial", "issued_on", "valid_until")
    document["qr"] = code_payload({**{key: document[key] for key in keys}, "digest": digest})
    return document


def _statement(today: date, first: str, last: str, *, found: bool) -> str:
    """Goes on from the holder's name and number."""
    day = "".join(_DIGITS[int(d)] for d in f"{today:%Y}") + "年" + _MONTHS[today.month - 1] + "月"
    if not found:
        return f"在我市没有所选险种的参保记录，截至{day}。"
    span = ""
    if first or last:
        begin = f"{first[:4]}年{first[4:]}月" if first else "参保之初"
        end = f"{last[:4]}年{last[4:]}月" if last else "今"
        span = f"，{begin}至{end}"
    return f"在我市参加社会保险，截至{day}{span}，参保情况如下："


def _report(cx: sqlite3.Connection, call: Call, jti: str, outcome: PrintOutcome) -> Mapping[str, Any]:
    row = cx.execute("SELECT * FROM print WHERE jti = ? AND kiosk = ?", (jti, call.kiosk)).fetchone()
    if row is None:
        raise Refusal("not-found")
    state = _SETTLED.get((row["state"], outcome.state))
    if state is None:
        raise Refusal("print-settled", f"the print is {row['state']}, the report says {outcome.state}")
    cx.execute(
        "UPDATE print SET state = ?, pages = ?, evidence = ? WHERE jti = ?",
        (state, outcome.pages, json.dumps(outcome.evidence), jti),
    )
    return {"jti": jti, "state": state}


def _shown(row: sqlite3.Row) -> Mapping[str, Any]:
    return signed(
        {
            "kiosk": row["kiosk"],
            "intent": row["intent"],
            "service": row["service"],
            "jti": row["jti"],
            "copies": 1,
            "expires_at": row["expires_at"],
            "simulated": True,
            "state": row["state"],
            "document": json.loads(row["document"]),
        }
    )
