"""Strokes of a finger: how the stage hands one on as a reply, and how it is read back under caps. Pure.

A point is x, y, milliseconds since the stroke began; x and y from 0 to `UNIT`, where `UNIT` is the longer side of the
field, x to the right, y down. The reply is `Reply("stroke", "<number> x,y,ms x,y,ms ...")`; numbers only grow.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import hypot
from typing import TypeAlias

UNIT = 10_000
MAX_POINTS = 512
MAX_MS = 600_000
MAX_NUMBER = 999_999_999

InkPoint: TypeAlias = tuple[int, int, int]
InkStroke: TypeAlias = tuple[InkPoint, ...]


def written(number: int, stroke: Sequence[InkPoint]) -> str:
    """The value of the reply that carries `stroke`."""
    return f"{number} " + " ".join(f"{x},{y},{ms}" for x, y, ms in stroke)


def read(value: str) -> tuple[int, InkStroke] | None:
    """Number and stroke of a reply's value; None for what is none, or goes beyond the caps."""
    head, *rest = value.split(" ", MAX_POINTS + 1)
    if not rest or len(rest) > MAX_POINTS or not _is_number(head, MAX_NUMBER):
        return None
    found: list[InkPoint] = []
    for part in rest:
        members = part.split(",", 3)
        if len(members) != 3 or not all(_is_number(m, MAX_MS) for m in members):
            return None
        x, y, ms = (int(member) for member in members)
        if x > UNIT or y > UNIT or (found and ms < found[-1][2]):
            return None
        found.append((x, y, ms))
    return int(head), tuple(found)


def thinned(stroke: Sequence[InkPoint]) -> list[InkPoint]:
    """Every other point, the first and the last kept: who scribbles on loses detail, not the way it went."""
    return [*stroke[:-1:2], stroke[-1]] if len(stroke) > 2 else list(stroke)


def length(stroke: Sequence[InkPoint]) -> float:
    """How far the finger went, in parts of the longer side of the field."""
    return sum(hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(stroke)) / UNIT


def _is_number(text: str, most: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 9 and int(text) <= most
