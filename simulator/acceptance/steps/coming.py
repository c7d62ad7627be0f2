"""Steps: who comes, and what for."""

from __future__ import annotations

from simulator.acceptance.scene import Scene
from simulator.acceptance.terminal import citizen_called
from simulator.acceptance.vocabulary import act, chapter
from simulator.acceptance.words import PAGES, PROOFS, WAYS, meaning_of

chapter("二、来办事的人")


@act("市民是“{name}”", "来的是谁：模拟市民的姓名。没有说时是张秀荣。", "市民是“于淑贤”")
def citizen_is(scene: Scene, name: str) -> None:
    scene.came(citizen_called(name))


@act("他替“{organisation}”办", "替一个单位办，不是替自己。", "他替“威海样例海产有限公司”办")
def for_organisation(scene: Scene, organisation: str) -> None:
    scene.hands.organisation = organisation


@act("他在听机器说话", "从现在起，机器念的话都记下来（打开语音时会自动开始记）。")
def listens(scene: Scene) -> None:
    scene.terminal.listen()


@act("他打算用“{way}”缴费", "照着屏幕办时选哪种缴费方式：银行卡、手机扫码、付款码。", "他打算用“手机扫码”缴费")
def pays_by(scene: Scene, way: str) -> None:
    scene.hands.way = meaning_of(WAYS, way, "缴费方式")


@act(
    "他打算用“{proof}”证明是本人",
    "照着屏幕办时怎样核验身份：刷脸、手机点选数字、爱山东二维码。",
    "他打算用“手机点选数字”证明是本人",
)
def proves_by(scene: Scene, proof: str) -> None:
    scene.hands.proof = meaning_of(PROOFS, proof, "核验方式")


@act(
    "他要填的“{label}”是“{value}”",
    "照着屏幕办时这一项填什么；没有说的项目填一个合适的值。",
    "他要填的“户号”是“2026110001”",
)
def will_fill_in(scene: Scene, label: str, value: str) -> None:
    scene.hands.said[label] = value
    if scene.service is not None:
        scene.hands.begin(scene.service)


@act("他打开“{service}”的办事指南", "从首页找到这件事，打开它的指南。", "他打开“居民身份证到期换领”的办事指南")
def opens_guide(scene: Scene, service: str) -> None:
    scene.hands.open_guide(scene.wants(service))


@act("他开始办“{service}”", "打开指南，点“开始办理”。", "他开始办“社会保险个人参保证明”")
def begins(scene: Scene, service: str) -> None:
    opens_guide(scene, service)
    scene.terminal.touch("start")


@act("他照着屏幕办到“{page}”", "每一页照着做，到这一页停下。", "他照着屏幕办到“核对”")
def goes_on_to(scene: Scene, page: str) -> None:
    scene.hands.go(*meaning_of(PAGES, page, "页面"))


@act("他照着屏幕办完", "每一页照着做，到说出结果的那一页停下。")
def goes_to_the_end(scene: Scene) -> None:
    scene.hands.go("finish", "not_done", "queued", "code_verdict", "help_asked")


@act("他名下有一件“{service}”的办件", "他先来办完这件事，走了，又来了。", "他名下有一件“失业登记”的办件")
def has_a_case(scene: Scene, service: str) -> None:
    begins(scene, service)
    goes_to_the_end(scene)
    scene.hands.leave()
    scene.terminal.page("standby")
    mine = scene.terminal.records("cases")[scene.stood.cases :]
    if not mine:
        raise AssertionError(f"市平台没有收到“{service}”的办件")
    scene.hands.answers["case_no"] = str(mine[-1]["number"])
    scene.case = str(mine[-1]["number"])
    scene.stands_now()
    scene.hands.pages.clear()
