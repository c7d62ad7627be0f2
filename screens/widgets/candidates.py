"""What typed letters may stand for: the letters, and the words to choose from as large keys."""

from __future__ import annotations

from screens.layout import Box, Column, Grid, Middle, Row, Sized, Space
from screens.look import Look
from screens.screen import Candidates, Reply
from screens.widgets.keys import named_key
from screens.widgets.surfaces import Surface, Touch
from screens.widgets.words import Fitted, Label


def candidates(look: Look, block: Candidates) -> Box:
    """What was typed and the way to other words on top, then the words in rows."""
    cells: list[Box] = [_word(look, place, text) for place, text in enumerate(block.words)]
    turns = [_turn(look, where) for where, there in (("back", block.back), ("next", block.on)) if there]
    gap = look.theme.px(3)
    top = Row([Label(look, block.told, "note", colour="ink2", grow=1.0), *turns], gap)
    if not cells and not block.room_for:
        return top
    if block.room_for:
        high = _word(look, 0, "国").height(look.wide)
        cells += [Sized(Space(), height=high) for _ in range(block.room_for - len(cells))]
        top = Row([Sized(box, least=_turn(look, "next").height(look.wide)) for box in top.children], gap)
    columns = block.columns if not look.elder or look.low else (block.columns + 1) // 2
    while columns > 1 and max(cell.width() for cell in cells) > (look.wide - gap * (columns - 1)) / columns:
        columns -= 1
    return Column([top, Grid(cells, columns, gap)], gap)


def _word(look: Look, place: int, text: str) -> Touch:
    def draw(pressed: bool) -> Box:
        inside = Middle(Fitted(look, text, "button", bold=True, side="centre", lines=1), across=False)
        return Surface(
            look, inside, fill="press" if pressed else "sea_light", border="sea_line", across=3, down=look.theme.px(1)
        )

    least = round(look.space("key") * 0.8)
    return Touch(draw, Reply("candidate", str(place)), text, role="option", kind="key", least=least)


def _turn(look: Look, where: str) -> Box:
    name = look.words.t("entering.earlier" if where == "back" else "entering.later")
    turn = named_key(look, where, name, reply=Reply("candidates", where))
    return Sized(turn, width=turn.width() + look.theme.px(6))
