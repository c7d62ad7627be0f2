"""Text on a page: running text, titles, labels that must fit where they are."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

from screens.layout import Box
from screens.look import LEADING, TITLE_LEADING, Look
from screens.marks import Rect, Symbol, Words
from screens.sheet import Sheet

Side = Literal["left", "centre", "right"]

FITS: tuple[tuple[int, float], ...] = ((1, 1.0), (1, 0.9), (2, 1.0), (2, 0.86), (3, 0.86), (3, 0.76), (4, 0.7))
"""How a label is made to fit: so many lines at this share of its size; tried in order."""


OPENING = "“‘《〈「『（〔【"
"""Full-width signs whose left half is empty."""
HANG = 0.42
"""So much of an em they stand out to the left at the start of a line: what is printed aligns, not its white."""
WIDOW, LONELY = 4, 0.15
"""A last line of so many characters, or so small a share of the width, does not stand alone."""
CLAUSE = "，；。："
BETWEEN = " · "


class Label(Box):
    """Text that wraps at the width it is given, placed in the vertical middle of its rectangle."""

    def __init__(
        self,
        look: Look,
        text: str,
        size: str = "body",
        *,
        colour: str = "ink",
        bold: bool = False,
        side: Side = "left",
        balance: bool = False,
        title: bool = False,
        top: bool = False,
        grow: float = 0.0,
    ) -> None:
        self.look = look
        self.text = text
        self.size = look.size(size)
        self.colour = look.colour(colour)
        self.bold = bold
        self.side = side
        self.balance = balance
        self.leading = TITLE_LEADING if title else LEADING
        self.top = top
        self.grow = grow
        self._natural: int | None = None
        self._known: dict[int, tuple[int, tuple[str, ...]]] = {}

    def width(self) -> int:
        if self._natural is None:
            wide = self.look.typeface.width
            self._natural = max(wide(part, self.size, self.bold) for part in self.text.split("\n"))
        return self._natural

    def set_at(self, width: int) -> tuple[int, tuple[str, ...]]:
        """Size and lines at `width`."""
        known = self._known.get(width)
        if known is None:
            known = self._known[width] = self._set(width)
        return known

    def _set(self, width: int) -> tuple[int, tuple[str, ...]]:
        set_ = self.look.typeface.lines
        lines = set_(self.text, self.size, self.bold, width, balance=self.balance)
        if len(lines) > 1 and "\n" not in self.text and self._lonely(lines[-1].strip(), width):
            # A last line of a word or two reads as a mistake: the lines share the words out instead.
            at_clause = self._at_clause(width) if len(lines) == 2 else ()
            lines = at_clause or set_(self.text, self.size, self.bold, width, balance=True)
        return self.size, lines

    def _at_clause(self, width: int) -> tuple[str, ...]:
        """Two lines, parted after the clause that ends nearest the middle; () when no such line has room."""
        wide = self.look.typeface.width
        ends = [at + 1 for at, sign in enumerate(self.text[:-1]) if sign in CLAUSE]
        for at in sorted(ends, key=lambda end: abs(2 * end - len(self.text))):
            parts = self.text[:at], self.text[at:].lstrip()
            if all(wide(part, self.size, self.bold) <= width for part in parts) and not self._lonely(parts[1], width):
                return parts
        return ()

    def _lonely(self, last: str, width: int) -> bool:
        return len(last) <= WIDOW or self.look.typeface.width(last, self.size, self.bold) < LONELY * width

    def height(self, width: int) -> int:
        size, lines = self.set_at(width)
        return round(size * self.leading) * len(lines)

    def place(self, rect: Rect, sheet: Sheet) -> None:
        if not self.text:
            return
        size, lines = self.set_at(rect.w)
        step = round(size * self.leading)
        total = step * len(lines)
        if total > rect.h + 2:
            sheet.overflows.append(f"{self.text[:20]!r}: {total} px high in {rect.h}")
        y = rect.y if self.top else rect.y + (rect.h - total) // 2
        for line in lines:
            width = self.look.typeface.width(line, size, self.bold)
            if width > rect.w + 2:
                sheet.overflows.append(f"{line[:20]!r}: {width} px wide in {rect.w}")
            x = rect.x - (round(size * HANG) if self.side == "left" and line and line[0] in OPENING else 0)
            if self.side != "left":
                x += (rect.w - width) // (2 if self.side == "centre" else 1)
            sheet.marks.append(Words(Rect(x, y, width, step), line, size, self.colour, self.bold))
            y += step


class Fitted(Label):
    """A label that gives way in size before it takes more lines than `FITS` says; for buttons, keys and tiles."""

    def __init__(
        self,
        look: Look,
        text: str,
        size: str,
        *,
        colour: str = "ink",
        bold: bool = True,
        side: Side = "left",
        lines: int = 3,
        fits: tuple[tuple[int, float], ...] = FITS,
        grow: float = 0.0,
    ) -> None:
        super().__init__(look, text, size, colour=colour, bold=bold, side=side, title=True, balance=True, grow=grow)
        self.fits = list(fits) if fits is not FITS else [fit for fit in fits if fit[0] <= lines]
        if lines == 1:
            self.fits += [(1, 0.8), (1, 0.7), (1, 0.6)]

    def _set(self, width: int) -> tuple[int, tuple[str, ...]]:
        size = self.size
        lines: tuple[str, ...] = (self.text,)
        for most, share in self.fits:
            size = round(self.size * share)
            lines = self.look.typeface.lines(self.text, size, self.bold, width, balance=True)
            longest_word = max(self.look.typeface.width(line, size, self.bold) for line in lines)
            if len(lines) <= most and longest_word <= width and not self._cut(lines):
                break
        return size, lines

    def _cut(self, lines: tuple[str, ...]) -> bool:
        """Whether a word had to be cut: then a smaller size is better."""
        return sum(len(line.replace(" ", "")) for line in lines) == len(self.text.replace(" ", "")) and any(
            a[-1:].isascii() and a[-1:].isalnum() and b[:1].isascii() and b[:1].isalnum() and f"{a}{b}" in self.text
            for a, b in pairwise(lines)
        )


class Examples(Label):
    """A few examples with " · " between them, on one line: as many as have room, the first one always."""

    def _set(self, width: int) -> tuple[int, tuple[str, ...]]:
        kept = self.text.split(BETWEEN)
        while len(kept) > 1 and self.look.typeface.width(BETWEEN.join(kept), self.size, self.bold) > width:
            kept.pop()
        return self.size, self.look.typeface.lines(BETWEEN.join(kept), self.size, self.bold, width)


class Icon(Box):
    """A symbol, `size` pixels square."""

    def __init__(self, look: Look, name: str, size: int, colour: str = "sea") -> None:
        self.name = name
        self.size = size
        self.colour = look.colour(colour)

    def width(self) -> int:
        return self.size

    def height(self, width: int) -> int:
        return self.size

    def place(self, rect: Rect, sheet: Sheet) -> None:
        x, y = rect.x + (rect.w - self.size) // 2, rect.y + (rect.h - self.size) // 2
        sheet.marks.append(Symbol(Rect(x, y, self.size, self.size), self.name, self.colour))
