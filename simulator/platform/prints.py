"""Print authorisations: one signed permission per intent to print one document once, and how it ended."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query

from config.catalogue import Service
from config.certificate_code import masked_holder
from config.codes import licence_identifier
from simulator.platform import forms, issuing, library
from simulator.platform.assurance import acting_for, current, proven
from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City
from simulator.platform.models import Id, Key, PrintOutcome, PrintRequest
from simulator.platform.print_contents import contents
from simulator.platform.problems import Refusal
from simulator.platform.signing import canonical, signed
from simulator.platform.store import count

AUTHORISATION_S = 120
ISSUER = "11371000MB2856435T"
"""A real body of Weihai; with three digits of ours it is the type code of an invented licence."""
LICENCE_KIND = f"{ISSUER}912"
VALID_DAYS = 92

_SETTLED: Mapping[tuple[str, str], str] = {
    **{("AUTHORISED", state): state for state in ("PRINTED", "VOID", "UNCLEAR")},
    **{("UNCLEAR", state): state for state in ("PRINTED", "VOID", "UNCLEAR")},
    ("PRINTED", "PRINTED"): "PRINTED",
    ("VOID", "VOID"): "VOID",
    # The terminal did not accept this permission. One that was used before stays what it was.
    ("AUTHORISED", "REJECTED"): "VOID",
    **{(state, "REJECTED"): state for state in ("PRINTED", "VOID", "UNCLEAR")},
}


def router(city: City) -> APIRouter:
    """Endpoints of print authorisations."""
    api = APIRouter()

    @api.post("/print-authorisations")
    async def authorise(body: PrintRequest, call: CallDep) -> Reply:
        return call.once(201, lambda cx: _authorise(cx, call, body))

    @api.get("/print-authorisations")
    async def find(intent: Annotated[Key, Query()], call: CallDep) -> Reply:
        return call.read(lambda cx: {"items": [shown(r) for r in by_intent(cx, call, intent)]})

    @api.post("/print-authorisations/{jti}/outcomes")
    async def outcome(jti: Id, body: PrintOutcome, call: CallDep) -> Reply:
        return call.once(200, lambda cx: _report(cx, call, jti, body))

    del city
    return api


def by_intent(cx: sqlite3.Connection, call: Call, intent: str) -> list[sqlite3.Row]:
    """The permission of one intent of the asking terminal, or none."""
    return cx.execute("SELECT * FROM print WHERE kiosk = ? AND intent = ?", (call.kiosk, intent)).fetchall()


def _authorise(cx: sqlite3.Connection, call: Call, request: PrintRequest) -> Mapping[str, Any]:
    known = by_intent(cx, call, call.key)
    if known:
        return shown(known[0])
    service = call.city.service(request.service)
    if service.certificate is None:
        raise Refusal("item-not-available", "this service prints nothing")
    # Where nobody has to say who they are there is nothing to agree to.
    anonymous = service.level == "A0" and "consent" not in service.steps
    session = current(cx, call, call.session) if anonymous else proven(cx, call, service, request.consents)
    agent = bool(call.session) and acting_for(cx, call.session) is not None
    forms.check(call.city, service, request.params, "params", organisation=agent)
    flaw = call.city.wishes.pop("flaw", "")
    document = document_of(cx, call, service, request.params, dict(session), flaw)
    earlier = cx.execute("SELECT jti FROM print WHERE kiosk = ? ORDER BY rowid DESC", (call.kiosk,)).fetchone()
    cx.execute(
        "INSERT INTO print (jti, kiosk, intent, citizen, service, serial, identifier, document, state, expires_at, at,"
        " copies) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'AUTHORISED', ?, ?, ?)",
        (
            f"prt-{secrets.token_hex(12)}",
            call.kiosk,
            call.key,
            session["number"] or "",
            service.id,
            document["serial"],
            document["identifier"],
            json.dumps(document, ensure_ascii=False),
            call.city.stamp(AUTHORISATION_S),
            call.city.stamp(),
            request.copies,
        ),
    )
    return shown(by_intent(cx, call, call.key)[0], flaw, earlier["jti"] if earlier and flaw == "replayed" else "")


def document_of(
    cx: sqlite3.Connection,
    call: Call,
    service: Service,
    params: Mapping[str, str],
    session: Mapping[str, Any],
    flaw: str = "",
) -> dict[str, Any]:
    """The document's content. One of the licence library carries the identifier of its version and is a copy."""
    said = contents(cx, call.city, service, session, params)
    today = call.city.now().date()
    sequence = count(cx, f"print:{today:%y%m%d}")
    kind = f"{ISSUER}{said.layout.type}"
    document: dict[str, Any] = {
        "template": service.certificate,
        "identifier": licence_identifier(kind, ISSUER, f"{today:%Y%m%d}{sequence:05d}", 1),
        "title": said.title,
        "holder_name": said.holder,
        "holder_number_masked": said.number,
        "statement": said.statement,
        "columns": said.columns,
        "rows": said.rows,
        "issuer": service.authority.zh,
        "issued_on": today.isoformat(),
        "purpose": said.purpose,
        "valid_until": said.valid_until.isoformat() if said.valid_until else None,
        "serial": f"{service.id[3:5]}-{today:%y%m%d}-{sequence:05d}",
        "kind": "certificate",
        "source": "",
        "seal": None,
    }
    if said.licence is not None:
        source = library.KINDS[said.licence.kind].issuer_zh
        document |= {"identifier": said.licence.identifier, "kind": "copy", "source": source}
    if flaw == "copy":
        document |= {"kind": "copy", "source": service.authority.zh}
    algorithm: Any = call.city.wishes.get("algorithm", "ED25519")
    document["qr"] = issuing.code_of(facts_of(document), algorithm, flaw)
    return document


def facts_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """What is printed, with the holder masked: the code's digest is over these (the contract's `Certificate.qr`)."""
    name = document["holder_name"]
    masked = masked_holder(name)
    facts = {key: value for key, value in document.items() if key not in ("qr", "seal")}
    seal = document["seal"]
    return facts | {
        "holder_name": masked,
        "statement": document["statement"].replace(name, masked),
        "seal": hashlib.sha256(base64.b64decode(seal["png"])).hexdigest() if seal else "",
    }


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


def shown(row: sqlite3.Row, flaw: str = "", replayed: str = "") -> Mapping[str, Any]:
    """A permission as terminals get it, signed."""
    document = json.loads(row["document"])
    ends = datetime.fromisoformat(row["expires_at"])
    jti = replayed or row["jti"]
    claims = {
        "jti": jti,
        "aud": row["kiosk"],
        "intent": row["intent"],
        "service": row["service"],
        "doc": hashlib.sha256(canonical(document)).hexdigest(),
        "copies": row["copies"],
        "nbf": int(ends.timestamp()) - AUTHORISATION_S,
        "exp": int(ends.timestamp()),
    }
    return signed(
        {
            "kiosk": row["kiosk"],
            "intent": row["intent"],
            "service": row["service"],
            "jti": jti,
            "copies": row["copies"],
            "expires_at": row["expires_at"],
            "simulated": True,
            "state": row["state"],
            "document": document,
            "token": issuing.print_token(claims, flaw),
        }
    )
