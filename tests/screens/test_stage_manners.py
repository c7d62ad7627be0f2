"""How the stage behaves under load and at rest: quick to answer, small repaints, bounded caches, dim at night."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pygame
import pytest
from test_stage import Desk

from config.dimming import ScreenSettings
from config.panel import Panel
from config.settings import WindowSettings
from screens import type as typing_of_words
from screens.compose import WHOLE, compose, look_for, plan
from screens.dimming import BRIGHT, PATH, WOKEN_S, Dimming
from screens.live import CHINA
from screens.marks import changed
from screens.one_pygame import TwoPygames, check_one_pygame
from screens.paint import shapes
from screens.paint.shapes import Shapes
from screens.pressing import with_press
from screens.samples import samples
from screens.screen import Mode, Reply
from screens.stage import LONGEST_SLEEP_S, Stage
from screens.touching import PRESS_SHOWN_S
from screens.type import Typeface
from screens.window import Window, WindowPlan

ZH = samples("zh", "standard")


def _at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 21, hour, minute, tzinfo=CHINA)


def test_a_press_is_painted_before_the_core_hears_of_anything() -> None:
    """The core never answers: the pixels of the press are there when it is first told of anything."""
    desk = Desk()
    desk.show(replace(ZH["home"], countdown=None))
    desk.pass_time(1)
    sheet = desk.stage.sheet
    assert sheet is not None
    target = next(t for t in sheet.targets if t.enabled and t.reply.key in ("field", "service"))
    at = target.rect.x + 12, target.rect.centre[1]
    calm = tuple(desk.stage._surface.get_at(at))
    seen: list[tuple[Reply, bool]] = []

    def never_answers(reply: Reply) -> None:
        seen.append((reply, tuple(desk.stage._surface.get_at(at)) != calm))
        raise TimeoutError("the core is stuck")

    desk.stage.on_reply = never_answers
    desk.stage.touch(*at, "down")
    desk.stage.turn()
    assert tuple(desk.stage._surface.get_at(at)) != calm
    assert seen == [], "a finger that is down has said nothing yet"
    desk.stage.touch(*at, "cancel")
    desk.stage.turn()
    assert tuple(desk.stage._surface.get_at(at)) == calm
    desk.stage.touch(*at)
    with pytest.raises(TimeoutError, match="stuck"):
        desk.stage.turn()
    assert seen == [(target.reply, True)]


@pytest.mark.parametrize("kind", ["blocked", "busy"])
def test_a_touch_is_answered_while_the_core_is_stuck_or_computes(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long the core's thread takes: the press stands after one turn of the stage, which never waits for it."""
    end = threading.Event()
    loop = asyncio.new_event_loop()

    def core() -> None:
        if kind == "blocked":
            loop.call_soon(end.wait)
            loop.call_soon(loop.stop)
            loop.run_forever()
        while not end.is_set():
            sum(range(2000))

    stage = Stage(WindowSettings(headless=True), on_reply=lambda _: None)
    turns, painted, pressed = [0], threading.Event(), threading.Event()
    at: list[int] = []
    turn = stage.turn

    def counted() -> None:
        turn()
        turns[0] += 1
        if at and stage.sheet is not None and stage.sheet.pressed is not None and stage.last_paint:
            at[:] = [turns[0] - at[0]]
            pressed.set()

    monkeypatch.setattr(stage, "turn", counted)
    stage.painted = painted.set
    threads = [threading.Thread(target=core), threading.Thread(target=stage.run)]
    stage.show(replace(ZH["home"], countdown=None))
    for thread in threads:
        thread.start()
    try:
        assert painted.wait(10)
        assert stage.sheet is not None
        target = next(t for t in stage.sheet.targets if t.enabled and t.reply.key in ("field", "service"))
        at.append(turns[0])
        stage.touch(*target.rect.centre, "down")
        assert pressed.wait(10)
        assert at[0] <= 2, "the turn under way when the finger came, and the next"
    finally:
        end.set()
        stage.close()
        for thread in threads:
            thread.join(10)
        loop.close()


@pytest.mark.parametrize("mode", ["standard", "low-elder"])
def test_a_press_looks_as_if_the_page_were_laid_out_with_it(mode: Mode) -> None:
    """First and last target of every page: laid alone, the same marks as in the whole layout."""
    face, pressed = Typeface(), 0
    for name, screen in samples("zh", mode).items():
        look = look_for(screen, face)
        planned = plan(screen, look)
        calm = compose(screen, look, planned)
        assert with_press(calm, None) is calm
        rects = [target.rect for target in calm.targets if target.enabled]
        for rect in {rects[0], rects[-1]} if rects else ():
            whole, alone = compose(screen, look, planned, pressed=rect), with_press(calm, rect)
            assert alone.marks == whole.marks, name
            assert (alone.nodes, alone.targets, alone.pressed) == (whole.nodes, whole.targets, rect)
            assert set(changed(calm.marks, whole.marks)) == set(alone.differs), name
            pressed += 1
    assert pressed > 150


def test_a_press_costs_a_fraction_of_a_layout() -> None:
    """By count, not by time: the page is laid out once for any number of presses."""
    desk = Desk()
    desk.show(replace(ZH["home"], countdown=None))
    desk.pass_time(1)
    calm = desk.stage.sheet
    assert calm is not None
    for target in [t for t in calm.targets if t.enabled]:
        desk.stage.touch(*target.rect.centre, "down")
        desk.stage.turn()
        assert desk.stage.sheet is not None
        assert desk.stage.sheet.calm is calm
        desk.stage.touch(1, 1, "up")
        desk.stage.turn()
        assert desk.stage.sheet is calm


def test_at_rest_it_wakes_no_more_than_its_heart_beats(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(WindowSettings(headless=True), on_reply=lambda reply: None)
    turns: list[float] = []
    turn = stage.turn

    def counted() -> None:
        turns.append(time.monotonic())
        turn()

    monkeypatch.setattr(stage, "turn", counted)
    stage.show(replace(ZH["standby"], countdown=None))
    thread = threading.Thread(target=stage.run)
    thread.start()
    time.sleep(0.8)
    stage.close()
    thread.join(5)
    assert len(turns) <= 0.8 / LONGEST_SLEEP_S + 4


def test_a_tap_repaints_its_target_and_nothing_else() -> None:
    """Painted pixels a tap, over every target of the home page: never more than a target's own."""
    desk = Desk()
    desk.show(replace(ZH["home"], countdown=None))
    desk.pass_time(1)
    assert desk.stage.sheet is not None
    for target in desk.stage.sheet.targets:
        if not target.enabled:
            continue
        desk.stage.touch(*target.rect.centre, "down")
        desk.stage.turn()
        own = target.rect.w * target.rect.h / (WHOLE.w * WHOLE.h)
        assert 0 < desk.share <= 1.5 * own + 0.002, target
        desk.stage.touch(1, 1, "up")
        desk.stage.turn()
        desk.pass_time(PRESS_SHOWN_S)


def test_frames_are_dropped_never_queued() -> None:
    desk = Desk()
    desk.show(ZH["face"])
    for shade in range(10):
        desk.stage.preview(bytes([shade * 20] * 3) * (160 * 120), 160, 120)
    desk.stage.turn()
    picture = desk.stage._painter.picture
    assert picture is not None
    assert picture.get_at((5, 5))[0] == 180
    desk.stage.turn()
    assert desk.stage.last_paint == []


def test_lines_icons_and_shapes_keep_to_their_bounds() -> None:
    face, drawn = Typeface(), Shapes()
    for number in range(60):
        face.line(f"第 {number} 行，写得很长很长很长很长很长", 60, (1, 2, 3))
        face.icon(0xE88A, 40 + number, (1, 2, number))
        drawn.corners(100 + number, (number, 0, 0), None, 2)
    assert 0 < face.cached_bytes <= typing_of_words.CACHE_BYTES
    held = sum(p.get_width() * p.get_height() * 4 for p in face._pictures.values())
    assert held == face.cached_bytes
    assert 0 < drawn._bytes <= shapes.CACHE_BYTES
    face.wipe()
    assert face.cached_bytes == 0
    assert not face._pictures
    assert not face._face_of


# At night


@pytest.mark.parametrize(
    ("hour", "level"), [(21, BRIGHT), (22, 140), (23, 140), (0, 140), (5, 140), (6, BRIGHT), (12, BRIGHT)]
)
def test_standby_is_dimmed_by_the_clock(hour: int, level: int) -> None:
    dimming = Dimming(ScreenSettings())
    assert dimming.level(ZH["standby"], _at(hour), 0) == level
    assert dimming.level(ZH["home"], _at(hour), 0) == BRIGHT


def test_the_same_hour_twice_never_dims_and_a_day_may_be_dimmed() -> None:
    never, day = ScreenSettings(dim_from="08:00", dim_to="08:00"), ScreenSettings(dim_from="12:00", dim_to="14:00")
    assert {Dimming(never).level(ZH["standby"], _at(h), 0) for h in range(24)} == {BRIGHT}
    dimmed = [h for h in range(24) if Dimming(day).level(ZH["standby"], _at(h), 0) < BRIGHT]
    assert dimmed == [12, 13]


def test_dimmed_pixels_are_that_much_darker_and_a_touch_makes_them_bright_and_counts() -> None:
    desk = Desk()
    desk.wall = _at(23)
    bright = Desk()
    bright.wall = desk.wall
    bright.show(ZH["standby"])
    desk.stage._canvas.dimming = Dimming(ScreenSettings(dim_level=0.5))
    desk.show(ZH["standby"])
    at = (540, 1500)
    full, dark = bright.stage._surface.get_at(at), desk.stage._surface.get_at(at)
    assert all(abs(d - f * 128 / 255) <= 2 for f, d in zip(full[:3], dark[:3], strict=True))
    desk.wall += timedelta(minutes=1)
    desk.stage.turn()
    assert 0 < desk.share < 0.1, "the clock alone"
    assert desk.stage._surface.get_at(at) == dark
    desk.stage.touch(300, 300, "down")
    desk.stage.turn()
    assert desk.stage._surface.get_at(at) != dark
    desk.stage.touch(300, 300, "up")
    desk.stage.turn()
    assert desk.replies == [Reply("start")]
    desk.pass_time(WOKEN_S + 1)
    assert desk.stage._surface.get_at(at) == dark


def test_the_picture_of_standby_wanders_and_stays_near() -> None:
    dimming = Dimming(ScreenSettings())
    places = [dimming.shift(ZH["standby"], _at(3, minute)) for minute in range(len(PATH))]
    assert set(places) == set(PATH)
    assert all(max(abs(x), abs(y)) <= 4 for x, y in places)
    assert dimming.shift(ZH["home"], _at(3, 1)) == (0, 0)
    assert Dimming(ScreenSettings(shift=False)).shift(ZH["standby"], _at(3, 1)) == (0, 0)


def test_a_shifted_window_shows_the_whole_panel_moved_and_no_hole_at_its_edge() -> None:
    window = Window(WindowPlan(Panel(600, 700, (150.0, 175.0))))
    try:
        assert window.fit.exact
        panel = pygame.Surface((600, 700), 0, 32)
        panel.fill((9, 9, 9))
        panel.fill((200, 0, 0), (500, 500, 10, 10))
        window.shift = (4, -3)
        window.update(panel, [])
        shown = pygame.display.get_surface()
        assert shown is not None
        assert tuple(shown.get_at((504, 497)))[:3] == (200, 0, 0)
        assert tuple(shown.get_at((0, 699)))[:3] == (9, 9, 9)
    finally:
        window.close()


# Which pygame


def test_both_distributions_in_one_place_are_refused(tmp_path: Path) -> None:
    folder = tmp_path
    (folder / "pygame_ce-2.5.8.dist-info").mkdir()
    check_one_pygame(folder)
    (folder / "pygame_menu-4.5.2.dist-info").mkdir()
    check_one_pygame(folder)
    (folder / "pygame-2.6.1.dist-info").mkdir()
    with pytest.raises(TwoPygames, match=r"pygame-2\.6\.1 and pygame_ce-2\.5\.8 are both installed.*pip uninstall"):
        check_one_pygame(folder)


def test_here_there_is_one() -> None:
    check_one_pygame()
