"""Steps: what is touched."""

from __future__ import annotations

from simulator.acceptance.scene import Scene
from simulator.acceptance.vocabulary import act, chapter
from simulator.acceptance.words import KEYPAD, LANGUAGES, MODES, RATINGS, meaning_of

chapter("三、点屏幕")


@act("他点“{label}”", "点屏幕上写着这些字的地方（可以只写开头的字）。", "他点“开始办理”")
def touches(scene: Scene, label: str) -> None:
    scene.terminal.touch_words(label)


@act("他输入“{typed}”", "在屏幕的数字键盘上一个一个点。", "他输入“19906311074”")
def types(scene: Scene, typed: str) -> None:
    for character in typed:
        scene.terminal.press("key", character)
        scene.terminal.wait(0.1)


@act("他清空正在填的一项", "点键盘上的“清空”。")
def clears(scene: Scene) -> None:
    scene.terminal.press("key", "clear")
    scene.terminal.wait(0.1)


@act("他切换成“{language}”", "换语言：中文、English、한국어。", "他切换成“English”")
def changes_language(scene: Scene, language: str) -> None:
    wanted = meaning_of(LANGUAGES, language, "语言")
    scene.terminal.touch("language", wanted)
    scene.terminal.until(lambda: scene.terminal.see().language == wanted, 5, f"屏幕没有换成{language}")


@act("他换成“{mode}”样式", "换样式：长辈版、高对比、低位屏；再换一次就回到标准。", "他换成“长辈版”样式")
def changes_mode(scene: Scene, mode: str) -> None:
    wanted = meaning_of(MODES, mode, "样式")
    scene.terminal.touch("mode", wanted)
    scene.terminal.until(lambda: scene.terminal.see().mode == wanted, 5, f"屏幕没有换成{mode}")


@act(
    "他按小键盘的“{key}”",
    "玻璃下面的小键盘：上、下、左、右、确认、返回、首页、求助、再说一遍、星号、轻一点、响一点、语音、插上耳机、拔掉耳机、数字。",
    "他按小键盘的“确认”",
)
def presses_keypad(scene: Scene, key: str) -> None:
    scene.terminal.press_key(meaning_of(KEYPAD, key, "小键盘的键"))


@act("他打开语音", "点“打开语音”。")
def voice_on(scene: Scene) -> None:
    scene.terminal.listen()
    scene.terminal.touch("voice", "on")


@act("他关闭语音", "点“关闭语音”。")
def voice_off(scene: Scene) -> None:
    scene.terminal.touch("voice", "off")


@act("他评价“{rating}”", "在结果页评价：非常满意、满意、基本满意、不满意、非常不满意。", "他评价“非常满意”")
def rates(scene: Scene, rating: str) -> None:
    scene.terminal.touch("rate", str(meaning_of(RATINGS, rating, "评价")))


@act("他搜“{letters}”", "从首页打开搜索，用键盘输入拼音或首字母。", "他搜“sfz”")
def searches(scene: Scene, letters: str) -> None:
    scene.terminal.touch("search")
    scene.terminal.page("search")
    types(scene, letters)


@act("他在屏幕上签名", "用手指在签名的地方写一笔，再点“签好了”。")
def signs(scene: Scene) -> None:
    scene.terminal.sign()
    scene.terminal.touch("done")
