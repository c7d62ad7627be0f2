"""From a screen to a sheet: the widgets in their frame, as tight as they must be, in as many turns as they need.

A page that does not fit is first set tighter (white space, never type or targets), then split into turns of the page:
what stands after the `Gap` (keypad, actions) stays, what stands before it is dealt out, and a pager goes between.
Nothing is ever cut: what still does not fit is reported in `Sheet.overflows`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from config.texts import texts
from screens import frame
from screens.layout import Box, Column, Drawn, Row, Sized, Space
from screens.look import Look
from screens.marks import Gradient, Rect
from screens.reach import Reach, parted
from screens.screen import (
    Action,
    Actions,
    Block,
    Choice,
    Field,
    Gap,
    Heading,
    Items,
    Keypad,
    Reply,
    Result,
    Rows,
    Screen,
    Table,
    Tiles,
)
from screens.sheet import Sheet
from screens.theme import PANEL, PANEL_MM, load_theme
from screens.type import Typeface
from screens.widgets import widget
from screens.widgets.buttons import button
from screens.widgets.words import Label

TIGHT = (1.3, 1.15, 1.0, 0.8, 0.65, 0.5)
TURNED = (0.8, 0.65, 0.5)
"""How tight the turns of a page are: as loose as one piece can stand beside what stays."""
MAX_TURNS = 40
WHOLE = Rect(0, 0, *PANEL)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a screen is set: how tight, and the blocks before the gap of each turn."""

    tight: float
    turns: tuple[tuple[Block, ...], ...]
    tail: tuple[Block, ...]

    def turn_of(self, focus: str) -> int | None:
        """The turn that has the field with key `focus`."""
        for number, blocks in enumerate(self.turns):
            if any(isinstance(b, Field | Choice) and b.key == focus for b in blocks):
                return number
        return None


def look_for(screen: Screen, typeface: Typeface, panel_mm: tuple[float, float] = PANEL_MM) -> Look:
    """Tokens, fonts and words for a screen."""
    theme = load_theme(screen.mode, panel_mm)
    colours = theme.night if screen.backdrop else theme.colour
    return Look(theme, typeface, texts(screen.language), colours, night=screen.backdrop)


def plan(screen: Screen, look: Look) -> Plan:
    """The loosest setting in which everything fits; in turns when none does."""
    head, tail = _parts(screen.blocks)
    room = _room(screen, look)
    for tight in TIGHT:
        if _fits(_body(screen, look.tighter(tight), head, tail), room):
            return Plan(tight, (head,), tail)
    pager = [_pager(look, 0, 2)] if not _strip(screen, look) else []
    for tight in TURNED:
        turned = look.tighter(tight)
        turns = _turns(screen, turned, head, tail, room)
        if all(_fits(_body(screen, turned, turn, tail, pager), room) for turn in turns):
            break
    return Plan(tight, turns, tail)


def compose(screen: Screen, look: Look, planned: Plan, *, turn: int = 0, pressed: Rect | None = None) -> Sheet:
    """Lay the page out on the panel."""
    look = look.tighter(planned.tight)
    turn = min(max(turn, 0), len(planned.turns) - 1)
    sheet = Sheet(pressed=pressed, turn=turn, turns=len(planned.turns))
    if screen.backdrop:
        colours = look.theme.night
        sheet.marks.append(Gradient(WHOLE, colours["top"], colours["middle"], colours["bottom"]))
        primary = next((a for b in screen.blocks if isinstance(b, Actions) for a in b.actions), None)
        if primary is not None:
            sheet.anywhere = Reply(primary.key, primary.value)
    else:
        sheet.marks += frame.marks_behind(look, WHOLE)
    room = _room(screen, look)
    header = frame.Header(look, screen)
    top = look.theme.px(12) if screen.backdrop else 0
    header.place(Rect(0, top, WHOLE.w, header.height(WHOLE.w)), sheet)
    pager = [_pager(look, turn, sheet.turns)] if sheet.turns > 1 and not _strip(screen, look) else []
    _body(screen, look, planned.turns[turn], planned.tail, pager).place(room, sheet)
    if _has_bar(screen):
        bar = frame.Bar(look, screen)
        high = bar.height(WHOLE.w)
        if above := _strip(screen, look):
            strip = frame.Strip(look, screen, turn, sheet.turns)
            strip.place(Rect(0, WHOLE.h - high - above, WHOLE.w, above), sheet)
        bar.place(Rect(0, WHOLE.h - high, WHOLE.w, high), sheet)
    if screen.private:
        sheet.private.append(room)
    return sheet


def _has_bar(screen: Screen) -> bool:
    return not screen.backdrop and bool(screen.nav or screen.countdown or screen.modes)


def _strip(screen: Screen, look: Look) -> int:
    """The height of the strip over the bar; 0 where there is none."""
    return look.theme.px(frame.STRIP_MM) if look.low and _has_bar(screen) else 0


def _fits(body: Column | Reach, room: Rect) -> bool:
    return body.fits(room) if isinstance(body, Reach) else body.height(room.w) <= room.h


def _room(screen: Screen, look: Look) -> Rect:
    """What header, bar and margins leave for the body."""
    margin = look.theme.px(20) if screen.backdrop else look.space("margin")
    top = look.space("header") + (look.theme.px(12) if screen.backdrop else 0) + look.theme.px(8)
    low = _strip(screen, look)
    bottom = WHOLE.h - (look.space("nav") if _has_bar(screen) else 0) - low
    bottom -= look.theme.px(24 if screen.backdrop else 3 if low else 8)
    return Rect(margin, top, WHOLE.w - 2 * margin, bottom - top)


def _parts(blocks: tuple[Block, ...]) -> tuple[tuple[Block, ...], tuple[Block, ...]]:
    """What may be dealt out over turns, and what stays: everything after the last gap, or a keypad."""
    for index in range(len(blocks) - 1, -1, -1):
        if isinstance(blocks[index], Gap):
            return blocks[:index], blocks[index + 1 :]
        if isinstance(blocks[index], Keypad):
            return blocks[:index], blocks[index:]
    return blocks, ()


def _body(
    screen: Screen, look: Look, head: tuple[Block, ...], tail: tuple[Block, ...], pager: list[Box] | None = None
) -> Column | Reach:
    boxes: list[Box] = []
    if screen.steps:
        boxes.append(frame.steps(look, screen.steps))
    if screen.backdrop:
        boxes.append(_welcome(look, screen))
    elif not (screen.blocks and isinstance(screen.blocks[0], Result)):
        boxes.append(frame.title(look, screen))
    if look.low and not screen.backdrop:
        told, touched = parted(head)
        said, last = parted(tail)
        boxes += [widget(look, block) for block in (*told, *said)]
        return Reach(boxes, [widget(look, b) for b in touched], [widget(look, b) for b in last], look.gap("gap"))
    boxes += [widget(look, block) for block in head]
    boxes += pager or []
    if tail:
        boxes.append(Space(0, grow=1.0))
        boxes += [widget(look, block) for block in tail]
    return Column(boxes, look.gap("gap"))


def _welcome(look: Look, screen: Screen) -> Box:
    """The large words of standby, in the upper half."""
    words: list[Box] = [Drawn(lambda _: [], height=look.theme.px(62 * min(look.tight, 1.6 * look.tight - 0.6)))]
    words.append(Label(look, screen.title, "display", bold=True, title=True))
    words += [Label(look, line, "section", colour="ink2") for line in screen.subtitle.split("\n") if line]
    return Column(words, look.theme.px(3))


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
    pager = [_pager(look, 0, 2)] if not _strip(screen, look) else []
    for piece in (p for block in head for p in _pieces(block)):
        grown = _joined(current, piece)
        if current and not _fits(_body(screen, look, grown, tail, pager), room) and len(turns) < MAX_TURNS:
            held = current[-1:] if len(current) > 1 and isinstance(current[-1], Heading) else ()
            turns.append(current[: len(current) - len(held)])
            grown = (*held, piece)
        current = grown
    return (*turns, current)


def _pieces(block: Block) -> list[Block]:
    """The parts that may stand on different turns."""
    if isinstance(block, Items):
        return [Items((item,)) for item in block.items]
    if isinstance(block, Rows):
        return [replace(block, rows=(row,), title=block.title if i == 0 else "") for i, row in enumerate(block.rows)]
    if isinstance(block, Table):
        return [
            replace(block, records=(record,), title=block.title if i == 0 else "")
            for i, record in enumerate(block.records)
        ]
    if isinstance(block, Tiles):
        step = block.columns
        return [replace(block, tiles=block.tiles[i : i + step]) for i in range(0, len(block.tiles), step)]
    return [block]


def _joined(blocks: tuple[Block, ...], piece: Block) -> tuple[Block, ...]:
    """`piece` after `blocks`, in one card or list with what it was cut from."""
    last = blocks[-1] if blocks else None
    if isinstance(last, Items) and isinstance(piece, Items):
        return (*blocks[:-1], Items(last.items + piece.items))
    if isinstance(last, Rows) and isinstance(piece, Rows) and not piece.title:
        return (*blocks[:-1], replace(last, rows=last.rows + piece.rows))
    if isinstance(last, Table) and isinstance(piece, Table) and not piece.title and last.columns == piece.columns:
        return (*blocks[:-1], replace(last, records=last.records + piece.records))
    if isinstance(last, Tiles) and isinstance(piece, Tiles) and last.columns == piece.columns:
        return (*blocks[:-1], replace(last, tiles=last.tiles + piece.tiles))
    return (*blocks, piece)
