"""A finger writing in a field: points to strokes, drawn as they come, handed on when the finger is lifted.

What the core has not shown yet is kept here and drawn; the page says with `Ink.heard` what it has. Nothing of it is
logged, and a wipe or another page forgets it.
"""

from __future__ import annotations

from itertools import pairwise

from screens import ink
from screens.marks import Mark, Pen, Rect
from screens.pointer import Pointer
from screens.screen import Cross, Ink, Reply, Wipe
from screens.sheet import InkSlot

_NEAR = 24
"""A finger that moved less than this many units has not moved."""
MAX_WAITING = 64


class Inking:
    """The strokes of one stage that are not on its page yet."""

    def __init__(self) -> None:
        self._stroke: list[ink.InkPoint] = []
        self._began = 0.0
        self._number = 0
        self._waiting: list[tuple[int, ink.InkStroke]] = []

    def __repr__(self) -> str:
        return f"Inking({len(self._waiting)} strokes waiting)"

    @property
    def is_down(self) -> bool:
        """Whether a stroke is being written now."""
        return bool(self._stroke)

    def shown(self, block: Ink | Wipe | Cross | None, *, new: bool) -> None:
        """Another screen: what it has is not kept here any more; on another page nothing is."""
        if block is None or new:
            self.wipe()
        else:
            self._waiting = [one for one in self._waiting if one[0] > block.heard]

    def wipe(self) -> None:
        """Forget every stroke."""
        self._stroke.clear()
        self._waiting.clear()

    def point(self, pointer: Pointer, slot: InkSlot, now: float) -> tuple[bool, Reply | None]:
        """Whether the pointer belongs to the field, and the reply when a stroke is complete."""
        if pointer.phase in ("down", "tap"):
            self._stroke.clear()
            if not slot.rect.holds(pointer.x, pointer.y):
                return False, None
            self._began = now
            self._stroke.append(_place(pointer, slot, 0))
        elif not self._stroke:
            return False, None
        elif pointer.phase == "cancel":
            self._stroke.clear()
            return True, None
        else:
            self._go(_place(pointer, slot, min(ink.MAX_MS, round((now - self._began) * 1000))))
        if pointer.phase not in ("up", "tap"):
            return True, None
        self._number += 1
        stroke = tuple(self._stroke)
        self._stroke.clear()
        self._waiting = [*self._waiting[-MAX_WAITING + 1 :], (self._number, stroke)]
        return True, Reply("stroke", ink.written(self._number, stroke))

    def _go(self, point: ink.InkPoint) -> None:
        last = self._stroke[-1]
        if abs(point[0] - last[0]) < _NEAR and abs(point[1] - last[1]) < _NEAR:
            return
        if len(self._stroke) >= ink.MAX_POINTS:
            self._stroke[:] = ink.thinned(self._stroke)
        self._stroke.append((point[0], point[1], max(point[2], last[2])))

    def marks(self, slot: InkSlot) -> list[Mark]:
        """What is drawn over the page: the stroke under the finger one mark a segment, so that little changes."""
        found = [pen(slot, stroke) for _, stroke in self._waiting]
        if len(self._stroke) == 1:
            found.append(pen(slot, self._stroke))
        found += [pen(slot, segment) for segment in pairwise(self._stroke)]
        return [*found]


def pen(slot: InkSlot, stroke: ink.InkStroke | list[ink.InkPoint]) -> Pen:
    """A stroke as a mark on the panel."""
    side = max(slot.rect.w, slot.rect.h)
    points = tuple((slot.rect.x + x * side // ink.UNIT, slot.rect.y + y * side // ink.UNIT) for x, y, _ in stroke)
    half = slot.width // 2 + 2
    left, top = min(x for x, _ in points) - half, min(y for _, y in points) - half
    right, bottom = max(x for x, _ in points) + half + 1, max(y for _, y in points) + half + 1
    return Pen(Rect(left, top, right - left, bottom - top), points, slot.width, slot.colour)


def _place(pointer: Pointer, slot: InkSlot, ms: int) -> ink.InkPoint:
    """Where in the field; who slides out of it goes on along its edge."""
    rect = slot.rect
    side = max(rect.w, rect.h)
    x = min(max(pointer.x - rect.x, 0), rect.w - 1)
    y = min(max(pointer.y - rect.y, 0), rect.h - 1)
    return x * ink.UNIT // side, y * ink.UNIT // side, ms
