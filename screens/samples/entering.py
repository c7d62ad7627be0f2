"""Samples of the pages of one field: lists, addresses, writing, entries, codes; and a form with every kind of field."""

from __future__ import annotations

from collections.abc import Mapping

from screens import models as m
from screens import pages
from screens.samples.sample import Sample, Words

_BANKS = (
    ("icbc", "中国工商银行", "Industrial and Commercial Bank"),
    ("abc", "中国农业银行", "Agricultural Bank of China"),
    ("boc", "中国银行", "Bank of China"),
    ("ccb", "中国建设银行", "China Construction Bank"),
    ("bocom", "交通银行", "Bank of Communications"),
    ("psbc", "中国邮政储蓄银行", "Postal Savings Bank of China"),
    ("whccb", "威海银行", "Weihai Bank"),
    ("rcb", "威海农村商业银行", "Weihai Rural Commercial Bank"),
)
_TOWNS = (
    ("371002001", "环翠楼街道", "Huancuilou Subdistrict"),
    ("371002002", "鲸园街道", "Jingyuan Subdistrict"),
    ("371002003", "竹岛街道", "Zhudao Subdistrict"),
    ("371002101", "孙家疃镇", "Sunjiatuan Town"),
)


def _lines(w: Words, rows: tuple[tuple[str, str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple((key, w(zh, en)) for key, zh, en in rows)


def _writing(w: Words) -> m.Writing:
    words = ("威海", "未还", "为害", "魏", "伟", "卫", "维", "微", "味")
    return m.Writing(
        w("工作单位", "Where you work"), w("山东省", "Shandong"), "wei'hai", words, "pinyin", on=True, counts=(3, 60)
    )


def _every_kind(w: Words) -> m.Form:
    fields = (
        m.FormField("bank", w("开户银行", "Bank"), w("威海银行", "Weihai Bank"), opens=True),
        m.FormField("account", w("银行卡号", "Bank card"), "621***********4321"),
        m.FormField("amount", w("提取金额", "Amount"), w("1200.5 元", "1200.5 yuan")),
        m.FormField("plate", w("号牌号码", "Number plate"), "鲁K", hint=""),
        m.FormField("works", w("在职", "Employed"), "yes", options={"yes": w("是", "Yes"), "no": w("否", "No")}),
        m.FormField("addr", w("通讯地址", "Address"), "", opens=True, optional=True),
    )
    return m.Form(w("住房公积金提取", "Housing fund"), (), fields, "plate", "plate", complete=False, left=2)


SAMPLES: Mapping[str, Sample] = {
    "form-kinds": ("fill", lambda p, w: pages.form(p, _every_kind(w))),
    "form-province": (
        "fill",
        lambda p, w: pages.form(
            p,
            m.Form(
                w("交通违法查询", "Traffic offences"),
                (),
                (m.FormField("plate", w("号牌号码", "Number plate")),),
                "plate",
                "province",
                complete=False,
                left=1,
            ),
        ),
    ),
    "choose_from": (
        "fill",
        lambda p, w: pages.choose_from(p, m.ChooseFrom(w("开户银行", "Bank"), _lines(w, _BANKS), frozenset({"boc"}))),
    ),
    "choose_from-many": (
        "fill",
        lambda p, w: pages.choose_from(
            p,
            m.ChooseFrom(
                w("经营范围", "Scope"),
                _lines(w, _BANKS),
                frozenset({"boc", "icbc"}),
                many=True,
                letters=tuple("BCDEFGHJKLMNPQRSTWXYZ"),
                at="Z",
            ),
        ),
    ),
    "address": ("fill", lambda p, w: pages.address(p, m.Address("district", _lines(w, _TOWNS)))),
    "address-town": (
        "fill",
        lambda p, w: pages.address(
            p, m.Address("town", _lines(w, _TOWNS), w("威海市环翠区", "Huancui District"), other=False)
        ),
    ),
    "writing": ("fill", lambda p, w: pages.writing(p, _writing(w))),
    "writing-empty": (
        "fill",
        lambda p, w: pages.writing(
            p, m.Writing(w("备注", "Remarks"), "", "", (), "pinyin", counts=(0, 500), lines=True)
        ),
    ),
    "writing-signs": (
        "fill",
        lambda p, w: pages.writing(
            p,
            m.Writing(
                w("路名和门牌", "Road and number"),
                "3号",
                "",
                (),
                "signs",
                counts=(2, 60),
                before=w("威海市环翠区竹岛街道", "Zhudao, Huancui, Weihai"),
            ),
        ),
    ),
    "entries": (
        "fill",
        lambda p, w: pages.entries(
            p, m.Entries(w("共同生活的家庭成员", "Family members"), (w("毕晓东", "Bi Xiaodong"), "于㛃"), 20)
        ),
    ),
    "entries-none": ("fill", lambda p, w: pages.entries(p, m.Entries(w("股东名单", "Shareholders"), (), 20))),
    "code_field": ("fill", lambda p, w: pages.code_field(p, m.CodeField(w("“爱山东”二维码", "App code")))),
}
