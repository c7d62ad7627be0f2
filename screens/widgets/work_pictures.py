"""Drawings for technicians: the way of the paper, a new roll, the toner, a lens, a plug, where the card goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from screens.look import Look
from screens.marks import Mark, Rect
from screens.screen import PictureKind
from screens.widgets.drawing import DrawingPen


def _paper_path(look: Look, rect: Rect, unit: float) -> list[Mark]:
    """A printer of rolls from the side: lid open, the paper's way through its rollers, where it comes out."""
    pen, say = _way_of_paper(look, rect, unit), look.words.t
    pen.card(215, 265, 120, 120, r=60, fill="card", line="sea", width=4)
    pen.words(say("tech.picture.roll"), 215, 325, 120, "ink2", bold=False)
    return pen.marks


def _sheet_path(look: Look, rect: Rect, unit: float) -> list[Mark]:
    """A printer of sheets from the side: the same way, from its tray."""
    pen, say = _way_of_paper(look, rect, unit), look.words.t
    for y in (290, 305, 320):
        pen.stroke((200, y), (350, y), colour="sea", width=6)
    pen.words(say("tech.picture.tray"), 200, 360, 170, "ink2", bold=False)
    return pen.marks


def _way_of_paper(look: Look, rect: Rect, unit: float) -> DrawingPen:
    pen, say = DrawingPen(look, rect, unit), look.words.t
    pen.card(170, 150, 520, 260, r=26, fill="sea_light", line="sea", width=4)
    pen.stroke((190, 150), (330, 20), colour="sea", width=16)
    pen.arrow(420, 110, 335, 55, colour="tide", head=40)
    pen.words(say("tech.picture.cover"), 430, 95, 170, "tide_words", bold=True)
    pen.stroke((320, 285), (430, 225), (600, 225), colour="attention", width=12)
    for x in (455, 545):
        pen.card(x, 180, 40, 40, r=20, fill="shade", line="sea")
        pen.card(x, 232, 40, 40, r=20, fill="shade", line="sea")
    pen.arrow(600, 225, 780, 225, colour="attention", head=40)
    pen.words(say("tech.picture.out"), 695, 290, 180, "ink", bold=True)
    return pen


def _paper_roll(look: Look, rect: Rect, unit: float) -> list[Mark]:
    """A new roll: which way it turns, its printed side, the strip over the edge."""
    pen, say = DrawingPen(look, rect, unit), look.words.t
    pen.card(130, 300, 520, 120, r=24, fill="sea_light", line="sea", width=4)
    pen.card(170, 90, 260, 260, r=130, fill="card", line="sea", width=5)
    pen.card(260, 180, 80, 80, r=40, fill="shade", line="sea")
    pen.stroke((300, 90), (560, 90), (700, 160), colour="sea", width=12)
    pen.arrow(700, 160, 790, 205, colour="tide", head=44)
    pen.words(say("tech.picture.print"), 430, 45, 320, "tide_words", bold=True)
    return pen.marks


def _toner(look: Look, rect: Rect, unit: float) -> list[Mark]:
    """A cartridge going into the open front."""
    pen, say = DrawingPen(look, rect, unit), look.words.t
    pen.card(470, 60, 340, 340, r=28, fill="sea_light", line="sea", width=4)
    pen.card(500, 190, 280, 120, r=14, fill="shade")
    pen.stroke((470, 400), (390, 425), colour="sea", width=14)
    pen.card(60, 190, 280, 120, r=20, fill="card", line="sea", width=5)
    pen.card(130, 165, 140, 30, r=12, fill="sea")
    pen.words(say("tech.picture.toner"), 60, 250, 280, "ink", bold=True)
    pen.arrow(360, 250, 480, 250, colour="tide", head=44)
    return pen.marks


def _lens(look: Look, rect: Rect, unit: float) -> list[Mark]:
    """A lens, wiped round and round."""
    pen = DrawingPen(look, rect, unit)
    pen.card(290, 50, 300, 340, r=36, fill="sea_light", line="sea", width=4)
    pen.card(340, 110, 200, 200, r=100, fill="card", line="sea", width=6)
    pen.card(390, 160, 100, 100, r=50, fill="sea")
    pen.card(410, 178, 26, 26, r=13, fill="on_sea")
    pen.arrow(250, 330, 170, 210, colour="tide", head=48)
    pen.arrow(630, 100, 710, 220, colour="tide", head=48)
    return pen.marks


def _plug(look: Look, rect: Rect, unit: float) -> list[Mark]:
    """A plug on its way into its socket."""
    pen = DrawingPen(look, rect, unit)
    pen.card(560, 70, 260, 300, r=28, fill="sea_light", line="sea", width=4)
    pen.card(570, 150, 80, 140, r=10, fill="shade", line="sea")
    pen.stroke((40, 220), (170, 220), colour="sea", width=26)
    pen.card(160, 150, 170, 140, r=24, fill="card", line="sea", width=5)
    pen.card(330, 175, 70, 90, r=8, fill="sea")
    pen.arrow(425, 220, 535, 220, colour="tide", head=44)
    return pen.marks


def _card_place(look: Look, rect: Rect, unit: float) -> list[Mark]:
    """A staff card and the reading zone."""
    pen = DrawingPen(look, rect, unit)
    pen.card(40, 30, 420, 265, r=22, fill="sea_dark")
    pen.card(75, 70, 130, 160, r=12, fill="on_sea")
    pen.symbol("badge", 85, 95, 110, "sea_dark")
    for index, share in enumerate((1.0, 0.8, 0.6)):
        pen.card(240, 95 + 48 * index, 180 * share, 22, r=11, fill="sea_line")
    pen.arrow(495, 205, 578, 262)
    pen.zone(590, 250, 260, 170)
    return pen.marks


def _forms(look: Look, rect: Rect, unit: float) -> list[Mark]:
    """Numbered sheets, counted."""
    pen = DrawingPen(look, rect, unit)
    for at in range(4):
        pen.card(250 + 40 * at, 30 + 26 * at, 250, 320, r=8, fill="card", line="sea", width=4)
    for index, share in enumerate((0.7, 1.0, 0.85)):
        pen.card(400, 170 + 44 * index, 180 * share, 14, r=7, fill="shade")
    pen.words("0001", 390, 390, 210, "fault", bold=True)
    return pen.marks


WORK_DRAWINGS: Mapping[PictureKind, Callable[[Look, Rect, float], list[Mark]]] = {
    "paper-path": _paper_path,
    "sheet-path": _sheet_path,
    "paper-roll": _paper_roll,
    "toner": _toner,
    "lens": _lens,
    "plug": _plug,
    "card-place": _card_place,
    "forms": _forms,
}
