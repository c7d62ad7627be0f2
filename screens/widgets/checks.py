"""The technician's lines: a section with its state, cause and next act in one line; measures; a small chart."""

from __future__ import annotations

from collections.abc import Mapping

from screens.checks import Chart, ChartBar, Check, Checks, Measure, Measures, State
from screens.layout import Box, Column, Drawn, Row, Sized, Space
from screens.look import Look
from screens.marks import Card, Fill, Mark, Rect
from screens.screen import Reply
from screens.sheet import Sheet
from screens.widgets.surfaces import Surface, Told, Touch
from screens.widgets.words import Fitted, Icon, Label

TOKENS: Mapping[State, tuple[str, str]] = {
    "ok": ("ok", "check_circle"),
    "attention": ("attention", "warning"),
    "fault": ("fault", "error"),
    "unknown": ("ink2", "help"),
    "absent": ("ink2", "block"),
}
"""State to the colour of its words and its sign."""
EDGE_MM = 2.4
LEAST_MM = 19.0
TEST_MM = 33.0
CHART_MM = 34.0
BAR_MM = 3.6


class Edged(Box):
    """A card with a thick left edge in the colour of a state."""

    def __init__(self, look: Look, child: Box, colour: str, *, fill: str = "card", across: float, down: float) -> None:
        self.look = look
        self.child = child
        self.colour = colour
        self.fill = fill
        self.edge = look.theme.px(EDGE_MM)
        self.across = look.theme.px(across)
        self.down = look.theme.px(down)

    def width(self) -> int:
        return self.child.width() + self.edge + 2 * self.across

    def height(self, width: int) -> int:
        return self.child.height(width - self.edge - 2 * self.across) + 2 * self.down

    def place(self, rect: Rect, sheet: Sheet) -> None:
        look = self.look
        radius = look.theme.px(4)
        sheet.marks.append(Card(rect, radius, look.colour(self.colour)))
        inner = Rect(rect.x + self.edge, rect.y, rect.w - self.edge, rect.h)
        sheet.marks.append(Card(inner, radius, look.colour(self.fill), look.colour("line"), look.space("border")))
        room = Rect(
            inner.x + self.across, inner.y + self.down, inner.w - 2 * self.across, max(0, inner.h - 2 * self.down)
        )
        self.child.place(room, sheet)


def checks(look: Look, block: Checks) -> Box:
    """One line under another; all buttons stand under one another."""
    gap = look.theme.px(3.2)
    some = any(line.test for line in block.lines)
    return Column([_line(look, line, gap, some=some) for line in block.lines], gap)


def _line(look: Look, line: Check, gap: int, *, some: bool) -> Box:
    """The card, which opens the details, and its test beside it."""
    name = " ".join(filter(None, (line.name, line.word, line.sentence, line.remedy)))
    least = look.theme.px(LEAST_MM)

    def draw(pressed: bool) -> Box:
        return Edged(
            look, _inside(look, line), TOKENS[line.state][0], fill="press" if pressed else "card", across=3.2, down=1.6
        )

    card = Touch(draw, Reply("section", line.id), name, role="item", least=least, grow=1.0)
    parts: list[Box] = [card]
    if line.test:
        parts.append(Sized(_test(look, line, least), width=look.theme.px(TEST_MM)))
    elif some:
        parts.append(Sized(Space(0), width=look.theme.px(TEST_MM)))
    return Row(parts, gap, middle=False)


def _inside(look: Look, line: Check) -> Box:
    colour, sign = TOKENS[line.state]
    side, small = look.space("icon"), round(look.size("note") * 1.1)
    name = Label(look, line.name, "label", bold=True, title=True)
    word = Label(look, line.word, "note", colour=colour, bold=True, title=True)
    state = Row([Sized(Icon(look, sign, small, colour), width=small), word], look.theme.px(1))
    head: list[Box] = [Sized(name, width=name.width()), Sized(state, width=state.width()), Space(0, grow=1.0)]
    told = [Row(head, look.theme.px(3))]
    lines: list[Box] = [*told]
    if line.sentence and line.sentence != line.word:
        lines.append(Label(look, line.sentence, "note", colour="ink2", title=True))
    if line.remedy:
        arrow = Sized(Icon(look, "arrow_forward", small, "sea"), width=small)
        lines.append(Row([arrow, Label(look, line.remedy, "note", title=True, grow=1)], look.theme.px(1.5)))
    words = Column(lines, look.theme.px(0.3), grow=1)
    chevron = Sized(Icon(look, "chevron_right", small, "sea"), width=small)
    return Row([Sized(Icon(look, line.icon, side, "ink2"), width=side), words, chevron], look.theme.px(3))


def _test(look: Look, line: Check, least: int) -> Touch:
    def draw(pressed: bool) -> Box:
        words = Fitted(look, line.test, "label", colour="sea", side="centre", lines=2)
        return Surface(
            look,
            words,
            fill="press" if pressed else "card",
            border="sea",
            width=look.space("border") + 1,
            across=look.theme.px(2),
            down=look.theme.px(1),
            radius=look.theme.px(4),
        )

    return Touch(draw, Reply("test", line.id), f"{line.test} {line.name}", least=least)


def measures(look: Look, block: Measures) -> Box:
    """Label and value over a bar with the good part marked; whether it is good is a sign and a word too."""
    return Surface(look, Column([_measure(look, m) for m in block.lines], look.gap("small")), down=look.gap("small"))


def _measure(look: Look, line: Measure) -> Box:
    colour, sign = TOKENS["ok" if line.good else "attention"]
    side = round(look.size("note") * 1.2)
    value = Label(look, line.value, "label", bold=True, side="right", title=True)
    parts: list[Box] = [
        Sized(Icon(look, sign, side, colour), width=side),
        Label(look, line.label, "label", grow=1.0, title=True),
    ]
    if line.told:
        parts.append(Label(look, line.told, "note", colour=colour, bold=True, title=True))
    parts.append(Sized(value, width=value.width()))
    tall = look.theme.px(BAR_MM)

    def bar(rect: Rect) -> list[Mark]:
        low, high = (round(rect.w * min(1.0, max(0.0, share))) for share in (line.low, line.high))
        now = round(rect.w * min(1.0, max(0.0, line.share)))
        whole = Rect(rect.x, rect.y, rect.w, tall)
        good = Rect(rect.x + low, rect.y, max(tall, high - low), tall)
        hand = Rect(
            min(rect.right - tall, max(rect.x, rect.x + now - tall // 2)), rect.y - tall // 3, tall, tall * 5 // 3
        )
        return [
            Card(whole, tall // 2, look.colour("line")),
            Card(good, tall // 2, look.colour("ok_line")),
            Card(hand, tall // 3, look.colour(colour)),
        ]

    drawn = Drawn(bar, height=tall + look.theme.px(2))
    return Told(Column([Row(parts, look.theme.px(2)), drawn], look.theme.px(2)), "status", _told(line))


def _told(line: Measure) -> str:
    return " ".join(filter(None, (line.label, line.value, line.told)))


def chart(look: Look, block: Chart) -> Box:
    """Upright bars on a line, figures over them, what they are under them."""
    title = Label(look, block.title, "label", bold=True, title=True)
    bars = [_bar(look, bar) for bar in block.bars]
    for each in bars:
        each.grow = 1.0
    row = Row(bars, look.theme.px(2), middle=False)
    name = f"{block.title}: {', '.join(f'{bar.label} {bar.value}'.strip() for bar in block.bars)}"
    return Told(Surface(look, Column([title, row], look.theme.px(2)), down=look.gap("small")), "image", name)


def _bar(look: Look, bar: ChartBar) -> Box:
    high = round(look.theme.px(CHART_MM) * max(0.6, look.tight))
    share = min(1.0, max(0.0, bar.share))

    def draw(rect: Rect) -> list[Mark]:
        foot, thick = rect.bottom - 2, min(rect.w, look.theme.px(14))
        tall = max(3, round((rect.h - 4) * share))
        x = rect.x + (rect.w - thick) // 2
        ground = Fill(Rect(rect.x, foot, rect.w, 2), look.colour("line"))
        return [ground, Card(Rect(x, foot - tall, thick, tall), 4, look.colour("fault" if bar.bad else "sea"))]

    value = Fitted(look, bar.value, "note", side="centre", lines=1)
    label = Fitted(look, bar.label, "note", colour="ink2", bold=False, side="centre", lines=1)
    return Column([value, Drawn(draw, height=high), label], look.theme.px(0.5))
