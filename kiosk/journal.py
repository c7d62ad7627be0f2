"""What the terminal remembers over a power cut: a hash chain of entries, intents, and an outbox, in one SQLite file.

One writer thread; WAL with `synchronous=FULL`; every write is one `BEGIN IMMEDIATE` transaction that is on disk when
the call returns. Entries hold references and keyed digests, never personal data; outbox bodies are sealed.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sqlite3
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from kiosk.clock import Clock
from kiosk.intents import FINAL, Intent, Kind, State, WrongTransition, check_transition

T = TypeVar("T")
GENESIS = b"\0" * 32
MAX_BODY_BYTES = 16384
MAX_OUTBOX_ROWS = 100_000

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entry(
    seq INTEGER PRIMARY KEY, at TEXT NOT NULL, visit TEXT NOT NULL, kind TEXT NOT NULL,
    body TEXT NOT NULL, prev BLOB NOT NULL, hash BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS intent(
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, visit TEXT NOT NULL, state TEXT NOT NULL,
    body TEXT NOT NULL, at TEXT NOT NULL, entry INTEGER NOT NULL REFERENCES entry(seq));
CREATE TABLE IF NOT EXISTS outbox(
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, topic TEXT NOT NULL,
    visit TEXT NOT NULL, body BLOB NOT NULL, tries INTEGER NOT NULL DEFAULT 0, at TEXT NOT NULL);
PRAGMA user_version = 1;
"""


class JournalError(Exception):
    """The journal cannot be written or trusted; the message says which file and what to do. No money may move."""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that the platform must still learn. `body` is sealed."""

    number: int
    id: str
    topic: str
    visit: str
    body: bytes
    tries: int
    at: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found: entries read, and the first break in the chain ("" when there is none)."""

    entries: int
    broken: str = ""


def chain_hash(prev: bytes, seq: int, at: str, visit: str, kind: str, body: str) -> bytes:
    """The hash of one entry: SHA-256 over its predecessor's hash and its own fields, separated by NUL."""
    return hashlib.sha256(b"\0".join([prev, *(str(part).encode() for part in (seq, at, visit, kind, body))])).digest()


def canonical(body: Mapping[str, Any]) -> str:
    """JSON with sorted keys and no spaces. Raises `JournalError` when it is too large to be references only."""
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    if len(text.encode()) > MAX_BODY_BYTES:
        raise JournalError(f"journal: a body of {len(text)} characters; at most {MAX_BODY_BYTES} bytes of references")
    return text


class Write:
    """One transaction under way: what it adds stands or falls together."""

    def __init__(self, db: sqlite3.Connection, at: str) -> None:
        self._db = db
        self._at = at

    def entry(self, visit: str, kind: str, body: Mapping[str, Any]) -> int:
        """Append to the chain; returns the sequence number."""
        last = self._db.execute("SELECT seq, hash FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
        seq, prev = (last[0] + 1, last[1]) if last else (1, GENESIS)
        text = canonical(body)
        digest = chain_hash(prev, seq, self._at, visit, kind, text)
        self._db.execute("INSERT INTO entry VALUES(?,?,?,?,?,?,?)", (seq, self._at, visit, kind, text, prev, digest))
        return seq

    def mint(self, intent_id: str, kind: Kind, visit: str, body: Mapping[str, Any]) -> Intent:
        """A new intent in state minted."""
        seq = self.entry(visit, f"{kind}.minted", {"intent": intent_id, **body})
        row = (intent_id, kind, visit, State.MINTED, canonical(body), self._at, seq)
        self._db.execute("INSERT INTO intent VALUES(?,?,?,?,?,?,?)", row)
        return Intent(intent_id, kind, visit, State.MINTED, dict(body), self._at)

    def move(self, intent_id: str, state: State, more: Mapping[str, Any] | None = None) -> Intent:
        """Follow an arrow of `kiosk.intents.TRANSITIONS`, adding to the body. Raises `WrongTransition`."""
        intent = _intent(self._db.execute("SELECT * FROM intent WHERE id=?", (intent_id,)).fetchone())
        if intent is None:
            raise WrongTransition(f"no intent {intent_id}")
        check_transition(intent.kind, intent.state, state)
        body = {**intent.body, **(more or {})}
        seq = self.entry(intent.visit, f"{intent.kind}.{state}", {"intent": intent_id, **(more or {})})
        self._db.execute(
            "UPDATE intent SET state=?, body=?, entry=? WHERE id=?", (state, canonical(body), seq, intent_id)
        )
        return Intent(intent_id, intent.kind, intent.visit, state, body, intent.at)

    def post(self, row_id: str, topic: str, visit: str, sealed: bytes) -> None:
        """Put something sealed into the outbox; the same id twice is one row. Raises `JournalError` when full."""
        if self._db.execute("SELECT count(*) FROM outbox").fetchone()[0] >= MAX_OUTBOX_ROWS:
            raise JournalError(f"outbox: {MAX_OUTBOX_ROWS} rows wait for the platform; nothing more can be taken in")
        self._db.execute(
            "INSERT OR IGNORE INTO outbox(id,topic,visit,body,at) VALUES(?,?,?,?,?)",
            (row_id, topic, visit, sealed, self._at),
        )

    def delivered(self, row_id: str) -> None:
        """The platform has it: delete the body and the row."""
        self._db.execute("DELETE FROM outbox WHERE id=?", (row_id,))

    def tried(self, row_id: str) -> None:
        """Count one try."""
        self._db.execute("UPDATE outbox SET tries=tries+1 WHERE id=?", (row_id,))


def _intent(row: tuple[Any, ...] | None) -> Intent | None:
    return (row and Intent(row[0], Kind(row[1]), row[2], State(row[3]), json.loads(row[4]), row[5])) or None


class Journal:
    """The open journal. All calls may come from the loop; the work happens in one writer thread.

    `hook`, when set, is called with "before" and "after" around every commit: the crash sweep stops the process there.
    """

    def __init__(self, path: Path, clock: Clock) -> None:
        self.path = path
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._db: sqlite3.Connection | None = None
        self.hook: Callable[[str], None] | None = None
        self.quarantined: Path | None = None

    async def open(self) -> Verdict:
        """Open or make the file, check it, put a corrupt one aside (`quarantined`). Raises `JournalError`."""
        return await self._run(self._open)

    def _open(self) -> Verdict:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._connect()
            verdict = _verify(self._handle())
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise JournalError(f"{self.path}: {error}; check the disk and its rights") from error
            self._quarantine()
            self._connect()
            verdict = Verdict(0, f"the file was not a database ({error}); it was put aside")
        except OSError as error:
            raise JournalError(f"{self.path}: {error.strerror}; check the disk and its rights") from error
        return verdict

    def _connect(self) -> None:
        db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=5)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute("PRAGMA foreign_keys=ON")
        db.execute("PRAGMA secure_delete=ON")
        if db.execute("PRAGMA quick_check").fetchone()[0] != "ok":
            db.close()
            raise sqlite3.DatabaseError("quick_check failed")
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version > 1:
            db.close()
            raise JournalError(f"{self.path}: written by a newer version (schema {version}); install that version")
        db.executescript(_SCHEMA)
        self._db = db

    def _quarantine(self) -> None:
        stamp = self._clock.now().strftime("%Y%m%dT%H%M%S")
        target = self.path.with_name(f"{self.path.name}.quarantine-{stamp}")
        for suffix in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                Path(f"{self.path}{suffix}").rename(f"{target}{suffix}")
        self.quarantined = target

    async def write(self, work: Callable[[Write], T]) -> T:
        """Run `work` in one transaction; synced to disk on return. Raises `JournalError`, or what `work` raises."""
        at = self._clock.now().isoformat(timespec="milliseconds")
        return await self._run(lambda: self._write(work, at))

    def _write(self, work: Callable[[Write], T], at: str) -> T:
        db = self._handle()
        try:
            if self.hook:
                self.hook("before")
            db.execute("BEGIN IMMEDIATE")
            try:
                result = work(Write(db, at))
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")
            if self.hook:
                self.hook("after")
        except sqlite3.Error as error:
            with suppress(sqlite3.Error):
                db.execute("ROLLBACK")
            raise JournalError(f"{self.path}: {error}; nothing was written") from error
        return result

    async def note(self, visit: str, kind: str, body: Mapping[str, Any] | None = None) -> None:
        """Append one entry."""
        await self.write(lambda w: w.entry(visit, kind, body or {}))

    async def move(self, intent_id: str, state: State, **more: Any) -> Intent:
        """Move one intent. Raises `WrongTransition`, `JournalError`."""
        return await self.write(lambda w: w.move(intent_id, state, more))

    async def intent(self, intent_id: str) -> Intent | None:
        """One intent by id."""
        return await self._run(
            lambda: _intent(self._handle().execute("SELECT * FROM intent WHERE id=?", (intent_id,)).fetchone())
        )

    async def open_intents(self) -> list[Intent]:
        """Every intent that is not settled, oldest first."""
        return await self._run(self._open_intents)

    def _open_intents(self) -> list[Intent]:
        rows = self._handle().execute("SELECT * FROM intent ORDER BY entry").fetchall()
        intents = [i for i in map(_intent, rows) if i is not None]
        return [i for i in intents if i.state not in FINAL[i.kind]]

    async def visit_intents(self, visit: str) -> list[Intent]:
        """Every intent of one visit, oldest first."""
        rows = await self._run(
            lambda: self._handle().execute("SELECT * FROM intent WHERE visit=? ORDER BY rowid", (visit,)).fetchall()
        )
        return [i for i in map(_intent, rows) if i is not None]

    async def unclosed_visits(self) -> list[str]:
        """Visits that were opened and never closed: a power cut, or the one under way."""
        query = (
            "SELECT visit FROM entry WHERE kind='visit.opened' AND visit NOT IN "
            "(SELECT visit FROM entry WHERE kind='visit.closed') ORDER BY seq"
        )
        return [row[0] for row in await self._run(lambda: self._handle().execute(query).fetchall())]

    async def rows(self, limit: int = 50) -> list[Row]:
        """What waits in the outbox, oldest first."""
        found = await self._run(
            lambda: (
                self._handle()
                .execute("SELECT number,id,topic,visit,body,tries,at FROM outbox ORDER BY number LIMIT ?", (limit,))
                .fetchall()
            )
        )
        return [Row(*row) for row in found]

    async def verify(self) -> Verdict:
        """Walk the whole chain."""
        return await self._run(lambda: _verify(self._handle()))

    async def entries(self, after: int = 0, limit: int = 500) -> list[dict[str, Any]]:
        """Entries with seq > `after`."""
        query = "SELECT seq,at,visit,kind,body FROM entry WHERE seq>? ORDER BY seq LIMIT ?"
        found = await self._run(lambda: self._handle().execute(query, (after, limit)).fetchall())
        return [dict(zip(("seq", "at", "visit", "kind", "body"), row, strict=True)) for row in found]

    async def chain(self, visit: str, limit: int) -> list[dict[str, Any]]:
        """The entries of one visit with their hashes (hex), oldest first; bodies as objects."""
        query = "SELECT seq,at,kind,body,prev,hash FROM entry WHERE visit=? ORDER BY seq LIMIT ?"
        found = await self._run(lambda: self._handle().execute(query, (visit, limit)).fetchall())
        return [
            {"seq": seq, "at": at, "kind": kind, "body": json.loads(body), "prev": prev.hex(), "hash": digest.hex()}
            for seq, at, kind, body, prev, digest in found
        ]

    async def close(self) -> None:
        """Checkpoint and close."""

        def work() -> None:
            if self._db:
                self._db.close()
                self._db = None

        await self._run(work)
        self._thread.shutdown(wait=False)

    def _handle(self) -> sqlite3.Connection:
        if self._db is None:
            raise JournalError(f"{self.path}: not open")
        return self._db

    async def _run(self, work: Callable[[], T]) -> T:
        # Shielded: a citizen who leaves cancels the waiting, never a write half way.
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._thread, work))


def _verify(db: sqlite3.Connection) -> Verdict:
    prev, expected = GENESIS, 1
    for seq, at, visit, kind, body, stored_prev, stored in db.execute("SELECT * FROM entry ORDER BY seq"):
        if seq != expected:
            return Verdict(expected - 1, f"entry {expected} is missing")
        if stored_prev != prev or chain_hash(prev, seq, at, visit, kind, body) != stored:
            return Verdict(expected - 1, f"entry {seq} ({kind}) does not fit the chain")
        prev, expected = stored, seq + 1
    return Verdict(expected - 1)


def verify_file(path: Path) -> Verdict:
    """Walk the chain of a file read-only, with the terminal running or not. Raises `JournalError`."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            return _verify(db)
    except sqlite3.Error as error:
        raise JournalError(f"{path}: {error}") from error
