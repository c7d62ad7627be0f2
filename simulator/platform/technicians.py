"""The office of the technicians: keeps each terminal's secret, makes one-time codes to type and to scan.

A typed code: kind, issue, eight digits of HMAC-SHA256(secret, terminal, kind, issue, ten minutes), a Luhn digit. A
code to scan is signed with the platform's key. docs/technician-door.md has both.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import sqlite3
from typing import Annotated, Any, Literal

from cryptography.exceptions import InvalidTag
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City
from simulator.platform.models import Sent
from simulator.platform.problems import Flaw, Refusal
from simulator.platform.sealed import unsealed
from simulator.platform.signing import sign_octets

SCHEMA = """
CREATE TABLE IF NOT EXISTS code_secret(
    kiosk TEXT PRIMARY KEY, id TEXT NOT NULL, secret BLOB NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS code_issue(kiosk TEXT NOT NULL, window INTEGER NOT NULL, issues INTEGER NOT NULL,
    PRIMARY KEY (kiosk, window)) WITHOUT ROWID;
"""
WINDOW_S = 600
MOST_ISSUES = 100
_KINDS = {("field", "panel"): 1, ("supervisor", "panel"): 2, ("field", "remote"): 3, ("supervisor", "remote"): 4}


class CodeSecret(Sent):
    """A terminal's secret, sealed to the platform."""

    id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    algorithm: Literal["X25519-SHA256-AES256GCM", "X25519-SHA256-SM4GCM"]
    ephemeral: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    sealed: Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{80}$")]


class NewTechnicianCode(BaseModel):
    """What the office is asked for."""

    model_config = ConfigDict(extra="forbid")

    kiosk: Annotated[str, Field(pattern=r"^[A-Z]{2}-[A-Z]{2}-[0-9]{4}$")]
    role: Literal["field", "supervisor"] = "field"
    purpose: Literal["panel", "remote"] = "panel"
    form: Literal["typed", "signed"] = "typed"
    minutes: Annotated[int, Field(ge=1, le=480)] = 30
    """How long a signed one is good; a typed one always for 20 to 30."""


def router(city: City) -> APIRouter:
    """`PUT /devices/{device}/code-secret`."""
    del city
    api = APIRouter()

    @api.put("/devices/{device}/code-secret")
    async def keep(device: str, body: CodeSecret, call: CallDep) -> Reply:
        if device != call.kiosk:
            raise Refusal("device-mismatch")
        return call.read(lambda cx: _kept(cx, call, body))

    return api


def _kept(cx: sqlite3.Connection, call: Call, body: CodeSecret) -> dict[str, Any]:
    flaw = Flaw("/body/sealed", "sealed", "does not open with the platform's key, or is another secret")
    try:
        data = base64.b64decode(body.sealed)
        secret = unsealed(body.algorithm, body.ephemeral, data, f"technician-code-secret:{body.id}".encode())
    except (InvalidTag, ValueError):
        raise Refusal("validation", "the envelope does not open", [flaw]) from None
    if hashlib.sha256(b"kiosk-technician-code-1" + secret).hexdigest()[:32] != body.id:
        raise Refusal("validation", "the envelope does not open", [flaw])
    now = call.city.stamp()
    cx.execute("INSERT OR REPLACE INTO code_secret VALUES (?, ?, ?, ?)", (call.kiosk, body.id, secret, now))
    return {"id": body.id, "kept_at": now}


def desk(city: City) -> APIRouter:
    """The office: a code for one terminal, once."""
    api = APIRouter(prefix="/sim")

    @api.post("/technician-codes")
    async def issue(body: NewTechnicianCode) -> dict[str, Any]:
        now = int(city.now().timestamp())
        if body.form == "typed":
            window = now // WINDOW_S
            return {"code": _typed(city, body, window), "until": city.stamp((window + 3) * WINDOW_S - now)}
        nonce = "tc_" + secrets.token_hex(8)
        said = f"KTC1.{body.kiosk}.{nonce}.{body.role}.{body.purpose}.{now}.{now + body.minutes * 60}"
        code = f"{said}.{sign_octets(said.encode()).hex()}"
        return {"code": code, "until": city.stamp(body.minutes * 60)}

    return api


def _typed(city: City, body: NewTechnicianCode, window: int) -> str:
    """Twelve digits. Raises `Refusal` while the terminal has told no secret, and after a hundred in ten minutes."""
    with city.store.transaction() as cx:
        row = cx.execute("SELECT secret FROM code_secret WHERE kiosk = ?", (body.kiosk,)).fetchone()
        if row is None:
            raise Refusal("not-found", "this terminal has told no secret; make a signed code")
        cx.execute(
            "INSERT INTO code_issue VALUES (?, ?, 1) ON CONFLICT(kiosk, window) DO UPDATE SET issues = issues + 1",
            (body.kiosk, window),
        )
        found = cx.execute(
            "SELECT issues FROM code_issue WHERE kiosk = ? AND window = ?", (body.kiosk, window)
        ).fetchone()
        number = int(found["issues"]) - 1
        if number >= MOST_ISSUES:
            raise Refusal("validation", "a hundred codes for one terminal in ten minutes")
        kind = _KINDS[body.role, body.purpose]
        said = f"kiosk-technician-code-1|{body.kiosk}|{kind}|{number:02d}|{window}".encode()
        digest = hmac.new(row["secret"], said, hashlib.sha256).digest()
    digits = f"{kind}{number:02d}{int.from_bytes(digest[:8]) % 100_000_000:08d}"
    return digits + _luhn(digits)


def _luhn(digits: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 - place % 2)
        total += value - 9 if value > 9 else value
    return str(-total % 10)
