"""Samples of the pages of one field: lists, addresses, writing, entries, codes; and a form with every kind of field."""

from __future__ import annotations

from collections.abc import Mapping

from screens import models as m
from screens import pages
from screens.ink import InkStroke
from screens.models.entering import Layer
from screens.samples.sample import Sample, Words
from screens.screen import KeypadKind, Screen

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


_LAYERS: tuple[Layer, ...] = ("pinyin", "hand", "latin", "upper", "signs", "rare")
_STROKES: tuple[InkStroke, ...] = (
    ((700, 1400, 0), (1000, 1700, 90)),
    ((600, 2100, 300), (900, 2400, 380)),
    ((700, 3600, 600), (1100, 2800, 700)),
    ((1700, 1100, 1000), (1400, 1800, 1090)),
    ((1500, 1700, 1300), (3300, 1650, 1420)),
    ((1700, 2100, 1700), (1600, 3300, 1790), (3000, 3200, 1900)),
    ((1800, 2000, 2200), (3000, 1950, 2290), (2800, 3600, 2420)),
    ((2200, 2250, 2700), (2400, 2450, 2760)),
    ((1200, 2800, 3000), (3600, 2700, 3130)),
    ((2150, 2900, 3400), (2350, 3100, 3460)),
)


def _by_hand(w: Words, text: str, words: tuple[str, ...]) -> m.Writing:
    label = w("路名和门牌", "Road and number")
    strokes = _STROKES if words else ()
    return m.Writing(
        label, text, "", words, "hand", on=bool(words), counts=(len(text), 60), layers=_LAYERS, strokes=strokes
    )


def _keypad(place: m.Place, w: Words, label: tuple[str, str], value: str, kind: KeypadKind, missing: int) -> Screen:
    """One field with its keypad, some characters missing."""
    hint = w(f"还差 {missing} 位", f"{missing} more") if missing else ""
    fields = (m.FormField("it", w(*label), value, hint=hint), m.FormField("phone", w("手机号码", "Telephone"), ""))
    form = m.Form(w("居民身份证丢失补领申请", "Lost ID card"), (), fields, "it", kind, complete=False, left=2)
    return pages.form(place, form)


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
    "form-idno": ("fill", lambda p, w: _keypad(p, w, ("身份证号", "ID number"), "37100219550101", "idno", 4)),
    "form-uscc": ("fill", lambda p, w: _keypad(p, w, ("统一社会信用代码", "Credit code"), "9137100270605", "uscc", 5)),
    "form-date": ("fill", lambda p, w: _keypad(p, w, ("丢失日期", "Day of loss"), "2026-11", "date", 2)),
    "form-money": ("fill", lambda p, w: _keypad(p, w, ("提取金额", "Amount"), "1200.5", "money", 0)),
    "search-hangul": (
        None,
        lambda p, w: pages.search(p, m.Search("주민 신", layer="hangul", layers=("hangul", *_LAYERS[:-1]))),
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
    "writing-hand": ("fill", lambda p, w: pages.writing(p, _by_hand(w, "威", ("海", "诲", "悔", "侮", "晦")))),
    "writing-hand-empty": ("fill", lambda p, w: pages.writing(p, _by_hand(w, "", ()))),
    "writing-rare": (
        "fill",
        lambda p, w: pages.writing(
            p,
            m.Writing(
                w("姓名", "Name"),
                "李𬴂",
                "U+4DAE",
                ("䶮",),
                "rare",
                counts=(2, 30),
                layers=_LAYERS,
                lacking=("U+2EBF5",),
            ),
        ),
    ),
    "writing-rare-card": (
        "fill",
        lambda p, w: pages.writing(
            p, m.Writing(w("姓名", "Name"), "", "", ("毕", "㛃", "䶮"), "rare", counts=(0, 30), layers=_LAYERS)
        ),
    ),
    "writing-hangul": (
        "fill",
        lambda p, w: pages.writing(
            p, m.Writing(w("姓名", "Name"), "김하늘", "", (), "hangul", counts=(3, 30), layers=("hangul", *_LAYERS))
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
