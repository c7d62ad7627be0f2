"""The paper in a receipt printer: what is printed on it, where it was cut, what hangs out, what is left on the roll."""

from __future__ import annotations

import io
from collections import deque
from dataclasses import dataclass

from PIL import Image, ImageChops

DOTS_PER_MM = 8
WHITE = 255
MARGIN = 32
"""White dots left and right of the printable area in pictures: 80 mm paper has 72 mm of print."""
MAX_ROWS = 24_000
"""3 m of one receipt; a host that never cuts gets it torn off there."""
KEPT = 50
HANGING_ROWS = 12_000


@dataclass(frozen=True, slots=True)
class Receipt:
    """One piece of paper: its number since the printer was made, the picture (1-bit), its text lines."""

    number: int
    picture: Image.Image
    text: str
    partial: bool
    by_cutter: bool

    def png(self) -> bytes:
        """The picture as PNG, with the paper's white margins."""
        return png(self.picture)


class Paper:
    """A roll of `metres`, printed at the head, cut `gap` dots above it: every receipt begins with that much white."""

    def __init__(self, dots: int, metres: float, gap: int = 112) -> None:
        self.dots = dots
        self.gap = gap
        self.left_m = metres
        self.used_m = 0.0
        self.count = 0
        self.receipts: deque[Receipt] = deque(maxlen=KEPT)
        self.hanging: list[Receipt] = []
        self._canvas = Image.new("L", (dots, 1024), WHITE)
        self._head = gap
        self._inked = 0
        self._lines: list[tuple[int, str]] = []

    def print(self, picture: Image.Image, x: int = 0) -> None:
        """Burn `picture` ("L", 0 = black) at the head, at dot `x`; beyond the paper's edge nothing is printed."""
        self._room(picture.height)
        box = (x, self._head, x + picture.width, self._head + picture.height)
        self._canvas.paste(ImageChops.darker(self._canvas.crop(box), picture), box[:2])
        self._inked = max(self._inked, box[3])

    def note(self, text: str) -> None:
        """Remember `text` as standing at the head."""
        self._lines.append((self._head, text))

    def advance(self, dots: int) -> None:
        """Move the paper; white rows take no memory until something is printed below them."""
        self._head += dots
        metres = dots / DOTS_PER_MM / 1000
        self.used_m += metres
        self.left_m = max(self.left_m - metres, 0.0)
        if self._head > MAX_ROWS:
            self._split(self._head, partial=False, by_cutter=False)

    def cut(self, partial: bool) -> None:
        """Cut at the cutter: what is still between head and cutter stays inside."""
        if self._head > self.gap:
            self._split(self._head - self.gap, partial=partial, by_cutter=True)

    def tear_off(self) -> int:
        """Take away what hangs out; returns how many pieces. Uncut print is torn at the cutter."""
        if self._head > self.gap and any(y < self._head - self.gap for y, _ in self._lines):
            self._split(self._head - self.gap, partial=False, by_cutter=False)
        count = len(self.hanging)
        self.hanging.clear()
        return count

    def new_roll(self, metres: float) -> None:
        """Put in a roll of `metres`; the old end with its print is gone."""
        self.tear_off()
        self.left_m = metres
        self._lines.clear()
        self._head, self._inked = self.gap, 0
        self._canvas.paste(WHITE, (0, 0, *self._canvas.size))

    def picture(self) -> Image.Image:
        """What a person sees: the pieces that hang out and the print that is not cut yet."""
        parts = [receipt.picture.convert("L") for receipt in self.hanging]
        parts.append(self._page(self._head))
        height = min(sum(part.height + 1 for part in parts), HANGING_ROWS)
        whole = Image.new("L", (self.dots, height), WHITE)
        y = height
        for part in reversed(parts):
            y -= part.height + 1
            whole.paste(part, (0, y))
        return whole

    def current_text(self) -> str:
        """The lines that are printed and not cut."""
        return "\n".join(text for _, text in self._lines)

    def finish(self) -> None:
        """Push out everything that is printed as one last piece (for a stream that does not cut)."""
        if self._lines or self._inked:
            self._split(max(self._head, 1), partial=False, by_cutter=False)

    def _page(self, rows: int) -> Image.Image:
        """The first `rows` of the paper from its front edge, at least one."""
        page = Image.new("L", (self.dots, max(rows, 1)), WHITE)
        page.paste(self._canvas, (0, 0))
        return page

    def _room(self, rows: int) -> None:
        needed = self._head + rows + 8
        if needed > self._canvas.height:
            bigger = Image.new("L", (self.dots, max(needed, self._canvas.height * 2)), WHITE)
            bigger.paste(self._canvas, (0, 0))
            self._canvas = bigger

    def _split(self, at: int, *, partial: bool, by_cutter: bool) -> None:
        """Part the paper at row `at`; a piece with nothing on it falls away and is no receipt."""
        text = "\n".join(line for y, line in self._lines if y < at)
        page = self._page(at if self._inked or text.strip() else 1)
        if text.strip() or page.getextrema() != (WHITE, WHITE):
            self.count += 1
            picture = page.point(lambda v: 255 if v > 127 else 0, "1")
            receipt = Receipt(self.count, picture, text, partial, by_cutter)
            self.receipts.append(receipt)
            self.hanging = [*self.hanging, receipt][-KEPT:]
        self._inked = max(self._inked - at, 0)
        left = self._canvas.crop((0, at, self.dots, at + self._inked)) if self._inked else None
        self._canvas = Image.new("L", (self.dots, max(1024, self._inked + 64)), WHITE)
        if left is not None:
            self._canvas.paste(left, (0, 0))
        self._lines = [(y - at, line) for y, line in self._lines if y >= at]
        self._head = max(self._head - at, 0)


def png(picture: Image.Image) -> bytes:
    """PNG at 203 dpi with white margins left and right."""
    page = Image.new("1", (picture.width + 2 * MARGIN, picture.height), 1)
    page.paste(picture.convert("1", dither=Image.Dither.NONE), (MARGIN, 0))
    made = io.BytesIO()
    page.save(made, "PNG", dpi=(203, 203), optimize=True)
    return made.getvalue()
