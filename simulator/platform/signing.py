"""The platform's signature on replies that carry power. The key is simulated and worth nothing: all can derive it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_SEED = hashlib.sha256(b"SIMULATED signing key of the simulated platform; protects nothing; never trust it").digest()
_PSEUDONYM = hashlib.sha256(b"SIMULATED pseudonym key of the simulated platform").digest()
_KEY = Ed25519PrivateKey.from_private_bytes(_SEED)
PUBLIC_KEY = _KEY.public_key().public_bytes_raw().hex()
"""Ed25519 public key in hex; stands in config/profiles/simulated.toml."""


def canonical(value: Any) -> bytes:
    """Canonical JSON: sorted keys, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def signed(reply: Mapping[str, Any]) -> dict[str, Any]:
    """`reply` with its `signature` (hex)."""
    return {**reply, "signature": _KEY.sign(canonical(reply)).hex()}


def sign_octets(data: bytes) -> bytes:
    """The platform's signature over `data`, 64 octets."""
    return _KEY.sign(data)


def pseudonym(number: str) -> str:
    """The platform's name for a citizen: a keyed digest of the number, 32 hex characters."""
    return hmac.new(_PSEUDONYM, number.encode(), hashlib.sha256).hexdigest()[:32]
