"""Which characters a font file can show: its `cmap` table, formats 4 and 12 (ISO/IEC 14496-22, 5.2.1)."""

from __future__ import annotations

import struct
from bisect import bisect_right
from functools import cache
from pathlib import Path

MAX_GROUPS = 100_000
_PREFERRED = ((3, 10), (0, 6), (0, 4), (3, 1), (0, 3))


class FontError(ValueError):
    """A file is no font that can be read."""


class Coverage:
    """A set of code points, kept as ranges with a glyph."""

    def __init__(self, ranges: list[tuple[int, int]]) -> None:
        self._starts = [first for first, _ in ranges]
        self._ends = [last for _, last in ranges]

    def __contains__(self, character: str) -> bool:
        at = bisect_right(self._starts, ord(character)) - 1
        return at >= 0 and ord(character) <= self._ends[at]

    def missing(self, text: str) -> tuple[str, ...]:
        """Characters of `text` without a glyph, each once, in order."""
        return tuple(dict.fromkeys(c for c in text if c not in self))


@cache
def coverage(path: Path) -> Coverage:
    """What the font at `path` can show. Raises `FontError`."""
    data = path.read_bytes()
    try:
        table = _cmap(data)
        (form,) = struct.unpack_from(">H", data, table)
        ranges = {4: _format_4, 12: _format_12}[form](data, table)
    except (struct.error, KeyError) as error:
        raise FontError(f"{path.name}: no character map that can be read") from error
    return Coverage(ranges)


def _cmap(data: bytes) -> int:
    """Offset of the widest Unicode subtable."""
    (count,) = struct.unpack_from(">H", data, 4)
    tables = {data[12 + 16 * i : 16 + 16 * i]: struct.unpack_from(">I", data, 20 + 16 * i)[0] for i in range(count)}
    cmap = tables[b"cmap"]
    (subtables,) = struct.unpack_from(">H", data, cmap + 2)
    found: dict[tuple[int, int], int] = {}
    for i in range(subtables):
        platform, encoding, offset = struct.unpack_from(">HHI", data, cmap + 4 + 8 * i)
        found[platform, encoding] = cmap + offset
    return (
        next(found[key] for key in _PREFERRED if key in found) if any(k in found for k in _PREFERRED) else found[0, 0]
    )


def _format_12(data: bytes, at: int) -> list[tuple[int, int]]:
    (count,) = struct.unpack_from(">I", data, at + 12)
    if count > MAX_GROUPS:
        raise FontError(f"a character map of {count} groups")
    ranges = []
    for i in range(count):
        first, last, glyph = struct.unpack_from(">III", data, at + 16 + 12 * i)
        ranges.append((first if glyph else first + 1, last))
    return sorted(r for r in ranges if r[0] <= r[1])


def _format_4(data: bytes, at: int) -> list[tuple[int, int]]:
    (twice,) = struct.unpack_from(">H", data, at + 6)
    ends_at, starts_at = at + 14, at + 16 + twice
    deltas_at, offsets_at = starts_at + twice, starts_at + 2 * twice
    points: list[int] = []
    for i in range(0, twice, 2):
        (end,) = struct.unpack_from(">H", data, ends_at + i)
        (start,) = struct.unpack_from(">H", data, starts_at + i)
        (delta,) = struct.unpack_from(">H", data, deltas_at + i)
        (offset,) = struct.unpack_from(">H", data, offsets_at + i)
        for point in range(start, end + 1):
            glyph = point
            if offset:
                (glyph,) = struct.unpack_from(">H", data, offsets_at + i + offset + 2 * (point - start))
            if (glyph + delta) % 65536 if glyph or not offset else 0:
                points.append(point)
    return [(p, p) for p in sorted(set(points) - {0xFFFF})]
