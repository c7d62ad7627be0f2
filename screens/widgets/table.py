"""A table: columns side by side where every cell fits in two lines, else one card of label and value a record."""

from __future__ import annotations

import re

from screens.layout import Box, Column, Drawn, Row, Sized
from screens.look import Look
from screens.screen import Table
from screens.type import clusters
from screens.widgets.rows import rule
from screens.widgets.surfaces import Surface, Told
from screens.widgets.words import Label, Side

_AMOUNT = re.compile(r"[+\-−]?[\d,]+\.\d\d")
SHORT_EM = 5
"""Cells of so few em stay on one line."""
LINES = 2
"""So many lines a cell may take before the table is set record by record."""


def table(look: Look, block: Table) -> Box:
    """The records under their columns, or one after another; nothing is ever cut."""
    widths, amounts = _widths(look, block), _amounts(block)
    parts: list[Box] = [Label(look, block.title, "label", bold=True)] if block.title else []
    if widths:
        parts.append(_side_by_side(look, block.columns, widths, amounts, "note", colour="ink2"))
    for record in block.records:
        if parts:
            parts.append(rule(look))
        stacked = not widths
        shown = (
            _stacked(look, block.columns, record) if stacked else _side_by_side(look, record, widths, amounts, "body")
        )
        name = ", ".join(f"{c} {v}" for c, v in zip(block.columns, record, strict=True) if v)
        parts.append(Told(Column([_air(look), shown, _air(look)]), "row", name, private=block.private))
    return Surface(look, Column(parts), down=look.gap("small"))


def _gap(look: Look) -> int:
    return look.theme.px(4)


def _widths(look: Look, block: Table) -> list[int]:
    """How wide each column is; empty when they do not fit side by side."""
    room = look.wide - 2 * look.gap("inner") - _gap(look) * (len(block.columns) - 1)
    type_, body, note = look.typeface, look.size("body"), look.size("note")
    whole, least = [], []
    for at, column in enumerate(block.columns):
        cells = [(record[at], body) for record in block.records] + [(column, note)]
        whole.append(max(type_.width(text, size) for text, size in cells) + 4)
        word = max((type_.width(part.rstrip(), size) for text, size in cells for part in clusters(text)), default=0)
        short = whole[at] if whole[at] <= SHORT_EM * body else 0
        least.append(max(word + 4, round(whole[at] / LINES * 1.15), short))
    least = [min(few, full) for few, full in zip(least, whole, strict=True)]
    spare = room - sum(least)
    if spare < 0:
        return []
    wish = sum(whole) - sum(least)
    if wish > spare:
        return [few + spare * (full - few) // wish for few, full in zip(least, whole, strict=True)]
    more = (room - sum(whole)) // len(whole)
    return [full + more for full in whole]


def _amounts(block: Table) -> list[bool]:
    """Which columns are money: their figures stand under one another, at the right."""
    return [
        any(record[at] for record in block.records) and all(_AMOUNT.fullmatch(r[at]) for r in block.records if r[at])
        for at in range(len(block.columns))
    ]


def _side_by_side(
    look: Look, cells: tuple[str, ...], widths: list[int], amounts: list[bool], size: str, colour: str = "ink"
) -> Box:
    sides: list[Side] = ["right" if money else "left" for money in amounts]
    boxes: list[Box] = [
        Sized(Label(look, cell, size, colour=colour, side=side), width=width)
        for cell, width, side in zip(cells, widths, sides, strict=True)
    ]
    return Row(boxes, _gap(look))


def _stacked(look: Look, columns: tuple[str, ...], record: tuple[str, ...]) -> Box:
    lines: list[Box] = [Label(look, record[0], bold=True)]
    for column, cell in zip(columns[1:], record[1:], strict=True):
        if not cell:
            continue
        label = Label(look, column, "note", colour="ink2")
        beside = label.width() + Label(look, cell).width() + _gap(look) <= look.wide - 2 * look.gap("inner")
        if beside:
            lines.append(Row([Sized(label, width=label.width()), Label(look, cell, side="right", grow=1)], _gap(look)))
        else:
            lines += [label, Label(look, cell)]
    return Column(lines, look.theme.px(1))


def _air(look: Look) -> Box:
    return Drawn(lambda _: [], height=look.gap("small"))
