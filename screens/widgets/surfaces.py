"""Cards and things to touch: what other widgets stand on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from screens.layout import Box
from screens.look import Look
from screens.marks import Card, Rect
from screens.screen import Node, Reply
from screens.sheet import Face, Sheet, Target
from screens.text import MASK


class Surface(Box):
    """A child on a rounded card."""

    def __init__(
        self,
        look: Look,
        child: Box,
        *,
        fill: str | None = "card",
        border: str | None = "line",
        width: int = 0,
        across: int | None = None,
        down: int | None = None,
        radius: int = 0,
        grow: float = 0.0,
    ) -> None:
        self.child = child
        self.across = look.gap("inner") if across is None else across
        self.down = look.gap("inner") if down is None else down
        self.card = Card(
            Rect(0, 0, 0, 0),
            radius or look.space("radius"),
            look.colour(fill) if fill else None,
            look.colour(border) if border else None,
            width or look.space("border"),
        )
        self.grow = grow or child.grow

    def width(self) -> int:
        return self.child.width() + 2 * self.across

    def height(self, width: int) -> int:
        return self.child.height(width - 2 * self.across) + 2 * self.down

    def place(self, rect: Rect, sheet: Sheet) -> None:
        sheet.marks.append(replace(self.card, rect=rect))
        inner = Rect(rect.x + self.across, rect.y + self.down, rect.w - 2 * self.across, rect.h - 2 * self.down)
        self.child.place(inner, sheet)


class Touch(Box):
    """Something to touch: drawn by `draw(pressed)`, replies `reply`, and stands in the tree as `role` with `name`."""

    def __init__(
        self,
        draw: Callable[[bool], Box],
        reply: Reply,
        name: str,
        *,
        role: str = "button",
        enabled: bool = True,
        focused: bool = False,
        kind: str = "button",
        least: int = 0,
        grow: float = 0.0,
    ) -> None:
        self.draw = draw
        self.calm = draw(False)
        self.reply = reply
        self.name = name
        self.role = role
        self.enabled = enabled
        self.focused = focused
        self.kind = kind
        self.least = least
        self.grow = grow

    def width(self) -> int:
        return self.calm.width()

    def height(self, width: int) -> int:
        return max(self.least, self.calm.height(width))

    def place(self, rect: Rect, sheet: Sheet) -> None:
        pressed = self.enabled and sheet.pressed == rect
        key, value = self.reply.key, self.reply.value
        sheet.nodes.append(Node(self.role, self.name, as_tuple(rect), key, value, self.enabled, self.focused))
        sheet.targets.append(Target(rect, self.reply, self.enabled, self.kind))
        first = len(sheet.marks)
        (self.draw(True) if pressed else self.calm).place(rect, sheet)
        if self.enabled:
            sheet.faces.append(Face(rect, first, len(sheet.marks), self.draw))


class Told(Box):
    """A child that stands in the semantic tree: `role` and `name`, nothing to touch."""

    def __init__(self, child: Box, role: str, name: str, *, private: bool = False) -> None:
        self.child = child
        self.role = role
        self.name = name
        self.private = private
        self.grow = child.grow

    def width(self) -> int:
        return self.child.width()

    def height(self, width: int) -> int:
        return self.child.height(width)

    def place(self, rect: Rect, sheet: Sheet) -> None:
        sheet.nodes.append(Node(self.role, MASK if self.private else self.name, as_tuple(rect)))
        if self.private:
            sheet.private.append(rect)
        self.child.place(rect, sheet)


def as_tuple(rect: Rect) -> tuple[int, int, int, int]:
    """As nodes keep it."""
    return rect.x, rect.y, rect.w, rect.h
