"""SM2 signatures with SM3 (GB/T 32918.2-2016 on the curve of GB/T 32918.5-2017), by GmSSL.

Signatures are r and s, 32 octets each; public keys are x and y. On wires the pair of algorithms is called `sm2-sm3`.
Where GmSSL is not installed `available` is false and Ed25519 is used instead (`config.signatures`).
"""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, field
from functools import cache

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
USER = b"1234567812345678"
"""The user id where none was agreed upon (GM/T 0009-2012, 10)."""
MAX_MESSAGE = 1 << 20
SIGNATURE_BYTES = 64
KEY_BYTES = 64
PRIVATE_BYTES = 32


class KeyUnfit(ValueError):
    """Not a key of this curve."""


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A private key (32 octets) and its public key (x and y, 64 octets). Raises `KeyUnfit`."""

    private: bytes = field(repr=False)
    public: bytes

    def __post_init__(self) -> None:
        if len(self.private) != PRIVATE_BYTES or not 1 <= int.from_bytes(self.private, "big") <= N - 2:
            raise KeyUnfit("an SM2 private key has 32 octets and lies from 1 to n-2")
        must_be_point(self.public)


@cache
def available() -> bool:
    """Whether this machine has GmSSL."""
    return importlib.util.find_spec("gmssl_pyx") is not None


def generate() -> KeyPair:
    """A new key pair from the system's randomness."""
    from gmssl_pyx import sm2_key_generate

    public, private = sm2_key_generate()
    return KeyPair(private, public)


def sign(key: KeyPair, message: bytes, user: bytes = USER) -> bytes:
    """A signature over `message`; another one each time."""
    from gmssl_pyx import sm2_sign

    r, s = decode_dss_signature(sm2_sign(key.private, key.public, message, user))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def verify(public_key: bytes, message: bytes, signature: bytes, user: bytes = USER) -> bool:
    """Whether `signature` over `message` was made with `public_key`.

    Raises `KeyUnfit` for a key that is none; everything else that is wrong is False.
    """
    from gmssl_pyx import GmsslInnerError, sm2_verify

    must_be_point(public_key)
    if len(signature) != SIGNATURE_BYTES or len(message) > MAX_MESSAGE:
        return False
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if not (1 <= r < N and 1 <= s < N) or (r + s) % N == 0:
        return False
    try:
        return bool(sm2_verify(public_key, message, encode_dss_signature(r, s), user))
    except GmsslInnerError:
        return False


def must_be_point(public_key: bytes) -> None:
    """Raises `KeyUnfit` unless `public_key` is a point of the curve."""
    if len(public_key) != KEY_BYTES:
        raise KeyUnfit(f"an SM2 public key has {KEY_BYTES} octets, x and y")
    x, y = int.from_bytes(public_key[:32], "big"), int.from_bytes(public_key[32:], "big")
    if not (x < P and y < P) or (y * y - (x * x * x + A * x + B)) % P:
        raise KeyUnfit("the point is not on the SM2 curve")
