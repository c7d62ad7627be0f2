"""Steps: what came out of the printers, and which guide light leads there."""

from __future__ import annotations

from simulator.acceptance.scene import Scene
from simulator.acceptance.vocabulary import chapter, see
from simulator.acceptance.words import DEVICES, meaning_of

chapter("十四、凭条、证明、引导灯")
SOON_S = 60.0


def receipts(scene: Scene) -> int:
    """How many receipts came out since the citizen came."""
    return int(scene.terminal.state("receipt-printer").get("receipts", 0)) - scene.stood.receipts


def sheets(scene: Scene) -> int:
    """How many sheets came out since the citizen came."""
    return int(scene.terminal.state("licence-printer").get("pages_printed", 0)) - scene.stood.sheets


@see("出了{n:d}张凭条", "来了以后出了这么多张凭条。", "出了1张凭条")
def receipts_out(scene: Scene, n: int) -> None:
    scene.terminal.until(lambda: receipts(scene) >= n, SOON_S, lambda: f"出了 {receipts(scene)} 张凭条")
    assert receipts(scene) == n, f"出了 {receipts(scene)} 张凭条"


@see("没有出凭条", "来了以后一张凭条也没有出。")
def no_receipt(scene: Scene) -> None:
    assert receipts(scene) == 0, f"出了 {receipts(scene)} 张凭条"


@see("凭条上写着“{words}”", "最近一张凭条上有这些字。", "凭条上写着“居民身份证到期换领”")
def receipt_says(scene: Scene, words: str) -> None:
    assert receipts(scene), "来了以后没有出过凭条"
    text = str(scene.terminal.state("receipt-printer").get("last_receipt", ""))
    flat = "".join(text.split())
    assert "".join(words.split()) in flat, f"凭条上没有“{words}”：\n{text}"


@see("凭条上没有他的个人信息", "最近一张凭条上没有他完整的姓名、身份证号、手机号。")
def receipt_is_masked(scene: Scene) -> None:
    text = str(scene.terminal.state("receipt-printer").get("last_receipt", ""))
    shown = [what for what in ("name", "number", "phone") if str(getattr(scene.citizen, what)) in text]
    assert text, "没有出过凭条"
    assert not shown, f"凭条上有他的 {'、'.join(shown)}"


@see("出了{n:d}页证明", "来了以后证明打印机出了这么多页。", "出了1页证明")
def sheets_out(scene: Scene, n: int) -> None:
    scene.terminal.until(lambda: sheets(scene) >= n, SOON_S, lambda: f"出了 {sheets(scene)} 页")
    assert sheets(scene) == n, f"出了 {sheets(scene)} 页"


@see("没有出证明", "来了以后证明打印机一页也没有出。")
def no_sheet(scene: Scene) -> None:
    assert sheets(scene) == 0, f"出了 {sheets(scene)} 页"


@see("证明上写着“{words}”", "最近一份证明上有这些字。", "证明上写着“社会保险个人参保证明”")
def sheet_says(scene: Scene, words: str) -> None:
    from simulator.acceptance.paper_text import text_of

    pdf = scene.terminal.artefact("licence-printer", "last.pdf")
    assert pdf, "没有打印过证明"
    text = text_of(pdf)
    assert "".join(words.split()) in "".join(text.split()), f"证明上没有“{words}”：\n{text[:600]}"


@see("“{device}”的引导灯亮着", "机柜上指着这个设备的灯亮着。", "“身份证阅读器”的引导灯亮着")
def light_on(scene: Scene, device: str) -> None:
    family = meaning_of(DEVICES, device, "设备")

    def lights() -> dict[str, str]:
        found = scene.terminal.state("cabinet").get("lights", {})
        return {name: str(light.get("pattern")) for name, light in found.items()}

    scene.terminal.until(lambda: lights().get(family, "off") != "off", 5, lambda: f"引导灯：{lights()}")


@see("“{device}”的引导灯灭了", "机柜上指着这个设备的灯不亮。", "“身份证阅读器”的引导灯灭了")
def light_off(scene: Scene, device: str) -> None:
    family = meaning_of(DEVICES, device, "设备")

    def pattern() -> str:
        return str(scene.terminal.state("cabinet").get("lights", {}).get(family, {}).get("pattern", "off"))

    scene.terminal.until(lambda: pattern() == "off", 10, lambda: f"引导灯是 {pattern()}")


@see("出的证明和市平台记下的对得上", "市平台记着“已打印”几份，就出了几份；作废的没有出。")
def prints_match(scene: Scene) -> None:
    from simulator.acceptance.steps.city import new

    def right() -> bool:
        return bool(sheets(scene) == sum(row["state"] == "PRINTED" for row in new(scene, "prints")))

    states = [row["state"] for row in new(scene, "prints")]
    scene.terminal.until(right, SOON_S, lambda: f"出了 {sheets(scene)} 页，市平台：{states}")
