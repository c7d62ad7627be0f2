"""Appointments and queue tickets: a place once, a number once, whether it was given out with or without a network."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from simulator.platform import calendar
from simulator.platform.assurance import current
from simulator.platform.call import Call, CallDep, Reply
from simulator.platform.city import City
from simulator.platform.models import Day, Id, Sent, Time
from simulator.platform.problems import Flaw, Refusal
from simulator.platform.signing import signed
from simulator.platform.store import count

SCHEMA = """
CREATE TABLE IF NOT EXISTS booking(
    id TEXT PRIMARY KEY, citizen TEXT NOT NULL, hall TEXT NOT NULL, day TEXT NOT NULL, slot TEXT NOT NULL,
    place INTEGER, state TEXT NOT NULL, ticket TEXT, at TEXT NOT NULL, UNIQUE (hall, day, slot, place));
CREATE TABLE IF NOT EXISTS ticket(
    kiosk TEXT NOT NULL, key TEXT NOT NULL, day TEXT NOT NULL, number TEXT NOT NULL, kind TEXT NOT NULL,
    waiting INTEGER NOT NULL, at TEXT NOT NULL, void INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (kiosk, key, number), UNIQUE (day, number));
CREATE TABLE IF NOT EXISTS ticket_range(
    kiosk TEXT NOT NULL, day TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY (day, first));
"""
PLACES = 3
"""So many people may come at one time."""
TIMES = (("0900", "09:00–10:30"), ("1030", "10:30–12:00"), ("1400", "14:00–15:30"), ("1530", "15:30–17:00"))
RANGE = 100
KEPT = "-kept"
"""Ends the key of a ticket that was given out without a network; before it stands the key that was asked under."""
LEASED_FROM = 2000
LAST_NUMBER = 99_999
COUNTERS = ("综合", "General", 8)

OptionKey = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_+-]{0,39}$", max_length=40)]
TicketNo = Annotated[str, Field(pattern=r"^[A-Z][0-9]{3,5}$", max_length=6)]


class Empty(Sent):
    """Nothing more to say."""


class TicketTaken(Sent):
    """A number is wanted, or one of the terminal's range was given out."""

    kind: OptionKey
    number: TicketNo | None
    issued_at: Time | None


class RangeAsked(Sent):
    """For which day."""

    day: Day


def router(city: City) -> APIRouter:
    """Endpoints of slots, appointments, tickets and ranges."""
    api = APIRouter()

    @api.get("/slots")
    async def slots(hall: Annotated[OptionKey, Query()], day: Annotated[Day, Query()], call: CallDep) -> Reply:
        return call.read(lambda cx: _slots(cx, call, hall, day))

    @api.post("/bookings/{booking}/check-in")
    async def check_in(booking: Id, body: Empty, call: CallDep) -> Reply:
        del body
        return call.once(201, lambda cx: _check_in(cx, call, booking))

    @api.post("/bookings/{booking}/cancellation")
    async def cancel(booking: Id, body: Empty, call: CallDep) -> Reply:
        del body
        return call.once(201, lambda cx: _cancel(cx, call, booking))

    @api.post("/tickets")
    async def ticket(body: TicketTaken, call: CallDep) -> Reply:
        return call.once(201, lambda cx: _ticket(cx, call, body))

    @api.post("/ticket-ranges")
    async def lease(body: RangeAsked, call: CallDep) -> Reply:
        return call.once(201, lambda cx: _lease(cx, call, body.day))

    del city
    return api


def book(cx: sqlite3.Connection, call: Call, form: Mapping[str, str], number: str, citizen: str) -> None:
    """The appointment of an application, or a refusal: not a day with counters, or nobody more at that time."""
    day = f"{form['date'][:4]}-{form['date'][4:6]}-{form['date'][6:]}"
    today = call.city.now().date()
    if not today.isoformat() < day <= date(today.year + 1, 12, 31).isoformat():
        raise Refusal("validation", "", [Flaw("/body/form/date", "range", "an appointment lies ahead, within a year")])
    if form["slot"][:8].isdigit() and form["slot"][:8] != form["date"]:
        raise Refusal("validation", "", [Flaw("/body/form/slot", "day", "that time is on another day")])
    if not calendar.is_working_day(date.fromisoformat(day)):
        raise Refusal("slot-taken", "the counters are closed on that day")
    for place in range(PLACES):
        try:
            cx.execute(
                "INSERT INTO booking VALUES (?, ?, ?, ?, ?, ?, 'BOOKED', NULL, ?)",
                (number, citizen, form["hall"], day, form["slot"], place, call.city.stamp()),
            )
        except sqlite3.IntegrityError:
            continue
        return
    raise Refusal("slot-taken")


def _slots(cx: sqlite3.Connection, call: Call, hall: str, day: str) -> Mapping[str, Any]:
    taken = {
        r["slot"]: r["n"]
        for r in cx.execute(
            "SELECT slot, count(place) AS n FROM booking WHERE hall = ? AND day = ? GROUP BY slot", (hall, day)
        )
    }
    open_ = calendar.is_working_day(date.fromisoformat(day)) and day > call.city.now().date().isoformat()
    items = [
        {
            "key": f"{day.replace('-', '')}-{key}",
            "label": {"zh": span, "en": span},
            "left": max(0, PLACES - taken.get(f"{day.replace('-', '')}-{key}", 0)) if open_ else 0,
        }
        for key, span in TIMES
    ]
    return {"hall": hall, "day": day, "items": items}


def _booking(cx: sqlite3.Connection, booking: str) -> sqlite3.Row:
    row = cx.execute("SELECT * FROM booking WHERE id = ?", (booking,)).fetchone()
    if row is None:
        raise Refusal("booking-not-found")
    return row  # type: ignore[no-any-return]  # sqlite3 types fetchone as Any


def _check_in(cx: sqlite3.Connection, call: Call, booking: str) -> Mapping[str, Any]:
    row = _booking(cx, booking)
    if row["state"] == "CHECKED_IN":
        given = cx.execute("SELECT * FROM ticket WHERE day = ? AND number = ?", (row["day"], row["ticket"])).fetchone()
        return _shown(given)
    if row["state"] != "BOOKED" or row["day"] != call.city.now().date().isoformat():
        raise Refusal("item-not-available", "the appointment is cancelled or for another day")
    ticket = _ticket(cx, call, TicketTaken(kind="booking", number=None, issued_at=None))
    cx.execute("UPDATE booking SET state = 'CHECKED_IN', ticket = ? WHERE id = ?", (ticket["number"], booking))
    return ticket


def _cancel(cx: sqlite3.Connection, call: Call, booking: str) -> Mapping[str, Any]:
    person = current(cx, call, call.session)
    row = _booking(cx, booking)
    if not person["number"] or row["citizen"] != person["number"]:
        raise Refusal("booking-not-found")
    if row["state"] == "CHECKED_IN":
        raise Refusal("item-not-available", "a ticket was already taken for it")
    cx.execute("UPDATE booking SET state = 'CANCELLED', place = NULL WHERE id = ?", (booking,))
    return {"id": row["id"], "hall": row["hall"], "day": row["day"], "slot": row["slot"], "state": "CANCELLED"}


def _ticket(cx: sqlite3.Connection, call: Call, asked: TicketTaken) -> Mapping[str, Any]:
    day, at = call.city.now().date().isoformat(), call.city.stamp()
    number = asked.number
    if number is not None:
        at = asked.issued_at or at
        day = at[:10]
        _must_be_leased(cx, call.kiosk, day, number)
        # The answer to an earlier try may have been lost: its number was never seen by anybody.
        cx.execute("UPDATE ticket SET void = 1 WHERE kiosk = ? AND key = ?", (call.kiosk, call.key.removesuffix(KEPT)))
    else:
        number = f"A{count(cx, f'ticket:{day}'):03d}"
    waiting = cx.execute("SELECT count(*) AS n FROM ticket WHERE day = ? AND void = 0", (day,)).fetchone()["n"] % 30
    try:
        cx.execute(
            "INSERT INTO ticket VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
            (call.kiosk, call.key, day, number, asked.kind, waiting, at),
        )
    except sqlite3.IntegrityError:
        raise Refusal("idempotency-conflict", "that number was given out under another key") from None
    row = cx.execute("SELECT * FROM ticket WHERE day = ? AND number = ?", (day, number)).fetchone()
    return _shown(row)


def _shown(row: sqlite3.Row) -> Mapping[str, Any]:
    window = int(row["number"][1:]) % COUNTERS[2] + 1
    counter = {"zh": f"{COUNTERS[0]} {window} 号窗口", "en": f"{COUNTERS[1]} counter {window}"}
    return {
        "number": row["number"],
        "kind": row["kind"],
        "counter": counter,
        "waiting": row["waiting"],
        "at": row["at"],
    }


def _must_be_leased(cx: sqlite3.Connection, kiosk: str, day: str, number: str) -> None:
    found = cx.execute(
        "SELECT 1 FROM ticket_range WHERE kiosk = ? AND day = ? AND ? BETWEEN first AND last",
        (kiosk, day, int(number[1:])),
    ).fetchone()
    if number[0] != "Z" or found is None:
        raise Refusal("validation", "", [Flaw("/body/number", "range", "not of this terminal's range of that day")])


def _lease(cx: sqlite3.Connection, call: Call, day: str) -> Mapping[str, Any]:
    today = call.city.now().date().isoformat()
    if day != today:
        raise Refusal("validation", "", [Flaw("/body/day", "range", "numbers are leased for today")])
    first = LEASED_FROM + (count(cx, f"ticket-range:{day}") - 1) * RANGE
    if first + RANGE > LAST_NUMBER:
        raise Refusal("upstream-unavailable", "no numbers are left for today", retry_after_s=3600)
    cx.execute("INSERT INTO ticket_range VALUES (?, ?, ?, ?)", (call.kiosk, day, first, first + RANGE - 1))
    return signed({"kiosk": call.kiosk, "day": day, "prefix": "Z", "first": first, "last": first + RANGE - 1})
