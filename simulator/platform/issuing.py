"""What the simulated city signs for paper: codes on certificates, permissions to print, the list of void certificates.

The keys are simulated and worth nothing: all can derive them (config/certificates/issuers.toml has the public halves).
QA asks for flaws at the desk (`POST /sim/print-flaws`), one of `FLAWS` for the next permission.
"""

from __future__ import annotations

import base64
import hashlib
import sqlite3
from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from config import sm2
from config.certificate_code import Algorithm, CertificateCode, document_name, facts_digest
from simulator.platform.call import CallDep, Reply
from simulator.platform.city import City
from simulator.platform.models import LicenceIdentifier
from simulator.platform.problems import Refusal
from simulator.platform.signing import canonical, sign_octets, signed
from simulator.platform.store import count

_ED25519 = Ed25519PrivateKey.from_private_bytes(
    hashlib.sha256(b"SIMULATED issuer key (Ed25519) of the simulated platform; worth nothing").digest()
)
_SM2 = sm2.KeyPair(
    (
        int.from_bytes(hashlib.sha256(b"SIMULATED issuer key (SM2) of the simulated platform; worth nothing").digest())
        % (sm2.N - 2)
        + 1
    ).to_bytes(sm2.PRIVATE_BYTES),
    bytes.fromhex(
        "c164b0c91ededda8d1ea3bf0044e7b5a7d596f50279b9704b356c01eaca98c62"
        "4cf09e1a2fbb1141533d392ea4269f465ac437853909ea9457d62a8967fa5096"
    ),
)
KEY_IDS: Mapping[Algorithm, str] = {"ED25519": "SIM-E1", "SM2": "SIM-S1"}
LIST_HOURS = 24
MAX_VOID = 5000
Flaw = Literal[
    "expired", "early", "other-terminal", "other-intent", "other-service", "other-document", "over-copies", "replayed",
    "bad-signature", "unsigned", "code-forged", "code-differs", "code-unknown-key", "copy",
]  # fmt: skip
"""What can be wrong with the next permission; `copy` is no flaw: the next document is a copy with its watermark."""


def code_of(facts: Mapping[str, Any], algorithm: Algorithm, flaw: str = "") -> str:
    """The signed code for a document with these facts."""
    until = facts["valid_until"]
    code = CertificateCode(
        algorithm=algorithm,
        key="SIM-X9" if flaw == "code-unknown-key" else KEY_IDS[algorithm],
        identifier=facts["identifier"],
        document=document_name(facts["template"], facts["kind"]),
        holder=facts["holder_name"],
        issued_on=date.fromisoformat(facts["issued_on"]),
        valid_until=date.fromisoformat(until) if until else None,
        digest=facts_digest({**facts, "serial": "other"} if flaw == "code-differs" else facts, algorithm),
    )
    made = sm2.sign(_SM2, code.signed) if algorithm == "SM2" else _ED25519.sign(code.signed)
    if flaw == "code-forged":
        made = bytes([made[0] ^ 1]) + made[1:]
    return code.with_signature(made).text()


def print_token(claims: Mapping[str, Any], flaw: str = "") -> str:
    """A permission to print, as a compact JWS (RFC 7515) with EdDSA (RFC 8037)."""
    header = {"alg": "none" if flaw == "unsigned" else "EdDSA", "typ": "print+jwt"}
    signing = f"{_text(canonical(header))}.{_text(canonical(_flawed(claims, flaw)))}"
    if flaw == "unsigned":
        return f"{signing}."
    made = sign_octets(signing.encode())
    if flaw == "bad-signature":
        made = bytes([made[0] ^ 1]) + made[1:]
    return f"{signing}.{_text(made)}"


def _flawed(claims: Mapping[str, Any], flaw: str) -> Mapping[str, Any]:
    changes: dict[str, Mapping[str, Any]] = {
        "expired": {"nbf": claims["nbf"] - 600, "exp": claims["nbf"] - 480},
        "early": {"nbf": claims["nbf"] + 3600, "exp": claims["exp"] + 3600},
        "other-terminal": {"aud": "WH-HC-9999"},
        "other-intent": {"intent": "prt-of-somebody-else"},
        "other-service": {"service": "WH-XX-999"},
        "other-document": {"doc": hashlib.sha256(b"another document").hexdigest()},
        "over-copies": {"copies": claims["copies"] - 1},
    }
    return {**claims, **changes.get(flaw, {})}


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Wish(BaseModel):
    """What is wrong with the next permission to print."""

    model_config = ConfigDict(extra="forbid")

    flaw: Flaw | Literal[""]


class Choice(BaseModel):
    """How codes are signed from now on."""

    model_config = ConfigDict(extra="forbid")

    algorithm: Algorithm


class Voiding(BaseModel):
    """A certificate is void from today on."""

    model_config = ConfigDict(extra="forbid")

    identifier: LicenceIdentifier
    reason: Literal["revoked", "replaced", "mistaken"] = "revoked"


def router(city: City) -> APIRouter:
    """The list of void certificates, for terminals."""
    api = APIRouter()

    @api.get("/certificates/status-list")
    async def status_list(call: CallDep) -> Reply:
        return call.read(lambda cx: _status_list(cx, city))

    return api


def desk(city: City) -> APIRouter:
    """What QA may ask of the city's issuing office."""
    api = APIRouter(prefix="/sim")

    @api.post("/print-flaws")
    async def wish(body: Wish) -> dict[str, str]:
        city.wishes["flaw"] = body.flaw
        return {"flaw": body.flaw}

    @api.post("/code-algorithm")
    async def choose(body: Choice) -> dict[str, str]:
        city.wishes["algorithm"] = body.algorithm
        return {"algorithm": body.algorithm}

    @api.post("/void-certificates")
    async def voided(body: Voiding) -> dict[str, str]:
        with city.store.transaction() as cx:
            void(cx, city, body.identifier, body.reason)
        return {"identifier": body.identifier, "reason": body.reason}

    @api.get("/wishes")
    async def wishes() -> dict[str, str]:
        return {"flaw": city.wishes.get("flaw", ""), "algorithm": city.wishes.get("algorithm", "ED25519")}

    return api


def void(cx: sqlite3.Connection, city: City, identifier: str, reason: str) -> None:
    """Put a certificate on the list of void ones, from today on. Raises `Refusal` when the list is full."""
    if cx.execute("SELECT count(*) FROM void_certificate").fetchone()[0] >= MAX_VOID:
        raise Refusal("too-large", f"the list of void certificates holds {MAX_VOID}")
    cx.execute(
        "INSERT OR REPLACE INTO void_certificate VALUES (?, ?, ?)", (identifier, city.now().date().isoformat(), reason)
    )
    count(cx, "status-list")


def _status_list(cx: sqlite3.Connection, city: City) -> Mapping[str, Any]:
    """Signed, for every terminal alike; `sequence` never goes back."""
    known = cx.execute("SELECT value FROM counter WHERE name = 'status-list'").fetchone()
    rows = cx.execute("SELECT identifier, since, reason FROM void_certificate ORDER BY rowid").fetchall()
    return signed(
        {
            "sequence": int(known["value"]) if known else 0,
            "issued_at": city.stamp(),
            "next_update": city.stamp(LIST_HOURS * 3600),
            "void": [dict(row) for row in rows],
        }
    )
