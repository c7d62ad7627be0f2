"""The journal's file: its tables, a connection that syncs, its check, and putting a corrupt one aside."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.intents import FINAL, Kind, State
from kiosk.journal.chain import GENESIS, JournalError, Verdict, Walk
from kiosk.owners import make_for_owner

SCHEMA_VERSION = 1
SCHEMAS_READ = frozenset({1})
"""Schemas that this version opens and goes on with; an update must write one of these, or nobody could go back."""
TAIL_ENTRIES = 20_000
"""Entries that are checked before the terminal starts; the rest is checked beside its work."""
SMALL_FILE_BYTES = 64 << 20
"""Up to this size SQLite's own check of the pages runs before the start."""
CHUNK_ENTRIES = 1000
MAX_OPEN_LISTED = 50
SET_ASIDE = ("journal.quarantined", "journal.lost")
ACCEPTED = "journal.quarantine-accepted"
_HOLD_KINDS = "kind IN ('journal.quarantined','journal.lost','journal.quarantine-accepted')"
STAFF_KINDS = "substr(kind,1,10)='technician'"
"""What technicians did and tried: few among many, and asked for at every gesture."""
_ROW = "seq,at,visit,kind,body,prev,hash"
_SUFFIXES = ("", "-wal", "-shm")

SCHEMA = f"""
CREATE TABLE IF NOT EXISTS entry(
    seq INTEGER PRIMARY KEY, at TEXT NOT NULL, visit TEXT NOT NULL, kind TEXT NOT NULL,
    body TEXT NOT NULL, prev BLOB NOT NULL, hash BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS intent(
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, visit TEXT NOT NULL, state TEXT NOT NULL,
    body TEXT NOT NULL, at TEXT NOT NULL, entry INTEGER NOT NULL REFERENCES entry(seq));
CREATE TABLE IF NOT EXISTS outbox(
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, topic TEXT NOT NULL,
    visit TEXT NOT NULL, body BLOB NOT NULL, tries INTEGER NOT NULL DEFAULT 0, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS probe(one INTEGER PRIMARY KEY CHECK(one=1), written INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS entry_visit ON entry(visit);
CREATE INDEX IF NOT EXISTS entry_hold ON entry(kind) WHERE {_HOLD_KINDS};
CREATE INDEX IF NOT EXISTS entry_staff ON entry(kind) WHERE {STAFF_KINDS};
CREATE INDEX IF NOT EXISTS intent_visit ON intent(visit);
PRAGMA user_version = {SCHEMA_VERSION};
"""

STRAY_INTENT = (
    "SELECT i.id FROM intent i LEFT JOIN entry e ON e.seq=i.entry WHERE e.seq IS NULL "
    "OR e.kind<>i.kind||'.'||i.state OR instr(e.body, i.id)=0 LIMIT 1"
)
"""An intent whose last entry does not say what its row says."""


def connect(path: Path) -> sqlite3.Connection:
    """A connection that syncs every commit, to a file that is well or new.

    Raises `sqlite3.Error`, and `JournalError` for a file of a newer version.
    """
    make_for_owner(path)
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
    db.text_factory = _text
    try:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute("PRAGMA foreign_keys=ON")
        db.execute("PRAGMA secure_delete=ON")
        if path.stat().st_size <= SMALL_FILE_BYTES:
            check_pages(db)
        _known_version(db, path)
        db.executescript(SCHEMA)
    except BaseException:
        db.close()
        raise
    return db


def _known_version(db: sqlite3.Connection, path: Path) -> None:
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise JournalError(f"{path}: written by a newer version (schema {version}); install that version")


def read_only(path: Path) -> sqlite3.Connection:
    """A connection that cannot write, with the terminal running or not."""
    db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False, timeout=5)
    db.text_factory = _text
    return db


def _text(raw: bytes) -> str:
    # A flipped bit in a text is a broken chain with a place, not a program error.
    return raw.decode("utf-8", "replace")


def check_pages(db: sqlite3.Connection) -> None:
    """Raise `sqlite3.DatabaseError` when SQLite finds a page that does not fit."""
    found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise sqlite3.DatabaseError(f"quick_check: {found}")


def check_tail(db: sqlite3.Connection) -> Verdict:
    """The verdict on the last `TAIL_ENTRIES` entries and on every intent."""
    last = db.execute("SELECT max(seq) FROM entry").fetchone()[0] or 0
    first = max(1, last - TAIL_ENTRIES + 1)
    before = db.execute("SELECT hash FROM entry WHERE seq=?", (first - 1,)).fetchone()
    walk = Walk(before[0], first) if before and isinstance(before[0], bytes) else Walk(GENESIS, first)
    for row in db.execute(f"SELECT {_ROW} FROM entry WHERE seq>=? ORDER BY seq", (first,)):  # noqa: S608 - constants
        walk.take(row)
    return with_intents(db, walk.verdict())


def check_all(db: sqlite3.Connection) -> Verdict:
    """The verdict on the whole chain and on every intent."""
    walk = Walk()
    for row in db.execute(f"SELECT {_ROW} FROM entry ORDER BY seq"):  # noqa: S608 - constants
        walk.take(row)
    return with_intents(db, walk.verdict())


def with_intents(db: sqlite3.Connection, verdict: Verdict) -> Verdict:
    """The same verdict, or that an intent does not agree with the chain."""
    stray = None if verdict.broken else db.execute(STRAY_INTENT).fetchone()
    if stray is None:
        return verdict
    return Verdict(verdict.entries, f"the intent {stray[0]} is not as the chain says", verdict.head)


def chunk(path: Path, walk: Walk) -> bool:
    """Walk the next entries on a connection of its own; true when there may be more. Raises `sqlite3.Error`."""
    with closing(read_only(path)) as db:
        rows = db.execute(
            f"SELECT {_ROW} FROM entry WHERE seq>? ORDER BY seq LIMIT ?",  # noqa: S608 - constants
            (walk.seq, CHUNK_ENTRIES),
        ).fetchall()
    for row in rows:
        walk.take(row)
    return len(rows) == CHUNK_ENTRIES


def check_rest(path: Path, verdict: Verdict) -> Verdict:
    """After the last chunk: SQLite's own check of the pages, and the intents. Raises `sqlite3.Error`."""
    with closing(read_only(path)) as db:
        check_pages(db)
        return with_intents(db, verdict)


def verify_file(path: Path) -> Verdict:
    """Walk the chain of a file read-only, with the terminal running or not. Raises `JournalError`."""
    try:
        with closing(read_only(path)) as db:
            return check_all(db)
    except sqlite3.Error as error:
        raise JournalError(f"{path}: {error}") from error


def waiting_aside(db: sqlite3.Connection) -> dict[str, str]:
    """Files put aside that no technician has accepted, each with the last good hash that is on record for it."""
    waiting: dict[str, str] = {}
    query = f"SELECT kind,body FROM entry WHERE {_HOLD_KINDS} ORDER BY seq"  # noqa: S608 - constants
    for kind, text in db.execute(query):
        body = json.loads(text)
        if kind == ACCEPTED:
            waiting.pop(str(body.get("file")), None)
        else:
            waiting[str(body.get("file"))] = str(body.get("head", ""))
    return waiting


@dataclass(slots=True)
class Salvage:
    """What a file that was put aside still tells: its verdict up to the damage, and intents that were open."""

    verdict: Verdict
    open: dict[str, str] = field(default_factory=dict)


def set_aside(path: Path, stamp: str) -> Path:
    """Rename the file set; nothing of it is changed. Raises `OSError`."""
    target = path.with_name(f"{path.name}.quarantine-{stamp}")
    number = 1
    while target.exists():
        number += 1
        target = path.with_name(f"{path.name}.quarantine-{stamp}-{number}")
    for suffix in _SUFFIXES:
        with suppress(FileNotFoundError):
            Path(f"{path}{suffix}").rename(f"{target}{suffix}")
    return target


def salvage(path: Path) -> Salvage:
    """Read a damaged file as far as it goes, without touching it; never raises for what it holds."""
    walk, found = Walk(), Salvage(Verdict(0))
    with suppress(sqlite3.Error, OSError, ValueError):
        for row in _rows_immutable(path):
            walk.take(row)
            _follow(found.open, row[3], row[4])
    found.verdict = walk.verdict()
    return found


def _rows_immutable(path: Path) -> Iterator[tuple[object, ...]]:
    # Immutable: SQLite neither recovers nor makes files; what stands only in the WAL is then not seen, so ro first.
    try:
        with closing(read_only(path)) as db:
            yield from db.execute(f"SELECT {_ROW} FROM entry ORDER BY seq")  # noqa: S608 - constants
    except sqlite3.OperationalError:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?immutable=1", uri=True)) as db:
            db.text_factory = _text
            yield from db.execute(f"SELECT {_ROW} FROM entry ORDER BY seq")  # noqa: S608 - constants


def _follow(opened: dict[str, str], kind: object, text: object) -> None:
    """Keep which intents are open by what the chain says of them; at most `MAX_OPEN_LISTED` of them."""
    name, _, state = str(kind).partition(".")
    if name not in set(Kind) or state not in set(State):
        return
    intent = str(json.loads(str(text)).get("intent", ""))[:80]
    opened.pop(intent, None)
    if State(state) not in FINAL[Kind(name)] and len(opened) < MAX_OPEN_LISTED:
        opened[intent] = str(kind)


OPEN_INTENTS = "SELECT * FROM intent WHERE NOT ({}) ORDER BY entry".format(  # noqa: S608 - constants of kiosk.intents
    " OR ".join(
        "(kind='{}' AND state IN ({}))".format(kind, ",".join(f"'{state}'" for state in sorted(final)))
        for kind, final in FINAL.items()
    )
)
"""Every intent that is not settled, oldest first."""
