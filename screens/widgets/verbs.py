"""Tiles that are not fields: the verbs of the first page, and the facts of a guide at a glance."""

from __future__ import annotations

from screens.layout import Box, Column, Grid, Middle, Row, Sized
from screens.look import TONES, Look
from screens.screen import Reply, Tile, Tiles
from screens.widgets.surfaces import Surface, Told, Touch
from screens.widgets.words import Fitted, Icon, Label

FEWEST = 3
"""Fewer verbs never stand side by side: a page of five single lines would hide the rest."""


def verbs(look: Look, block: Tiles) -> Box:
    """Small tiles, the sign over the word, on the ground of what can be chosen: as many a row as keep their words."""
    gap = look.between("small")
    made = [_verb(look, tile) for tile in block.tiles]
    columns = len(made)
    while columns > FEWEST and max(t.width() for t in made) > (look.wide - gap * (columns - 1)) / columns:
        columns -= 1
    return Grid(made, columns, gap)


def _verb(look: Look, tile: Tile) -> Touch:
    side = look.space("icon")

    def draw(pressed: bool) -> Box:
        words = Label(look, tile.label, "label" if look.elder else "button", bold=True, colour="sea", side="centre")
        column = Column([Middle(Icon(look, tile.icon, side, "sea")), words], look.theme.px(0.5))
        fill, edge = ("sea_line", "sea") if pressed else ("sea_light", "sea_line")
        return Surface(look, Middle(column), fill=fill, border=edge, across=look.theme.px(2), down=look.theme.px(2.5))

    least = round(look.space("tile") * (0.62 if look.low else 0.68))
    return Touch(draw, Reply(tile.key, tile.value), tile.label, enabled=tile.enabled, least=least)


def facts(look: Look, block: Tiles) -> Box:
    """Nothing to touch: what it is in small, its value large under it, side by side."""
    told = [Told(_fact(look, tile), "status", f"{tile.note} {tile.label}") for tile in block.tiles]
    gap, columns, note = look.gap("small"), block.columns, look.size("note")
    beside = round(look.space("icon") * 0.8) + look.theme.px(2) + 2 * look.theme.px(5)
    widest = max((look.typeface.width(tile.note, note) for tile in block.tiles), default=0) + beside
    while columns > 1 and widest > (look.wide - gap * (columns - 1)) // columns:
        columns -= 1
    return Grid(told, columns, gap)


def _fact(look: Look, tile: Tile) -> Box:
    side = round(look.space("icon") * 0.8)
    caption = Fitted(look, tile.note, "note", colour="ink2", bold=False, lines=1, grow=1)
    colour = "tide" if tile.tone == "plain" else TONES[tile.tone][0]
    head = Row([Sized(Icon(look, tile.icon, side, colour), width=side), caption], look.theme.px(2))
    value = Fitted(look, tile.label, "section", lines=3)
    return Surface(look, Column([head, value], look.theme.px(1)), across=look.theme.px(5), down=look.gap("small"))
