"""A lying panel: title and what is read first on the left, the rest and what is done next on the right.

A page is read down the left column and then down the right one. Keypads and actions stand at the foot of the right
column, fields beside their keypad, pictures beside the words that explain them. Lists are cut only where blocks alone
do not fit; a table never stands in both columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from screens import frame
from screens.keypad_keys import KEYBOARDS
from screens.layout import Box, Column, Space
from screens.look import Look
from screens.marks import Rect
from screens.pieces import pieces, together
from screens.reach import is_touched, parted
from screens.screen import (
    Actions,
    Block,
    Candidates,
    Figure,
    Heading,
    Ink,
    Keypad,
    Picture,
    Preview,
    Qr,
    Result,
    Screen,
    Table,
)
from screens.sheet import Sheet
from screens.widgets import widget

BETWEEN_MM = 9.0
"""White space between the columns."""
HALVES, KEYS_WIDE, TABLE_WIDE = 0.5, 0.4, 0.36
"""How much of the width the left column has: as a rule, beside a keyboard of letters, beside a table."""
WIDE_TABLE = 4
"""So many columns and more want the wide column."""
LOW_SHARES = (0.5, 0.4)
WIDER_SHARES = (0.58, 0.66, 0.42)
"""For one piece that is too high for half the width."""
NIGHT_SHARES = (0.5, 0.58, 0.64, 0.42)
SHOWN = (Picture, Preview, Qr)
"""What is looked at while the words beside it are read."""
UNEVEN, CUT, ALONE = 1.0, 0.3, 0.25
"""What speaks against a way to share the blocks out: unequal columns, a block that is cut, buttons that stand alone."""


@dataclass(frozen=True, slots=True)
class Split:
    """The left column's blocks, the right one's, and the left one's share of the width."""

    left: tuple[Block, ...]
    right: tuple[Block, ...]
    share: float


@dataclass(frozen=True, slots=True)
class _Stack:
    """One column: what is told from the top, what is touched under it (in low reach under the line), what is last."""

    look: Look
    title: tuple[Box, ...]
    told: tuple[Block, ...]
    touched: tuple[Block, ...]
    last: tuple[Block, ...]


@dataclass(slots=True)
class Spread:
    """Two columns on a lying panel for one screen at one tightness; every block is made and measured once."""

    look: Look
    screen: Screen
    tail: tuple[Block, ...]
    room: Rect
    pager: int = 0
    """Height of the pager, 0 where none stands in the page."""
    _known: dict[tuple[Block, int], tuple[Box, int]] = field(default_factory=dict)
    _looks: dict[int, Look] = field(default_factory=dict)
    _titles: dict[int, Box] = field(default_factory=dict)
    _steps_high: int | None = None

    def split(self, head: tuple[Block, ...], *, cut: bool) -> Split | None:
        """The best way to share `head` out; None when it does not fit. `cut`: lists may be cut."""
        if self.screen.backdrop:
            ways = (Split((), self._told_at_night(head), share) for share in NIGHT_SHARES)
            return next((way for way in ways if self._cost(way) is not None), None)
        if self.look.low:
            return next((s for s in self._low(head) if self._cost(s) is not None), None)
        shown = self._if_fits(self._beside(head)) or self._if_fits(self._beside(head, Figure))
        return shown or self._balanced(self._parts(head) if cut else list(head), cut=cut)

    def wider(self, piece: Block) -> Split | None:
        """A turn with `piece` alone, which is too high for half the width, in a wider column."""
        ways = (
            Split(left, right, share)
            for share in WIDER_SHARES
            for left, right in (((piece,), ()), ((), (piece,)))
            if left or not isinstance(piece, Result)  # the result is the page's title
        )
        return next((way for way in ways if self._cost(way) is not None), None)

    def place(self, split: Split, pager: Sequence[Box], sheet: Sheet) -> None:
        """Lay the columns out."""
        gap, room = self.look.gap("gap"), self.room
        top = room.y
        if self.screen.steps:
            steps = frame.steps(self.look, self.screen.steps)
            high = steps.height(room.w)
            steps.place(Rect(room.x, top, room.w, high), sheet)
            top += high + gap
        left, right = self._stacks(split)
        self._place(left, Rect(room.x, top, left.look.wide, room.bottom - top), [], sheet)
        x = room.right - right.look.wide
        self._place(right, Rect(x, top, right.look.wide, room.bottom - top), pager, sheet)

    def _place(self, stack: _Stack, rect: Rect, pager: Sequence[Box], sheet: Sheet) -> None:
        look, gap = stack.look, self.look.gap("gap")
        above: list[Box] = [*stack.title, *(self._made(look, b)[0] for b in stack.told)]
        under: list[Box] = [self._made(look, b)[0] for b in stack.touched]
        last: list[Box] = [*pager, *(self._made(look, b)[0] for b in stack.last)]
        if last or (look.night and not stack.title):
            under = [*under, Space(0, grow=1.0), *last] if last else [Space(0, grow=1.0), *above]
            above = above if last else []
        if not (look.low and not look.night):
            Column([*above, *under], gap).place(rect, sheet)
            return
        told = Column(above, gap)
        high = told.height(rect.w)
        at = max(look.panel.reach_line, rect.y + high + gap if above else rect.y)
        told.place(Rect(rect.x, rect.y, rect.w, max(high, at - gap - rect.y) if not under else high), sheet)
        if under:
            Column(under, gap).place(Rect(rect.x, at, rect.w, rect.bottom - at), sheet)

    def crowded(self, head: tuple[Block, ...]) -> Split:
        """Everything in two columns, though it does not fit: shown, and reported by what it overflows."""
        if self.screen.backdrop:
            return Split((), self._told_at_night(head), HALVES)
        return Split(head, (), HALVES)

    # Sharing out

    def _told_at_night(self, head: tuple[Block, ...]) -> tuple[Block, ...]:
        return tuple(b for b in (*head, *self.tail) if not isinstance(b, Actions))

    def _beside(self, head: tuple[Block, ...], *also: type[Block]) -> Split | None:
        """Words on the left, the picture that they explain and what is touched (and `also`) on the right."""
        if not any(map(_is_shown, head)):
            return None
        words = tuple(b for b in head if not _is_shown(b) and not is_touched(b) and not isinstance(b, also))
        others = tuple(b for b in head if _is_shown(b) or is_touched(b) or isinstance(b, also))
        return Split(words, others, self._share(head))

    def _balanced(self, parts: list[Block], *, cut: bool) -> Split | None:
        """In the order of the page, both columns about equally high."""
        share = self._share(parts)
        last = next((at for at, b in enumerate(parts) if isinstance(b, Candidates | Ink) or _is_shown(b)), len(parts))
        best: tuple[float, Split] | None = None
        for at in range(last + 1) if not cut else self._crossing(parts, share, last):
            if isinstance(parts[at - 1], Heading) if at else bool(parts) and isinstance(parts[0], Result):
                continue  # a heading goes with what it is over; the result is the page's title
            split = Split(together(parts[:at]), together(parts[at:]), share)
            cost = self._cost(split)
            if cost is None:
                continue
            if cut and 0 < at < len(parts) and len(together(parts[at - 1 : at + 1])) == 1:
                cost += CUT
            if best is None or cost < best[0]:
                best = cost, split
        return best[1] if best else None

    def _low(self, head: tuple[Block, ...]) -> Iterator[Split]:
        """What is told on the left, what is touched on the right; where that does not fit, as it fits."""
        told, touched = parted(head)
        shares = LOW_SHARES if self._share(head) == HALVES else (self._share(head),)
        for share in shares:
            yield Split(told, touched, share)
        beside = self._beside(head)
        if beside is not None:
            yield beside
        for share in shares:
            parts = [*told, *self._parts(touched)]
            evenly = sorted(range(len(told), len(parts) + 1), key=lambda at: abs(2 * at - len(told) - len(parts)))
            for at in range(len(parts), -1, -1) if len(told) > 1 else evenly:
                if not (at and isinstance(parts[at - 1], Heading)):
                    yield Split(together(parts[:at]), together(parts[at:]), share)

    def _parts(self, blocks: tuple[Block, ...]) -> list[Block]:
        look = self.look.in_column(self._wide() // 2)
        return [p for b in blocks for p in ([b] if isinstance(b, Table) else pieces(look, b))]

    def _if_fits(self, split: Split | None) -> Split | None:
        return split if split is not None and self._cost(split) is not None else None

    # Measuring

    def _stacks(self, split: Split) -> tuple[_Stack, _Stack]:
        """Either column of `split`."""
        left = round(self._wide() * split.share)
        looks = self._column(left), self._column(self._wide() - left)
        title = tuple(self._title(looks[0], split))
        if self.screen.backdrop:
            does = tuple(b for b in self.tail if isinstance(b, Actions))
            return _Stack(looks[0], title, split.left, (), does), _Stack(looks[1], (), split.right, (), ())
        if not self.look.low:
            return _Stack(looks[0], title, split.left, (), ()), _Stack(looks[1], (), split.right, (), self.tail)
        return (
            _Stack(looks[0], title, *parted(split.left), ()),
            _Stack(looks[1], (), *parted(split.right), self.tail),
        )

    def _cost(self, split: Split) -> float | None:
        """What speaks against `split`; None when it does not fit."""
        top = self.room.y + self._steps()
        high = self.room.bottom - top
        left, right = self._stacks(split)
        highs = self._high(left, top, 0), self._high(right, top, self.pager)
        if max(highs) > high:
            return None
        cost = UNEVEN * abs(highs[0] - highs[1]) / high
        if self.tail and not split.right and split.left:
            cost += ALONE if all(isinstance(b, Actions) for b in self.tail) else 0
        return cost

    def _high(self, stack: _Stack, top: int, pager: int) -> int:
        """How high a column is from `top`."""
        look, gap = stack.look, self.look.gap("gap")
        above = [*(box.height(look.wide) for box in stack.title), *(self._one(look, b) for b in stack.told)]
        under = [self._one(look, b) for b in stack.touched]
        last = [*([pager] if pager else []), *(self._one(look, b) for b in stack.last)]
        under += [0, *last] if last else []  # the white between
        if not (look.low and not look.night):
            every = [*above, *under]
            return sum(every) + gap * max(0, len(every) - 1)
        told = sum(above) + gap * max(0, len(above) - 1)
        if not under:
            return told
        return max(look.panel.reach_line - top, told + gap if above else 0) + sum(under) + gap * (len(under) - 1)

    def _one(self, look: Look, block: Block) -> int:
        return self._made(look, block)[1]

    def _made(self, look: Look, block: Block) -> tuple[Box, int]:
        """The widget for `block` in this column, and how high it is."""
        key = (block, look.wide)
        known = self._known.get(key)
        if known is None:
            box = widget(look, block)
            known = self._known[key] = box, box.height(look.wide)
        return known

    def _column(self, wide: int) -> Look:
        known = self._looks.get(wide)
        if known is None:
            known = self._looks[wide] = self.look.in_column(wide)
        return known

    def _steps(self) -> int:
        if self._steps_high is None:
            steps = self.screen.steps
            high = frame.steps(self.look, steps).height(self.room.w) + self.look.gap("gap") if steps else 0
            self._steps_high = high
        return self._steps_high

    def _title(self, look: Look, split: Split) -> list[Box]:
        if not self.screen.backdrop and split.left and isinstance(split.left[0], Result):
            return []
        known = self._titles.get(look.wide)
        if known is None:
            make = frame.welcome if self.screen.backdrop else frame.title
            known = self._titles[look.wide] = make(look, self.screen)
        return [known]

    def _wide(self) -> int:
        """The width of both columns together."""
        return self.room.w - self.look.theme.px(BETWEEN_MM)

    def _share(self, head: Sequence[Block]) -> float:
        if any(isinstance(b, Keypad) and (b.kind == "text" or b.kind in KEYBOARDS) for b in (*head, *self.tail)):
            return KEYS_WIDE
        return TABLE_WIDE if any(isinstance(b, Table) and _is_shown(b) for b in head) else HALVES

    def _crossing(self, parts: list[Block], share: float, last: int) -> list[int]:
        """The cuts around the one where both columns are about equally high."""
        top, low, high = self.room.y + self._steps(), 0, last
        while low < high:
            middle = (low + high) // 2
            left, right = self._stacks(Split(together(parts[:middle]), together(parts[middle:]), share))
            if self._high(left, top, 0) < self._high(right, top, self.pager):
                low = middle + 1
            else:
                high = middle
        return [at for at in range(low - 2, low + 3) if 0 <= at <= last]


def _is_shown(block: Block) -> bool:
    """Whether it stands at the right of the words that go with it."""
    return isinstance(block, SHOWN) or (isinstance(block, Table) and len(block.columns) >= WIDE_TABLE)
