"""Reference data, the same for everybody: vacancies, institutions, drugs, organisations, outages, clinicians. Invented.

`keys` are answers that must be equal (a district, a level); every other answer is looked for in the cells.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from config.codes import uscc_valid
from config.divisions import districts
from simulator.platform.records.answer import Dice, Said, say

ROWS_MOST = 2000


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: what must be equal, and what is shown and searched."""

    keys: Mapping[str, str]
    cells: tuple[Said, ...]

    def fits(self, asked: Mapping[str, str]) -> bool:
        """Whether all answers fit this line."""
        text = " ".join(word for cell in self.cells for word in cell.values()).casefold()
        for key, value in asked.items():
            if key in self.keys:
                if value != self.keys[key]:
                    return False
            elif any(part not in text for part in value.casefold().split()):
                return False
        return True


@dataclass(frozen=True, slots=True)
class Directory:
    """One item's data. `entries` gives them for a day."""

    title: Said
    columns: tuple[Said, ...]
    entries: Callable[[date], tuple[Entry, ...]]


NAME, PLACE, PHONE = say("名称", "Name"), say("地址", "Address"), say("电话", "Phone")


def _cells(*cells: Said | str) -> tuple[Said, ...]:
    return tuple(say(c) if isinstance(c, str) else c for c in cells)


_JOBS = (
    ("数控操作工", "CNC operator"), ("护士", "Nurse"), ("收银员", "Cashier"), ("水产加工员", "Seafood packer"),
    ("焊工", "Welder"), ("会计", "Accountant"), ("客房服务员", "Room attendant"), ("货车司机", "Lorry driver"),
    ("幼儿教师", "Nursery teacher"), ("软件测试员", "Software tester"),
)  # fmt: skip
PAY_BANDS = (("p3", 2, 3), ("p5", 3, 5), ("p8", 5, 8), ("p12", 8, 12), ("more", 12, 18))


@cache
def _vacancies(today: date) -> tuple[Entry, ...]:
    dice, found = Dice("vacancies"), []
    for district in districts():
        for zh, en in _JOBS:
            band, low, high = dice.pick(PAY_BANDS)
            people = dice.between(1, 12)
            until = (today + timedelta(days=dice.between(2, 40))).isoformat()
            cells = _cells(
                say(zh, en),
                say(f"{low} - {high} 千元/月", f"{low},000 - {high},000 yuan a month"),
                say(district.name, district.name_en),
                say(f"{people} 人，{until} 止", f"{people}, until {until}"),
            )
            found.append(Entry({"region": district.code, "pay": band}, cells))
    return tuple(found)


_WARDS = (
    ("中心医院", "Central Hospital", "l3", "三级", "level 3"),
    ("中医院", "Hospital of Chinese Medicine", "l2", "二级", "level 2"),
    ("妇幼保健院", "Women and Children's Hospital", "l2", "二级", "level 2"),
    ("社区卫生服务中心", "Community Health Centre", "l1", "一级", "level 1"),
    ("惠民大药房", "Huimin Pharmacy", "pharmacy", "药店", "pharmacy"),
)


@cache
def _institutions(today: date) -> tuple[Entry, ...]:
    del today
    dice, found = Dice("institutions"), []
    for district in districts():
        for zh, en, level, said_zh, said_en in _WARDS:
            cells = _cells(
                say(f"{district.name}{zh}", f"{en}, {district.name_en}"),
                say(said_zh, said_en),
                say(f"样例街 {dice.between(1, 200)} 号", f"{dice.between(1, 200)} Sample Street"),
                f"0631-{dice.between(5_000_000, 5_999_999)}",
            )
            found.append(Entry({"region": district.code, "level": level}, cells))
    return tuple(found)


_DRUGS = (
    ("阿莫西林胶囊", "Amoxicillin capsules", "甲类", 100), ("布洛芬缓释胶囊", "Ibuprofen capsules", "乙类", 90),
    ("二甲双胍片", "Metformin tablets", "甲类", 100), ("硝苯地平控释片", "Nifedipine tablets", "乙类", 90),
    ("阿托伐他汀钙片", "Atorvastatin tablets", "乙类", 90), ("头孢克肟分散片", "Cefixime tablets", "乙类", 90),
    ("奥美拉唑肠溶胶囊", "Omeprazole capsules", "甲类", 100), ("复方丹参滴丸", "Danshen pills", "甲类", 100),
    ("胰岛素注射液", "Insulin injection", "甲类", 100), ("孟鲁司特钠片", "Montelukast tablets", "乙类", 85),
    ("氯沙坦钾片", "Losartan tablets", "乙类", 90), ("蒙脱石散", "Smectite powder", "甲类", 100),
    ("板蓝根颗粒", "Isatis granules", "甲类", 100), ("盐酸氨溴索片", "Ambroxol tablets", "甲类", 100),
    ("左甲状腺素钠片", "Levothyroxine tablets", "甲类", 100), ("恩替卡韦分散片", "Entecavir tablets", "乙类", 90),
)  # fmt: skip


@cache
def _drugs(today: date) -> tuple[Entry, ...]:
    del today
    return tuple(
        Entry(
            {},
            _cells(
                say(zh, en),
                say(kind, "class A" if kind == "甲类" else "class B"),
                f"{share}%",
                say("凭处方", "on prescription"),
            ),
        )
        for zh, en, kind, share in _DRUGS
    )


def _a_uscc(dice: Dice) -> str:
    """A social organisation's credit code with a right check character."""
    start = f"5137100{dice.between(0, 3)}MJ{dice.digits(7)}"
    return next(code for end in "0123456789ABCDEFGHJKLMNPQRTUWXY" if uscc_valid(code := start[:17] + end))


@cache
def _organisations(today: date) -> tuple[Entry, ...]:
    found = []
    for number, name in enumerate(("渔业协会", "义工协会", "太极拳协会", "海鲜餐饮协会", "助学基金会", "养老服务中心")):
        dice = Dice(f"organisation {number}")
        code = next(c for _ in range(200) if (c := _try_uscc(dice)))
        cells = _cells(f"威海市{name}", code, str(today.year - 1), say("合格", "Passed"))
        found.append(Entry({"uscc": code}, cells))
    return tuple(found)


def _try_uscc(dice: Dice) -> str:
    try:
        return _a_uscc(dice)
    except StopIteration:
        return ""


_WHAT = (("停水", "Water off"), ("停电", "Power off"), ("停气", "Gas off"))


@cache
def _outages(today: date) -> tuple[Entry, ...]:
    dice, found = Dice(f"outages {today:%Y-%W}"), []
    for district in districts()[:5]:
        for zh, en in _WHAT[: dice.between(1, 3)]:
            day = today + timedelta(days=dice.between(0, 6))
            first = dice.between(6, 14)
            cells = _cells(
                say(zh, en),
                f"{day.isoformat()} {first:02d}:00-{first + dice.between(2, 6):02d}:00",
                say(f"样例路 {dice.between(1, 40)} 号以北", f"north of {dice.between(1, 40)} Sample Road"),
                say("管网检修", "Repair of mains"),
            )
            found.append(Entry({"region": district.code}, cells))
    return tuple(found)


_SURNAMES = "王李张刘于孙宋丛毕姜"


@cache
def _clinicians(today: date) -> tuple[Entry, ...]:
    del today
    dice, found = Dice("clinicians"), []
    for number in range(60):
        name = dice.pick(_SURNAMES) + dice.pick("海静伟红军丽") + dice.pick("平华强英")
        nurse = number % 2 == 0
        register = dice.digits(12 if nurse else 15)
        kind = say("护士", "Nurse") if nurse else say("医师", "Doctor")
        place = say(f"威海市第{dice.pick('一二三')}医院", f"Weihai Hospital {dice.between(1, 3)}")
        found.append(Entry({}, _cells(name, kind, place, f"{register[:6]}****{register[-2:]}")))
    return tuple(found)


DIRECTORIES: Mapping[str, Directory] = {
    "WH-SI-024": Directory(
        say("招聘岗位", "Vacancies"),
        (say("岗位", "Job"), say("工资", "Pay"), say("区市", "District"), say("人数", "Wanted")),
        _vacancies,
    ),
    "WH-MI-014": Directory(
        say("定点医药机构", "Designated institutions"), (NAME, say("级别", "Level"), PLACE, PHONE), _institutions
    ),
    "WH-MI-015": Directory(
        say("医保药品目录", "Insured drugs"),
        (say("药品", "Drug"), say("类别", "Class"), say("支付比例", "Insured share"), say("限定", "Limit")),
        _drugs,
    ),
    "WH-CA-011": Directory(
        say("社会组织年检", "Yearly check of organisations"),
        (NAME, say("统一社会信用代码", "Credit code"), say("年度", "Year"), say("结论", "Result")),
        _organisations,
    ),
    "WH-UT-008": Directory(
        say("停水停气停电", "Outages"),
        (say("类别", "Kind"), say("时间", "Time"), say("范围", "Where"), say("原因", "Why")),
        _outages,
    ),
    "WH-HC-006": Directory(
        say("护士/医师注册", "Registered nurses and doctors"),
        (say("姓名", "Name"), say("类别", "Kind"), say("执业地点", "Works at"), say("证书编号", "Certificate")),
        _clinicians,
    ),
}
