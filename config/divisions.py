"""The administrative divisions of Weihai (config/divisions.csv): city, seven districts, 73 townships.

The development zones 371071, 371072 and 371073 are outside GB/T 2260 and nevertheless in daily use.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache

from config import DATA

RETIRED = {"371001": "371002", "371081": "371003"}
"""Codes that old citizen numbers carry and that divisions carry no more: 文登市 became 文登区."""
CITY = "371000"


@dataclass(frozen=True, slots=True)
class Division:
    """One division. `code` has 6 digits for city and district, 9 for townships; `level` 3 city, 4 district, 5 town."""

    code: str
    name: str
    name_en: str
    parent: str
    level: int


@cache
def divisions() -> dict[str, Division]:
    """All divisions by code, in the file's order."""
    found: dict[str, Division] = {}
    with (DATA / "divisions.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            code = row["code9"] if row["level"] == "5" else row["code9"][:6]
            found[code] = Division(code, row["name"], row["name_en"], row["parent6"], int(row["level"]))
    return found


def districts() -> tuple[Division, ...]:
    """The seven districts, county-level cities and zones."""
    return tuple(d for d in divisions().values() if d.level == 4)


def current_code(code: str) -> str:
    """The division that now stands for a citizen number's 6-digit `code`; the city's own when it is not of Weihai."""
    code = RETIRED.get(code, code)
    return code if code in divisions() else CITY


def division_name(code: str, language: str = "zh") -> str:
    """What people call a division: 371002 is 威海市环翠区, Huancui District, Weihai. An unknown code is given back."""
    division = divisions().get(RETIRED.get(code, code))
    if division is None:
        return code
    if language != "zh" and division.name_en:
        return division.name_en if "Weihai" in division.name_en else f"{division.name_en}, Weihai"
    if division.level == 4 and not division.name.startswith("威海") and not division.name.endswith("市"):
        return f"威海市{division.name}"
    return division.name
