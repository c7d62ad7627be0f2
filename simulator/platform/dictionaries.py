"""The choices of form fields that the platform gives: lists of dictionaries.toml, and lists by rule.

By rule are schools and kindergartens of every district, the slots of the next working days, and what the catalogue
itself holds (its fields, the items that a counter serves). All invented.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import product
from pathlib import Path
from typing import Final

from config.divisions import districts
from simulator.platform.calendar import is_working_day
from simulator.platform.city import City

_DATA = Path(__file__).with_name("dictionaries.toml")
MOST: Final = 2000
SLOT_DAYS: Final = 5
_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_+-]{0,39}", re.ASCII)
_NUMBERS: Final = ("一", "二", "三", "四", "五", "六")
_WEEKDAYS: Final = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
_HALVES: Final = (
    ("0900", "09:00–10:30"),
    ("1030", "10:30–12:00"),
    ("1400", "14:00–15:30"),
    ("1530", "15:30–17:00"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One choice."""

    key: str
    zh: str
    en: str


def choices(city: City, name: str) -> tuple[Entry, ...] | None:
    """The choices of `WH-SI-015.bank`, at most `MOST`; None: that field's choices are not the platform's."""
    item, _, field = name.partition(".")
    service = city.catalogue.services.get(item)
    spec = next((s for s in service.form if s.key == field), None) if service else None
    if spec is None or not spec.options_from:
        return None
    lists, fields = _table()
    listed = fields.get(name, field)
    if listed in lists:
        return lists[listed]
    made = RULES.get(listed)
    return made(city)[:MOST] if made else ()


@cache
def _table() -> tuple[Mapping[str, tuple[Entry, ...]], Mapping[str, str]]:
    raw = tomllib.loads(_DATA.read_text(encoding="utf-8"))
    lists = {name: tuple(_entry(name, line) for line in lines) for name, lines in raw["lists"].items()}
    return lists, raw["fields"]


def _entry(name: str, line: str) -> Entry:
    key, zh, en = line.split("|")
    if not _KEY.fullmatch(key):
        raise ValueError(f"dictionaries.toml: {name}: {key!r} is no key of a choice")
    return Entry(key, zh, en)


def _schools(kind_zh: str, kind_en: str, letter: str) -> Callable[[City], tuple[Entry, ...]]:
    def made(city: City) -> tuple[Entry, ...]:
        del city
        return tuple(
            Entry(
                f"{d.code}{letter}{n + 1}",
                f"{_short(d.name)}第{_NUMBERS[n]}{kind_zh}",
                f"{d.name_en} {kind_en} No. {n + 1}",
            )
            for d, n in product(districts(), range(len(_NUMBERS)))
        )

    return made


def _short(name: str) -> str:
    """A district as schools are named after it: without what stands in brackets."""
    inside = re.search(r"[(（](.+)[)）]", name)
    return inside.group(1) if inside else name


def _slots(city: City) -> tuple[Entry, ...]:
    """Four halves of half days on each of the next working days."""
    days: list[date] = []
    day = city.now().date()
    while len(days) < SLOT_DAYS:
        day += timedelta(days=1)
        if is_working_day(day):
            days.append(day)
    return tuple(
        Entry(
            f"{d:%Y%m%d}-{key}",
            f"{d.month} 月 {d.day} 日 {_WEEKDAYS[d.weekday()]} {span}",
            f"{d:%a} {d.day} {d:%b} {span}",
        )
        for d, (key, span) in product(days, _HALVES)
    )


def _fields(city: City) -> tuple[Entry, ...]:
    return tuple(Entry(field.key, field.name.zh, field.name.en) for field in city.catalogue.fields)


def _matters(prefix: str) -> Callable[[City], tuple[Entry, ...]]:
    def made(city: City) -> tuple[Entry, ...]:
        return tuple(
            Entry(s.id, s.name.zh, s.name.en)
            for s in city.catalogue.services.values()
            if s.kind == "apply" and s.id.startswith(prefix)
        )

    return made


RULES: Final[Mapping[str, Callable[[City], tuple[Entry, ...]]]] = {
    "school": _schools("小学", "Primary School", "p"),
    "kindergarten": _schools("幼儿园", "Kindergarten", "k"),
    "slot": _slots,
    "field": _fields,
    "exit_entry_matters": _matters("WH-EE-"),
    "counter_matters": _matters("WH-"),
}
