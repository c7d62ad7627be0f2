"""Boxes: how rows, columns and grids share the room."""

from __future__ import annotations

import pytest

from screens.compose import _loosest
from screens.layout import Box, Column, Grid, Middle, Pad, Row, Sized, Space, Stack
from screens.marks import Fill, Rect, changed, merged
from screens.sheet import Sheet

RED = (255, 0, 0)


class Block(Box):
    """A box of a size that remembers where it was put."""

    def __init__(self, w: int, h: int, grow: float = 0.0) -> None:
        self.w, self.h, self.grow = w, h, grow
        self.rect = Rect(0, 0, 0, 0)

    def width(self) -> int:
        return self.w

    def height(self, width: int) -> int:
        return self.h

    def place(self, rect: Rect, sheet: Sheet) -> None:
        self.rect = rect


def test_a_column_gives_spare_room_to_who_grows() -> None:
    a, b, c = Block(10, 20), Block(10, 20, grow=1), Block(10, 20)
    Column([a, b, c], 5).place(Rect(0, 0, 100, 200), Sheet())
    assert (a.rect, b.rect, c.rect) == (Rect(0, 0, 100, 20), Rect(0, 25, 100, 150), Rect(0, 180, 100, 20))


def test_a_column_that_is_too_high_says_so() -> None:
    sheet = Sheet()
    Column([Block(10, 80), Block(10, 80)]).place(Rect(0, 0, 100, 100), sheet)
    assert sheet.overflows == ["60 px too high for 100"]


def test_a_row_shares_by_weight_and_centres() -> None:
    a, b, c = Block(50, 20), Block(0, 40, grow=1), Block(0, 10, grow=3)
    Row([a, b, c], 10).place(Rect(0, 0, 270, 40), Sheet())
    assert (a.rect, b.rect, c.rect) == (Rect(0, 10, 50, 20), Rect(60, 0, 50, 40), Rect(120, 15, 150, 10))


def test_in_a_narrow_row_fixed_sizes_stay() -> None:
    icon, words = Block(40, 10), Block(300, 10)
    Row([Sized(icon, width=40), words], 10).place(Rect(0, 0, 150, 10), Sheet())
    assert (icon.rect.w, words.rect.w) == (40, 100)


def test_a_spacer_is_pushed_out_before_words_shrink() -> None:
    a, b = Block(60, 10), Block(60, 10)
    Row([a, Space(0, grow=1), b]).place(Rect(0, 0, 130, 10), Sheet())
    assert (a.rect.w, b.rect.right) == (60, 130)


def test_a_grid_covers_the_width_exactly() -> None:
    cells = [Block(10, 30) for _ in range(5)]
    Grid(cells, 3, 7).place(Rect(3, 0, 101, 67), Sheet())
    assert cells[0].rect.x == 3
    assert cells[2].rect.right == 104
    assert cells[3].rect.y == 37
    assert len({c.rect.h for c in cells}) == 1


def test_pad_middle_stack() -> None:
    inner = Block(20, 10)
    Stack([Pad(Middle(inner), 10, 5)]).place(Rect(0, 0, 100, 60), Sheet())
    assert inner.rect == Rect(40, 25, 20, 10)


def test_only_what_differs_is_painted_again() -> None:
    same, old, new = (Fill(Rect(0, 0, 9, 9), RED), Fill(Rect(50, 50, 9, 9), RED), Fill(Rect(500, 50, 9, 9), RED))
    assert sorted(changed([same, old], [same, new])) == [old.rect, new.rect]
    assert changed([same], [same]) == []


def test_rectangles_are_merged_without_losing_any() -> None:
    many = [Rect(x * 90, y * 90, 20, 20) for x in range(10) for y in range(10)]
    out = merged(many)
    assert len(out) <= 10
    assert all(any(o.covers(r) for o in out) for r in many)
    assert merged([Rect(0, 0, 10, 10), Rect(5, 5, 10, 10)]) == [Rect(0, 0, 15, 15)]
    assert merged([Rect(0, 0, 0, 5)]) == []


@pytest.mark.parametrize("fits_from", range(8))
def test_the_loosest_that_fits_is_found_with_few_tries(fits_from: int) -> None:
    tights = (1.3, 1.15, 1.0, 0.8, 0.65, 0.5)
    tried: list[float] = []

    def fit(tight: float) -> float | None:
        tried.append(tight)
        return tight if tights.index(tight) >= fits_from else None

    assert _loosest(tights, fit) == (tights[fits_from] if fits_from < len(tights) else None)
    assert len(tried) <= 5
