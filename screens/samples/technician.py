"""Samples of the technician's pages: every page, with what a bad morning in a hall looks like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from screens import models as m
from screens import pages
from screens.models import technician as t
from screens.pages import technicians as work
from screens.samples.korean_work import KOREAN_WORK
from screens.samples.sample import Sample, Words, place
from screens.samples.technician_report import check, readiness, well
from screens.screen import Language, Mode, Screen


def _detail(w: Words) -> t.SectionDetail:
    trend = tuple(
        t.TrendPoint(f"11-{day}", share, told, bad=share > 0.7)
        for day, share, told in (
            (16, 0.1, "0"),
            (17, 0.1, "0"),
            (18, 0.3, "1"),
            (19, 0.2, "1"),
            (20, 0.5, "3"),
            (21, 1.0, "6"),
        )
    )
    return t.SectionDetail(
        check(w, 5),
        w("技术人员", "technician"),
        "media-jam-error",
        "sheet-path",
        facts=(
            t.Fact(w("从什么时候起", "Since"), "11-21 19:52"),
            t.Fact(w("上次好", "Last well"), "11-21 19:50"),
            t.Fact(w("每百次失败", "Failed per hundred"), "4.2"),
            t.Fact(w("这支粉打过", "Jobs on this toner"), "1 204"),
        ),
        trend=trend,
        acts=(
            t.WorkLine("restart-device", w("重新启动", "Restart"), "refresh"),
            t.WorkLine("port", w("换端口", "Port"), "build"),
        ),
    )


def _well_detail(w: Words) -> t.SectionDetail:
    facts = (t.Fact(w("上次好", "Last well"), "11-21 20:13"), t.Fact(w("每百次失败", "Failed per hundred"), "0.4"))
    return t.SectionDetail(check(w, 0), facts=facts)


def _camera(w: Words) -> t.TestRunning:
    gauges = (
        t.Gauge(w("清晰度", "focus"), "184", 0.62, 0.35, 1.0),
        t.Gauge(w("亮度", "light"), "41 %", 0.18, 0.3, 0.8),
    )
    figures = (t.Fact(w("延迟", "delay"), "41 ms"), t.Fact(w("每秒帧数", "frames a second"), "25"))
    return t.TestRunning(
        w("人像摄像头", "face camera"), w("请看着镜头", "Look at the lens"), figures, gauges, preview=True
    )


def _reading(w: Words) -> t.TestRunning:
    return t.TestRunning(w("读卡器", "card reader"), w("请放一张卡", "Lay a card on the reader"), fraction=0.4)


def _question(w: Words) -> t.TestQuestion:
    return t.TestQuestion(
        w("凭条打印机", "receipt printer"),
        w("测试凭条完整出来了吗？", "Did the test ticket come out whole?"),
        drawing="paper-roll",
    )


def _code(w: Words) -> t.TestQuestion:
    return t.TestQuestion(
        w("扫码器", "code reader"), w("听到读码的声音了吗？", "Did the reader beep?"), qr="TEST-1A2B3C4D"
    )


def _failed(w: Words) -> t.TestDone:
    line = check(w, 5)
    figures = (t.Fact(w("用时", "took"), "12.4 s"), t.Fact(w("页数", "pages"), "0"))
    return t.TestDone(line.name, "fail", line.sentence, line.remedy, figures, line.id)


def _passed(w: Words) -> t.TestDone:
    figures = (t.Fact(w("用时", "took"), "1.3 s"), t.Fact(w("重试", "retries"), "0"))
    return t.TestDone(
        w("读卡器", "card reader"),
        "pass",
        w("读到一张卡，没有留下任何内容", "A card was read; nothing of it was kept"),
        "",
        figures,
        "reader",
    )


def _burning(w: Words, *, over: bool = False) -> t.BurnIn:
    states: tuple[Literal["todo", "running", "pass", "fail"], ...] = ("pass", "pass", "fail", "running", "todo", "todo")
    names = [check(w, number).name for number in (0, 1, 2, 4, 5, 6)]
    lines = tuple(
        t.TestTally(
            name, "pass" if over else state, 12 if state != "todo" or over else 0, 2 if state == "fail" else 0, "1.3 s"
        )
        for name, state in zip(names, states, strict=True)
    )
    paper = w("约用 2.5 米纸", "It takes about 2.5 m of paper")
    return t.BurnIn(w("连续测试", "Test again and again"), lines, "12:40", "" if over else "17:20", paper, over=over)


def _work(w: Words) -> t.Work:
    lines = (
        ("refill", "加纸换粉", "Refill paper and toner", "receipt_long", "凭条纸、硒鼓", "Receipt paper, toner"),
        (
            "forms-count",
            "清点证照用纸",
            "Count controlled forms",
            "fact_check",
            "点数、首尾号，主管签字",
            "Count, first and last number, signed",
        ),
        ("intents", "未了结事项", "Open matters", "help", "1 件", "1"),
        ("forgotten", "取出遗留证件", "Take out forgotten documents", "contact_page", "", ""),
        (
            "close",
            "暂停服务",
            "Close for service",
            "do_not_disturb_on",
            "给公民看一句话",
            "With a sentence for citizens",
        ),
        ("port", "换设备端口", "Change a device's port", "build", "", ""),
        (
            "bundle",
            "导出支持包",
            "Export a support bundle",
            "content_paste",
            "日志和版本，不含个人信息",
            "Logs and versions, nothing personal",
        ),
    )
    made = [t.WorkLine(key, w(zh, en), icon, w(n, n_en) if n else "") for key, zh, en, icon, n, n_en in lines]
    reissue = t.WorkLine(
        "reissue", w("补打证照", "Print a document again"), "print", "", False, w("要主管身份", "For supervisors only")
    )
    return t.Work((*made, reissue))


def _refill(w: Words) -> t.WorkForm:
    options = (t.WorkOption("whole", w("整卷", "A whole roll")), t.WorkOption("part", w("不是整卷", "Part of a roll")))
    fields = (
        t.WorkField("whole", w("换上的是", "What went in"), "part", options=options),
        t.WorkField("metres", w("米数", "Metres"), "45", w("估一个数", "As far as you can tell")),
    )
    known = (t.Fact(w("凭条打印机", "receipt printer"), "~11 m"),)
    return t.WorkForm(
        w("换凭条纸", "A new roll of receipt paper"),
        known=known,
        fields=fields,
        focus="metres",
        do=w("记下", "Put on record"),
    )


def _roll(w: Words) -> t.WorkForm:
    notice = w("印字的一面朝上，纸头拉出来一点", "Printed side up, pull a little out")
    return t.WorkForm(
        w("换凭条纸", "A new roll of receipt paper"), notice=notice, do=w("记下", "Put on record"), drawing="paper-roll"
    )


def _intent(w: Words) -> t.WorkForm:
    options = (
        t.WorkOption("slip-approved", w("小票上写着成功", "The slip says approved")),
        t.WorkOption("slip-declined", w("小票上写着失败", "The slip says declined")),
        t.WorkOption("not-on-pad", w("付款终端里没有这笔", "The pad has no such payment")),
    )
    known = (
        t.Fact(w("金额", "Amount"), "20.00"),
        t.Fact(w("凭条号", "Receipt"), "0123"),
        t.Fact(w("时间", "Time"), "11-21 20:02"),
    )
    warning = w("付款的结果不知道", "The end of this payment is not known")
    return t.WorkForm(
        "3F2A91C7",
        warning=warning,
        known=known,
        fields=(t.WorkField("evidence", w("您看到什么", "What do you see"), options=options),),
        do=w("按看到的了结", "Settle by what you see"),
        complete=False,
        danger=True,
    )


def _intents(w: Words) -> t.WorkList:
    records = (
        t.WorkRecord(
            "a", w("付款 20.00 元 · 结果不知道", "Payment of 20.00 · end not known"), "3F2A91C7 · 20:02", "payments"
        ),
        t.WorkRecord("b", w("打印 · 结果不知道", "Print · end not known"), "91C73F2A · 19:52", "print"),
    )
    return t.WorkList(w("未了结事项", "Open matters"), records=records)


def _audit(w: Words) -> t.WorkList:
    acts = ("test/reader", "refill", "intents", "restart-device", "forms-count", "close")
    records = tuple(
        t.WorkRecord(str(at), f"11-21 20:{14 - at:02d}", f"{name} · {w('已做', 'done')} · 9f3a21c7", opens=False)
        for at, name in enumerate(acts)
    )
    return t.WorkList(w("进出和操作记录", "Who was here and did what"), records=records)


def _outcome(w: Words) -> t.WorkDone:
    known = (t.Fact(w("文件", "File"), "WH-HC-0003-20261121.zip"), t.Fact(w("大小", "Size"), "1.8 MB"))
    said = w("支持包已写好，查过没有个人信息", "The bundle is written, and was searched: nothing personal")
    return t.WorkDone(w("已导出", "Exported"), said, known=known)


def _leave(w: Words) -> t.TechLeave:
    return t.TechLeave(189, (check(w, 5).sentence,))


def _words(w: Words) -> t.WorkList:
    prepared = w(
        "没写，照用：本机按大厅通知暂停服务，请询问工作人员。",
        "Not written, as prepared: Out of service by notice of the hall.",
    )
    return t.WorkList(
        w("自己写一句", "A sentence of your own"),
        w("没写的语言用按大厅通知那一句", "A language without words keeps the sentence by notice of the hall"),
        (
            t.WorkRecord("zh", w("中文", "Chinese"), "下午两点换好主板就开，急事请到二楼 5 号窗口", "edit"),
            t.WorkRecord("en", w("英文", "English"), prepared, "edit"),
            t.WorkRecord("ko", w("韩文", "Korean"), prepared, "edit"),
        ),
        acts=(t.WorkLine("do", w("暂停服务", "Close for service"), "do_not_disturb_on"),),
    )


def _sentence(w: Words) -> m.Writing:
    return m.Writing(
        w("中文", "Chinese"), "下午两点换好主板就开", "jishi", ("急事", "即使", "及时", "几十"), "pinyin", on=True,
        counts=(10, 72), layers=("pinyin", "latin", "upper", "signs", "rare"),
    )  # fmt: skip


WORK_SAMPLES: Mapping[str, Sample] = {
    "tech_door": (None, lambda p, w: work.tech_door(p, t.TechDoor())),
    "tech_door-refused": (None, lambda p, w: work.tech_door(p, t.TechDoor(w("密码不对", "That PIN is wrong")))),
    "tech_door-locked": (None, lambda p, w: work.tech_door(p, t.TechDoor("", "21:05"))),
    "tech_door-no-reader": (None, lambda p, w: work.tech_door(p, t.TechDoor(without_card=True))),
    "tech_pin": (
        None,
        lambda p, w: work.tech_pin(p, m.PinEntry(w("技术人员密码", "Technician's PIN"), 3, 6, "7302918546")),
    ),
    "tech_code": (None, lambda p, w: work.tech_code(p, t.TechCode("4821 0937", scans=True))),
    "tech_readiness": (None, lambda p, w: work.tech_readiness(p, readiness(w))),
    "tech_readiness-well": (None, lambda p, w: work.tech_readiness(p, well(w))),
    "tech_section": (None, lambda p, w: work.tech_section(p, _detail(w))),
    "tech_section-well": (None, lambda p, w: work.tech_section(p, _well_detail(w))),
    "tech_running-camera": (None, lambda p, w: work.tech_running(p, _camera(w))),
    "tech_running": (None, lambda p, w: work.tech_running(p, _reading(w))),
    "tech_question": (None, lambda p, w: work.tech_question(p, _question(w))),
    "tech_question-code": (None, lambda p, w: work.tech_question(p, _code(w))),
    "tech_done-failed": (None, lambda p, w: work.tech_done(p, _failed(w))),
    "tech_done": (None, lambda p, w: work.tech_done(p, _passed(w))),
    "tech_burn_in": (None, lambda p, w: work.tech_burn_in(p, _burning(w))),
    "tech_burn_in-over": (None, lambda p, w: work.tech_burn_in(p, _burning(w, over=True))),
    "tech_work": (None, lambda p, w: work.tech_work(p, _work(w))),
    "tech_form": (None, lambda p, w: work.tech_form(p, _refill(w))),
    "tech_form-roll": (None, lambda p, w: work.tech_form(p, _roll(w))),
    "tech_form-intent": (None, lambda p, w: work.tech_form(p, _intent(w))),
    "tech_list": (None, lambda p, w: work.tech_list(p, _intents(w))),
    "tech_list-audit": (None, lambda p, w: work.tech_list(p, _audit(w))),
    "tech_list-none": (None, lambda p, w: work.tech_list(p, t.WorkList(w("未了结事项", "Open matters")))),
    "tech_outcome": (None, lambda p, w: work.tech_outcome(p, _outcome(w))),
    "tech_list-words": (None, lambda p, w: work.tech_list(p, _words(w))),
    "tech_words": (None, lambda p, w: work.tech_words(p, _sentence(w))),
    "tech_leave": (None, lambda p, w: work.tech_leave(p, _leave(w))),
    "tech_leave-clear": (None, lambda p, w: work.tech_leave(p, t.TechLeave(236))),
    "tech_idle": (None, lambda p, w: work.tech_idle(p, t.TechIdle(30))),
}
WHOLE_SAMPLES: Mapping[str, Sample] = {
    "tech_touch": (None, lambda p, w: work.tech_touch(p, t.TouchGrid(12, 22, frozenset(range(70))))),
    "tech_cross": (None, lambda p, w: work.tech_cross(p, t.TouchCross(60, 60, 1, 5))),
    "tech_pixels": (None, lambda p, w: work.tech_pixels(p, t.Pixels("#ff0000", 3, 6))),
}
"""Pages that take the whole panel: no header, no bar."""
MODES: tuple[Mode, ...] = ("standard", "low")
"""The modes that technicians have."""


def work_samples(language: Language = "zh", mode: Mode = "standard", *, whole: bool = False) -> dict[str, Screen]:
    """Every page of the technician by name; with `whole` those without header and bar."""

    def words(zh: str, en: str) -> str:
        return zh if language == "zh" else KOREAN_WORK[zh] if language == "ko" else en

    role = words("现场维护", "field")
    here: m.Place = replace(place(language, mode), work=f"WH-HC-0003 · 1.4.2 · {role}")
    made = WHOLE_SAMPLES if whole else WORK_SAMPLES
    return {name: build(here, words) for name, (_, build) in made.items()}


SAMPLES: Mapping[str, Sample] = {
    "maintenance": (None, lambda p, w: pages.maintenance(replace(p, countdown=None), m.Maintenance())),
    "maintenance-ending": (
        None,
        lambda p, w: pages.maintenance(replace(p, countdown=None), m.Maintenance(ending=True)),
    ),
}
"""What citizens see meanwhile."""
