"""Lists whose lines do not open anything: lines to choose, on or off, and lines that can be taken away again.

No arrow stands on them: an arrow promises another page.
"""

from __future__ import annotations

from collections.abc import Callable

from screens.layout import Box, Column, Drawn, Row, Sized
from screens.look import Look
from screens.marks import Card, Mark, Rect
from screens.screen import Item, Reply
from screens.widgets.surfaces import Surface, Touch
from screens.widgets.words import Icon, Label

TICK = "check_circle"


def tick(look: Look, item: Item) -> Touch:
    """A line with a ring before it; chosen, it has a tick and the colours of what is chosen."""
    chosen = item.icon == TICK
    side = look.space("icon")

    def draw(pressed: bool) -> Box:
        sign: Box = Icon(look, TICK, side, "sea") if chosen else _ring(look, side)
        inside: list[Box] = [Sized(sign, width=side), _words(look, item, chosen=chosen)]
        return Surface(
            look,
            Row([*inside, *_amount(look, item)], look.theme.px(4)),
            fill="sea_light" if chosen else "press" if pressed else "card",
            border="sea" if chosen else "line",
            width=look.space("border") + (1 if chosen else 0),
            across=look.theme.px(6),
            down=look.theme.px(3),
        )

    return _touch(look, item, draw, chosen=chosen)


def removable(look: Look, item: Item) -> Touch:
    """A line, and at its end the sign and the word for taking it away."""
    side = round(look.size("label") * 1.25)

    def draw(pressed: bool) -> Box:
        word = Label(look, item.note, "label", colour="sea", bold=True)
        away = Row([Sized(Icon(look, "close", side, "sea"), width=side), word], look.theme.px(1.5))
        label = Label(look, item.label, "item", bold=True, title=True, grow=1)
        return Surface(
            look,
            Row([label, Sized(away, width=away.width())], look.theme.px(4)),
            fill="press" if pressed else "card",
            across=look.theme.px(6),
            down=look.theme.px(3),
        )

    return _touch(look, item, draw)


def _words(look: Look, item: Item, *, chosen: bool) -> Box:
    words: list[Box] = [Label(look, item.label, "item", bold=True, colour="sea" if chosen else "ink", title=True)]
    if item.note:
        words.append(Label(look, item.note, "note", colour="ink2"))
    return Column(words, look.theme.px(0.5), grow=1)


def _amount(look: Look, item: Item) -> list[Box]:
    """At the right edge: amounts of several lines stand under one another."""
    if not item.amount:
        return []
    label = Label(look, item.amount, "item", bold=True, side="right", title=True)
    return [Sized(label, width=label.width())]


def _ring(look: Look, side: int) -> Box:
    """Where the tick will stand."""
    round_ = round(side * 0.82)

    def draw(rect: Rect) -> list[Mark]:
        x, y = rect.x + (rect.w - round_) // 2, rect.y + (rect.h - round_) // 2
        ground, thick = look.colour("card"), look.space("border") + 1
        return [Card(Rect(x, y, round_, round_), round_ // 2, ground, look.colour("ink2"), thick)]

    return Drawn(draw, width=side, height=side)


def _touch(look: Look, item: Item, draw: Callable[[bool], Box], *, chosen: bool = False) -> Touch:
    name = " ".join(filter(None, (item.label, item.amount, item.note)))
    least = round(look.space("item") * max(0.9, look.tight))
    return Touch(draw, Reply(item.key, item.value), name, focused=chosen, least=least)
