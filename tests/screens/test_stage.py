"""The stage without a display: showing, touching, painting only what changed, forgetting."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pygame
import pytest

from config.settings import WindowSettings
from screens import models as m
from screens import pages
from screens.compose import WHOLE
from screens.live import CHINA
from screens.marks import Rect
from screens.samples import place, samples
from screens.screen import Countdown, Reply, Screen
from screens.stage import Stage
from screens.touching import PRESS_SHOWN_S, SETTLE_S

ZH = samples("zh", "standard")


class Desk:
    """A stage whose clocks stand still until they are told."""

    def __init__(self, window: WindowSettings | None = None) -> None:
        self.now = 1_000.0
        self.wall = datetime(2026, 11, 21, 20, 14, 30, tzinfo=CHINA)
        self.replies: list[Reply] = []
        self.stage = Stage(
            window or WindowSettings(),
            clock=lambda: self.now,
            on_reply=self.replies.append,
            headless=True,
            wall=lambda: self.wall,
        )

    def show(self, screen: Screen) -> None:
        self.stage.show(screen)
        self.stage.turn()

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self.wall += timedelta(seconds=seconds)
        self.stage.turn()

    def touch(self, key: str, value: str = "", phase: str = "tap") -> None:
        assert self.stage.sheet is not None
        target = next(
            t for t in self.stage.sheet.targets if t.reply.key == key and (not value or t.reply.value == value)
        )
        self.stage.touch(*target.rect.centre, phase)  # type: ignore[arg-type]  # a literal in the tests
        self.stage.turn()

    @property
    def share(self) -> float:
        """How much of the panel the last turn painted."""
        return sum(r.w * r.h for r in self.stage.last_paint) / (WHOLE.w * WHOLE.h)

    def pixels(self, rect: Rect = WHOLE) -> bytes:
        return pygame.image.tobytes(self.stage._surface.subsurface(rect), "RGB")


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_a_page_is_painted_and_a_touch_replies(desk: Desk) -> None:
    painted = []
    desk.stage.painted = lambda: painted.append(desk.stage.seq)
    desk.show(ZH["guide"])
    assert painted == [1]
    assert desk.share == 1.0
    desk.touch("start")
    assert desk.replies == [Reply("start")]
    desk.stage.turn()
    assert painted == [1]


def test_nothing_on_what_is_disabled(desk: Desk) -> None:
    desk.show(ZH["guide-unavailable"])
    before = desk.pixels()
    desk.touch("start")
    assert desk.replies == []
    assert desk.pixels() == before


def test_nothing_beside_a_target(desk: Desk) -> None:
    desk.show(ZH["guide"])
    desk.stage.touch(2, 900)
    desk.stage.turn()
    assert desk.replies == []


def test_standby_starts_anywhere(desk: Desk) -> None:
    desk.show(ZH["standby"])
    desk.stage.touch(300, 300)
    desk.stage.turn()
    assert desk.replies == [Reply("start")]


def test_a_press_shows_at_once_and_only_there(desk: Desk) -> None:
    desk.show(ZH["guide"])
    desk.pass_time(SETTLE_S)
    sheet = desk.stage.sheet
    assert sheet is not None
    target = sheet.find("start")
    assert target is not None
    calm = desk.pixels(target.rect)
    desk.touch("start", phase="down")
    assert desk.pixels(target.rect) != calm
    assert all(target.rect.covers(r) for r in desk.stage.last_paint)
    assert desk.replies == []
    desk.touch("start", phase="up")
    assert desk.replies == [Reply("start")]
    desk.pass_time(PRESS_SHOWN_S + 0.01)
    assert desk.pixels(target.rect) == calm


def test_sliding_off_takes_the_press_back(desk: Desk) -> None:
    desk.show(ZH["guide"])
    before = desk.pixels()
    desk.touch("start", phase="down")
    desk.stage.touch(2, 900, "move")
    desk.stage.turn()
    assert desk.pixels() == before
    desk.stage.touch(2, 900, "up")
    desk.stage.turn()
    assert desk.replies == []


def test_lifting_on_another_target_is_nothing(desk: Desk) -> None:
    desk.show(ZH["consent"])
    desk.touch("agree", phase="down")
    desk.touch("decline", phase="up")
    assert desk.replies == []


def test_typing_a_digit_repaints_a_small_part(desk: Desk) -> None:
    def form(phone: str) -> Screen:
        field = m.FormField("phone", "手机号码", phone, hint="还差 3 位")
        known = (m.Known("姓名", "张*荣", "card"),)
        return pages.form(place("zh", "standard", "fill"), m.Form("换领", known, (field,), "phone", "phone", False))

    desk.show(form("138 0631 2"))
    desk.touch("key", "5")
    assert desk.replies == [Reply("key", "5")]
    desk.pass_time(PRESS_SHOWN_S + 0.01)
    desk.show(form("138 0631 25"))
    assert 0 < desk.share < 0.03
    assert desk.stage.seq == 2


def test_what_was_painted_in_parts_is_what_a_whole_paint_gives(desk: Desk) -> None:
    """Dirty rectangles leave nothing behind: after many pages, the panel equals a fresh one."""
    for name in ("home", "form", "form-error", "pay", "pay-cancelling", "finish", "finish-rated", "form"):
        desk.show(ZH[name])
        desk.pass_time(1)
    fresh = Desk()
    fresh.now, fresh.wall = desk.now, desk.wall
    fresh.show(ZH["form"])
    assert fresh.pixels() == desk.pixels()


def test_the_same_page_again_paints_nothing(desk: Desk) -> None:
    desk.show(ZH["home"])
    desk.show(replace(ZH["home"]))
    assert desk.stage.last_paint == []
    assert desk.stage.seq == 1


def test_countdown_and_clock_repaint_only_themselves(desk: Desk) -> None:
    desk.show(ZH["home"])
    sheet = desk.stage.sheet
    assert sheet is not None
    assert sheet.ring is not None
    assert sheet.clock is not None
    desk.pass_time(1)
    assert desk.stage.last_paint
    assert all(sheet.ring.rect.covers(r) for r in desk.stage.last_paint)
    assert desk.share < 0.01
    desk.pass_time(0.2)
    assert desk.stage.last_paint == []
    desk.pass_time(40)
    assert any(sheet.clock.rect.covers(r) for r in desk.stage.last_paint)
    assert desk.share < 0.03


def test_a_second_touch_meant_for_the_page_before_is_not_taken(desk: Desk) -> None:
    from screens.pointer import Pointer

    desk.show(ZH["consent"])
    desk.pass_time(SETTLE_S + 0.01)
    desk.show(ZH["review"])
    target = desk.stage.sheet.find("confirm") if desk.stage.sheet else None
    assert target is not None
    desk.stage._arrivals.touch(Pointer(*target.rect.centre, "tap"))
    desk.stage.turn()
    assert desk.replies == []
    desk.pass_time(SETTLE_S + 0.01)
    desk.stage._arrivals.touch(Pointer(*target.rect.centre, "tap"))
    desk.stage.turn()
    assert desk.replies == [Reply("confirm")]


def test_a_press_for_a_page_that_is_gone_is_dropped(desk: Desk) -> None:
    desk.show(ZH["consent"])
    target = desk.stage.sheet.find("agree") if desk.stage.sheet else None
    assert target is not None
    desk.stage.show(ZH["home"])
    desk.stage.press(target)
    desk.stage.turn()
    assert desk.replies == []


def test_a_press_follows_its_target_when_the_same_page_is_drawn_anew(desk: Desk) -> None:
    desk.show(ZH["form"])
    target = desk.stage.sheet.find("next") if desk.stage.sheet else None
    assert target is not None
    desk.stage.show(ZH["form-kinds"])  # another keypad: the button lies elsewhere
    desk.stage.press(target)
    desk.stage.turn()
    assert desk.stage.sheet is not None
    assert desk.stage.sheet.find("next") != target
    assert desk.replies == [Reply("next")]


def test_turns_of_a_long_page_are_the_stages_own(desk: Desk) -> None:
    desk.show(ZH["field_page-long"])
    first = {n.name for n in desk.stage.sheet.nodes if n.key == "service"} if desk.stage.sheet else set()
    desk.touch("turn", "next")
    desk.stage.turn()
    sheet = desk.stage.sheet
    assert sheet is not None
    assert (sheet.turn, desk.stage.seq) == (1, 2)
    assert desk.replies == [Reply("turn", "next")]  # told all the same: who turns pages is still there
    assert first
    assert any(n.key == "service" for n in sheet.nodes)
    desk.show(ZH["home"])
    desk.show(ZH["field_page-long"])
    assert desk.stage.sheet is not None
    assert desk.stage.sheet.turn == 0


def test_the_turn_with_the_field_in_focus_is_shown(desk: Desk) -> None:
    fields = [m.FormField(f"f{i}", f"第 {i} 项") for i in range(12)]
    form = m.Form("很长的表", (), tuple(fields), "f0", "digits", False)
    where = place("zh", "elder", "fill")
    desk.show(pages.form(where, form))
    assert desk.stage.sheet is not None
    assert desk.stage.sheet.turns > 1
    desk.show(pages.form(where, replace(form, focus="f11")))
    assert any(n.focused and n.value == "f11" for n in desk.stage.sheet.nodes)


def test_keyboard_types_what_can_be_touched(desk: Desk) -> None:
    desk.show(ZH["form"])
    desk.stage._key(pygame.K_7, "7")
    desk.stage._key(pygame.K_BACKSPACE, "\b")
    desk.stage._key(pygame.K_DELETE, "")
    desk.stage._key(pygame.K_x, "x")  # no such key on this pad
    desk.stage._key(pygame.K_ESCAPE, "\x1b")
    pressed = [reply for reply in desk.replies if reply.key != "somebody"]
    assert pressed == [Reply("key", "7"), Reply("key", "backspace"), Reply("key", "clear"), Reply("back")]
    desk.replies.clear()
    desk.show(ZH["guide"])
    desk.stage._key(pygame.K_RETURN, "\r")
    desk.show(ZH["pay"])
    desk.stage._key(pygame.K_ESCAPE, "\x1b")
    pressed = [reply for reply in desk.replies if reply.key != "somebody"]  # that a key was pressed at all
    assert pressed == [Reply("start"), Reply("cancel")]


def test_enter_never_chooses_between_two_equal_ways(desk: Desk) -> None:
    desk.show(ZH["consent-face"])
    desk.stage._key(pygame.K_RETURN, "\r")
    assert desk.replies == []


def test_the_camera_picture_is_shown_mirrored_and_taken_away(desk: Desk) -> None:
    desk.show(ZH["face"])
    sheet = desk.stage.sheet
    assert sheet is not None
    assert sheet.preview is not None
    empty = desk.pixels()
    left_red = (bytes([250, 0, 0]) * 80 + bytes([0, 0, 250]) * 80) * 120
    desk.stage.preview(left_red, 160, 120)
    desk.stage.turn()
    x, y, w, h = sheet.preview
    assert tuple(desk.stage._surface.get_at((x + 30, y + h // 2)))[:3] == (0, 0, 250)
    assert tuple(desk.stage._surface.get_at((x + w - 30, y + h // 2)))[:3] == (250, 0, 0)
    assert all(sheet.preview.covers(r) for r in desk.stage.last_paint)
    desk.stage.preview(None)
    desk.stage.turn()
    assert desk.pixels() == empty


@pytest.mark.parametrize(("rgb", "w", "h"), [(b"", 1, 1), (bytes(12), 0, 4), (bytes(3), 4000, 1)])
def test_a_picture_of_the_wrong_size_is_refused(desk: Desk, rgb: bytes, w: int, h: int) -> None:
    with pytest.raises(ValueError, match="preview of"):
        desk.stage.preview(rgb, w, h)


def test_wipe_forgets_words_pictures_and_touches(desk: Desk) -> None:
    desk.show(ZH["face"])
    desk.stage.preview(bytes(160 * 120 * 3), 160, 120)
    desk.stage.turn()
    desk.show(ZH["receipt-qr"])
    desk.show(ZH["standby"])
    desk.stage.touch(10, 10)
    done = threading.Event()
    desk.stage.wipe(done)
    assert done.is_set()
    desk.stage.turn()
    from screens.widgets.waiting import qr_rows

    face = desk.stage._painter.typeface
    held = " ".join(key[0] for key in (*face._widths, *face._lines, *face._pictures))
    for personal in ("张*荣", "371002", "3710022611210047"):
        assert personal not in held
    assert qr_rows.cache_info().currsize == 0
    assert desk.stage._painter.picture is None
    assert desk.stage._arrivals._frame is None
    assert desk.replies == []
    assert desk.share == 1.0


def test_a_page_that_cannot_fit_is_reported_not_hidden(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    from screens.screen import Header, Notice

    desk.show(Screen("odd", "很长", Header("a", "b"), blocks=(Notice("长" * 3000),)))
    assert desk.stage.sheet is not None
    assert desk.stage.sheet.overflows
    assert "page odd does not fit" in caplog.text


# With its own thread


@pytest.fixture
def running() -> Iterator[tuple[Stage, list[Reply], threading.Event]]:
    replies: list[Reply] = []
    answered = threading.Event()

    def on_reply(reply: Reply) -> None:
        replies.append(reply)
        answered.set()

    stage = Stage(WindowSettings(headless=True), on_reply=on_reply)
    thread = threading.Thread(target=stage.run)
    thread.start()
    yield stage, replies, answered
    stage.close()
    thread.join(5)
    assert not thread.is_alive()


def _until(true: object, seconds: float = 5.0) -> None:
    assert callable(true)
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.002)


def test_show_paint_touch_reply_close(running: tuple[Stage, list[Reply], threading.Event]) -> None:
    stage, replies, answered = running
    painted = threading.Event()
    stage.painted = painted.set
    stage.show(ZH["guide"])
    assert painted.wait(5)
    target = stage.sheet.find("start") if stage.sheet else None
    assert target is not None
    stage.touch(*target.rect.centre)
    assert answered.wait(5)
    assert replies == [Reply("start")]


def test_the_heart_beats_while_nothing_happens(running: tuple[Stage, list[Reply], threading.Event]) -> None:
    stage, _, _ = running
    stage.show(replace(ZH["home"], countdown=None))
    _until(lambda: stage.seq == 1)
    first = stage.heartbeat
    _until(lambda: stage.heartbeat > first, 2.0)
    assert time.monotonic() - stage.heartbeat < 2.0


def test_wipe_from_another_thread_is_done_soon(running: tuple[Stage, list[Reply], threading.Event]) -> None:
    stage, _, _ = running
    stage.show(ZH["home"])
    done = threading.Event()
    stage.wipe(done)
    assert done.wait(5)


def test_a_countdown_ticks_by_itself(running: tuple[Stage, list[Reply], threading.Event]) -> None:
    stage, _, _ = running
    stage.show(replace(ZH["home"], countdown=Countdown(time.monotonic() + 2.2, 3.0)))
    _until(lambda: stage.seq == 1)
    ring = stage.sheet.ring if stage.sheet else None
    assert ring is not None
    seen: set[bytes] = set()

    def ticked() -> bool:
        seen.add(pygame.image.tobytes(stage._surface.subsurface(ring.rect), "RGB"))
        return len(seen) >= 2

    _until(ticked, 3.0)


def test_newest_page_wins() -> None:
    desk = Desk()
    desk.stage.show(ZH["home"])
    desk.show(ZH["pay"])
    assert desk.stage.screen is ZH["pay"]
    assert desk.stage.seq == 1
