"""Steps: card, face and phone."""

from __future__ import annotations

from simulator.acceptance.scene import Scene
from simulator.acceptance.vocabulary import act, chapter
from simulator.acceptance.words import CARDS, CODES, FACES, meaning_of

chapter("四、身份证、脸、手机")
MATCH_S = 20.0
READ_S = 10.0


@act("他把身份证放在读卡区", "放上他自己的身份证。")
def lays_card(scene: Scene) -> None:
    scene.terminal.act("id-card-reader", "present", card=scene.citizen.key)
    scene.terminal.wait(0.2)


@act(
    "他把“{card}”放在读卡区",
    "放上别的证件：港澳居民居住证、伪造的身份证、作废的身份证等。",
    "他把“伪造的身份证”放在读卡区",
)
def lays_other_card(scene: Scene, card: str) -> None:
    scene.terminal.act("id-card-reader", "present", card=meaning_of(CARDS, card, "证件"))
    scene.terminal.wait(0.2)


@act("他把另一个人“{name}”的身份证叠在上面", "读卡区上同时有两张证。", "他把另一个人“宋建国”的身份证叠在上面")
def lays_second_card(scene: Scene, name: str) -> None:
    from simulator.acceptance.terminal import citizen_called

    scene.terminal.act("id-card-reader", "second", card=citizen_called(name).key)
    scene.terminal.wait(0.2)


@act("他会在读卡读到一半时拿走身份证", "下一次读卡读到一半，身份证被拿走。")
def will_pull_card(scene: Scene) -> None:
    scene.terminal.act("id-card-reader", "pull_mid_read")


@act("他拿走身份证", "从读卡区拿走所有的证件。")
def takes_card(scene: Scene) -> None:
    scene.hands.lift()
    scene.terminal.wait(0.2)


@act("摄像头看到的是“{who}”", "刷脸摄像头前是谁：本人、别人、看不清的人、黑屏（没有画面）。", "摄像头看到的是“别人”")
def camera_sees(scene: Scene, who: str) -> None:
    scene.terminal.stand(meaning_of(FACES, who, "人"), scene.citizen)


@act("他在手机上点选屏幕上的数字", "在“爱山东”里点选屏幕上的数字，同意办理。")
def answers_match(scene: Scene) -> None:
    scene.terminal.until(lambda: scene.terminal.answer_match(confirm=True), MATCH_S, "手机上没有收到要点选的数字")


@act("他在手机上点“拒绝”", "在“爱山东”里拒绝办理。")
def refuses_match(scene: Scene) -> None:
    scene.terminal.until(lambda: scene.terminal.answer_match(confirm=False), MATCH_S, "手机上没有收到要点选的数字")


@act(
    "他出示“{code}”的二维码",
    "把手机或纸上的二维码对着摄像头：爱山东、刚打印的证明、改动过的证明、作废的证明、过期的证明、别处的等。",
    "他出示“作废的证明”的二维码",
)
def holds_up(scene: Scene, code: str) -> None:
    what = meaning_of(CODES, code, "二维码")
    before = scene.terminal.see()
    scene.terminal.hold_up(what, scene.citizen)
    if what.startswith("app-") and before.page == "phone_code":

        def answered() -> bool:
            page = scene.terminal.see()
            return (page.page, page.text) != (before.page, before.text)

        scene.terminal.until(answered, READ_S, "机器没有读到二维码")
        scene.terminal.hold_up("", scene.citizen)


@act("他收起手机", "摄像头前不再有二维码。")
def puts_phone_away(scene: Scene) -> None:
    scene.terminal.hold_up("", scene.citizen)
