"""One widget for every block of a screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from screens import screen as s
from screens.layout import Box, Space
from screens.look import Look
from screens.widgets import (
    buttons,
    candidates,
    checks,
    fields,
    ink,
    keypads,
    notices,
    pictures,
    pin_pad,
    rating,
    rows,
    table,
    tiles,
    waiting,
)

Make = Callable[[Look, Any], Box]

WIDGETS: Mapping[type, Make] = {
    s.Heading: notices.heading,
    s.Paragraph: notices.paragraph,
    s.Notice: notices.notice,
    s.Result: notices.result,
    s.Rows: rows.rows,
    s.Table: table.table,
    s.Money: rows.money,
    s.Figure: rows.figure,
    s.Field: fields.field,
    s.Choice: fields.choice,
    s.Keypad: keypads.keypad,
    s.PinPad: pin_pad.pin_pad,
    s.Candidates: candidates.candidates,
    s.Ink: ink.ink,
    s.Tiles: tiles.tiles,
    s.Items: tiles.items,
    s.Picture: pictures.picture,
    s.Preview: waiting.preview,
    s.Progress: waiting.progress,
    s.Qr: waiting.qr,
    s.Rating: rating.rating,
    s.Actions: buttons.actions,
    s.Checks: checks.checks,
    s.Measures: checks.measures,
    s.Chart: checks.chart,
}


def widget(look: Look, block: s.Block) -> Box:
    """The widget for `block`."""
    if isinstance(block, s.Gap):
        return Space(0, grow=1.0)
    return WIDGETS[type(block)](look, block)
