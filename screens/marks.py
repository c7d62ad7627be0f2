"""What a laid-out page is made of: marks on the panel, frozen and comparable.

Two pages differ exactly where their marks differ, so the union of the differing marks' rectangles is what must be
painted again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from screens.theme import Colour


class Rect(NamedTuple):
    """x, y, width, height in panel pixels."""

    x: int
    y: int
    w: int
    h: int

    @property
    def right(self) -> int:
        """One past the last column."""
        return self.x + self.w

    @property
    def bottom(self) -> int:
        """One past the last row."""
        return self.y + self.h

    @property
    def centre(self) -> tuple[int, int]:
        """The middle pixel."""
        return self.x + self.w // 2, self.y + self.h // 2

    def holds(self, x: int, y: int) -> bool:
        """Whether the pixel lies inside."""
        return self.x <= x < self.right and self.y <= y < self.bottom

    def touches(self, other: Rect) -> bool:
        """Whether both share a pixel."""
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom

    def covers(self, other: Rect) -> bool:
        """Whether `other` lies wholly inside."""
        return self.x <= other.x and self.y <= other.y and self.right >= other.right and self.bottom >= other.bottom

    def union(self, other: Rect) -> Rect:
        """The smallest rectangle around both."""
        x, y = min(self.x, other.x), min(self.y, other.y)
        return Rect(x, y, max(self.right, other.right) - x, max(self.bottom, other.bottom) - y)

    def inset(self, by: int) -> Rect:
        """Smaller by `by` on each side (larger when negative)."""
        return Rect(self.x + by, self.y + by, max(0, self.w - 2 * by), max(0, self.h - 2 * by))

    def within(self, other: Rect) -> Rect:
        """What both share; empty when nothing."""
        x, y = max(self.x, other.x), max(self.y, other.y)
        return Rect(x, y, max(0, min(self.right, other.right) - x), max(0, min(self.bottom, other.bottom) - y))


@dataclass(frozen=True, slots=True)
class Fill:
    """A plain rectangle."""

    rect: Rect
    colour: Colour


@dataclass(frozen=True, slots=True)
class Gradient:
    """Three colours from top to bottom."""

    rect: Rect
    top: Colour
    middle: Colour
    bottom: Colour


@dataclass(frozen=True, slots=True)
class Card:
    """A rounded rectangle: filled, outlined, or both. `dashed` outlines are for places, not things."""

    rect: Rect
    radius: int
    fill: Colour | None = None
    border: Colour | None = None
    width: int = 2
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text; `rect` is its line box, the text starts at its left edge."""

    rect: Rect
    text: str
    size: int
    colour: Colour
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Symbol:
    """An icon of the icon font, as large as the rectangle is high."""

    rect: Rect
    name: str
    colour: Colour


@dataclass(frozen=True, slots=True)
class Arc:
    """A ring; `fraction` of it, clockwise from the top, in `colour`, the rest in `track`."""

    rect: Rect
    width: int
    fraction: float
    colour: Colour
    track: Colour


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line with round ends and corners through `points`."""

    rect: Rect
    points: tuple[tuple[int, int], ...]
    width: int
    colour: Colour


@dataclass(frozen=True, slots=True)
class Pen:
    """What a finger wrote: a thick line through `points`. Never cached, never in a log; `repr` shows no point."""

    rect: Rect
    points: tuple[tuple[int, int], ...] = field(repr=False)
    width: int
    colour: Colour


@dataclass(frozen=True, slots=True)
class Modules:
    """The dark squares of a QR code; `rows` are strings of 0 and 1 with the quiet zone left out."""

    rect: Rect
    rows: tuple[str, ...]
    colour: Colour


@dataclass(frozen=True, slots=True)
class Live:
    """Where the camera picture goes; `radius` rounds it against `ground`."""

    rect: Rect
    radius: int
    ground: Colour


Mark: TypeAlias = Fill | Gradient | Card | Words | Symbol | Arc | Stroke | Pen | Modules | Live

MAX_RECTS = 10


def changed(before: list[Mark], after: list[Mark]) -> list[Rect]:
    """The rectangles that must be painted again, merged where that costs little; at most `MAX_RECTS`."""
    return merged([mark.rect for mark in set(before) ^ set(after)])


def merged(rects: list[Rect]) -> list[Rect]:
    """Join rectangles that overlap or nearly do; join the cheapest pairs until at most `MAX_RECTS` are left."""
    left = sorted({r for r in rects if r.w > 0 and r.h > 0})
    out: list[Rect] = []
    for rect in left:
        grown = rect
        again = True
        while again:
            again = False
            for other in out:
                both = grown.union(other)
                if grown.touches(other) or both.w * both.h <= 1.15 * (grown.w * grown.h + other.w * other.h):
                    out.remove(other)
                    grown = both
                    again = True
                    break
        out.append(grown)
    while len(out) > MAX_RECTS:
        pairs = ((a, b) for i, a in enumerate(out) for b in out[i + 1 :])
        a, b = min(pairs, key=lambda p: _waste(*p))
        out.remove(a)
        out.remove(b)
        out.append(a.union(b))
    return out


def _waste(a: Rect, b: Rect) -> int:
    both = a.union(b)
    return both.w * both.h - a.w * a.h - b.w * b.h
