"""The cover over the panel of who listens in private: nothing of the page is seen, and how to see it again."""

from __future__ import annotations

from screens.look import Look
from screens.marks import Fill, Mark, Rect, Words
from screens.screen import Reply
from screens.sheet import Sheet

UNCOVERED = Reply("curtain", "off")
"""What any touch means while the panel is covered."""
LEADING = 1.6
LINES = ("speech.covered", "speech.uncover")


def covered(sheet: Sheet, look: Look, panel: Rect) -> None:
    """Leave nothing of a sheet to be seen; what it means, and what keys press, stays."""
    sheet.marks[:] = cover(look, panel)
    sheet.clock = sheet.ring = sheet.ink = sheet.preview = None


def cover(look: Look, panel: Rect) -> list[Mark]:
    """The whole panel in the colour of the night, and two lines for whoever passes by."""
    night = look.theme.night
    marks: list[Mark] = [Fill(panel, night["bottom"])]
    y = panel.y + round(panel.h * 0.6)
    for key in LINES:
        text, size = look.words.t(key), look.size("title")
        while size > look.size("note") and look.typeface.width(text, size, True) > panel.w * 0.86:
            size -= 2
        wide, high = look.typeface.width(text, size, True), round(size * LEADING)
        marks.append(Words(Rect(panel.x + (panel.w - wide) // 2, y, wide, high), text, size, night["ink"], True))
        y += high
    return marks
