"""The field for the finger: squares for characters, or one wide field with a line for a signature."""

from __future__ import annotations

from screens.inking import pen
from screens.layout import Box
from screens.look import Look
from screens.marks import Card, Fill, Rect
from screens.screen import Ink, Node
from screens.sheet import InkSlot, Sheet

SIDE_MM = 116.0
SIGNATURE_MM = 92.0
LEAST = 0.5
PEN_MM = 2.4
LINE_AT = 0.76
"""Where the line of a signature lies, from the top."""


class Canvas(Box):
    """The field; its strokes are blanked wherever the screen is copied."""

    def __init__(self, look: Look, block: Ink) -> None:
        self.look = look
        self.block = block
        self.gap = look.theme.px(4)

    def _share(self) -> float:
        return min(1.0, max(LEAST, self.look.tight))

    def width(self) -> int:
        return 0

    def height(self, width: int) -> int:
        if self.block.kind == "signature":
            return self.look.theme.px(SIGNATURE_MM * self._share())
        boxes = self.block.boxes
        return min((width - self.gap * (boxes - 1)) // boxes, self.look.theme.px(SIDE_MM * self._share()))

    def place(self, rect: Rect, sheet: Sheet) -> None:
        look, boxes = self.look, self.block.boxes
        side = rect.w if self.block.kind == "signature" else self.height(rect.w)
        wide = side * boxes + self.gap * (boxes - 1)
        field = Rect(rect.x + (rect.w - wide) // 2, rect.y, wide, min(rect.h, self.height(rect.w)))
        thin = max(1, look.space("border") // 2)
        for at in range(boxes):
            box = Rect(field.x + at * (side + self.gap), field.y, side, field.h)
            card = Card(box, look.space("radius"), look.colour("card"), look.colour("sea"), look.space("border"))
            sheet.marks.append(card)
            inner = box.inset(look.theme.px(5))
            line = look.colour("line")
            if self.block.kind == "signature":
                sheet.marks.append(Fill(Rect(inner.x, box.y + round(box.h * LINE_AT), inner.w, thin * 2), line))
            else:
                sheet.marks.append(Fill(Rect(inner.x, box.y + box.h // 2, inner.w, thin), line))
                sheet.marks.append(Fill(Rect(box.x + box.w // 2, inner.y, thin, inner.h), line))
        slot = InkSlot(field, look.theme.px(PEN_MM), look.colour("ink"))
        sheet.marks += [pen(slot, stroke) for stroke in self.block.strokes]
        sheet.nodes.append(Node("canvas", self.block.label, (field.x, field.y, field.w, field.h)))
        sheet.private.append(field)
        sheet.ink = slot


def ink(look: Look, block: Ink) -> Box:
    """The field of `block`."""
    return Canvas(look, block)
