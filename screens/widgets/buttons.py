"""Buttons: one look for each style, the primary one the largest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from screens.layout import Box, Column, Middle, Row, Sized
from screens.look import Look
from screens.marks import Rect
from screens.screen import Action, Actions, Reply, Style
from screens.sheet import Sheet
from screens.widgets.surfaces import Surface, Touch
from screens.widgets.words import Fitted, Icon, Label


class Paint(NamedTuple):
    """Colour tokens of a button: calm fill, pressed fill, outline, words, remark."""

    fill: str
    press: str
    border: str
    words: str
    note: str


PAINTS: Mapping[Style, Paint] = {
    "primary": Paint("sea", "sea_dark", "sea", "on_sea", "on_sea_note"),
    "secondary": Paint("card", "press", "sea", "sea", "ink2"),
    "quiet": Paint("card", "press", "line", "ink2", "ink2"),
    "danger": Paint("card", "fault_light", "fault", "fault", "ink2"),
}
FORWARD = frozenset({"arrow_forward", "chevron_right"})
"""Icons that point onward stand after the words."""
DISABLED = Paint("disabled", "disabled", "disabled", "on_disabled", "on_disabled")


def button(look: Look, action: Action, *, tall: bool = False, size: str = "", down: bool = False) -> Touch:
    """One button. `down` puts the icon over the label; `tall` is for the key beside a keypad."""
    primary = action.style == "primary"
    paint = PAINTS[action.style] if action.enabled else DISABLED
    plain = look.night and not primary
    least = look.space("primary" if primary and not tall else "button")
    if look.night:
        least = look.theme.px(20 if plain else 43 * min(1.0, max(0.7, look.tight)))
    size = size or ("body" if plain else "title" if look.night else "primary" if primary else "button")
    side = round(look.size(size) * 1.25)

    def draw(pressed: bool) -> Box:
        words: Box = Fitted(look, action.label, size, colour=paint.words, side="centre" if down else "left")
        if action.note:
            if look.night:
                told: Box = Sized(words, width=words.width()) if plain else words
                note: Box = Label(look, action.note, "body", colour=paint.note)
                others = look.theme.px(6 + 3.5 + 2 * 4) + (side if action.icon else 0)
                beside = plain or words.width() + note.width() + others <= look.wide
                words = Row([told, note], look.theme.px(6)) if beside else Column([words, note])
            else:
                note = Fitted(look, action.note, "note", colour=paint.note, bold=False)
                words = Column([words, note], look.theme.px(0.5))
        parts: list[Box] = [words]
        if action.icon:
            icon = Icon(look, action.icon, side, paint.words)
            parts.insert(len(parts) if action.icon in FORWARD and not down else 0, Sized(icon, width=side))
        inside: Box = (
            Column([Middle(part) for part in parts], look.theme.px(1)) if down else Row(parts, look.theme.px(3.5))
        )
        calm, down_fill = (None, "sea_light") if plain else (paint.fill, paint.press)
        thick = look.space("border") + (1 if action.style == "secondary" else 0)
        return Surface(
            look,
            Middle(inside),
            fill=down_fill if pressed else calm,
            border=paint.border,
            width=thick,
            across=look.theme.px(4),
            down=look.theme.px(2),
        )

    return Touch(
        draw,
        Reply(action.key, action.value),
        f"{action.label} {action.note}".strip(),
        enabled=action.enabled,
        kind="primary" if primary else "button",
        least=least,
    )


def actions(look: Look, block: Actions) -> Box:
    """A row of buttons; in elder mode, or where a row is too tight for the words, one under another."""
    made = [(a, button(look, a)) for a in block.actions]
    primaries = sum(a.style == "primary" for a in block.actions)
    uneven = primaries == 1 and len(made) > 1
    for action, touch in made:
        touch.grow = 1.5 if uneven and action.style == "primary" else 1.0
    return Buttons([touch for _, touch in made], look.between("small"))


class Buttons(Box):
    """Buttons side by side while each keeps its words on one line; else stacked, the last and likeliest lowest."""

    def __init__(self, buttons: list[Touch], gap: int) -> None:
        self.buttons = buttons
        self.row = Row(buttons, gap, middle=False)
        self.column = Column([Sized(b) for b in buttons], gap)
        for sized in self.column.children:
            sized.grow = 0.0

    def _best(self, width: int) -> Row | Column:
        shares = sum(b.grow for b in self.buttons)
        room = width - self.row.gap * (len(self.buttons) - 1)
        fits = all(b.width() <= room * b.grow / shares * 1.03 for b in self.buttons)
        return self.row if fits else self.column

    def width(self) -> int:
        return self.row.width()

    def height(self, width: int) -> int:
        return self._best(width).height(width)

    def place(self, rect: Rect, sheet: Sheet) -> None:
        self._best(rect.w).place(rect, sheet)
