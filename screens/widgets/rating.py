"""Five levels of satisfaction, none preselected, skippable."""

from __future__ import annotations

from screens.layout import Box, Column, Grid, Middle
from screens.look import Look
from screens.screen import Heading, Rating, Reply
from screens.type import clusters
from screens.widgets.notices import heading
from screens.widgets.surfaces import Surface, Touch
from screens.widgets.words import Fitted, Icon

ACROSS_MM = 1.5
NARROW = 3
"""So many faces a row where five would shrink their words."""
FITS = ((1, 1.0), (2, 1.0), (2, 0.9), (3, 0.9))
"""Two lines before smaller type: the words are few and the type is small already."""
FACES = {
    5: "sentiment_very_satisfied",
    4: "sentiment_satisfied",
    3: "sentiment_neutral",
    2: "sentiment_dissatisfied",
    1: "sentiment_extremely_dissatisfied",
}


def rating(look: Look, block: Rating) -> Box:
    """The question and five faces; labels go from level 5 down to level 1."""
    faces = [_face(look, block, level, label) for level, label in zip(range(5, 0, -1), block.labels, strict=True)]
    question = heading(look, Heading(block.title, block.note))
    gap = look.between("small")
    size, cell = look.size("note"), (look.wide - 4 * gap) // 5 - 2 * look.theme.px(ACROSS_MM)
    words = (part.rstrip() for label in block.labels for part in clusters(label))
    columns = 5 if all(look.typeface.width(word, size, True) <= cell for word in words) else NARROW
    return Column([question, Grid(faces, columns, gap)], look.gap("small"))


def _face(look: Look, block: Rating, level: int, label: str) -> Touch:
    chosen = block.chosen == level

    def draw(pressed: bool) -> Box:
        icon = Icon(look, FACES[level], round(look.space("icon") * 1.3), "sea")
        colour = "sea" if chosen else "ink"
        words = Fitted(look, label, "note", colour=colour, bold=chosen, side="centre", fits=FITS)
        return Surface(
            look,
            Column([Middle(icon), words], look.theme.px(1.5)),
            fill="sea_light" if chosen else "press" if pressed else "card",
            border="sea" if chosen else "line",
            width=look.space("border") + (1 if chosen else 0),
            across=look.theme.px(ACROSS_MM),
            down=look.gap("small"),
        )

    reply = Reply("rate", str(level))
    return Touch(draw, reply, label, role="option", focused=chosen, least=look.space("button"))
