"""Papers that are checked by their numbers: invoices, deeds, permits, vessels, fiscal bills, company names."""

from __future__ import annotations

from simulator.platform.records.answer import Ask, Section, figures, line, rows, say


def invoice(ask: Ask) -> list[Section] | None:
    """An invoice by number, day and amount."""
    if ask.nothing(3):
        return None
    day = ask.get("date")
    return [
        figures(
            say("发票查验", "Invoice"),
            line(say("结果", "Result"), say("信息一致", "The data agree")),
            line(say("发票状态", "State"), say("正常", "Valid")),
            line(say("开票日期", "Issued on"), f"{day[:4]}-{day[4:6]}-{day[6:]}"),
        )
    ]


def deed(ask: Ask) -> list[Section] | None:
    """A notarial deed by number and check code."""
    if ask.nothing(3):
        return None
    return [
        figures(
            say("公证书核验", "Notarial deed"),
            line(say("结果", "Result"), say("公证书真实", "The deed is genuine")),
            line(say("出具机构", "Issued by"), say("威海市公证处", "Weihai Notary Office")),
            line(say("出具日期", "Issued on"), ask.ago(ask.dice.between(10, 900))),
            line(say("公证事项", "Matter"), say("委托公证", "Power of attorney")),
        )
    ]


def oversize_permit(ask: Ask) -> list[Section] | None:
    """An oversize transport permit."""
    if ask.nothing(3):
        return None
    return [
        rows(
            say("超限运输通行证", "Oversize permit"),
            line(say("状态", "State"), say("有效", "Valid")),
            line(say("有效期", "Valid"), f"{ask.ago(20)} - {ask.ahead(ask.dice.between(5, 60))}"),
            line(say("路线", "Route"), say("威海港 - G18 - 文登", "Weihai Port - G18 - Wendeng")),
            line(say("车货总重", "Weight"), f"{ask.dice.between(50, 95)} t"),
        )
    ]


def vessel(ask: Ask) -> list[Section] | None:
    """A fishing or small vessel's papers."""
    if ask.nothing(3):
        return None
    return [
        rows(
            say("船舶证书", "Vessel's papers"),
            line(say("船舶检验证书", "Inspection"), say("有效", "Valid")),
            line(say("有效期至", "Valid until"), ask.ahead(ask.dice.between(30, 1200))),
            line(say("船籍港", "Home port"), say("荣成石岛", "Shidao, Rongcheng")),
            line(say("船长", "Length"), f"{ask.dice.between(9, 36)}.{ask.dice.digits(1)} m"),
            line(say("主机功率", "Engine"), f"{ask.dice.between(60, 440)} kW"),
        )
    ]


def fiscal_bill(ask: Ask) -> list[Section] | None:
    """A fiscal e-bill by code, number and check code."""
    if ask.nothing(3):
        return None
    day, amount = ask.get("date"), ask.get("amount")
    return [
        figures(
            say("财政电子票据", "Fiscal e-bill"),
            line(say("结果", "Result"), say("票据真实", "The bill is genuine")),
            line(say("开票单位", "Issued by"), say("威海市行政审批服务局", "Weihai Administrative Approval Bureau")),
            line(say("开票日期", "Issued on"), f"{day[:4]}-{day[4:6]}-{day[6:]}"),
            *([line(say("金额", "Amount"), say(f"{amount} 元", f"{amount} yuan"))] if amount else []),
            line(say("入账状态", "Booked"), say("未入账", "no")),
        )
    ]


_TAKEN = ("海", "银", "国", "政")


def company_name(ask: Ask) -> list[Section] | None:
    """Whether a name can be kept for a company. `None`: nothing like it is registered, and that is good."""
    name = ask.get("name").strip()
    clash = any(sign in name for sign in _TAKEN) if ask.found is None else ask.found
    if not clash:
        return None
    return [
        figures(
            say("企业名称查重", "Company name"),
            line(say("申报名称", "Name"), name[:60]),
            line(say("结果", "Result"), say("有相近名称，建议换一个", "Similar names exist; choose another")),
        ),
        rows(
            say("相近的名称", "Similar names"),
            line(say("一", "1"), f"{name[:20]}（威海）有限公司"),
            line(say("二", "2"), f"威海{name[:20]}科技有限公司"),
        ),
    ]
