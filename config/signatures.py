"""The signatures of the interface to the platform, by name: what a key is, what is signed with it, what it is called.

`ed25519` (RFC 8032) is used unless a site asks for `sm2-sm3` (GB/T 32918); bodies are digested with SHA-256 or SM3.
"""

from __future__ import annotations

import hashlib
from typing import Literal, TypeAlias

from config import sm2
from config.sm3 import sm3

Algorithm: TypeAlias = Literal["ed25519", "sm2-sm3"]
KEY_OCTETS: dict[Algorithm, int] = {"ed25519": 32, "sm2-sm3": 64}
DIGESTS: dict[Algorithm, str] = {"ed25519": "sha-256", "sm2-sm3": "sm3"}
"""Names as in Content-Digest (RFC 9530); `sm3` is a private one."""
SIGNATURE_OCTETS = 64


class KeyUnfit(ValueError):
    """Not a public key of that algorithm."""


def key_id(public_key: bytes) -> str:
    """What a public key is called: 32 hex digits of its SHA-256."""
    return hashlib.sha256(public_key).hexdigest()[:32]


def body_digest(name: str, body: bytes) -> bytes:
    """The digest of a body under its name in Content-Digest. Raises `ValueError` for a name that is not used here."""
    if name == "sha-256":
        return hashlib.sha256(body).digest()
    if name == "sm3":
        return sm3(body)
    raise ValueError(f"no digest is called {name[:20]!r}; use {' or '.join(DIGESTS.values())}")


def verify(algorithm: Algorithm, public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` (64 octets) over `message` is that key's. Raises `KeyUnfit`."""
    if algorithm == "sm2-sm3":
        try:
            return sm2.verify(public_key, message, signature)
        except sm2.KeyUnfit as error:
            raise KeyUnfit(str(error)) from error
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except InvalidSignature:
        return False
    except ValueError as error:
        raise KeyUnfit("an Ed25519 public key has 32 octets") from error
    return True


def algorithm_of(public_key: bytes) -> Algorithm:
    """Which algorithm a public key of this length is for. Raises `KeyUnfit`."""
    for name, octets in KEY_OCTETS.items():
        if len(public_key) == octets:
            return name
    raise KeyUnfit("a public key has 32 octets (ed25519) or 64 (sm2-sm3)")
