"""Line breaking, fallback and the caches of the typeface."""

from __future__ import annotations

import pygame
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screens.type import CACHE_BYTES, NO_END, NO_START, Typeface, clusters, lacking

FACE = Typeface()
TEXT = (
    "请把身份证（居民身份证）放在读卡区，放稳，不要移动。收费20.00元，编号371002********5015，"
    "详见“爱山东”App的Confirm页面——三步：打开、点选、完成……谢谢。"
)


@pytest.mark.parametrize("width", range(140, 900, 20))
def test_no_line_starts_or_ends_with_what_may_not(width: int) -> None:
    for line in FACE.lines(TEXT, 32, False, width):
        assert line[0] not in NO_START, line
        assert line[-1] not in NO_END, line
        assert FACE.width(line, 32) <= width


@pytest.mark.parametrize(
    "text", ["金额123456.78元", "请打0631-12345求助", "打开Confirm页面", "约50%的人", "第7–9页", "a/b", "WH-HC-0003"]
)
def test_words_and_numbers_stay_whole(text: str) -> None:
    parts = clusters(text)
    assert "".join(parts) == text
    word = max((p for p in parts if any(c.isascii() and c.isalnum() for c in p)), key=len)
    assert sum(c.isascii() and c.isalnum() for c in text) == sum(c.isascii() and c.isalnum() for c in word)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("甲，乙", ["甲，", "乙"]),
        ("（甲）乙", ["（甲）", "乙"]),
        ("신분증을 올려 주세요", ["신분증을 ", "올려 ", "주세요"]),
        ("2026년 11월 21일까지", ["2026년 ", "11월 ", "21일까지"]),
        ("'입력 완료'를 (2개)", ["'입력 ", "완료'를 ", "(2개)"]),
        ("“甲”乙", ["“甲”", "乙"]),
        ("甲——乙", ["甲——", "乙"]),
        ("甲……乙", ["甲……", "乙"]),
        ("￥20 元", ["￥20 元"]),
        ("甲 · 乙", ["甲 · ", "乙"]),
        ("it’s fine", ["it’s ", "fine"]),
        ("a\u00a0b c", ["a\u00a0b ", "c"]),
        ("还可以试 3 次", ["还", "可", "以", "试 ", "3 次"]),
        ("甲\t\x00乙", ["甲", "乙"]),
    ],
)
def test_where_a_line_may_break(text: str, expected: list[str]) -> None:
    assert clusters(text) == expected


def test_a_word_longer_than_the_line_is_cut_rather_than_lost() -> None:
    lines = FACE.lines("1.2.156.3005.2.11100000000013338W032", 32, False, 200)
    assert "".join(lines) == "1.2.156.3005.2.11100000000013338W032"
    assert all(FACE.width(line, 32) <= 200 for line in lines)


@pytest.mark.parametrize("width", range(200, 700, 20))
def test_korean_breaks_at_spaces_and_inside_a_word_only_where_it_must(width: int) -> None:
    text = "신분증을 준비하고 화면을 누르면 시작합니다. 이용을 마치면 이 기기에서 바로 지웁니다."
    lines = FACE.lines(text, 32, False, width)
    assert " ".join(lines) == text
    assert max(FACE.width(line, 32) for line in lines) <= width
    long = FACE.lines("가나다라마바사아자차카타파하" * 3, 32, False, width)
    assert "".join(long) == "가나다라마바사아자차카타파하" * 3
    assert max(FACE.width(line, 32) for line in long) <= width


def test_no_paragraph_ends_in_a_single_character() -> None:
    lines = FACE.lines("只读取办这件事需要的信息，您离开后立即清除了", 32, False, 32 * 10)
    assert len(lines) == 3
    assert len(lines[-1]) >= 3


def test_a_title_breaks_into_about_equal_lines() -> None:
    first, second = FACE.lines("不动产登记信息查询证明打印服务", 64, True, 64 * 12, balance=True)
    assert abs(len(first) - len(second)) <= 1


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet=st.sampled_from([*"请把身份证，。（）“”—…·、 aB3.%￥-/"]), max_size=60), st.integers(120, 600))
def test_breaking_loses_nothing_and_fits(text: str, width: int) -> None:
    lines = FACE.lines(text, 32, False, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    longest = max((FACE.width(c, 32) for c in text), default=0)
    assert all(FACE.width(line, 32) <= max(width, longest) for line in lines)


@pytest.mark.parametrize("char", ["\U0010fffd", "\U0002ebf5", "\ue000"])
def test_what_no_font_has_is_a_framed_code_and_remembered(char: str) -> None:
    face = Typeface()
    picture = face.line(f"王{char}一", 40, (0, 0, 0))
    assert face.missing == {char}
    assert lacking(f"王{char} 一") == (char,)
    code = face.line(char, 40, (0, 0, 0))
    box = code.get_bounding_rect()
    assert box.w > 60
    assert box.h >= 34
    assert picture.get_width() == face.width("王", 40) + code.get_width() + face.width("一", 40)
    other = face.line("\U0010fffc", 40, (0, 0, 0))
    assert pygame.image.tobytes(other, "RGBA") != pygame.image.tobytes(code, "RGBA")


@pytest.mark.parametrize("char", ["𠮷", "㙍", "堃", "喆", "〇"])
def test_a_rare_character_is_never_blank(char: str) -> None:
    face = Typeface()
    picture = face.line(char, 48, (0, 0, 0))
    assert picture.get_bounding_rect().w > 10


def test_all_8105_standard_characters_have_glyphs() -> None:
    from config import DATA

    face = Typeface()
    characters = "".join((DATA / "fonts" / "standard-8105.txt").read_text("utf-8").split())
    assert len(characters) >= 8105
    face.width(characters, 20)
    assert face.missing == set()


def test_the_middle_of_a_line_is_the_optical_middle() -> None:
    """Ink of a hanzi and of a capital lies around the middle row of the picture, to a twelfth of the size."""
    for text in ("国", "H", "8"):
        picture = FACE.line(text, 96, (0, 0, 0), True)
        ink = picture.get_bounding_rect()
        assert abs(ink.centery - picture.get_height() / 2) <= 8, text


def test_the_cache_is_bounded_and_wiped() -> None:
    face = Typeface()
    for number in range(400):
        face.line(f"张三的身份证号码是三七一零零二{number}", 60, (0, 0, 0))
    assert 0 < face.cached_bytes <= CACHE_BYTES
    face.wipe()
    assert face.cached_bytes == 0
    for store in (face._widths, face._lines, face._pictures, face._fonts, face._face_of):
        assert not store
