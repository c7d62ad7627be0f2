"""A character written by hand, as the text process is asked about it: strokes of points. Pure.

u8 strokes | per stroke: u16 points | per point: u16 x, u16 y (0 to 65535, right and down)
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from drivers.camera.worker_wire import WireError

Point = tuple[float, float]
"""x to the right and y down, 0 to 1."""

MAX_STROKES = 64
"""The character with the most strokes that anybody has in a name has 36; slips of the finger are strokes too."""
MAX_POINTS = 512
"""Points of one stroke."""
MAX_CANDIDATES = 8
_FULL = 65535
_HEAD = struct.Struct(">B")
_COUNT = struct.Struct(">H")
_POINT = struct.Struct(">HH")
MAX_BYTES = _HEAD.size + MAX_STROKES * (_COUNT.size + MAX_POINTS * _POINT.size)


def pack(strokes: Sequence[Sequence[Point]]) -> bytes:
    """The strokes as bytes; points outside 0 to 1 are moved to the edge.

    Raises `WireError` for no stroke, more than `MAX_STROKES`, an empty stroke, one of more than `MAX_POINTS`, or a
    coordinate that is no number.
    """
    if not 1 <= len(strokes) <= MAX_STROKES:
        raise WireError(f"hand: {len(strokes)} strokes; 1 to {MAX_STROKES}")
    found = [_HEAD.pack(len(strokes))]
    for stroke in strokes:
        if not 1 <= len(stroke) <= MAX_POINTS:
            raise WireError(f"hand: a stroke of {len(stroke)} points; 1 to {MAX_POINTS}")
        found.append(_COUNT.pack(len(stroke)))
        found += [_POINT.pack(_number(x), _number(y)) for x, y in stroke]
    return b"".join(found)


def _number(value: float) -> int:
    if not value - value == 0.0:  # neither infinite nor no number
        raise WireError("hand: a coordinate that is no number")
    return round(min(1.0, max(0.0, value)) * _FULL)


def unpack(body: bytes | bytearray) -> list[list[Point]]:
    """The strokes of a body. Raises `WireError` for one that breaks the rules."""
    if not _HEAD.size <= len(body) <= MAX_BYTES:
        raise WireError(f"hand: {len(body)} bytes; at most {MAX_BYTES}")
    (count,) = _HEAD.unpack_from(body)
    if not 1 <= count <= MAX_STROKES:
        raise WireError(f"hand: {count} strokes; 1 to {MAX_STROKES}")
    at = _HEAD.size
    strokes: list[list[Point]] = []
    for _ in range(count):
        if at + _COUNT.size > len(body):
            raise WireError("hand: it ends within a stroke")
        (points,) = _COUNT.unpack_from(body, at)
        at += _COUNT.size
        end = at + points * _POINT.size
        if not 1 <= points <= MAX_POINTS or end > len(body):
            raise WireError(f"hand: a stroke of {points} points; 1 to {MAX_POINTS}, all of them there")
        strokes.append([(x / _FULL, y / _FULL) for x, y in _POINT.iter_unpack(body[at:end])])
        at = end
    if at != len(body):
        raise WireError("hand: bytes after the last stroke")
    return strokes
