"""Steps: where the money is, by the bank's and the payers' own books."""

from __future__ import annotations

from decimal import Decimal

from simulator.acceptance.scene import Scene
from simulator.acceptance.vocabulary import chapter, see

chapter("十二、钱")
SETTLED_S = 240.0


def _fen(yuan: str) -> int:
    return int(Decimal(yuan) * 100)


def at_bank(scene: Scene) -> int:
    """What the payees gained at the pad since the citizen came, in fen."""
    return int(scene.terminal.state("payment-pad").get("balance_fen", 0)) - scene.stood.bank_fen


def by_phone(scene: Scene) -> int:
    """What was paid by phone since the citizen came, less what went back, in fen."""
    return scene.terminal.phone_fen() - scene.stood.phone_fen


@see("银行收到{yuan}元", "刷卡机的账上净收到这么多（退回的已减去）。", "银行收到20.00元")
def bank_received(scene: Scene, yuan: str) -> None:
    scene.terminal.until(
        lambda: at_bank(scene) == _fen(yuan), SETTLED_S, lambda: f"银行收到 {at_bank(scene) / 100:.2f} 元"
    )


@see("银行没有收钱", "刷卡机的账上净收到零元。")
def bank_received_nothing(scene: Scene) -> None:
    bank_received(scene, "0")


@see("手机付款收到{yuan}元", "手机付款的账上净收到这么多。", "手机付款收到20.00元")
def phone_received(scene: Scene, yuan: str) -> None:
    scene.terminal.until(
        lambda: by_phone(scene) == _fen(yuan), SETTLED_S, lambda: f"手机付款收到 {by_phone(scene) / 100:.2f} 元"
    )


@see("手机付款没有收钱", "手机付款的账上净收到零元。")
def phone_received_nothing(scene: Scene) -> None:
    phone_received(scene, "0")


@see("扣过的钱已经退回", "刷卡机上扣过款，后来全部退回。")
def given_back(scene: Scene) -> None:
    terminal = scene.terminal
    payments = sum(entry["kind"] == "payment" for entry in terminal.state("payment-pad").get("ledger", ()))
    assert payments > scene.stood.payments, "银行没有扣过款"
    bank_received(scene, "0")


@see("银行只扣了{n:d}次款", "刷卡机的账上一共有这么多笔付款。", "银行只扣了1次款")
def charged_times(scene: Scene, n: int) -> None:
    ledger = scene.terminal.state("payment-pad").get("ledger", ())
    found = sum(entry["kind"] == "payment" for entry in ledger) - scene.stood.payments
    assert found == n, f"银行扣了 {found} 次款"


@see(
    "银行收到的钱和市平台收到的“{service}”对得上",
    "办成了就收了这件事的钱，没有办成就一分不收；件数最多一件。",
    "银行收到的钱和市平台收到的“居民身份证到期换领”对得上",
)
def money_matches(scene: Scene, service: str) -> None:
    from simulator.acceptance.steps.city import new

    wanted = scene.service_called(service)

    def stands() -> tuple[int, int]:
        cases = sum(case["service"] == wanted.id for case in new(scene, "cases"))
        return cases, at_bank(scene) + by_phone(scene)

    def right() -> bool:
        cases, fen = stands()
        return cases <= 1 and fen == cases * wanted.fee.fen

    scene.terminal.until(right, SETTLED_S, lambda: f"{stands()[0]} 件，{stands()[1] / 100:.2f} 元")
