"""How the simulated city invents bills: which answer names them, what they are for, how much. Fen; nothing is real.

The last two digits of what names a bill decide what is found, so that QA has each case on demand:

| ends with | found                                        |
|-----------|----------------------------------------------|
| 00        | nothing                                      |
| 01        | one that is paid already                     |
| 02        | one whose day is over, with its surcharge    |
| 03        | three                                        |
| others    | one (utilities: the last one or two periods) |
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from config.service_values import fen_of

PAY_CODE_DIGITS: Final = 20
_MONEY = re.compile(r"(0|[1-9]\d{0,7})(\.\d{1,2})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a bill: what for (zh, en), between `least` and `most` fen in steps of `step`."""

    zh: str
    en: str
    least: int
    most: int
    step: int = 1


@dataclass(frozen=True, slots=True)
class Rule:
    """Bills of one service: the form fields that name them, their kind and lines.

    `monthly`: one bill a month, so there may be several. `of_amount`: (field, permille) where the amount follows from
    an answer. `late_permille`, `late_cap`: a day's surcharge after the due day, thousandths, up to so many percent.
    `payee`: who gets it where the catalogue cannot know (zh, en).
    """

    keys: tuple[str, ...]
    kind: str
    entries: tuple[Entry, ...]
    monthly: bool = False
    of_amount: tuple[str, int] | None = None
    late_permille: int = 0
    late_cap: int = 100
    payee: tuple[str, str] | None = None
    ebill: bool = False


_CODE = ("pay_code",)
_ACCOUNT = ("account_no",)
FINE: Final = Rule(
    ("decision_no",),
    "fine",
    (Entry("道路交通违法罚款", "Traffic fine", 5000, 20000, 5000),),
    late_permille=30,
    ebill=True,
)
EXAM: Final = Rule(
    _CODE,
    "exam",
    (Entry("报名费", "Registration", 2000, 4000, 1000), Entry("考务费", "Per paper", 3000, 12000, 3000)),
    ebill=True,
    payee=("威海市教育招生考试院（模拟）", "Weihai examination office (simulated)"),
)
ADMINISTRATIVE: Final = Rule(
    _CODE,
    "administrative",
    (Entry("行政事业性收费", "Administrative fee", 1000, 30000, 500),),
    ebill=True,
    payee=("威海市执收单位（模拟）", "Collecting office of Weihai (simulated)"),
)
FINE_BY_CODE: Final = Rule(
    _CODE,
    "fine",
    (Entry("行政处罚罚款", "Administrative fine", 5000, 50000, 5000),),
    late_permille=30,
    ebill=True,
    payee=("威海市行政执法单位（模拟）", "Enforcement office of Weihai (simulated)"),
)
BY_CODE: Final = (ADMINISTRATIVE, FINE_BY_CODE, EXAM)
"""The three classes of non-tax payment; which one a payment code is of follows from the code."""

RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "WH-PS-023": FINE,
        "WH-TX-004": Rule(("declare_no",), "tax", (Entry("契税", "Deed tax", 600_000, 2_400_000, 1000),)),
        "WH-TX-006": Rule(
            ("plate", "year"),
            "tax",
            (Entry("车船税", "Vehicle and vessel tax", 24_000, 96_000, 6000),),
            late_permille=1,
        ),
        "WH-TX-009": Rule(
            ("amount", "payer_name"),
            "tax",
            (Entry("增值税", "VAT", 0, 0), Entry("城市维护建设税等", "Local surtaxes", 0, 0)),
            of_amount=("amount", 10),
        ),
        "WH-RE-010": Rule(
            _CODE,
            "administrative",
            (
                Entry("不动产登记费", "Registration fee", 8000, 55_000, 47_000),
                Entry("工本费", "Certificate", 0, 1000, 1000),
            ),
            ebill=True,
        ),
        "WH-EE-009": Rule(("accept_no",), "administrative", (Entry("证件工本费", "Document fee", 6000, 12_000, 6000),)),
        "WH-EE-010": Rule(
            ("accept_no",),
            "administrative",
            (Entry("出入境证件工本费", "Document fee", 6000, 12_000, 6000),),
            ebill=True,
        ),
        "WH-HF-010": Rule(
            ("loan_no",),
            "loan",
            (Entry("提前归还本金", "Principal", 0, 0), Entry("当期利息", "Interest", 0, 0)),
            of_amount=("amount", 1000),
            payee=("公积金贷款受托银行（模拟）", "Lending bank (simulated)"),
        ),
        "WH-ED-007": EXAM,
        "WH-UT-001": Rule(
            _ACCOUNT,
            "utility",
            (Entry("水费", "Water", 1500, 9000), Entry("污水处理费", "Sewage", 500, 2500)),
            monthly=True,
            payee=("威海市供水企业（模拟）", "Weihai water company (simulated)"),
        ),
        "WH-UT-002": Rule(
            _ACCOUNT,
            "utility",
            (Entry("电费", "Electricity", 3000, 26_000),),
            monthly=True,
            payee=("威海市供电企业（模拟）", "Weihai power company (simulated)"),
        ),
        "WH-UT-003": Rule(
            _ACCOUNT,
            "utility",
            (Entry("燃气费", "Gas", 2000, 15_000),),
            monthly=True,
            payee=("威海市燃气企业（模拟）", "Weihai gas company (simulated)"),
        ),
        "WH-UT-004": Rule(
            ("account_no", "season"),
            "utility",
            (Entry("采暖费", "Heating", 180_000, 320_000, 100),),
            late_permille=1,
            payee=("威海市供热企业（模拟）", "Weihai heating company (simulated)"),
        ),
        "WH-UT-005": Rule(
            _ACCOUNT,
            "utility",
            (Entry("有线电视费", "Cable television", 2600, 2600), Entry("宽带费", "Broadband", 0, 6000, 3000)),
            monthly=True,
            payee=("威海市广电网络企业（模拟）", "Weihai cable company (simulated)"),
        ),
        "WH-UT-006": Rule(
            ("account_no", "action", "season"),
            "utility",
            (Entry("基础热费", "Basic heat fee", 40_000, 90_000, 100),),
            payee=("威海市供热企业（模拟）", "Weihai heating company (simulated)"),
        ),
        "WH-UT-009": Rule(
            _ACCOUNT,
            "administrative",
            (Entry("生活垃圾处理费", "Waste fee", 6000, 9600, 600),),
            ebill=True,
            payee=("威海市城市管理局（模拟）", "Weihai city management (simulated)"),
        ),
        "WH-NO-002": Rule(
            ("order_no",),
            "notary",
            (Entry("公证费", "Notary fee", 8000, 20_000, 4000), Entry("副本费", "Copies", 1000, 4000, 1000)),
        ),
        "WH-HO-002": Rule(
            ("contract_no",), "rent", (Entry("公租房租金", "Rent", 21_000, 46_000, 1000),), monthly=True, ebill=True
        ),
        "WH-OT-012": Rule(
            ("sea_cert_no",),
            "administrative",
            (Entry("海域使用金", "Sea-area use fee", 300_000, 900_000, 10_000),),
            ebill=True,
        ),
        "WH-GN-009": ADMINISTRATIVE,
        "WH-GN-012": Rule(
            ("case_no",),
            "courier",
            (Entry("寄递费", "Courier", 1200, 2200, 500),),
            payee=("寄递企业（模拟）", "Courier company (simulated)"),
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Invented:
    """A bill before anybody paid it: `late_by` days past its due day when first found, or before it (negative)."""

    reference: str
    rule: Rule
    items: tuple[tuple[str, str, int], ...]
    period: str
    late_by: int
    paid: bool


def reference_of(service: str, form: Mapping[str, str]) -> str:
    """What names the bills of a service in its answers; "" when that was not filled in."""
    rule = RULES[service]
    return "|".join(form.get(key, "") for key in rule.keys) if form.get(rule.keys[0]) else ""


def invent(service: str, reference: str, form: Mapping[str, str]) -> tuple[Invented, ...]:
    """The bills of a reference: the same ones whenever they are asked for; none when its rule says so."""
    rule, digits = rule_of(service, reference), "".join(c for c in reference.partition("|")[0] if c.isdigit())
    what = "" if rule.kind == "courier" else digits[-2:]  # a case's own number says nothing of its bill
    if what == "00":
        return ()
    draw = hashlib.sha256(f"{rule.kind}|{rule.keys[0]}|{reference}".encode()).digest()
    several = 3 if what == "03" else 1 + draw[0] % 2 if rule.monthly else 1
    late = 4 if what == "02" else -12
    return tuple(
        Invented(
            reference,
            rule,
            _items(rule, form, draw[4 * n :]),
            f"{n + 1}" if several > 1 else "",
            late if n == several - 1 else late + 30 * (several - 1 - n) * rule.monthly,
            what == "01",
        )
        for n in range(several)
    )


def rule_of(service: str, reference: str) -> Rule:
    """The rule of a service; for the payment code of any office, the one of the code's class."""
    if service != "WH-GN-009":
        return RULES[service]
    return BY_CODE[hashlib.sha256(reference.encode()).digest()[9] % len(BY_CODE)]


def _items(rule: Rule, form: Mapping[str, str], draw: bytes) -> tuple[tuple[str, str, int], ...]:
    if rule.of_amount is not None:
        key, permille = rule.of_amount
        typed = form.get(key, "")
        fen = fen_of(typed) * permille // 1000 if _MONEY.fullmatch(typed) else 0
        rest = fen * 12 // 1000 if rule.kind == "loan" else fen * 6 // 100
        first, second = rule.entries
        return ((first.zh, first.en, fen), (second.zh, second.en, rest))
    found = []
    for n, entry in enumerate(rule.entries):
        steps = (entry.most - entry.least) // entry.step + 1
        fen = entry.least + int.from_bytes(draw[2 * n : 2 * n + 2]) % steps * entry.step
        if fen:
            found.append((entry.zh, entry.en, fen))
    return tuple(found)
