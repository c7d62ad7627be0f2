"""What was done at the bench as a feature file: written in the words of the scenarios, read again, played again."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator.acceptance.terminals import Terminals
from simulator.acceptance.words import KEYPAD
from simulator.bench.glass_routes import KEYS
from simulator.bench.playing import NotPlayable, play, read
from simulator.bench.recording import Counts, Event, Recording
from simulator.bench.written import feature
from simulator.processes import Process


def acts(*events: tuple[str, dict[str, Any]], **more: Any) -> str:
    """The feature of these events."""
    made = [Event(float(n), kind, what) for n, (kind, what) in enumerate(events)]  # type: ignore[arg-type]  # kinds by name
    return feature(Recording("一次", 0.0, made, **more))


def act(family: str, verb: str, **args: Any) -> tuple[str, dict[str, Any]]:
    return "act", {"family": family, "verb": verb, "args": args}


LOST_ONCE = ("desk", {"path": "faults", "body": {"drop_reply_after_commit": True, "times": 1, "area": "applications"}})


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (act("id-card-reader", "present", card="forged"), "他把“伪造的身份证”放在读卡区"),
        (act("id-card-reader", "lift"), "他拿走身份证"),
        (act("camera", "someone_else"), "摄像头看到的是“别人”"),
        (act("payment-pad", "tap", card="citizen-02"), "他在刷卡机上“挥卡”"),
        (act("payment-pad", "insert", pin="wrong"), "他在刷卡机上“插卡，密码输错”"),
        (act("receipt-printer", "paper_out"), "“凭条打印机”出现“缺纸”"),
        (act("payment-pad", "slow", seconds=5), "“刷卡机”被这样操作：slow seconds=5"),
        (act("network", "unplug"), "市平台“断开”"),
        (act("document-camera", "lay", kind="booklet"), "他把“户口簿”放在扫描台上"),
        (("desk", {"path": "faults", "body": {"down": True, "area": None}}), "市平台“断开”"),
        (LOST_ONCE, "市平台的“受理”“办了但没有回答”"),
        (("desk", {"path": "faults", "body": {}}), "市平台恢复正常"),
        (("desk", {"path": "phone/pay", "body": {"provider": "alipay"}}), "他用“支付宝”扫屏幕上的码付款"),
        (("desk", {"path": "phone/certificate", "body": {"which": "void"}}), "他出示“作废的证明”的二维码"),
        (("desk", {"path": "cases/3710022611220001", "body": {"act": "supplement"}}), "部门对他最近的一件事“要求补正”"),
        (("desk", {"path": "time", "body": {"days": 3}}), '市平台的后台做“time”：{"days": 3}'),
        (("touch", {"key": "language", "value": "en", "words": "English"}), "他切换成“English”"),
        (("touch", {"key": "rate", "value": "5", "words": "非常满意"}), "他评价“非常满意”"),
        (("touch", {"key": "field", "value": "birth", "words": ""}), "他点回答是“field=birth”的地方"),
        (("process", {"name": "terminal", "order": "kill"}), "自助机断电"),
        (("process", {"name": "terminal", "order": "refuse-disk"}), "自助机的磁盘写不进去"),
        (("process", {"name": "terminal", "order": "mend-disk"}), "自助机的磁盘恢复正常"),
        (("key", {"key": "headset-in"}), "他按小键盘的“插上耳机”"),
        (("key", {"key": "7"}), "他按小键盘的“7”"),
        (("clock", {"ahead_s": 1800, "speed": 1}), "自助机的时钟快了30分钟"),
    ],
)  # fmt: skip
def test_what_was_done_is_written_in_the_words_of_the_scenarios_and_read_again(
    event: tuple[str, dict[str, Any]], line: str
) -> None:
    written = acts(event)
    assert line in written, written
    (scenario,) = read(written)
    assert line in [one.words for one in scenario.lines]


def test_typing_pauses_pages_and_the_end_are_written() -> None:
    written = acts(
        ("page", {"page": "form"}), *(("touch", {"key": "key", "value": v, "words": v}) for v in "199"),
        ("page", {"page": "unheard-of"}), ("touch", {"key": "next", "value": "", "words": "下一步"}),
        ("stroke", {"points": [[1, 2]]}), ("key", {"key": "ok"}), act("id-card-reader", "present", card="citizen-00"),
        before=Counts(0, 0, 1), after=Counts(2000, 100, 2, 1, ("WH-PS-001",), (5,)),
    )  # fmt: skip
    for line in (
        "市民是“于振海”", "屏幕是“填写”", "他输入“199”", "屏幕的页名是“unheard-of”", "# 手写一笔",
        "他按小键盘的“确认”", "银行收到20.00元",
        "手机付款收到1.00元", "出了1张凭条", "出了1页证明",
        "市平台收到1件“居民身份证到期换领”的办件", "市平台收到评价“非常满意”",
    ):  # fmt: skip
        assert line in written, written
    slow = [Event(0.0, "page", {"page": "standby"}), Event(45.0, "touch", {"key": "start", "value": "", "words": "点"})]
    assert "过了45秒" in feature(Recording("慢", 0.0, slow))


def test_a_file_that_cannot_be_played_says_where() -> None:
    for text, words in (
        ("功能: 空", "no scenario"), ("场景: 一\n  当 他飞走了", "f:2: no step says '他飞走了'"),
        ("场景大纲: 一", "f:1: an outline"), ("场景: 一\n  只是话", "f:2: no step: 只是话"),
    ):  # fmt: skip
        with pytest.raises(NotPlayable, match=words):
            read(text, "f")


@pytest.mark.promise("P9")
def test_a_scenario_plays_in_virtual_time_and_stops_where_it_differs(terminals: Terminals) -> None:
    (scenario,) = read(
        "场景: 一\n 假如 一台空闲的自助机\n 那么 屏幕是“待机”\n 当 他点“点这里开始”\n"
        " 那么 屏幕是“首页”\n 而且 不能点“搜一搜”\n 而且 屏幕是“首页”"
    )
    said: list[str] = []
    wrong = play(scenario, terminals, said.append)
    assert wrong.startswith("line 6: 不能点“搜一搜”")
    assert [line.split()[0] for line in said] == ["ok", "ok", "ok", "ok", "WRONG"]


@pytest.fixture
def terminals() -> Iterator[Terminals]:
    made = Terminals(seed=1)
    yield made
    made.close()


def test_the_keypad_works_in_virtual_time(terminals: Terminals) -> None:
    (scenario,) = read("场景: 按键\n 假如 一台空闲的自助机\n 当 他按小键盘的“确认”\n 那么 屏幕是“首页”")
    said: list[str] = []
    assert play(scenario, terminals, said.append) == "", "\n".join(said)
    (wrong,) = read("场景: 按键\n 假如 一台空闲的自助机\n 当 他按小键盘的“飞”")
    assert "没有叫“飞”的小键盘的键" in play(wrong, terminals, said.append)


def test_every_key_of_the_keypad_has_its_word() -> None:
    assert sorted(KEYPAD.values()) == sorted(KEYS)


def test_a_recording_plays_where_no_test_runner_is_installed() -> None:
    without = "import sys; sys.modules.update(dict.fromkeys(('pytest', 'pytest_bdd', '_pytest', 'playwright'))); "
    play_it = "from simulator.bench.playing import play_file; from simulator.acceptance import at_bench, in_hall"
    subprocess.run([sys.executable, "-c", without + play_it], check=True, timeout=60)


async def test_no_file_takes_what_a_process_writes_until_its_disk_is_mended(tmp_path: Path) -> None:
    writes = (
        "import sys, time\n"
        "for n in range(600):\n"
        "    try:\n        with open(sys.argv[1], 'a') as file: file.write(f'{n}\\n')\n"
        "    except OSError:\n        open(sys.argv[2], 'w').close()\n"
        "    time.sleep(0.02)\n"
    )
    file, refused = tmp_path / "file", tmp_path / "refused"
    child = Process("terminal", [sys.executable, "-c", writes, str(file), str(refused)], tmp_path / "log")
    with pytest.raises(RuntimeError, match="does not run: start it first"):
        await child.refuse_disk()

    async def until(true: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not true():
                await asyncio.sleep(0.02)

    await child.start()
    try:
        await until(file.exists)
        await child.refuse_disk()
        assert child.state()["disk_refuses"]
        await until(refused.exists)
        stood = file.read_bytes()
        await asyncio.sleep(0.1)
        assert file.read_bytes() == stood
        await child.mend_disk()
        await until(lambda: len(file.read_bytes()) > len(stood))
        assert not child.state()["disk_refuses"]
    finally:
        await child.kill()
