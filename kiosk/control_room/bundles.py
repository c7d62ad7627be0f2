"""Support bundles that terminals bring home: a ticket for each, a folder for this service alone, a row for each look.

A ticket is drawn here, put into an order that the desk signs, and brought back with the bundle; kept of it is its
digest. It is good for one bundle of one terminal; the same bundle again (the answer was lost) is not an error.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import psycopg

from config.fleet_contract import MOST_BUNDLE, TERMINAL

CONNECT_S: Final = 5
STATEMENT_MS: Final = 8000
SPARE: Final = 1 << 30
"""Bytes of the disk that are left to others."""
MOST_REFUSALS: Final = 100
"""Notes about refusals in an hour."""
LONGEST_MIN: Final = 24 * 60
FILE: Final = re.compile(r"[a-z]{2}-[a-z]{2}-[0-9]{4}-[0-9]{8}t[0-9]{6}-[0-9a-f]{8}\.zip")
INCOMING: Final = ".incoming-"
TORN_S: Final = 3600
"""An upload that is so old has ended, whatever it left behind."""


class Refused(Exception):
    """Not taken; `status` is HTTP's, the words are for who sent it."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


@dataclass(frozen=True, slots=True)
class Ticket:
    """One bundle of one terminal, at most `most` bytes. `used`: the SHA-256 of what came with it."""

    digest: str
    terminal: str
    most: int
    used: str | None = None


class Bundles:
    """`folder` is this service's alone. Methods block; they raise `psycopg.Error`, `OSError`."""

    def __init__(self, folder: Path, database: str, each: int, days: int) -> None:
        self.folder = folder
        self._database, self._each, self._days = database, each, days
        self._refusals: deque[datetime] = deque(maxlen=MOST_REFUSALS)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)

    def issue(self, terminal: str, most: int, minutes: int, who: str, now: datetime) -> tuple[str, datetime]:
        """A new ticket and when it ends. Raises `ValueError`."""
        if not TERMINAL.fullmatch(terminal):
            raise ValueError(f"no terminal has such a name: {terminal[:20]!r}")
        if not 1 <= most <= MOST_BUNDLE or not 1 <= minutes <= LONGEST_MIN:
            raise ValueError(
                f"a bundle has at most {MOST_BUNDLE >> 20} MiB, a ticket lasts up to {LONGEST_MIN} minutes"
            )
        token, until = secrets.token_urlsafe(32), now + timedelta(minutes=minutes)
        with self._writing() as cx:
            cx.execute(
                "INSERT INTO ticket (digest, terminal, most, issued_at, expires_at) VALUES (%s, %s, %s, %s, %s)",
                (_digest(token), terminal, most, now, until),
            )
            self._note(cx, now, "issued", terminal, "", who)
        return token, until

    def ticket(self, token: str, terminal: str, now: datetime) -> Ticket:
        """What a token is good for. Raises `Refused`."""
        with self._writing() as cx:
            row = cx.execute(
                "SELECT digest, terminal, most, expires_at, sha256 FROM ticket WHERE digest = %s", (_digest(token),)
            ).fetchone()
        if row is None or row[1] != terminal:
            raise Refused(401, "no such ticket for this terminal")
        if row[4] is None and now >= row[3]:
            raise Refused(410, "the ticket has expired")
        return Ticket(row[0], row[1], row[2], row[4])

    def room_for(self, size: int) -> None:
        """Raises `Refused` where the disk has not enough."""
        if shutil.disk_usage(self.folder).free < size + SPARE:
            raise Refused(507, "the control room's disk is full")

    def incoming(self) -> Path:
        """Where the next upload is written."""
        return self.folder / f"{INCOMING}{secrets.token_hex(8)}"

    def keep(self, ticket: Ticket, came: Path, size: int, sha256: str, now: datetime) -> str:
        """Take what came whole and checked: its name. The ticket is used up. Raises `Refused`."""
        file = f"{ticket.terminal.lower()}-{now:%Y%m%dt%H%M%S}-{sha256[:8]}.zip"
        with self._writing() as cx:
            claimed = cx.execute(
                "UPDATE ticket SET used_at = %s, sha256 = %s WHERE digest = %s AND used_at IS NULL",
                (now, sha256, ticket.digest),
            ).rowcount
            if not claimed:
                raise Refused(409, "the ticket has been used")
            cx.execute(
                "INSERT INTO bundle (file, terminal, at, size, sha256) VALUES (%s, %s, %s, %s, %s)",
                (file, ticket.terminal, now, size, sha256),
            )
            self._note(cx, now, "kept", ticket.terminal, file, "")
            came.rename(self.folder / file)  # before the commit: a row never names a file that is not there
            _synced(self.folder)
        return file

    def refused(self, terminal: str, words: str, now: datetime) -> None:
        """Note that something was not taken; whoever knocks without end does not fill the database."""
        if len(self._refusals) == MOST_REFUSALS and now - self._refusals[0] < timedelta(hours=1):
            return
        self._refusals.append(now)
        with self._writing() as cx:
            self._note(cx, now, "refused", terminal, "", words[:80])

    def opened(self, terminal: str, file: str, who: str, now: datetime) -> Path:
        """The file, for somebody who is noted before he gets it. Raises `Refused`."""
        with self._writing() as cx:
            known = cx.execute("SELECT 1 FROM bundle WHERE file = %s AND terminal = %s", (file, terminal)).fetchone()
            if known is None or not FILE.fullmatch(file) or not (self.folder / file).is_file():
                raise Refused(404, "no such bundle")
            self._note(cx, now, "downloaded", terminal, file, who[:80])
        return self.folder / file

    def trim(self, now: datetime) -> int:
        """Delete what is old, or more than is kept of a terminal, or the rest of an upload; how many bundles."""
        with self._writing() as cx:
            gone = cx.execute(
                """DELETE FROM bundle WHERE at < %s OR file IN (SELECT file FROM (
                    SELECT file, row_number() OVER (PARTITION BY terminal ORDER BY at DESC) AS nth FROM bundle) b
                    WHERE nth > %s) RETURNING terminal, file""",
                (now - timedelta(days=self._days), self._each),
            ).fetchall()
            for terminal, file in gone:
                self._note(cx, now, "deleted", terminal, file, "")
            kept = {file for (file,) in cx.execute("SELECT file FROM bundle")}
        for path in self.folder.iterdir():
            age = now.timestamp() - path.stat().st_mtime
            if (path.name.startswith(INCOMING) and age > TORN_S) or (
                FILE.fullmatch(path.name) and path.name not in kept and age > TORN_S
            ):
                path.unlink(missing_ok=True)
        for _, file in gone:
            (self.folder / file).unlink(missing_ok=True)
        return len(gone)

    @contextmanager
    def _writing(self) -> Iterator[psycopg.Connection[Any]]:
        options = f"-c statement_timeout={STATEMENT_MS} -c timezone=UTC"
        with psycopg.connect(self._database, connect_timeout=CONNECT_S, options=options) as cx:
            yield cx

    @staticmethod
    def _note(cx: psycopg.Connection[Any], now: datetime, act: str, terminal: str, file: str, who: str) -> None:
        cx.execute(
            "INSERT INTO bundle_audit (at, act, terminal, file, who) VALUES (%s, %s, %s, %s, %s)",
            (now, act, terminal, file, who),
        )


def listed(cx: psycopg.Connection[Any], terminal: str) -> list[dict[str, Any]]:
    """Bundles of a terminal, the newest first, with who had them in hand last."""
    found = cx.execute(
        """SELECT b.file, b.at, b.size, b.sha256, count(a.at), max(a.at),
            (array_agg(a.who ORDER BY a.at DESC) FILTER (WHERE a.at IS NOT NULL))[1]
        FROM bundle b LEFT JOIN bundle_audit a ON a.file = b.file AND a.act = 'downloaded'
        WHERE b.terminal = %s GROUP BY b.file, b.at, b.size, b.sha256 ORDER BY b.at DESC""",
        (terminal,),
    )
    return [
        {
            "file": file, "at": at.isoformat(timespec="seconds"), "size": size, "sha256": sha256, "downloads": count,
            "last": None if last is None else last.isoformat(timespec="seconds"), "who": who or "",
        }
        for file, at, size, sha256, count, last, who in found
    ]  # fmt: skip


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _synced(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
