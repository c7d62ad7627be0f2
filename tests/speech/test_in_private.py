"""Who listens alone, who needs time, who is not read over the shoulder; and characters that sound alike."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pygame
import pytest
from by_ear import Desk, EarDisplay, EarHall, Listener

from config.speech import make_spelling
from config.speech_spelling import word_with
from config.texts import LANGUAGES, texts
from kiosk.visits.headset import follow_headset
from screens.by_keys import HERE, HERE_S
from screens.curtain import LINES, UNCOVERED
from screens.marks import Fill, Words
from screens.samples import samples
from screens.screen import Candidates, Countdown, Ink, Language, Reply
from screens.speech.asked import primary
from screens.speech.things import Where, spelled
from screens.speech.wording import TOLD_WHOLE, announcement
from simulator.virtual_time import run_virtual

ZH = samples("zh", "standard")
COUNTED = replace(ZH["review"], countdown=Countdown(1_090.0, 90.0))


@pytest.fixture
def desk() -> Desk:
    return Desk()


# The headset


def test_the_switch_for_the_cover_comes_with_the_headset(tmp_path: Path) -> None:
    async def story() -> None:
        async with EarHall(tmp_path) as hall:
            ear = Listener(hall)
            await ear.press("headset-in")
            await ear.press("ok")
            await ear.hears("要办什么事")
            shown = hall.display.screen
            assert shown is not None
            assert shown.voice == "on"
            assert ("curtain", "on") in [(a.key, a.value) for a in shown.modes]
            await ear.choose("遮住屏幕")
            await ear.hears("屏幕遮住了")
            assert hall.display.screen is not None
            assert hall.display.screen.curtain
            await ear.choose("居民身份证到期换领")
            await ear.hears("办事指南")
            assert hall.display.screen.curtain, "the next page is covered too"
            assert isinstance(hall.display, EarDisplay)
            hall.display.stage.touch(540, 400)
            hall.display.stage.turn()
            await ear.hears("看得见")
            assert not hall.display.screen.curtain
            await ear.press("headset-out")
            await ear.hears("耳机拔出来了")
            assert hall.display.screen.voice == "off"
            assert not [a for a in hall.display.screen.modes if a.key == "curtain"]

    run_virtual(story())


def test_nothing_of_a_covered_page_is_painted_and_any_touch_uncovers_it(desk: Desk) -> None:
    desk.show(replace(ZH["review"], curtain=True))
    marks = desk.stage._canvas.marks
    say = texts("zh").t
    assert [mark.text for mark in marks if isinstance(mark, Words)] == [say(key) for key in LINES]
    assert isinstance(marks[0], Fill)
    assert len(marks) == 1 + len(LINES)
    desk.stage.touch(540, 1700)
    desk.stage.turn()
    assert desk.replies == [UNCOVERED], "where a button would be, too"
    desk.replies.clear()
    desk.key(pygame.K_RIGHT)
    desk.key(pygame.K_RETURN, "\r")
    assert desk.replies, "keys go on under the cover"
    assert UNCOVERED not in desk.replies


def test_a_socket_in_the_cabinet_is_a_key_of_the_stage() -> None:
    from drivers.cabinet.state import DoorOpened, HeadsetIn, HeadsetOut

    class Board:
        def watch_events(self, callback: object) -> object:
            self.told = callback
            return None

    class Display:
        def __init__(self) -> None:
            self.keys: list[str] = []

        def key(self, pressed: str) -> None:
            self.keys.append(pressed)

    board, display = Board(), Display()
    follow_headset(board, display)
    for event in (HeadsetIn(1.0), DoorOpened(2.0), HeadsetOut(3.0)):
        board.told(event)  # type: ignore[operator]  # what was handed over
    assert display.keys == ["headset-in", "headset-out"]
    follow_headset(None, display)
    follow_headset(board, object())


# Time


def test_keys_and_listening_say_that_somebody_is_here(desk: Desk) -> None:
    desk.show(COUNTED)
    desk.here.clear()
    desk.now += HERE_S
    desk.key(pygame.K_DOWN)
    desk.key(pygame.K_DOWN)
    assert desk.here == [HERE], "not oftener than every five seconds"
    desk.now += HERE_S
    desk.stage.turn()
    assert len(desk.here) == 2, "the second key"
    desk.now += HERE_S
    desk.stage.turn()
    assert len(desk.here) == 2, "silence is silence"
    desk.ears.is_busy = True
    desk.stage.turn()
    assert len(desk.here) == 3, "who is being told something has not gone"
    desk.show(COUNTED, voice=False)
    desk.now += HERE_S
    desk.stage.turn()
    assert len(desk.here) == 3


def test_the_warning_is_spoken_and_answered_more_than_ten_times(tmp_path: Path) -> None:
    async def story() -> None:
        async with EarHall(tmp_path) as hall:
            ear = Listener(hall)
            await ear.press("ok")
            await ear.hears("要办什么事")
            loop = asyncio.get_running_loop()
            for _ in range(12):
                await ear.hears("您还在吗", within_s=600)
                assert hall.display.screen is not None
                assert hall.display.screen.countdown is not None
                assert hall.display.screen.countdown.ends_at - loop.time() >= 40, "twice as long for who listens"
                await asyncio.sleep(25)
                await ear.press("ok")
                await ear.hears("要办什么事")

    run_virtual(story())


def test_who_goes_over_a_page_with_keys_is_not_asked_whether_they_are_there(tmp_path: Path) -> None:
    async def story() -> None:
        async with EarHall(tmp_path) as hall:
            ear = Listener(hall)
            await ear.press("ok")
            await ear.hears("要办什么事")
            for _ in range(60):
                await asyncio.sleep(6)
                await ear.press("down")
                assert hall.display.screen is not None
                assert hall.display.screen.page == "home"

    run_virtual(story())


# What is said


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_of_trouble_say_all_of_it_at_once(language: Language) -> None:
    seen = set()
    for name, screen in samples(language).items():
        if screen.page not in TOLD_WHOLE:
            continue
        seen.add(screen.page)
        said = " ".join(announcement(screen))
        for block in screen.blocks:
            for text in (getattr(block, "text", ""), getattr(block, "detail", "")):
                first = text.replace("\n", " ").split("。")[0].split(". ")[0].split("；")[0].strip()
                assert not first or first[:12].split("  ")[0] in said or any(c.isdigit() for c in first), (name, first)
        if any(action.key == "help" for action in screen.nav):
            assert texts(language).t("speech.help-key").split(",")[0].split("，")[0] in said, name
    assert {"not_done", "closed", "still_there", "queued"} <= seen


def test_characters_that_sound_alike_are_told_apart() -> None:
    where = Where("zh", private=False)
    assert spelled("张", where) == ("一张的张",)
    assert spelled("章", where) == ("文章的章",)
    assert len(spelled("威海", where)) == 2
    assert spelled("威海市环翠区", where) == (), "long words tell themselves apart"
    assert word_with("Q") == ""
    assert make_spelling.OUT.read_text("utf-8") == make_spelling.spelling(), "python -m config.speech.make_spelling"


def test_zero_leads_to_the_words_that_were_found_and_one_to_the_other_keys(desk: Desk) -> None:
    name = next(n for n, s in ZH.items() if s.page == "writing" and any(isinstance(b, Candidates) for b in s.blocks))
    desk.show(ZH[name])
    words = next(b.words for b in ZH[name].blocks if isinstance(b, Candidates))
    assert desk.key(pygame.K_KP0, "0")[0] == words[0]
    assert desk.key(pygame.K_KP0, "0")[0] == words[1]
    desk.key(pygame.K_RETURN, "\r")
    assert desk.replies == [Reply("candidate", "1")]
    others = {desk.key(pygame.K_KP1, "1")[0] for _ in range(9)}
    assert {texts("zh").t("key.backspace"), texts("zh").t("entering.layer.signs")} <= others


def test_the_star_types_the_one_key_beside_the_digits(desk: Desk) -> None:
    desk.show(ZH["type_number"])
    desk.key(pygame.K_KP_MULTIPLY, "*")
    assert desk.replies == [Reply("key", "X")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_goes_by_keys_is_led_to_the_ways_without_writing(language: Language) -> None:
    signing = [s for s in samples(language).values() if any(isinstance(b, Ink) for b in s.blocks) and s.page == "sign"]
    assert signing
    for screen in signing:
        action = primary(screen)
        assert action is not None
        assert action.key == "other"
