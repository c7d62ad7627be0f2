"""Steps: papers that are laid down and papers that come out."""

from __future__ import annotations

from simulator.acceptance.scene import Scene
from simulator.acceptance.vocabulary import act, chapter
from simulator.acceptance.words import PAPER_FLAWS, PAPERS, meaning_of

chapter("六、纸")


@act(
    "他把“{paper}”放在扫描台上",
    "户口簿、身份证人像面、身份证国徽面、一张A4纸、填好的表格、白纸、护照。",
    "他把“户口簿”放在扫描台上",
)
def lays_paper(scene: Scene, paper: str) -> None:
    scene.terminal.lay(meaning_of(PAPERS, paper, "材料"), scene.citizen)


@act(
    "他把“{paper}”放在扫描台上，但是“{flaw}”",
    "材料放上了，可是拍不清：反光、模糊、太暗、没放全。",
    "他把“户口簿”放在扫描台上，但是“反光”",
    "hall",
)
def lays_paper_badly(scene: Scene, paper: str, flaw: str) -> None:
    scene.terminal.lay(meaning_of(PAPERS, paper, "材料"), scene.citizen, meaning_of(PAPER_FLAWS, flaw, "毛病"))


@act("他从扫描台上拿走材料", "扫描台上什么也没有了。")
def clears_desk(scene: Scene) -> None:
    scene.terminal.lay("", scene.citizen)


@act("他取走打印出来的纸", "凭条和证明都取走。")
def takes_papers(scene: Scene) -> None:
    scene.hands.take_papers()
