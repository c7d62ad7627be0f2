"""Samples of finding a service: home, fields, verbs, search, guides."""

from __future__ import annotations

from collections.abc import Mapping

from screens import models as m
from screens import pages
from screens.modes import appearance
from screens.samples.sample import Sample, Words

FREE, FEE = ("免费", "free"), ("20.00 元", "20.00 yuan")


def services(w: Words) -> tuple[m.ServiceLine, ...]:
    """Four services, one of which cannot be started."""
    return (
        m.ServiceLine(
            "WH-SI-001", w("社会保险个人参保证明", "Certificate of social insurance"), "print", w(*FREE), 1, True
        ),
        m.ServiceLine("WH-PS-001", w("居民身份证到期换领", "Resident ID card renewal"), "apply", w(*FEE), 4, True),
        m.ServiceLine(
            "WH-RE-002",
            w("不动产登记信息查询证明", "Real estate registration certificate"),
            "print",
            w(*FREE),
            2,
            False,
            w("证照打印机缺纸", "The licence printer is out of paper"),
        ),
        m.ServiceLine(
            "WH-TR-001", w("交通违法罚款缴纳", "Traffic fine payment"), "pay", w("按决定书", "as fined"), 3, True
        ),
    )


def _fields(w: Words) -> tuple[m.FieldLine, ...]:
    return (
        m.FieldLine("PS", w("公安", "Public security"), "local_police", w("身份证 · 户籍", "ID card · register"), 27),
        m.FieldLine("TX", w("税务", "Tax"), "receipt_long", w("完税证明 · 发票", "Certificates · invoices"), 18),
        m.FieldLine("RE", w("不动产", "Real estate"), "home_work", w("查询 · 证明", "Queries · proofs"), 13),
        m.FieldLine("SI", w("社保", "Insurance"), "badge", w("参保证明 · 待遇", "Proofs · benefits"), 25),
        m.FieldLine("MI", w("医保", "Medical"), "health_and_safety", w("缴费 · 备案", "Payment · filing"), 16),
        m.FieldLine("EE", w("出入境", "Exit and entry"), "flight_takeoff", w("护照 · 签注", "Passport · visa"), 14),
    )


def _more(w: Words) -> tuple[m.FieldLine, ...]:
    return (
        m.FieldLine("CA", w("民政", "Civil affairs"), "family_history", w("婚姻 · 养老", "Marriage · care"), 12),
        m.FieldLine("HF", w("公积金", "Housing fund"), "savings", w("查询 · 提取", "Balance · withdrawal"), 12),
        m.FieldLine("ED", w("教育", "Education"), "school", w("入学 · 成绩", "Enrolment · results"), 8),
        m.FieldLine("BR", w("企业登记", "Business"), "business_center", w("设立 · 变更", "Setting up · changes"), 14),
        m.FieldLine("OT", w("一件事", "One-thing bundles"), "task_alt", w("几件事一次办", "Several at once"), 12),
        m.FieldLine("GN", w("通用", "General"), "apps", w("进度 · 预约", "Progress · booking"), 24),
    )


_KINDS = (("apply", 116), ("pay", 20), ("verify", 10), ("print", 43), ("query", 47))
_LIMIT = ("证照打印机缺纸", "The licence printer is out of paper")
_NEAR = (
    "可以用旁边的 2 号机（走路约 1 分钟），或到一楼综合窗口（工作日 9:00–17:00）。",
    "You can use terminal 2 beside this one (about 1 min on foot), or go to the general counter (workdays 9:00–17:00).",
)


def _home(p: m.Place, w: Words, *, limits: bool = False) -> m.Home:
    """In large type few fields, as the terminal's data has them."""
    verbs = tuple(m.VerbLine(kind, count) for kind, count in _KINDS)
    told, near = ((w(*_LIMIT),), w(*_NEAR)) if limits else ((), "")
    fields = _fields(w)
    first = fields[3:5] + fields[:2] if appearance(p.mode) == "elder" else fields
    return m.Home(first, services(w)[:3], 189 if limits else 235, told, _more(w), verbs, True, near)


def _long(w: Words) -> tuple[m.ServiceLine, ...]:
    """As many as public security has."""
    return (services(w) * 7)[:27]


def guide(w: Words, service: m.ServiceLine, **more: object) -> m.Guide:
    """The elements of one service."""
    values: dict[str, object] = {
        "conditions": (
            w("本人办理，需要核验是本人；身份证过期也可以办理", "By yourself. An expired card is accepted"),
        ),
        "prints": "a4",
        "elsewhere": w(*_NEAR),
    } | more
    return m.Guide(
        service,
        w("《中华人民共和国居民身份证法》第十一条", "Resident Identity Card Law of the PRC, article 11"),
        (w("原居民身份证", "Present ID card"), w("本人到场", "You in person")),
        (
            w("核验身份", "Identity"),
            w("填写", "Fill in"),
            w("缴费", "Pay"),
            w("受理", "Accepted"),
            w("领取", "Collect"),
        ),
        service.fee,
        w("发改价格〔2003〕2322 号", "Price notice (2003) No. 2322"),
        w("20 个工作日", "20 working days"),
        w("居民身份证", "Resident ID card"),
        w("威海市公安局环翠分局", "Weihai Public Security Bureau, Huancui"),
        **values,  # type: ignore[arg-type]  # members of the guide by name
    )


def _bundle(w: Words) -> m.Guide:
    line = m.ServiceLine(
        "WH-OT-001", w("新生儿出生一件事", "Newborn bundle"), "apply", w("各项合计", "sum of the parts"), 5, True
    )
    parts = (
        w("出生登记（3 个工作日，免费）", "Registration of birth (3 working days, free)"),
        w("医保参保登记（5 个工作日，按标准）", "Medical insurance (5 working days, by the price list)"),
        w("社会保障卡申领（5 个工作日，免费）", "Social security card (5 working days, free)"),
    )
    return guide(w, line, parts=parts)


def _only(w: Words) -> m.Guide:
    reason = w("这件事在机器上只能看办事指南", "Only the guide to this can be read here")
    line = m.ServiceLine(
        "WH-BR-012", w("食品经营许可延续", "Food licence renewal"), "apply", w(*FREE), 5, False, reason, startable=False
    )
    return guide(w, line, prints="receipt")


def _limited(w: Words) -> m.Guide:
    limit = w(
        "网络不通：可以先填好交上来，等网络恢复再送出，受理以通知为准",
        "No network: you can hand it in now, it is sent later; a message says when it is accepted",
    )
    return guide(w, m.ServiceLine("WH-SI-009", w("失业登记", "Unemployment"), "apply", w(*FREE), 5, True, limit=limit))


def _asked(w: Words) -> m.Search:
    choices = (
        m.SearchChoice(w("社会保障卡申领", "Applying for a social security card"), "WH-SI-015"),
        m.SearchChoice(w("社会保障卡挂失", "Reporting a lost card"), "WH-SI-016"),
        m.SearchChoice(w("社会保障卡补换", "Replacing a card"), "WH-SI-017"),
    )
    return m.Search(w("shebaoka", "social card"), services(w), False, w("您要办的是哪一项？", "Which one?"), choices)


SAMPLES: Mapping[str, Sample] = {
    "home": (None, lambda p, w: pages.home(p, _home(p, w))),
    "home-limits": (None, lambda p, w: pages.home(p, _home(p, w, limits=True))),
    "home-two": (None, lambda p, w: pages.home(p, m.Home(_fields(w)[:2], services(w)[:2], 2))),
    "fields": (None, lambda p, w: pages.fields(p, m.Fields((*_fields(w), *_more(w))))),
    "fields-verb": (None, lambda p, w: pages.fields(p, m.Fields(_fields(w), "print"))),
    "field_page": (None, lambda p, w: pages.field_page(p, m.FieldPage(_fields(w)[0], services(w)))),
    "field_page-long": (None, lambda p, w: pages.field_page(p, m.FieldPage(_fields(w)[0], _long(w)))),
    "search": (None, lambda p, w: pages.search(p, m.Search(""))),
    "search-typed": (
        None,
        lambda p, w: pages.search(p, m.Search(w("canbaozm", "certificate"), services(w), sure=True)),
    ),
    "search-asked": (None, lambda p, w: pages.search(p, _asked(w))),
    "search-nothing": (None, lambda p, w: pages.search(p, m.Search("xyzzy"))),
    "search-starting": (None, lambda p, w: pages.search(p, m.Search("", ready=False))),
    "found": (None, lambda p, w: pages.found(p, m.Search(w("canbao", "certificate"), services(w) * 2))),
    "guide": (None, lambda p, w: pages.guide(p, guide(w, services(w)[1]))),
    "guide-unavailable": (None, lambda p, w: pages.guide(p, guide(w, services(w)[2], prints="receipt"))),
    "guide-bundle": (None, lambda p, w: pages.guide(p, _bundle(w))),
    "guide-only": (None, lambda p, w: pages.guide(p, _only(w))),
    "guide-limited": (None, lambda p, w: pages.guide(p, _limited(w))),
    "guide_printed": (None, lambda p, w: pages.guide_printed(p, m.GuidePrinted("printing", "a4"))),
    "guide_printed-done": (None, lambda p, w: pages.guide_printed(p, m.GuidePrinted("done", "receipt"))),
    "guide_printed-failed": (None, lambda p, w: pages.guide_printed(p, m.GuidePrinted("failed", "a4"))),
}
