"""Which firmware each device told, since when, and whether a technician has looked at it: a table of readiness.db.

The first that a device ever tells counts as looked at. Every other one is news until the next profile check, also when
the device told something else in between; one that is back to what was looked at is none.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from kiosk.diagnostics.facts import Facts

UPS: Final = "ups"
"""The UPS's place: it is no device of the profile, and has a firmware all the same."""
MOST_KEPT: Final = 20
"""Changes of one device that are remembered."""
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS firmware(
    number INTEGER PRIMARY KEY AUTOINCREMENT, role TEXT NOT NULL, told TEXT NOT NULL, since TEXT NOT NULL,
    checked INTEGER NOT NULL);
"""
_NEWEST: Final = "SELECT max(number) FROM firmware GROUP BY role"


@dataclass(frozen=True, slots=True)
class Change:
    """Another firmware than at the last check. `since` is aware."""

    before: str
    now: str
    since: datetime

    @property
    def words(self) -> str:
        """For a sentence: `1.06 -> 1.07, 2026-11-22`."""
        return f"{self.before} -> {self.now}, {self.since:%Y-%m-%d}"


def told(facts: Facts) -> Iterable[tuple[str, str]]:
    """Place and firmware of all that tell one."""
    yield from ((each.role, each.firmware) for each in facts.devices if each.firmware)
    if facts.power.firmware:
        yield UPS, facts.power.firmware


def note(db: sqlite3.Connection, facts: Facts) -> None:
    """Remember what is new. Raises `sqlite3.Error`."""
    for role, firmware in told(facts):
        row = db.execute("SELECT told FROM firmware WHERE role=? ORDER BY number DESC LIMIT 1", (role,)).fetchone()
        if row is not None and row[0] == firmware:
            continue
        db.execute(
            "INSERT INTO firmware(role, told, since, checked) VALUES(?,?,?,?)",
            (role, firmware, facts.at.isoformat(timespec="seconds"), row is None),
        )
        # What was looked at last stays, however often the device changed its mind since.
        db.execute(
            "DELETE FROM firmware WHERE role=? AND number NOT IN ("
            "SELECT number FROM firmware WHERE role=? ORDER BY number DESC LIMIT ?) AND number <> ("
            "SELECT max(number) FROM firmware WHERE role=? AND checked=1)",
            (role, role, MOST_KEPT, role),
        )


def changes(db: sqlite3.Connection) -> Mapping[str, Change]:
    """Place -> what is news there. Raises `sqlite3.Error`, `ValueError`."""
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name='firmware'").fetchone():
        return {}  # written by an older terminal
    found = {}
    query = f"SELECT role, told, since FROM firmware WHERE checked=0 AND number IN ({_NEWEST}) LIMIT 64"  # noqa: S608 - a constant
    for role, now, since in db.execute(query).fetchall():
        row = db.execute(
            "SELECT told FROM firmware WHERE role=? AND checked=1 ORDER BY number DESC LIMIT 1", (role,)
        ).fetchone()
        if row is not None and row[0] != now:
            found[role] = Change(row[0], now, datetime.fromisoformat(since))
    return found


def look_at(db: sqlite3.Connection) -> None:
    """A technician has looked: what is told now is no news any more. Raises `sqlite3.Error`."""
    db.execute(f"UPDATE firmware SET checked=1 WHERE number IN ({_NEWEST})")  # noqa: S608 - a constant


def all_told(db: sqlite3.Connection) -> Mapping[str, tuple[tuple[str, str], ...]]:
    """Place -> (since, firmware), the oldest first. Raises `sqlite3.Error`."""
    found: dict[str, list[tuple[str, str]]] = {}
    for role, since, firmware in db.execute("SELECT role, since, told FROM firmware ORDER BY number LIMIT 1280"):
        found.setdefault(role, []).append((since, firmware))
    return {role: tuple(rows) for role, rows in found.items()}
