"""Steps: what must be heard."""

from __future__ import annotations

from simulator.acceptance.scene import Scene
from simulator.acceptance.vocabulary import chapter, see

chapter("十一、语音")
SOON_S = 15.0


def _since(scene: Scene) -> list[str]:
    return list(scene.terminal.heard())[scene.stood.heard :]


@see("听到“{words}”", "来了以后，机器念过这些字。", "听到“请把身份证放在读卡区”")
def hears(scene: Scene, words: str) -> None:
    terminal = scene.terminal
    terminal.until(
        lambda: any(words in sentence for sentence in _since(scene)), SOON_S, lambda: f"念过的是：{_since(scene)[-12:]}"
    )


@see("没有听到“{words}”", "来了以后，机器没有念过这些字。", "没有听到“二十元”")
def does_not_hear(scene: Scene, words: str) -> None:
    said = [sentence for sentence in _since(scene) if words in sentence]
    assert not said, f"念了：{said}"


@see("没有念出他的个人信息", "念过的话里没有他的姓名全称、身份证号、手机号、住址。")
def nothing_personal_spoken(scene: Scene) -> None:
    who, said = scene.citizen, "".join(_since(scene))
    spoken = [what for what in ("name", "number", "phone", "address") if str(getattr(who, what)) in said]
    assert not spoken, f"念出了他的 {'、'.join(spoken)}"
