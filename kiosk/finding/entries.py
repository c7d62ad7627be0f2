"""What can be found: the catalogue's services, and the city's list of items with what people call them."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from config import DATA

if TYPE_CHECKING:
    from config.catalogue import Catalogue

KINDS = frozenset({"apply", "pay", "verify", "print", "query"})
MAX_ENTRIES = 20_000
MAX_ALIASES = 40


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be found. `kind` is apply, pay, verify, print or query; `guide` words of its guide."""

    id: str
    kind: str
    field: str
    zh: str
    en: str = ""
    ko: str = ""
    aliases: tuple[str, ...] = ()
    guide: str = ""


def listed_entries(folder: Path = DATA / "finding") -> list[Entry]:
    """The city's items (items.csv) with their aliases (aliases.csv). Raises `ValueError` naming file and row."""
    called = _aliases(folder / "aliases.csv")
    found: list[Entry] = []
    for row in _rows(folder / "items.csv", ("id", "field", "zh", "en", "kind")):
        if row["kind"] not in KINDS:
            raise ValueError(f"items.csv: {row['id']}: kind {row['kind']!r}; known are {', '.join(sorted(KINDS))}")
        ko, aliases = called.get(row["id"], ("", ()))
        found.append(Entry(row["id"], row["kind"], row["field"], row["zh"], row["en"], ko, aliases))
    if len({entry.id for entry in found}) != len(found):
        raise ValueError("items.csv: an id is used twice")
    if unknown := called.keys() - {entry.id for entry in found}:
        raise ValueError(f"aliases.csv: {sorted(unknown)[0]} is not in items.csv")
    return found


def catalogue_entries(catalogue: Catalogue, called: Iterable[Entry] = ()) -> list[Entry]:
    """The services of the catalogue with the words of their guide, and the aliases that `called` has for their ids."""
    known = {entry.id: entry for entry in called}
    found = []
    for service in catalogue.services.values():
        listed = known.get(service.id)
        aliases = listed.aliases if listed else ()
        if listed and listed.zh != service.name.zh:
            aliases = (listed.zh, *aliases)
        guide = " ".join((service.output.zh, *(material.name.zh for material in service.materials)))
        found.append(
            Entry(
                service.id,
                service.kind,
                service.field.name.zh,
                service.name.zh,
                service.name.en,
                service.name.ko,
                aliases,
                guide,
            )
        )
    return found


def all_entries(catalogue: Catalogue) -> list[Entry]:
    """The catalogue's own entries, and the city's items that it does not have yet."""
    listed = listed_entries()
    own = catalogue_entries(catalogue, listed)
    have = {entry.id for entry in own}
    return own + [entry for entry in listed if entry.id not in have]


def _aliases(path: Path) -> dict[str, tuple[str, tuple[str, ...]]]:
    found = {}
    for row in _rows(path, ("id", "ko", "aliases")):
        aliases = tuple(part for part in row["aliases"].split("|") if part)
        if len(aliases) > MAX_ALIASES:
            raise ValueError(f"aliases.csv: {row['id']} has {len(aliases)} aliases, at most {MAX_ALIASES}")
        found[row["id"]] = (row["ko"], aliases)
    return found


def _rows(path: Path, columns: tuple[str, ...]) -> list[dict[str, str]]:
    """The rows of a CSV file; lines that start with # are comments."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(line for line in file if not line.startswith("#"))
        if tuple(reader.fieldnames or ()) != columns:
            raise ValueError(f"{path.name}: the columns are {', '.join(columns)}, not {reader.fieldnames}")
        rows = list(reader)
    for number, row in enumerate(rows, 1):
        if None in row or None in row.values():
            raise ValueError(f"{path.name}: row {number} has not exactly {len(columns)} columns")
    if len(rows) > MAX_ENTRIES:
        raise ValueError(f"{path.name}: {len(rows)} rows, at most {MAX_ENTRIES}")
    return rows
