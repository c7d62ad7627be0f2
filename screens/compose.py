"""From a screen to a sheet: the widgets in their frame, as tight as they must be, in as many turns as they need.

A page that does not fit is first set tighter (white space, never type or targets), then split into turns of the page:
what stands after the `Gap` (keypad, actions) stays, what stands before it is dealt out, and a pager goes between.
On a lying panel a page stands in two columns (`screens.spread`). Nothing is ever cut: what still does not fit is
reported in `Sheet.overflows`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from config.panel import PORTRAIT, Panel
from config.texts import texts
from screens import frame
from screens.layout import Box, Column, Row, Sized, Space
from screens.look import Look
from screens.marks import Gradient, Rect
from screens.pieces import joined, parts, pieces, together
from screens.reach import Reach, parted
from screens.regions import Regions, body_width, has_bar, regions
from screens.screen import Action, Actions, Block, Choice, Field, Heading, Reply, Result, Screen
from screens.sheet import Sheet
from screens.spread import Split, Spread
from screens.theme import load_theme
from screens.type import Typeface
from screens.whole import lay_whole, whole_block
from screens.widgets import widget
from screens.widgets.buttons import button
from screens.widgets.words import Label

TIGHT = (1.3, 1.15, 1.0, 0.8, 0.65, 0.5)
TURNED = (0.8, 0.65, 0.5)
"""How tight the turns of a page are: as loose as one piece can stand beside what stays."""
WHOLE_BLOCKS, CUT_BLOCKS = (1.3, 1.15, 1.0), (1.15, 1.0, 0.8, 0.65, 0.5)
"""How tight two columns are before a list is cut between them, and from then on."""
MAX_TURNS = 40
WHOLE = Rect(0, 0, *PORTRAIT.size)
"""The panel that is taken for granted."""


Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Made:
    """What a plan was found with, for laying out the same screen at once: its boxes are measured already."""

    screen: Screen
    look: Look
    body: Column | Reach | Spread


@dataclass(frozen=True, slots=True)
class Plan:
    """How a screen is set: how tight, the blocks before the gap of each turn, and on a lying panel their columns."""

    tight: float
    turns: tuple[tuple[Block, ...], ...]
    tail: tuple[Block, ...]
    splits: tuple[Split, ...] = ()
    made: Made | None = field(default=None, compare=False, repr=False)

    def turn_of(self, focus: str) -> int | None:
        """The turn that has the field with key `focus`."""
        for number, blocks in enumerate(self.turns):
            if any(isinstance(b, Field | Choice) and b.key == focus for b in blocks):
                return number
        return None


def look_for(screen: Screen, typeface: Typeface, panel: Panel = PORTRAIT) -> Look:
    """Tokens, fonts and words for a screen."""
    theme = load_theme(screen.mode, panel)
    colours = theme.night if screen.backdrop else theme.colour
    look = Look(theme, typeface, texts(screen.language), colours, panel, panel.width, night=screen.backdrop)
    return look.in_column(body_width(look, screen))


def plan(screen: Screen, look: Look) -> Plan:
    """The loosest setting in which everything fits; in turns when none does."""
    if whole_block(screen) is not None:
        return Plan(1.0, (screen.blocks,), ())
    head, tail = parts(screen.blocks)
    room = regions(look, screen).body
    if look.landscape:
        return _plan_spread(screen, look, head, tail, room)

    def whole(tight: float) -> Plan | None:
        body = _body(screen, look.tighter(tight), head, tail)
        return Plan(tight, (head,), tail, (), Made(screen, look, body)) if _fits(body, room) else None

    found = _loosest(TIGHT, whole)
    if found is not None:
        return found
    for tight in TURNED:
        turned = look.tighter(tight)
        pager = _pager_in_body(screen, turned, 0, 2)
        turns = _turns(screen, turned, head, tail, room)
        if all(_fits(_body(screen, turned, turn, tail, pager), room) for turn in turns):
            break
    return Plan(tight, turns, tail)


def _loosest(tights: Sequence[float], fit: Callable[[float], Found | None]) -> Found | None:
    """What `fit` finds at the first of `tights` at which it finds anything; what fits at one fits at all that follow.

    Most pages fit at the first, and most others at none: these two are tried first.
    """
    found = fit(tights[0])
    if found is not None:
        return found
    found = fit(tights[-1])
    low, high = 1, len(tights) - 1
    while found is not None and low < high:
        middle = (low + high) // 2
        better = fit(tights[middle])
        if better is None:
            low = middle + 1
        else:
            found, high = better, middle
    return found


def compose(screen: Screen, look: Look, planned: Plan, *, turn: int = 0, pressed: Rect | None = None) -> Sheet:
    """Lay the page out on the panel."""
    if (everywhere := whole_block(screen)) is not None:
        return lay_whole(everywhere, look)
    made = planned.made
    ready = made.body if made is not None and made.screen is screen and made.look == look else None
    look = look.tighter(planned.tight)
    turn = min(max(turn, 0), len(planned.turns) - 1)
    turns = len(planned.turns)
    sheet = Sheet(look.panel.size, pressed=pressed, turn=turn, turns=turns)
    areas = regions(look, screen)
    _ground(screen, look, areas, sheet)
    frame.Header(look, screen).place(areas.header, sheet)
    pager = _pager_in_body(screen, look, turn, turns) if turns > 1 else []
    if planned.splits:
        spread = ready if isinstance(ready, Spread) else Spread(look, screen, planned.tail, areas.body)
        spread.place(planned.splits[turn], pager, sheet)
    elif ready is not None and not isinstance(ready, Spread):
        ready.place(areas.body, sheet)
    else:
        _body(screen, look, planned.turns[turn], planned.tail, pager).place(areas.body, sheet)
    if areas.strip is not None:
        frame.Strip(look, screen, turn, turns).place(areas.strip, sheet)
    if areas.bar is not None:
        frame.Bar(look, screen).place(areas.bar, sheet)
    if screen.private:
        sheet.private.append(areas.body)
    return sheet


def _ground(screen: Screen, look: Look, areas: Regions, sheet: Sheet) -> None:
    """What lies behind everything; on standby the first action is wherever the panel is touched."""
    if not screen.backdrop:
        sheet.marks += frame.marks_behind(look, areas.whole)
        return
    colours = look.theme.night
    sheet.marks.append(Gradient(areas.whole, colours["top"], colours["middle"], colours["bottom"]))
    primary = next((a for b in screen.blocks if isinstance(b, Actions) for a in b.actions), None)
    if primary is not None:
        sheet.anywhere = Reply(primary.key, primary.value)


def _fits(body: Column | Reach, room: Rect) -> bool:
    return body.fits(room) if isinstance(body, Reach) else body.height(room.w) <= room.h


def _body(
    screen: Screen, look: Look, head: tuple[Block, ...], tail: tuple[Block, ...], pager: list[Box] | None = None
) -> Column | Reach:
    boxes: list[Box] = []
    if screen.steps:
        boxes.append(frame.steps(look, screen.steps))
    if screen.backdrop:
        boxes.append(frame.welcome(look, screen))
    elif not (head and isinstance(head[0], Result)):
        boxes.append(frame.title(look, screen))
    if look.low and not screen.backdrop:
        told, touched = parted(head)
        said, last = parted(tail)
        boxes += [widget(look, block) for block in (*told, *said)]
        low = [widget(look, b) for b in touched], [widget(look, b) for b in last]
        return Reach(boxes, *low, look.gap("gap"), look.panel.reach_line)
    boxes += [widget(look, block) for block in head]
    boxes += pager or []
    if tail:
        boxes.append(Space(0, grow=1.0))
        boxes += [widget(look, block) for block in tail]
    return Column(boxes, look.gap("gap"))


def _pager_in_body(screen: Screen, look: Look, turn: int, turns: int) -> list[Box]:
    """The pager, where it does not stand in the strip."""
    return [] if look.low and has_bar(screen) else [_pager(look, turn, turns)]


def _pager(look: Look, turn: int, turns: int) -> Box:
    """Previous and next turn, and how many there are."""
    say = look.words.t
    back = Action("turn", say("nav.turn-back"), "chevron_left", enabled=turn > 0, value="back")
    on = Action("turn", say("nav.turn-next"), "chevron_right", enabled=turn < turns - 1, value="next")
    where = Label(look, say("nav.turn", turn=turn + 1, turns=turns), "note", colour="ink2", side="centre", grow=1.0)
    return Row(
        [Sized(button(look, back, size="label")), where, Sized(button(look, on, size="label"))], look.gap("small")
    )


def _turns(
    screen: Screen, look: Look, head: tuple[Block, ...], tail: tuple[Block, ...], room: Rect
) -> tuple[tuple[Block, ...], ...]:
    """Deal the pieces out, each turn as full as it can be."""
    turns: list[tuple[Block, ...]] = []
    current: tuple[Block, ...] = ()
    pager = _pager_in_body(screen, look, 0, 2)
    for piece in (p for block in head for p in pieces(look, block)):
        grown = joined(current, piece)
        if current and not _fits(_body(screen, look, grown, tail, pager), room) and len(turns) < MAX_TURNS:
            held = current[-1:] if len(current) > 1 and isinstance(current[-1], Heading) else ()
            turns.append(current[: len(current) - len(held)])
            grown = (*held, piece)
        current = grown
    return (*turns, current)


# On a lying panel


def _plan_spread(screen: Screen, look: Look, head: tuple[Block, ...], tail: tuple[Block, ...], room: Rect) -> Plan:
    make = partial(Spread, screen=screen, tail=tail, room=room)

    def whole(tight: float, *, cut: bool) -> Plan | None:
        spread = make(look.tighter(tight))
        split = spread.split(head, cut=cut)
        return Plan(tight, (head,), tail, (split,), Made(screen, look, spread)) if split is not None else None

    for tights, cut in ((WHOLE_BLOCKS, False), (CUT_BLOCKS, True)):
        found = _loosest(tights, partial(whole, cut=cut))
        if found is not None:
            return found
    for tight in TURNED:
        turned = look.tighter(tight)
        pager = _pager_in_body(screen, turned, 0, 2)
        high = sum(box.height(room.w // 2) + turned.gap("gap") for box in pager)
        spread = make(turned, pager=high)
        splits = _spread_turns(spread, head)
        if splits is not None:
            turns = tuple((*s.left, *s.right) for s in splits)
            return Plan(tight, turns, tail, splits, Made(screen, look, spread))
    return Plan(tight, (head,), tail, (make(turned).crowded(head),))


def _spread_turns(spread: Spread, head: tuple[Block, ...]) -> tuple[Split, ...] | None:
    """Deal the pieces out, each turn as full as it can be; None when a piece alone does not fit."""
    todo = [p for block in head for p in pieces(spread.look.in_column(spread.room.w // 2), block)]
    out: list[Split] = []
    while todo or not out:
        if len(out) >= MAX_TURNS:
            return None
        best: tuple[int, Split] | None = None
        low, high = 0, len(todo)
        while low < high:
            middle = (low + high + 1) // 2
            split = spread.split(together(todo[:middle]), cut=True)
            if split is None:
                high = middle - 1
            else:
                low, best = middle, (middle, split)
        if best is None:
            alone = spread.wider(todo[0]) if todo else None
            if alone is None:
                return None
            best = 1, alone
        number, split = best
        if number < len(todo) and number > 1 and isinstance(todo[number - 1], Heading):
            number -= 1
            split = spread.split(together(todo[:number]), cut=True) or split
        out.append(split)
        todo = todo[number:]
    return tuple(out)
