"""What SAM replies carry besides text: its own number, the parts of a read, fingerprints, card body numbers."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from drivers.id_card.frames.text import TEXT_BYTES
from drivers.id_card.frames.wire import FrameError

PHOTO_BYTES: Final = 1024
TEMPLATE_BYTES: Final = 512
MAX_FINGERPRINT_BYTES: Final = 2 * TEMPLATE_BYTES
_SAM = struct.Struct("<HHIII")

FINGERS: Final = {
    **{11 + i: f"right {finger}" for i, finger in enumerate(("thumb", "index", "middle", "ring", "little"))},
    **{16 + i: f"left {finger}" for i, finger in enumerate(("thumb", "index", "middle", "ring", "little"))},
}
"""Byte 5 of a template; 97 to 99 and anything else mean that the finger was not determined."""


def sam_number(raw: bytes) -> str:
    """The printed SAM management number, 36 characters, from its 16 bytes. Raises `FrameError`."""
    if len(raw) != _SAM.size:
        raise FrameError(f"a SAM management number has {_SAM.size} bytes, this one has {len(raw)}")
    a, b, day, c, d = _SAM.unpack(raw)
    return f"{a:02d}.{b:02d}-{day:08d}-{c:010d}-{d:010d}"


def sam_number_bytes(printed: str) -> bytes:
    """The 16 bytes of a printed SAM management number. Raises `FrameError`."""
    try:
        head, day, c, d = printed.split("-")
        a, b = head.split(".")
        return _SAM.pack(int(a), int(b), int(day), int(c), int(d))
    except (ValueError, struct.error):
        raise FrameError("a SAM management number is written 05.03-20200101-0001234567-1234567890") from None


@dataclass(frozen=True, slots=True, repr=False)
class ReadParts:
    """The parts of one read; `fingerprints` is empty when the card has none or they were not asked for."""

    text: bytes
    photo: bytes
    fingerprints: bytes = b""

    def __repr__(self) -> str:
        return f"ReadParts(text {len(self.text)}, photo {len(self.photo)}, fingerprints {len(self.fingerprints)})"


def split_read(data: bytes, *, fingerprints: bool = False) -> ReadParts:
    """The parts of the data of 30 01 (two length words) or 30 10 (three). The words rule; they must add up.

    Raises `FrameError` when they do not, or when a part is larger than the standard's 256, 1024 and 2 x 512.
    """
    words = 3 if fingerprints else 2
    if len(data) < words * 2:
        raise FrameError(f"a read of {len(data)} bytes is too short for its length words")
    lengths = struct.unpack(f">{words}H", data[: words * 2])
    if words * 2 + sum(lengths) != len(data):
        raise FrameError(f"a read of {len(data)} bytes whose length words say {lengths}")
    for length, most in zip(lengths, (TEXT_BYTES, PHOTO_BYTES, MAX_FINGERPRINT_BYTES), strict=False):
        if length > most:
            raise FrameError(f"a read part of {length} bytes; the standard allows {most}")
    parts, at = [], words * 2
    for length in lengths:
        parts.append(data[at : at + length])
        at += length
    return ReadParts(*parts)


def join_read(parts: ReadParts, *, fingerprints: bool = False) -> bytes:
    """The data of 30 01 or 30 10. Raises `FrameError` for parts larger than the standard allows."""
    pieces = [parts.text, parts.photo, *([parts.fingerprints] if fingerprints else [])]
    data = b"".join(len(p).to_bytes(2, "big") for p in pieces) + b"".join(pieces)
    split_read(data, fingerprints=fingerprints)
    return data


def split_fingerprints(raw: bytes) -> tuple[bytes, ...]:
    """The templates (0, 1 or 2 of 512 bytes). Raises `FrameError` for any other length."""
    if len(raw) > MAX_FINGERPRINT_BYTES or len(raw) % TEMPLATE_BYTES:
        raise FrameError(f"{len(raw)} bytes of fingerprints; the standard knows 0, 512 and 1024")
    return tuple(raw[i : i + TEMPLATE_BYTES] for i in range(0, len(raw), TEMPLATE_BYTES))


def finger_name(template: bytes) -> str:
    """Which finger a template is of."""
    return FINGERS.get(template[5], "not determined") if len(template) > 5 else "not determined"


@dataclass(frozen=True, slots=True, repr=False)
class CardBody:
    """The card body's numbers (30 05). `dn` is always there; `iin` and `sn` only when the SAM sends 24 or 28 bytes."""

    iin: bytes
    sn: bytes
    dn: bytes

    def __repr__(self) -> str:
        return f"CardBody(iin {len(self.iin)}, sn {len(self.sn)}, dn {len(self.dn)} bytes)"


def parse_card_body(raw: bytes) -> CardBody:
    """28 bytes are IIN 4, SN 8, DN 16; 24 are SN and DN; any other length from 16 on is keyed on its last 16 bytes."""
    if len(raw) < 16:
        raise FrameError(f"{len(raw)} bytes of card body number; at least 16 are needed")
    front, dn = raw[:-16], raw[-16:]
    return CardBody(iin=front[:-8], sn=front[-8:], dn=dn)
