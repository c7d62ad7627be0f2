"""A pad for a PIN of ours: dots instead of digits, no key lights up, and nothing outside the pixels knows a digit.

Each key replies `Reply("pin", place)`, its place from 0 in reading order; only who gave out the order knows the digit.
Neither the tree nor a picture of the screen tells which digit stands where (EN 301 549, 5.1.3.9).
"""

from __future__ import annotations

from screens.layout import Box, Column, Drawn, Grid, Middle, Row, Sized, Space
from screens.look import Look
from screens.marks import Card, Mark, Rect
from screens.screen import PinPad, Reply
from screens.sheet import Sheet
from screens.widgets.buttons import button
from screens.widgets.surfaces import Surface, Told, Touch
from screens.widgets.words import Fitted, Icon, Label

DOT_MM = 5.0
NEXT_SHARE = 0.44


class Hidden(Box):
    """A child that no picture of the screen may show."""

    def __init__(self, child: Box) -> None:
        self.child = child
        self.grow = child.grow

    def width(self) -> int:
        return self.child.width()

    def height(self, width: int) -> int:
        return self.child.height(width)

    def place(self, rect: Rect, sheet: Sheet) -> None:
        sheet.private.append(rect)
        self.child.place(rect, sheet)


def pin_pad(look: Look, block: PinPad) -> Box:
    """The dots, what is wrong, and the keys in the order of `block`."""
    parts: list[Box] = [_dots(look, block)]
    if block.error:
        side = round(look.size("note") * 1.2)
        told = Label(look, block.error, "note", colour="fault", bold=True, grow=1)
        row = Row([Sized(Icon(look, "error", side, "fault"), width=side), told], look.theme.px(1.5))
        parts.append(Told(row, "status", block.error))
    gap = look.between("small")
    keys = [_digit(look, digit, place) for place, digit in enumerate(block.order)]
    grid = Grid([*keys[:9], _word(look, "clear"), keys[9], _word(look, "backspace")], 3, gap)
    grid.grow = 1.0
    beside: list[Box] = []
    if block.next is not None:
        side_key = button(look, block.next, tall=True, down=True)
        side_key.grow = NEXT_SHARE
        beside.append(side_key)
    parts.append(Row([Hidden(grid), *beside], gap, middle=False))
    return Column(parts, look.gap("gap"))


def _dots(look: Look, block: PinPad) -> Box:
    """One ring a digit, filled where it was typed; how many are typed is told, which never."""
    side, thick = look.theme.px(DOT_MM), look.space("border") + 1

    def dot(typed: bool) -> Box:
        def draw(rect: Rect) -> list[Mark]:
            y = rect.y + (rect.h - side) // 2
            ink = look.colour("ink")
            return [Card(Rect(rect.x, y, side, side), side // 2, ink if typed else look.colour("card"), ink, thick)]

        return Sized(Drawn(draw, width=side, height=side), width=side)

    dots = [dot(at < block.typed) for at in range(block.length)]
    row = Row([Space(0, grow=1.0), *dots, Space(0, grow=1.0)], look.theme.px(6))
    border = "fault" if block.error else "sea"
    card = Surface(look, Sized(row, least=look.space("key") // 2), border=border, width=look.space("border") + 2)
    told = look.words.t("pin.typed", count=block.typed, length=block.length)
    return Column(
        [Label(look, block.label, "label", bold=True), Told(card, "textbox", f"{block.label} {told}")], look.gap("tiny")
    )


def _digit(look: Look, digit: str, place: int) -> Touch:
    """A key that looks the same whether it is pressed or not."""

    def draw(_pressed: bool) -> Box:
        return _cap(look, Fitted(look, digit, "key", side="centre", lines=1))

    name = look.words.t("pin.key")
    return Touch(draw, Reply("pin", str(place)), name, role="key", kind="key", least=look.space("key"))


def _word(look: Look, what: str) -> Touch:
    name = look.words.t(f"key.{what}")

    def draw(_pressed: bool) -> Box:
        if what == "backspace":
            return _cap(look, Icon(look, "backspace", round(look.size("key") * 0.85), "ink"))
        return _cap(look, Fitted(look, name, "button", side="centre", lines=1))

    return Touch(draw, Reply("pin", what), name, role="key", kind="key", least=look.space("key"))


def _cap(look: Look, inside: Box) -> Box:
    return Surface(look, Middle(inside, across=False), fill="card", across=4, down=look.theme.px(1))
