"""Manners that pages and the stage owe: waiting is seen and can be ended, a PIN is nobody's business, masks hold."""

from __future__ import annotations

import gc
import inspect
import re
from dataclasses import replace
from functools import cache
from types import FrameType

import pygame
import pytest
from page_sheets import COMBINATIONS, typeface

from config.page_times import KINDS, page_times
from config.settings import Manners, WindowSettings
from config.texts import texts
from kiosk.technician.pin_typing import IN_ORDER, PinTyping
from screens import models as m
from screens import pages
from screens.compose import WHOLE, compose, look_for, plan
from screens.live import LAP_S, TOLD_FROM_S, beijing_now, live_marks
from screens.marks import Arc, Words
from screens.modes import MODES
from screens.paint.painter import Painter
from screens.pieces import same_place
from screens.samples import place
from screens.samples import samples as all_samples
from screens.screen import Actions, Field, Language, Mode, PinPad, Reply, Row, Rows, Screen
from screens.speech import wording
from screens.stage import Stage
from screens.text import MASK, as_text

LANGUAGES: tuple[Language, ...] = ("zh", "en", "ko")
samples = cache(all_samples)


class Desk:
    """A stage whose clock stands still until it is told."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.replies: list[Reply] = []
        self.stage = Stage(WindowSettings(), clock=lambda: self.now, on_reply=self.replies.append, headless=True)

    def show(self, screen: Screen) -> None:
        self.stage.show(screen)
        self.stage.turn()


# Waiting


def test_the_picture_of_waiting_moves_every_second_and_tells_how_long() -> None:
    desk = Desk()
    screen = pages.working(replace(place("zh", "standard"), since=desk.now, countdown=None), m.Working("querying"))
    desk.show(screen)
    sheet = desk.stage.sheet
    assert sheet is not None
    assert sheet.busy is not None
    rings = []
    for second in range(LAP_S + 2):
        marks = live_marks(sheet, typeface(), texts("zh"), beijing_now(), None, desk.now, screen.since)
        rings.append(next(mark.fraction for mark in marks if isinstance(mark, Arc)))
        told = texts("zh").t("working.seconds", seconds=second)
        assert (told in {mark.text for mark in marks if isinstance(mark, Words)}) is (second >= TOLD_FROM_S), second
        desk.now += 1.0
        desk.stage.turn()
        assert any(rect.touches(sheet.busy.ring.rect) for rect in desk.stage.last_paint), "it stands still"
        assert all(rect.w * rect.h < WHOLE.w * WHOLE.h // 4 for rect in desk.stage.last_paint), (
            "far too much is painted"
        )
    assert len(set(rings)) == LAP_S
    assert rings[0] == rings[LAP_S]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_may_be_given_up_offers_it_and_nothing_else_does(language: Language) -> None:
    here = place(language, "standard")
    for what in ("querying", "submitting", "printing", "refunding"):
        bound = pages.working(here, m.Working(what))
        free = pages.working(replace(here, stoppable=True), m.Working(what))
        assert {a.key for a in bound.nav} == {"help"}
        assert not [b for b in bound.blocks if isinstance(b, Actions)]
        assert [a.key for b in free.blocks if isinstance(b, Actions) for a in b.actions] == ["back"]
        assert {a.key for a in free.nav} == {"home", "leave", "help"}


def test_who_turns_pages_is_still_there() -> None:
    desk = Desk()
    desk.show(samples("zh")["field_page-long"])
    assert desk.stage.sheet is not None
    target = desk.stage.sheet.find("turn", "next")
    assert target is not None
    desk.stage.touch(*target.rect.centre)
    desk.stage.turn()
    assert desk.replies == [Reply("turn", "next")]


# A PIN of ours


def test_the_digits_stand_anew_each_time_and_in_order_for_an_own_keypad() -> None:
    orders = set()
    pad = PinTyping(6)
    for _ in range(20):
        pad.appear()
        assert sorted(pad.order) == sorted(IN_ORDER)
        orders.add(pad.order)
    assert len(orders) > 15
    assert {PinTyping(6, shuffled=False).order for _ in range(5)} == {IN_ORDER}


def test_places_become_digits_once_and_then_are_forgotten() -> None:
    pad = PinTyping(6)
    for digit in "250817":
        assert pad.take(Reply("pin", str(pad.order.index(digit))))
    pad.take(Reply("pin", "0"))  # a seventh is not taken
    assert not pad.take(Reply("key", "5"))
    before = pad.order
    assert pad.give() == "250817"
    assert (pad.typed, pad.give()) == (0, "")
    assert any(PinTyping(6).order != before for _ in range(5))
    pad.take(Reply("pin", "3"))
    pad.take(Reply("pin", "backspace"))
    assert pad.typed == 0
    pad.take(Reply("pin", "3"))
    pad.take(Reply("pin", "clear"))
    assert (pad.typed, pad.give()) == (0, "")
    for length in (0, 3, 13):
        with pytest.raises(ValueError, match="a PIN has 4 to 12 digits"):
            PinTyping(length)


@pytest.mark.promise("P6")
@pytest.mark.parametrize("mode", ["standard", "low-elder"])
def test_nothing_but_the_pixels_tells_where_a_digit_stands(mode: Mode) -> None:
    model = m.PinEntry("密码", 3, 6, "7302918546")
    screen = pages.pin_entry(place("zh", mode), model)
    look = look_for(screen, typeface())
    sheet = compose(screen, look, plan(screen, look))
    keys = [n for n in sheet.nodes if n.key == "pin" and len(n.value) == 1]
    assert [n.value for n in keys] == [*"0123456789"]
    assert len({n.name for n in keys}) == 1
    assert "●●●○○○" in as_text(screen)
    said = " ".join(wording.spoken(screen, private=True))
    assert "7 3 0" not in said
    assert "730" not in said + as_text(screen) + screen.prompt
    assert texts("zh").t("pin.typed", count=3, length=6) in said
    for node in keys:
        assert wording.told(screen, node, private=True) == (texts("zh").t("pin.key"),)
        assert any(private.covers(target.rect) for private in sheet.private for target in sheet.targets
                   if target.reply == Reply("pin", node.value)), "a picture of the screen shows a key"  # fmt: skip


def test_no_key_of_it_lights_up() -> None:
    screen = pages.pin_entry(place("zh", "standard"), m.PinEntry("密码", 3, 6, "7302918546"))
    look = look_for(screen, typeface())
    planned = plan(screen, look)
    calm = compose(screen, look, planned)
    for target in calm.targets:
        if target.reply.key == "pin":
            assert compose(screen, look, planned, pressed=target.rect).marks == calm.marks, target.reply
    following = calm.find("pin", "4")
    usual = samples("zh")["form"]
    calm = compose(usual, look, plan(usual, look))
    key = calm.find("key", "4")
    assert following is not None
    assert key is not None
    assert compose(usual, look, plan(usual, look), pressed=key.rect).marks != calm.marks, "other keys do light up"


def test_an_own_keypad_types_it_wherever_the_digits_stand() -> None:
    desk = Desk()
    for order in (IN_ORDER, "7302918546"):
        screen = pages.pin_entry(place("zh", "standard"), m.PinEntry("密码", 0, 6, order))
        desk.show(replace(screen, title=screen.title + order))
        desk.stage.key("5")
        desk.stage.turn()
        assert [r for r in desk.replies if r.key == "pin"][-1] == Reply("pin", str(order.index("5")))


def test_only_pins_of_ours_are_shuffled() -> None:
    """A bank's PIN is typed at the pad; pages of payments have no such keys."""
    with_pad = {s.page for s in samples("zh").values() if any(isinstance(b, PinPad) for b in s.blocks)}
    assert with_pad == {"pin_entry"}


# Masks


@pytest.mark.promise("P6")
@pytest.mark.parametrize("language", LANGUAGES)
def test_whole_names_and_numbers_are_private_while_they_are_shown(language: Language) -> None:
    masked, whole = (samples(language)[name] for name in ("review", "review-unmasked"))
    plain = {"张桂荣", "371002195603125015", "138 0631 5678"}

    def values(screen: Screen) -> set[str]:
        return {row.value for block in screen.blocks if isinstance(block, Rows) for row in block.rows}

    assert not plain & values(masked)
    assert plain <= values(whole)
    rows = [row for block in whole.blocks if isinstance(block, Rows) for row in block.rows]
    assert {row.value for row in rows if row.private} == plain
    said = " ".join(wording.spoken(whole)) + as_text(whole)
    assert not any(value in said.replace(" ", "") for value in ("张桂荣", "371002195603125015", "13806315678"))
    look = look_for(whole, typeface())
    sheet = compose(whole, look, plan(whole, look))
    for mark in (mark for mark in sheet.marks if isinstance(mark, Words) and mark.text in plain):
        assert any(private.covers(mark.rect) for private in sheet.private), mark.text
    assert MASK in {node.name for node in sheet.nodes}
    assert {a.value for b in masked.blocks if isinstance(b, Actions) for a in b.actions if a.key == "unmask"} == {"on"}
    assert {a.value for b in whole.blocks if isinstance(b, Actions) for a in b.actions if a.key == "unmask"} == {"off"}


def test_the_switch_is_only_where_there_is_more_to_see() -> None:
    for name, screen in samples("zh").items():
        keys = {a.key for b in screen.blocks if isinstance(b, Actions) for a in b.actions}
        rows = [row for b in screen.blocks if isinstance(b, Rows) for row in b.rows]
        assert "unmask" not in keys or any("*" in row.value or row.private for row in rows), name


def test_a_private_row_is_blank_in_the_mirror() -> None:
    """What is painted is blanked by the rectangles that the sheet calls private, before anything is copied."""
    page = samples("zh")["review-unmasked"]
    look = look_for(page, typeface())
    sheet = compose(page, look, plan(page, look))
    surface = pygame.Surface((WHOLE.w, WHOLE.h), 0, 32)
    Painter(surface, typeface()).paint(sheet.marks, [WHOLE])
    for rect in sheet.private:
        surface.fill((0, 0, 0), pygame.Rect(*rect))
    at = next(mark.rect for mark in sheet.marks if isinstance(mark, Words) and mark.text == "371002195603125015")
    assert pygame.transform.average_color(surface, pygame.Rect(*at))[:3] == (0, 0, 0)


# Another language or look in mid-form


def state(screen: Screen) -> list[object]:
    """What a page holds, apart from words and looks."""
    found: list[object] = []
    for block in screen.blocks:
        match block:
            case Field():
                found.append((block.key, block.focused, bool(block.error), sum(c.isdigit() for c in block.value)))
            case Rows():
                found.append(len(block.rows))
    return found


FORM_PAGES = [n for n in samples("zh") if n.startswith(("form", "writing", "choose_from", "address", "entries"))]


@pytest.mark.parametrize("name", FORM_PAGES)
def test_a_form_page_holds_the_same_in_every_language_and_look(name: str) -> None:
    before = state(samples("zh", "standard")[name])
    for language, mode in COMBINATIONS:
        assert state(samples(language, mode)[name]) == before, (language, mode)


@pytest.mark.parametrize("name", ["form-kinds", "field_page-long", "choose_from"])
def test_the_place_on_a_page_of_several_turns_is_kept(name: str) -> None:
    """From every turn of every combination to every other: what stood first stands on the turn that is shown."""
    plans = {}
    for language in LANGUAGES[:2]:
        for mode in MODES:
            if (language, mode) in COMBINATIONS:
                screen = samples(language, mode)[name]
                plans[language, mode] = plan(screen, look_for(screen, typeface())).turns
    for before in plans.values():
        for now in plans.values():
            for turn in range(len(before)):
                shown = same_place(before, turn, now)
                assert 0 <= shown < len(now)
                assert same_place(now, shown, before) <= turn
            assert [same_place(now, turn, now) for turn in range(len(now))] == [*range(len(now))]


def test_the_stage_keeps_the_place_too() -> None:
    desk = Desk()
    desk.show(samples("zh", "elder")["field_page-long"])
    assert desk.stage.sheet is not None
    assert desk.stage.sheet.turns > 2
    for _ in range(desk.stage.sheet.turns - 1):
        target = desk.stage.sheet.find("turn", "next")
        assert target is not None
        desk.now += 1
        desk.stage.touch(*target.rect.centre)
        desk.stage.turn()
    first = next(n.value for n in desk.stage.sheet.nodes if n.key == "service")
    desk.now += 1
    desk.show(samples("en", "standard")["field_page-long"])
    assert first in {n.value for n in desk.stage.sheet.nodes if n.key == "service"}
    assert desk.stage.sheet.turn > 0


# How long pages wait


def test_times_are_those_of_public_terminals() -> None:
    times = page_times()
    assert (times.least["input"], times.most["input"]) == (60, 120)
    assert times.least["result"] == Manners().result_s == 30
    assert set(times.least) == set(times.most) == set(KINDS)
    shown = {screen.page for screen in samples("zh").values()}
    named = {page for some in times.pages.values() for page in some}
    assert named <= shown, f"no such page: {sorted(named - shown)}"
    assert {times.kind_of(p) for p in ("form", "review", "home")} == {"input"}


@pytest.mark.parametrize(("name", "value"), [("idle_s", 20), ("result_s", 5), ("leave_s", 300), ("card_s", 10)])
def test_a_site_cannot_hurry_its_citizens(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{name} is {value}; pages of the kind"):
        Manners(**{name: value})


def test_a_row_that_is_not_private_stays_as_it_was() -> None:
    screen = pages.review(place("zh", "standard"), m.Review("事", (m.Known("领取", "自取"),), 0, ""))
    rows = [row for block in screen.blocks if isinstance(block, Rows) for row in block.rows]
    assert rows[0] == Row("领取", "自取")


# What is wrong says whom to call


def test_every_page_of_what_went_wrong_says_whom_to_call() -> None:
    for language in LANGUAGES:
        for name, screen in samples(language).items():
            if screen.page in ("not_done", "queued", "closed", "settled"):
                assert "0631-12345" in as_text(screen), f"{language} {name}"
    for name in ("bill_none", "collect_stuck", "result_none"):
        assert "0631-12345" in as_text(samples("zh")[name]), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cause_has_a_next_step_of_its_own(language: Language) -> None:
    keys = texts(language).keys
    causes = {key.removeprefix("cause.") for key in keys if key.startswith("cause.")}
    assert {cause for cause in causes if f"cause-detail.{cause}" not in keys} == set()


# Amounts


def test_amounts_stand_under_one_another_at_the_right() -> None:
    for name in ("review-bill", "bills", "result"):
        screen = samples("zh")[name]
        look = look_for(screen, typeface())
        sheet = compose(screen, look, plan(screen, look))
        lines = [m for m in sheet.marks if isinstance(m, Words) and re.fullmatch(r"[+−]?[\d,]+\.\d\d( 元)?", m.text)]
        if name == "result":
            lines = [mark for mark in lines if "元" not in mark.text]  # the balance is a line of its own
        ends = {mark.rect.right for mark in lines if mark.size < look.size("money")}
        assert len(lines) >= 3, name
        assert len(ends) == (2 if name == "result" else 1), f"{name}: {ends}"  # two columns of money


def test_the_amount_is_spelled_where_chinese_is_read() -> None:
    for language, there in (("zh", True), ("en", False), ("ko", False)):
        screen = samples(language)["pay"]
        look = look_for(screen, typeface())
        told = {m.text for m in compose(screen, look, plan(screen, look)).marks if isinstance(m, Words)}
        assert any("贰拾元整" in text for text in told) is there


# Leaving


@pytest.mark.parametrize("there", [True, False])
def test_a_way_to_sign_says_why_not_only_where_it_cannot_be_taken(there: bool) -> None:
    said = as_text(pages.sign_other(place("zh", "standard"), m.SignOther("事", card=there, officer=there)))
    assert ("现在读不了身份证" in said, "现在联系不上工作人员" in said) == (not there, not there)


@pytest.mark.promise("P6")
def test_after_a_wipe_no_object_holds_a_word_of_the_citizen() -> None:
    """Every container of the process is looked through for the name: caches, sheets, plans, models, speech."""
    name = "".join(chr(ord(c) + 1) for c in "甃犫牸")  # made here, so that no constant holds it
    gc.freeze()  # for the first look, which only proves that looking finds something
    desk = Desk()
    model = m.Review("事", (m.Known("姓名", "*", "card", name), m.Known("地址", f"{name}路 1 号")), 2000, "")
    desk.show(pages.review(replace(place("zh", "standard"), unmasked=True), model))
    desk.stage._painter.typeface.width(name, 40, True)
    assert _holders(name), "the search finds nothing even while it is there"
    gc.unfreeze()
    del model
    desk.now += 5
    desk.show(pages.leave(place("zh", "standard"), m.Leave()))
    desk.stage.wipe()
    desk.stage.turn()
    assert _holders(name) == []


def _holders(name: str) -> list[str]:
    gc.collect()
    frame = inspect.currentframe()
    found = []
    for holder in gc.get_objects():
        if holder is frame or isinstance(holder, FrameType):
            continue
        if any(isinstance(each, str) and name in each and each is not name for each in gc.get_referents(holder)):
            found.append(f"{type(holder).__name__} {str(holder)[:200]}")
    return found
