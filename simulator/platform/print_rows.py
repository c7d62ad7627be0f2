"""Invented lines of printed tables and ledgers, by rule from the holder's number: the same person, the same lines."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final, TypeAlias

from simulator.people import CITIZENS, Citizen
from simulator.platform import registry

Rows: TypeAlias = list[list[str]]
MOST_MONTHS: Final = 58
MOST_ROWS: Final = 60


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose lines they are: a number, the person where it is one, the answers, the day."""

    number: str
    who: Citizen | None
    form: Mapping[str, str]
    today: date

    def draw(self, salt: str, below: int) -> int:
        """A number from 0 to `below` - 1 that is always the same for this subject and `salt`."""
        return int.from_bytes(hashlib.sha256(f"{self.number}|{salt}".encode()).digest()[:6]) % below

    def months(self) -> list[tuple[int, int]]:
        """The months between the answers from and to, newest last; the last 12 without answers."""
        last = (
            _month(self.form.get("to_month") or self.form.get("to", "")) or self.today.year * 12 + self.today.month - 1
        )
        last = min(last, self.today.year * 12 + self.today.month - 1)
        if year := self.form.get("year", ""):
            last = min(int(year) * 12 + 11, last)
            first = int(year) * 12
        else:
            first = _month(self.form.get("from_month") or self.form.get("from", "")) or last - 11
        return [divmod(index, 12) for index in range(max(first, last - MOST_MONTHS + 1), last + 1)]


def _month(text: str) -> int:
    return int(text[:4]) * 12 + int(text[4:6]) - 1 if len(text) >= 6 and text.isdigit() else 0


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _base(s: Subject) -> int:
    return 410_000 + s.draw("base", 60) * 10_000


def _insurances(s: Subject) -> Rows:
    assert s.who is not None
    kind = registry.KINDS.get(s.form.get("kinds", "all"))
    first, last = s.form.get("from_month", ""), s.form.get("to_month", "")
    return [
        [i.kind, i.status, f"{i.since[0]}-{i.since[1]:02d}", str(i.months(first, last))]
        for i in registry.insurances(s.who, s.today)
        if kind in (None, i.kind)
    ]


def _driving(s: Subject) -> Rows:
    years = {"1": 1, "3": 3, "5": 5}.get(s.form.get("years", "all"), 8)
    points = [s.draw(f"points{n}", 4) for n in range(years)]
    return [
        [
            f"{s.today.year - n - 1}年—{s.today.year - n}年",
            f"{3 * p} 分" if p > 1 else "0 分",
            f"{p - 1 if p > 1 else 0} 次",
            "0 次",
        ]
        for n, p in enumerate(points)
    ]


def _income_tax(s: Subject) -> Rows:
    rows, total = [], 0
    for year, month in s.months():
        income = _base(s) + s.draw(f"bonus{year}{month}", 9) * 5000
        tax = max(0, income - 500_000) * 3 // 100
        total += tax
        rows.append([f"{year}-{month + 1:02d}", "工资薪金所得", _yuan(income), _yuan(tax), "环翠区税务局"])
    return [*rows, ["合计", "", "", _yuan(total), ""]]


_TAXES: Final = {
    "vat": ("增值税", "商品和服务"), "cit": ("企业所得税", "应纳税所得额"), "deed": ("契税", "存量房买卖"),
    "vehicle": ("车船税", "乘用车"), "other": ("城市维护建设税", "市区"),
}  # fmt: skip


def _taxes(s: Subject) -> Rows:
    kind = s.form.get("tax_type", "all")
    kinds = list(_TAXES) if kind not in _TAXES else [kind]
    rows, total = [], 0
    for n, (year, month) in enumerate(s.months()[:20]):
        tax, item = _TAXES[kinds[n % len(kinds)]]
        fen = 12_000 + s.draw(f"tax{year}{month}", 800) * 100
        total += fen
        rows.append([f"{year}-{month + 1:02d}-15", tax, item, f"{year}-{month + 1:02d}", _yuan(fen)])
    return [*rows, ["合计", "", "", "", _yuan(total)]]


def _monthly(s: Subject, kinds: tuple[tuple[str, int, int], ...], *, arrived: bool = False) -> Rows:
    """One line a month and insurance: base, employer's and own share in thousandths of it."""
    rows = []
    for year, month in s.months()[-(MOST_ROWS // len(kinds)) :]:
        for kind, company, own in kinds:
            base = _base(s)
            line = [
                f"{year}-{month + 1:02d}",
                kind,
                _yuan(base),
                _yuan(base * company // 1000),
                _yuan(base * own // 1000),
            ]
            rows.append([*line, "已到账"] if arrived else line)
    return rows


def _contributions(s: Subject) -> Rows:
    return _monthly(s, (("养老保险", 160, 80), ("失业保险", 7, 3)))


def _rights(s: Subject) -> Rows:
    return _monthly(s, (("养老保险", 160, 80),), arrived=True)


def _medical_months(s: Subject) -> Rows:
    return _monthly(s, (("职工基本医疗保险", 70, 20),))


def _medical(s: Subject) -> Rows:
    began = 2010 + s.draw("medical", 10)
    months = (s.today.year - began) * 12 + s.today.month
    return [["职工基本医疗保险", "正常参保", f"{began}-01", f"{s.today:%Y-%m}", str(months)]]


def _employer(s: Subject) -> Rows:
    people = 8 + s.draw("staff", 40)
    kinds = ("企业职工基本养老保险", "失业保险", "工伤保险")
    rows = [[kind, f"{people} 人", "正常缴费"] for kind in kinds]
    if s.form.get("with_names") == "yes":
        names = [c.name for c in CITIZENS.values()][: min(people, 12)]
        rows += [
            [f"人员　{name[0]}*{name[-1] if len(name) > 2 else ''}", f"第 {n} 名", "正常缴费"]
            for n, name in enumerate(names, 1)
        ]
    return rows


def _houses(s: Subject) -> Rows:
    count = s.draw("houses", 4)
    streets = ("海滨北路", "文化中路", "青岛北路")
    return [
        [
            f"环翠区{streets[n]}样例{s.draw(f'no{n}', 90) + 1}号",
            "住宅" if n < 2 else "车库",
            f"{82 + s.draw(f'm{n}', 60)}.{n}5",
            f"20{12 + n * 4}-0{n + 3}-18",
        ]
        for n in range(min(count, 3))
    ]


def _travel(s: Subject) -> Rows:
    first = _day(s.form.get("from", "")) or s.today - timedelta(days=365)
    last = min(_day(s.form.get("to", "")) or s.today, s.today)
    ports = ("威海港", "青岛流亭机场", "北京首都机场", "威海大水泊机场")
    rows: Rows = []
    at = first + timedelta(days=12 + s.draw("trip", 40))
    while at + timedelta(days=6) <= last and len(rows) < MOST_ROWS - 1:
        port = ports[s.draw(f"port{at}", len(ports))]
        rows.append([at.isoformat(), "出境", "普通护照", port])
        rows.append([(at + timedelta(days=6)).isoformat(), "入境", "普通护照", port])
        at += timedelta(days=90 + s.draw(f"next{at}", 120))
    return rows


def _day(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:8]))
    except ValueError:
        return None


def _exam(s: Subject) -> Rows:
    subjects = (("语文", 150), ("数学", 150), ("外语", 150), ("物理", 100), ("化学", 100), ("历史", 100))
    rows, total = [], 0
    for name, full in subjects:
        got = full * (62 + s.draw(name, 36)) // 100
        total += got
        rows.append([name, str(full), str(got), "ABCD"[min(3, (full - got) * 6 // full)]])
    return [*rows, ["总分", "750", str(total), "—"]]


def _vaccines(s: Subject) -> Rows:
    plan = (
        ("重组乙型肝炎疫苗", 1, 0),
        ("卡介苗", 1, 0),
        ("重组乙型肝炎疫苗", 2, 30),
        ("脊髓灰质炎灭活疫苗", 1, 61),
        ("脊髓灰质炎灭活疫苗", 2, 92),
        ("吸附无细胞百白破联合疫苗", 1, 95),
        ("吸附无细胞百白破联合疫苗", 2, 126),
        ("重组乙型肝炎疫苗", 3, 184),
        ("麻腮风联合减毒活疫苗", 1, 245),
        ("乙型脑炎减毒活疫苗", 1, 246),
        ("A群流脑多糖疫苗", 1, 190),
        ("甲型肝炎减毒活疫苗", 1, 550),
    )
    child = s.form.get("child_idno", "")
    born = _day(child[6:14]) or (s.who.birth if s.who else date(2015, 1, 1))
    done = [(name, dose, born + timedelta(days=after)) for name, dose, after in plan]
    return [
        [name, f"第 {dose} 剂", day.isoformat(), "环翠区样例接种门诊"] for name, dose, day in done if day <= s.today
    ]


ROWS: Final[Mapping[str, Callable[[Subject], Rows]]] = MappingProxyType(
    {
        "insurances": _insurances,
        "driving": _driving,
        "income-tax": _income_tax,
        "taxes": _taxes,
        "contributions": _contributions,
        "rights": _rights,
        "medical": _medical,
        "medical-months": _medical_months,
        "employer": _employer,
        "houses": _houses,
        "travel": _travel,
        "exam": _exam,
        "vaccines": _vaccines,
    }
)
"""By the name that a layout gives."""
