"""A signature by hand as the platform takes it apart (config/platform/applying.yaml, `SignatureRef.ink`).

A PNG of one bit a pixel with a zTXt chunk `signature`: JSON of version, document, at, unit, strokes. Nothing is taken
from the picture itself but that it is one; what was written is in the strokes.
"""

from __future__ import annotations

import base64
import binascii
import json
import struct
import zlib
from collections.abc import Iterator, Mapping
from itertools import pairwise
from math import hypot
from typing import Any

from config.signing import signing

HEAD = b"\x89PNG\r\n\x1a\n"
MAX_TEXT = 256 * 1024
MAX_SIDE = 2000
KEYWORD = b"signature\0\0"


class InkError(ValueError):
    """It is no signature; the message says why, without a coordinate."""


def fault(ink: str, document: str, at: str) -> str:
    """What is wrong with the ink of a signature over `document` at `at`; "" for nothing."""
    try:
        said = _said(_text(base64.b64decode(ink, validate=True)))
    except (InkError, binascii.Error, zlib.error, struct.error, ValueError) as error:
        return str(error) if isinstance(error, InkError) else "no PNG with a signature in it"
    if said.get("document") != document or said.get("at") != at:
        return "written under something else"
    return _judged(said)


def _text(data: bytes) -> bytes:
    """What the chunk `signature` holds. Raises `InkError`."""
    chunks = list(_chunks(data))
    kinds = [kind for kind, _ in chunks]
    if not kinds or kinds[0] != b"IHDR" or kinds[-1] != b"IEND" or b"IDAT" not in kinds:
        raise InkError("no whole PNG")
    width, height, depth, colour = struct.unpack_from(">IIBB", chunks[0][1])
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE and (depth, colour) == (1, 0)):
        raise InkError("not a picture of one bit a pixel")
    rows = _inflated(b"".join(body for kind, body in chunks if kind == b"IDAT"), MAX_SIDE * (MAX_SIDE // 8 + 1))
    if len(rows) != height * (1 + -(-width // 8)):
        raise InkError("a picture of another size")
    found = [body for kind, body in chunks if kind == b"zTXt" and body.startswith(KEYWORD)]
    if len(found) != 1:
        raise InkError("no strokes, or more than once")
    return _inflated(found[0][len(KEYWORD) :], MAX_TEXT)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    if not data.startswith(HEAD):
        raise InkError("no PNG")
    at = len(HEAD)
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        (crc,) = struct.unpack_from(">I", data, at + 8 + length)
        if len(body) != length or crc != zlib.crc32(kind + body):
            raise InkError("a chunk of the PNG is damaged")
        yield kind, body
        at += 12 + length


def _inflated(data: bytes, most: int) -> bytes:
    unpack = zlib.decompressobj()
    made = unpack.decompress(data, most + 1)
    if len(made) > most or not unpack.eof:
        raise InkError("too much, or cut short")
    return made


def _said(text: bytes) -> Mapping[str, Any]:
    said = json.loads(text)
    if not isinstance(said, dict) or said.get("version") != 1:
        raise InkError("strokes of a version that is not known")
    return said


def _judged(said: Mapping[str, Any]) -> str:
    rule = signing().signature
    unit, strokes = said.get("unit"), said.get("strokes")
    if type(unit) is not int or not 0 < unit <= 1_000_000 or not isinstance(strokes, list):
        return "strokes that are none"
    if not 1 <= len(strokes) <= rule.most_strokes or not all(_is_stroke(stroke, unit) for stroke in strokes):
        return "strokes that are none"
    if sum(map(len, strokes)) > rule.most_points:
        return "more points than are taken"
    way = sum(hypot(b[0] - a[0], b[1] - a[1]) for stroke in strokes for a, b in pairwise(stroke)) / unit
    return "" if way >= rule.least_length else "too short to be a signature"


def _is_stroke(stroke: object, unit: int) -> bool:
    if not isinstance(stroke, list) or not stroke:
        return False
    return all(
        isinstance(point, list)
        and len(point) == 3
        and all(type(member) is int for member in point)
        and 0 <= point[0] <= unit
        and 0 <= point[1] <= unit
        and 0 <= point[2] <= 3_600_000
        for point in stroke
    )
