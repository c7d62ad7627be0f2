"""The file of a case: its steps with their limits, its events, a stopped clock; one file for each part of a bundle.

`application` (simulator.platform.applications) holds what was handed in and the state of the whole; this holds how the
work goes. The file of a part has its own number, state and promise.

| state       | the clock | how it is left                                        |
|-------------|-----------|-------------------------------------------------------|
| WAITING     | stopped   | the part that it needs data of is done                |
| ACCEPTED    | runs      | the desk moves it on                                  |
| IN_PROGRESS | runs      | the desk moves it on; its last step ends it           |
| SUPPLEMENT  | stopped   | the citizen hands in what was asked for               |
| PAUSED      | stopped   | a special procedure (特别程序) is over                |
| DONE, REFUSED, WITHDRAWN | over |                                               |
"""

from __future__ import annotations

import sqlite3
import tomllib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from config.catalogue import Service
from config.supervision import Light, supervision
from simulator.platform import calendar
from simulator.platform.city import City
from simulator.platform.lights import Due, light, working_days

SCHEMA = """
CREATE TABLE IF NOT EXISTS casefile(
    number TEXT PRIMARY KEY, whole TEXT NOT NULL, part INTEGER NOT NULL, kiosk TEXT NOT NULL, citizen TEXT,
    service TEXT NOT NULL, state TEXT NOT NULL, step TEXT NOT NULL, step_since TEXT NOT NULL, accepted_at TEXT NOT NULL,
    promised INTEGER NOT NULL, promise_date TEXT NOT NULL, estimated INTEGER NOT NULL, legal_date TEXT,
    stopped_since TEXT NOT NULL DEFAULT '', why TEXT NOT NULL DEFAULT '', waits_for TEXT NOT NULL DEFAULT '',
    apart INTEGER NOT NULL DEFAULT 0, fen INTEGER NOT NULL DEFAULT 0, back_fen INTEGER NOT NULL DEFAULT 0,
    ended_at TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS casefile_whole ON casefile(whole);
CREATE INDEX IF NOT EXISTS casefile_citizen ON casefile(citizen);
CREATE TABLE IF NOT EXISTS case_event(
    id INTEGER PRIMARY KEY, number TEXT NOT NULL, at TEXT NOT NULL, kind TEXT NOT NULL, step TEXT NOT NULL,
    why TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS case_event_number ON case_event(number);
CREATE TABLE IF NOT EXISTS case_time(one INTEGER PRIMARY KEY CHECK (one = 1), ahead_s INTEGER NOT NULL);
"""
OVER = frozenset({"DONE", "REFUSED", "WITHDRAWN"})
STOPPED = frozenset({"WAITING", "SUPPLEMENT", "PAUSED"})
OTHERWISE = frozenset({"notice", "schedule", "appointment", "parts"})
"""Promises that are no number of working days from acceptance on: nothing of them is late by counting."""
_RULES = Path(__file__).with_name("case_rules.toml")


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the work: its share of the promised time in percent, and its name."""

    key: str
    share: int
    zh: str
    en: str


@cache
def stages() -> tuple[Stage, ...]:
    """The steps of every case of the invented city, in their order."""
    raw = tomllib.loads(_RULES.read_text(encoding="utf-8"))
    return tuple(Stage(s["key"], s["share"], s["zh"], s["en"]) for s in raw["step"])


@cache
def _legal_times() -> int:
    return int(tomllib.loads(_RULES.read_text(encoding="utf-8"))["legal_times"])


def now(cx: sqlite3.Connection, city: City) -> datetime:
    """The offices' time: the city's, and what QA let pass at the desk. Requests are still judged by the city's own."""
    row = cx.execute("SELECT ahead_s FROM case_time").fetchone()
    return city.now() + timedelta(seconds=row["ahead_s"] if row else 0)


def pass_time(cx: sqlite3.Connection, seconds: int) -> None:
    """Let the offices' time move on."""
    cx.execute(
        "INSERT INTO case_time VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET ahead_s = ahead_s + excluded.ahead_s",
        (seconds,),
    )


def open_file(
    cx: sqlite3.Connection,
    city: City,
    *,
    number: str,
    whole: str,
    part: int,
    kiosk: str,
    citizen: str | None,
    service: Service,
    accepted_at: str,
    waits_for: str = "",
    apart: bool = False,
    fen: int = 0,
) -> None:
    """Begin the file of a case (`part` 0) or of a part of it (1, 2, ...)."""
    accepted = datetime.fromisoformat(accepted_at).date()
    promise = calendar.promise(accepted, service.working_days)
    legal = calendar.promise(accepted, service.working_days * _legal_times()).day if service.working_days else None
    state = "WAITING" if waits_for else "ACCEPTED"
    promised = -1 if service.limit and service.limit.type in OTHERWISE else service.working_days
    cx.execute(
        "INSERT INTO casefile (number, whole, part, kiosk, citizen, service, state, step, step_since, accepted_at,"
        " promised, promise_date, estimated, legal_date, stopped_since, waits_for, apart, fen)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            number, whole, part, kiosk, citizen, service.id, state, stages()[0].key, accepted_at, accepted_at,
            promised, promise.day.isoformat(), promise.estimated, legal.isoformat() if legal else None,
            accepted_at if waits_for else "", waits_for, apart, fen,
        ),
    )  # fmt: skip
    note(cx, number, accepted_at, "waiting" if waits_for else "accepted", stages()[0].key)


def note(cx: sqlite3.Connection, number: str, at: str, kind: str, step: str = "", why: str = "") -> None:
    """One event of a case."""
    cx.execute(
        "INSERT INTO case_event (number, at, kind, step, why) VALUES (?, ?, ?, ?, ?)", (number, at, kind, step, why)
    )


def file_of(cx: sqlite3.Connection, number: str) -> sqlite3.Row | None:
    """The file with this number."""
    row: sqlite3.Row | None = cx.execute("SELECT * FROM casefile WHERE number = ?", (number,)).fetchone()
    return row


def parts_of(cx: sqlite3.Connection, number: str) -> list[sqlite3.Row]:
    """The files of the parts of a bundle, in their order."""
    return cx.execute("SELECT * FROM casefile WHERE whole = ? AND part > 0 ORDER BY part", (number,)).fetchall()


def set_state(cx: sqlite3.Connection, city: City, row: sqlite3.Row, state: str, why: str = "", step: str = "") -> None:
    """Move a file to a state (and step). Time that was stopped is added to the promise and the limits."""
    at = now(cx, city)
    stamp = at.isoformat(timespec="seconds")
    fields: dict[str, Any] = {"state": state, "why": why}
    if row["stopped_since"] and state not in STOPPED:
        fields["stopped_since"] = ""
        fields |= _extended(row, datetime.fromisoformat(row["stopped_since"]).date(), at.date())
    elif state in STOPPED and not row["stopped_since"]:
        fields["stopped_since"] = stamp
    if state in OVER:
        fields["ended_at"] = stamp
    if step:
        fields |= {"step": step, "step_since": stamp}
    assigned = ", ".join(f"{name} = ?" for name in fields)
    cx.execute(f"UPDATE casefile SET {assigned} WHERE number = ?", (*fields.values(), row["number"]))  # noqa: S608 - names of this module
    note(cx, row["number"], stamp, _EVENT[state], step or row["step"], why)
    if row["part"] == 0:
        told = {"PAUSED": "IN_PROGRESS", "WAITING": "ACCEPTED"}.get(state, state)
        cx.execute("UPDATE application SET state = ? WHERE number = ?", (told, row["number"]))


_EVENT = {
    "WAITING": "waiting",
    "ACCEPTED": "accepted",
    "IN_PROGRESS": "step",
    "SUPPLEMENT": "supplement-asked",
    "PAUSED": "paused",
    "DONE": "done",
    "REFUSED": "refused",
    "WITHDRAWN": "withdrawn",
}


def _extended(row: sqlite3.Row, since: date, until: date) -> dict[str, Any]:
    """The promise and the legal limit, later by the working days that the clock stood."""
    days = working_days(since, until)
    moved = calendar.promise(date.fromisoformat(row["promise_date"]), days)
    legal = row["legal_date"]
    return {
        "promise_date": moved.day.isoformat(),
        "estimated": bool(row["estimated"]) or moved.estimated,
        "legal_date": calendar.promise(date.fromisoformat(legal), days).day.isoformat() if legal else None,
    }


def light_of(cx: sqlite3.Connection, city: City, row: sqlite3.Row) -> Light:
    """The light of one file today."""
    due = Due(
        row["promised"],
        date.fromisoformat(row["promise_date"]),
        date.fromisoformat(row["legal_date"]) if row["legal_date"] else None,
        step_due(row),
        stopped=row["state"] in STOPPED,
        over=row["state"] in OVER,
    )
    return light(due, now(cx, city).date(), supervision().light)


def step_due(row: sqlite3.Row) -> date | None:
    """The day until which the present step has to be over; None where the promise is no number of days."""
    if row["promised"] <= 0:
        return None
    share = next(stage.share for stage in stages() if stage.key == row["step"])
    days = max(1, -(-row["promised"] * share // 100))
    return calendar.promise(datetime.fromisoformat(row["step_since"]).date(), days).day
