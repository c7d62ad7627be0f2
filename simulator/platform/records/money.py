"""Accounts: pension, medical insurance, housing fund, benefits, taxes."""

from __future__ import annotations

from datetime import date

from simulator.platform import registry
from simulator.platform.records.answer import Ask, Said, Section, figures, line, rows, say, table, yuan

MONTH, AMOUNT, KIND = say("月份", "Month"), say("金额", "Amount"), say("类型", "Kind")
BALANCE, DAY = say("账户余额", "Balance"), say("日期", "Date")


def _pension(ask: Ask) -> registry.Insurance | None:
    found = registry.insurances(ask.person, ask.today)
    return next((i for i in found if i.kind == registry.PENSION), None)


def pension_account(ask: Ask) -> list[Section] | None:
    """Paid months and the personal account, year by year."""
    insured = _pension(ask)
    if insured is None or ask.nothing(9):
        return None
    records, total, paid = [], 0, 0
    for year in range(insured.since[0], insured.until[0] + 1):
        count = insured.months(f"{year}01", f"{year}12")
        if not count:
            continue
        base = 180_000 + 20_000 * max(0, year - 2005) + 1_000 * ask.dice.upto(90)
        own = base * count * 8 // 100
        total, paid = total + own, paid + count
        records.append((str(year), str(count), yuan(base), yuan(own)))
    columns = (
        say("年度", "Year"),
        say("月数", "Months"),
        say("缴费基数", "Base"),
        say("计入个人账户", "To the account"),
    )
    return [
        figures(
            say("养老保险", "Pension insurance"),
            line(say("个人账户储存额", "Personal account"), yuan(total), private=True),
            line(say("累计缴费", "Paid in all"), say(f"{paid} 个月", f"{paid} months")),
            line(say("参保状态", "State"), say(insured.status, _STATES[insured.status])),
        ),
        table(say("历年缴费", "By year"), columns, records[::-1]),
    ]


_STATES = {"参保缴费": "Insured and paying", "暂停参保": "Paused", "待遇领取": "Receiving a pension"}


def pension_benefits(ask: Ask) -> list[Section] | None:
    """What was paid out in a year; only to those who draw a pension."""
    insured = _pension(ask)
    draws = insured is not None and insured.status == "待遇领取"
    if ask.found is False or not (draws or ask.found):
        return None
    year = int(ask.get("year") or ask.today.year)
    if not 1990 <= year <= ask.today.year:
        return None
    monthly = 240_000 + 5_000 * ask.dice.upto(40) - 12_000 * (ask.today.year - year)
    last = ask.today.month if year == ask.today.year else 12
    records = [(f"{year}-{m:02d}", yuan(monthly), f"{year}-{m:02d}-15") for m in range(last, 0, -1)]
    return [
        figures(
            say(f"{year} 年", str(year)),
            line(say("每月待遇", "Every month"), yuan(monthly), private=True),
            line(say("已发合计", "Paid so far"), yuan(monthly * last), private=True),
        ),
        table(say("发放明细", "Payments"), (MONTH, AMOUNT, say("发放日", "Paid on")), records),
    ]


def _span(ask: Ask, months: int) -> tuple[str, str]:
    """The days asked for, as ISO dates; the last `months` months when none are."""
    first, last = ask.get("from"), ask.get("to")
    begin = f"{first[:4]}-{first[4:6]}-{first[6:]}" if first else f"{ask.months(months)[-1]}-01"
    end = f"{last[:4]}-{last[4:6]}-{last[6:]}" if last else ask.today.isoformat()
    return begin, end


def _movements(
    ask: Ask, kinds: tuple[tuple[str, str, int], ...], since: date
) -> tuple[list[tuple[str, Said, int, int]], int]:
    """Monthly movements from `since` to today, newest first, with the balance after each; and the balance now."""
    balance = 0
    found: list[tuple[str, Said, int, int]] = []
    count = (ask.today.year - since.year) * 12 + ask.today.month - since.month + 1
    for month in reversed(ask.months(min(count, 240))):
        days = sorted(ask.dice.between(1, 28) for _ in kinds)
        for day, (zh, en, sign) in zip(days, kinds, strict=True):
            if f"{month}-{day:02d}" > ask.today.isoformat():
                break
            if sign < 0 and (balance < 60_000 or not ask.dice.one_in(3)):
                continue
            fen = 100 * ask.dice.between(120, 900) if sign > 0 else 100 * ask.dice.between(8, min(500, balance // 200))
            balance += sign * fen
            found.append((f"{month}-{day:02d}", say(zh, en), fen * sign, balance))
    return found[::-1], balance


def _account(
    ask: Ask, title_zh: str, title_en: str, kinds: tuple[tuple[str, str, int], ...], since: date
) -> list[Section]:
    movements, balance = _movements(ask, kinds, since)
    first, last = _span(ask, 24)
    shown = [m for m in movements if first <= m[0] <= last]
    signed = [
        (d, k, say(f"{'+' if f > 0 else '-'}{abs(f) / 100:,.2f}"), say(f"{b / 100:,.2f}")) for d, k, f, b in shown
    ]
    sections = [
        figures(
            say(title_zh, title_en),
            line(BALANCE, yuan(balance), private=True),
            line(say("查询时段", "From - to"), f"{first} - {last}"),
            line(say("收支笔数", "Movements"), str(len(signed))),
        )
    ]
    columns = (DAY, KIND, say("收支（元）", "Change, yuan"), say("余额（元）", "Balance, yuan"))
    return [*sections, table(say("收支明细", "Movements"), columns, signed)] if signed else sections


def medical_account(ask: Ask) -> list[Section] | None:
    """Balance and movements of the medical account."""
    if ask.nothing(8):
        return None
    kinds = (("单位划入", "Paid in", 1), ("药店购药", "Pharmacy", -1), ("门诊支付", "Clinic", -1))
    return _account(ask, "职工医保个人账户", "Medical account", kinds, date(2021, 1, 1))


def housing_fund(ask: Ask) -> list[Section] | None:
    """Balance and movements of the housing fund."""
    retired = ask.today.year - ask.person.birth.year > 62
    if ask.nothing(7) or (retired and not ask.found):
        return None
    kinds = (("汇缴", "Paid in", 1), ("租房提取", "Drawn for rent", -1))
    return _account(ask, "住房公积金账户", "Housing fund", kinds, date(2016, 7, 1))


def housing_loan(ask: Ask) -> list[Section] | None:
    """How much of the loan is left, and the last instalments."""
    if ask.nothing(3):
        return None
    lent = 10_000_00 * ask.dice.between(20, 60)
    paid = ask.dice.between(12, 150)
    monthly = lent // 260
    left = max(monthly, lent - monthly * paid * 2 // 3)
    records = [(f"{m}-20", yuan(monthly), say("已还", "Paid")) for m in ask.months(12, back=1)]
    return [
        figures(
            say("公积金贷款", "Housing-fund loan"),
            line(say("贷款余额", "Still owed"), yuan(left), private=True),
            line(say("每月还款", "Every month"), yuan(monthly), private=True),
            line(say("已还期数", "Instalments paid"), str(paid)),
            line(say("逾期", "Overdue"), say("无", "none")),
        ),
        table(say("最近还款", "Last instalments"), (DAY, AMOUNT, say("状态", "State")), records),
    ]


def employer_remittance(ask: Ask) -> list[Section] | None:
    """What a company paid in for its people in a month; no names."""
    month = ask.get("month")
    asked = f"{month[:4]}-{month[4:]}"
    if ask.nothing(6) or asked > ask.today.isoformat()[:7]:
        return None
    people = ask.dice.between(3, 180)
    fen = people * 100 * ask.dice.between(400, 1400)
    return [
        figures(
            say(f"{asked} 汇缴", f"Remittance of {asked}"),
            line(say("汇缴人数", "People"), str(people)),
            line(say("汇缴金额", "Amount"), yuan(fen)),
            line(say("到账日期", "Received on"), f"{asked}-{ask.dice.between(8, 22):02d}"),
            line(say("缴存比例", "Share"), f"{ask.dice.between(5, 12)}%"),
        )
    ]


_TAXES = (
    ("增值税", "Value added tax"),
    ("企业所得税", "Company income tax"),
    ("城市维护建设税", "City maintenance tax"),
    ("印花税", "Stamp duty"),
)


def taxpayer(ask: Ask) -> list[Section] | None:
    """Returns, payments and arrears of a taxpayer."""
    if ask.nothing(7):
        return None
    month = ask.get("period")
    months = [f"{month[:4]}-{month[4:]}"] if month else ask.months(6, back=1)
    owed = 0 if ask.dice.upto(3) else 100 * ask.dice.between(50, 4000)
    records = [
        (m, say(zh, en), yuan(100 * ask.dice.between(0, 9000)), say("已缴", "Paid"))
        for m in months
        for zh, en in _TAXES
    ]
    return [
        figures(
            say("纳税人", "Taxpayer"),
            line(say("欠税", "Owed"), yuan(owed) if owed else say("无欠税", "nothing")),
            line(say("纳税信用", "Tax credit"), ask.dice.pick(("A", "B", "M"))),
        ),
        table(
            say("申报与缴款", "Returns and payments"),
            (MONTH, say("税种", "Tax"), AMOUNT, say("状态", "State")),
            records,
        ),
    ]


def allowances(ask: Ask) -> list[Section] | None:
    """Subsistence allowance, for the few who have one."""
    if ask.nothing(2):
        return None
    fen = 100 * ask.dice.between(520, 980)
    records = [(f"{m}-10", yuan(fen), say("已发放", "Paid")) for m in ask.months(12, back=1)]
    return [
        figures(
            say("最低生活保障", "Subsistence allowance"),
            line(say("每月金额", "Every month"), yuan(fen), private=True),
            line(say("保障人口", "People covered"), str(ask.dice.between(1, 4))),
            line(say("下次复核", "Next review"), ask.ahead(ask.dice.between(20, 300))),
        ),
        table(say("发放记录", "Payments"), (DAY, AMOUNT, say("状态", "State")), records),
    ]


def student_loan(ask: Ask) -> list[Section] | None:
    """A student loan and when it has to be paid back; only for people of that age."""
    age = ask.today.year - ask.person.birth.year
    if ask.found is False or (not ask.found and (not 17 <= age <= 40 or ask.nothing(3))):
        return None
    fen = 100_000 * ask.dice.between(6, 40)
    return [
        rows(
            say("国家助学贷款", "State student loan"),
            line(say("贷款本金", "Lent"), yuan(fen), private=True),
            line(say("剩余本金", "Still owed"), yuan(fen * ask.dice.between(2, 10) // 10), private=True),
            line(say("还款日", "Due every year on"), say("12月20日", "20 December")),
            line(say("经办机构", "Office"), say("威海市学生资助管理中心", "Weihai Student Aid Centre")),
        )
    ]
