"""Pages that only technicians see: those without header and bar, the corners, and what no mirror may show."""

from __future__ import annotations

from dataclasses import replace

import pytest
from page_sheets import PANELS, typeface

from config.panel import Orientation
from config.settings import WindowSettings
from screens import ink, pages
from screens.compose import compose, look_for, plan
from screens.corners import PAGES, SIDE_MM
from screens.marks import Card, Fill, Rect, Words
from screens.models import technician as t
from screens.models.technician import CheckLine, Fact, Gauge, Pixels, Readiness, TestDone, TouchCross, TouchGrid
from screens.pages.technician import ordered, tech_door, tech_leave, tech_readiness, tech_section
from screens.pages.technician_tests import (
    tech_burn_in,
    tech_cross,
    tech_done,
    tech_pixels,
    tech_question,
    tech_running,
    tech_touch,
)
from screens.pages.technician_work import tech_form, tech_list, tech_outcome
from screens.samples import place, samples
from screens.samples.technician import MODES, work_samples
from screens.screen import Checks, Language, Mode, Preview, Reply, Screen
from screens.sheet import Sheet
from screens.stage import Stage
from screens.text import MASK, as_text
from screens.whole import cell_rect, cells_under, touched_at

WALL = Rect(0, 0, 1080, 1920)


def laid(screen: Screen, orientation: Orientation = "portrait") -> Sheet:
    look = look_for(screen, typeface(), PANELS[orientation])
    return compose(screen, look, plan(screen, look))


class Glass:
    """A stage whose clock is moved by hand, and what it told."""

    def __init__(self, screen: Screen) -> None:
        self.now = 1_000.0
        self.told: list[Reply] = []
        self.stage = Stage(WindowSettings(), clock=lambda: self.now, on_reply=self.told.append, headless=True)
        self.show(screen)

    def show(self, screen: Screen) -> None:
        self.stage.show(screen)
        self.stage.turn()
        self.now += 1.0

    def tap(self, x: int, y: int) -> None:
        self.stage.touch(x, y)
        self.stage.turn()
        self.now += 0.3


# The glass itself


@pytest.mark.parametrize("orientation", list(PANELS))
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("language", ["zh", "en", "ko"])
def test_pages_of_the_whole_panel_fill_it_and_say_what_to_do(
    language: Language, mode: Mode, orientation: Orientation
) -> None:
    panel = PANELS[orientation]
    whole = Rect(0, 0, *panel.size)
    for name, screen in work_samples(language, mode, whole=True).items():
        sheet = laid(screen, orientation)
        assert (sheet.clock, sheet.ring, sheet.overflows) == (None, None, []), name
        covered = sum(mark.rect.w * mark.rect.h for mark in sheet.marks[:1])
        assert covered == whole.w * whole.h, name
        words = [mark for mark in sheet.marks if isinstance(mark, Words)]
        assert all(whole.covers(mark.rect) and mark.size >= 6.3 * panel.px_per_mm - 1 for mark in words), name
        assert bool(words) is (name != "tech_pixels")
        assert sheet.ink is not None or [t.rect for t in sheet.targets] == [whole]


@pytest.mark.parametrize("size", [(1080, 1920), (1920, 1080), (1000, 777)])
def test_cells_are_the_whole_panel_to_the_pixel(size: tuple[int, int]) -> None:
    columns, rows = 12, 22
    seen = 0
    for number in range(columns * rows):
        cell = cell_rect(number, columns, rows, Rect(0, 0, *size))
        seen += cell.w * cell.h
        assert min(cell.w, cell.h) > 20
    assert seen == size[0] * size[1]


def stroke(*points: tuple[int, int]) -> ink.InkStroke:
    """Pixels of the panel as the stage tells them."""
    side = max(WALL.w, WALL.h)
    return tuple((x * ink.UNIT // side, y * ink.UNIT // side, at) for at, (x, y) in enumerate(points))


def test_a_jump_over_a_dead_spot_does_not_count_as_touched() -> None:
    size = (WALL.w, WALL.h)
    slow = stroke(*((x, 40) for x in range(5, 1080, 20)))
    assert cells_under(slow, 12, 22, size) == frozenset(range(12))
    jump = stroke((10, 40), (60, 40), (1000, 40))
    assert cells_under(jump, 12, 22, size) == {0, 11}
    assert touched_at(stroke((777, 1555), (10, 10)), size) == pytest.approx((777, 1555), abs=1)


def test_a_finger_wipes_and_a_touch_takes_the_next_colour() -> None:
    here = place("zh", "standard")
    glass = Glass(tech_touch(here, TouchGrid(12, 22, frozenset())))
    glass.tap(1075, 1915)  # in the corner: no other meaning here
    assert [reply.key for reply in glass.told] == ["stroke"]
    read = ink.read(glass.told[0].value)
    assert read is not None
    assert cells_under(read[1], 12, 22, (1080, 1920)) == {12 * 22 - 1}
    glass.show(tech_cross(here, TouchCross(60, 60, 1, 5)))
    glass.tap(64, 58)
    assert glass.told[-1].key == "stroke"
    glass.show(tech_pixels(here, Pixels("#00ff00", 4, 6)))
    sheet = glass.stage.sheet
    assert sheet is not None
    assert [m for m in sheet.marks if isinstance(m, Fill)] == [Fill(WALL, (0, 255, 0))]
    glass.tap(3, 3)
    assert glass.told[-1] == Reply("next")


def test_wiped_cells_look_otherwise() -> None:
    sheet = laid(tech_touch(place("zh", "standard"), TouchGrid(4, 4, frozenset({5}))))
    fills = [mark.fill for mark in sheet.marks if isinstance(mark, Card)]
    assert len(fills) == 16
    assert [n for n, fill in enumerate(fills) if fills.count(fill) == 1] == [5]


# Corners


def test_corners_are_told_on_standby_and_on_the_closed_page_only() -> None:
    zh = samples("zh", "standard")
    corners = {"top-left": (5, 5), "top-right": (1075, 5), "bottom-left": (5, 1915), "bottom-right": (1075, 1915)}
    for name in ("standby", "closed"):
        glass = Glass(zh[name])
        for x, y in corners.values():
            glass.tap(x, y)
        assert glass.told == [Reply("corner", which) for which in corners], name
    for name in ("home", "form", "maintenance"):
        glass = Glass(zh[name])
        for x, y in corners.values():
            glass.tap(x, y)
        assert not [reply for reply in glass.told if reply.key == "corner"], name
    assert {"standby", "closed"} == PAGES


@pytest.mark.parametrize("orientation", list(PANELS))
@pytest.mark.parametrize("mode", ["standard", "low-elder"])
def test_no_button_of_standby_gives_way_to_a_corner(mode: Mode, orientation: Orientation) -> None:
    panel = PANELS[orientation]
    sheet = laid(samples("zh", mode)["standby"], orientation)
    side = round(SIDE_MM * panel.px_per_mm)
    glass = Glass(samples("zh", mode)["standby"])
    for target in sheet.targets:
        x, y = target.rect.centre
        assert side < x < panel.width - side, target
        if orientation == "portrait":
            glass.tap(x, y)
            assert glass.told.pop() == target.reply
            glass.show(samples("zh", mode)["home"])
            glass.show(samples("zh", mode)["standby"])


def test_a_finger_that_slides_out_of_a_corner_says_nothing() -> None:
    glass = Glass(samples("zh", "standard")["standby"])
    for x, y, phase in ((5, 5, "down"), (500, 900, "move"), (500, 900, "up")):
        glass.stage.touch(x, y, phase)  # type: ignore[arg-type]  # three of its phases
        glass.stage.turn()
    assert glass.told == []
    glass.tap(500, 900)
    assert [reply.key for reply in glass.told] == ["start"]


# The overview and what is for one pair of eyes


def test_the_root_cause_stands_first_then_the_worst() -> None:
    def line(id_: str, state: str) -> CheckLine:
        return CheckLine(id_, id_, "print", state, state, "")  # type: ignore[arg-type]  # the states

    lines = tuple(
        line(*pair) for pair in (("a", "ok"), ("b", "fault"), ("c", "attention"), ("d", "fault"), ("e", "ok"))
    )
    model = Readiness(lines, "d is broken", "mend d", "d", "fault")
    assert [each.id for each in ordered(model)] == ["d", "b", "c", "a", "e"]
    screen = tech_readiness(place("zh", "standard"), model)
    assert (screen.title, screen.subtitle) == ("d is broken", "mend d")
    assert screen.header.work


def test_every_line_of_nineteen_can_be_opened_and_tested_from_some_turn() -> None:
    screen = work_samples("ko", "low")["tech_readiness"]
    look = look_for(screen, typeface(), PANELS["landscape"])
    planned = plan(screen, look)
    sheets = [compose(screen, look, planned, turn=turn) for turn in range(len(planned.turns))]
    opened = {t.reply.value for sheet in sheets for t in sheet.targets if t.reply.key == "section"}
    block = next(b for b in screen.blocks if isinstance(b, Checks))
    assert opened == {line.id for line in block.lines}
    assert len(opened) == 19


def test_what_was_read_from_a_card_is_for_nobody_else() -> None:
    done = TestDone("读卡器", "pass", "读到了", figures=(Fact("姓名", "宋*国", private=True), Fact("用时", "1 s")))
    screen = tech_done(place("zh", "standard"), done)
    text = as_text(screen)
    assert "宋*国" not in text
    assert MASK in text
    sheet = laid(screen)
    shown = [mark for mark in sheet.marks if isinstance(mark, Words) and "宋" in mark.text]
    assert shown
    assert all(any(private.covers(mark.rect) for private in sheet.private) for mark in shown)


def test_the_live_picture_is_private_and_measures_say_it_in_words() -> None:
    screen = work_samples("zh")["tech_running-camera"]
    sheet = laid(screen)
    assert sheet.preview is not None
    assert sheet.preview in sheet.private
    assert any(isinstance(block, Preview) for block in screen.blocks)
    assert "亮度:  41 %  不合适" in as_text(screen)
    assert Gauge("x", "1", 0.2, 0.3, 0.9).good is False


def test_citizens_see_that_it_is_looked_after_and_whom_to_call() -> None:
    text = as_text(samples("zh", "standard")["maintenance"])
    assert "正在维护" in text
    assert "0631" in text
    assert set(pages.__all__) & {"maintenance"}


# The longest that the catalogue, drivers and people may say

LONG: dict[Language, str] = {
    "zh": "证照打印机的端口上接的是别的设备，可能是两个插头接反了，",
    "en": "licence printer: another device answers at its port, two plugs may be swapped ",
    "ko": "증명서 프린터: 포트에 다른 장치가 연결되어 있습니다 플러그가 ",
}


def longest(language: Language, mode: Mode) -> list[Screen]:
    """Every page with as many and as long words as events, tests and lists can bring."""

    def words(most: int) -> str:
        return (LONG[language] * 12)[: most * (6 if language == "zh" else 10) // 10]

    here = replace(place(language, mode), work="WH-HC-0003 · 1.4.2 · 现场维护")
    lines = tuple(t.CheckLine(str(n), words(20), "print", "fault", words(8), words(160), words(120)) for n in range(17))
    facts = tuple(t.Fact(words(40), words(80)) for _ in range(14))
    three = tuple(t.WorkLine(str(n), words(18)) for n in range(3))
    options = tuple(t.WorkOption(str(n), words(18)) for n in range(6))
    asked = tuple(t.WorkField(str(n), words(30), options=options) for n in range(3))
    typed = (t.WorkField("kind", words(20), options=options[:3]), t.WorkField("count", words(20), "123", words(20)))
    tallies = tuple(t.TestTally(words(40), "fail", 5000, 5000, "1234.5 s") for _ in range(16))
    gauges = tuple(t.Gauge(words(20), "12345 ms", 0.5) for _ in range(4))
    opened = tuple(t.WorkRecord(str(n), words(60), words(80)) for n in range(30))
    read = tuple(t.WorkRecord(str(n), words(12), words(60), opens=False) for n in range(60))
    trouble = (words(160), words(120))
    return [
        tech_readiness(here, t.Readiness(lines, words(160), words(120), "0", "fault", 236)),
        tech_section(
            here,
            t.SectionDetail(
                lines[0], words(30), words(300), "paper-path", (words(160),) * 3, facts, acts=three, trend_title="x"
            ),
        ),
        tech_done(here, t.TestDone(words(40), "fail", words(160), words(120), facts, "x")),
        tech_burn_in(here, t.BurnIn(words(30), tallies, "2:10 h", "0:50 h", words(120), troubles=(trouble,) * 8)),
        tech_list(here, t.WorkList(words(40), words(120), opened)),
        tech_list(here, t.WorkList(words(40), words(120), read)),
        tech_running(here, t.TestRunning(words(40), words(120), facts[:6], gauges, preview=True)),
        tech_question(here, t.TestQuestion(words(40), words(120), drawing="paper-path")),
        tech_form(here, t.WorkForm(words(40), words(120), facts[:5], words(120), fields=asked, do=words(16))),
        tech_form(here, t.WorkForm(words(40), words(120), facts[:2], fields=typed, focus="count", do=words(16))),
        tech_outcome(here, t.WorkDone(words(40), words(160), "fail", facts[:8], words(120))),
        tech_leave(here, t.TechLeave(236, (words(160),) * 4, words(120))),
        tech_door(here, t.TechDoor(words(280))),
    ]


@pytest.mark.parametrize(
    ("language", "mode", "orientation"),
    [
        ("zh", "standard", "portrait"),
        ("en", "low", "landscape"),
        ("ko", "standard", "landscape"),
        ("en", "low", "portrait"),
    ],
)
def test_nothing_is_cut_however_much_there_is_to_say(language: Language, mode: Mode, orientation: Orientation) -> None:
    for screen in longest(language, mode):
        look = look_for(screen, typeface(), PANELS[orientation])
        planned = plan(screen, look)
        for turn in range(len(planned.turns)):
            assert compose(screen, look, planned, turn=turn).overflows == [], screen.page
