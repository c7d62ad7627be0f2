"""Templates and values become receipts: specimen mark, reprint mark, masking, money, time, widths."""

import pytest

from config.receipt_printers import receipt_printer
from drivers.receipt_printer.document import Line, Pair, Qr
from drivers.receipt_printer.encoder import ReceiptEncoder
from kiosk.receipts import ReceiptError, compose, masked_name, template_names
from simulator.models.receipt_render import render_receipt

VALUES = {
    "acceptance_no": "WH371002-20251121-00123",
    "service": "社会保障卡申领",
    "name": "张三丰",
    "time": "2025-11-21T14:03:07+08:00",
    "promise_date": "2025-12-01",
    "amount_fen": "123450",
    "method": "银行卡",
    "payment_no": "P20251121140302007",
    "progress_url": "https://example.org/p/1",
    "terminal": "WH-HC-0003",
    "hall": "环翠区政务服务中心",
    "help_phone": "0631-12345",
    "missing": "户口簿复印件\n近期照片",
    "outcome": "未扣款，无需退款。",
}
ALL = ["acceptance", "one-time-notice", "payment", "settled-after-restart"]


def said(document):
    return [
        p.text if isinstance(p, Line) else f"{p.left}|{p.right}" for p in document.parts if isinstance(p, (Line, Pair))
    ]


def test_the_templates():
    assert template_names() == ALL


@pytest.mark.parametrize("profile", ["chinese-80mm", "epson-80mm", "chinese-58mm"])
@pytest.mark.parametrize("language", ["zh", "en", "ko"])
@pytest.mark.parametrize("template", ALL)
def test_every_template_prints_on_every_width(template, language, profile):
    model = receipt_printer(profile)
    document = compose(template, VALUES, simulated=True, language=language, reprint=True)
    encoded = ReceiptEncoder(model).encode(document, b"0001")
    _, text, report = render_receipt(encoded.data, model.chinese_at_power_on, profile)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    assert "模拟" in lines[0]
    assert "模拟" in lines[-1]
    assert "补打" in text
    assert "0631-12345" in text
    assert "WH-HC-0003" in text
    assert "张三丰" not in text
    assert "□" not in text
    assert report["notes"] == []
    assert report["malformed"] == 0


def test_the_specimen_mark_cannot_be_switched_off_and_is_not_on_real_receipts():
    values = {**VALUES, "simulated": "false", "when": ""}
    assert "模拟" in said(compose("acceptance", values, simulated=True, language="zh"))[0]
    assert not any("模拟" in line for line in said(compose("acceptance", VALUES, simulated=False, language="zh")))


def test_reprint_mark_only_on_reprints():
    assert not any("补打" in line for line in said(compose("payment", VALUES, simulated=False, language="zh")))
    assert "【补打】" in said(compose("payment", VALUES, simulated=False, language="zh", reprint=True))


def test_money_time_and_name():
    lines = said(compose("acceptance", VALUES, simulated=False, language="zh"))
    assert "费用|￥1,234.50" in lines
    assert "受理时间|2025-11-21 14:03:07 +08:00" in lines
    assert "申请人|张*丰" in lines
    free = said(compose("acceptance", {**VALUES, "amount_fen": "0"}, simulated=False, language="zh"))
    assert "费用|免费" in free


def test_the_acceptance_number_is_large():
    document = compose("acceptance", VALUES, simulated=False, language="zh")
    large = [p for p in document.parts if isinstance(p, Line) and p.size == (2, 2)]
    assert VALUES["acceptance_no"] in [p.text for p in large]


def test_parts_without_their_value_are_left_out():
    values = {k: v for k, v in VALUES.items() if k not in ("progress_url", "name", "amount_fen")}
    document = compose("acceptance", values, simulated=False, language="zh")
    assert not any(isinstance(p, Qr) for p in document.parts)
    assert not any(line.startswith(("申请人", "费用", "微信")) for line in said(document))


@pytest.mark.parametrize(
    ("name", "masked"),
    [("张三", "张*"), ("张三丰", "张*丰"), ("欧阳㛃𠮷", "欧**𠮷"), ("张*", "张*"), ("李", "李"), ("", "")],
)
def test_masking(name, masked):
    assert masked_name(name) == masked


@pytest.mark.parametrize(
    ("template", "change", "word"),
    [
        ("printers", {}, "no such template"),
        ("../settings", {}, "no such template"),
        ("acceptance", {"acceptance_no": ""}, "needs the values"),
        ("acceptance", {"amount_fen": "12.5"}, "whole number of fen"),
        ("acceptance", {"time": "2025-11-21T14:03:07"}, "no zone"),
        ("acceptance", {"time": "noon"}, "ISO 8601"),
        ("acceptance", {"service": "x" * 301}, "more than 300"),
    ],
)
def test_bad_values_are_named_and_not_repeated(template, change, word):
    with pytest.raises(ReceiptError, match=word) as caught:
        compose(template, {**VALUES, **change}, simulated=True, language="zh")
    assert "张三丰" not in str(caught.value)


def test_a_placeholder_in_a_value_is_text():
    lines = said(compose("acceptance", {**VALUES, "service": "{name}"}, simulated=False, language="zh"))
    assert "办理事项|{name}" in lines
