"""Samples of the pages about bills and fees."""

from __future__ import annotations

from collections.abc import Mapping

from screens import models as m
from screens import pages
from screens.samples.sample import Sample, Words


def _lines(w: Words) -> tuple[m.FeeLine, ...]:
    return (
        m.FeeLine(w("水费（第 1 期）", "Water (1)"), fen=4210),
        m.FeeLine(w("污水处理费（第 1 期）", "Sewage (1)"), fen=1370),
        m.FeeLine(w("水费（第 2 期）", "Water (2)"), fen=3880),
        m.FeeLine(w("污水处理费（第 2 期）", "Sewage (2)"), fen=1260),
        m.FeeLine(w("收款人", "Paid to"), w("威海市供水企业（模拟）", "Weihai water company (simulated)")),
        m.FeeLine(w("最晚缴费日", "Last day"), w("2026年12月3日", "2026-12-03")),
    )


def _choice(w: Words, *, none: bool = False) -> m.BillChoice:
    of = w("户名 于**，{} 前缴", "In the name of 于**, by {}")
    days = (w("2026年10月4日", "2026-10-04"), w("2026年11月3日", "2026-11-03"), w("2026年12月3日", "2026-12-03"))
    fens = (5580, 5140, 4980)
    return m.BillChoice(
        w("水费查询缴纳", "Water bill"),
        tuple(
            m.BillLine(
                f"bil_{n}", w(f"水费（第 {n} 期）", f"Water (period {n})"), of.format(day), fen, not none and n != 3
            )
            for n, (day, fen) in enumerate(zip(days, fens, strict=True), 1)
        ),
    )


def _review(w: Words, *, reduced: bool = False) -> m.Review:
    if reduced:
        lines: tuple[m.FeeLine, ...] = (
            m.FeeLine(w("居民身份证换领工本费", "Fee for the ID card"), fen=2000),
            m.FeeLine(w("低保家庭减免", "Low-income reduction"), fen=-2000),
        )
        rows = (m.Known(w("手机号码", "Mobile number"), "138 **** 5678", "typed"),)
        name, basis = w("居民身份证到期换领", "ID card renewal"), w("发改价格〔2003〕2322 号", "Notice (2003) 2322")
        return m.Review(name, rows, 0, basis, costs=True, fee_title=name, fee_lines=lines)
    return m.Review(
        w("水费查询缴纳", "Water bill"),
        (m.Known(w("户号", "Account number"), "0631 2045 17", "typed"),),
        10_720,
        w("以账单为准", "As the bill says"),
        costs=True,
        fee_title=w("水费查询缴纳", "Water bill"),
        fee_lines=_lines(w),
    )


def _changed(w: Words) -> m.FeeChanged:
    title, payee = w("不动产登记费", "Registration fee"), w("威海市不动产登记中心", "Weihai registration office")
    return m.FeeChanged(title, 8000, 9000, (m.FeeLine(title, fen=9000), m.FeeLine(w("收款人", "Paid to"), payee)))


SAMPLES: Mapping[str, Sample] = {
    "bills": ("review", lambda p, w: pages.bills(p, _choice(w))),
    "bills-none-chosen": ("review", lambda p, w: pages.bills(p, _choice(w, none=True))),
    "bill_none": ("fill", lambda p, w: pages.bill_none(p, m.BillNone("not-found"))),
    "bill_none-paid": (
        "fill",
        lambda p, w: pages.bill_none(p, m.BillNone("paid", w("交通违法罚款", "Traffic fine"), 20_000)),
    ),
    "fee_changed": ("pay", lambda p, w: pages.fee_changed(p, _changed(w))),
    "review-bill": ("review", lambda p, w: pages.review(p, _review(w))),
    "review-reduced": ("review", lambda p, w: pages.review(p, _review(w, reduced=True))),
}
