"""Cards of label and value; money; a figure to be read from afar."""

from __future__ import annotations

from config.amounts import spelled
from screens.layout import Box, Column, Drawn, Middle, Row, Sized
from screens.look import Look
from screens.marks import Fill, Mark, Rect
from screens.screen import Figure, Money, Rows
from screens.screen import Row as Line
from screens.widgets.surfaces import Surface, Told
from screens.widgets.words import Fitted, Icon, Label

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
    """How wide the labels' column is; 0 when a label needs more than two lines in it, or a number would be cut."""
    type_, size = look.typeface, look.size("body")
    widest = max((type_.width(r.label, size) for r in block.rows), default=0)
    column = round(min(max(widest + 8, look.wide * LABEL_LEAST), look.wide * LABEL_MOST))
    cut = any(
        len(type_.lines(r.label, size, False, column)) > 2
        or any(type_.width(part.rstrip(), size) > column for part in type_.clusters(r.label))
        for r in block.rows
    )
    return 0 if cut or any(_is_cut(look, r, column) for r in block.rows) else column


def _is_cut(look: Look, line: Line, column: int) -> bool:
    """Whether a word or number of the value is longer than what is left beside its label."""
    type_ = look.typeface
    room = look.wide - 2 * look.gap("inner") - column - _gap(look)
    if line.source:
        note = look.size("note")
        room -= type_.width(line.source, note) + round(note * 1.1) + look.theme.px(1.5) + _gap(look)
    size = look.size("body")
    return any(type_.width(part.rstrip(), size, True) > room for part in type_.clusters(line.value))


def _gap(look: Look) -> int:
    return max(look.theme.px(5), look.gap("small"))


def _line(look: Look, line: Line, column: int) -> Box:
    label = Label(look, line.label, colour="ink2")
    value: Box = Label(look, line.value, bold=True, side="right" if line.amount else "left", grow=1)
    if line.private:
        value = Told(value, "text", line.value, private=True)
    beside: list[Box] = [value]
    if line.source:
        side = round(look.size("note") * 1.1)
        badge = [Icon(look, "verified", side, "tide"), Label(look, line.source, "note", colour="tide_words")]
        beside.append(Row([Sized(badge[0], width=side), badge[1]], look.theme.px(1.5)))
    name = f"{line.label} {'' if line.private else line.value} {line.source}".strip()
    if line.amount:
        value.grow, label.grow = 0.0, 1.0
        inside: Box = Row([label, Sized(value, width=value.width())], _gap(look))
    elif not column:
        wide = sum(box.width() for box in beside) + look.gap("small") > look.wide - 2 * look.gap("inner")
        words: Box = Column([label, *beside] if wide else [label, Row(beside, look.gap("small"))])
        words.grow = 1
        inside = Row([words])
    else:
        inside = Row([Sized(label, width=column), *beside], _gap(look))
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
    told = [Label(look, block.title, "label", colour="ink2")]
    told += [Label(look, block.basis, "note", colour="ink2")] if block.basis else []
    if look.words.language == "zh" and not look.elder:
        capitals = look.words.t("fee.capitals", amount=spelled(block.fen))
        told.append(Label(look, capitals, "note", colour="ink2"))
    words = Column(told, look.theme.px(1))
    natural = look.typeface.width(amount, look.size("money"), True) + look.size("section") * 3
    if look.elder or natural > 0.57 * look.wide:
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
    fits = tuple((1, share) for share in (1.0, 0.85, 0.7, 0.58, 0.48, 0.4))
    parts: list[Box] = [Fitted(look, block.text, "figure", side="centre", colour="sea", fits=fits)]
    if block.caption:
        parts.append(Label(look, block.caption, "body", colour="ink2", side="centre"))
    card = Surface(look, Middle(Column(parts)), border="sea", width=look.space("border") + 1)
    return Told(card, "figure", f"{block.caption} {block.text}".strip())
