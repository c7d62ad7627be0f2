"""Steps: what the platform keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simulator.acceptance.scene import Scene
from simulator.acceptance.vocabulary import chapter, see
from simulator.acceptance.words import DEVICES, RATINGS, meaning_of

chapter("十三、市平台")
DELIVERED_S = 240.0
STATES: Mapping[str, str] = {
    "已受理": "ACCEPTED", "办理中": "IN_PROGRESS", "要补正": "SUPPLEMENT", "已办结": "DONE", "不予办理": "REFUSED",
    "暂停": "PAUSED", "已撤回": "WITHDRAWN",
}  # fmt: skip
PRINT_STATES: Mapping[str, str] = {"已打印": "PRINTED", "已作废": "VOID", "已授权": "AUTHORISED"}
MODULES: Mapping[str, str] = {"id-card-reader": "id_card"}
"""Device family -> the module in a fault's report, where it is called otherwise."""
ORDER_STATES: Mapping[str, str] = {"已付": "PAID", "已退": "REFUNDED", "已关": "CLOSED", "待付": "OPEN"}


def new(scene: Scene, kind: str) -> list[Mapping[str, Any]]:
    """What the platform has had of `kind` since the citizen came."""
    return scene.terminal.records(kind)[getattr(scene.stood, kind) :]


@see(
    "市平台收到{n:d}件“{service}”的办件",
    "来了以后，市平台一共收到这么多件。",
    "市平台收到1件“居民身份证到期换领”的办件",
)
def cases_received(scene: Scene, n: int, service: str) -> None:
    wanted = scene.service_called(service).id

    def there() -> int:
        return sum(case["service"] == wanted for case in new(scene, "cases"))

    if n:
        scene.terminal.until(lambda: there() >= n, DELIVERED_S, lambda: f"市平台收到 {there()} 件")
    assert there() == n, f"市平台收到 {there()} 件"


@see("市平台没有收到办件", "来了以后，市平台一件也没有收到。")
def no_case(scene: Scene) -> None:
    found = new(scene, "cases")
    assert not found, f"市平台收到了 {len(found)} 件"


@see("他最近的一件事是“{state}”", "已受理、办理中、要补正、已办结、不予办理、暂停。", "他最近的一件事是“要补正”")
def case_state(scene: Scene, state: str) -> None:
    wanted = meaning_of(STATES, state, "状态")

    def now() -> str:
        return str(scene.last_case()["state"])

    scene.terminal.until(lambda: now() == wanted, DELIVERED_S, lambda: f"状态是 {now()}")


@see("市平台的付款单“{state}”", "最近一张付款单的状态：已付、已退、已关、待付。", "市平台的付款单“已付”")
def order_state(scene: Scene, state: str) -> None:
    wanted = meaning_of(ORDER_STATES, state, "状态")

    def now() -> str:
        orders = new(scene, "orders")
        return str(orders[-1]["state"]) if orders else "没有付款单"

    scene.terminal.until(lambda: now() == wanted, DELIVERED_S, lambda: f"付款单是 {now()}")


@see("市平台记下证明“{state}”", "最近一份证明的状态：已打印、已作废。", "市平台记下证明“已打印”")
def print_state(scene: Scene, state: str) -> None:
    wanted = meaning_of(PRINT_STATES, state, "状态")

    def now() -> str:
        prints = new(scene, "prints")
        return str(prints[-1]["state"]) if prints else "没有证明"

    scene.terminal.until(lambda: now() == wanted, DELIVERED_S, lambda: f"证明是 {now()}")


@see("市平台没有授权过证明", "来了以后，市平台没有授权打印任何证明。")
def no_print(scene: Scene) -> None:
    found = new(scene, "prints")
    assert not found, f"授权了 {len(found)} 份"


@see("市平台收到评价“{rating}”", "最近一次评价是这个。", "市平台收到评价“非常满意”")
def rated(scene: Scene, rating: str) -> None:
    wanted = meaning_of(RATINGS, rating, "评价")

    def now() -> str:
        found = new(scene, "evaluations")
        return str(found[-1]["satisfaction"]) if found else "没有评价"

    scene.terminal.until(lambda: now() == str(wanted), DELIVERED_S, lambda: f"评价是 {now()}")


@see("市平台没有收到评价", "来了以后没有评价。")
def not_rated(scene: Scene) -> None:
    found = new(scene, "evaluations")
    assert not found, f"收到了 {len(found)} 次评价"


@see("市平台知道“{device}”有故障", "自助机把这个设备的故障报给了市平台。", "市平台知道“凭条打印机”有故障")
def fault_reported(scene: Scene, device: str) -> None:
    family = meaning_of(DEVICES, device, "设备")
    module = MODULES.get(family, family.replace("-", "_"))

    def there() -> bool:
        return any(row["module"] == module and row["is_open"] for row in scene.terminal.records("device-faults"))

    scene.terminal.until(
        there, DELIVERED_S, lambda: f"市平台知道的故障：{scene.terminal.records('device-faults')[-3:]}"
    )
