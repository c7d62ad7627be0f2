"""What a decoder may hand back as a portrait, checked: raw pixels or a BMP of 102 x 126, nothing else. Pure."""

from __future__ import annotations

import struct
from typing import Final

from drivers.id_card.frames import PHOTO_HEIGHT, PHOTO_WIDTH, PhotoError

STRIDE: Final = PHOTO_WIDTH * 3
PICTURE_BYTES: Final = STRIDE * PHOTO_HEIGHT
"""38556: rows without padding."""
_BMP_STRIDE: Final = (STRIDE + 3) // 4 * 4
_BMP_HEAD = struct.Struct("<2sIHHIIiiHHI")
_BMP_PIXELS_AT: Final = 54
BMP_BYTES: Final = _BMP_PIXELS_AT + _BMP_STRIDE * PHOTO_HEIGHT
"""38862: every row of 306 bytes padded to 308."""


def upright(data: bytes, order: str = "bgr", rows: str = "up") -> bytes:
    """`data` as 38556 bytes, top row first, blue green red. `order` and `rows` are those of raw pixels.

    Raises `PhotoError` for any other size, for a BMP of another shape, and for a picture of one single colour: a
    decoder that failed leaves such a one behind, and it must never stand for a face.
    """
    if data[:2] == b"BM" and len(data) == BMP_BYTES:
        lines, order = _bmp_rows(data), "bgr"
    elif len(data) == PICTURE_BYTES:
        lines = [data[at : at + STRIDE] for at in range(0, PICTURE_BYTES, STRIDE)]
        lines = lines[::-1] if rows == "up" else lines
    else:
        raise PhotoError(f"a picture of {len(data)} bytes; {PICTURE_BYTES} raw or {BMP_BYTES} as BMP are a portrait")
    pixels = bytearray(b"".join(lines))
    if pixels == pixels[:3] * (len(pixels) // 3):
        raise PhotoError("a picture of one single colour is no portrait")
    if order == "rgb":
        pixels[0::3], pixels[2::3] = pixels[2::3], pixels[0::3]
    return bytes(pixels)


def _bmp_rows(data: bytes) -> list[bytes]:
    """The rows of a 24-bit BMP, top row first."""
    _, _, _, _, at, head, width, height, planes, bits, packed = _BMP_HEAD.unpack_from(data)
    if (at, head, width, abs(height), planes, bits, packed) != (54, 40, PHOTO_WIDTH, PHOTO_HEIGHT, 1, 24, 0):
        raise PhotoError(f"a BMP of {width} x {height} pixels and {bits} bits; 102 x 126 of 24 bits is a portrait")
    lines = [data[start : start + STRIDE] for start in range(at, BMP_BYTES, _BMP_STRIDE)]
    return lines[::-1] if height > 0 else lines
