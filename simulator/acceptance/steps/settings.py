"""Steps: which terminal it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from simulator.acceptance.scene import Scene
from simulator.acceptance.vocabulary import act, chapter
from simulator.acceptance.words import EQUIPMENT, WAYS, meaning_of
from simulator.platform.city import ZONE

chapter("一、自助机")
BETWEEN = "、"


@act("一台空闲的自助机", "一台没有人用、一切正常的自助机，停在待机页。")
def idle_terminal(scene: Scene) -> None:
    scene.terminal.page("standby")


@act(
    "一台能用“{ways}”缴费的自助机",
    "缴费方式：银行卡、手机扫码、付款码，用顿号隔开。",
    "一台能用“银行卡、手机扫码”缴费的自助机",
)
def terminal_with_ways(scene: Scene, ways: str) -> None:
    wanted = tuple(meaning_of(WAYS, way, "缴费方式") for way in ways.split(BETWEEN))
    scene.setting = replace(scene.setting, ways=wanted)
    idle_terminal(scene)


@act(
    "一台配有“{equipment}”的自助机",
    "另外的设备：取证柜、对讲机、发卡口等，用顿号隔开。",
    "一台配有“取证柜”的自助机",
    "hall",
)
def terminal_with_equipment(scene: Scene, equipment: str) -> None:
    wanted = tuple(meaning_of(EQUIPMENT, one, "设备") for one in equipment.split(BETWEEN))
    scene.setting = replace(scene.setting, equipment=wanted)
    idle_terminal(scene)


@act("一台自助机，时间是“{when}”", "开机的时间：年-月-日 时:分。", "一台自助机，时间是“2026-11-23 09:30”", "hall")
def terminal_at(scene: Scene, when: str) -> None:
    scene.setting = replace(scene.setting, opens=datetime.strptime(when, "%Y-%m-%d %H:%M").replace(tzinfo=ZONE))
    idle_terminal(scene)
