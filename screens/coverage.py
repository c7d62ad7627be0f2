"""Which characters a font file has, from its `cmap` table (OpenType 1.9, formats 4 and 12).

pygame cannot tell: for a missing character it returns the measures of the box that it would draw.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from functools import cache
from pathlib import Path

MAX_TABLE = 4 << 20
MAX_RANGES = 70_000


class FontError(ValueError):
    """The file is not a font whose coverage can be read."""


class Coverage:
    """Code points as sorted, closed ranges."""

    def __init__(self, ranges: list[tuple[int, int]]) -> None:
        ranges.sort()
        self._first = [first for first, _ in ranges]
        self._last = [last for _, last in ranges]

    def __contains__(self, char: str) -> bool:
        at = bisect_right(self._first, ord(char)) - 1
        return at >= 0 and ord(char) <= self._last[at]


@cache
def coverage(path: Path) -> Coverage:
    """What the font at `path` has. Raises `FontError`, `OSError`."""
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] not in (b"OTTO", b"\0\1\0\0", b"true"):
            raise FontError(f"{path}: not a TrueType or OpenType font")
        try:
            for _ in range(struct.unpack(">H", head[4:6])[0]):
                tag, _, offset, length = struct.unpack(">4sIII", file.read(16))
                if tag == b"cmap":
                    file.seek(offset)
                    return Coverage(_ranges(path, file.read(min(length, MAX_TABLE))))
        except struct.error as error:
            raise FontError(f"{path}: the font is cut short") from error
    raise FontError(f"{path}: no cmap table")


def _ranges(path: Path, table: bytes) -> list[tuple[int, int]]:
    """The best Unicode subtable's ranges: format 12 has all planes, format 4 only the first."""
    formats: dict[int, int] = {}
    for index in range(struct.unpack_from(">H", table, 2)[0]):
        platform, _, offset = struct.unpack_from(">HHI", table, 4 + 8 * index)
        if platform in (0, 3):
            formats[struct.unpack_from(">H", table, offset)[0]] = offset
    if 12 in formats:
        return _format_12(table, formats[12])
    if 4 in formats:
        return _format_4(table, formats[4])
    raise FontError(f"{path}: no cmap of format 4 or 12")


def _format_12(table: bytes, at: int) -> list[tuple[int, int]]:
    count = min(struct.unpack_from(">I", table, at + 12)[0], MAX_RANGES)
    groups = struct.iter_unpack(">III", table[at + 16 : at + 16 + 12 * count])
    return [(first, last) for first, last, _ in groups]


def _format_4(table: bytes, at: int) -> list[tuple[int, int]]:
    count = struct.unpack_from(">H", table, at + 6)[0] // 2
    ends = struct.unpack_from(f">{count}H", table, at + 14)
    starts = struct.unpack_from(f">{count}H", table, at + 16 + 2 * count)
    return [(first, last) for first, last in zip(starts, ends, strict=True) if first != 0xFFFF]
