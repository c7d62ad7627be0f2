"""What the city knows of its invented citizens: who they are, where they are registered, how they are insured."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from config.divisions import current_code, division_name
from simulator.people import CITIZENS, Citizen

_BY_NUMBER = {c.number: c for c in CITIZENS.values()}
PENSION, INJURY, UNEMPLOYMENT = "企业职工基本养老保险", "工伤保险", "失业保险"
KINDS = {"pension": PENSION, "injury": INJURY, "unemployment": UNEMPLOYMENT}


@dataclass(frozen=True, slots=True)
class Insurance:
    """One insurance of one citizen. Months are (year, month); `until` is the last paid month, inclusive."""

    kind: str
    status: str
    since: tuple[int, int]
    until: tuple[int, int]

    def months(self, first: str, last: str) -> int:
        """Paid months between `first` and `last` (YYYYMM or empty), both inclusive."""
        low = max(_index(self.since), _index((int(first[:4]), int(first[4:]))) if first else 0)
        high = min(_index(self.until), _index((int(last[:4]), int(last[4:]))) if last else _index(self.until))
        return max(0, high - low + 1)


def citizen(number: str) -> Citizen | None:
    """The citizen with this number."""
    return _BY_NUMBER.get(number)


def admit(who: Citizen) -> None:
    """The city knows somebody more; who had the same key before is forgotten. Only QA's own citizens."""
    for number in [n for n, known in _BY_NUMBER.items() if known.key == who.key]:
        del _BY_NUMBER[number]
    _BY_NUMBER[who.number] = who


def region(who: Citizen) -> tuple[str, str]:
    """Code and name of the district where somebody is registered, by today's divisions."""
    code = current_code(who.number[:6])
    return code, division_name(code)


def insurances(who: Citizen, today: date) -> tuple[Insurance, ...]:
    """Invented by rule from the number: the same citizen always has the same record."""
    draw = hashlib.sha256(b"insured " + who.number.encode()).digest()
    began = who.birth.year + 20 + draw[0] % 6
    since = (began, draw[1] % 12 + 1)
    retires = who.birth.year + (60 if who.sex == "1" else 55)
    this_month = (today.year, today.month)
    if _index(since) > _index(this_month):
        since = this_month
    if today.year >= retires:
        return (Insurance(PENSION, "待遇领取", since, (retires - 1, 12)),)
    until, status = this_month, "参保缴费"
    if draw[2] % 8 == 0:
        until, status = (today.year - 1, draw[3] % 12 + 1), "暂停参保"
    until = max(until, since)
    return tuple(Insurance(kind, status, since, until) for kind in KINDS.values())


def _index(month: tuple[int, int]) -> int:
    return month[0] * 12 + month[1] - 1
