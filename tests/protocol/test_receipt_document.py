"""Columns are counted by cell: a Chinese character takes two."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.receipt_printer.document import (
    Cut,
    Feed,
    Image,
    Line,
    Pair,
    Qr,
    ReceiptDocument,
    columns_of,
    is_gbk,
    pair_lines,
    printable,
    wrap,
)


@pytest.mark.parametrize(
    ("text", "columns"), [("abc", 3), ("威海", 4), ("￥12.00", 7), ("·", 2), ("é", 2), ("㛃𠮷", 4), ("ñ", 1)]
)
def test_columns(text, columns):
    assert columns_of(text) == columns


def test_what_gbk_has():
    assert all(is_gbk(c) for c in "威·￥①é")
    assert not any(is_gbk(c) for c in "㛃䶮𬭩𫖯𬸚𠮷€ñ龦")


def test_wrapping_by_cell_not_by_character():
    assert wrap("威海市政务服务中心", 8) == ["威海市政", "务服务中", "心"]
    assert wrap("社会保障卡ABC123 查询", 16) == ["社会保障卡ABC123", "查询"]
    assert wrap("Keep this receipt safe", 10) == ["Keep this", "receipt", "safe"]
    assert wrap("WH371002-20251121-00123", 21) == ["WH371002-20251121-", "00123"]
    assert wrap("A" * 25, 10) == ["A" * 10, "A" * 10, "A" * 5]
    assert wrap("", 10) == [""]


def test_closing_punctuation_never_begins_a_line():
    assert wrap("已保存完成，请取走", 10) == ["已保存完", "成，请取走"]


def test_hanging_indent():
    assert wrap("1. 居民户口簿首页", 12, hang=3) == ["1. 居民户口", "   簿首页"]


def test_pairs_fill_the_width_and_align_right():
    assert pair_lines("金额", "￥12.00", 20) == ["金额         ￥12.00"]
    lines = pair_lines("事项", "社会保障卡申领与启用业务", 20)
    assert lines == ["事项  社会保障卡申领", "          与启用业务"]
    assert all(columns_of(line) == 20 for line in pair_lines("A very long label of all", "value", 20)[-1:])


@given(text=st.text(max_size=120), columns=st.integers(4, 60))
@settings(max_examples=200, deadline=None)
def test_no_line_is_ever_too_wide_and_nothing_is_lost(text, columns):
    text = printable(text)
    lines = wrap(text, columns)
    assert all(columns_of(line) <= columns for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_control_characters_never_reach_the_printer():
    assert printable("A\x1bp\x00\x10\x04\u200b\u202eB\tC") == "A p   B C"
    assert printable("¥5") == "￥5"


@pytest.mark.parametrize(
    ("part", "word"),
    [
        (Line("x" * 401), "401 characters"),
        (Line("x", size=(9, 1)), "size"),
        (Line("x", hang=20), "hang"),
        (Pair("x" * 300, "y" * 200), "500 characters"),
        (Qr(""), "payload"),
        (Qr("x", 17), "module"),
        (Image(16, 2, b"1"), "1 bytes"),
        (Image(5000, 2, b"1"), "at most"),
        (Feed(801), "feed"),
    ],
)
def test_a_document_says_which_part_is_wrong(part, word):
    with pytest.raises(ValueError, match=f"part 2.*{word}"):
        ReceiptDocument((Line("ok"), part, Cut()))


def test_a_document_has_a_bound():
    with pytest.raises(ValueError, match="200 parts"):
        ReceiptDocument((Line("x"),) * 201)
