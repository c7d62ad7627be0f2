"""The 1024-byte photo blob: the real WLT (recognised, never decoded here) and the simulator's declared stand-in.

Decoding WLT needs a library that its owner licenses; its method is not public. A simulated card therefore carries a
blob that says what it is: magic `STANDIN1`, size, length and CRC, then a lossy WebP picture of 102 x 126.
"""

from __future__ import annotations

import struct
import zlib
from typing import Final

from drivers.id_card.frames.content import PHOTO_BYTES
from drivers.id_card.frames.wire import FrameError

PHOTO_WIDTH: Final = 102
PHOTO_HEIGHT: Final = 126
WLT_HEADER: Final = struct.pack("<2sHHH", b"WL", PHOTO_WIDTH, PHOTO_HEIGHT, 0x32) + bytes.fromhex("00FF85")
"""The first bytes of every published dump. `[:6]` carries the size and is what `is_wlt` looks at."""

STANDIN_MAGIC: Final = b"STANDIN1"
_HEAD = struct.Struct("<8sHHHI")
STANDIN_ROOM: Final = PHOTO_BYTES - _HEAD.size
"""Bytes left for the picture."""


class PhotoError(FrameError):
    """A photo blob that is not what it says it is."""


def is_wlt(blob: bytes) -> bool:
    """True for a real card's photo of the size that the standard says."""
    return blob[:6] == WLT_HEADER[:6]


def is_standin(blob: bytes) -> bool:
    """True for the simulator's declared stand-in."""
    return blob[:8] == STANDIN_MAGIC


def pack_standin(webp: bytes) -> bytes:
    """The 1024-byte blob around a picture. Raises `PhotoError` when it is too large or not a 102 x 126 lossy WebP."""
    if len(webp) > STANDIN_ROOM:
        raise PhotoError(f"a stand-in picture of {len(webp)} bytes; there is room for {STANDIN_ROOM}")
    _check_size(webp)
    head = _HEAD.pack(STANDIN_MAGIC, PHOTO_WIDTH, PHOTO_HEIGHT, len(webp), zlib.crc32(webp))
    return (head + webp).ljust(PHOTO_BYTES, b"\0")


def unpack_standin(blob: bytes) -> bytes:
    """The WebP in a stand-in blob. Raises `PhotoError`; the picture's own size is checked before anyone decodes it."""
    if len(blob) != PHOTO_BYTES or not is_standin(blob):
        raise PhotoError("not a stand-in photo")
    _, width, height, length, crc = _HEAD.unpack_from(blob)
    if (width, height) != (PHOTO_WIDTH, PHOTO_HEIGHT) or length > STANDIN_ROOM:
        raise PhotoError("a stand-in photo with an impossible header")
    webp = blob[_HEAD.size : _HEAD.size + length]
    if zlib.crc32(webp) != crc:
        raise PhotoError("a stand-in photo whose check sum is wrong")
    _check_size(webp)
    return webp


def _check_size(webp: bytes) -> None:
    """RFC 9649, 2.5: a simple lossy file has the VP8 frame's 14-bit width and height at bytes 26 and 28."""
    if len(webp) < 30 or webp[:4] != b"RIFF" or webp[8:16] != b"WEBPVP8 ":
        raise PhotoError("a stand-in picture must be a simple lossy WebP")
    width, height = (value & 0x3FFF for value in struct.unpack_from("<HH", webp, 26))
    if (width, height) != (PHOTO_WIDTH, PHOTO_HEIGHT):
        raise PhotoError(f"a stand-in picture of {width} x {height}; it must be {PHOTO_WIDTH} x {PHOTO_HEIGHT}")
