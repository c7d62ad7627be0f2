"""When something is said, and when not: on a real stage without a window, keys as they come from SDL."""

from __future__ import annotations

from dataclasses import replace

import pygame
import pytest
from by_ear import Desk

from config.speaking import KeypadSettings, SpeechSettings
from screens import models as m
from screens import pages
from screens.samples import place, samples
from screens.screen import Reply, Screen
from screens.touching import SETTLE_S

ZH = samples("zh", "standard")


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_without_the_voice_nothing_is_said_but_reminders(desk: Desk) -> None:
    assert desk.show(ZH["review"], voice=False) == []
    assert desk.key(pygame.K_DOWN) == []
    assert desk.show(ZH["still_there"], voice=False) == ["您还在吗？", "还在的话，请点继续"]
    assert desk.show(ZH["leave-card"], voice=False)[0] == "请拿好您的身份证"
    assert desk.show(ZH["leave"], voice=False) == []


def test_reminders_are_a_setting() -> None:
    desk = Desk(SpeechSettings(reminders=False))
    assert desk.show(ZH["leave-card"], voice=False) == []


def test_no_voice_at_all_is_a_setting() -> None:
    desk = Desk(SpeechSettings(enabled=False))
    assert desk.show(ZH["leave-card"]) == []
    assert desk.key(pygame.K_F15) == []


def test_keys_go_over_the_page_and_ok_presses(desk: Desk) -> None:
    said = desk.show(ZH["review"])
    assert said[:2] == ["语音已打开", "按下键逐项听，按确认键选择，按重复键再听一遍"]
    assert desk.key(pygame.K_RIGHT)[:2] == ["看完整的姓名和号码", "按钮"]
    assert desk.key(pygame.K_RIGHT)[0] == "返回修改"
    assert desk.key(pygame.K_RIGHT)[0] == "没有错，去缴费"
    assert desk.key(pygame.K_LEFT)[0] == "返回修改"
    desk.key(pygame.K_RETURN, "\r")
    assert desk.replies == [Reply("edit")]


def test_what_cannot_be_pressed_says_so(desk: Desk) -> None:
    desk.show(ZH["guide-unavailable"])
    for _ in range(40):
        if "现在不能用" in desk.key(pygame.K_RIGHT):
            break
    assert desk.key(pygame.K_RETURN, "\r") == ["现在不能用"]
    assert desk.replies == []


def test_digits_are_typed_and_counted(desk: Desk) -> None:
    def form(phone: str) -> Screen:
        field = m.FormField("phone", "手机号码", phone, hint="")
        return pages.form(place("zh", "standard", "fill"), m.Form("换领", (), (field,), "phone", "phone", False))

    desk.show(form("138 0631"))
    assert desk.key(pygame.K_KP5, "5") == []
    assert desk.replies == [Reply("key", "5")]
    assert desk.show(form("138 0631 5")) == ["手机号码", "已输入8位"]


def test_a_keypad_without_digits_walks_over_them_and_says_them_in_a_headset_only() -> None:
    desk = Desk(keypad=KeypadSettings(digits=False))
    desk.show(ZH["type_number"])
    heard = [tuple(desk.key(pygame.K_RIGHT)) for _ in range(12)]
    assert sum(said == ("数字键，请用键盘上的数字，或者插上耳机听",) for said in heard) >= 8
    assert not any(sentence.isdigit() for said in heard for sentence in said)
    desk.key(pygame.K_F15)
    assert desk.narrator.private
    alone = [tuple(desk.key(pygame.K_RIGHT)) for _ in range(30)]
    assert {("5",), ("7",)} <= set(alone)


def test_pulling_the_headset_out_is_silence_at_once(desk: Desk) -> None:
    desk.show(ZH["review"])
    assert desk.key(pygame.K_F15)[0] == "耳机已插好，声音只在耳机里"
    assert desk.narrator.loud == (), "what is said in a headset is for nobody else"
    desk.replies.clear()
    hushes = desk.ears.hushes
    assert desk.key((1 << 30) | 107) == []
    assert desk.ears.hushes == hushes + 1
    assert not desk.narrator.private
    assert desk.replies == [Reply("headset", "out")]


def test_repeat_says_it_again_and_twice_the_whole_page(desk: Desk) -> None:
    desk.show(ZH["review"])
    first = desk.key(pygame.K_RIGHT).copy()
    assert desk.key(pygame.K_r, "r") == first
    assert "登记地" in desk.key(pygame.K_F2)
    assert desk.key(pygame.K_F2) == first


def test_volume_has_ends_and_begins_anew_with_every_visit(desk: Desk) -> None:
    desk.show(ZH["review"])
    assert desk.key(pygame.K_PLUS, "+") == ["音量 7"]
    for _ in range(5):
        desk.key(pygame.K_KP_PLUS, "+")
    assert desk.ears.volume == 10
    assert desk.key(pygame.K_EQUALS, "=") == ["已经是最大音量"]
    desk.stage.wipe()
    assert desk.ears.volume == 6


@pytest.mark.promise("P6")
def test_a_wipe_forgets_focus_and_words(desk: Desk) -> None:
    desk.show(ZH["review"])
    desk.key(pygame.K_DOWN)
    hushes = desk.ears.hushes
    desk.stage.wipe()
    assert desk.ears.hushes == hushes + 1
    assert desk.stage.keys.node is None
    assert desk.key(pygame.K_F2) == []
    assert desk.narrator.loud == ()


def test_a_finger_takes_the_ring_away(desk: Desk) -> None:
    desk.show(ZH["review"])
    desk.key(pygame.K_RIGHT)
    ring = desk.stage.last_paint
    assert ring
    desk.stage.touch(5, 900)
    desk.stage.turn()
    assert desk.stage.keys.node is None
    assert desk.stage.last_paint


def test_ok_right_after_a_page_came_was_meant_for_the_page_before(desk: Desk) -> None:
    desk.show(ZH["pay"])
    desk.stage.show(replace(ZH["review"], voice="on"))
    desk.stage.turn()
    desk.key(pygame.K_RETURN, "\r")
    assert desk.replies == []
    desk.now += SETTLE_S
    desk.key(pygame.K_RETURN, "\r")
    assert desk.replies == [Reply("confirm")]


def test_standby_tells_how_to_start_and_ok_starts_with_voice(desk: Desk) -> None:
    assert desk.show(ZH["standby"], voice=False) == []
    assert desk.key(pygame.K_DOWN) == ["带上身份证，点一下屏幕开始", "按确认键开始，全程有语音"]
    desk.key(pygame.K_RETURN, "\r")
    assert desk.replies == [Reply("start", "voice")]


def test_standby_may_say_it_by_itself() -> None:
    desk = Desk(SpeechSettings(hint_s=60))
    assert desk.show(ZH["standby"], voice=False) == []
    desk.now += 61
    desk.stage.turn()
    assert desk.ears.heard[0] == "带上身份证，点一下屏幕开始"
    desk.ears.heard.clear()
    desk.show(ZH["review"], voice=False)
    desk.now += 200
    desk.stage.turn()
    assert desk.ears.heard == []


def test_the_turn_of_a_page_is_said(desk: Desk) -> None:
    said = desk.show(ZH["field_page-long"])
    assert said[-1].startswith("第1页，共")
    for _ in range(60):
        if "下一页" in desk.key(pygame.K_RIGHT):
            break
    assert desk.key(pygame.K_RETURN, "\r")[0].startswith("第2页，共")
    assert desk.stage.sheet is not None
    assert desk.stage.sheet.turn == 1


def test_every_key_of_the_bar_has_a_command(desk: Desk) -> None:
    desk.show(ZH["review"])
    for key, reply in (
        (pygame.K_ESCAPE, "back"),
        (pygame.K_HOME, "home"),
        (pygame.K_F1, "help"),
        (pygame.K_F3, "voice"),
    ):
        desk.replies.clear()
        desk.key(key)
        assert [r.key for r in desk.replies] == [reply]
