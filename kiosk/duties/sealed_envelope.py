"""Sealing so that only the platform can open it: an application and its sheets that wait for the network.

X25519-SHA256-AES256GCM or X25519-SHA256-SM4GCM: shared = X25519(a key for this once, the platform's); key = SHA-256(
"kgw-sealed-1" | our public key | the platform's | shared), of which SM4 uses the first 16 octets; sealed = 12 octets of
nonce | GCM. The terminal keeps no key: what it sealed it cannot open.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

Algorithm = Literal["X25519-SHA256-AES256GCM", "X25519-SHA256-SM4GCM"]
NONCE = 12
_LABEL = b"kgw-sealed-1"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What was sealed (base64), and the public half of the key that was made for it (hex)."""

    algorithm: Algorithm
    ephemeral: str
    sealed: str


def seal(data: bytes, platform_key: str, associated: str, algorithm: Algorithm) -> Envelope:
    """Seal `data` for the platform with X25519 key `platform_key` (hex). Raises `ValueError` for a bad key."""
    public = X25519PublicKey.from_public_bytes(bytes.fromhex(platform_key))
    mine = X25519PrivateKey.generate()
    ephemeral = mine.public_key().public_bytes_raw()
    key = hashlib.sha256(_LABEL + ephemeral + bytes.fromhex(platform_key) + mine.exchange(public)).digest()
    sealed = _encrypt(algorithm, key, data, associated.encode())
    return Envelope(algorithm, ephemeral.hex(), base64.b64encode(sealed).decode())


def seal_sheet(picture: bytes, algorithm: Algorithm) -> tuple[bytes, bytes]:
    """The sealed sheet, and its own key (32 octets), which goes into the envelope and nowhere else."""
    key = secrets.token_bytes(32)
    return _encrypt(algorithm, key, picture, b"sheet"), key


def _encrypt(algorithm: Algorithm, key: bytes, data: bytes, associated: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE)
    if algorithm == "X25519-SHA256-AES256GCM":
        return nonce + AESGCM(key).encrypt(nonce, data, associated)
    cipher = Cipher(algorithms.SM4(key[:16]), modes.GCM(nonce))
    encryptor = cipher.encryptor()
    encryptor.authenticate_additional_data(associated)
    return nonce + encryptor.update(data) + encryptor.finalize() + encryptor.tag
