"""What the finder does with one sentence: scripts, slips, denials, questions back, bounds."""

from __future__ import annotations

import pytest
from neighbours import at_scale
from question_set import questions

from config.catalogue import load_catalogue
from kiosk.finding import Entry, Finder, all_entries, listed_entries
from kiosk.finding.entries import MAX_ENTRIES
from kiosk.finding.index import MAX_WORK
from kiosk.finding.pinyin import folded, sounds, syllables
from kiosk.finding.sayings import kinds_said, meanings, sayings, without_denied
from kiosk.finding.text import MAX_CHARS, normal

FINDER = Finder(listed_entries())


def first(text: str) -> str:
    hits = FINDER.find(text).hits
    return hits[0].entry.id.removeprefix("WH-") if hits else ""


@pytest.mark.parametrize(
    ("text", "item"),
    [
        ("公积金查询", "HF-001"),
        ("社保信息查询", "SI-003"),
        ("无犯罪记录证明", "PS-015"),
        ("ＧＪＪ余额", "HF-001"),
        ("身分證遺失", "PS-002"),
        ("wufanzuijilu", "PS-015"),
        ("wu fan zui zheng ming", "PS-015"),
        ("jiaonuanqifei", "UT-004"),
        ("jiao luan qi fei", "UT-004"),
        ("无饭罪记录正明", "PS-015"),
        ("housing fund balance", "HF-001"),
        ("renew my pasport", "EE-001"),
        ("여권 갱신", "EE-001"),
        ("身份证没丢，是过期了", "PS-001"),
        ("身份证没过期，是丢了", "PS-002"),
    ],
)
def test_one_sentence(text: str, item: str) -> None:
    assert first(text) == item


@pytest.mark.parametrize("text", ["", "   ", "你好", "123", "!!!", "\x00\x1b[2J", "😀😀", "给我讲个笑话", "abcdefg"])
def test_nothing_is_found_in_what_means_nothing(text: str) -> None:
    ranked = FINDER.find(text)
    assert (ranked.hits, ranked.sure, ranked.question) == ((), False, None)


def test_a_clear_sentence_is_sure_and_a_bare_subject_is_asked_back() -> None:
    clear = FINDER.find("身份证丢了想补办")
    assert clear.sure
    assert clear.question is None
    for text in ("社保卡", "公积金", "护照", "医保", "证明"):
        bare = FINDER.find(text)
        assert not bare.sure, text
        assert bare.question is not None, text
        assert 2 <= len(bare.question.choices) <= 4
        shown = {item for choice in bare.question.choices for item in choice.ids}
        assert bare.hits[0].entry.id in shown
        assert all(all(choice.words) for choice in bare.question.choices)


def test_sure_answers_are_right_far_more_often_than_the_others() -> None:
    sure = [one for one in questions() if FINDER.find(one.text).sure]
    right = sum(FINDER.find(one.text).hits[0].entry.id in one.right for one in sure)
    assert len(sure) > 200
    assert right / len(sure) > 0.93


def test_a_sentence_of_any_length_is_cut_and_a_limit_is_kept() -> None:
    assert len(normal("身份证" * 100_000)) <= MAX_CHARS
    assert first("身份证丢了" + "，谢谢您啊" * 50_000) == "PS-002"
    assert len(FINDER.find("证明", 3).hits) == 3
    assert len(FINDER.find("证明", -1).hits) == 1
    assert len(FINDER.find("证明", 10**9).hits) <= 50


def test_the_same_sentence_gives_the_same_answer() -> None:
    again = Finder(listed_entries())
    for one in questions()[::7]:
        assert again.find(one.text) == FINDER.find(one.text)


def test_words_are_read_as_they_are_spoken() -> None:
    assert sounds("重名") == ["chong", "ming"]
    assert sounds("银行还款") == ["yin", "hang", "huan", "kuan"]
    assert [folded(s) for s in ("zheng", "nian", "ling", "lv")] == ["zen", "lian", "lin", "lu"]
    assert syllables("shenfenzheng") == (["shen", "fen", "zheng"], pytest.approx(0))
    said, slips = syllables("shenfenzhneg")
    assert said == ["shen", "fen", "zheng"]
    assert slips > 0
    assert syllables("x9") == (["", ""], pytest.approx(2.6))


def test_what_is_denied_does_not_count_and_a_missing_thing_does() -> None:
    assert "丢" not in without_denied("身份证没丢")
    assert without_denied("没有社保卡想办一张") == "没有社保卡想办一张"
    assert kinds_said("打印一份参保证明") == {"print"}
    assert any("公积金" in meant for meant in meanings("公鸡金有多少"))


def test_every_saying_means_words_that_some_item_has() -> None:
    for saying in sayings():
        assert FINDER.find(saying.means).hits, saying.means


def test_the_catalogues_own_entries_come_first() -> None:
    catalogue = load_catalogue()
    entries = all_entries(catalogue)
    by_id = {entry.id: entry for entry in entries}
    assert len(by_id) == len(entries) == len(set(catalogue.services) | {e.id for e in listed_entries()})
    for service in catalogue.services.values():
        assert by_id[service.id].zh == service.name.zh
    assert "身份证丢了补办" in by_id["WH-PS-002"].aliases


def test_too_many_entries_are_refused_with_the_bound() -> None:
    with pytest.raises(ValueError, match=str(MAX_ENTRIES)):
        Finder([Entry("X", "apply", "", "x")] * (MAX_ENTRIES + 1))


def test_the_work_of_a_question_is_bounded_at_5100_items() -> None:
    finder = Finder(at_scale())
    assert len(finder.entries) == 5100
    asked = questions()[::2]
    answers = [finder.find(one.text) for one in asked]
    assert max(answer.work for answer in answers) <= 2 * MAX_WORK
    assert finder.phrases > 2 * MAX_WORK  # less than one walk over everything
    found = sum(bool({hit.entry.id for hit in a.hits[:10]} & set(q.right)) for a, q in zip(answers, asked, strict=True))
    assert found / len(asked) > 0.85
    longest = finder.find("申请查询打印登记证明缴纳" * 10)
    assert longest.work <= 2 * MAX_WORK
