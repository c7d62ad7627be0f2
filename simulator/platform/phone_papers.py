"""Certificate codes for a citizen to hold up (`POST /sim/phone/certificate`): true, altered, void, expired, foreign.

| which   | the code                                                      | what a terminal must say of it |
|---------|---------------------------------------------------------------|--------------------------------|
| last    | of the certificate that was printed last                      | valid                          |
| altered | the same with another holder; a sample before the first print | altered                        |
| void    | a sample that is on the status list                           | void                           |
| expired | a sample whose last day is over                               | expired                        |
| foreign | an address of somebody else                                   | unknown                        |
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from datetime import timedelta
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from config.certificate_code import parse_code
from config.codes import licence_identifier
from simulator.platform.city import City
from simulator.platform.issuing import code_of, void
from simulator.platform.prints import ISSUER, LICENCE_KIND, VALID_DAYS
from simulator.platform.problems import Refusal
from simulator.platform.store import count

Which = Literal["last", "altered", "void", "expired", "foreign"]
FOREIGN = "https://licence.example/check?id=330100-2026-000001"
ANOTHER_HOLDER = "赵**"


class Paper(BaseModel):
    """Which certificate the citizen holds up."""

    model_config = ConfigDict(extra="forbid")

    which: Which = "last"


def router(city: City) -> APIRouter:
    """`POST /sim/phone/certificate` answers `{"code": text}`."""
    api = APIRouter(prefix="/sim")

    @api.post("/phone/certificate")
    async def certificate(paper: Paper) -> dict[str, str]:
        with city.store.transaction() as cx:
            return {"code": _code(cx, city, paper.which)}

    return api


def _code(cx: sqlite3.Connection, city: City, which: Which) -> str:
    if which == "foreign":
        return FOREIGN
    if which == "last":
        if (printed := _last_printed(cx)) is None:
            raise Refusal("not-found", "no certificate was printed yet: print one first")
        return printed
    if which == "altered":
        true = parse_code(_last_printed(cx) or _sample(cx, city, days_ago=0))
        return replace(true, holder=ANOTHER_HOLDER).text()
    code = _sample(cx, city, days_ago=VALID_DAYS + 1 if which == "expired" else 0)
    if which == "void":
        void(cx, city, parse_code(code).identifier, "revoked")
    return code


def _last_printed(cx: sqlite3.Connection) -> str | None:
    row = cx.execute("SELECT document FROM print WHERE state = 'PRINTED' ORDER BY rowid DESC LIMIT 1").fetchone()
    return str(json.loads(row["document"])["qr"]) if row else None


def _sample(cx: sqlite3.Connection, city: City, days_ago: int) -> str:
    """A well signed code of an invented certificate that was never printed."""
    issued = city.now().date() - timedelta(days=days_ago)
    number = f"{issued:%Y%m%d}{90_000 + count(cx, 'sample-certificate') % 10_000:05d}"
    facts = {
        "template": "insured-status",
        "kind": "certificate",
        "identifier": licence_identifier(LICENCE_KIND, ISSUER, number, 1),
        "holder_name": "李**",
        "issued_on": issued.isoformat(),
        "valid_until": (issued + timedelta(days=VALID_DAYS)).isoformat(),
    }
    return code_of(facts, "ED25519")
