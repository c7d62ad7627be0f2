"""The SM3 hash (GB/T 32905-2016), for machines whose OpenSSL has none; a few hundred octets in a millisecond."""

from __future__ import annotations

import struct

_WORD = 0xFFFFFFFF
_START: tuple[int, ...] = (
    0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E,
)  # fmt: skip
_EARLY, _LATE = 0x79CC4519, 0x7A879D8A


def _turn(x: int, by: int) -> int:
    by %= 32
    return ((x << by) | (x >> (32 - by))) & _WORD


def sm3(data: bytes) -> bytes:
    """The digest of `data`, 32 octets."""
    padded = data + b"\x80" + b"\0" * ((55 - len(data)) % 64) + struct.pack(">Q", 8 * len(data))
    state = _START
    for at in range(0, len(padded), 64):
        state = _compress(state, padded[at : at + 64])
    return struct.pack(">8I", *state)


def _compress(state: tuple[int, ...], block: bytes) -> tuple[int, ...]:
    """One block of 64 octets (5.3)."""
    w = list(struct.unpack(">16I", block))
    for j in range(16, 68):
        x = w[j - 16] ^ w[j - 9] ^ _turn(w[j - 3], 15)
        w.append(x ^ _turn(x, 15) ^ _turn(x, 23) ^ _turn(w[j - 13], 7) ^ w[j - 6])
    a, b, c, d, e, f, g, h = state
    for j in range(64):
        first = _turn((_turn(a, 12) + e + _turn(_EARLY if j < 16 else _LATE, j)) & _WORD, 7)
        second = first ^ _turn(a, 12)
        ff = a ^ b ^ c if j < 16 else (a & b) | (a & c) | (b & c)
        gg = e ^ f ^ g if j < 16 else (e & f) | (~e & g & _WORD)
        one = (ff + d + second + (w[j] ^ w[j + 4])) & _WORD
        two = (gg + h + first + w[j]) & _WORD
        a, b, c, d = one, a, _turn(b, 9), c
        e, f, g, h = two ^ _turn(two, 9) ^ _turn(two, 17), e, _turn(f, 19), g
    return tuple(x ^ y for x, y in zip(state, (a, b, c, d, e, f, g, h), strict=True))
