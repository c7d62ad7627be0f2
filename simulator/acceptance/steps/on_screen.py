"""Steps: what must be on the screen."""

from __future__ import annotations

from simulator.acceptance.scene import Scene
from simulator.acceptance.vocabulary import chapter, see
from simulator.acceptance.words import LANGUAGES, MODES, PAGES, meaning_of

chapter("十、屏幕")
SOON_S = 20.0
PAGE_S = 180.0


@see("屏幕是“{page}”", "现在或不久以后停在这一页。", "屏幕是“核对”")
def page_is(scene: Scene, page: str) -> None:
    scene.terminal.page(*meaning_of(PAGES, page, "页面"), within_s=PAGE_S)
    scene.hands.look()


@see("{n:d}秒内屏幕是“{page}”", "这么多秒以内到这一页。", "5秒内屏幕是“待机”")
def page_within(scene: Scene, n: int, page: str) -> None:
    scene.terminal.page(*meaning_of(PAGES, page, "页面"), within_s=n)
    scene.hands.look()


@see("屏幕上写着“{words}”", "这些字现在或不久以后在屏幕上。", "屏幕上写着“没有收您的钱”")
def says(scene: Scene, words: str) -> None:
    terminal = scene.terminal
    terminal.until(
        lambda: words in terminal.see().text, SOON_S, lambda: f"屏幕上没有“{words}”：\n{terminal.see().text}"
    )


@see("屏幕上没有“{words}”", "这些字不在屏幕上。", "屏幕上没有“程序出错”")
def does_not_say(scene: Scene, words: str) -> None:
    page = scene.terminal.see()
    assert words not in page.text, f"屏幕上有“{words}”：\n{page.text}"


@see("可以点“{label}”", "写着这些字的地方在屏幕上，点得动。", "可以点“开始办理”")
def can_touch(scene: Scene, label: str) -> None:
    terminal = scene.terminal
    terminal.until(
        lambda: any(spot.enabled and spot.key for spot in terminal.see().labelled(label)),
        SOON_S,
        lambda: f"不能点“{label}”：\n{terminal.see().text}",
    )


@see("不能点“{label}”", "写着这些字的地方不在屏幕上，或者点不动。", "不能点“开始办理”")
def cannot_touch(scene: Scene, label: str) -> None:
    page = scene.terminal.see()
    assert not any(spot.enabled and spot.key for spot in page.labelled(label)), f"能点“{label}”：\n{page.text}"


@see("屏幕的语言是“{language}”", "中文、English、한국어。", "屏幕的语言是“English”")
def language_is(scene: Scene, language: str) -> None:
    wanted = meaning_of(LANGUAGES, language, "语言")
    page = scene.terminal.see()
    assert page.language == wanted, f"屏幕的语言是 {page.language}"


@see("屏幕的样式是“{mode}”", "标准、长辈版、高对比、低位屏。", "屏幕的样式是“长辈版”")
def mode_is(scene: Scene, mode: str) -> None:
    wanted = meaning_of(MODES, mode, "样式")
    page = scene.terminal.see()
    assert page.mode == wanted, f"屏幕的样式是 {page.mode}"


@see("“{label}”已经填好", "表格的这一项里有内容。", "“手机号码”已经填好")
def field_filled(scene: Scene, label: str) -> None:
    if scene.service is None:
        raise AssertionError("要先说他办什么事")
    key = next((f.key for f in scene.service.form if f.label.zh.startswith(label)), label)
    fields = {k: value for k, value, _, _ in scene.terminal.see().fields}
    assert fields.get(key), f"“{label}”没有填：\n{scene.terminal.see().text}"


@see("他看到过“{page}”", "办到现在，这一页出现过。", "他看到过“刷脸”")
def has_seen(scene: Scene, page: str) -> None:
    wanted = meaning_of(PAGES, page, "页面")
    assert set(wanted) & set(scene.hands.pages), f"没有见过；见过的页：{' '.join(scene.hands.pages)}"


@see("他没有看到过“{page}”", "办到现在，这一页没有出现过。", "他没有看到过“刷脸”")
def has_not_seen(scene: Scene, page: str) -> None:
    wanted = meaning_of(PAGES, page, "页面")
    assert not set(wanted) & set(scene.hands.pages), f"见过的页：{' '.join(scene.hands.pages)}"


@see("屏幕上没有他的个人信息", "屏幕上没有他完整的姓名、身份证号、手机号、住址。")
def nothing_personal(scene: Scene) -> None:
    page, who = scene.terminal.see(), scene.citizen
    words = page.everything or page.text
    shown = [what for what in ("name", "number", "phone", "address") if str(getattr(who, what)) in words]
    assert not shown, f"屏幕上有他的 {'、'.join(shown)}（{page.page}）"


@see(
    "过一会儿屏幕还没有离开“{pages}”",
    "等十秒，屏幕停在这几页中的一页（用顿号隔开）。",
    "过一会儿屏幕还没有离开“放身份证、没有办成”",
)
def still_on(scene: Scene, pages: str) -> None:
    scene.terminal.wait(10)
    page = scene.terminal.see()
    names = [name for one in pages.split("、") for name in meaning_of(PAGES, one, "页面")]
    assert page.page in names, f"屏幕是“{page.title}”（{page.page}）：\n{page.text}"
