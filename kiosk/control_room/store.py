"""Writing the database: one transaction a batch, the same batch again until it is in. PostgreSQL by psycopg 3."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import psycopg
from psycopg.types.json import Jsonb

from kiosk.control_room.holding import Held, Key, walked
from kiosk.control_room.ledger import Changes, Known
from kiosk.control_room.migrations import migrate

log = logging.getLogger(__name__)
CONNECT_S: Final = 10
STATEMENT_MS: Final = 30_000
TRIM_ROWS: Final = 20_000
"""Old rows that are deleted at a time, so that nobody waits for it."""
STEP: Final = 1000
"""Events of one chain that are walked at a time."""
DARK_S: Final = 60
"""A pause of the room longer than this counts as time of which nothing is known."""

_ROOM = "INSERT INTO room VALUES (%s, %s) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
_TERMINALS = """
INSERT INTO terminal (id, site, session, online, mode, worst, software, open_intents, state_at, heard_at, since,
    first_at, born, seq, hall_zh, hall_en, division, metrics)
SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::bool[], %s::text[], %s::text[], %s::text[], %s::int[],
    %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::timestamptz[], %s::bool[], %s::bigint[], %s::text[],
    %s::text[], %s::text[], %s::jsonb[])
ON CONFLICT (id) DO UPDATE SET site = excluded.site, session = excluded.session, online = excluded.online,
    mode = excluded.mode, worst = excluded.worst, software = excluded.software, open_intents = excluded.open_intents,
    state_at = excluded.state_at, heard_at = excluded.heard_at, since = excluded.since, born = excluded.born,
    seq = excluded.seq, hall_zh = excluded.hall_zh, hall_en = excluded.hall_en, division = excluded.division,
    metrics = excluded.metrics"""
_SECTIONS = """
INSERT INTO section (terminal, id, state, event, cause, who, since)
SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[])
ON CONFLICT (terminal, id) DO UPDATE SET state = excluded.state, event = excluded.event, cause = excluded.cause,
    who = excluded.who, since = excluded.since"""
_SUPPLIES = """
INSERT INTO supply (terminal, device, item, remaining, unit, ends_at, at)
SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::real[], %s::text[], %s::timestamptz[], %s::timestamptz[])
ON CONFLICT (terminal, device, item) DO UPDATE SET remaining = excluded.remaining, unit = excluded.unit,
    ends_at = excluded.ends_at, at = excluded.at"""
_SUPPLY_HOURS = """
INSERT INTO supply_hour (terminal, device, item, hour, remaining)
SELECT t, d, i, date_trunc('hour', a), r
FROM unnest(%s::text[], %s::text[], %s::text[], %s::real[], %s::timestamptz[]) AS u (t, d, i, r, a)
ON CONFLICT (terminal, device, item, hour) DO UPDATE SET remaining = excluded.remaining"""
_EVENTS = """
INSERT INTO event (terminal, chain, n, session, id, class, at, heard_at, device, severity, detail, after)
SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::timestamptz[],
    %s::timestamptz[], %s::text[], %s::text[], %s::jsonb[], %s::bigint[])
ON CONFLICT (terminal, chain, n) DO NOTHING"""
_NEARER = """
UPDATE event SET after = u.after FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::bigint[])
    AS u (terminal, chain, n, after)
WHERE event.terminal = u.terminal AND event.chain = u.chain AND event.n = u.n
    AND (event.after IS NULL OR event.after > u.after)"""
"""Told again after less: what lay between is not for the fleet any more."""
_HOLD = """
INSERT INTO held (terminal, chain, n, at) SELECT * FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::timestamptz[])
ON CONFLICT (terminal, chain) DO UPDATE SET n = greatest(held.n, excluded.n), at = excluded.at"""
_BEYOND = """
SELECT h.terminal, h.chain, h.n, e.n, e.after
FROM unnest(%s::text[], %s::text[]) AS u (terminal, chain) JOIN held h USING (terminal, chain)
LEFT JOIN LATERAL (
    SELECT n, after FROM event WHERE terminal = h.terminal AND chain = h.chain AND n > h.n ORDER BY n LIMIT %s
) e ON true ORDER BY h.terminal, h.chain, e.n"""
_HELD = """
UPDATE held SET n = greatest(held.n, u.n) FROM unnest(%s::text[], %s::text[], %s::bigint[]) AS u (terminal, chain, n)
WHERE held.terminal = u.terminal AND held.chain = u.chain"""
_SPELL_ENDS = """
UPDATE spell SET until = greatest(since, u.at) FROM unnest(%s::text[], %s::timestamptz[]) AS u (t, at)
WHERE spell.terminal = u.t AND spell.until IS NULL"""
_SPELL_BEGINS = """
INSERT INTO spell (terminal, since, serving) SELECT * FROM unnest(%s::text[], %s::timestamptz[], %s::bool[])
ON CONFLICT (terminal, since) DO UPDATE SET serving = excluded.serving, until = NULL"""
_TALLIES = """
INSERT INTO tally (terminal, day, series, count)
SELECT * FROM unnest(%s::text[], %s::date[], %s::text[], %s::bigint[])
ON CONFLICT (terminal, day, series) DO UPDATE SET count = tally.count + excluded.count"""


class Store:
    """One connection for one writer. Every method raises `psycopg.Error`; after it, `connect` again."""

    def __init__(self, database: str) -> None:
        self._database = database
        self._cx: psycopg.Connection[Any] | None = None
        self.events = 0
        """Events that were new."""

    def connect(self) -> None:
        """A new connection, the schema at its newest step. Raises also `SchemaTooNew`."""
        self.close()
        options = f"-c statement_timeout={STATEMENT_MS} -c timezone=UTC"
        cx = psycopg.connect(self._database, connect_timeout=CONNECT_S, options=options, autocommit=True)
        try:
            for number in migrate(cx):
                log.info("schema: step %d taken", number)
        except BaseException:
            cx.close()
            raise
        self._cx = cx

    def close(self) -> None:
        """Close the connection."""
        if self._cx is not None:
            self._cx.close()
            self._cx = None

    def known(self, now: datetime) -> dict[str, Known]:
        """What was believed when the room last wrote. After a pause, open spells end where the room last wrote."""
        cx = self._open()
        with cx.transaction():
            row = cx.execute("SELECT value FROM room WHERE key = 'alive'").fetchone()
            alive = datetime.fromisoformat(row[0]) if row else None
            if alive is not None and now - alive > timedelta(seconds=DARK_S):
                cx.execute("UPDATE spell SET until = greatest(since, %s) WHERE until IS NULL", (alive,))
            rows = cx.execute(
                """SELECT t.id, t.site, t.session, t.online, t.mode, t.worst, t.software, t.open_intents, t.state_at,
                    t.heard_at, t.since, t.first_at, t.born, t.seq, t.hall_zh, t.hall_en, t.division, t.metrics,
                    s.serving FROM terminal t LEFT JOIN spell s ON s.terminal = t.id AND s.until IS NULL"""
            ).fetchall()
        return {
            r[0]: Known(
                site=r[1], session=r[2], online=r[3], mode=r[4], worst=r[5], software=r[6], open_intents=r[7],
                state_at=r[8], heard_at=r[9], since=r[10], first_at=r[11], born=r[12], seq=r[13], hall_zh=r[14],
                hall_en=r[15], division=r[16], metrics=r[17], serving=r[18],
            )
            for r in rows
        }  # fmt: skip

    def write(self, changes: Changes) -> None:
        """All of it or nothing; once, also when the answer to the commit before was lost."""
        cx = self._open()
        with cx.transaction():
            row = cx.execute("SELECT value FROM room WHERE key = 'batch'").fetchone()
            if row is not None and row[0] == changes.id:
                return
            cx.execute(_ROOM, ("batch", Jsonb(changes.id)))
            self._terminals(cx, changes)
            self._rows(cx, changes)
            self._spells(cx, changes)
            if changes.tallies:
                flat = [(*key, count) for key, count in changes.tallies.items()]
                cx.execute(_TALLIES, _columns(flat, 4))
            new = self._events(cx, changes)
        self.events += new

    def hold(self, wanted: Mapping[Key, int], now: datetime) -> dict[Key, Held]:
        """How far each chain is there without a hole; `wanted`: how far its terminal knows that already."""
        cx = self._open()
        found: dict[Key, Held] = {}
        left = sorted(wanted)
        with cx.transaction():
            # Sorted: two writers that lock the same rows must do so in one order.
            cx.execute(_HOLD, _columns([(*key, wanted[key], now) for key in left], 4))
            while left:
                rows: dict[Key, list[tuple[int, int | None]]] = {key: [] for key in left}
                base: dict[Key, int] = {}
                for terminal, chain, n, number, after in cx.execute(_BEYOND, (*_columns(left, 2), STEP)):
                    base[terminal, chain] = n
                    if number is not None:
                        rows[terminal, chain].append((number, after))
                moved = {key: walked(base[key], rows[key]) for key in left}
                cx.execute(_HELD, _columns([(*key, held.n) for key, held in moved.items()], 3))
                found |= moved
                left = [key for key in left if not moved[key].hole and len(rows[key]) == STEP]
        return found

    def alive(self, now: datetime, odd: Mapping[str, int]) -> None:
        """The room writes; `odd` is what it could not use, by reason."""
        cx = self._open()
        with cx.transaction():
            for key, value in (("alive", now.isoformat()), ("odd", dict(odd))):
                cx.execute(_ROOM, (key, Jsonb(value)))

    def trim(self, now: datetime, keep_days: int) -> int:
        """Delete some of what is older than it is kept; how many rows."""
        cx = self._open()
        old, samples = now - timedelta(days=keep_days), now - timedelta(days=40)
        gone = 0
        for table, condition, at in (
            ("event", "heard_at < %s", old),
            ("spell", "until < %s", old),
            ("tally", "day < %s", old.date()),
            ("held", "at < %s", old),
            ("ticket", "expires_at < %s", old),
            ("bundle_audit", "at < %s", old),
            ("supply_hour", "hour < %s", samples),
        ):
            gone += cx.execute(
                f"DELETE FROM {table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table} WHERE {condition} LIMIT %s))",  # noqa: S608 - both are of the table above
                (at, TRIM_ROWS),
            ).rowcount
        return gone

    def _open(self) -> psycopg.Connection[Any]:
        if self._cx is None or self._cx.closed:
            raise psycopg.OperationalError("no connection to the database")
        return self._cx

    @staticmethod
    def _terminals(cx: psycopg.Connection[Any], changes: Changes) -> None:
        rows = [
            (
                name, k.site, k.session, k.online, k.mode, k.worst, k.software, k.open_intents, k.state_at, k.heard_at,
                k.since, k.first_at, k.born, k.seq, k.hall_zh, k.hall_en, k.division, json.dumps(k.metrics),
            )
            for name, k in sorted(changes.terminals.items())
        ]  # fmt: skip
        if rows:
            cx.execute(_TERMINALS, _columns(rows, 18))

    @staticmethod
    def _rows(cx: psycopg.Connection[Any], changes: Changes) -> None:
        if changes.reborn:
            for table in ("section", "supply"):
                cx.execute(f"DELETE FROM {table} WHERE terminal = ANY(%s)", (list(changes.reborn),))  # noqa: S608 - one of these two
        sections = [
            (name, s.id, s.state, s.event, s.cause, s.who, s.since)
            for name, held in changes.sections.items() for s in held.values()
        ]  # fmt: skip
        if sections:
            cx.execute(_SECTIONS, _columns(sections, 7))
        supplies = [(name, s, at) for name, held in changes.supplies.items() for s, at in held.values()]
        if supplies:
            full = [(name, s.device, s.item, s.left, s.unit, s.ends_at, at) for name, s, at in supplies]
            cx.execute(_SUPPLIES, _columns(full, 7))
            cx.execute(_SUPPLY_HOURS, _columns([(name, s.device, s.item, s.left, at) for name, s, at in supplies], 5))

    @staticmethod
    def _spells(cx: psycopg.Connection[Any], changes: Changes) -> None:
        for turn in range(max(map(len, changes.spells.values()), default=0)):
            rows = [(name, s[turn].at, s[turn].serving) for name, s in changes.spells.items() if len(s) > turn]
            columns = _columns(rows, 3)
            cx.execute(_SPELL_ENDS, columns[:2])
            cx.execute(_SPELL_BEGINS, columns)

    @staticmethod
    def _events(cx: psycopg.Connection[Any], changes: Changes) -> int:
        if not changes.events:
            return 0
        # The same number twice in a batch: the first one's words, the nearer of the two before it.
        once: dict[tuple[str, str, int], tuple[Any, ...]] = {}
        for t, e, at in changes.events:
            row = once.get((t, e.chain, e.n))
            if row is None:
                detail = json.dumps(e.detail)
                row = (t, e.chain, e.n, e.session, e.id, e.kind, e.at, at, e.device, e.severity, detail, e.after)
            elif e.after is not None and (row[11] is None or e.after < row[11]):
                row = (*row[:11], e.after)
            once[t, e.chain, e.n] = row
        new = cx.execute(_EVENTS, _columns(list(once.values()), 12)).rowcount
        if new < len(once):
            cx.execute(_NEARER, _columns([(*key, row[11]) for key, row in once.items() if row[11] is not None], 4))
        return new


def _columns(rows: list[tuple[Any, ...]], width: int) -> list[list[Any]]:
    """Rows as one list a column, as `unnest` wants them."""
    return [[row[index] for row in rows] for index in range(width)]
