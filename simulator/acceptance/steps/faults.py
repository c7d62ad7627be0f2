"""Steps: what goes wrong, and how it is mended."""

from __future__ import annotations

from contextlib import suppress

from simulator.acceptance.scene import Scene
from simulator.acceptance.vocabulary import act, chapter, see
from simulator.acceptance.words import AREAS, DEVICES, FAULTS, MENDING, PLATFORM_FAULTS, meaning_of
from simulator.breakdowns import named

chapter("八、故障与修好")
CHARGED_S = 60.0
TOLD_S = 60.0
"""A device is asked anew, the platform is missed, and the terminal writes its own state down within this."""


@act("“{device}”出现“{fault}”", "让一个设备出故障；每个设备能出的故障见附表。", "“凭条打印机”出现“缺纸”")
def device_fault(scene: Scene, device: str, fault: str) -> None:
    family = meaning_of(DEVICES, device, "设备")
    verb, args = meaning_of(FAULTS.get(family, {}), fault, f"{device}的故障")
    scene.terminal.act(family, verb, **args)


@act("技术员修好“{device}”", "换纸、清卡纸、关盖、重启：这个设备的故障都修好。", "技术员修好“凭条打印机”")
def mended(scene: Scene, device: str) -> None:
    family = meaning_of(DEVICES, device, "设备")
    for verb, args in MENDING[family]:
        with suppress(ValueError):  # nothing of that kind was wrong
            scene.terminal.act(family, verb, **args)


@act("“{device}”的插头被拔掉", "设备从线上消失。", "“刷卡机”的插头被拔掉")
def unplugged(scene: Scene, device: str) -> None:
    scene.terminal.plug(meaning_of(DEVICES, device, "设备"), there=False)


@act("“{device}”的插头插回去了", "设备又在线上。", "“刷卡机”的插头插回去了")
def plugged(scene: Scene, device: str) -> None:
    scene.terminal.plug(meaning_of(DEVICES, device, "设备"), there=True)


@act(
    "市平台“{fault}”",
    "断开、断开一次、很慢、网关出错、回答缺一半、办了但没有回答、收到两遍、正在维护。",
    "市平台“断开”",
)
def platform_fault(scene: Scene, fault: str) -> None:
    scene.terminal.faults(**meaning_of(PLATFORM_FAULTS, fault, "平台故障"))


@act(
    "市平台的“{area}”“{fault}”",
    "只有一部分出故障：事项目录、登录、证照库、受理、缴费、证明打印、查询、窗口、上报、设备管理。",
    "市平台的“受理”“办了但没有回答”",
)
def area_fault(scene: Scene, area: str, fault: str) -> None:
    plan = meaning_of(PLATFORM_FAULTS, fault, "平台故障")
    scene.terminal.faults(**plan, area=meaning_of(AREAS, area, "平台部分"))


@act("市平台恢复正常", "市平台的故障都没有了。")
def platform_well(scene: Scene) -> None:
    scene.terminal.faults()


@act("自助机断电", "自助机的电突然断了；设备和市平台还在。")
def power_cut(scene: Scene) -> None:
    scene.terminal.cut_power()


@act("银行一扣款，自助机就断电", "等刷卡机入账的那一刻断电。")
def power_cut_after_charge(scene: Scene) -> None:
    terminal = scene.terminal

    def booked() -> bool:
        ledger = terminal.state("payment-pad").get("ledger", ())
        return sum(e["kind"] == "payment" for e in ledger) > scene.stood.payments and any(
            e["state"] == "booked" for e in ledger
        )

    terminal.until(booked, CHARGED_S, "银行没有扣款")
    terminal.cut_power()


@act("自助机重新通电", "自助机重新开机，等它准备好。")
def power_on(scene: Scene) -> None:
    scene.terminal.power_on()


@act("自助机的磁盘写不进去", "磁盘满了或坏了，什么也记不下。")
def disk_full(scene: Scene) -> None:
    scene.terminal.refuse_disk(on=True)


@act("自助机的磁盘恢复正常", "磁盘又能写了。")
def disk_well(scene: Scene) -> None:
    scene.terminal.refuse_disk(on=False)


@act("自助机的时钟快了{n:d}分钟", "主板上的时钟走快了。", "自助机的时钟快了30分钟")
def clock_ahead(scene: Scene, n: int) -> None:
    scene.terminal.set_clock(n * 60)


@act(
    "自助机有故障“{name}”",
    "一种准备好的故障，连同它带来的小毛病一起发生（docs/breakdowns.md 里有全部名字，中文英文都行）。",
    "自助机有故障“出纸口后面卡纸”",
)
def breaks_down(scene: Scene, name: str) -> None:
    try:
        breakdown = named(name)
    except ValueError as error:
        raise AssertionError(str(error)) from None
    scene.terminal.break_down(breakdown)


@act("自助机的故障修好了", "准备好的那种故障，连同小毛病，都没有了。")
def is_whole_again(scene: Scene) -> None:
    scene.terminal.break_down(None)


@see(
    "自检第一句是事件“{event}”",
    "`kiosk diagnose` 第一句说的是这个事件（docs/events.md）；一分钟内要说出来。“”：一切正常。",
    "自检第一句是事件“device.receipt-printer.paper-jammed”",
)
def names_the_cause(scene: Scene, event: str) -> None:
    terminal, told = scene.terminal, [""]

    def named_so() -> bool:
        told[0] = terminal.diagnosis()
        return told[0] == event

    terminal.until(named_so, TOLD_S, lambda: f"自检第一句说的是“{told[0]}”，不是“{event}”")
