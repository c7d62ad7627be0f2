"""Prices and formulas that the catalogue leaves to the platform. All amounts are invented, in fen."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from config.catalogue import Service
from config.service_values import fen_of
from simulator.platform.problems import Flaw, Refusal

Line: TypeAlias = tuple[str, str, int]
"""What for (zh, en), fen; a reduction is below 0."""

_MONEY = re.compile(r"(0|[1-9]\d{0,7})(\.\d{1,2})?", re.ASCII)
_COUNT = re.compile(r"[1-9]\d{0,3}", re.ASCII)
_RANGE = re.compile(r"(\d{4})(\d{2})-(\d{4})(\d{2})", re.ASCII)

PRICES: Final[Mapping[str, int]] = MappingProxyType(
    {
        "photo-fee": 0,
        "copy-fee": 0,
        "residence-permit-reissue": 2000,
        "dog-registration": 10_000,
        "social-card-reissue": 1600,
        "registration-fee": 600,
    }
)
"""The site's price table. Photo and copies cost nothing until QA says otherwise (`POST /sim/prices`)."""
GRADES: Final = (10_000, 30_000, 50_000, 60_000, 80_000, 100_000, 150_000, 200_000, 300_000, 400_000, 500_000)
MEDICAL: Final[Mapping[str, int]] = MappingProxyType(
    {"adult": 40_000, "student": 40_000, "child": 40_000, "subsidised": 20_000}
)
NOTARY: Final[Mapping[str, int]] = MappingProxyType(
    {"birth": 8000, "kinship": 8000, "degree": 8000, "no_crime": 8000, "contract": 20_000, "entrust": 12_000}
)


def priced(
    service: Service, form: Mapping[str, str], title: tuple[str, str], wishes: Mapping[str, str]
) -> tuple[Line, ...]:
    """The row of a price table that a service names, times the pages and copies that were asked for.

    `wishes`: what QA set instead of `PRICES`, under `price:KEY`.
    """
    price = service.fee.price or ""
    if price == "pension-grades":
        digits = "".join(c for c in form.get("grade", "") if c.isdigit())
        fen = int(digits[:4]) * 100 if digits else GRADES[0]
        return ((*title, min(max(fen, GRADES[0]), GRADES[-1])),)
    if price == "medical-standard":
        return ((*title, MEDICAL.get(form.get("category", ""), MEDICAL["adult"])),)
    each = int(wishes.get(f"price:{price}", PRICES.get(price, service.fee.fen)))
    times = counted(form) if price in ("copy-fee", "photo-fee") else 1
    zh, en = title
    many = (f"{zh}（{times} 张）", f"{en} ({times} sheets)") if times > 1 else title
    return ((*many, each * times),) if each else ()


def counted(form: Mapping[str, str]) -> int:
    """Pages times copies."""
    number = 1
    for key in ("pages", "copies"):
        if _COUNT.fullmatch(form.get(key, "")):
            number *= int(form[key])
    return number


def money(form: Mapping[str, str], key: str, service: Service) -> int:
    """The fen of a money answer, or of a choice in yuan. Raises `Refusal` when it is none."""
    value = form.get(key, "")
    spec = next((s for s in service.form if s.key == key), None)
    fits = bool(_MONEY.fullmatch(value)) and (not spec or not spec.options or value in {o.key for o in spec.options})
    if not fits or fen_of(value) == 0:
        raise Refusal("validation", "", [Flaw(f"/body/form/{key}"[:200], "money", "an amount in yuan above 0")])
    return fen_of(value)


def _typed(form: Mapping[str, str], key: str) -> int:
    """Hundredths of a decimal answer (fen, or 0.01 m²). Raises `Refusal` when it is none."""
    value = form.get(key, "")
    if not _MONEY.fullmatch(value):
        raise Refusal("validation", "", [Flaw(f"/body/form/{key}", "money", "a number with at most two decimals")])
    return fen_of(value)


def _deed_tax(form: Mapping[str, str]) -> tuple[Line, ...]:
    price, area, house = _typed(form, "price"), _typed(form, "area"), form.get("family_house_no", "")
    large = area > 14_000
    permille = {"1": 15 if large else 10, "2": 20 if large else 10}.get(house, 30)
    return ((f"契税（{permille / 10:g}%）", f"Deed tax, {permille / 10:g} %", price * permille // 1000),)


def _purchase_tax(form: Mapping[str, str]) -> tuple[Line, ...]:
    full = _typed(form, "price_ex_vat") // 10
    line = ("车辆购置税（10%）", "Vehicle purchase tax, 10 %", full)
    if form.get("new_energy") != "yes":
        return (line,)
    return (line, ("新能源汽车减半", "Half for new-energy vehicles", -min(full // 2, 1_500_000)))


def _flexible(form: Mapping[str, str]) -> tuple[Line, ...]:
    found = _RANGE.fullmatch(form.get("months", ""))
    months = (int(found[3]) - int(found[1])) * 12 + int(found[4]) - int(found[2]) + 1 if found else 0
    if not 1 <= months <= 36:
        raise Refusal("validation", "", [Flaw("/body/form/months", "range", "1 to 36 months")])
    level = int("".join(c for c in form.get("base_level", "60") if c.isdigit())[:3] or 60)
    base, kinds = 756_900 * min(max(level, 60), 300) // 100, form.get("kinds", "both")
    lines: list[Line] = []
    if kinds in ("pension", "both"):
        lines.append((f"养老保险费（{months} 个月）", f"Pension, {months} months", base * 20 // 100 * months))
    if kinds in ("medical", "both"):
        lines.append((f"医疗保险费（{months} 个月）", f"Medical, {months} months", base * 8 // 100 * months))
    return tuple(lines)


def _notary(form: Mapping[str, str]) -> tuple[Line, ...]:
    copies = int(form["copies"]) if _COUNT.fullmatch(form.get("copies", "")) else 1
    lines: list[Line] = [("公证费", "Notary fee", NOTARY.get(form.get("kind", ""), 8000))]
    if copies > 1:
        lines.append((f"副本费（{copies - 1} 份）", f"Copies ({copies - 1})", 2000 * (copies - 1)))
    return tuple(lines)


def _maintenance(form: Mapping[str, str]) -> tuple[Line, ...]:
    return (("住宅专项维修资金", "Maintenance fund", _typed(form, "area") * 8000 // 100),)


FORMULAS: Final[Mapping[str, Callable[[Mapping[str, str]], tuple[Line, ...]]]] = MappingProxyType(
    {
        "WH-TX-003": _deed_tax,
        "WH-TX-005": _purchase_tax,
        "WH-TX-017": _flexible,
        "WH-NO-001": _notary,
        "WH-HO-004": _maintenance,
    }
)
