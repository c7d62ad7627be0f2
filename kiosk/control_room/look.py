"""What the page shows, read from the database and from nothing else. Functions raise `psycopg.Error`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

import psycopg

from kiosk.control_room.ledger import CITY, GIVEN_UP
from kiosk.control_room.sketch import spot
from kiosk.control_room.words import section_name, told
from kiosk.events import events

Cx: TypeAlias = psycopg.Connection[Any]
Availability: TypeAlias = dict[str, tuple[float | None, float | None]]
MOST_EVENTS: Final = 200
MOST_SUPPLIES: Final = 60
TREND: Final = timedelta(days=3)
COLUMNS: Final = (
    "id", "site", "division", "hall_zh", "hall_en", "condition", "mode", "intents", "services", "heard", "since",
    "trouble", "x", "y", "day", "month",
)  # fmt: skip
"""Of a row of the list. `heard`: seconds ago; `trouble`: place in `troubles`, -1 none; `day` and `month`: availability
of 24 hours and 30 days, 0 to 1, None where nothing is known."""
CONDITIONS: Final = ("fault", "offline", "silent", "attention", "closed", "unknown", "ok")
"""From what needs somebody first to what needs nobody."""

_LIST = """
SELECT t.id, t.site, t.division, t.hall_zh, t.hall_en, t.online, t.mode, t.worst, t.open_intents, t.heard_at, t.since,
    t.metrics ->> 'kiosk_services_available', w.id, w.event, w.cause
FROM terminal t LEFT JOIN (
    SELECT DISTINCT ON (terminal) terminal, id, event, cause FROM section WHERE state IN ('fault', 'attention')
    ORDER BY terminal, state = 'fault' DESC, since NULLS LAST, id) w ON w.terminal = t.id
ORDER BY t.id"""
_AVAILABILITY = """
WITH s AS (
    SELECT terminal, serving, since, least(coalesce(until, %(now)s), %(now)s) AS until FROM spell
    WHERE coalesce(until, %(now)s) > %(month)s AND since <= %(now)s)
SELECT terminal,
    sum(extract(epoch FROM until - greatest(since, %(day)s))) FILTER (WHERE serving AND until > %(day)s),
    sum(extract(epoch FROM until - greatest(since, %(day)s))) FILTER (WHERE until > %(day)s),
    sum(extract(epoch FROM until - greatest(since, %(month)s))) FILTER (WHERE serving),
    sum(extract(epoch FROM until - greatest(since, %(month)s)))
FROM s GROUP BY terminal"""
_SUPPLIES = """
SELECT s.terminal, s.device, s.item, s.remaining, s.unit, coalesce(s.ends_at, t.ends_at) AS ends,
    s.ends_at IS NULL AND t.ends_at IS NOT NULL, r.hall_zh, r.hall_en
FROM supply s JOIN terminal r ON r.id = s.terminal LEFT JOIN LATERAL (
    SELECT %(now)s + make_interval(secs => least(s.remaining / -q.slope, 1e8)) AS ends_at FROM (
        SELECT regr_slope(h.remaining, extract(epoch FROM h.hour)::double precision) AS slope FROM supply_hour h
        WHERE h.terminal = s.terminal AND h.device = s.device AND h.item = s.item AND h.hour > %(trend)s) q
    WHERE q.slope < 0) t ON s.ends_at IS NULL AND s.unit <> 'level' AND s.remaining > 0
WHERE s.remaining <= 0 OR s.unit = 'level' AND s.remaining <= 1 OR coalesce(s.ends_at, t.ends_at) IS NOT NULL
ORDER BY s.remaining > 0, ends NULLS FIRST, s.terminal LIMIT %(most)s"""
_TALLY = "SELECT series, sum(count) FROM tally WHERE day >= %s AND series LIKE %s GROUP BY series"


def availability(cx: Cx, now: datetime) -> Availability:
    """Terminal -> share of the known time in which it could be used, of 24 hours and of 30 days."""
    times = {"now": now, "day": now - timedelta(days=1), "month": now - timedelta(days=30)}
    return {
        name: (_share(day, day_all), _share(month, month_all))
        for name, day, day_all, month, month_all in cx.execute(_AVAILABILITY, times)
    }


def overview(cx: Cx, available: Availability, now: datetime, silent_after_s: int) -> dict[str, Any]:
    """All terminals and the totals."""
    troubles: dict[tuple[str, str, str], int] = {}
    rows, counts = [], dict.fromkeys(CONDITIONS, 0)
    for (
        id_, site, division, hall_zh, hall_en, online, mode, worst, intents, heard_at, since, services, *trouble,
    ) in cx.execute(_LIST):  # fmt: skip
        heard = max(0, round((now - heard_at).total_seconds()))
        condition = _condition(online, mode, worst, heard, silent_after_s)
        counts[condition] += 1
        key = tuple(trouble)
        index = troubles.setdefault(key, len(troubles)) if trouble[0] is not None else -1
        x, y = spot(id_, site, division) or (None, None)
        day, month = available.get(id_, (None, None))
        rows.append(
            [
                id_, site, division, hall_zh, hall_en, condition, mode, intents,
                None if services is None else round(float(services)), heard, _iso(since), index, x, y, day, month,
            ]
        )  # fmt: skip
    return {
        "now": _iso(now), "columns": COLUMNS, "terminals": rows, "troubles": [told(*key) for key in troubles],
        "conditions": counts, "intents": sum(row[7] for row in rows), "intents_at": sum(row[7] > 0 for row in rows),
        "day": _mean(available, 0), "month": _mean(available, 1), "ratings": _ratings(cx, now),
        "visits": _visits(cx, now), "room": _room(cx, now),
    }  # fmt: skip


def supplies(cx: Cx, now: datetime) -> list[dict[str, Any]]:
    """What is used up, then what will be soonest: as the terminal says, else by the trend of three days."""
    found = cx.execute(_SUPPLIES, {"now": now, "trend": now - TREND, "most": MOST_SUPPLIES})
    return [
        {
            "terminal": terminal, "device": device, "item": item, "left": round(left, 1), "unit": unit,
            "ends": _iso(ends), "days": None if ends is None else round((ends - now).total_seconds() / 86400, 2),
            "trend": trend, "hall_zh": hall_zh, "hall_en": hall_en,
        }
        for terminal, device, item, left, unit, ends, trend, hall_zh, hall_en in found
    ]  # fmt: skip


def terminal(cx: Cx, id_: str, available: Availability, now: datetime, silent_after_s: int) -> dict[str, Any] | None:
    """Everything of one terminal; None when nobody has heard of it."""
    row = cx.execute(
        """SELECT id, site, division, hall_zh, hall_en, online, mode, worst, software, open_intents, heard_at, since,
        first_at, session, seq, metrics FROM terminal WHERE id = %s""",
        (id_,),
    ).fetchone()
    if row is None:
        return None
    heard = max(0, round((now - row[10]).total_seconds()))
    day, month = available.get(id_, (None, None))
    return {
        "id": row[0], "site": row[1], "division": row[2], "hall_zh": row[3], "hall_en": row[4], "mode": row[6],
        "condition": _condition(row[5], row[6], row[7], heard, silent_after_s), "software": row[8],
        "intents": row[9], "heard": heard, "since": _iso(row[11]), "first": _iso(row[12]), "session": row[13],
        "seq": row[14], "metrics": row[15], "day": day, "month": month, "sections": _sections(cx, id_),
        "supplies": _own_supplies(cx, id_), "events": _events(cx, id_), "ratings": _ratings(cx, now, id_),
    }  # fmt: skip


def _sections(cx: Cx, id_: str) -> list[dict[str, Any]]:
    found = cx.execute(
        "SELECT id, state, event, cause, who, since FROM section WHERE terminal = %s ORDER BY id", (id_,)
    )
    order = {"fault": 0, "attention": 1, "unknown": 2, "ok": 3, "absent": 4}
    rows = [
        {
            "id": section, "name": section_name(section), "state": state, "who": who, "since": _iso(since),
            "told": told(section, event, cause) if event or cause else None,
        }
        for section, state, event, cause, who, since in found
    ]  # fmt: skip
    return sorted(rows, key=lambda r: (order.get(str(r["state"]), 5), str(r["id"])))


def _own_supplies(cx: Cx, id_: str) -> list[dict[str, Any]]:
    hours: dict[tuple[str, str], list[float]] = {}
    for device, item, left in cx.execute(
        "SELECT device, item, remaining FROM supply_hour WHERE terminal = %s ORDER BY hour DESC LIMIT 2000", (id_,)
    ):
        hours.setdefault((device, item), []).append(round(left, 1))
    found = cx.execute(
        "SELECT device, item, remaining, unit, ends_at FROM supply WHERE terminal = %s ORDER BY device, item", (id_,)
    )
    return [
        {
            "device": device, "item": item, "left": round(left, 1), "unit": unit, "ends": _iso(ends),
            "hours": hours.get((device, item), [])[:168][::-1],
        }
        for device, item, left, unit, ends in found
    ]  # fmt: skip


def _events(cx: Cx, id_: str) -> list[dict[str, Any]]:
    found = cx.execute(
        """SELECT n, id, class, at, device, severity, detail FROM event WHERE terminal = %s
        ORDER BY at DESC, n DESC LIMIT %s""",
        (id_, MOST_EVENTS),
    )
    return [
        {
            "n": n, "id": event, "class": kind, "at": _iso(at), "device": device, "severity": severity,
            "detail": detail, "told": told(device, event, "") if event in events() else None,
        }
        for n, event, kind, at, device, severity, detail in found
    ]  # fmt: skip


def _condition(online: bool, mode: str, worst: str, heard: int, silent_after_s: int) -> str:
    if not online:
        return "fault" if mode == GIVEN_UP else "offline"
    if heard > silent_after_s:
        return "silent"
    if worst in ("fault", "attention"):
        return worst
    if mode in ("closed", "maintenance", "starting"):
        return "closed"
    return "ok" if worst == "ok" else "unknown"


def _ratings(cx: Cx, now: datetime, id_: str = "") -> dict[str, int]:
    """Stars -> how many in 30 days."""
    since = (now - timedelta(days=30)).astimezone(CITY).date()
    query = _TALLY.replace("GROUP BY", "AND terminal = %s GROUP BY") if id_ else _TALLY
    given = (since, "kiosk_ratings_total%", id_) if id_ else (since, "kiosk_ratings_total%")
    found = {series: int(count) for series, count in cx.execute(query, given)}
    return {str(level): found.get(f'kiosk_ratings_total{{level="{level}"}}', 0) for level in range(1, 6)}


def _visits(cx: Cx, now: datetime) -> dict[str, int]:
    """Way a visit ended -> how many since the city's midnight."""
    found = cx.execute(_TALLY, (now.astimezone(CITY).date(), "kiosk_visits_total%"))
    return {series.partition('"')[2].partition('"')[0]: int(count) for series, count in found}


def _room(cx: Cx, now: datetime) -> dict[str, Any]:
    rows = dict(cx.execute("SELECT key, value FROM room WHERE key IN ('alive', 'odd')").fetchall())
    alive = rows.get("alive")
    age = None if alive is None else round((now - datetime.fromisoformat(alive)).total_seconds())
    return {"written": age, "odd": rows.get("odd", {})}


def _share(part: Any, whole: Any) -> float | None:
    return round(float(part or 0) / float(whole), 4) if whole and float(whole) > 0 else None


def _mean(available: Availability, index: int) -> float | None:
    known = [pair[index] for pair in available.values() if pair[index] is not None]
    return round(sum(x for x in known if x is not None) / len(known), 4) if known else None


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat(timespec="seconds")
