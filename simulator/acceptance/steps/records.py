"""Steps: what stays behind on the machine, and what must not."""

from __future__ import annotations

from simulator.acceptance.scene import Scene
from simulator.acceptance.vocabulary import chapter, see
from simulator.acceptance.words import ENTRIES, meaning_of

chapter("十五、流水与隐私")
SETTLED_S = 300.0


def _personal(scene: Scene) -> dict[str, str]:
    who = scene.citizen
    return {"姓名": who.name, "身份证号": who.number, "手机号": who.phone, "住址": who.address, "银行卡号": who.pan}


@see(
    "流水里记着“{what}”",
    "来了以后，流水里有这一类：有人来了、人走了、同意、核验了身份、付款、交了申请、打印。",
    "流水里记着“付款”",
)
def journal_has(scene: Scene, what: str) -> None:
    start = meaning_of(ENTRIES, what, "流水")

    def kinds() -> list[str]:
        return [entry.kind for entry in scene.terminal.journal(scene.stood.entries)]

    scene.terminal.until(
        lambda: any(kind.startswith(start) for kind in kinds()), 10, lambda: f"流水最后几条：{kinds()[-12:]}"
    )


@see("流水校验通过", "流水一环扣一环，没有断，没有改。")
def journal_verifies(scene: Scene) -> None:
    broken = scene.terminal.journal_fault()
    assert not broken, broken


@see("没有悬而未决的事", "没有不知道结果的付款、申请、打印，也没有还没送出去的。")
def nothing_open(scene: Scene) -> None:
    terminal = scene.terminal
    terminal.until(lambda: not terminal.unsettled(), SETTLED_S, lambda: f"还没有了结：{terminal.unsettled()}")


@see("本机上找不到他的个人信息", "自助机的文件里读不到他的姓名、身份证号、手机号、住址、银行卡号。")
def nothing_left(scene: Scene) -> None:
    words = _personal(scene)
    found = scene.terminal.readable(words.values())
    assert not found, f"文件里有他的 {'、'.join(what for what, word in words.items() if word in found)}"


@see("设备通讯记录里没有他的个人信息", "解码后的通讯记录里看不到他的身份证号、手机号、银行卡号。")
def wire_is_masked(scene: Scene) -> None:
    lines = "\n".join(scene.terminal.wire(scene.stood.wire))
    assert lines, "没有通讯记录"
    found = [what for what, word in _personal(scene).items() if what not in ("姓名", "住址") and word in lines]
    assert not found, f"通讯记录里有他的 {'、'.join(found)}"
