"""The invented citizens of the simulated city: cards, phones and bank cards made by rule, with right check digits.

Nobody here exists. Numbers use Weihai's area codes and pass GB 11643; phones use 199 0631 xxxx; bank cards use a
test range that no bank issues. Faces are `simulator/faces/NN`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

FACES = Path(__file__).parent / "faces"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def id_check(first17: str) -> str:
    """The check character of a citizen number (GB 11643, ISO 7064 MOD 11-2)."""
    return "10X98765432"[sum(int(d) * w for d, w in zip(first17, _WEIGHTS, strict=True)) % 11]


@dataclass(frozen=True, slots=True)
class Citizen:
    """One invented person with the card that the reader will find. `valid_to` None is 长期 (no end)."""

    key: str
    face: str
    name: str
    sex: str
    ethnicity: str
    birth: date
    number: str
    address: str
    issuer: str
    valid_from: date
    valid_to: date | None
    phone: str
    pan: str
    remark: str

    @property
    def id_photo(self) -> Path:
        """The portrait that the chip was made from (400 x 480 JPEG)."""
        return FACES / self.face / "id.jpg"

    def picture(self, pose: str = "front") -> Path:
        """What the face camera sees: front, left15, right15, dark, far, left35, right35, blink."""
        return FACES / self.face / f"{pose}.jpg"


# name, sex (GB/T 2261.1), ethnicity (GB/T 3304), birth, area, address, valid from, valid to, remark
_ROWS: tuple[tuple[str, str, str, str, str, str, str, str, str], ...] = (
    ("于振海", "1", "01", "1951-03-12", "371002", "威海市环翠区东山路样例1号", "2012-05-08", "", "elder, no end date"),
    ("宋建国", "1", "01", "1968-07-21", "371003", "威海市文登区香山路样例2号", "2016-12-05", "2036-12-05", "valid"),
    (
        "张秀荣",
        "2",
        "01",
        "1990-03-07",
        "371002",
        "威海市环翠区海滨北路样例3号",
        "2016-12-18",
        "2026-12-18",
        "ends next month",
    ),
    ("毕晓东", "1", "01", "1985-11-02", "371002", "威海市环翠区青岛北路样例4号", "2017-01-10", "2037-01-10", "valid"),
    (
        "王德胜",
        "1",
        "01",
        "1959-09-30",
        "371082",
        "荣成市成山大道样例5号",
        "2006-11-01",
        "2026-11-01",
        "ended three weeks ago",
    ),
    ("刘桂芳", "2", "01", "1972-01-15", "371083", "乳山市胜利街样例6号", "2018-06-20", "2038-06-20", "valid"),
    ("丛玉兰", "2", "01", "1954-12-25", "371003", "威海市文登区昆嵛路样例7号", "2014-04-02", "", "elder, no end date"),
    (
        "张㛃",
        "1",
        "01",
        "1980-05-05",
        "371002",
        "威海市环翠区文化中路样例8号",
        "2019-09-09",
        "2039-09-09",
        "rare character",
    ),
    (
        "曲志强",
        "1",
        "01",
        "1996-08-08",
        "371002",
        "威海市环翠区统一路样例9号",
        "2017-02-14",
        "2027-02-14",
        "ends within three months",
    ),
    ("邹丽华", "2", "01", "1978-10-10", "371082", "荣成市石岛样例10号", "2020-03-03", "2040-03-03", "valid"),
    (
        "姜春梅",
        "2",
        "11",
        "1988-02-29",
        "371002",
        "威海市环翠区古寨东路样例11号",
        "2018-08-18",
        "2038-08-18",
        "leap day",
    ),
    ("孙晓燕", "2", "01", "1999-06-01", "371002", "威海市环翠区世昌大道样例12号", "2022-01-05", "2032-01-05", "valid"),
    (
        "车明哲",
        "1",
        "10",
        "1992-04-18",
        "371002",
        "威海市环翠区韩乐坊样例13号",
        "2021-07-07",
        "2041-07-07",
        "Korean Chinese",
    ),
    (
        "初玉珍",
        "2",
        "01",
        "1963-03-31",
        "371081",
        "文登市峰山路样例14号",
        "2009-10-10",
        "2029-10-10",
        "retired area code",
    ),
    (
        "阿依古丽·买买提",
        "2",
        "05",
        "1987-09-19",
        "371002",
        "威海市环翠区样例街15号",
        "2019-05-20",
        "2039-05-20",
        "long name",
    ),
    ("于淑贤", "2", "01", "1949-01-01", "371002", "威海市环翠区竹岛样例16号", "2011-01-01", "", "elder"),
    ("苗佳怡", "2", "01", "2003-12-31", "371002", "威海市环翠区样例路17号", "2020-02-20", "2030-02-20", "young"),
    ("戚继祖", "1", "01", "1957-05-17", "371002", "威海市环翠区刘公岛样例18号", "2007-05-17", "2027-05-17", "valid"),
    ("梁雨桐", "2", "01", "2005-07-15", "371003", "威海市文登区样例街19号", "2021-09-01", "2026-09-01", "ended"),
    ("谷海涛", "1", "01", "1971-11-11", "371082", "荣成市好运角样例20号", "2013-03-13", "2033-03-13", "valid"),
    ("林晓彤", "2", "01", "1994-10-01", "371002", "威海市环翠区金线顶样例21号", "2024-10-01", "2044-10-01", "valid"),
    (
        "𠮷永福",
        "1",
        "01",
        "1983-08-28",
        "371002",
        "威海市环翠区样例路22号",
        "2023-06-06",
        "2043-06-06",
        "character above U+FFFF",
    ),
    ("徐长顺", "1", "01", "1955-02-18", "371083", "乳山市银滩样例23号", "2015-02-18", "", "elder, no end date"),
    ("侯美玲", "2", "01", "1976-06-26", "371002", "威海市环翠区样例街24号", "2020-12-12", "2040-12-12", "valid"),
)
_ISSUERS = {
    "371002": "威海市公安局环翠分局",
    "371003": "威海市公安局文登分局",
    "371081": "文登市公安局",
    "371082": "荣成市公安局",
    "371083": "乳山市公安局",
}


def _luhn(first: str) -> str:
    total = 0
    for i, digit in enumerate(reversed(first)):
        doubled = int(digit) * (2 if i % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


def _citizen(index: int) -> Citizen:
    name, sex, ethnicity, birth, area, address, since, until, remark = _ROWS[index]
    born = date.fromisoformat(birth)
    sequence = 100 + index * 2 + (1 if sex == "1" else 0)
    first17 = f"{area}{born:%Y%m%d}{sequence}"
    pan = f"629999{index:09d}"
    return Citizen(
        key=f"citizen-{index:02d}",
        face=f"{index:02d}",
        name=name,
        sex=sex,
        ethnicity=ethnicity,
        birth=born,
        number=first17 + id_check(first17),
        address="山东省" + address,
        issuer=_ISSUERS[area],
        valid_from=date.fromisoformat(since),
        valid_to=date.fromisoformat(until) if until else None,
        phone=f"1990631{1000 + index * 37:04d}",
        pan=pan + _luhn(pan),
        remark=remark,
    )


CITIZENS: dict[str, Citizen] = {c.key: c for c in map(_citizen, range(len(_ROWS)))}
"""All invented citizens by key, `citizen-00` to `citizen-23`."""
