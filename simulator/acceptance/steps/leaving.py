"""Steps: going, standing still, time."""

from __future__ import annotations

from simulator.acceptance.scene import Scene
from simulator.acceptance.vocabulary import act, chapter

chapter("七、离开与时间")
MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400


@act("他拿好东西离开", "拿走身份证和纸，点“离开”，等屏幕回到待机。")
def leaves(scene: Scene) -> None:
    scene.hands.leave()
    scene.terminal.page("standby", "closed", within_s=90)


@act("他点离开，忘了拿身份证", "点“离开”，身份证还在读卡区。")
def leaves_card_behind(scene: Scene) -> None:
    scene.terminal.touch("leave")


@act("他一声不响地走了", "拿走身份证，什么也不点就走了；摄像头前没有人。")
def walks_away(scene: Scene) -> None:
    scene.hands.lift()
    scene.hands.take_papers()


@act("过了{n:d}秒", "什么也不做，等这么久。", "过了30秒")
def seconds_pass(scene: Scene, n: int) -> None:
    scene.terminal.wait(n)


@act("过了{n:d}分钟", "什么也不做，等这么久。真实时间里最多等 3 分钟。", "过了5分钟")
def minutes_pass(scene: Scene, n: int) -> None:
    scene.terminal.wait(n * MINUTE_S)


@act("过了{n:d}小时", "什么也不做，等这么久。", "过了2小时", "hall")
def hours_pass(scene: Scene, n: int) -> None:
    scene.terminal.wait(n * HOUR_S)


@act("过了{n:d}天", "什么也不做，等这么久。", "过了1天", "hall")
def days_pass(scene: Scene, n: int) -> None:
    scene.terminal.wait(n * DAY_S)
