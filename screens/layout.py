"""Boxes: each says how wide it likes to be and how high it must be at a width, then places itself on a sheet.

Row, Column, Grid, Stack and Pad arrange others. Sizes are fixed (`Sized`), by content, or shares of what is left
(`grow`). Nothing here draws. Boxes do not change once they are measured, so each width is measured once: a page of
boxes in boxes would else be measured anew from every one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from screens.marks import Mark, Rect
from screens.sheet import Sheet

DrawMarks: TypeAlias = Callable[[Rect], list[Mark]]


class Box:
    """A part of a page. `grow` is its share of spare room along the axis of the container it is in."""

    grow: float = 0.0

    def width(self) -> int:
        """The natural width in pixels."""
        return 0

    def height(self, width: int) -> int:
        """The height that it needs at `width`."""
        return 0

    def place(self, rect: Rect, sheet: Sheet) -> None:
        """Put marks, nodes and targets on `sheet`, inside `rect`."""


class Space(Box):
    """White space; with `grow` it takes what is left."""

    def __init__(self, size: int = 0, grow: float = 0.0) -> None:
        self.size = size
        self.grow = grow

    def width(self) -> int:
        return self.size

    def height(self, width: int) -> int:
        return self.size


class Sized(Box):
    """A child with a fixed or least size."""

    def __init__(
        self, child: Box, *, width: int | None = None, height: int | None = None, least: int = 0, grow: float = 0.0
    ) -> None:
        self.child = child
        self._width = width
        self._height = height
        self._least = least
        self.grow = grow or child.grow

    @property
    def fixed(self) -> bool:
        """Whether a row must not make it narrower."""
        return self._width is not None

    def width(self) -> int:
        return self.child.width() if self._width is None else self._width

    def height(self, width: int) -> int:
        own = self.child.height(width)
        return max(own, self._least) if self._height is None else self._height

    def place(self, rect: Rect, sheet: Sheet) -> None:
        self.child.place(rect, sheet)


class Pad(Box):
    """A child with room around it."""

    def __init__(self, child: Box, across: int, down: int | None = None) -> None:
        self.child = child
        self.across = across
        self.down = across if down is None else down
        self.grow = child.grow

    def width(self) -> int:
        return self.child.width() + 2 * self.across

    def height(self, width: int) -> int:
        return self.child.height(width - 2 * self.across) + 2 * self.down

    def place(self, rect: Rect, sheet: Sheet) -> None:
        inner = Rect(rect.x + self.across, rect.y + self.down, rect.w - 2 * self.across, rect.h - 2 * self.down)
        self.child.place(inner, sheet)


class Middle(Box):
    """A child at its own size in the middle of whatever it is given."""

    def __init__(self, child: Box, *, across: bool = True, down: bool = True) -> None:
        self.child = child
        self.across = across
        self.down = down
        self.grow = child.grow

    def width(self) -> int:
        return self.child.width()

    def height(self, width: int) -> int:
        return self.child.height(min(width, self.child.width()) if self.across else width)

    def place(self, rect: Rect, sheet: Sheet) -> None:
        w = min(rect.w, self.child.width()) if self.across else rect.w
        h = min(rect.h, self.child.height(w)) if self.down else rect.h
        self.child.place(Rect(rect.x + (rect.w - w) // 2, rect.y + (rect.h - h) // 2, w, h), sheet)


class Column(Box):
    """Children one under another, each as wide as the column."""

    def __init__(self, children: Sequence[Box], gap: int = 0, grow: float = 0.0) -> None:
        self.children = list(children)
        self.gap = gap
        self.grow = grow
        self._measured: dict[int, list[int]] = {}

    def width(self) -> int:
        return max((c.width() for c in self.children), default=0)

    def _heights(self, width: int) -> list[int]:
        known = self._measured.get(width)
        if known is None:
            known = self._measured[width] = [c.height(width) for c in self.children]
        return known

    def height(self, width: int) -> int:
        return sum(self._heights(width)) + self.gap * max(0, len(self.children) - 1)

    def place(self, rect: Rect, sheet: Sheet) -> None:
        heights = self._heights(rect.w)
        spare = rect.h - sum(heights) - self.gap * max(0, len(heights) - 1)
        if spare < 0:
            sheet.overflows.append(f"{-spare} px too high for {rect.h}")
        shares = sum(c.grow for c in self.children)
        y = rect.y
        for child, least in zip(self.children, heights, strict=True):
            height = least + (int(spare * child.grow / shares) if shares and spare > 0 else 0)
            child.place(Rect(rect.x, y, rect.w, height), sheet)
            y += height + self.gap


class Row(Box):
    """Children side by side. Who grows takes what is left; when there is too little, who is not fixed gives way."""

    def __init__(self, children: Sequence[Box], gap: int = 0, *, grow: float = 0.0, middle: bool = True) -> None:
        self.children = list(children)
        self.gap = gap
        self.grow = grow
        self.middle = middle
        self._natural: int | None = None
        self._dealt: dict[int, list[int]] = {}
        self._measured: dict[int, int] = {}

    def width(self) -> int:
        if self._natural is None:
            self._natural = sum(c.width() for c in self.children) + self.gap * max(0, len(self.children) - 1)
        return self._natural

    def _widths(self, width: int) -> list[int]:
        known = self._dealt.get(width)
        if known is None:
            known = self._dealt[width] = self._deal(width)
        return known

    def _deal(self, width: int) -> list[int]:
        room = width - self.gap * max(0, len(self.children) - 1)
        natural = [0 if c.grow else c.width() for c in self.children]
        shares = sum(c.grow for c in self.children)
        keep = sum(n for c, n in zip(self.children, natural, strict=True) if _fixed(c))
        soft = sum(natural) - keep
        wanted = sum(c.width() for c in self.children if c.grow)
        most = room - keep - min(wanted, int(0.4 * (room - keep)))
        if soft > max(0, most):
            natural = [
                n if _fixed(c) else n * max(0, most) // soft for c, n in zip(self.children, natural, strict=True)
            ]
        left = room - sum(natural)
        if shares and left > 0:
            natural = [n + int(left * c.grow / shares) for c, n in zip(self.children, natural, strict=True)]
        return natural

    def height(self, width: int) -> int:
        known = self._measured.get(width)
        if known is None:
            known = max((c.height(w) for c, w in zip(self.children, self._widths(width), strict=True)), default=0)
            self._measured[width] = known
        return known

    def place(self, rect: Rect, sheet: Sheet) -> None:
        x = rect.x
        for child, width in zip(self.children, self._widths(rect.w), strict=True):
            height = min(rect.h, child.height(width)) if self.middle else rect.h
            child.place(Rect(x, rect.y + (rect.h - height) // 2, width, height), sheet)
            x += width + self.gap


def _fixed(box: Box) -> bool:
    return isinstance(box, Space) or (isinstance(box, Sized) and box.fixed)


class Grid(Box):
    """Children in columns of equal width; the cells of a row are equally high."""

    def __init__(self, children: Sequence[Box], columns: int, gap: int = 0, *, grow: float = 0.0) -> None:
        self.children = list(children)
        self.columns = max(1, columns)
        self.gap = gap
        self.grow = grow
        self._measured: dict[int, list[int]] = {}

    def width(self) -> int:
        widest = max((c.width() for c in self.children), default=0)
        return widest * self.columns + self.gap * (self.columns - 1)

    def _cell(self, width: int) -> float:
        return (width - self.gap * (self.columns - 1)) / self.columns

    def _heights(self, width: int) -> list[int]:
        known = self._measured.get(width)
        if known is None:
            cell = int(self._cell(width))
            rows = [self.children[i : i + self.columns] for i in range(0, len(self.children), self.columns)]
            known = self._measured[width] = [max(c.height(cell) for c in row) for row in rows]
        return known

    def height(self, width: int) -> int:
        heights = self._heights(width)
        return sum(heights) + self.gap * max(0, len(heights) - 1)

    def place(self, rect: Rect, sheet: Sheet) -> None:
        cell = self._cell(rect.w)
        heights = self._heights(rect.w)
        spare = rect.h - sum(heights) - self.gap * max(0, len(heights) - 1)
        if spare < 0:
            sheet.overflows.append(f"grid {-spare} px too high for {rect.h}")
        elif heights:
            heights = [h + spare // len(heights) for h in heights]
        y = rect.y
        for row, height in enumerate(heights):
            for column, child in enumerate(self.children[row * self.columns : (row + 1) * self.columns]):
                left, right = round(column * (cell + self.gap)), round(column * (cell + self.gap) + cell)
                child.place(Rect(rect.x + left, y, right - left, height), sheet)
            y += height + self.gap


class Stack(Box):
    """Children on top of each other, all as large as the stack."""

    def __init__(self, children: Sequence[Box], *, grow: float = 0.0) -> None:
        self.children = list(children)
        self.grow = grow

    def width(self) -> int:
        return max((c.width() for c in self.children), default=0)

    def height(self, width: int) -> int:
        return max((c.height(width) for c in self.children), default=0)

    def place(self, rect: Rect, sheet: Sheet) -> None:
        for child in self.children:
            child.place(rect, sheet)


class Drawn(Box):
    """Marks worked out from the rectangle by a function: pictures, lines, rings."""

    def __init__(self, draw: DrawMarks, *, width: int = 0, height: int = 0, grow: float = 0.0) -> None:
        self._draw = draw
        self._width = width
        self._height = height
        self.grow = grow

    def width(self) -> int:
        return self._width

    def height(self, width: int) -> int:
        return self._height

    def place(self, rect: Rect, sheet: Sheet) -> None:
        sheet.marks.extend(self._draw(rect))
