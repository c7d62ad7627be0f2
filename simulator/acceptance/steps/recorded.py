"""Steps: what a recording at the bench has no better words for. They say exactly what was done."""

from __future__ import annotations

import json
from typing import Any

from simulator.acceptance.scene import Scene
from simulator.acceptance.terminal import NotHere
from simulator.acceptance.vocabulary import act, chapter, see
from simulator.acceptance.words import DEVICES

chapter("十七、录制时用的说法")
PAGE_S = 180.0
EYES = frozenset({"camera", "document-camera", "code-reader"})
"""What a terminal in virtual time has no device for: its world says what is seen."""


@act(
    "他点回答是“{reply}”的地方",
    "点的地方没有字，或者字不止一处时用：回答的键，或者“键=值”。",
    "他点回答是“field=birth”的地方",
)
def touches_reply(scene: Scene, reply: str) -> None:
    key, _, value = reply.partition("=")
    if key == "key":
        scene.terminal.press(key, value)
    else:
        scene.terminal.touch(key, value)


@act(
    "“{device}”被这样操作：{what}",
    "设备的一个动作和它的参数（kiosk-sim ctl verbs 列出全部）。",
    "“刷卡机”被这样操作：slow seconds=5",
)
def does_to_device(scene: Scene, device: str, what: str) -> None:
    family = DEVICES.get(device, device)
    if scene.terminal.where == "hall" and family in EYES:
        raise NotHere(f"虚拟时间里没有“{device}”这个设备，请对着测试台跑")
    verb, *rest = what.split()
    scene.terminal.act(family, verb, **dict(_argument(word) for word in rest))


@act(
    "市平台的后台做“{path}”：{body}",
    "直接对模拟市平台的后台做一件事，内容是 JSON（见 docs/platform.md）。",
    '市平台的后台做“time”：{"days": 3}',
)
def at_desk(scene: Scene, path: str, body: str) -> None:
    scene.terminal.desk(path, **json.loads(body))


@see("屏幕的页名是“{name}”", "停在这个名字的页上（没有中文叫法的页）。", "屏幕的页名是“standby”")
def page_called(scene: Scene, name: str) -> None:
    scene.terminal.page(name, within_s=PAGE_S)
    scene.hands.look()


def _argument(word: str) -> tuple[str, Any]:
    name, _, value = word.partition("=")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value
