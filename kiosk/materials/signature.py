"""A signature by hand: strokes with their times, judged, and as one PNG that carries them, bound to one document.

The PNG (W3C PNG, 3rd edition) is one bit deep, black on white, cropped to what was written. Its zTXt chunk `signature`
has as JSON: version, document (SHA-256, hex, of what was reviewed), at, unit, strokes ([x, y, ms] of every point).
Whoever changes the document, the time or a stroke has a file whose parts no longer agree.
"""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Sequence
from typing import Literal

from config.signing import SignatureRule, signing
from screens.ink import UNIT, InkStroke, length, thinned

Fault = Literal["", "empty", "short"]
VERSION = 1
MAX_SIDE = 480
_DIGITS = b"01" + bytes(range(2, 256))
_PEN = 3
_MARGIN = 8
MAX_PNG = 32 * 1024
"""A signature as long as the caps allow stays below; the platform takes no more."""


def fault(strokes: Sequence[InkStroke], rule: SignatureRule | None = None) -> Fault:
    """What keeps the strokes from being a signature: nothing was written, or no more than a slip of the finger."""
    rule = rule or signing().signature
    if not strokes:
        return "empty"
    left, top, right, bottom = _bounds(strokes)
    span = max(right - left, bottom - top) / UNIT
    return "short" if span < rule.least_span or sum(map(length, strokes)) < rule.least_length else ""


def kept(strokes: Sequence[InkStroke], rule: SignatureRule | None = None) -> tuple[InkStroke, ...]:
    """The strokes under the caps: the first ones, thinned until they have no more points than are kept."""
    rule = rule or signing().signature
    found = [tuple(stroke) for stroke in strokes[: rule.most_strokes]]
    while sum(map(len, found)) > rule.most_points:
        longest = max(range(len(found)), key=lambda at: len(found[at]))
        found[longest] = tuple(thinned(found[longest]))
    return tuple(found)


def png(strokes: Sequence[InkStroke], document: str, at: str) -> bytes:
    """The signature as a file. Raises `ValueError` for none, or one beyond the caps."""
    if not strokes:
        raise ValueError("a signature without a stroke")
    width, rows = _drawn(strokes)
    said = {"version": VERSION, "document": document, "at": at, "unit": UNIT, "strokes": strokes}
    text = zlib.compress(json.dumps(said, separators=(",", ":")).encode("ascii"), 9)
    made = b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, len(rows), 1, 0, 0, 0, 0)),
            _chunk(b"zTXt", b"signature\0\0" + text),
            _chunk(b"IDAT", zlib.compress(b"".join(b"\0" + _packed(row) for row in rows), 9)),
            _chunk(b"IEND", b""),
        )
    )
    if len(made) > MAX_PNG:
        raise ValueError(f"a signature of {len(made)} bytes; at most {MAX_PNG}")
    return made


def as_text(strokes: Sequence[InkStroke], document: str, at: str) -> str:
    """The file in base64, as it goes with an application."""
    return base64.b64encode(png(strokes, document, at)).decode("ascii")


def _bounds(strokes: Sequence[InkStroke]) -> tuple[int, int, int, int]:
    across = [x for stroke in strokes for x, _, _ in stroke]
    down = [y for stroke in strokes for _, y, _ in stroke]
    return min(across), min(down), max(across), max(down)


def _drawn(strokes: Sequence[InkStroke]) -> tuple[int, list[bytearray]]:
    """Width and rows of pixels, 0 black and 1 white: a round pen along every stroke."""
    left, top, right, bottom = _bounds(strokes)
    scale = (MAX_SIDE - 2 * _MARGIN) / max(right - left, bottom - top, UNIT // 10)
    width = round((right - left) * scale) + 2 * _MARGIN
    rows = [bytearray(b"\1" * width) for _ in range(round((bottom - top) * scale) + 2 * _MARGIN)]
    for stroke in strokes:
        at = [((x - left) * scale + _MARGIN, (y - top) * scale + _MARGIN) for x, y, _ in stroke]
        for (x0, y0), (x1, y1) in zip(at, [*at[1:], at[-1]], strict=True):
            steps = max(1, round(max(abs(x1 - x0), abs(y1 - y0))))
            for step in range(steps + 1):
                _dab(rows, round(x0 + (x1 - x0) * step / steps), round(y0 + (y1 - y0) * step / steps))
    return width, rows


def _dab(rows: list[bytearray], x: int, y: int) -> None:
    for down in range(-_PEN + 1, _PEN):
        half = round((_PEN**2 - down**2) ** 0.5) - 1
        rows[y + down][x - half : x + half + 1] = bytes(2 * half + 1)


def _packed(row: bytearray) -> bytes:
    """Eight pixels a byte, the first in the highest bit."""
    bits = row + b"\1" * (-len(row) % 8)
    return int(bits.translate(_DIGITS), 2).to_bytes(len(bits) // 8, "big")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
