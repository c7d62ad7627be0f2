"""What every page has in the same places: header, steps, title, and the bar with Back, Home, Leave, Help."""

from __future__ import annotations

from dataclasses import replace

from screens.layout import Box, Column, Drawn, Middle, Row, Sized, Space
from screens.look import TITLE_LEADING, Look
from screens.marks import Card, Fill, Mark, Rect
from screens.screen import Action, Reply, Screen, Step
from screens.sheet import ClockSlot, RingSlot, Sheet
from screens.widgets.surfaces import Surface, Told, Touch
from screens.widgets.words import Fitted, Icon, Label

ON_TOP = ("agreed", "voice", "curtain", "language")
"""Actions whose buttons stand in the header."""
CROWDED = 3
"""So many buttons on top, and those with words have no icon; with more, there is no room for the place."""
SHORT = {"en": "EN"}
"""On the small buttons, where the name is as wide as two others."""
SLOTS = ("back", "home", "leave", "help")
"""The places in the bar, from the left. On home, mode switches stand where Back and Home would."""
SWITCHES = 2
"""Small switches between Help and the countdown: the appearance, and low reach."""
NARROW_MM = 25.0
STRIP_MM = 22.0
STRIP_BUTTON_MM = 17.0
RAIL_SIDE_MM, RAIL_GAP_MM = 5.0, 3.0
NIGHT_CLOCK_MM = 84.0
CROWDED_NIGHT = 0.6
"""Standby set so tight has its words in the size of other titles."""
DROP_MM, LYING_DROP_MM = 62.0, 26.0
"""From the header of standby to its words."""
FULL_FITS = ((1, 1.0), (2, 0.9), (2, 0.8), (2, 0.7), (3, 0.6))
TITLE_FITS = ((1, 1.0), (1, 0.9), (2, 0.84), (2, 0.72), (3, 0.5))
HEAD_FITS = ((1, 1.0), (1, 0.9), (2, 0.84), (2, 0.76), (3, 0.5))
"""The last of each is for a hall whose name is longer than any that is known."""


class Header(Box):
    """Where I am, the language switch, and the time."""

    def __init__(self, look: Look, screen: Screen) -> None:
        self.look = look
        self.screen = screen

    def height(self, width: int) -> int:
        return self.look.space("header")

    def place(self, rect: Rect, sheet: Sheet) -> None:
        look, head, night = self.look, self.screen.header, self.look.night
        plain = look
        if head.work:
            # White on the deep sea: no citizen takes a technician's page for a service.
            colours = {**look.colours, "ink": look.colour("on_sea"), "ink2": look.colour("on_sea_note")}
            look = replace(look, colours=colours)
        if not night:
            edge = look.space("border")
            sheet.marks.append(Fill(rect, look.colour("sea_dark" if head.work else "card")))
            sheet.marks.append(Fill(Rect(rect.x, rect.bottom - edge, rect.w, edge), look.colour("line")))
        on_top = [a for a in self.screen.modes if a.key in ON_TOP and not (night or look.low)]
        words: list[Box] = [Fitted(look, head.title, "head", fits=FULL_FITS)]
        if len(on_top) <= CROWDED:
            place = Fitted(look, head.place, "head_note", colour="ink2", bold=False, fits=HEAD_FITS)
            words = [Fitted(look, head.title, "head", fits=TITLE_FITS), place]
        parts: list[Box] = [Told(Column(words, look.theme.px(0.25)), "banner", f"{head.title} {head.place}")]
        if head.badge:
            badge = _badge(plain, head.badge)
            parts.append(Sized(Told(badge, "status", head.badge), width=badge.width()))
        parts.append(Space(0, grow=1.0))
        for action in on_top:
            small = _small(plain, action, among=len(on_top))
            parts.append(Sized(small, width=max(small.width(), look.theme.px(16))))
        clock = Clock(look)
        parts.append(Sized(clock, width=clock.width()))
        margin = look.theme.px(20) if night else look.space("margin")
        gap, room, side = look.theme.px(4), rect.w - 2 * margin, look.theme.px(14)
        # Where a simulation must say so and there is no room for all, the sign gives way: it says nothing.
        if not night and not (head.badge and side + gap + Row(parts, gap).width() > room):
            parts.insert(0, Sized(_logo(plain, work=head.work), width=side))
        Row(parts, gap).place(Rect(rect.x + margin, rect.y, room, rect.h), sheet)


def _logo(look: Look, *, work: bool) -> Box:
    side = look.theme.px(14)
    sign, colour, fill = ("build", "sea_dark", "on_sea") if work else ("account_balance", "on_sea", "sea")
    icon = Middle(Icon(look, sign, round(side * 0.62), colour))
    return Sized(
        Surface(look, Sized(icon, height=side), fill=fill, border=None, across=0, down=0, radius=look.theme.px(3.5)),
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


def _small(look: Look, action: Action, *, among: int) -> Touch:
    """A small button of the header: what was agreed to, the voice, the language. In a crowd, the sign or the word."""
    side = round(look.size("head_note") * 1.3)
    alone = action.key in ("voice", "curtain") or (action.key == "agreed" and among > CROWDED)
    icon = alone or among < CROWDED

    def draw(pressed: bool) -> Box:
        label = SHORT.get(action.value, action.label) if action.key == "language" else action.label
        words = Label(look, label, "head_note", colour="sea", bold=True)
        parts: list[Box] = [Sized(Icon(look, action.icon or "translate", side, "sea"), width=side)] if icon else []
        inside = Row(parts if alone else [*parts, words], look.theme.px(1.5))
        return Surface(
            look,
            Middle(inside),
            fill="press" if pressed else "card",
            border="line",
            across=look.theme.px(4 if alone else 3),
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
            look.words.t("app.date", month=look.words.month(month), day=28, weekday=day)
            for day in look.words.t("app.weekdays").split()
            for month in range(1, 13)
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


def welcome(look: Look, screen: Screen) -> Box:
    """The large words of standby, in the upper half."""
    share = max(0.0, min(look.tight, 1.6 * look.tight - 0.75))
    drop = (LYING_DROP_MM if look.landscape else DROP_MM) * min(share, 1.0 if look.landscape else share)
    words: list[Box] = [Drawn(lambda _: [], height=look.theme.px(drop))]
    words.append(Label(look, screen.title, "title" if look.tight < CROWDED_NIGHT else "display", bold=True, title=True))
    words += [Label(look, line, "section", colour="ink2") for line in screen.subtitle.split("\n") if line]
    return Column(words, look.theme.px(3))


class Strip(Box):
    """In low reach, over the bar: what stands in the header elsewhere, and the turns of the page."""

    def __init__(self, look: Look, screen: Screen, turn: int, turns: int) -> None:
        self.look = look
        self.screen = screen
        self.turn = turn
        self.turns = turns

    def height(self, width: int) -> int:
        return self.look.theme.px(STRIP_MM)

    def place(self, rect: Rect, sheet: Sheet) -> None:
        look = self.look
        on_top = [a for a in self.screen.modes if a.key in ON_TOP]
        parts: list[Box] = []
        for action in on_top:
            touch = _small(look, action, among=min(len(on_top), CROWDED))
            parts.append(Sized(touch, width=max(touch.width(), look.theme.px(16))))
        parts.append(Space(0, grow=1.0))
        if self.turns > 1:
            parts += self._pager()
        margin, high = look.space("margin"), look.theme.px(STRIP_BUTTON_MM)
        inner = Rect(rect.x + margin, rect.y + (rect.h - high) // 2, rect.w - 2 * margin, high)
        Row(parts, look.theme.px(4), middle=False).place(inner, sheet)

    def _pager(self) -> list[Box]:
        look, say = self.look, self.look.words.t
        where = Label(look, f"{self.turn + 1} / {self.turns}", "label", bold=True, colour="ink2", side="centre")
        told = Told(where, "status", say("nav.turn", turn=self.turn + 1, turns=self.turns))
        parts: list[Box] = [Sized(told, width=max(where.width(), look.theme.px(16)))]
        for value, icon, word, there in (
            ("back", "chevron_left", "nav.turn-back", self.turn > 0),
            ("next", "chevron_right", "nav.turn-next", self.turn < self.turns - 1),
        ):
            touch = _arrow(look, icon, Reply("turn", value), say(word), enabled=there)
            parts.insert(0 if value == "back" else 2, Sized(touch, width=look.theme.px(24)))
        return parts


def _arrow(look: Look, icon: str, reply: Reply, name: str, *, enabled: bool) -> Touch:
    """Back or on, by its sign alone: the page's place stands between the two."""
    side = round(look.size("button") * 1.3)

    def draw(pressed: bool) -> Box:
        sign = Middle(Icon(look, icon, side, "sea" if enabled else "on_disabled"))
        fill = "disabled" if not enabled else "press" if pressed else "card"
        border = "sea" if enabled else "disabled"
        return Surface(look, sign, fill=fill, border=border, across=0, down=0)

    return Touch(draw, reply, name, enabled=enabled, least=look.theme.px(STRIP_BUTTON_MM))


class Bar(Box):
    """Back, Home, Leave, Help in their places, and the countdown: in a row, on a lying panel one under another."""

    def __init__(self, look: Look, screen: Screen) -> None:
        self.look = look
        self.screen = screen

    def place(self, rect: Rect, sheet: Sheet) -> None:
        look = self.look
        edge = look.space("border")
        line = Rect(rect.x, rect.y, edge, rect.h) if look.landscape else Rect(rect.x, rect.y, rect.w, edge)
        sheet.marks.append(Fill(rect, look.colour("card")))
        sheet.marks.append(Fill(line, look.colour("line")))
        switches = [a for a in self.screen.modes if a.style == "quiet"][-SWITCHES:]
        cells, ring = self._rail(rect) if look.landscape else self._row(rect, len(switches))
        placed = self._placed()
        size = "label" if all(_fits(look, action, cells[0].w) for action in placed.values()) else "note"
        for slot, action in sorted(placed.items()):
            _nav(look, action, cells[slot].h, size).place(cells[slot], sheet)
        for action, cell in zip(switches, cells[len(cells) - len(switches) :], strict=True):
            _nav(look, action, cell.h, "note").place(cell, sheet)
        if self.screen.countdown is not None:
            sheet.ring = RingSlot(
                ring,
                look.theme.px(2.2),
                look.size("label"),
                look.colour("tide"),
                look.colour("line"),
                look.colour("ink2"),
            )

    def _row(self, rect: Rect, switches: int) -> tuple[list[Rect], Rect]:
        """The places of the slots, then of the switches, and that of the countdown."""
        look = self.look
        margin, gap, ring = look.space("margin"), look.theme.px(4), look.space("ring")
        narrow = look.theme.px(NARROW_MM)
        inner = rect.w - 2 * margin - ring - look.theme.px(8) - SWITCHES * (narrow + gap)
        cell = (inner - gap * (len(SLOTS) - 1)) // len(SLOTS)
        high = look.space("nav") - look.theme.px(8) if look.low else look.space("button")
        y = rect.y + (rect.h - high) // 2
        cells = [Rect(rect.x + margin + slot * (cell + gap), y, cell, high) for slot in range(len(SLOTS))]
        first = rect.right - margin - ring - look.theme.px(8) - switches * narrow - (switches - 1) * gap
        cells += [Rect(first + at * (narrow + gap), y, narrow, high) for at in range(switches)]
        return cells, Rect(rect.right - margin - ring, rect.y + (rect.h - ring) // 2, ring, ring)

    def _rail(self, rect: Rect) -> tuple[list[Rect], Rect]:
        """The same on a lying panel; in low reach the rail's buttons begin at the line."""
        look = self.look
        side, gap, ring = look.theme.px(RAIL_SIDE_MM), look.theme.px(RAIL_GAP_MM), look.space("ring")
        top = max(rect.y, look.panel.reach_line) if look.low else rect.y
        top += look.theme.px(1 if look.low else 4)
        ring_y = rect.bottom - look.theme.px(4) - ring
        number = len(SLOTS) + SWITCHES
        high = (ring_y - look.theme.px(3) - top - gap * (number - 1)) // number
        cells = [Rect(rect.x + side, top + at * (high + gap), rect.w - 2 * side, high) for at in range(number)]
        return cells, Rect(rect.x + (rect.w - ring) // 2, ring_y, ring, ring)

    def _placed(self) -> dict[int, Action]:
        placed = {SLOTS.index(a.key): a for a in self.screen.nav if a.key in SLOTS}
        free = (slot for slot in range(len(SLOTS)) if slot not in placed)
        everything = (*self.screen.modes, *self.screen.nav)
        others = [a for a in everything if a.key not in (*SLOTS, *ON_TOP) and a.style != "quiet"]
        return placed | dict(zip(free, others, strict=False))


def _fits(look: Look, action: Action, cell: int) -> bool:
    """Whether the word stands in its cell at the size of labels."""
    return look.typeface.width(action.label, look.size("label"), True) <= cell - 2 * look.theme.px(1.5)


def _nav(look: Look, action: Action, high: int, size: str) -> Touch:
    """The icon above the word."""
    side = min(look.size("button"), high - look.theme.px(3) - round(look.size(size) * TITLE_LEADING))

    def draw(pressed: bool) -> Box:
        words = Fitted(look, action.label, size, side="centre", lines=1)
        return Surface(
            look,
            Middle(Column([Middle(Icon(look, action.icon, side, "sea")), words]), across=False),
            fill="press" if pressed else "card",
            border="line",
            across=look.theme.px(1),
            down=look.theme.px(1),
        )

    name = f"{action.label} {action.note}".strip()
    return Touch(draw, Reply(action.key, action.value), name, enabled=action.enabled)


def marks_behind(look: Look, panel: Rect) -> list[Mark]:
    """The ground of the page."""
    return [Fill(panel, look.colour("ground"))]
