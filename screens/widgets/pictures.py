"""Drawings that explain what the hands should do: a few strokes, no clip art."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from screens.layout import Box, Column, Drawn, Stack
from screens.look import Look
from screens.marks import Card, Mark, Rect, Stroke, Symbol, Words
from screens.screen import Picture, PictureKind
from screens.widgets.surfaces import Surface, Told
from screens.widgets.waiting import busy
from screens.widgets.words import Label

LEAST_MM = 6.4
"""Em of words in a drawing."""
Draw = Callable[[Look, Rect, float], list[Mark]]

SMALL: frozenset[PictureKind] = frozenset(
    {"take-paper", "closed", "take-card", "pay-at-pad", "turn-left", "turn-right", "close-eyes"}
)


def picture(look: Look, block: Picture) -> Box:
    """The drawing on a white card, its caption under it; the picture of waiting moves."""
    if block.kind == "working":
        return busy(look, block.caption)
    full = look.theme.px(84 if block.kind in SMALL else 112)
    high = round(full * max(0.62, look.tight))

    def draw(rect: Rect) -> list[Mark]:
        unit = min(rect.w / 880, rect.h / 440)
        return DRAWINGS[block.kind](look, rect, unit)

    parts: list[Box] = [Drawn(draw, height=high)]
    if block.caption:
        parts.append(Label(look, block.caption, "section", bold=True, side="centre", title=True, balance=True))
    card = Surface(look, Column(parts, look.gap("small")), down=look.gap("gap"))
    return Told(Stack([card]), "image", block.caption)


class _Pen:
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


def _place_card(look: Look, rect: Rect, unit: float) -> list[Mark]:
    pen = _Pen(look, rect, unit)
    pen.id_card(40, 20, 440)
    pen.arrow(505, 205, 588, 262)
    pen.zone(600, 250, 250, 170)
    return pen.marks


def _read_card(look: Look, rect: Rect, unit: float) -> list[Mark]:
    pen = _Pen(look, rect, unit)
    pen.zone(230, 40, 420, 360, words=False)
    pen.id_card(270, 82, 340)
    pen.words(look.words.t("place-card.zone"), 270, 350, 340, "tide_words", bold=True)
    return pen.marks


def _take_card(look: Look, rect: Rect, unit: float) -> list[Mark]:
    pen = _Pen(look, rect, unit)
    pen.zone(90, 200, 300, 200)
    pen.arrow(350, 190, 435, 130)
    pen.id_card(460, 30, 360)
    return pen.marks


def _look_at_camera(look: Look, rect: Rect, unit: float) -> list[Mark]:
    pen = _Pen(look, rect, unit)
    pen.card(390, 10, 100, 100, r=50, fill="sea")
    pen.symbol("photo_camera", 410, 30, 60, "on_sea")
    pen.arrow(440, 215, 440, 135)
    pen.symbol("person", 340, 230, 200, "sea")
    return pen.marks


def _head(pen: _Pen, *, turned: float = 0.0, shut: bool = False) -> None:
    """A head from the front, its features moved to the side to which it is turned."""
    move = 46 * turned
    pen.card(340, 40, 200, 270, r=100, fill="sea_light", line="sea", width=4)
    pen.card(300, 335, 280, 100, r=48, fill="sea_light", line="sea", width=4)
    for x in (400, 480):
        if shut:
            pen.stroke((x - 24 + move, 160), (x, 170), (x + 24 + move, 160), colour="sea", width=9)
        else:
            pen.card(x - 15 + move, 146, 30, 30, r=15, fill="sea")
    nose = 440 + move * 1.5
    pen.stroke((440 + move, 180), (nose + 14 * turned, 215), (440 + move, 222), colour="sea", width=8)
    pen.stroke((412 + move, 258), (468 + move, 258), colour="sea", width=9)


def _turn_left(look: Look, rect: Rect, unit: float) -> list[Mark]:
    """As in a mirror: the person's left is the picture's left."""
    pen = _Pen(look, rect, unit)
    _head(pen, turned=-1)
    pen.arrow(290, 175, 120, 175, colour="tide", head=60)
    return pen.marks


def _turn_right(look: Look, rect: Rect, unit: float) -> list[Mark]:
    pen = _Pen(look, rect, unit)
    _head(pen, turned=1)
    pen.arrow(590, 175, 760, 175, colour="tide", head=60)
    return pen.marks


def _close_eyes(look: Look, rect: Rect, unit: float) -> list[Mark]:
    pen = _Pen(look, rect, unit)
    _head(pen, shut=True)
    return pen.marks


def _pay_at_pad(look: Look, rect: Rect, unit: float) -> list[Mark]:
    pen = _Pen(look, rect, unit)
    pen.card(90, 130, 300, 190, r=18, fill="sea_light", line="sea")
    pen.card(94, 165, 292, 40, r=1, fill="shade")
    pen.card(115, 260, 110, 22, r=11, fill="shade")
    pen.symbol("credit_card", 310, 250, 56, "sea")
    pen.arrow(425, 225, 515, 225)
    pen.card(545, 0, 250, 440, r=30, fill="card", line="sea", width=4)
    pen.card(575, 30, 190, 130, r=14, fill="sea_light", line="sea_line")
    pen.symbol("contactless", 625, 50, 90, "sea")
    for row in range(4):
        for column in range(3):
            pen.card(577 + column * 66, 185 + row * 58, 54, 42, r=10, fill="shade")
    return pen.marks


def _take_paper(look: Look, rect: Rect, unit: float) -> list[Mark]:
    pen = _Pen(look, rect, unit)
    pen.card(240, 20, 400, 44, r=22, fill="sea")
    pen.card(310, 48, 260, 270, r=6, fill="card", line="sea")
    for index, share in enumerate((0.7, 1.0, 0.85, 0.55)):
        pen.card(340, 100 + 44 * index, 200 * share, 14, r=7, fill="shade")
    pen.arrow(440, 345, 440, 425)
    return pen.marks


def _closed(look: Look, rect: Rect, unit: float) -> list[Mark]:
    pen = _Pen(look, rect, unit)
    pen.card(300, 80, 280, 280, r=140, fill="attention_light", line="attention_line", width=4)
    pen.symbol("build", 360, 140, 160, "attention")
    return pen.marks


DRAWINGS: Mapping[PictureKind, Draw] = {
    "place-card": _place_card,
    "read-card": _read_card,
    "take-card": _take_card,
    "look-at-camera": _look_at_camera,
    "turn-left": _turn_left,
    "turn-right": _turn_right,
    "close-eyes": _close_eyes,
    "pay-at-pad": _pay_at_pad,
    "take-paper": _take_paper,
    "closed": _closed,
}
