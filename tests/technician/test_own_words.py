"""Words of one's own on the closed page: what fits everywhere, what nobody may read, at the panel and from afar."""

from __future__ import annotations

import asyncio
from itertools import product
from pathlib import Path

import pytest
from pages_hall import SUPERVISOR_PIN, AtPanel
from work_hall import WHO, bodies, play, restart, workshop

from config.panel import LANDSCAPE, PORTRAIT
from config.texts import texts
from kiosk.events import Language
from kiosk.technician.work.own_words import MOST, MOST_LINES, ORDER, WIDEST_EM, own_words, width_em
from kiosk.technician.work.refusal import Refusal
from screens import pages
from screens.compose import compose, look_for, plan
from screens.marks import Words
from screens.models import Closed, Place
from screens.modes import MODES
from screens.type import Typeface
from simulator.hall import Hall

HOTLINE = "0631-12345"
ZH = "设备检修要等厂家来人更换零件请到隔壁大厅办理给您添麻烦了多谢体谅谢谢您等候再见啦"
WORST: tuple[tuple[Language, str], ...] = (
    ("zh", ZH[:40]),
    ("en", "Open again at two, please go to the other machine in hall No 2 now."),
    ("en", "MMMMMMMMM mmmmmmmmm WWWWWWWWW @@@@@@@"),
    ("ko", "수리 기사를 기다리는 중이니 이층 다섯번 창구를 이용해 주시기 바랍니다 감사"),
)
NEAR = {
    "zh": "环翠区政务服务中心一楼 2 号机，走路 3 分钟，一直开",
    "en": "terminal 2 on the ground floor of Huancui District Government Service Centre, 3 min on foot",
    "ko": "환취구 정무서비스센터 1층 2호기, 걸어서 3분",
}
FACE: list[Typeface] = []


def face() -> Typeface:
    """One for all tests here."""
    if not FACE:
        FACE.append(Typeface())
    return FACE[0]


@pytest.mark.parametrize(("language", "words"), WORST)
def test_the_widest_words_fit_on_the_closed_page_in_every_mode_upright_and_lying(
    language: Language, words: str
) -> None:
    words = own_words({language: words}, HOTLINE)[language]
    assert width_em(words) > WIDEST_EM - 6  # it is a worst case
    for mode, panel in product(MODES, (PORTRAIT, LANDSCAPE)):
        hall = "环翠区政务服务大厅" if language == "zh" else "Huancui District Service Centre"
        place = Place(language, hall, 12, "0631-5231234", True, mode=mode)
        screen = pages.closed(place, Closed(words, NEAR[language], until=False))
        look = look_for(screen, face(), panel)
        planned = plan(screen, look)
        sheet = compose(screen, look, planned)
        where = f"{mode}, {panel.width} x {panel.height}"
        assert (len(planned.turns), sheet.overflows) == (1, []), where
        shown = [m.text.strip() for m in sheet.marks if isinstance(m, Words) and m.text.strip() in words]
        assert "".join(shown).replace(" ", "") == words.replace(" ", ""), where
        assert len(shown) <= MOST_LINES, where


def test_no_letter_is_wider_than_it_is_taken_for() -> None:
    for character in [chr(n) for n in range(0x20, 0x7F)] + ["·", "—", "…", "“", "한", "国", "，", "é"]:
        assert face().width(character * 10, 100, True) <= 1000 * width_em(character) + 1, character


@pytest.mark.parametrize(
    ("words", "event", "what"),
    [
        ({}, "work.words-none", ""),
        ({"zh": "   "}, "work.words-none", ""),
        ({"zh": "长" * 41}, "work.words-long", "82 / 80"),
        ({"en": "a" * 17}, "work.words-long", "en"),
        ({"en": "i " * (MOST // 2) + "it"}, "work.words-long", "en"),
        ({"zh": "两点开\n门"}, "work.words-signs", "U+000A"),
        ({"zh": "两点\u202e开"}, "work.words-signs", "U+202E"),
        ({"zh": "两点开\U0001f600"}, "work.words-signs", "U+1F600"),
        ({"zh": "有事打 138 0631 1234"}, "work.words-personal", "phone"),
        ({"zh": "有事打１３８０６３１１２３４"}, "work.words-personal", "phone"),
        ({"zh": "打 0631-5201234 找人"}, "work.words-personal", "phone"),
        ({"zh": "11010519491231002X 请来"}, "work.words-personal", "id-number"),
        ({"en": "write to wang@example.com"}, "work.words-personal", "mail"),
        ({"zh": "下午开", "en": "call +8613806311234"}, "work.words-personal", "phone"),
    ],
)
def test_what_cannot_be_shown_is_refused_with_its_sentence(words: dict[Language, str], event: str, what: str) -> None:
    with pytest.raises(Refusal) as refused:
        own_words(words, HOTLINE)
    assert refused.value.event.id == event
    for language in ORDER:
        assert what in refused.value.sentence(language)
        assert refused.value.remedy(language)
    for given in words.values():
        if event == "work.words-personal":
            assert given not in refused.value.sentence("zh")


def test_the_hotline_times_and_dates_are_nobodys() -> None:
    said = own_words({"zh": f"11 月 23 日 13:30 开， 急事打 {HOTLINE} 或 063112345"}, HOTLINE)
    assert said == {"zh": "11 月 23 日 13:30 开， 急事打 0631-12345 或 063112345"}


def test_own_words_stay_over_a_power_cut_and_the_other_languages_keep_the_prepared_sentence(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        await workshop(hall).closing.close(WHO, "repair", {"zh": "下午两点换好主板就开"})
        await restart(hall)
        await asyncio.sleep(3)
        assert hall.life.shown.page == "closed"
        assert "下午两点换好主板就开" in hall.life.shown.text
        assert texts("zh").t("closed.until-mended") not in hall.life.shown.text
        orders = workshop(hall).terminal.orders
        assert orders.closed_words("en") == texts("en").t("closing.repair")
        await workshop(hall).closing.close(WHO, "repair")
        await asyncio.sleep(3)
        assert texts("zh").t("closed.until-mended") in hall.life.shown.text

    hall = play(tmp_path, story)
    assert '"reason":"own"' in bodies(hall, "service.closed")[0].replace(" ", "")


def test_a_supervisor_writes_them_by_pinyin_at_the_panel_and_a_field_technician_may_not(tmp_path: Path) -> None:
    async def story(hall: Hall) -> None:
        me = AtPanel(hall)
        await me.come_in()
        await me.press("work")
        await me.page("tech_work")
        await me.press("close")
        await me.page("tech_form")
        assert "自己写" not in me.text
        await me.leave()
        await me.come_in("supervisor", SUPERVISOR_PIN)
        await me.press("work")
        await me.page("tech_work")
        await me.press("close")
        await me.page("tech_form")
        await me.press("choose:reason", "own")
        await me.press("do")
        await me.page("tech_list")
        await me.press("record", "zh")
        await me.page("tech_words")
        await me.type("xiawukai")
        await me.press("candidate", "0")
        await me.press("done")
        await me.page("tech_list")
        assert "下午" in me.text
        await me.press("record", "en")
        await me.page("tech_words")
        for key in "138":
            await me.press("layer", "signs")
            await me.press("key", key)
        await me.press("done")
        await me.page("tech_list")
        await me.press("do")
        await me.page("tech_outcome")
        await me.leave()
        await me.page("closed")
        assert "下午" in me.text
        assert ("close-words", "end", "done") in me.acts()

    play(tmp_path, story)
