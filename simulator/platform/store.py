"""What the platform keeps: one SQLite file (WAL). Personal data may be here, it is the city's; it is in no log."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS reply(
    kiosk TEXT, path TEXT, key TEXT, digest TEXT NOT NULL, status INTEGER NOT NULL, body BLOB NOT NULL,
    at TEXT NOT NULL, PRIMARY KEY (kiosk, path, key)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS session(
    id TEXT PRIMARY KEY, kiosk TEXT NOT NULL, level TEXT NOT NULL, number TEXT, name TEXT, card_kind TEXT,
    opened_at TEXT NOT NULL, expires_at TEXT NOT NULL, closed INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS consent(
    id TEXT PRIMARY KEY, session TEXT NOT NULL, purpose TEXT NOT NULL, data_classes TEXT NOT NULL,
    text_version TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS app_match(
    id TEXT PRIMARY KEY, session TEXT NOT NULL, number TEXT NOT NULL, state TEXT NOT NULL, expires_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS payment_order(
    id TEXT PRIMARY KEY, kiosk TEXT NOT NULL, intent TEXT NOT NULL, session TEXT NOT NULL, number TEXT NOT NULL,
    service TEXT NOT NULL, fen INTEGER NOT NULL, expires_at TEXT NOT NULL, state TEXT NOT NULL,
    trace TEXT NOT NULL DEFAULT '', receipt_no TEXT NOT NULL DEFAULT '', masked_card TEXT NOT NULL DEFAULT '',
    at TEXT NOT NULL, UNIQUE (kiosk, intent));
CREATE TABLE IF NOT EXISTS application(
    number TEXT PRIMARY KEY, kiosk TEXT NOT NULL, intent TEXT NOT NULL, citizen TEXT NOT NULL, service TEXT NOT NULL,
    payment_order TEXT UNIQUE, form TEXT NOT NULL, consents TEXT NOT NULL, reviewed_digest TEXT NOT NULL,
    state TEXT NOT NULL, accepted_at TEXT NOT NULL, promise_date TEXT NOT NULL, estimated INTEGER NOT NULL,
    UNIQUE (kiosk, intent));
CREATE TABLE IF NOT EXISTS print(
    jti TEXT PRIMARY KEY, kiosk TEXT NOT NULL, intent TEXT NOT NULL, citizen TEXT NOT NULL, service TEXT NOT NULL,
    serial TEXT NOT NULL UNIQUE, identifier TEXT NOT NULL, document TEXT NOT NULL, state TEXT NOT NULL,
    pages INTEGER NOT NULL DEFAULT 0, evidence TEXT NOT NULL DEFAULT '{}', expires_at TEXT NOT NULL,
    at TEXT NOT NULL, copies INTEGER NOT NULL DEFAULT 1, UNIQUE (kiosk, intent));
CREATE TABLE IF NOT EXISTS void_certificate(
    identifier TEXT PRIMARY KEY, since TEXT NOT NULL, reason TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS counter(name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""


class Store:
    """The database. `db_path` may be `:memory:`; `schemas` are the areas' own tables. One transaction at a time, also
    between threads."""

    def __init__(self, db_path: Path | str, schemas: Iterable[str] = ()) -> None:
        if str(db_path) != ":memory:":
            Path(db_path).parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._cx = sqlite3.connect(str(db_path), check_same_thread=False, isolation_level=None, timeout=5)
        self._cx.row_factory = sqlite3.Row
        self._cx.execute("PRAGMA journal_mode=WAL")
        for schema in (_SCHEMA, *schemas):
            self._cx.executescript(schema)
        if "copies" not in {row["name"] for row in self._cx.execute("PRAGMA table_info(print)")}:  # an earlier file
            self._cx.execute("ALTER TABLE print ADD COLUMN copies INTEGER NOT NULL DEFAULT 1")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Everything or nothing; nothing inside may wait."""
        with self._lock:
            self._cx.execute("BEGIN IMMEDIATE")
            try:
                yield self._cx
            except BaseException:
                self._cx.execute("ROLLBACK")
                raise
            self._cx.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._cx.close()


def count(cx: sqlite3.Connection, name: str) -> int:
    """The next number of a series, from 1, without gaps that a rollback did not make."""
    cx.execute(
        "INSERT INTO counter VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1",
        (name,),
    )
    return int(cx.execute("SELECT value FROM counter WHERE name = ?", (name,)).fetchone()["value"])
