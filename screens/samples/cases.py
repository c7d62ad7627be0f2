"""Samples of the pages about cases: the list, one case in each light, the parts of a bundle, the tags of a rating."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

from config.evaluation import evaluation
from screens import models as m
from screens import pages
from screens.samples.sample import Sample, Words

ZONE = timezone(timedelta(hours=8))
NUMBER = "3710022611210047"
WHERE = date(2026, 12, 18)


def _lines(w: Words) -> tuple[m.CaseLine, ...]:
    return (
        m.CaseLine(NUMBER, w("居民身份证到期换领", "Resident ID card renewal"), "IN_PROGRESS", "green", WHERE),
        m.CaseLine("3710022611210031", w("新生儿出生一件事", "Newborn bundle"), "IN_PROGRESS", "yellow", WHERE),
        m.CaseLine("3710022611200008", w("公租房申请", "Public rental housing"), "SUPPLEMENT", "grey", WHERE),
        m.CaseLine("3710022611190112", w("用水/用气过户申请", "Water and gas transfer"), "IN_PROGRESS", "red", WHERE),
        m.CaseLine("3710022611180005", w("殡葬惠民补贴申领", "Funeral allowance"), "DONE", "green", WHERE),
        m.CaseLine("3710022611170061", w("企业变更登记", "Company change"), "REFUSED", "green", WHERE),
    )


def _case(w: Words, number: int = 0, *, mine: bool = True) -> m.CasePage:
    line = _lines(w)[number]
    at = datetime(2026, 11, 21, 9, 5, tzinfo=ZONE)
    moments = (
        m.CaseMoment(at, "accepted"),
        m.CaseMoment(at + timedelta(days=2), "step", w("审查", "Being examined")),
    )
    leads = {"SUPPLEMENT": ("WH-GN-006",), "DONE": ("WH-GN-014", "WH-GN-012")}.get(line.state, ())
    over = line.state in ("DONE", "REFUSED")
    why = "conditions-not-met" if line.state == "REFUSED" and mine else ""
    department = w("威海市公安局", "Weihai Public Security Bureau")
    step = "" if over else w("审查", "Being examined")
    return m.CasePage(line, department, step, why, False, mine, 0, (), moments, leads if mine else ())


def _parts(w: Words) -> tuple[m.CaseParts, ...]:
    return (
        m.CaseParts(f"{NUMBER}01", w("出生户口登记申报", "Birth registration"), "DONE", "green", WHERE),
        m.CaseParts(f"{NUMBER}02", w("城乡居民医保参保", "Medical insurance"), "REFUSED", "green", WHERE, 38000),
        m.CaseParts(f"{NUMBER}03", w("社保卡申领", "Social security card"), "IN_PROGRESS", "yellow", WHERE),
    )


def _bundle(w: Words) -> m.CasePage:
    return replace(_case(w, 1), parts=_parts(w), back_fen=38000)


def _tags(stars: int, w: Words) -> m.RatingTags:
    language = w("zh", "en")
    tags = tuple((tag.code, tag.get(language)) for tag in evaluation().of(stars))
    return m.RatingTags(stars, tags, frozenset({tags[1][0]}))


def _finished(w: Words) -> m.Finish:
    rows = (
        m.Known(w("办理事项", "Matter"), w("新生儿出生一件事", "Newborn bundle")),
        m.Known(w("受理编号", "Number"), "3710 0226 1121 0047"),
    )
    parts = (
        m.Known(
            w("出生户口登记申报", "Birth registration"),
            w("已受理 · 12 月 4 日前 · 分号 01", "Accepted · by 4/12 · no. 01"),
        ),
        m.Known(w("城乡居民医保参保", "Medical insurance"), w("没有办成 · 分号 02", "Not done · no. 02")),
        m.Known(
            w("社保卡申领", "Social security card"), w("等前一件办好 · 分号 03", "Waits for an earlier part · no. 03")
        ),
    )
    takes = (m.Take("card", "waiting"), m.Take("receipt", "taken"))
    return m.Finish(rows, takes, parts=parts, refused=True, back_fen=38000)


def _query(w: Words) -> m.Finish:
    rows = (m.Known(w("办理事项", "Matter"), w("公积金账户查询", "Housing fund account")),)
    return m.Finish(rows, (m.Take("card", "waiting"),))


def _paid(w: Words) -> m.Finish:
    rows = (
        m.Known(w("办理事项", "Matter"), w("交通违法罚款缴纳", "Traffic fine payment")),
        m.Known(w("已缴", "Paid"), w("200.00 元 · 微信", "200.00 yuan · WeChat")),
    )
    return m.Finish(rows, (m.Take("card", "taken"), m.Take("receipt", "waiting")))


def _rated(w: Words) -> m.Finish:
    rows = (
        m.Known(w("办理事项", "Matter"), w("好差评评价", "Service evaluation")),
        m.Known(w("您的评价", "Your rating"), w("不满意", "Poor")),
        m.Known(w("整改单号", "Work item"), "A1B2C3D4"),
        m.Known(w("整改情况", "What became of it"), w("已转主管部门，正在核实", "With the department")),
    )
    return m.Finish(rows, (), rates=False)


SAMPLES: Mapping[str, Sample] = {
    "cases": (None, lambda p, w: pages.cases(p, m.Cases(_lines(w), 9, more=True))),
    "cases-none": (None, lambda p, w: pages.cases(p, m.Cases((), 0))),
    "case": (None, lambda p, w: pages.case_page(p, _case(w))),
    "case-bundle": (None, lambda p, w: pages.case_page(p, _bundle(w))),
    "case-supplement": (None, lambda p, w: pages.case_page(p, _case(w, 2))),
    "case-late": (None, lambda p, w: pages.case_page(p, _case(w, 3))),
    "case-done": (None, lambda p, w: pages.case_page(p, _case(w, 4))),
    "case-refused": (None, lambda p, w: pages.case_page(p, _case(w, 5))),
    "case-stranger": (None, lambda p, w: pages.case_page(p, _case(w, mine=False))),
    "rating-tags-bad": ("collect", lambda p, w: pages.rating_tags(p, _tags(2, w))),
    "rating-tags-good": ("collect", lambda p, w: pages.rating_tags(p, _tags(5, w))),
    "finish-bundle": ("collect", lambda p, w: pages.finish(p, _finished(w))),
    "finish-query": ("collect", lambda p, w: pages.finish(p, _query(w))),
    "finish-pay": ("collect", lambda p, w: pages.finish(p, _paid(w))),
    "finish-rated-case": ("collect", lambda p, w: pages.finish(p, _rated(w))),
}
