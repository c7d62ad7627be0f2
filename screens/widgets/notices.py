"""Notices, results and running text: an icon and words, never colour alone."""

from __future__ import annotations

from screens.layout import Box, Column, Drawn, Middle, Row, Sized
from screens.look import TONE_ICONS, TONES, Look
from screens.screen import Heading, Notice, Paragraph, Result
from screens.widgets.surfaces import Surface, Told
from screens.widgets.words import Icon, Label


def notice(look: Look, block: Notice) -> Box:
    """A reassurance, a reason, a warning or a fault on its own ground."""
    sign, ground, border = TONES[block.tone] if not look.night else ("ink", None, "line")
    side = look.space("icon")
    words: list[Box] = [Label(look, block.text, bold=block.tone in ("attention", "fault") or block.icon == "call")]
    if block.detail:
        words.append(Label(look, block.detail, colour="ink2"))
    icon = block.icon if block.icon != "info" else TONE_ICONS[block.tone]
    inside = Row([Sized(Icon(look, icon, side, sign), width=side), Column(words, 0, grow=1)], look.gap("gap"))
    card = Surface(look, inside, fill=ground, border=border, down=look.gap("gap"))
    return Told(card, "status", f"{block.text} {block.detail}".strip())


def result(look: Look, block: Result) -> Box:
    """The large sign of a result page, the sentence beside it; where that is nearly all, under it in the middle."""
    if block.whole:
        return _whole(look, block)
    side = round(look.size("title") * (1.9 if block.detail else 1.5))
    words: list[Box] = [Label(look, block.text, "title", bold=True, title=True, balance=True)]
    if block.detail:
        words.append(Label(look, block.detail, colour="ink2"))
    icon = Icon(look, TONE_ICONS[block.tone], side, TONES[block.tone][0])
    row = Row([Sized(icon, width=side), Column(words, look.theme.px(1), grow=1)], look.gap("inner"))
    return Told(row, "heading", f"{block.text} {block.detail}".strip())


def _whole(look: Look, block: Result) -> Box:
    side = round(look.size("title") * (3.4 if look.tight >= 1.0 else 2.4))
    words: list[Box] = [Label(look, block.text, "title", bold=True, title=True, balance=True, side="centre")]
    if block.detail:
        words.append(Label(look, block.detail, colour="ink2", side="centre", balance=True))
    sign = Middle(Icon(look, TONE_ICONS[block.tone], side, TONES[block.tone][0]))
    air = Drawn(lambda _: [], height=look.theme.px(18 * max(0.5, look.tight) - 6))
    column = Column([air, sign, Column(words, look.theme.px(2)), air], look.gap("gap"))
    return Told(column, "heading", f"{block.text} {block.detail}".strip())


def heading(look: Look, block: Heading) -> Box:
    """A section title, a remark beside it."""
    title = Label(look, block.text, "section", bold=True, title=True)
    parts: list[Box] = [title] if not block.note else [title, Label(look, block.note, "note", colour="ink2", grow=1)]
    return Told(Row(parts, look.gap("gap")) if block.note else title, "heading", f"{block.text} {block.note}".strip())


def paragraph(look: Look, block: Paragraph) -> Box:
    """Running text."""
    size, colour = ("note", "ink2") if block.small else ("body", "ink")
    return Told(Label(look, block.text, size, colour=colour), "text", block.text)
