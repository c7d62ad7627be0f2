"""Drawings that explain what the hands should do: a few strokes, no clip art."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from screens.layout import Box, Column, Drawn, Stack
from screens.look import Look
from screens.marks import Mark, Rect
from screens.screen import Picture, PictureKind
from screens.widgets.drawing import DrawingPen
from screens.widgets.surfaces import Surface, Told
from screens.widgets.waiting import busy
from screens.widgets.words import Label
from screens.widgets.work_pictures import WORK_DRAWINGS

Draw = Callable[[Look, Rect, float], list[Mark]]

SMALL: frozenset[PictureKind] = frozenset(
    {"take-paper", "closed", "take-card", "pay-at-pad", "turn-left", "turn-right", "close-eyes", *WORK_DRAWINGS}
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


def _place_card(look: Look, rect: Rect, unit: float) -> list[Mark]:
    pen = DrawingPen(look, rect, unit)
    pen.id_card(40, 20, 440)
    pen.arrow(505, 205, 588, 262)
    pen.zone(600, 250, 250, 170)
    return pen.marks


def _read_card(look: Look, rect: Rect, unit: float) -> list[Mark]:
    pen = DrawingPen(look, rect, unit)
    pen.zone(230, 40, 420, 360, words=False)
    pen.id_card(270, 82, 340)
    pen.words(look.words.t("place-card.zone"), 270, 350, 340, "tide_words", bold=True)
    return pen.marks


def _take_card(look: Look, rect: Rect, unit: float) -> list[Mark]:
    pen = DrawingPen(look, rect, unit)
    pen.zone(90, 200, 300, 200)
    pen.arrow(350, 190, 435, 130)
    pen.id_card(460, 30, 360)
    return pen.marks


def _look_at_camera(look: Look, rect: Rect, unit: float) -> list[Mark]:
    pen = DrawingPen(look, rect, unit)
    pen.card(390, 10, 100, 100, r=50, fill="sea")
    pen.symbol("photo_camera", 410, 30, 60, "on_sea")
    pen.arrow(440, 215, 440, 135)
    pen.symbol("person", 340, 230, 200, "sea")
    return pen.marks


def _head(pen: DrawingPen, *, turned: float = 0.0, shut: bool = False) -> None:
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
    pen = DrawingPen(look, rect, unit)
    _head(pen, turned=-1)
    pen.arrow(290, 175, 120, 175, colour="tide", head=60)
    return pen.marks


def _turn_right(look: Look, rect: Rect, unit: float) -> list[Mark]:
    pen = DrawingPen(look, rect, unit)
    _head(pen, turned=1)
    pen.arrow(590, 175, 760, 175, colour="tide", head=60)
    return pen.marks


def _close_eyes(look: Look, rect: Rect, unit: float) -> list[Mark]:
    pen = DrawingPen(look, rect, unit)
    _head(pen, shut=True)
    return pen.marks


def _pay_at_pad(look: Look, rect: Rect, unit: float) -> list[Mark]:
    pen = DrawingPen(look, rect, unit)
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
    pen = DrawingPen(look, rect, unit)
    pen.card(240, 20, 400, 44, r=22, fill="sea")
    pen.card(310, 48, 260, 270, r=6, fill="card", line="sea")
    for index, share in enumerate((0.7, 1.0, 0.85, 0.55)):
        pen.card(340, 100 + 44 * index, 200 * share, 14, r=7, fill="shade")
    pen.arrow(440, 345, 440, 425)
    return pen.marks


def _closed(look: Look, rect: Rect, unit: float) -> list[Mark]:
    pen = DrawingPen(look, rect, unit)
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
    **WORK_DRAWINGS,
}
