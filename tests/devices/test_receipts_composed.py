"""Templates and values become receipts: specimen mark, reprint mark, masking, money, time, widths."""

import pytest

from config.receipt_printers import receipt_printer
from drivers.receipt_printer.document import Line, Pair, Qr
from drivers.receipt_printer.encoder import ReceiptEncoder
from kiosk.printing.receipts import ReceiptError, compose, masked_name, template_names
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
    "rows": "参保状态\t正常参保\n累计缴费\t126 个月\n最近缴费\t2025-10\n个人账户余额\t￥38,412.06",
    "source": "威海市社会保险服务中心",
    "ticket_no": "A023",
    "counter": "12 号窗口",
    "waiting": "5",
    "outcome": "未扣款，无需退款。",
    "title": "办件回执",
    "again": "1",
    "left": "2",
    "number": "WH371002-20251121-00123",
    "code": "https://example.org/p/1",
}
ALL = [
    "acceptance", "one-time-notice", "payment", "query-result", "queue-ticket", "service-guide",
    "settled-after-restart", "slip",
]  # fmt: skip


def said(document):
    return [
        p.text if isinstance(p, Line) else f"{p.left}|{p.right}" for p in document.parts if isinstance(p, (Line, Pair))
    ]


def test_the_templates():
    assert template_names() == ALL


@pytest.mark.parametrize("profile", ["chinese-80mm", "epson-80mm", "chinese-58mm", "presenter-80mm"])
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
    assert "0631-12345" in text or template == "queue-ticket"
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
    assert "受理时间|2025年11月21日 14:03:07" in lines
    assert "承诺办结|2025年12月01日" in lines
    english = said(compose("acceptance", VALUES, simulated=False, language="en"))
    assert "Accepted at|2025-11-21 14:03:07" in english
    elsewhere = {**VALUES, "time": "2025-11-21T06:03:07+00:00", "promise_date": "办好后短信通知您"}
    lines_elsewhere = said(compose("acceptance", elsewhere, simulated=False, language="zh"))
    assert "受理时间|2025年11月21日 06:03:07 +00:00" in lines_elsewhere
    assert "承诺办结|办好后短信通知您" in lines_elsewhere
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


@pytest.mark.parametrize("profile", ["chinese-80mm", "chinese-58mm"])
def test_a_number_in_groups_stays_on_one_line(profile):
    model = receipt_printer(profile)
    document = compose("acceptance", {**VALUES, "acceptance_no": "3710 0226 1121 0047"}, simulated=False, language="zh")
    text = render_receipt(ReceiptEncoder(model).encode(document, b"0001").data, True, profile)[1]
    assert "3710 0226 1121 0047" in [line.strip() for line in text.splitlines()]


def test_a_query_s_rows_are_pairs_and_a_ticket_has_no_name():
    lines = said(compose("query-result", VALUES, simulated=False, language="zh"))
    assert "累计缴费|126 个月" in lines
    assert "查询人|张*丰" in lines
    ticket = said(compose("queue-ticket", VALUES, simulated=False, language="zh"))
    assert not any("张" in line for line in ticket)
    assert "前面等候|5 人" in ticket


def test_a_long_list_is_said_once_and_whole_and_an_endless_one_is_refused():
    missing = "\n".join(f"第 {n} 份材料，原件及复印件各一份，复印件需加盖公章" for n in range(40))
    lines = said(compose("one-time-notice", {**VALUES, "missing": missing}, simulated=False, language="zh"))
    assert sum("原件及复印件" in line for line in lines) == 40
    with pytest.raises(ReceiptError, match="more than 3000"):
        compose("one-time-notice", {**VALUES, "missing": "x" * 3001}, simulated=False, language="zh")
    with pytest.raises(ReceiptError, match=r"more than 200|1 to 200|more than 400"):
        compose("one-time-notice", {**VALUES, "missing": "x\n" * 300}, simulated=False, language="zh")
