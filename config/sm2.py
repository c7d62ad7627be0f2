"""SM2 signatures with SM3 (GB/T 32918.2-2016 on the curve of GB/T 32918.5-2017), for the codes on certificates.

The terminal only checks signatures: no secret is handled here in service. `sign` is for the simulated issuer and for
tests; it runs in no constant time and must never hold a real key.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TypeAlias

from config.sm3 import sm3

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
GX = 0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7
GY = 0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0
USER = b"1234567812345678"
"""The user id where none was agreed upon (GM/T 0009-2012, 10)."""
MAX_MESSAGE = 4096
SIGNATURE_BYTES = 64
KEY_BYTES = 64

Point: TypeAlias = tuple[int, int, int]  # Jacobian: x = X/Z², y = Y/Z³; Z = 0 is the point at infinity


class KeyUnfit(ValueError):
    """Not a public key of this curve."""


def verify(public_key: bytes, message: bytes, signature: bytes, user: bytes = USER) -> bool:
    """Whether `signature` (r and s, 32 octets each) over `message` was made with `public_key` (x and y).

    Raises `KeyUnfit` for a key that is none; everything else that is wrong is False.
    """
    point = _point(public_key)
    if len(signature) != SIGNATURE_BYTES or len(message) > MAX_MESSAGE:
        return False
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if not (1 <= r < N and 1 <= s < N):
        return False
    t = (r + s) % N
    if t == 0:
        return False
    x, y, z = _add(_times(s, (GX, GY, 1)), _times(t, point))
    if z == 0:
        return False
    del y
    return (_digest(public_key, message, user) + _affine_x(x, z)) % N == r


def sign(private: int, message: bytes, user: bytes = USER, *, k: int | None = None) -> bytes:
    """A signature by the simulated issuer. `k` is given by the vectors of the standard; else it follows the message."""
    public_key = public_key_of(private)
    e = _digest(public_key, message, user)
    tries = 0
    while True:
        nonce = k if k is not None else _nonce(private, e, tries)
        x, _, z = _times(nonce, (GX, GY, 1))
        r = (e + _affine_x(x, z)) % N
        s = pow(1 + private, -1, N) * (nonce - r * private) % N
        if r and s and (r + nonce) % N:
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        if k is not None:
            raise ValueError("this k gives no signature")
        tries += 1


def public_key_of(private: int) -> bytes:
    """x and y of the public key, 64 octets. Raises `KeyUnfit` outside 1 to n-2."""
    if not 1 <= private <= N - 2:
        raise KeyUnfit("an SM2 private key lies from 1 to n-2")
    x, y, z = _times(private, (GX, GY, 1))
    inverse = pow(z, -1, P)
    return (x * inverse**2 % P).to_bytes(32, "big") + (y * inverse**3 % P).to_bytes(32, "big")


def _nonce(private: int, e: int, tries: int) -> int:
    """A nonce that follows from key and message, so that the simulator's runs repeat."""
    secret, seed = private.to_bytes(32, "big"), e.to_bytes(32, "big") + bytes([tries])
    wide = hmac.new(secret, seed + b"\0", hashlib.sha256).digest() + hmac.new(secret, seed, hashlib.sha256).digest()
    return int.from_bytes(wide, "big") % (N - 1) + 1


def _digest(public_key: bytes, message: bytes, user: bytes) -> int:
    """e: the hash over Z and the message (GB/T 32918.2, 5.5 and 6.1)."""
    curve = b"".join(n.to_bytes(32, "big") for n in (A, B, GX, GY))
    z = sm3((8 * len(user)).to_bytes(2, "big") + user + curve + public_key)
    return int.from_bytes(sm3(z + message), "big")


def _point(public_key: bytes) -> Point:
    if len(public_key) != KEY_BYTES:
        raise KeyUnfit(f"an SM2 public key has {KEY_BYTES} octets, x and y")
    x, y = int.from_bytes(public_key[:32], "big"), int.from_bytes(public_key[32:], "big")
    if not (x < P and y < P) or (y * y - (x * x * x + A * x + B)) % P:
        raise KeyUnfit("the point is not on the SM2 curve")
    return x, y, 1


def _affine_x(x: int, z: int) -> int:
    return x * pow(z, -2, P) % P


def _times(k: int, point: Point) -> Point:
    result: Point = (1, 1, 0)
    for bit in bin(k)[2:]:
        result = _double(result)
        if bit == "1":
            result = _add(result, point)
    return result


def _double(point: Point) -> Point:
    """Doubling for a = -3."""
    x, y, z = point
    if z == 0 or y == 0:
        return 1, 1, 0
    delta, gamma = z * z % P, y * y % P
    beta = x * gamma % P
    alpha = 3 * (x - delta) * (x + delta) % P
    x3 = (alpha * alpha - 8 * beta) % P
    return x3, (alpha * (4 * beta - x3) - 8 * gamma * gamma) % P, ((y + z) ** 2 - gamma - delta) % P


def _add(one: Point, two: Point) -> Point:
    if one[2] == 0:
        return two
    if two[2] == 0:
        return one
    (x1, y1, z1), (x2, y2, z2) = one, two
    zz1, zz2 = z1 * z1 % P, z2 * z2 % P
    u1, u2 = x1 * zz2 % P, x2 * zz1 % P
    s1, s2 = y1 * z2 * zz2 % P, y2 * z1 * zz1 % P
    h, r = (u2 - u1) % P, (s2 - s1) % P
    if h == 0:
        return _double(one) if r == 0 else (1, 1, 0)
    hh = h * h % P
    hhh, v = h * hh % P, u1 * hh % P
    x3 = (r * r - hhh - 2 * v) % P
    return x3, (r * (v - x3) - s1 * hhh) % P, h * z1 * z2 % P
