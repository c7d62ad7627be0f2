"""What every page has in the same places: header, steps, title, and the bar with Back, Home, Leave, Help."""

from __future__ import annotations

from screens.layout import Box, Column, Drawn, Middle, Row, Sized, Space
from screens.look import Look
from screens.marks import Card, Fill, Mark, Rect
from screens.screen import Action, Reply, Screen, Step
from screens.sheet import ClockSlot, RingSlot, Sheet
from screens.widgets.surfaces import Surface, Told, Touch
from screens.widgets.words import Fitted, Icon, Label

SLOTS = ("back", "home", "leave", "help")
"""The places in the bar, from the left. On home, mode switches stand where Back and Home would."""
NIGHT_CLOCK_MM = 84.0
HEAD_FITS = ((1, 1.0), (1, 0.9), (2, 0.84), (2, 0.76))


class Header(Box):
    """Where I am, the language switch, and the time."""

    def __init__(self, look: Look, screen: Screen) -> None:
        self.look = look
        self.screen = screen

    def height(self, width: int) -> int:
        return self.look.space("header")

    def place(self, rect: Rect, sheet: Sheet) -> None:
        look, head, night = self.look, self.screen.header, self.look.night
        if not night:
            edge = look.space("border")
            sheet.marks.append(Fill(rect, look.colour("card")))
            sheet.marks.append(Fill(Rect(rect.x, rect.bottom - edge, rect.w, edge), look.colour("line")))
        words: list[Box] = [
            Fitted(look, head.title, "head", lines=1),
            Fitted(look, head.place, "head_note", colour="ink2", bold=False, fits=HEAD_FITS),
        ]
        parts: list[Box] = [] if night else [Sized(_logo(look), width=look.theme.px(14))]
        parts.append(Told(Column(words, look.theme.px(0.25)), "banner", f"{head.title} {head.place}"))
        if head.badge:
            badge = _badge(look, head.badge)
            parts.append(Sized(Told(badge, "status", head.badge), width=badge.width()))
        parts.append(Space(0, grow=1.0))
        language = next((a for a in self.screen.modes if a.key == "language"), None)
        if language is not None and not night:
            small = _small(look, language)
            parts.append(Sized(small, width=small.width()))
        clock = Clock(look)
        parts.append(Sized(clock, width=clock.width()))
        margin = look.theme.px(20) if night else look.space("margin")
        Row(parts, look.theme.px(4)).place(Rect(rect.x + margin, rect.y, rect.w - 2 * margin, rect.h), sheet)


def _logo(look: Look) -> Box:
    side = look.theme.px(14)
    icon = Middle(Icon(look, "account_balance", round(side * 0.62), "on_sea"))
    return Sized(
        Surface(look, Sized(icon, height=side), fill="sea", border=None, across=0, down=0, radius=look.theme.px(3.5)),
        width=side,
        height=side,
    )


def _badge(look: Look, text: str) -> Box:
    """Calm, but always there: this is not a real terminal."""
    label = Label(look, text, "head_note", colour="attention", bold=True)
    return Surface(
        look,
        label,
        fill=None if look.night else "attention_light",
        border="attention_line",
        across=look.theme.px(3.5),
        down=look.theme.px(0.5),
        radius=look.theme.px(2.5),
    )


def _small(look: Look, action: Action) -> Touch:
    """The language switch of the header."""
    side = round(look.size("head_note") * 1.3)

    def draw(pressed: bool) -> Box:
        words = Label(look, action.label, "head_note", colour="sea", bold=True)
        inside = Row([Sized(Icon(look, "translate", side, "sea"), width=side), words], look.theme.px(1.5))
        return Surface(
            look,
            Middle(inside),
            fill="press" if pressed else "card",
            border="line",
            across=look.theme.px(3),
            down=0,
        )

    return Touch(draw, Reply(action.key, action.value), action.label, least=look.theme.px(20.5))


class Clock(Box):
    """A place for time and date; the stage writes into it once a minute."""

    def __init__(self, look: Look) -> None:
        self.look = look

    def width(self) -> int:
        look = self.look
        if look.night:
            return look.theme.px(NIGHT_CLOCK_MM)
        dates = (
            look.words.t("app.date", month=12, day=28, weekday=day) for day in look.words.t("app.weekdays").split()
        )
        time = look.typeface.width("00:00", look.size("head_time"), True)
        return max(time, *(look.typeface.width(date, look.size("head_note")) for date in dates))

    def height(self, width: int) -> int:
        return self.look.space("header")

    def place(self, rect: Rect, sheet: Sheet) -> None:
        look = self.look
        sheet.clock = ClockSlot(
            rect,
            look.size("clock" if look.night else "head_time"),
            look.size("body" if look.night else "head_note"),
            look.colour("ink"),
            look.colour("ink2"),
            bold=not look.night,
        )


def steps(look: Look, parts: tuple[Step, ...]) -> Box:
    """How far: a bar for each part; its name under it, in elder mode one sentence for all."""
    colours = {"done": "tide", "current": "sea", "todo": "line"}
    words = {"done": "tide_words", "current": "sea", "todo": "ink2"}
    thick = look.space("step")

    def bar(colour: str) -> Drawn:
        return Drawn(lambda rect: [Card(rect, thick // 2, look.colour(colour))], height=thick)

    at = next((i for i, p in enumerate(parts, 1) if p.state == "current"), len(parts))
    name = look.words.t("nav.step", at=at, of=len(parts), name=parts[at - 1].label)
    cells: list[Box] = []
    for part in parts:
        under: list[Box] = [bar(colours[part.state])]
        if not look.elder:
            bold = part.state == "current"
            under.append(Fitted(look, part.label, "note", colour=words[part.state], bold=bold, lines=1))
        cell = Column(under, look.theme.px(2))
        cell.grow = 1.0
        cells.append(cell)
    row: Box = Row(cells, look.theme.px(3))
    if look.elder:
        row = Column([row, Label(look, name, "note", colour="sea", bold=True)], look.theme.px(2))
    return Told(row, "steps", name)


def title(look: Look, screen: Screen) -> Box:
    """The one question or thing to do, as a sentence, and the reason beside it."""
    parts: list[Box] = [Label(look, screen.title, "title", bold=True, title=True, balance=True)]
    if screen.subtitle:
        parts.append(Label(look, screen.subtitle, "body", colour="ink2"))
    return Told(Column(parts, look.theme.px(1)), "heading", f"{screen.title} {screen.subtitle}".strip())


class Bar(Box):
    """Back, Home, Leave, Help in their places, and the countdown."""

    def __init__(self, look: Look, screen: Screen) -> None:
        self.look = look
        self.screen = screen

    def height(self, width: int) -> int:
        return self.look.space("nav")

    def place(self, rect: Rect, sheet: Sheet) -> None:
        look, screen = self.look, self.screen
        edge = look.space("border")
        sheet.marks.append(Fill(rect, look.colour("card")))
        sheet.marks.append(Fill(Rect(rect.x, rect.y, rect.w, edge), look.colour("line")))
        margin, gap, ring = look.space("margin"), look.theme.px(4), look.space("ring")
        inner = rect.w - 2 * margin - ring - look.theme.px(8)
        cell = (inner - gap * (len(SLOTS) - 1)) // len(SLOTS)
        high = look.space("button")
        y = rect.y + (rect.h - high) // 2
        placed = self._placed()
        beside = all(_beside(look, action, cell) for action in placed.values())
        for slot, action in placed.items():
            box = _nav(look, action, beside=beside)
            box.place(Rect(rect.x + margin + slot * (cell + gap), y, cell, high), sheet)
        if screen.countdown is not None:
            place = Rect(rect.right - margin - ring, rect.y + (rect.h - ring) // 2, ring, ring)
            sheet.ring = RingSlot(
                place,
                look.theme.px(2.2),
                look.size("label"),
                look.colour("tide"),
                look.colour("line"),
                look.colour("ink2"),
            )

    def _placed(self) -> dict[int, Action]:
        placed = {SLOTS.index(a.key): a for a in self.screen.nav if a.key in SLOTS}
        free = (slot for slot in range(len(SLOTS)) if slot not in placed)
        others = [a for a in (*self.screen.modes, *self.screen.nav) if a.key not in SLOTS and a.key != "language"]
        return placed | dict(zip(free, others, strict=False))


def _beside(look: Look, action: Action, cell: int) -> bool:
    """Whether icon and word fit next to each other."""
    wide = look.typeface.width(action.label, look.size("label"), True)
    return round(look.size("button") * 1.1) + look.theme.px(2.5) + wide + 2 * look.theme.px(3) <= cell


def _nav(look: Look, action: Action, *, beside: bool) -> Touch:
    """Icon beside the word while there is room on the whole bar, else above it."""
    side = round(look.size("button") * 1.1)
    across = look.theme.px(3)

    def draw(pressed: bool) -> Box:
        words = Fitted(look, action.label, "label" if beside else "note", side="left" if beside else "centre", lines=1)
        icon = Icon(look, action.icon, side if beside else round(side * 0.9), "sea")
        if beside:
            inside: Box = Row([Sized(icon, width=side), words], look.theme.px(2.5))
        else:
            inside = Column([Middle(icon), words])
        return Surface(
            look,
            Middle(inside, across=beside),
            fill="press" if pressed else "card",
            border="line",
            across=across if beside else look.theme.px(1),
            down=look.theme.px(1),
        )

    return Touch(draw, Reply(action.key, action.value), action.label, enabled=action.enabled)


def marks_behind(look: Look, panel: Rect) -> list[Mark]:
    """The ground of the page."""
    return [Fill(panel, look.colour("ground"))]
