"""A press changes how one target looks and where nothing stands: only that target is laid again, not the page."""

from __future__ import annotations

from dataclasses import replace

from screens.marks import Rect, changed
from screens.sheet import Sheet


def with_press(calm: Sheet, rect: Rect | None) -> Sheet:
    """`calm` with the target at `rect` pressed, as `compose(pressed=rect)` lays it; `calm` itself for no target."""
    face = next((face for face in calm.faces if face.rect == rect), None)
    if rect is None or face is None:
        return calm
    pressed = Sheet(calm.size)
    face.draw(True).place(rect, pressed)
    before = calm.marks[face.first : face.end]
    marks = [*calm.marks[: face.first], *pressed.marks, *calm.marks[face.end :]]
    return replace(calm, pressed=rect, marks=marks, calm=calm, differs=tuple(changed(before, pressed.marks)))
