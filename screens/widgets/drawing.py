"""The pen of the drawings: units of a field of 880 x 440 become marks on the panel."""

from __future__ import annotations

from screens.look import Look
from screens.marks import Card, Mark, Rect, Stroke, Symbol, Words

LEAST_MM = 6.4
"""Em of words in a drawing."""


class DrawingPen:
    """Draws in a field of 880 x 440 units around the middle of `rect`."""

    def __init__(self, look: Look, rect: Rect, unit: float) -> None:
        self.look = look
        self.unit = unit
        self.x = rect.x + (rect.w - 880 * unit) / 2
        self.y = rect.y + (rect.h - 440 * unit) / 2
        self.marks: list[Mark] = []

    def rect(self, x: float, y: float, w: float, h: float) -> Rect:
        """Units to panel pixels."""
        u = self.unit
        return Rect(round(self.x + x * u), round(self.y + y * u), round(w * u), round(h * u))

    def card(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        *,
        r: float = 22,
        fill: str | None = None,
        line: str | None = None,
        width: int = 3,
        dashed: bool = False,
    ) -> None:
        """A rounded rectangle."""
        look = self.look
        colours = look.colour(fill) if fill else None, look.colour(line) if line else None
        radius = max(2, round(r * self.unit))
        self.marks.append(Card(self.rect(x, y, w, h), radius, *colours, width, dashed))

    def symbol(self, name: str, x: float, y: float, size: float, colour: str) -> None:
        """An icon."""
        self.marks.append(Symbol(self.rect(x, y, size, size), name, self.look.colour(colour)))

    def words(self, text: str, x: float, y: float, w: float, colour: str, *, size: str = "body", bold: bool) -> None:
        """One line, centred in `w` around y."""
        px = self.look.size(size)
        least = self.look.theme.px(LEAST_MM)
        while px > least and self.look.typeface.width(text, px, bold) > w * self.unit:
            px = max(least, px - 2)
        width = self.look.typeface.width(text, px, bold)
        if width > w * self.unit:
            return  # too small to read: the page says it in words
        high = round(px * 1.3)
        middle = self.rect(x, y, w, 0)
        rect = Rect(middle.x + (middle.w - width) // 2, middle.y - high // 2, width, high)
        self.marks.append(Words(rect, text, px, self.look.colour(colour), bold))

    def stroke(self, *points: tuple[float, float], colour: str = "sea", width: float = 14) -> None:
        """A line with round ends."""
        at = tuple((round(self.x + x * self.unit), round(self.y + y * self.unit)) for x, y in points)
        thick = max(3, round(width * self.unit))
        xs, ys = [p[0] for p in at], [p[1] for p in at]
        around = Rect(min(xs) - thick, min(ys) - thick, max(xs) - min(xs) + 2 * thick, max(ys) - min(ys) + 2 * thick)
        self.marks.append(Stroke(around, at, thick, self.look.colour(colour)))

    def arrow(self, x0: float, y0: float, x1: float, y1: float, colour: str = "sea", head: float = 46) -> None:
        """From one point to the other, its head at the end."""
        length = max(1.0, ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5)
        dx, dy = (x1 - x0) / length * head, (y1 - y0) / length * head
        c, s = 0.7071, 0.7071
        left = (x1 - dx * c + dy * s, y1 - dx * s - dy * c)
        right = (x1 - dx * c - dy * s, y1 + dx * s - dy * c)
        self.stroke((x0, y0), (x1, y1), colour=colour)
        self.stroke(left, (x1, y1), right, colour=colour)

    def id_card(self, x: float, y: float, w: float) -> None:
        """A resident ID card, its photo on the right; 85.6 to 54 as in life."""
        h = w * 54 / 85.6
        self.card(x, y, w, h, r=18, fill="sea_light", line="sea")
        for index, share in enumerate((0.34, 0.45, 0.5)):
            self.card(x + w * 0.075, y + h * (0.32 + 0.13 * index), w * share, h * 0.06, r=h * 0.03, fill="shade")
        photo_x, photo_y, photo_w, photo_h = x + w * 0.68, y + h * 0.2, w * 0.25, h * 0.5
        self.card(photo_x, photo_y, photo_w, photo_h, r=8, fill="shade")
        side = photo_w * 0.72
        self.symbol("person", photo_x + (photo_w - side) / 2, photo_y + (photo_h - side) / 2, side, "sea")
        name = self.look.words.t("place-card.card")
        self.words(name, x + w * 0.05, y + h * 0.17, w * 0.6, "ink2", size="note", bold=False)

    def zone(self, x: float, y: float, w: float, h: float, *, words: bool = True) -> None:
        """The reading zone of the desk."""
        self.card(x, y, w, h, r=26, line="tide", width=max(4, round(6 * self.unit)), dashed=True)
        if words:
            self.words(self.look.words.t("place-card.zone"), x, y + h / 2, w, "tide_words", bold=True)
