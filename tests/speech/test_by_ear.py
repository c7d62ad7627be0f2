"""Whole journeys by keypad and speech alone: the citizen here never sees a screen, only hears sentences."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from by_ear import EarHall, Listener

from simulator.people import CITIZENS
from simulator.virtual_time import run_virtual

CITIZEN = CITIZENS["citizen-02"]
Story = Callable[[EarHall, Listener], Awaitable[None]]


def listen(folder: Path, story: Story) -> EarHall:
    """Play one story; nothing that was said over the loudspeaker may hold a number of the citizen's."""
    halls: list[EarHall] = []

    async def told() -> None:
        async with EarHall(folder) as hall:
            halls.append(hall)
            await story(hall, Listener(hall))

    run_virtual(told())
    said = "".join("".join(halls[0].ears.heard).split())
    for number in (CITIZEN.number, CITIZEN.phone, CITIZEN.pan, "19906311074"):
        assert number not in said
    return halls[0]


async def _to_consent(ear: Listener, *ways: str) -> None:
    """Wake the terminal, find the service by what is said, start."""
    await ear.press("down")
    await ear.hears("按确认键开始")
    await ear.press("ok")
    await ear.hears("要办什么事")
    for way in ways:
        await ear.choose(way)
    await ear.hears("办事指南")
    await ear.choose("开始办理")
    await ear.hears("同意后继续")


async def _identify(hall: EarHall, ear: Listener) -> None:
    await ear.choose("同意，继续", "都同意")
    await ear.hears("请把身份证放在读卡区")
    hall.reader_there.do("present", card="citizen-02")


async def _what_happened(hall: EarHall) -> str:
    """What a failure tells: what ended, what waits, what the chain says, what the bank did."""
    ended = [repr(task.exception()) for task in hall.tasks if task.done() and not task.cancelled()]
    with sqlite3.connect(hall.journal.path) as cx:
        chain = cx.execute("SELECT kind, body FROM entry ORDER BY seq DESC LIMIT 25").fetchall()
    waits = [(row.topic, row.tries) for row in await hall.journal.rows()]
    return "\n".join(map(str, [ended, waits, await hall.sim("refunds"), *chain]))


@pytest.mark.promise("P1")
@pytest.mark.promise("P6")
def test_a_paid_renewal_by_ear(tmp_path: Path) -> None:
    async def story(hall: EarHall, ear: Listener) -> None:
        await _to_consent(ear, "居民身份证到期换领")
        await _identify(hall, ear)
        await ear.hears("可以刷脸")
        await ear.choose("刷脸", "同意")
        await ear.hears("手机号码")
        await ear.type("19906311074")
        await ear.hears("已输入11位")
        await ear.choose("窗口自取")
        await ear.hears("已选")
        await ear.find("下一步", "核对")
        await ear.press("ok")
        await ear.hears("请核对内容")
        await ear.find("领取方式", way="down")
        await ear.hears("窗口自取")
        await ear.choose("去缴费")
        await ear.hears("付款终端")
        hall.pad_there.do("tap", card="citizen-02")
        await ear.hears("办好了", within_s=120)
        hall.lift()
        await ear.choose("离开")
        await hall.page("standby")
        assert hall.paid_fen() == 2000
        for _ in range(120):  # handed in behind the citizen's back
            if cases := await hall.sim("cases"):
                break
            await asyncio.sleep(0.5)
        assert len(cases) == 1, await _what_happened(hall)

    hall = listen(tmp_path, story)
    assert hall.ears.volume == 6


@pytest.mark.promise("P3")
def test_a_certificate_by_ear(tmp_path: Path) -> None:
    async def story(hall: EarHall, ear: Listener) -> None:
        await _to_consent(ear, "社保", "社会保险个人参保证明")
        await _identify(hall, ear)
        await ear.hears("要证明的险种", "险种")
        await ear.choose("养老保险")
        await ear.hears("已选")
        await ear.find("下一步", "核对")
        await ear.press("ok")
        await ear.hears("请核对内容")
        await ear.choose("没有错")
        await ear.hears("办好了", within_s=120)
        hall.lift()
        await ear.choose("离开")
        await hall.page("standby")
        assert len(hall.licences.pages) == 1

    listen(tmp_path, story)


def test_nobody_is_spoken_to_who_started_with_a_finger(tmp_path: Path) -> None:
    async def story(hall: EarHall, ear: Listener) -> None:
        del ear
        await hall.to_consent("WH-SI-001")
        await hall.press("leave")
        await hall.page("standby")
        assert hall.ears.heard == []
        await hall.to_consent("WH-SI-001")
        await hall.press("voice", "on")
        assert "语音已打开" in hall.ears.heard
        await hall.press("voice", "off")
        assert hall.ears.heard[-1] == "语音已关闭"
        await hall.press("leave")
        await hall.page("standby")
        await hall.press("start")
        screen = await hall.page("home")
        assert screen.voice == "off"

    listen(tmp_path, story)


def test_a_foreigner_changes_the_language_by_ear_and_leaves(tmp_path: Path) -> None:
    async def story(hall: EarHall, ear: Listener) -> None:
        await ear.press("down")
        await ear.press("ok")
        await ear.hears("要办什么事")
        await ear.choose("English")
        await ear.hears("what can we do for you")
        await ear.choose("Resident ID card renewal")
        await ear.hears("guide")
        await ear.press("louder")
        await ear.hears("Volume 7")
        await ear.find("minutes", "yuan", "Fee", way="down")
        await ear.press("repeat")
        assert ear.heard
        await ear.press("back")
        await ear.hears("what can we do for you")
        await ear.choose("Leave")
        await hall.page("standby")

    hall = listen(tmp_path, story)
    assert hall.ears.volume == 6, "the next visitor finds the usual volume"


def test_silence_is_asked_about_and_answered_by_ear(tmp_path: Path) -> None:
    async def story(hall: EarHall, ear: Listener) -> None:
        await _to_consent(ear, "居民身份证到期换领")
        await ear.hears("您还在吗", within_s=300)
        await ear.hears("按确认键")
        await ear.press("ok")
        await ear.hears("同意后继续")
        await ear.press("home")
        await ear.hears("要办什么事")
        assert hall.display.screen is not None
        assert hall.display.screen.voice == "on"

    listen(tmp_path, story)


def test_a_form_that_is_wrong_says_what_is_wrong(tmp_path: Path) -> None:
    async def story(hall: EarHall, ear: Listener) -> None:
        await _to_consent(ear, "居民身份证到期换领")
        await _identify(hall, ear)
        await ear.hears("可以刷脸")
        await ear.choose("刷脸", "同意")
        await ear.hears("手机号码")
        await ear.type("2990631107")
        await ear.hears("有问题", "已输入10位")
        heard = " ".join(hall.ears.heard)
        assert "2990631107" not in heard.replace(" ", "")

    listen(tmp_path, story)
