"""Samples of what queries find, of collecting, copies, tickets and help."""

from __future__ import annotations

from collections.abc import Mapping

from screens import models as m
from screens import pages
from screens.samples.sample import Sample, Words


def _figures(w: Words) -> m.ResultLines:
    return m.ResultLines(
        w("住房公积金账户", "Housing fund"),
        (
            m.ResultLine(w("账户余额", "Balance"), w("68,420.00 元", "68,420.00 yuan"), private=True),
            m.ResultLine(w("查询时段", "From - to"), "2024-12-01 - 2026-11-21"),
            m.ResultLine(w("收支笔数", "Movements"), "31"),
        ),
    )


def _movements(w: Words, count: int) -> m.ResultTable:
    columns = (w("日期", "Date"), w("类型", "Kind"), w("收支（元）", "Change, yuan"), w("余额（元）", "Balance, yuan"))
    kinds = (w("汇缴", "Paid in"), w("租房提取", "Drawn for rent"))
    records = tuple(
        (f"2026-{11 - i % 11:02d}-{(i * 7) % 27 + 1:02d}", kinds[i % 2], f"+{860 + i}.00", f"{68_420 - i * 730:,}.00")
        for i in range(count)
    )
    return m.ResultTable(w("收支明细", "Movements"), columns, records)


def _found(w: Words) -> m.ResultPage:
    source = w("威海市住房公积金管理中心", "Weihai Housing Fund Centre")
    service = w("公积金账户余额与明细查询", "Housing-fund balance and detail")
    sections = (_figures(w), _movements(w, 7))
    return m.ResultPage(service, sections, source, "2026-11-21 20:14", more=True, printable=True)


def _progress(w: Words) -> m.ResultPage:
    events = (
        m.ResultEvent(w("受理", "Accepted"), "done", "2026-11-02"),
        m.ResultEvent(w("审核办理", "Being handled"), "late", "", w("已超过承诺日期", "Past its promised day")),
        m.ResultEvent(w("办结", "Done"), "todo"),
    )
    figures = m.ResultLines(
        w("办件", "Case"),
        (
            m.ResultLine(w("受理编号", "Number"), "3710022611020007"),
            m.ResultLine(w("事项", "Service"), w("居民身份证到期换领", "Resident ID card renewal")),
        ),
    )
    source = w("威海市行政审批服务局", "Weihai Administrative Approval Service Bureau")
    sections = (figures, m.ResultEvents(w("进度", "Progress"), events))
    return m.ResultPage(w("办件进度查询", "Case progress query"), sections, source, "2026-11-21 20:14")


def _none(w: Words) -> m.ResultPage:
    advice = w(
        "请核对编号，和回执上的一样。还是查不到，请到窗口或拨打 12345。",
        "Please compare the number with your slip. If it is right, ask at the counter or call 12345.",
    )
    source = w("威海市公安局", "Weihai Public Security Bureau")
    return m.ResultPage(w("居民身份证办理进度查询", "ID card progress query"), (), source, "2026-11-21 20:14", advice)


def _kept(w: Words) -> m.ResultPage:
    columns = (w("名称", "Name"), w("级别", "Level"), w("地址", "Address"), w("电话", "Phone"))
    records = tuple(
        (
            w("火炬高技术产业开发区社区卫生服务中心", "Community Health Centre, Torch Hi-Tech Industrial Zone"),
            w("一级", "level 1"),
            w(f"样例街 {20 + i} 号", f"{20 + i} Sample Street"),
            f"0631-52{i:05d}",
        )
        for i in range(6)
    )
    source = w("威海市医疗保障局", "Weihai Medical Insurance Bureau")
    table = m.ResultTable(w("定点医药机构", "Designated institutions"), columns, records)
    service = w("定点医药机构查询", "Designated institution query")
    return m.ResultPage(service, (table,), source, "2026-11-20 03:00", kept=True, private=False)


def _services(w: Words) -> m.ResultPage:
    line = m.ServiceLine(
        "WH-HF-001",
        w("公积金账户余额与明细查询", "Housing-fund balance and detail"),
        "query",
        w("免费", "free"),
        2,
        True,
    )
    source = w("威海市行政审批服务局", "Weihai Administrative Approval Service Bureau")
    found = m.ResultServices(w("事项", "Services"), (line,))
    return m.ResultPage(w("办事指南查询与打印", "Service guide"), (found,), source, "2026-11-21 20:14", private=False)


def _collect(w: Words, state: str) -> m.CollectPage:
    document = w("不动产权证自助领证", "Self-service certificate collection")
    place = w("本机右侧取证柜", "the cabinet to the right of this terminal")
    return m.CollectPage(state, document, place, "" if state == "not-ready" else "A07", "2026-11-26")  # type: ignore[arg-type]  # one of the literals


def _copy(w: Words, **more: bool) -> m.CopyOffer:
    return m.CopyOffer(w("身份证复印", "ID card copy"), 2, 3, **{"can_send": True, **more})


SAMPLES: Mapping[str, Sample] = {
    "result": (None, lambda p, w: pages.result(p, _found(w))),
    "result_progress": (None, lambda p, w: pages.result(p, _progress(w))),
    "result_none": (None, lambda p, w: pages.result(p, _none(w))),
    "result_kept": (None, lambda p, w: pages.result(p, _kept(w))),
    "result_services": (None, lambda p, w: pages.result(p, _services(w))),
    "help_asked": (
        None,
        lambda p, w: pages.help_asked(
            p, m.HelpAsked("call-back", "11210007", "0631-12345", 10, w("工作日 9:00–17:00", "Weekdays 9:00-17:00"))
        ),
    ),
    "help_asked_offline": (None, lambda p, w: pages.help_asked(p, m.HelpAsked("offline", "", "0631-12345", 0, ""))),
    "collect": ("fulfil", lambda p, w: pages.collect(p, _collect(w, "ready"))),
    "collect_open": ("fulfil", lambda p, w: pages.collect(p, _collect(w, "open"))),
    "collect_not_ready": (None, lambda p, w: pages.collect(p, _collect(w, "not-ready"))),
    "collect_stuck": (None, lambda p, w: pages.collect(p, _collect(w, "stuck"))),
    "copy_offer": ("fulfil", lambda p, w: pages.copy_offer(p, _copy(w))),
    "copy_offer_printed": ("fulfil", lambda p, w: pages.copy_offer(p, _copy(w, printed=True), "copy.not-sent")),
    "copy_offer_offline": ("fulfil", lambda p, w: pages.copy_offer(p, _copy(w, can_send=False))),
    "phone_link": (
        "fulfil",
        lambda p, w: pages.phone_link(p, m.PhoneLink("https://share.platform.example/s/" + "k3Jd9" * 6, "20:44")),
    ),
    "ticket": (None, lambda p, w: pages.ticket(p, m.TicketPage("A017", w("综合 2 号窗口", "General counter 2"), 6))),
    "ticket_kept": (None, lambda p, w: pages.ticket(p, m.TicketPage("Z2003", "", None, kept=True))),
}
