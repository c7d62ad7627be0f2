"""Whether a typed value fits its field: the types of `config.service_form`, beyond what a keypad already prevents."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from config.code_kinds import citizen_right
from config.codes import uscc_valid
from config.divisions import divisions
from config.service_form import FormFieldSpec, values_of

_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_CITIZEN: Final = re.compile(r"[1-9]\d{16}[\dX]", re.ASCII)
_PROVINCES: Final = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
_SHAPES: Final[Mapping[str, re.Pattern[str]]] = MappingProxyType(
    {
        "phone": re.compile(r"1[3-9]\d{9}", re.ASCII),
        "digits": re.compile(r"\d+", re.ASCII),
        "pin6": re.compile(r"\d{6}", re.ASCII),
        "money": re.compile(r"(0|[1-9]\d{0,9})(\.\d{1,2})?", re.ASCII),
        "decimal": re.compile(r"(0|[1-9]\d{0,9})(\.\d{1,2})?", re.ASCII),
        "int": re.compile(r"0|[1-9]\d{0,9}", re.ASCII),
        # GA 36-2018: province, letter, five or (new energy) six characters without I and O.
        "plate": re.compile(rf"[{_PROVINCES}][A-HJ-NP-Z][A-HJ-NP-Z0-9]{{4,5}}[A-HJ-NP-Z0-9挂学警]"),
        # GB 16735: no I, O, Q. Its check digit is not asked for: imported vehicles do without.
        "vin": re.compile(r"[A-HJ-NPR-Z0-9]{17}", re.ASCII),
    }
)


def value_fault(spec: FormFieldSpec, value: str) -> str:
    """What is wrong with a value that is not empty: format, date, choose, range, check or too-long; "" when right."""
    if len(value) > max(spec.length, spec.max_length):
        return "too-long"
    if (shape := _SHAPES.get(spec.type)) and not shape.fullmatch(value):
        return "format"
    if spec.type in ("enum", "bool") and (known := values_of(spec)) and value not in known:
        return "choose"
    if spec.type == "digits" and spec.lengths and len(value) not in spec.lengths:
        return "format"
    if fault := _NUMBERS.get(spec.type, _free)(spec, value):
        return fault
    return _list_fault(spec, value) if spec.type == "list" else ""


def fen_of(value: str) -> int:
    """The fen of a money value that is right: `12.5` is 1250."""
    yuan, _, part = value.partition(".")
    return int(yuan) * 100 + int(part.ljust(2, "0") or 0)


def luhn_right(digits: str) -> bool:
    """Whether the last of 12 to 19 digits is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    if not (12 <= len(digits) <= 19 and digits.isascii() and digits.isdigit()):
        return False
    doubled = (int(c) * (1 + i % 2) for i, c in enumerate(reversed(digits)))
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def _free(spec: FormFieldSpec, value: str) -> str:
    """Types whose shape is all there is."""
    return ""


def _within(spec: FormFieldSpec, value: str) -> str:
    fen = fen_of(value)
    low = 0 if spec.least is None else spec.least * 100
    return "range" if fen < low or (spec.most is not None and fen > spec.most * 100) else ""


def _day(spec: FormFieldSpec, value: str) -> str:
    return "" if _is_day(value, spec.length) else "date" if spec.type == "date" else "format"


def _is_day(value: str, length: int) -> bool:
    if len(value) != length or not (value.isascii() and value.isdigit()):
        return False
    try:
        day = date(int(value[:4]), int(value[4:6] or 1), int(value[6:8] or 1))
    except ValueError:
        return False
    return _FIRST_YEAR <= day.year <= _LAST_YEAR


def _months(spec: FormFieldSpec, value: str) -> str:
    first, dash, last = value.partition("-")
    if not dash or not (_is_day(first, 6) and _is_day(last, 6)):
        return "format"
    return "range" if last < first else ""


def _citizen_fault(value: str) -> str:
    """GB 11643: 17 digits, the last of them after a real day, and the check character."""
    if not _CITIZEN.fullmatch(value):
        return "format"
    try:
        date(int(value[6:10]), int(value[10:12]), int(value[12:14]))
    except ValueError:
        return "check"
    return "" if citizen_right(value) else "check"


def _region(spec: FormFieldSpec, value: str) -> str:
    if spec.anywhere:
        return "" if re.fullmatch(r"[1-9]\d{5}", value, re.ASCII) else "format"
    return "" if len(value) == 6 and value in divisions() else "choose"


_NUMBERS: Final[Mapping[str, Callable[[FormFieldSpec, str], str]]] = MappingProxyType(
    {
        "money": _within,
        "decimal": _within,
        "int": _within,
        "date": _day,
        "month": _day,
        "year": _day,
        "range": _months,
        "region": _region,
        "idno": lambda _, value: _citizen_fault(value),
        "uscc": lambda _, value: "" if uscc_valid(value) else "check",
        "bankcard": lambda _, value: "" if luhn_right(value) else "check",
    }
)


def _list_fault(spec: FormFieldSpec, value: str) -> str:
    entries = value.split("\n")
    if not all(entry.strip() for entry in entries) or len(set(entries)) != len(entries):
        return "format"
    if (known := values_of(spec)) and any(entry not in known for entry in entries):
        return "choose"
    low, high = spec.least or 1, spec.most or len(entries)
    return "" if low <= len(entries) <= high else "range"
