"""Nothing flashes, nothing is told by its colour alone, paragraphs stand apart: for eyes that see colours otherwise."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from page_sheets import PANELS, sheets, typeface

from config.panel import ORIENTATIONS, Orientation, known_panels
from config.texts import texts
from drivers.cabinet.panel import HALF_PERIOD_S
from screens.compose import CUT_BLOCKS, TIGHT, TURNED, WHOLE_BLOCKS, compose, look_for, plan
from screens.gallery import DRAWN_AT
from screens.live import live_marks, until_tick
from screens.look import LEADING, TONE_ICONS
from screens.marks import Rect, Words
from screens.modes import MODES
from screens.samples import SHOWN_AT, samples
from screens.screen import (
    Action,
    Actions,
    Block,
    Choice,
    Field,
    Item,
    Items,
    Language,
    Mode,
    Notice,
    Option,
    Rating,
    Result,
    Screen,
    Step,
    Tile,
    Tiles,
)
from screens.widgets.lists import TICK

FLASHES_A_SECOND = 3
LABELS = ("很满意", "满意", "基本满意", "不满意", "很不满意")
ITEM, TILE = Item("pay", "水费", "water_drop", "55.80 元"), Tile("id", "身份证", "badge", "3 项")


# What moves by itself


def test_nothing_on_a_page_changes_more_often_than_once_a_second() -> None:
    """All that the stage draws between two pages is `live_marks`; in half a minute, looked at 20 times a second."""
    moved = 0
    for name, (screen, sheet) in sheets("zh", "standard").items():
        if sheet.busy is None and not name.startswith(("home", "standby", "pay", "attention")):
            continue
        seen, changes = None, []
        for step in range(30 * 20):
            now = SHOWN_AT + step / 20
            wall = DRAWN_AT + timedelta(seconds=step / 20)
            at = live_marks(sheet, typeface(), texts("zh"), wall, screen.countdown, now, SHOWN_AT)
            if seen is not None and at != seen:
                changes.append(now)
            seen = at
        moved += bool(changes)
        for start in changes:
            # A flash is a pair of changes, there and back: three of them in a second would be six.
            assert sum(start <= t < start + 1 for t in changes) < FLASHES_A_SECOND, name
        assert until_tick(screen, sheet, SHOWN_AT + 0.01) > 1 / FLASHES_A_SECOND, name
    assert moved >= 10


def test_no_lamp_blinks_faster_than_three_times_a_second() -> None:
    assert set(HALF_PERIOD_S) == {"slow", "quick"}
    assert max(1 / (2 * half) for half in HALF_PERIOD_S.values()) <= FLASHES_A_SECOND


# Paragraphs


@pytest.mark.parametrize("mode", MODES)
def test_paragraphs_stand_further_apart_than_lines(mode: Mode) -> None:
    """The white between paragraphs is at least 1.3 times that between lines, however tight the page is set."""
    for panel in known_panels().values():
        look = look_for(samples("zh", mode)["home"], typeface(), panel)
        for size in ("body", "note", "label", "section"):
            between_lines = (LEADING - 1) * look.size(size)
            for tight in {*TIGHT, *TURNED, *WHOLE_BLOCKS, *CUT_BLOCKS}:
                white = look.tighter(tight).gap("gap") + between_lines
                assert white >= 1.3 * between_lines, f"{panel}: {size} at {tight}"


# Colours


def _without_colours(part: Any) -> Any:
    """Marks as somebody sees them who sees no colours: figures, words, outlines by their width."""
    return [
        dataclasses.replace(
            mark,
            **{
                f.name: (0, 0, 0)
                for f in dataclasses.fields(mark)
                if f.init
                and (f.name in ("colour", "fill", "border", "track", "top", "middle", "bottom", "words"))
                and getattr(mark, f.name) is not None
            },
        )
        for mark in part
    ]


def _seen(block: Block, mode: Mode, orientation: Orientation) -> Any:
    screen = dataclasses.replace(samples("zh", mode)["field_page"], blocks=(block,), steps=())
    return _marks(screen, orientation)


def _marks(screen: Screen, orientation: Orientation) -> Any:
    look = look_for(screen, typeface(), PANELS[orientation])
    return _without_colours(compose(screen, look, plan(screen, look)).marks)


OPTIONS = (Option("a", "本人领取"), Option("b", "邮寄"))
STATES: dict[str, tuple[Block, Block]] = {
    "chosen": (Choice("c", "领取方式", OPTIONS, "a"), Choice("c", "领取方式", OPTIONS, "b")),
    "wrong choice": (Choice("c", "领取方式", OPTIONS), Choice("c", "领取方式", OPTIONS, error="请点一项")),
    "wrong field": (Field("f", "手机号码", "138"), Field("f", "手机号码", "138", error="还差 8 位")),
    "field in focus": (Field("f", "手机号码", "138"), Field("f", "手机号码", "138", focused=True)),
    "line that cannot be opened": (
        Items((ITEM,)),
        Items((dataclasses.replace(ITEM, enabled=False, reason="没有纸了"),)),
    ),
    "line ticked": (
        Items((dataclasses.replace(ITEM, icon=TICK),), "ticks"),
        Items((dataclasses.replace(ITEM, icon=""),), "ticks"),
    ),
    "tile that warns": (Tiles((TILE,), 1), Tiles((dataclasses.replace(TILE, tone="attention", badge="暂停"),), 1)),
    "rated": (Rating("评价", "", LABELS, 5), Rating("评价", "", LABELS, 1)),
    "notice": (
        Notice("请看这里", icon=TONE_ICONS["info"]),
        Notice("请看这里", icon=TONE_ICONS["fault"], tone="fault"),
    ),
    "result": (Result("办好了"), Result("办好了", tone="fault")),
    "primary action": (
        Actions((Action("a", "好"), Action("b", "不好"))),
        Actions((Action("a", "好", style="primary"), Action("b", "不好"))),
    ),
}
"""Two states of one thing, with as little else between them as the page can have."""


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("mode", ["standard", "elder", "low"])
@pytest.mark.parametrize("state", STATES)
def test_no_state_is_told_by_its_colour_alone(state: str, mode: Mode, orientation: Orientation) -> None:
    one, other = (_seen(block, mode, orientation) for block in STATES[state])
    assert one != other, state


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_the_step_at_hand_is_seen_without_colours(orientation: Orientation) -> None:
    plain = samples("zh", "standard")["form"]
    views = []
    for at in range(3):
        states = ["done"] * at + ["current"] + ["todo"] * (2 - at)
        steps = tuple(Step(f"第{n}步", state) for n, state in enumerate(states))  # type: ignore[arg-type]  # of this file
        views.append(_marks(dataclasses.replace(plain, steps=steps), orientation))
    assert views[0] != views[1]
    assert views[1] != views[2]


def test_every_tone_has_a_sign_of_its_own_beside_its_colour() -> None:
    assert len({TONE_ICONS[tone] for tone in ("info", "done", "attention", "fault")}) == 4


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("mode", ["standard", "elder", "low-elder"])
@pytest.mark.parametrize("language", ["zh", "en", "ko"])
def test_clock_and_countdown_have_their_place(language: Language, mode: Mode, orientation: Orientation) -> None:
    """What is drawn live stands on the panel, and on no other words."""
    whole = Rect(0, 0, *PANELS[orientation].size)
    for name in ("standby", "standby-limits", "home", "form", "working", "closed"):
        screen, sheet = sheets(language, mode, orientation)[f"{name}:0"]
        wall = DRAWN_AT + timedelta(days=6)
        live = live_marks(sheet, typeface(), texts(language), wall, screen.countdown, SHOWN_AT + 5, SHOWN_AT)
        words = [mark for mark in live if isinstance(mark, Words)]
        assert len(words) >= 2, name
        for one in words:
            assert whole.covers(one.rect), f"{name}: {one}"
            assert not any(isinstance(m, Words) and m.rect.touches(one.rect) for m in sheet.marks), f"{name}: {one}"
