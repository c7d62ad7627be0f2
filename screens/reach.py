"""Low reach: what is told stands above, what is touched below a line of the panel (`Panel.reach_line`).

For who sits in a wheelchair: EN 301 549 and ADA end their reach at 1,220 mm above the floor. The order of reading
stays the order of the page among what is told, and among what is touched.
"""

from __future__ import annotations

from collections.abc import Sequence

from config.panel import PORTRAIT
from screens.layout import Box, Column, Space
from screens.marks import Rect
from screens.screen import (
    Actions,
    Block,
    Candidates,
    Checks,
    Choice,
    Field,
    Heading,
    Ink,
    Items,
    Keypad,
    PinPad,
    Rating,
    Tiles,
)
from screens.sheet import Sheet

LINE = PORTRAIT.reach_line
"""The first pixel row of the lower part of the panel that is taken for granted."""
TOUCHED = (Actions, Candidates, Checks, Choice, Field, Ink, Items, Keypad, PinPad, Rating)


def is_touched(block: Block) -> bool:
    """Whether there is something to touch in it."""
    return isinstance(block, TOUCHED) or (isinstance(block, Tiles) and any(tile.key for tile in block.tiles))


def parted(blocks: Sequence[Block]) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    """What is told and what is touched; a heading goes with what stands under it."""
    told: list[Block] = []
    touched: list[Block] = []
    for index, block in enumerate(blocks):
        under = next((b for b in blocks[index:] if not isinstance(b, Heading)), None)
        goes = isinstance(block, Heading) and under is not None and is_touched(under)
        (touched if goes or is_touched(block) else told).append(block)
    return tuple(told), tuple(touched)


class Reach(Box):
    """`told` from the top down, `touched` from `line` down (lower where more is told), `last` at the bottom."""

    def __init__(
        self, told: Sequence[Box], touched: Sequence[Box], last: Sequence[Box], gap: int, line: int = LINE
    ) -> None:
        self.told = Column(told, gap)
        between = [Space(0, grow=1.0)] if touched and last else []
        low = [*touched, *between, *last]
        if last and not touched:
            low = [Space(0, grow=1.0), *last]
        self.touched = Column(low, gap) if low else None
        self.gap = gap
        self.line = line

    def begins(self, room: Rect) -> int:
        """Where the touched part begins in `room`."""
        told = self.told.height(room.w)
        return max(self.line, room.y + told + self.gap if told else room.y)

    def fits(self, room: Rect) -> bool:
        """Whether everything has its place in `room`."""
        if self.touched is None:
            return self.told.height(room.w) <= room.h
        return self.begins(room) + self.touched.height(room.w) <= room.bottom

    def height(self, width: int) -> int:
        return self.told.height(width) + (self.gap + self.touched.height(width) if self.touched else 0)

    def place(self, rect: Rect, sheet: Sheet) -> None:
        if self.touched is None:
            self.told.place(rect, sheet)
            return
        at = self.begins(rect)
        self.told.place(Rect(rect.x, rect.y, rect.w, max(0, at - self.gap - rect.y)), sheet)
        self.touched.place(Rect(rect.x, at, rect.w, rect.bottom - at), sheet)
