"""What is filled in: fields that the keypad types into, and choices."""

from __future__ import annotations

from screens.layout import Box, Column, Drawn, Grid, Middle, Row, Sized, Space
from screens.look import Look
from screens.marks import Fill, Mark, Rect
from screens.screen import Choice, Field, Option, Reply
from screens.widgets.surfaces import Surface, Told, Touch
from screens.widgets.words import Fitted, Icon, Label


def field(look: Look, block: Field) -> Box:
    """A label, the box with what was typed, and what is wrong with it, at the field."""

    def draw(pressed: bool) -> Box:
        inside: list[Box] = []
        if block.value:
            inside.append(Fitted(look, block.value, "field", bold=True, lines=2))
        elif block.opens or not block.focused:
            inside.append(Label(look, block.placeholder, "body", colour="ink2"))
        if block.focused and not block.opens:
            inside.append(_caret(look))
        inside.append(Space(0, grow=1))
        if block.hint:
            inside.append(Label(look, block.hint, "note", colour="ink2"))
        if block.opens:
            side = round(look.size("field"))
            inside.append(Sized(Icon(look, "chevron_right", side, "sea"), width=side))
        border = "fault" if block.error else "sea" if block.focused else "line"
        thick = look.space("border") + (2 if block.focused else 1 if block.error else 0)
        return Surface(
            look,
            Row(inside, look.theme.px(2)),
            fill="press" if pressed else "card",
            border=border,
            width=thick,
            down=look.theme.px(2),
        )

    name = " ".join(filter(None, (block.label, block.value or block.placeholder, block.error)))
    touch = Touch(
        draw, Reply("focus", block.key), name, role="textbox", focused=block.focused, least=look.space("button")
    )
    return _labelled(look, block.label, touch, block.error, look.words.t("form.optional") if block.optional else "")


def _caret(look: Look) -> Box:
    tall = round(look.size("field") * 1.15)

    def draw(rect: Rect) -> list[Mark]:
        return [Fill(Rect(rect.x, rect.y + (rect.h - tall) // 2, rect.w, tall), look.colour("sea"))]

    return Sized(Drawn(draw, height=tall), width=look.theme.px(0.9))


def _labelled(look: Look, label: str, inside: Box, error: str, note: str = "") -> Box:
    head: Box = Label(look, label, "label", bold=True)
    if note:
        head = Row([head, Label(look, note, "note", colour="ink2", grow=1)], look.gap("small"))
    parts = [head, inside]
    if error:
        side = round(look.size("note") * 1.2)
        words = Row(
            [
                Sized(Icon(look, "error", side, "fault"), width=side),
                Label(look, error, "note", colour="fault", bold=True, grow=1),
            ],
            look.theme.px(1.5),
        )
        parts.append(Told(words, "status", error))
    return Column(parts, look.gap("tiny"))


def choice(look: Look, block: Choice) -> Box:
    """One answer out of a few, side by side while the words fit."""
    touches = [_option(look, block, option) for option in block.options]
    gap = look.between("small")
    most = 3 if not look.elder else 2
    columns = min(len(touches), most) or 1
    while columns > 1 and max(t.width() for t in touches) > (look.wide - gap * (columns - 1)) / columns:
        columns -= 1
    return _labelled(look, block.label, Grid(touches, columns, gap), block.error)


def _option(look: Look, block: Choice, option: Option) -> Touch:
    chosen = option.key == block.selected
    side = round(look.size("button") * 1.1)

    def draw(pressed: bool) -> Box:
        colour = "sea" if chosen else "ink"
        words: Box = Fitted(look, option.label, "label", colour=colour, bold=chosen, side="centre", lines=2)
        if option.note:
            words = Column([words, Label(look, option.note, "note", colour="ink2", side="centre")])
        parts: list[Box] = [Sized(Icon(look, "check_circle", side, "sea"), width=side), words] if chosen else [words]
        return Surface(
            look,
            Middle(Row(parts, look.theme.px(2.5))),
            fill="sea_light" if chosen else "press" if pressed else "card",
            border="sea" if chosen else "line",
            width=look.space("border") + (1 if chosen else 0),
            across=look.theme.px(4),
            down=look.theme.px(2),
        )

    return Touch(
        draw,
        Reply(f"choose:{block.key}", option.key),
        f"{block.label} {option.label}",
        role="option",
        focused=chosen,
        least=round(look.space("button") * 0.9),
    )
