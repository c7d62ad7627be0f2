"""What was seen before, in a small SQLite file beside the journal: last pass and fail, work a day, the last look.

One row a device and one a device and day, `DAYS` days; nothing personal. It may be lost: a report then knows only now.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from kiosk.diagnostics import firmware
from kiosk.diagnostics.facts import DeviceFact, Facts, from_json, to_json
from kiosk.diagnostics.firmware import Change
from kiosk.diagnostics.sections import ROLES
from kiosk.owners import make_for_owner

log = logging.getLogger(__name__)

FILE: Final = "readiness.db"
DAYS: Final = 30
WEEK: Final = 7
WORSE: Final = 1.5
"""So many times the share of failures of the days before is a trend."""
LEAST: Final = 10
SCHEMA: Final = (
    """
CREATE TABLE IF NOT EXISTS seen(
    role TEXT PRIMARY KEY, state TEXT NOT NULL, since TEXT NOT NULL, pass TEXT, fail TEXT,
    supply INTEGER NOT NULL DEFAULT 0, toner TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS day(
    role TEXT, day TEXT, operations INTEGER NOT NULL, failures INTEGER NOT NULL, PRIMARY KEY(role, day));
CREATE TABLE IF NOT EXISTS tested(
    section TEXT PRIMARY KEY, pass TEXT, fail TEXT,
    passes INTEGER NOT NULL DEFAULT 0, fails INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS look(one INTEGER PRIMARY KEY CHECK(one=1), facts BLOB NOT NULL);
"""
    + firmware.SCHEMA
)


@dataclass(frozen=True, slots=True)
class Past:
    """What is known of a device: counts of the last seven days; `today` and `before` are (work, failures)."""

    since: datetime | None = None
    last_pass: datetime | None = None
    last_fail: datetime | None = None
    operations: int = 0
    failures: int = 0
    today: tuple[int, int] = (0, 0)
    before: tuple[int, int] = (0, 0)
    on_supply: int = 0
    tests_passed: int = 0
    tests_failed: int = 0
    """By technicians, ever."""
    firmware: Change | None = None
    """Told another one than at the last profile check."""


@dataclass(frozen=True, slots=True)
class Tests:
    """Technicians' tests of a section: the newest that passed and failed, and how many did."""

    __test__ = False  # not a case for pytest

    last_pass: datetime | None = None
    last_fail: datetime | None = None
    passes: int = 0
    fails: int = 0


def trend(past: Past) -> Literal["", "better", "steady", "worse"]:
    """Whether today's share of failures differs from that of the days before; "" with too little work to say."""
    if min(past.today[0], past.before[0]) < LEAST:
        return ""
    today, before = past.today[1] / past.today[0], past.before[1] / past.before[0]
    if today > before * WORSE and past.today[1] > 1:
        return "worse"
    return "better" if before > today * WORSE else "steady"


def _with(past: Past, tests: Tests) -> Past:
    """What looks and tests say together: the newest of each."""
    return replace(
        past,
        last_pass=_newest(past.last_pass, tests.last_pass),
        last_fail=_newest(past.last_fail, tests.last_fail),
        tests_passed=tests.passes,
        tests_failed=tests.fails,
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _newest(*moments: datetime | None) -> datetime | None:
    return max((moment for moment in moments if moment is not None), default=None)


class History:
    """The file. Work done is counted as what a device's counters grew by since this object saw them last."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self._counted: dict[str, tuple[int, int]] = {}

    def keep(self, facts: Facts) -> None:
        """Take one look into the file; a damaged one is begun anew. Raises `OSError`, `sqlite3.Error`."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._keep(facts)
        except sqlite3.OperationalError:
            raise  # the disk or its rights, not what the file holds
        except sqlite3.DatabaseError as error:
            log.warning("readiness: %s: %s; begun anew", self.path, error)
            self.path.unlink()
            self._keep(facts)

    def _keep(self, facts: Facts) -> None:
        with self._opened("rwc") as db, db:
            for device in facts.devices:
                self._device(db, device, facts.at)
            firmware.note(db, facts)
            oldest = (facts.at - timedelta(days=DAYS)).date().isoformat()
            db.execute("DELETE FROM day WHERE day < ?", (oldest,))
            if facts.running:
                db.execute(
                    "INSERT INTO look VALUES(1, ?) ON CONFLICT(one) DO UPDATE SET facts=excluded.facts",
                    (to_json(facts),),
                )

    def _device(self, db: sqlite3.Connection, device: DeviceFact, at: datetime) -> None:
        now, state = at.isoformat(timespec="seconds"), f"{device.usable} {device.cause}"
        had = self._counted.get(device.role, (0, 0))
        # Counters begin anew when the terminal does.
        grown = (max(device.operations - had[0], 0), max(device.failures - had[1], 0))
        self._counted[device.role] = (device.operations, device.failures)
        old = db.execute("SELECT state, toner FROM seen WHERE role=?", (device.role,)).fetchone()
        # One that is not yet opened, after a start, has neither passed nor failed.
        column = "pass=?, " if device.usable else "fail=?, " if device.cause else ""
        db.execute(
            "INSERT INTO seen(role, state, since) VALUES(?,?,?) ON CONFLICT(role) DO NOTHING", (device.role, state, now)
        )
        if old is not None and old[0] != state:
            db.execute("UPDATE seen SET state=?, since=? WHERE role=?", (state, now, device.role))
        renewed = old is not None and old[1] in ("low", "out") and device.toner == "full"
        db.execute(
            f"UPDATE seen SET {column}toner=?, supply=CASE WHEN ? THEN 0 ELSE supply END + ? WHERE role=?",  # noqa: S608 - one of three pieces
            (*([now] if column else []), device.toner, renewed, grown[0], device.role),
        )
        db.execute(
            "INSERT INTO day VALUES(?,?,?,?) ON CONFLICT(role, day) DO UPDATE "
            "SET operations=operations+excluded.operations, failures=failures+excluded.failures",
            (device.role, at.date().isoformat(), *grown),
        )

    def past(self, now: datetime) -> Mapping[str, Past]:
        """By place in the profile; empty when there is no file or it cannot be read."""
        try:
            with self._opened("ro") as db:
                rows = db.execute("SELECT role, since, pass, fail, supply FROM seen LIMIT 64").fetchall()
                seen = {role: self._past(db, role, tuple(times), supply, now) for role, *times, supply in rows}
                seen |= {role: _with(seen.get(role, Past()), tests) for role, tests in self._tests(db).items()}
                changed = firmware.changes(db).items()
                return seen | {role: replace(seen.get(role, Past()), firmware=change) for role, change in changed}
        except (sqlite3.Error, ValueError) as error:
            log.info("readiness: nothing is known of before: %s", error)
            return {}

    def _past(
        self, db: sqlite3.Connection, role: str, times: tuple[str | None, ...], supply: int, now: datetime
    ) -> Past:
        today, week = now.date().isoformat(), (now - timedelta(days=WEEK)).date().isoformat()
        query = "SELECT day=?, sum(operations), sum(failures) FROM day WHERE role=? AND day>? GROUP BY day=?"
        counts = {bool(row[0]): (row[1], row[2]) for row in db.execute(query, (today, role, week, today))}
        at_day, before = counts.get(True, (0, 0)), counts.get(False, (0, 0))
        since, passed, failed = (datetime.fromisoformat(each) if each else None for each in times)
        return Past(since, passed, failed, at_day[0] + before[0], at_day[1] + before[1], at_day, before, supply)

    def renewed(self, role: str) -> int:
        """Somebody put a new supply in: counted from 0; returns what the one before had given. Raises as `keep`."""
        with self._opened("rwc") as db, db:
            row = db.execute("SELECT supply FROM seen WHERE role=?", (role,)).fetchone()
            db.execute("UPDATE seen SET supply=0 WHERE role=?", (role,))
        return int(row[0]) if row else 0

    def tested(self, section: str, passed: bool, at: datetime) -> None:
        """A technician's test of a section ended. Raises as `keep`."""
        column = "pass" if passed else "fail"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._opened("rwc") as db, db:
            db.execute("INSERT INTO tested(section) VALUES(?) ON CONFLICT(section) DO NOTHING", (section,))
            db.execute(
                f"UPDATE tested SET {column}=?, passes=passes+?, fails=fails+? WHERE section=?",  # noqa: S608 - one of two names
                (at.isoformat(timespec="seconds"), passed, not passed, section),
            )

    def _tests(self, db: sqlite3.Connection) -> Mapping[str, Tests]:
        """By place in the profile, or by section where that is no device's."""
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name='tested'").fetchone():
            return {}  # written by an older terminal
        rows = db.execute("SELECT section, pass, fail, passes, fails FROM tested LIMIT 64").fetchall()
        places = {section: role for role, section in ROLES.items()}
        return {places.get(row[0], row[0]): Tests(_moment(row[1]), _moment(row[2]), row[3], row[4]) for row in rows}

    def firmware_changes(self, facts: Facts) -> Mapping[str, Change]:
        """Place -> another firmware told in `facts` than at the last check, which this is now. Raises as `keep`."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._opened("rwc") as db, db:
            firmware.note(db, facts)
            found = firmware.changes(db)
            firmware.look_at(db)
        return found

    def firmwares(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """Place -> (since, firmware) as each was first told, the oldest first; empty when nothing can be read."""
        try:
            with self._opened("ro") as db:
                return firmware.all_told(db)
        except sqlite3.Error as error:
            log.info("readiness: nothing is known of firmware: %s", error)
            return {}

    def days(self, now: datetime, count: int) -> Mapping[str, tuple[tuple[str, int, int], ...]]:
        """Place in the profile -> (day, work, failures) of the last `count` days that had any, the oldest first."""
        first = (now - timedelta(days=count)).date().isoformat()
        query = "SELECT role, day, operations, failures FROM day WHERE day>? ORDER BY day LIMIT ?"
        found: dict[str, list[tuple[str, int, int]]] = {}
        try:
            with self._opened("ro") as db:
                for role, day, operations, failures in db.execute(query, (first, count * 64)):
                    found.setdefault(role, []).append((day, operations, failures))
        except sqlite3.Error as error:
            log.info("readiness: nothing is known of before: %s", error)
        return {role: tuple(days) for role, days in found.items()}

    def last_look(self) -> Facts | None:
        """What the running terminal wrote last; None when there is nothing that can be read."""
        try:
            with self._opened("ro") as db:
                row = db.execute("SELECT facts FROM look").fetchone()
        except sqlite3.Error:
            return None
        return from_json(bytes(row[0])) if row else None

    @contextmanager
    def _opened(self, mode: str) -> Iterator[sqlite3.Connection]:
        if mode == "rwc":
            make_for_owner(self.path)
        with closing(sqlite3.connect(f"{self.path.resolve().as_uri()}?mode={mode}", uri=True, timeout=2)) as db:
            if mode != "ro":
                # It may be lost: no sync of its own competes with the journal's.
                db.execute("PRAGMA synchronous=OFF")
                db.executescript(SCHEMA)
            yield db
