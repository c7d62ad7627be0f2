"""Steps: paying by card and by phone."""

from __future__ import annotations

from simulator.acceptance.scene import Scene
from simulator.acceptance.vocabulary import act, chapter
from simulator.acceptance.words import AT_THE_PAD, WALLETS, meaning_of

chapter("五、缴费")
PAD_S = 30.0


@act(
    "他在刷卡机上“{how}”",
    "挥卡；插卡，密码输对；插卡，密码输错；插卡，先输错再输对；挥卡，银行拒绝；按红色取消键。",
    "他在刷卡机上“挥卡，银行拒绝”",
)
def at_the_pad(scene: Scene, how: str) -> None:
    verb, args = meaning_of(AT_THE_PAD, how, "刷卡动作")
    terminal = scene.terminal
    terminal.until(lambda: terminal.state("payment-pad").get("waiting"), PAD_S, "刷卡机没有在等卡")
    terminal.act("payment-pad", verb, **({} if verb == "cancel_key" else {"card": scene.citizen.key} | dict(args)))
    terminal.wait(0.5)


@act(
    "他用“{wallet}”扫屏幕上的码付款",
    "手机扫屏幕上的码：微信支付、支付宝、云闪付、翼支付。",
    "他用“支付宝”扫屏幕上的码付款",
)
def pays_by_phone(scene: Scene, wallet: str) -> None:
    service = meaning_of(WALLETS, wallet, "钱包")

    def paid() -> bool:
        try:
            scene.terminal.phone_pay(service)
        except ValueError:
            return False  # the code is on the screen a moment before the platform waits for it
        return True

    scene.terminal.until(paid, PAD_S, "屏幕上的码付不了")
    scene.terminal.wait(0.5)


@act("他出示“{wallet}”的付款码", "把手机上的付款码对着摄像头。", "他出示“微信支付”的付款码")
def shows_pay_code(scene: Scene, wallet: str) -> None:
    scene.terminal.hold_up(meaning_of(WALLETS, wallet, "钱包"), scene.citizen)


@act(
    "付款渠道“{fault}”",
    "手机付款的渠道出了什么事：余额不足、一直没有付、二十五秒后才付成、关单以后才付成等。",
    "付款渠道“余额不足”",
)
def payer_fault(scene: Scene, fault: str) -> None:
    from simulator.acceptance.words import PAYER_FAULTS

    scene.terminal.desk("provider", **meaning_of(PAYER_FAULTS, fault, "渠道故障"))


@act("付款渠道恢复正常", "手机付款的渠道又正常了。")
def payer_well(scene: Scene) -> None:
    scene.terminal.desk("provider")
