"""Tiles and lists: what can be chosen, with what there is to know before choosing."""

from __future__ import annotations

from screens.layout import Box, Column, Grid, Middle, Row, Sized, Space
from screens.look import TONES, Look
from screens.screen import Item, Items, Reply, Tile, Tiles
from screens.widgets.surfaces import Surface, Told, Touch
from screens.widgets.words import Fitted, Icon, Label

NOTE_FITS = ((1, 1.0), (2, 1.0), (3, 1.0), (4, 1.0), (5, 0.86))


def tiles(look: Look, block: Tiles) -> Box:
    """A grid of tiles; in elder mode at most two a row (in low reach three: there is less room)."""
    most = 3 if look.low else 2
    columns = min(block.columns, most) if look.elder and not _plain(block) else block.columns
    return Grid([_tile(look, tile) for tile in block.tiles], columns, look.between("gap"))


def _plain(block: Tiles) -> bool:
    return all(not tile.key for tile in block.tiles)


def _tile(look: Look, tile: Tile) -> Box:
    """Icon and badge above, name and remark below. Without a key it only tells something."""
    sign, ground, border = TONES[tile.tone]
    plain = tile.tone == "plain"
    name = " ".join(filter(None, (tile.label, tile.badge, tile.note)))
    if not tile.key:
        return Told(_info(look, tile), "status", name)

    def draw(pressed: bool) -> Box:
        side = round(look.space("icon") * 1.3)
        head: list[Box] = [Sized(Icon(look, tile.icon, side, "sea" if plain else sign), width=side), Space(0, grow=1)]
        if tile.badge:
            head.append(Label(look, tile.badge, "note", colour="tide_words"))
        lines: list[Box] = [
            Row(head),
            Fitted(look, tile.label, "tile", colour="ink" if tile.enabled else "ink2", lines=2),
        ]
        if tile.note:
            lines.append(Label(look, tile.note, "note", colour="ink2"))
        return Surface(
            look,
            Column(lines, look.theme.px(1)),
            fill="press" if pressed else "card" if plain else ground,
            border="line" if plain else border,
            across=look.theme.px(7),
            down=look.theme.px(5) if look.tight > 0.9 else look.theme.px(3.5),
        )

    reply = Reply(tile.key, tile.value)
    return Touch(draw, reply, name, enabled=tile.enabled, least=round(look.space("tile") * max(0.75, look.tight)))


def _info(look: Look, tile: Tile) -> Box:
    """A tile that only tells: centred on white pages, to the left on standby."""
    sign, ground, border = TONES[tile.tone]
    night = look.night
    side: int = round(look.space("icon") * (1.0 if night else 1.25))
    plain = tile.tone == "plain"
    colour = sign if not plain else "sea"
    if night:
        words: list[Box] = [
            Row([Sized(Icon(look, tile.icon, side, colour), width=side), Space(0, grow=1)]),
            Fitted(look, tile.label, "body", bold=True, lines=3),
            Fitted(look, tile.note, "note", colour="ink2", bold=False, fits=NOTE_FITS),
        ]
        return Surface(look, Column(words, look.theme.px(1)), fill=None, border="line", down=look.gap("gap"))
    words = [
        Middle(Icon(look, tile.icon, side, colour)),
        Fitted(look, tile.label, "label", side="centre", lines=2),
        Fitted(look, tile.note, "note", colour="ink2", bold=False, side="centre", lines=3),
    ]
    return Surface(
        look,
        Column(words, look.theme.px(1)),
        fill="card" if plain or tile.tone == "done" else ground,
        border="line" if plain or tile.tone == "done" else border,
        width=look.space("border") + (0 if plain or tile.tone == "done" else 1),
        across=look.theme.px(3),
        down=look.gap("gap"),
    )


def items(look: Look, block: Items) -> Box:
    """A list of lines that open something; what cannot be opened says why, in the same line."""
    return Column([_item(look, item) for item in block.items], look.between("small"))


def _item(look: Look, item: Item) -> Touch:
    side = look.space("icon")
    arrow = round(side * 0.85)

    def draw(pressed: bool) -> Box:
        label = Label(look, item.label, "item", bold=True, colour="ink" if item.enabled else "ink2", title=True)
        note = Label(look, item.note, "note", colour="ink2")
        icons = side + arrow + 2 * look.theme.px(3.5)
        room = 984 - 2 * look.theme.px(6) - icons
        widest = max(label.width(), _reason_width(look, item.reason))
        beside = bool(item.note) and widest + note.width() + look.theme.px(8) <= room
        words: list[Box] = [label]
        if item.note and not beside:
            words.append(note)
        if item.reason:
            words.append(_reason(look, item.reason))
        column = Column(words, look.theme.px(0.5), grow=1)
        parts: list[Box] = [column]
        if item.icon:
            parts.insert(0, Sized(Icon(look, item.icon, side, "tide" if item.enabled else "ink2"), width=side))
        if beside:
            parts.append(Sized(note, width=note.width()))
        if item.enabled:
            parts.append(Sized(Icon(look, "chevron_right", arrow, "ink2"), width=arrow))
        else:
            parts.append(Space(arrow))
        return Surface(
            look,
            Row(parts, look.theme.px(3.5)),
            fill="press" if pressed else "card" if item.enabled else "ground",
            across=look.theme.px(6),
            down=look.theme.px(3),
        )

    name = " ".join(filter(None, (item.label, item.note, item.reason)))
    least = round(look.space("item") * max(0.9, look.tight))
    return Touch(draw, Reply(item.key, item.value), name, enabled=item.enabled, least=least)


def _reason_width(look: Look, reason: str) -> int:
    """Of the line that tells why not; none: 0."""
    side = round(look.size("note") * 1.15)
    return side + look.theme.px(1.5) + Label(look, reason, "note").width() if reason else 0


def _reason(look: Look, reason: str) -> Box:
    side = round(look.size("note") * 1.15)
    return Row(
        [
            Sized(Icon(look, "warning", side, "attention"), width=side),
            Label(look, reason, "note", colour="attention", grow=1),
        ],
        look.theme.px(1.5),
    )
