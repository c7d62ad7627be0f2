"""The invented organisations of the simulated city, and who may act for them. None of them exists.

Codes pass GB 32100. A right is a legal representative's (all items, no end) or an agent's (some items, until a day).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Role = Literal["legal-representative", "agent"]


@dataclass(frozen=True, slots=True)
class Organisation:
    """One invented organisation. `person_in_charge` is the key of a citizen of `simulator.people`."""

    key: str
    uscc: str
    name: str
    name_en: str
    person_in_charge: str


@dataclass(frozen=True, slots=True)
class Right:
    """`citizen` may act for `organisation`. `items` empty: everything; `valid_to` None: no end."""

    citizen: str
    organisation: str
    role: Role
    items: tuple[str, ...] = ()
    valid_to: date | None = None


ORGANISATIONS: dict[str, Organisation] = {
    each.key: each
    for each in (
        Organisation("org-01", "91371000MA3C1D2E18", "威海样例渔具有限公司", "Weihai Sample Tackle Ltd", "citizen-03"),
        Organisation("org-02", "91371002MA3N4P5Q8F", "威海样例海产有限公司", "Weihai Sample Seafood Ltd", "citizen-02"),
        Organisation("org-03", "92371003MA3W5H6J99", "文登区样例小吃店", "Wendeng Sample Snacks", "citizen-06"),
        Organisation("org-04", "52371000MJD8A1B24C", "威海市样例志愿者协会", "Weihai Sample Volunteers", "citizen-13"),
    )
}
"""All invented organisations by key."""

RIGHTS: tuple[Right, ...] = (
    *(Right(o.person_in_charge, o.key, "legal-representative") for o in ORGANISATIONS.values()),
    Right("citizen-08", "org-01", "agent", ("WH-TX-003", "WH-TX-005", "WH-BR-007", "WH-SI-019"), date(2027, 6, 30)),
    Right("citizen-08", "org-02", "agent", (), date(2026, 10, 31)),
    Right("citizen-09", "org-04", "agent", (), date(2027, 12, 31)),
)
"""Who may act for whom when nothing was registered at a terminal yet; one right is over."""
