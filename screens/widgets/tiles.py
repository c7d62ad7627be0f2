"""Tiles and lists: what can be chosen, with what there is to know before choosing."""

from __future__ import annotations

from screens.layout import Box, Column, Grid, Middle, Row, Sized, Space
from screens.look import TONES, Look
from screens.screen import Item, Items, Reply, Tile, Tiles
from screens.widgets.lists import removable, tick
from screens.widgets.surfaces import Surface, Told, Touch
from screens.widgets.verbs import facts, verbs
from screens.widgets.words import Examples, Fitted, Icon, Label

BARE_EM, NOTED_EM = 3.0, 4.2
"""So wide is a tile at least on a lying panel, in em of its name; with a remark it is wider."""
CROWDED = 0.7
"""A page set so tight has the signs of standby beside their words, not over them."""
NOTE_LINES = 2
NOTE_FITS = ((1, 1.0), (2, 1.0), (3, 1.0), (4, 1.0), (5, 0.86))


def tiles(look: Look, block: Tiles) -> Box:
    """A grid of tiles; in elder mode at most two a row (in low reach three: there is less room)."""
    if block.style != "field":
        return {"verbs": verbs, "facts": facts}[block.style](look, block)
    return Grid([_tile(look, tile) for tile in block.tiles], tile_columns(look, block), look.between("gap"))


def tile_columns(look: Look, block: Tiles) -> int:
    """How many tiles stand side by side; on a lying panel as many as have room in their column, rows equally full."""
    if not look.landscape:
        most = 3 if look.low else 2
        return min(block.columns, most) if look.elder and not _plain(block) else block.columns
    if look.night:
        return 2 if len(block.tiles) % 2 == 0 else 1
    told = any(tile.note or tile.badge for tile in block.tiles)
    least = round(look.size("tile") * (NOTED_EM if told else BARE_EM)) + 2 * look.theme.px(7)
    gap = look.between("gap")
    most = max(1, min(block.columns, (look.wide + gap) // (least + gap)))
    while most > 1 and _plain(block) and not _told_in(look, block, (look.wide - gap * (most - 1)) // most):
        most -= 1
    rows = -(-len(block.tiles) // most)
    return -(-len(block.tiles) // rows) if rows else 1


def _told_in(look: Look, block: Tiles, cell: int) -> bool:
    """Whether the remarks of tiles that only tell keep their size in cells of `cell` pixels."""
    room, size = cell - 2 * look.theme.px(3), look.size("note")
    notes = [look.typeface.lines(tile.note, size, False, room) for tile in block.tiles]
    return all(len(note) <= NOTE_LINES and max(look.typeface.width(n, size) for n in note) <= room for note in notes)


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
            lines.append(Examples(look, tile.note, "note", colour="ink2"))
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
        sign_box: Box = Sized(Icon(look, tile.icon, side, colour), width=side)
        label: Box = Fitted(look, tile.label, "body", bold=True, lines=3, grow=1)
        note = Fitted(look, tile.note, "note", colour="ink2", bold=False, fits=NOTE_FITS)
        words: list[Box] = [Row([sign_box, Space(0, grow=1)]), label, note]
        if look.tight < CROWDED:
            words = [Row([sign_box, label], look.theme.px(2)), note]
        return Surface(look, Column(words, look.theme.px(1)), fill=None, border="line", down=look.gap("gap"))
    words = [
        Middle(Icon(look, tile.icon, side, colour)),
        Fitted(look, tile.label, "label", side="centre", lines=2),
        Fitted(look, tile.note, "note", colour="ink2", bold=False, side="centre", fits=NOTE_FITS),
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
    draw = {"list": _item, "ways": _way, "search": _search, "ticks": tick, "removable": removable}[block.style]
    return Column([draw(look, item) for item in block.items], look.between("small"))


def _search(look: Look, item: Item) -> Touch:
    """A way in by words: as the field that it opens, with what may be typed beside it."""
    side = look.space("icon")

    def draw(pressed: bool) -> Box:
        label = Label(look, item.label, "item", colour="ink", bold=True, title=True)
        note = Label(look, item.note, "note", colour="ink2")
        room = look.wide - 2 * look.theme.px(6) - side - 2 * look.theme.px(4)
        beside = label.width() + note.width() + look.theme.px(8) <= room
        words: Box = Column([label] if beside else [label, note], look.theme.px(0.5), grow=1)
        parts: list[Box] = [Sized(Icon(look, item.icon, side, "sea"), width=side), words]
        if beside:
            parts.append(Sized(note, width=note.width()))
        return Surface(
            look,
            Row(parts, look.theme.px(4)),
            fill="press" if pressed else "card",
            border="sea",
            width=look.space("border") + 1,
            across=look.theme.px(6),
            down=look.theme.px(3),
        )

    least = round(look.space("item") * max(0.95, min(1.15, look.tight + 0.15)))
    name = " ".join(filter(None, (item.label, item.note)))
    return Touch(draw, Reply(item.key, item.value), name, enabled=item.enabled, least=least)


def _way(look: Look, item: Item) -> Touch:
    """One of few answers: its sign on a ground of its own, the words large, what it means under them."""
    inner = look.space("icon")
    side = round(inner * (1.9 if look.low else max(1.6, min(2.6, 2.2 * look.tight))))

    def draw(pressed: bool) -> Box:
        ink = "ink" if item.enabled else "ink2"
        sign = Surface(
            look,
            Sized(Middle(Icon(look, item.icon, round(inner * 1.4), "sea" if item.enabled else "ink2")), height=side),
            fill="sea_light" if item.enabled else "disabled",
            border=None,
            across=0,
            down=0,
            radius=look.theme.px(4),
        )
        words: list[Box] = [Label(look, item.label, "section", bold=True, colour=ink, title=True)]
        if item.note:
            words.append(Label(look, item.note, colour="ink2"))
        if item.reason:
            words.append(_reason(look, item.reason))
        arrow: Box = Space(inner)
        if item.enabled:
            arrow = Sized(Icon(look, "chevron_right", round(inner * 0.85), "ink2"), width=inner)
        column = Column(words, look.theme.px(0.5), grow=1)
        return Surface(
            look,
            Row([Sized(sign, width=side), column, arrow], look.theme.px(5)),
            fill="press" if pressed else "card" if item.enabled else "ground",
            across=look.theme.px(5),
            down=look.theme.px(2.5) if look.low else min(look.theme.px(5), look.gap("small")),
        )

    name = " ".join(filter(None, (item.label, item.note, item.reason)))
    least = look.space("item") if look.low else round(look.space("item") * max(0.8, min(1.7, 1.35 * look.tight)))
    return Touch(draw, Reply(item.key, item.value), name, enabled=item.enabled, least=least)


def _item(look: Look, item: Item) -> Touch:
    side = look.space("icon")
    arrow = round(side * 0.85)

    def draw(pressed: bool) -> Box:
        label = Label(look, item.label, "item", bold=True, colour="ink" if item.enabled else "ink2", title=True)
        note = Label(look, item.note, "note", colour="ink2")
        icons = side + arrow + 2 * look.theme.px(3.5)
        room = look.wide - 2 * look.theme.px(6) - icons
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
