"""The open journal: one writer thread, every write synced, trouble noticed and healed."""

from __future__ import annotations

import asyncio
import logging
import os
import sqlite3
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from kiosk.clock import Clock
from kiosk.intents import Intent, State
from kiosk.journal import file
from kiosk.journal.chain import JournalError, Verdict, Walk, canonical
from kiosk.journal.reads import Reads
from kiosk.journal.writing import Write

log = logging.getLogger(__name__)
T = TypeVar("T")
MIN_FREE_BYTES = 16 << 20
"""Below this no new act begins, so that those under way can still be written to their end."""
MAX_LATE = 500
PAUSE_BETWEEN_CHUNKS_S = 0.02
_CORRUPT = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


@dataclass(frozen=True, slots=True)
class _Late:
    at: str
    visit: str
    kind: str
    body: Mapping[str, Any]


class Journal(Reads):
    """All calls may come from the loop; the work happens in one writer thread.

    `trouble` says why it cannot be written now ("" when it can), `hold` why no money may move although it can.
    `hook`, when set, is called with "before" and "after" around every commit: the crash sweep stops the process there.
    """

    def __init__(self, path: Path, clock: Clock, *, min_free_bytes: int = MIN_FREE_BYTES) -> None:
        self.path = path
        self.trouble = ""
        self.hook: Callable[[str], None] | None = None
        self.quarantined: Path | None = None
        self._clock = clock
        self._min_free = min_free_bytes
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._db: sqlite3.Connection | None = None
        self._inode = 0
        self._known = False
        self._broken = ""
        self._aside: dict[str, str] = {}
        self._late: deque[_Late] = deque()

    @property
    def hold(self) -> str:
        """Why money stays locked until a technician has looked; "" when nothing holds it."""
        if self._broken:
            return f"the journal's chain is broken ({self._broken}); a technician must look at it"
        if self._aside:
            return f"{next(iter(self._aside))} was put aside; a technician must accept that (kiosk journal)"
        return ""

    async def open(self) -> Verdict:
        """Open or make the file, check it, put a corrupt one aside (`quarantined`). Raises `JournalError`."""
        verdict = await self._run(self._open)
        self.trouble = ""
        return verdict

    def _open(self) -> Verdict:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            gone = self._known and not self.path.exists()
            try:
                verdict = self._connect()
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                verdict = self._begin_anew(error)
            if gone:
                verdict = self._lost()
            self._aside = file.waiting_aside(self._handle())
        except sqlite3.Error as error:
            raise self._in_trouble(f"{self.path}: {error}; check the disk and its rights") from error
        except OSError as error:
            raise self._in_trouble(f"{self.path}: {error.strerror}; check the disk and its rights") from error
        except JournalError as error:
            raise self._in_trouble(str(error)) from error
        return verdict

    def _connect(self) -> Verdict:
        self._db = file.connect(self.path)
        self._inode = self.path.stat().st_ino
        self._known = True
        try:
            verdict = file.check_tail(self._db)
        except BaseException:
            self._drop()
            raise
        self._broken = verdict.broken
        return verdict

    def _begin_anew(self, error: sqlite3.Error) -> Verdict:
        """Put the corrupt file aside; the new chain begins with its name and its last good hash."""
        self._drop()
        aside = file.set_aside(self.path, self._clock.now().strftime("%Y%m%dT%H%M%S"))
        self.quarantined = aside
        told = file.salvage(aside)
        self._connect()
        good = told.verdict
        body = {
            "file": aside.name, "why": str(error)[:200], "entries": good.entries, "head": good.head,
            "open": dict(told.open),
        }  # fmt: skip
        self._append("", "journal.quarantined", body)
        log.error("journal: %s is corrupt (%s); it is now %s", self.path, error, aside.name)
        return Verdict(0, f"the file was not a database ({error}); it was put aside", good.head)

    def _lost(self) -> Verdict:
        """The file was there and is gone: a new one must not look as if nothing had ever been."""
        self._append("", "journal.lost", {"file": self.path.name})
        log.error("journal: %s is gone; a new one was begun", self.path)
        return Verdict(0, "the file is gone; a new one was begun")

    def _append(self, visit: str, kind: str, body: Mapping[str, Any]) -> None:
        at = self._clock.now().isoformat(timespec="milliseconds")
        db = self._handle()
        db.execute("BEGIN IMMEDIATE")
        Write(db, at).entry(visit, kind, body)
        db.execute("COMMIT")

    # Writing

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
                with suppress(sqlite3.Error):
                    db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")
            if self.hook:
                self.hook("after")
        except sqlite3.Error as error:
            with suppress(sqlite3.Error):
                db.execute("ROLLBACK")
            raise self._failed(error, "nothing was written") from error
        return result

    async def note(self, visit: str, kind: str, body: Mapping[str, Any] | None = None) -> None:
        """Append one entry. While the disk refuses it is kept in memory and written late, with the time it was made.

        Raises `JournalError` when it is no entry, or when too many wait already. What must be on disk before
        something is done uses `write`.
        """
        told = dict(body or {})
        canonical(told)
        at = self._clock.now().isoformat(timespec="milliseconds")
        try:
            await self._run(lambda: self._write(lambda w: w.entry(visit, kind, told), at))
        except JournalError:
            if not self.trouble or len(self._late) >= MAX_LATE:
                raise
            self._late.append(_Late(at, visit, kind, told))

    async def move(self, intent_id: str, state: State, **more: Any) -> Intent:
        """Move one intent. Raises `WrongTransition`, `JournalError`."""
        return await self.write(lambda w: w.move(intent_id, state, more))

    # Trouble

    async def probe(self) -> str:
        """Write for real, opening the file again if that is what it takes; gives `trouble` as it is now."""
        with suppress(JournalError):
            await self._run(self._probe)
        return self.trouble

    def _probe(self) -> None:
        if self._db is None or self.trouble or self._replaced():
            self._drop()
            self._open()
        db = self._handle()
        try:
            db.execute("BEGIN IMMEDIATE")
            db.execute("INSERT INTO probe VALUES(1,1) ON CONFLICT(one) DO UPDATE SET written=written+1")
            db.execute("COMMIT")
            self._aside = file.waiting_aside(db)
            space = os.statvfs(self.path.parent)
        except sqlite3.Error as error:
            with suppress(sqlite3.Error):
                db.execute("ROLLBACK")
            raise self._failed(error, "the probe was not written") from error
        except OSError as error:
            raise self._in_trouble(f"{self.path.parent}: {error.strerror}") from error
        free = space.f_bavail * space.f_frsize
        if free < self._min_free:
            wanted = f"{free >> 20} MiB free, {self._min_free >> 20} needed"
            raise self._in_trouble(f"{self.path.parent}: {wanted}; make room")
        self.trouble = ""
        self._write_late()

    def _write_late(self) -> None:
        if not self._late:
            return
        waiting = list(self._late)

        def work(write: Write) -> None:
            for late in waiting:
                write.entry(late.visit, late.kind, {**late.body, "late": late.at})

        self._write(work, self._clock.now().isoformat(timespec="milliseconds"))
        for _ in waiting:
            self._late.popleft()

    def _replaced(self) -> bool:
        try:
            return self.path.stat().st_ino != self._inode
        except OSError:
            return True

    def _failed(self, error: sqlite3.Error, what: str) -> JournalError:
        """The error for a statement that failed; an error of the file, not of the statement, is trouble."""
        words = f"{self.path}: {error}; {what}"
        if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError | sqlite3.InterfaceError):
            return JournalError(words)
        if (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _CORRUPT:
            self._drop()
        return self._in_trouble(words)

    def _in_trouble(self, words: str) -> JournalError:
        if not self.trouble:
            log.error("journal: %s", words)
        self.trouble = words
        return JournalError(words)

    # The whole chain

    async def verify(self) -> Verdict:
        """Walk the whole chain now, in one go."""
        return await self._run(lambda: file.check_all(self._handle()))

    async def verify_aside(self, pause_s: float = PAUSE_BETWEEN_CHUNKS_S) -> Verdict:
        """Walk the whole chain in small pieces beside the terminal's work, and note a break. Raises `JournalError`."""
        loop = asyncio.get_running_loop()
        walk = Walk()
        try:
            while await loop.run_in_executor(None, file.chunk, self.path, walk):  # noqa: ASYNC110 - a pause, not a wait
                await asyncio.sleep(pause_s)
            verdict = await loop.run_in_executor(None, file.check_rest, self.path, walk.verdict())
        except sqlite3.OperationalError as error:
            raise JournalError(f"{self.path}: {error}") from error
        except sqlite3.DatabaseError as error:
            await self._run(self._drop)
            raise self._in_trouble(f"{self.path}: {error}") from error
        self._broken = verdict.broken
        return verdict

    async def close(self) -> None:
        """Checkpoint and close."""
        await self._run(self._drop)
        self._thread.shutdown(wait=False)

    def _drop(self) -> None:
        db, self._db = self._db, None
        if db is not None:
            with suppress(sqlite3.Error):
                db.close()

    def _handle(self) -> sqlite3.Connection:
        if self._db is None:
            raise self._in_trouble(f"{self.path}: not open")
        return self._db

    async def _run(self, work: Callable[[], T]) -> T:
        # Shielded: a citizen who leaves cancels the waiting, never a write half way.
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(self._thread, self._guarded, work))

    def _guarded(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except sqlite3.Error as error:
            raise self._failed(error, "it cannot be read") from error
