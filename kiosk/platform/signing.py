"""The platform's signature (Ed25519, or SM2 where its key is one) on replies that carry power, over canonical JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from config.signatures import algorithm_of
from config.signatures import verify as checked
from kiosk.platform.errors import BadSignature


def canonical(value: Any) -> bytes:
    """Canonical JSON: sorted keys, no spaces, UTF-8. Raises `ValueError` for what JSON or UTF-8 cannot hold."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def verify(reply: Mapping[str, Any], public_key: str, *, kiosk: str, intent: str) -> None:
    """Check that the platform with `public_key` (hex) signed `reply` for this terminal and intent.

    Raises `BadSignature`.
    """
    verify_signed(reply, public_key)
    if reply.get("kiosk") != kiosk:
        raise BadSignature("the reply is signed for another terminal")
    if reply.get("intent") != intent:
        raise BadSignature("the reply is signed for another intent")


def verify_signed(reply: Mapping[str, Any], public_key: str) -> None:
    """Check that the platform with `public_key` (hex) signed `reply`, for whomever. Raises `BadSignature`."""
    signature = reply.get("signature")
    if not isinstance(signature, str):
        raise BadSignature("the reply carries no signature")
    signed = canonical({k: v for k, v in reply.items() if k != "signature"})
    try:
        key = bytes.fromhex(public_key)
        good = checked(algorithm_of(key), key, signed, bytes.fromhex(signature))
    except ValueError:
        good = False
    if not good:
        raise BadSignature("the signature is not the platform's (settings: platform.public_key)")
