"""A window of SDL's dummy driver: real events, scaling, letterbox."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pygame
import pytest

from config.settings import WindowSettings
from screens.marks import Rect
from screens.pointer import Adapter, Fit, Pointer
from screens.samples import samples
from screens.screen import Reply
from screens.stage import Stage
from screens.waiting import ConditionSleeper, PollSleeper, SdlSleeper, sleeper_for


def _event(kind: int, **values: Any) -> Any:
    return SimpleNamespace(type=kind, **values)


def test_the_panel_lies_in_the_middle_of_a_wide_window() -> None:
    fit = Fit((1920, 1080))
    assert not fit.exact
    assert (fit.size, fit.y) == ((608, 1080), 0)
    assert fit.panel(fit.x + 304, 540) == (540, 960)
    assert fit.rect(Rect(0, 0, 1080, 1920)).w >= 608
    assert Fit((1080, 1920)).exact


def test_mouse_and_finger_become_the_same_pointer() -> None:
    adapter = Adapter(Fit((540, 960)))
    down = _event(pygame.MOUSEBUTTONDOWN, pos=(100, 200), button=1, touch=False)
    finger = _event(pygame.FINGERDOWN, x=100 / 540, y=200 / 960, finger_id=7)
    assert adapter.pointer(down) == adapter.pointer(finger) == Pointer(200, 400, "down")


def test_what_sdl_makes_up_from_touches_is_dropped() -> None:
    adapter = Adapter(Fit((540, 960)))
    assert adapter.pointer(_event(pygame.MOUSEBUTTONDOWN, pos=(1, 1), button=1, touch=True)) is None
    assert adapter.pointer(_event(pygame.MOUSEBUTTONDOWN, pos=(1, 1), button=3, touch=False)) is None
    assert adapter.pointer(_event(pygame.MOUSEMOTION, pos=(1, 1), buttons=(0, 0, 0), touch=False)) is None
    assert adapter.pointer(_event(pygame.KEYUP)) is None


def test_a_second_finger_does_not_count() -> None:
    adapter = Adapter(Fit((1080, 1920)))
    first = {"x": 0.5, "y": 0.5, "finger_id": 1}
    second = {"x": 0.1, "y": 0.1, "finger_id": 2}
    kinds = [
        (pygame.FINGERDOWN, first),
        (pygame.FINGERDOWN, second),
        (pygame.FINGERUP, second),
        (pygame.FINGERMOTION, first),
        (pygame.FINGERUP, first),
        (pygame.FINGERDOWN, second),
    ]
    phases = [p.phase if (p := adapter.pointer(_event(kind, **at))) else None for kind, at in kinds]
    assert phases == ["down", None, None, "move", "up", "down"]


@pytest.mark.parametrize(("width", "height"), [(1080, 1920), (540, 960), (800, 600)])
def test_a_click_in_a_window_replies(width: int, height: int) -> None:
    now = [1000.0]
    replies: list[Reply] = []
    stage = Stage(WindowSettings(width=width, height=height), clock=lambda: now[0], on_reply=replies.append)
    stage._open()
    try:
        stage.show(samples("zh", "standard")["guide"])
        stage.turn()
        now[0] += 1
        target = stage.sheet.find("start") if stage.sheet else None
        assert target is not None
        assert stage._window is not None
        fit = stage._window.fit
        at = [round(o + c * fit.scale) for o, c in zip((fit.x, fit.y), target.rect.centre, strict=True)]
        for kind in (pygame.MOUSEBUTTONDOWN, pygame.MOUSEBUTTONUP):
            pygame.event.post(pygame.event.Event(kind, pos=at, button=1, touch=False))
        stage.turn()
        assert replies == [Reply("start")]
        display = pygame.display.get_surface()
        assert display is not None
        corner = (fit.x + round(20 * fit.scale), fit.y + fit.size[1] // 2)
        shown, drawn = display.get_at(corner), stage._surface.get_at((20, 960))
        assert all(abs(a - b) <= 4 for a, b in zip(shown, drawn, strict=True))  # smoothscale rounds
    finally:
        stage._window.close()


def test_closing_the_window_ends_the_stage() -> None:
    stage = Stage(WindowSettings(width=540, height=960), on_reply=lambda reply: None)
    stage.show(samples("zh", "standard")["home"])
    stage.painted = lambda: pygame.event.post(pygame.event.Event(pygame.QUIT))
    stage.run()
    assert not pygame.display.get_init()


def test_how_each_driver_sleeps() -> None:
    assert isinstance(sleeper_for(""), ConditionSleeper)
    assert isinstance(sleeper_for("dummy"), PollSleeper)
    assert isinstance(sleeper_for("KMSDRM"), PollSleeper)
    pygame.display.init()
    try:
        assert isinstance(sleeper_for("x11"), SdlSleeper)
    finally:
        pygame.display.quit()


@pytest.mark.parametrize("driver", ["", "dummy"])
def test_a_wake_from_another_thread_ends_a_sleep(driver: str) -> None:
    sleeper = sleeper_for(driver)
    threading.Timer(0.02, sleeper.wake).start()
    sleeper.sleep(5.0)
    sleeper.wake()
    sleeper.sleep(5.0)
