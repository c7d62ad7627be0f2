"""No number of anybody's is said aloud; dates, amounts and what is public are."""

from __future__ import annotations

import re

import pytest

from config.texts import LANGUAGES
from screens.samples import samples
from screens.screen import Field, Header, Language, Notice, Row, Rows, Screen, Table
from screens.speech.masking import aloud
from screens.speech.wording import announcement, news, spoken

HIDDEN = [
    ("371002199003075015", "5015"),
    ("37100219900307501X", "501X"),
    ("19906311074", "1074"),
    ("199 0631 1074", "1074"),
    ("6222 0216 0801 2233331", "3331"),
    ("371002********5015", "5015"),
    ("3710 0226 1121 0047", "0047"),
    ("91371000MA3C5XYZ1A", "YZ1A"),
    ("1.2.156.3005.2.11100000000013338W032.11371000MB2856435T.20260100001.001.W", "001W"),
]
SAID = [
    "2026-11-22",
    "12/18/2026",
    "20:44",
    "12345678.90 元",
    "1,234.00",
    "0631-12345",
    "A017",
    "12345",
    "第 3 页，共 12 页",
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("number", "tail"), HIDDEN)
def test_a_long_number_is_said_by_its_end_only(language: Language, number: str, tail: str) -> None:
    said = aloud(f"号码 {number}，请核对", language).replace(" ", "")
    assert tail in said
    assert not re.search(r"\d{5}", said)
    assert re.sub(r"\D", "", number)[:6] not in said


@pytest.mark.parametrize("text", SAID)
def test_what_is_public_is_said(text: str) -> None:
    assert aloud(text, "zh").replace(" ", "") == text.replace(" ", "").replace("0631-12345", "063112345")


def test_in_a_headset_every_digit_is_said_one_by_one() -> None:
    assert aloud("371002199003075015", "zh", private=True) == " ".join("371002199003075015")


def test_a_masked_name_sounds_like_one() -> None:
    assert aloud("张*荣", "zh") == "张某荣"
    assert aloud("王*", "zh") == "王某"


def test_a_number_all_hidden_says_so() -> None:
    assert aloud("********", "zh") == "号码不念出声"


def _page(*blocks: object) -> Screen:
    return Screen("test", "核对", Header("", ""), blocks=blocks, prompt="请核对。")  # type: ignore[arg-type]  # blocks of the test


def test_typed_digits_are_counted_and_never_said() -> None:
    before, now = (_page(Field("phone", "手机号码", value, focused=True)) for value in ("138 0631", "138 0631 2"))
    assert news(before, now) == ("手机号码", "已输入8位")
    assert "1 3 8 0 6 3 1 2" in news(before, now, private=True)


def test_private_rows_and_tables_are_for_the_headset() -> None:
    page = _page(
        Rows((Row("余额", "12,345.67", private=True), Row("状态", "正常"))),
        Table(("月份", "金额"), (("11", "980.00"),), private=True),
    )
    said = " ".join(spoken(page))
    assert "12,345.67" not in said
    assert "980.00" not in said
    assert "正常" in said
    alone = " ".join(spoken(page, private=True))
    assert "12,345.67" in alone
    assert "980.00" in alone


def test_a_fault_is_announced() -> None:
    page = _page(Notice("缺纸了", tone="attention"), Rows((Row("a", "b"),)))
    assert announcement(page) == ("请核对", "请注意", "缺纸了", "按下键逐项听")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.promise("P6")
def test_no_page_says_a_long_number_aloud(language: Language) -> None:
    for name, screen in samples(language).items():
        for sentence in (*spoken(screen), *announcement(screen)):
            bare = re.sub(r"(19|20)\d\d[-/.]\d+[-/.]\d+( \d\d:\d\d)?", "", sentence).replace("0 6 3 1 1 2 3 4 5", "")
            assert not re.search(r"\d{7}", re.sub(r"[ \-*]", "", bare)), f"{name}: {sentence}"
