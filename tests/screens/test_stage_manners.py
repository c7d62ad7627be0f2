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
from screens.compose import WHOLE
from screens.dimming import BRIGHT, PATH, WOKEN_S, Dimming
from screens.live import CHINA
from screens.one_pygame import TwoPygames, check_one_pygame
from screens.paint import shapes
from screens.paint.shapes import Shapes
from screens.samples import samples
from screens.screen import Reply
from screens.stage import LONGEST_SLEEP_S, Stage
from screens.touching import PRESS_SHOWN_S
from screens.type import Typeface
from screens.window import Window, WindowPlan

ZH = samples("zh", "standard")
SOON_S = 0.1
"""A touch is answered on the panel within this."""


def _at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 21, hour, minute, tzinfo=CHINA)


def _touched_until_painted(stage: Stage) -> float:
    """Seconds from a finger on the first tile to the tile's changed pixel."""
    assert stage.sheet is not None
    target = next(t for t in stage.sheet.targets if t.enabled and t.reply.key in ("field", "service"))
    x, y = target.rect.x + 12, target.rect.centre[1]
    calm = tuple(stage._surface.get_at((x, y)))
    began = time.monotonic()
    stage.touch(x, y, "down")
    while tuple(stage._surface.get_at((x, y))) == calm:
        assert time.monotonic() - began < 5, "the press was never painted"
        time.sleep(0.0005)
    took = time.monotonic() - began
    stage.touch(1, 1, "up")
    while tuple(stage._surface.get_at((x, y))) != calm:
        assert time.monotonic() - began < 5
        time.sleep(0.0005)
    return took


@pytest.mark.parametrize("kind", ["blocked", "busy"])
def test_a_touch_shows_at_once_while_the_core_does_not_answer(kind: str) -> None:
    """The core's loop is stuck, or computes without a pause: neither keeps the finger waiting."""
    end = threading.Event()
    loop = asyncio.new_event_loop()

    def core() -> None:
        if kind == "blocked":
            loop.call_soon(lambda: end.wait(20))
            loop.call_later(0.01, loop.stop)
            loop.run_forever()
        else:
            while not end.is_set():
                sum(range(2000))

    stage = Stage(WindowSettings(headless=True), on_reply=lambda r: loop.call_soon_threadsafe(print, r) and None)
    painted = threading.Event()
    stage.painted = painted.set
    threads = [threading.Thread(target=core), threading.Thread(target=stage.run)]
    stage.show(replace(ZH["home"], countdown=None))
    for thread in threads:
        thread.start()
    try:
        assert painted.wait(10)
        assert min(_touched_until_painted(stage) for _ in range(5)) < SOON_S
    finally:
        end.set()
        stage.close()
        for thread in threads:
            thread.join(10)
        loop.close()


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
    desk.stage._dimming = Dimming(ScreenSettings(dim_level=0.5))
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
