"""Entries for people to read, from a file that may be in use; memory does not grow with their number."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from kiosk.journal.chain import JournalError
from kiosk.journal.file import read_only

PAGE = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries: after a number, the last so many (0 all), of one visit, of kinds that begin so."""

    after: int = 0
    last: int = 0
    visit: str = ""
    kind: str = ""


def listed(path: Path, wanted: Wanted) -> Iterator[tuple[int, str, str, str, str]]:
    """(seq, at, visit, kind, body) of what is wanted, in order. Raises `JournalError`."""
    where = "seq>? AND (?='' OR visit=?) AND substr(kind,1,?)=?"
    only = (wanted.visit, wanted.visit, len(wanted.kind), wanted.kind)
    try:
        with closing(read_only(path)) as db:
            at = wanted.after
            if wanted.last:
                query = f"SELECT min(seq) FROM (SELECT seq FROM entry WHERE {where} ORDER BY seq DESC LIMIT ?)"  # noqa: S608 - a constant
                first = db.execute(query, (at, *only, wanted.last)).fetchone()[0]
                at = max(at, (first or 1) - 1)
            query = f"SELECT seq,at,visit,kind,body FROM entry WHERE {where} ORDER BY seq LIMIT {PAGE}"  # noqa: S608 - constants
            while page := db.execute(query, (at, *only)).fetchall():
                yield from page
                at = page[-1][0]
    except sqlite3.Error as error:
        raise JournalError(f"{path}: {error}") from error
