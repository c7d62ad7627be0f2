"""Steps: what the offices behind the platform do."""

from __future__ import annotations

from simulator.acceptance.scene import Scene
from simulator.acceptance.vocabulary import act, chapter
from simulator.acceptance.words import COLLECTIONS, OFFICE_ACTS, meaning_of

chapter("九、部门")


@act(
    "部门对他最近的一件事“{what}”",
    "办理一步、办结、不予办理、要求补正、暂停计时、恢复计时。",
    "部门对他最近的一件事“要求补正”",
)
def office_acts(scene: Scene, what: str) -> None:
    scene.terminal.desk(f"cases/{scene.last_case()['number']}", act=meaning_of(OFFICE_ACTS, what, "部门的动作"))


@act("收费单位在缴费之前把金额改了", "从核对到缴费之间，金额变了一分钱。", where="hall")
def fee_changes(scene: Scene) -> None:
    scene.terminal.desk("fee-changes", fen=1)


@act("查询的单位没有他的记录", "各单位的查询都答“没有记录”。", where="hall")
def nothing_on_record(scene: Scene) -> None:
    scene.terminal.desk("queries", answer="none")


@act("取证柜里他的证件“{how}”", "做好了、还没有做好、柜门打不开。", "取证柜里他的证件“做好了”")
def in_the_cabinet(scene: Scene, how: str) -> None:
    scene.terminal.desk("cabinet", cabinet=meaning_of(COLLECTIONS, how, "取证的情形"))
