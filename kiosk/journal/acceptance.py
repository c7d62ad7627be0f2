"""A technician accepts what the terminal may not: a file that was put aside, or a break in the chain. Audited.

The terminal may run: it notices within seconds and takes money again.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from kiosk.journal.chain import BREAK_ACCEPTED, JournalError
from kiosk.journal.file import ACCEPTED, check_all, waiting_aside
from kiosk.journal.writing import Write

_STAFF = re.compile(r"[A-Za-z0-9-]{1,32}")


def accept(path: Path, staff: str, now: datetime) -> list[str]:
    """Record that `staff` (a staff number, not a name) accepts all that waits; gives sentences. Empty: nothing waits.

    Raises `JournalError`.
    """
    if not _STAFF.fullmatch(staff):
        raise JournalError("--by: a staff number of 1 to 32 letters, digits or dashes; no name")
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, isolation_level=None)) as db:
            db.execute("PRAGMA synchronous=FULL")
            db.execute("PRAGMA busy_timeout=5000")
            db.execute("BEGIN IMMEDIATE")
            done = _accept(db, Write(db, now.isoformat(timespec="milliseconds")), staff)
            db.execute("COMMIT")
            return done
    except sqlite3.Error as error:
        raise JournalError(f"{path}: {error}; is this the terminal's journal, and may you write it?") from error


def _accept(db: sqlite3.Connection, write: Write, staff: str) -> list[str]:
    done = []
    for name, head in waiting_aside(db).items():
        write.entry("", ACCEPTED, {"file": name, "head": head, "by": staff})
        done.append(f"accepted: {name}, last good hash {head or 'unknown'}; keep that file")
    verdict = check_all(db)
    while verdict.broken and verdict.break_at:
        body = {"break": verdict.break_at, "found": verdict.break_hash, "why": verdict.broken, "by": staff}
        write.entry("", BREAK_ACCEPTED, body)
        done.append(f"accepted: {verdict.broken}")
        verdict = check_all(db)
    return done
