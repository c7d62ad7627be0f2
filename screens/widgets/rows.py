"""Cards of label and value; money; a figure to be read from afar."""

from __future__ import annotations

from screens.layout import Box, Column, Drawn, Middle, Row, Sized
from screens.look import Look
from screens.marks import Fill, Mark, Rect
from screens.screen import Figure, Money, Rows
from screens.screen import Row as Line
from screens.type import clusters
from screens.widgets.surfaces import Surface, Told
from screens.widgets.words import Icon, Label

CARD_WIDTH = 984
LABEL_LEAST = 0.2
LABEL_MOST = 0.32
"""How much of a card's width the labels may take."""


def rows(look: Look, block: Rows) -> Box:
    """A white card of lines; where labels are long, or type is large, the value stands under its label."""
    parts: list[Box] = []
    if block.title:
        parts.append(Label(look, block.title, "label", bold=True))
    column = _column(look, block)
    for index, line in enumerate(block.rows):
        if index:
            parts.append(rule(look))
        parts.append(_line(look, line, column))
    return Surface(look, Column(parts), down=look.gap("small"))


def _column(look: Look, block: Rows) -> int:
    """How wide the labels' column is; 0 when a label needs more than two lines even in a wide one."""
    type_, size = look.typeface, look.size("body")
    widest = max((type_.width(r.label, size) for r in block.rows), default=0)
    column = round(min(max(widest + 8, CARD_WIDTH * LABEL_LEAST), CARD_WIDTH * LABEL_MOST))
    cut = any(
        len(type_.lines(r.label, size, False, column)) > 2
        or any(type_.width(part.rstrip(), size) > column for part in clusters(r.label))
        for r in block.rows
    )
    return 0 if cut else column


def _line(look: Look, line: Line, column: int) -> Box:
    label = Label(look, line.label, colour="ink2")
    value: Box = Label(look, line.value, bold=True, grow=1)
    if line.private:
        value = Told(value, "text", line.value, private=True)
    beside: list[Box] = [value]
    if line.source:
        side = round(look.size("note") * 1.1)
        badge = [Icon(look, "verified", side, "tide"), Label(look, line.source, "note", colour="tide_words")]
        beside.append(Row([Sized(badge[0], width=side), badge[1]], look.theme.px(1.5)))
    name = f"{line.label} {'' if line.private else line.value} {line.source}".strip()
    if not column:
        words: Box = Column([label, Row(beside, look.gap("small"))])
        words.grow = 1
        inside: Box = Row([words])
    else:
        inside = Row([Sized(label, width=column), *beside], max(look.theme.px(5), look.gap("small")))
    padded = Column([_air(look), inside, _air(look)])
    return Told(padded, "row", name)


def _air(look: Look) -> Box:
    return Drawn(lambda _: [], height=look.gap("small"))


def rule(look: Look) -> Box:
    """A thin line across."""
    thick = look.space("border")

    def draw(rect: Rect) -> list[Mark]:
        return [Fill(Rect(rect.x, rect.y + (rect.h - thick) // 2, rect.w, thick), look.colour("line"))]

    return Drawn(draw, height=thick)


def money(look: Look, block: Money) -> Box:
    """What is paid, on what basis, and the amount as the largest figure of the page."""
    amount = f"{block.fen // 100:,}.{block.fen % 100:02d}"
    unit = look.words.t("fee.unit")
    figure = Row(
        [
            Label(look, amount, "money", bold=True, title=True),
            Sized(_sunk(look, unit), width=look.typeface.width(unit, look.size("section"), True)),
        ],
        look.theme.px(2.5),
    )
    words = Column(
        [Label(look, block.title, "label", colour="ink2"), Label(look, block.basis, "note", colour="ink2")],
        look.theme.px(1),
    )
    natural = look.typeface.width(amount, look.size("money"), True) + look.size("section") * 3
    if look.elder or natural > 560:
        inside: Box = Column([words, figure], look.theme.px(1))
    else:
        words.grow = 1
        inside = Row([words, figure], look.gap("small"))
    card = Surface(look, inside, down=look.gap("small"))
    return Told(card, "figure", f"{block.title} {amount} {unit} {block.basis}".strip())


def _sunk(look: Look, unit: str) -> Box:
    """The unit, its foot on the figure's baseline."""
    drop = round((look.size("money") - look.size("section")) * 0.37)
    label = Label(look, unit, "section", bold=True, title=True)
    return Column([Drawn(lambda _: [], height=2 * drop), label])


def figure(look: Look, block: Figure) -> Box:
    """One number to be recognised at a glance, a caption under it."""
    parts: list[Box] = [Label(look, block.text, "figure", bold=True, title=True, side="centre", colour="sea")]
    if block.caption:
        parts.append(Label(look, block.caption, "body", colour="ink2", side="centre"))
    card = Surface(look, Middle(Column(parts)), border="sea", width=look.space("border") + 1)
    return Told(card, "figure", f"{block.caption} {block.text}".strip())
