"""Bitmap fields (BMP) of ZVT: the length table, BCD, LLVAR and LLLVAR (PA00P015, chapters 3 and 7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Final

from drivers.payment_pad.frames.apdu import FrameError
from drivers.payment_pad.frames.tlv import split_length

LL: Final = -2
LLL: Final = -3
TLV: Final = -6
CARD_NAME: Final = 0x8B

LENGTHS: Final[Mapping[int, int]] = {
    0x01: 1,
    0x02: 1,
    0x03: 1,
    0x04: 6,
    0x05: 1,
    0x06: TLV,
    0x0B: 3,
    0x0C: 3,
    0x0D: 2,
    0x0E: 2,
    0x17: 2,
    0x19: 1,
    0x22: LL,
    0x23: LL,
    0x24: LLL,
    0x27: 1,
    0x29: 4,
    0x2A: 15,
    0x2D: LL,
    0x2E: LLL,
    0x37: 3,
    0x3A: 2,
    0x3B: 8,
    0x3C: LLL,
    0x3D: 3,
    0x49: 2,
    0x4C: LL,
    0x60: LLL,
    0x70: 4,
    0x71: 4,
    **dict.fromkeys(range(0x72, 0x76), 1),
    0x87: 2,
    0x88: 3,
    0x8A: 1,
    0x8B: LL,
    0x8C: 1,
    0x9A: LLL,
    0xA0: 1,
    0xA7: LL,
    0xAA: 3,
    0xAF: LLL,
    0xBA: 5,
    0xD0: 1,
    0xD1: LL,
    0xD2: 1,
    0xD3: 1,
    0xE0: 1,
    **dict.fromkeys(range(0xE1, 0xE9), LL),
    0xE9: 1,
    0xEA: 1,
    0xEB: 8,
    0xF0: 1,
    **dict.fromkeys(range(0xF1, 0xF9), LL),
    **dict.fromkeys(range(0xF9, 0xFE), 1),
}
"""Bytes of each field's value; LL and LLL carry their own length, 06 is a TLV container."""


class UnknownField(FrameError):
    """A field number that the table does not have: it is answered 84 83 00, for its length cannot be known."""


def bcd(number: int, size: int) -> bytes:
    """`number` as `size` bytes of packed decimal, high digit first. Raises `FrameError` when it does not fit."""
    if not 0 <= number < 10 ** (2 * size):
        raise FrameError(f"{number} does not fit {2 * size} decimal digits")
    return bytes.fromhex(f"{number:0{2 * size}d}")


def unbcd(data: bytes) -> int:
    """The number that packed decimal `data` is. Raises `FrameError` for a nibble above 9."""
    text = data.hex()
    if not text.isdecimal():
        raise FrameError(f"a packed decimal of {len(data)} bytes holds a nibble above 9")
    return int(text)


def digits(data: bytes) -> str:
    """Packed decimal as its digits, leading zeros kept. Raises `FrameError` for a nibble above 9."""
    unbcd(data)
    return data.hex()


def llvar(value: bytes, places: int = 2) -> bytes:
    """`value` behind its length as `places` bytes F0..F9 (LLVAR is 2, LLLVAR is 3)."""
    if len(value) >= 10**places:
        raise FrameError(f"{len(value)} bytes do not fit a {places}-place variable field")
    return bytes(0xF0 | int(d) for d in f"{len(value):0{places}d}") + value


def unllvar(data: bytes, at: int, places: int) -> tuple[bytes, int]:
    """The value of the variable field at `at` and the offset behind it. Raises `FrameError`."""
    head = data[at : at + places]
    if len(head) < places or any(b >> 4 != 0xF or b & 0xF > 9 for b in head):
        raise FrameError(f"no {places}-place length at byte {at}")
    size = int("".join(str(b & 0xF) for b in head))
    start = at + places
    if start + size > len(data):
        raise FrameError(f"a variable field of {size} bytes at byte {at} ends beyond the APDU")
    return data[start : start + size], start + size


def walk(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Field number and value, one after the other, in whatever order. Raises `UnknownField`, `FrameError`."""
    return ((number, value) for number, value, _, _ in _walk(data, 0))


def walk_at(data: bytes, at: int, number: int) -> tuple[int, int, bytes] | None:
    """Begin, end and value of field `number` among the fields from byte `at` on; None when it is not readable there."""
    with suppress(FrameError):
        for found, value, start, end in _walk(data, at):
            if found == number:
                return start, end, value
    return None


def llvar_end(data: bytes, places: int) -> int:
    """Where the variable field at the beginning of `data` ends, 0 when there is none."""
    with suppress(FrameError):
        return unllvar(data, 0, places)[1]
    return 0


def _walk(data: bytes, at: int) -> Iterator[tuple[int, bytes, int, int]]:
    while at < len(data):
        begin = at
        number, at = data[at], at + 1
        size = LENGTHS.get(number)
        if size is None:
            raise UnknownField(f"field {number:02X} at byte {at - 1} is unknown")
        if size == TLV:
            length, at = split_length(data, at)
            value, at = data[at : at + length], at + length
        elif size in (LL, LLL):
            value, at = unllvar(data, at, -size)
            if number == CARD_NAME:
                value, at = _up_to_nul(data, value, at)
        else:
            value, at = data[at : at + size], at + size
        if at > len(data):
            raise FrameError(f"field {number:02X} ends beyond the APDU")
        yield number, value, begin, at


def _up_to_nul(data: bytes, value: bytes, at: int) -> tuple[bytes, int]:
    """A card name is NUL-terminated; a Valina counts it too short, and what follows would be read as fields."""
    rest = data[at : at + 8].split(b"\0", 1)
    if value[-1:] != b"\0" and len(rest) == 2 and rest[0].isalpha():
        return value + rest[0] + b"\0", at + len(rest[0]) + 1
    return value, at


def fields(data: bytes) -> dict[int, bytes]:
    """All fields of `data` by number; of a field that comes twice the last counts."""
    return dict(walk(data))


def fields_until_damage(data: bytes) -> dict[int, bytes]:
    """The fields before the first one that cannot be read: for statuses whose length byte the pad forgot."""
    found: dict[int, bytes] = {}
    with suppress(FrameError):
        for number, value in walk(data):
            found[number] = value  # noqa: PERF403 - a comprehension would lose what came before the damage
    return found


def pack(parts: Iterable[tuple[int, bytes | None]]) -> bytes:
    """The fields one after the other, None left out; raises `FrameError` for a value of the wrong length."""
    out = bytearray()
    for number, value in parts:
        if value is None:
            continue
        size = LENGTHS.get(number)
        if size is None:
            raise UnknownField(f"field {number:02X} is unknown")
        out.append(number)
        if size == TLV:
            out += value
        elif size in (LL, LLL):
            out += llvar(value, -size)
        elif len(value) != size:
            raise FrameError(f"field {number:02X} takes {size} bytes, not {len(value)}")
        else:
            out += value
    return bytes(out)
