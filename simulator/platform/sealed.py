"""Applications that were made without a network: opened with the platform's own key, accepted once, or too old.

The envelope (algorithm X25519-SHA256-*): shared = X25519(platform, ephemeral); key = SHA-256("kgw-sealed-1" |
ephemeral | platform's public key | shared), of which SM4 uses the first 16 octets; sealed = 12 octets of nonce |
GCM(key), with `service` as associated data. The sheets are sealed under keys of their own, which are inside.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sqlite3
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from fastapi import APIRouter
from pydantic import Field, ValidationError

from simulator.platform import applications, handed_in, registry, uploads
from simulator.platform.applying_models import Application, SealedApplication
from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City
from simulator.platform.models import Day, Digest, Id, Sent
from simulator.platform.problems import Flaw, Refusal

SCHEMA = """
CREATE TABLE IF NOT EXISTS sms(citizen TEXT NOT NULL, text TEXT NOT NULL, at TEXT NOT NULL, UNIQUE (citizen, text));
"""
KEPT_S = 72 * 3600
_PRIVATE = X25519PrivateKey.from_private_bytes(
    hashlib.sha256(b"SIMULATED sealing key of the simulated platform; protects nothing; never trust it").digest()
)
SEALING_KEY = _PRIVATE.public_key().public_bytes_raw().hex()
"""X25519 public key in hex; stands in config/profiles/simulated.toml."""
TAG, NONCE = 16, 12


class Holder(Sent):
    """Who laid which card down; the chip was genuine and in date, as the terminal found."""

    name: Annotated[str, Field(min_length=1, max_length=120)]
    number: Annotated[str, Field(pattern=r"^[0-9A-Z]{15,18}$")]
    valid_to: Day | None
    level: Annotated[str, Field(pattern=r"^A[23]$")]


class SheetKey(Sent):
    """Key and digest of one sealed sheet; `ref` names it in the application. In the order of the outer `uploads`."""

    ref: Id
    key: Digest
    sha256: Digest
    bytes: Annotated[int, Field(ge=1, le=16_777_216)]


class Inside(Sent):
    """What was sealed."""

    holder: Holder
    application: Application
    sheets: Annotated[list[SheetKey], Field(max_length=40)]


def router(city: City) -> APIRouter:
    """`POST /sealed-applications`."""
    api = APIRouter()

    @api.post("/sealed-applications")
    async def submit(body: SealedApplication, call: CallDep) -> Reply:
        if _too_old(city, body):
            _tell(city, body)
            raise Refusal("kept-too-long", "older than 72 hours; the person is told")
        return call.once(201, lambda cx: _submit(cx, call, body))

    return api


def _too_old(city: City, body: SealedApplication) -> bool:
    return (city.now() - datetime.fromisoformat(body.sealed_at)).total_seconds() > KEPT_S


def _tell(city: City, body: SealedApplication) -> None:
    """The person gets an SMS: it was not accepted."""
    service = city.service(body.service)
    inside = opened(body)
    with city.store.transaction() as cx:
        text = f"您{body.sealed_at[:10]}在自助终端提交的“{service.name.zh}”未能在72小时内送达，未受理，请重新办理。"
        cx.execute("INSERT OR IGNORE INTO sms VALUES (?, ?, ?)", (inside.holder.number, text, city.stamp()))


def opened(body: SealedApplication) -> Inside:
    """What is inside. Refuses what does not open, or does not fit."""
    data = base64.b64decode(body.sealed)
    try:
        return Inside.model_validate(json.loads(unsealed(body.algorithm, body.ephemeral, data, body.service.encode())))
    except ValidationError as error:
        raise Refusal("validation", f"{error.error_count()} flaw(s) inside") from None
    except (InvalidTag, ValueError):
        flaw = Flaw("/body/sealed", "sealed", "does not open with the platform's key")
        raise Refusal("validation", "the envelope does not open", [flaw]) from None


def unsealed(algorithm: str, ephemeral: str, data: bytes, associated: bytes) -> bytes:
    """What was sealed to the platform's key. Raises `InvalidTag`, `ValueError`."""
    shared = _PRIVATE.exchange(X25519PublicKey.from_public_bytes(bytes.fromhex(ephemeral)))
    secret = hashlib.sha256(b"kgw-sealed-1" + bytes.fromhex(ephemeral) + bytes.fromhex(SEALING_KEY) + shared).digest()
    return _open(algorithm, secret, data, associated)


def _open(algorithm: str, secret: bytes, data: bytes, associated: bytes) -> bytes:
    if len(data) < NONCE + TAG:
        raise ValueError("too short")
    if algorithm.endswith("AES256GCM"):
        return AESGCM(secret).decrypt(data[:NONCE], data[NONCE:], associated)
    cipher = Cipher(algorithms.SM4(secret[:16]), modes.GCM(data[:NONCE], data[-TAG:]))
    decryptor = cipher.decryptor()
    decryptor.authenticate_additional_data(associated)
    return decryptor.update(data[NONCE:-TAG]) + decryptor.finalize()


def _submit(cx: sqlite3.Connection, call: Call, body: SealedApplication) -> Mapping[str, Any]:
    known = applications.by_intent(cx, call, call.key)
    if known:
        return applications.shown(cx, known[0])
    service = call.city.service(body.service)
    inside = opened(body)
    if service.offline != "queue":
        raise Refusal("item-not-available", "this item is not taken without a network")
    who = registry.citizen(inside.holder.number)
    if who is None:
        raise Refusal("identity-not-found")
    if who.name != inside.holder.name:
        raise Refusal("identity-mismatch")
    application = inside.application
    if application.service != service.id or application.order is not None:
        raise Refusal("validation", "what is inside is for something else, or paid for")
    if inside.holder.level < service.level:
        raise Refusal("assurance-too-low", f"proven up to {inside.holder.level}")
    if not application.consents:
        raise Refusal("consent-missing")
    if len(inside.sheets) != len(body.uploads):
        raise Refusal("material-rejected", "a sheet is not there", [Flaw("/body/uploads", "missing", "not all there")])
    document = handed_in.document_digest(service.id, application.form, application.materials)
    for upload, sheet in zip(body.uploads, inside.sheets, strict=True):
        _unseal(cx, call, body, upload, sheet, who.number)
    placed = dict(zip((sheet.ref for sheet in inside.sheets), body.uploads, strict=True))
    materials = [
        ref.model_copy(update={"refs": [placed.get(each, each) for each in ref.refs]}) for ref in application.materials
    ]
    return applications.accept(
        cx, call, service, who.number, application.model_copy(update={"materials": materials}), document=document
    )


def _unseal(
    cx: sqlite3.Connection, call: Call, body: SealedApplication, upload: str, sheet: SheetKey, citizen: str
) -> None:
    """Put the picture in the place of what was uploaded for it."""
    row = cx.execute(
        "SELECT * FROM upload WHERE id = ? AND kiosk = ? AND state = 'COMPLETE'", (upload, call.kiosk)
    ).fetchone()
    if row is None:
        raise Refusal("material-rejected", "a sheet is not there", [Flaw("/body/uploads", "missing", "not there")])
    if not row["sealed"]:
        return
    try:
        picture = _open(body.algorithm, bytes.fromhex(sheet.key), uploads.content(cx, upload), b"sheet")
    except (InvalidTag, ValueError):
        raise Refusal("material-rejected", "a sheet does not open") from None
    if hashlib.sha256(picture).hexdigest() != sheet.sha256 or len(picture) != sheet.bytes:
        raise Refusal("upload-hash-mismatch", "a sheet is not what was sealed")
    cx.execute("DELETE FROM upload_part WHERE upload = ?", (upload,))
    for part, at in enumerate(range(0, len(picture), uploads.PART), 1):
        cx.execute("INSERT INTO upload_part VALUES (?, ?, ?)", (upload, part, picture[at : at + uploads.PART]))
    cx.execute(
        "UPDATE upload SET citizen = ?, sha256 = ?, bytes = ?, sealed = 0 WHERE id = ?",
        (citizen, sheet.sha256, sheet.bytes, upload),
    )
