"""Writing with the finger on the stage: little is painted, fast; strokes are handed on, and blanked in every copy."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime

import pygame
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.settings import WindowSettings
from screens import ink
from screens.compose import WHOLE
from screens.live import CHINA
from screens.marks import Rect
from screens.mirror import BLANK, Mirror
from screens.pointer import Phase
from screens.samples import samples
from screens.screen import Ink, Reply, Screen
from screens.stage import Stage
from screens.touching import SETTLE_S

ZH = samples("zh", "standard")
SEGMENT_MS = 16.0


class Desk:
    """A stage whose clock stands still until it is told."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.replies: list[Reply] = []
        wall = datetime(2026, 11, 21, 20, 14, 30, tzinfo=CHINA)
        self.stage = Stage(
            WindowSettings(), clock=lambda: self.now, on_reply=self.replies.append, headless=True, wall=lambda: wall
        )

    def show(self, screen: Screen) -> None:
        self.stage.show(screen)
        self.stage.turn()

    @property
    def field(self) -> Rect:
        assert self.stage.sheet is not None
        assert self.stage.sheet.ink is not None
        return self.stage.sheet.ink.rect

    def point(self, across: float, down: float, phase: Phase) -> float:
        """At a share of the field; the milliseconds of processor time of the turn: the machine may be busy."""
        self.now += 0.02
        self.stage.touch(round(self.field.x + across * self.field.w), round(self.field.y + down * self.field.h), phase)
        began = time.thread_time()
        self.stage.turn()
        return (time.thread_time() - began) * 1000

    def dark(self, rect: Rect) -> int:
        """Dark pixels of the panel."""
        part = self.stage._surface.subsurface(rect.inset(30))
        return pygame.mask.from_threshold(part, (0, 0, 0), (70, 70, 90)).count()


@pytest.fixture
def desk() -> Desk:
    found = Desk()
    found.show(ZH["sign"])
    return found


def _with(screen: Screen, **changes: object) -> Screen:
    blocks = tuple(replace(b, **changes) if isinstance(b, Ink) else b for b in screen.blocks)  # type: ignore[arg-type]
    return replace(screen, blocks=blocks)


def test_a_stroke_is_drawn_as_it_comes_and_handed_on_when_the_finger_is_lifted(desk: Desk) -> None:
    desk.point(0.2, 0.3, "down")
    took, shares = [], []
    for step in range(1, 60):
        took.append(desk.point(0.2 + step * 0.01, 0.3 + step * 0.005, "move"))
        shares.append(sum(r.w * r.h for r in desk.stage.last_paint) / (WHOLE.w * WHOLE.h))
    assert desk.replies == []
    assert desk.dark(desk.field) > 1000
    assert max(shares) < 0.002, "only what changed is painted"
    took.sort()
    assert took[len(took) // 2] < SEGMENT_MS / 2, took
    assert took[-5] < SEGMENT_MS, took
    desk.point(0.8, 0.6, "up")
    (reply,) = desk.replies
    assert reply.key == "stroke"
    number, stroke = ink.read(reply.value) or (0, ())
    assert number == 1
    assert stroke[0][2] == 0
    assert stroke[-1][2] == pytest.approx(1200, abs=30)
    assert stroke[0][0] == pytest.approx(2000, abs=20)
    assert stroke[-1][0] == pytest.approx(8000, abs=20)
    desk.stage.turn()
    assert desk.dark(desk.field) > 1000, "it stays until the journey has it"


def test_the_page_takes_over_without_a_gap_and_takes_back(desk: Desk) -> None:
    for phase, across in (("down", 0.3), ("move", 0.5), ("up", 0.7)):
        desk.point(across, 0.5, phase)  # type: ignore[arg-type]  # the literals above
    number, stroke = ink.read(desk.replies[0].value) or (0, ())
    dark = desk.dark(desk.field)
    desk.show(_with(ZH["sign"], strokes=(stroke,), heard=number))
    assert desk.dark(desk.field) == pytest.approx(dark, rel=0.02)
    desk.point(0.4, 0.2, "tap")
    assert desk.dark(desk.field) > dark
    assert (ink.read(desk.replies[1].value) or (0, ()))[0] == number + 1
    desk.show(_with(ZH["sign"], heard=number + 1))
    assert desk.dark(desk.field) == 0


def test_a_finger_that_slides_out_writes_along_the_edge(desk: Desk) -> None:
    desk.point(0.5, 0.5, "down")
    desk.point(1.4, -2.0, "move")
    desk.point(2.0, 3.0, "up")
    _, stroke = ink.read(desk.replies[0].value) or (0, ())
    side = max(desk.field.w, desk.field.h)
    assert all(x <= desk.field.w * ink.UNIT // side and y <= desk.field.h * ink.UNIT // side for x, y, _ in stroke)


def test_another_page_a_wipe_or_a_cancel_forget_what_was_written(desk: Desk) -> None:
    for end in ("page", "wipe", "cancel"):
        desk.show(ZH["sign"])
        desk.point(0.3, 0.5, "down")
        desk.point(0.7, 0.5, "move")
        if end == "page":
            desk.show(ZH["review"])
            desk.show(ZH["sign"])
        elif end == "wipe":
            desk.stage.wipe()
            desk.stage.turn()
        else:
            desk.point(0.7, 0.5, "cancel")
        assert desk.dark(desk.field) == 0, end
        desk.point(0.8, 0.5, "move")
        desk.point(0.9, 0.5, "up")
    assert [r for r in desk.replies if r.key == "stroke"] == []


def test_a_real_finger_that_comes_down_with_the_page_writes_nothing(desk: Desk) -> None:
    """It was meant for the page before; the same finger a moment later writes."""
    from screens.pointer import Pointer

    desk.show(ZH["review"])
    desk.show(ZH["sign"])
    x, y = desk.field.centre
    for wait, strokes in ((0.0, 0), (SETTLE_S, 1)):
        desk.now += wait
        for phase in ("down", "up"):
            desk.stage._point(Pointer(x, y, phase))  # type: ignore[arg-type]  # the literals above
        assert len(desk.replies) == strokes


def test_buttons_beside_the_field_are_touched_as_ever(desk: Desk) -> None:
    assert desk.stage.sheet is not None
    target = desk.stage.sheet.find("done")
    assert target is not None
    desk.stage.touch(*target.rect.centre)
    desk.stage.turn()
    assert desk.replies == [Reply("done")]


def test_no_copy_of_the_screen_has_a_stroke(desk: Desk) -> None:
    mirror = Mirror(desk.stage, "127.0.0.1:0", "t")
    desk.stage.mirror = mirror
    desk.point(0.2, 0.5, "down")
    desk.point(0.8, 0.5, "move")
    assert desk.dark(desk.field) > 500
    shadow = mirror._shadow.subsurface(desk.field.inset(4))
    assert pygame.mask.from_threshold(shadow, BLANK, (3, 3, 3)).count() == shadow.get_width() * shadow.get_height()
    desk.stage.mirror = None
    assert mirror.page_message() is not None
    assert "2000," not in str(mirror.page_message())


def test_many_strokes_are_painted_in_time() -> None:
    desk = Desk()
    wave = tuple((200 + 150 * at, 1500 + (at % 7) * 200, at * 10) for at in range(60))
    began = time.thread_time()
    desk.show(_with(ZH["sign"], strokes=(wave,) * 40, heard=40))
    assert time.thread_time() - began < 1.5


POINTS = st.lists(st.tuples(st.integers(0, ink.UNIT), st.integers(0, ink.UNIT)), min_size=1, max_size=30)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, ink.MAX_NUMBER), POINTS)
def test_what_is_handed_on_is_read_back(number: int, points: list[tuple[int, int]]) -> None:
    stroke = tuple((x, y, at * 16) for at, (x, y) in enumerate(points))
    assert ink.read(ink.written(number, stroke)) == (number, stroke)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="0123456789,- x.²", max_size=40))
def test_what_is_no_stroke_is_nothing(value: str) -> None:
    found = ink.read(value)
    if found is not None:
        assert ink.read(ink.written(*found)) == found
        assert all(0 <= x <= ink.UNIT and 0 <= y <= ink.UNIT for x, y, _ in found[1])


@pytest.mark.parametrize(
    "value", ["", "1", "1 ", "x 1,1,1", "1 1,1", "1 1,1,1,1", "1 10001,0,0", "1 0,0,5 0,0,4", "1 ²,0,0"]
)
def test_strokes_beyond_the_rules_are_refused(value: str) -> None:
    assert ink.read(value) is None
    assert ink.read("1 " + "1,1,1 " * ink.MAX_POINTS + "1,1,1") is None
