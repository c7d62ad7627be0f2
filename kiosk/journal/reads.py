"""What can be asked of the open journal."""

from __future__ import annotations

import json
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from typing import Any, TypeVar

from kiosk.intents import FINAL, Intent, Kind
from kiosk.journal.file import OPEN_INTENTS, STAFF_KINDS
from kiosk.journal.writing import Row, intent_of

T = TypeVar("T")


class Reads(ABC):
    """Questions to the journal; each raises `JournalError` when the file cannot be read."""

    @abstractmethod
    async def _run(self, work: Callable[[], T]) -> T: ...

    @abstractmethod
    def _handle(self) -> sqlite3.Connection: ...

    async def _all(self, query: str, given: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        return await self._run(lambda: self._handle().execute(query, given).fetchall())

    async def intent(self, intent_id: str) -> Intent | None:
        """One intent by id."""
        found = await self._all("SELECT * FROM intent WHERE id=?", (intent_id,))
        return intent_of(found[0]) if found else None

    async def open_intents(self) -> list[Intent]:
        """Every intent that is not settled, oldest first."""
        intents = [i for i in map(intent_of, await self._all(OPEN_INTENTS)) if i is not None]
        return [i for i in intents if i.state not in FINAL[i.kind]]

    async def visit_intents(self, visit: str) -> list[Intent]:
        """Every intent of one visit, oldest first."""
        rows = await self._all("SELECT * FROM intent WHERE visit=? ORDER BY rowid", (visit,))
        return [i for i in map(intent_of, rows) if i is not None]

    async def intents_since(self, at: str, kinds: Collection[Kind], limit: int = 5000) -> list[Intent]:
        """The newest `limit` intents of `kinds` minted at `at` (RFC 3339, +08:00) or later, oldest first."""
        marks = ",".join("?" * len(kinds))
        query = f"SELECT * FROM intent WHERE at>=? AND kind IN ({marks}) ORDER BY rowid DESC LIMIT ?"  # noqa: S608 - question marks
        rows = await self._all(query, (at, *kinds, limit))
        return [i for i in map(intent_of, reversed(rows)) if i is not None]

    async def last(self, kind: str) -> tuple[str, dict[str, Any]] | None:
        """Time and body of the newest entry of `kind`, or None."""
        found = await self._all("SELECT at, body FROM entry WHERE kind=? ORDER BY seq DESC LIMIT 1", (kind,))
        return (found[0][0], json.loads(found[0][1])) if found else None

    async def last_of(self, kinds: Collection[str]) -> tuple[str, dict[str, Any]] | None:
        """Kind and body of the newest entry of any of `kinds`, or None."""
        marks = ",".join("?" * len(kinds))
        query = f"SELECT kind, body FROM entry WHERE kind IN ({marks}) ORDER BY seq DESC LIMIT 1"  # noqa: S608 - question marks
        found = await self._all(query, tuple(kinds))
        return (found[0][0], json.loads(found[0][1])) if found else None

    async def recent_rows(self, kind: str, limit: int) -> list[tuple[str, str, dict[str, Any]]]:
        """(at, visit, body) of the newest `limit` entries of `kind`, oldest first."""
        query = "SELECT at, visit, body FROM entry WHERE kind=? ORDER BY seq DESC LIMIT ?"
        return [(at, visit, json.loads(body)) for at, visit, body in reversed(await self._all(query, (kind, limit)))]

    async def recent(self, kind: str, limit: int) -> list[dict[str, Any]]:
        """Bodies of the newest `limit` entries of `kind`, oldest first."""
        query = "SELECT body FROM entry WHERE kind=? ORDER BY seq DESC LIMIT ?"
        return [json.loads(row[0]) for row in reversed(await self._all(query, (kind, limit)))]

    async def recent_of_staff(self, kind: str, limit: int) -> list[dict[str, Any]]:
        """As `recent`, of a kind that begins with `technician`: quick however long the chain is."""
        query = f"SELECT body FROM entry WHERE kind=? AND {STAFF_KINDS} ORDER BY seq DESC LIMIT ?"  # noqa: S608 - a constant
        return [json.loads(row[0]) for row in reversed(await self._all(query, (kind, limit)))]

    async def unclosed_visits(self) -> list[str]:
        """Visits that were opened and never closed: a power cut, or the one under way."""
        query = (
            "SELECT visit FROM entry WHERE kind='visit.opened' AND visit NOT IN "
            "(SELECT visit FROM entry WHERE kind='visit.closed') ORDER BY seq"
        )
        return [row[0] for row in await self._all(query)]

    async def rows(self, limit: int = 50) -> list[Row]:
        """What waits in the outbox, oldest first."""
        query = "SELECT number,id,topic,visit,body,tries,at FROM outbox ORDER BY number LIMIT ?"
        return [Row(*row) for row in await self._all(query, (limit,))]

    async def entries(self, after: int = 0, limit: int = 500) -> list[dict[str, Any]]:
        """Entries with seq > `after`."""
        query = "SELECT seq,at,visit,kind,body FROM entry WHERE seq>? ORDER BY seq LIMIT ?"
        found = await self._all(query, (after, limit))
        return [dict(zip(("seq", "at", "visit", "kind", "body"), row, strict=True)) for row in found]

    async def head(self) -> int:
        """The number of the newest entry, 0 of an empty journal."""
        found = await self._all("SELECT max(seq) FROM entry")
        return int(found[0][0] or 0)

    async def chain_id(self) -> str:
        """What this chain is called outside: the hash (hex) of its first entry; "" of an empty journal."""
        found = await self._all("SELECT hash FROM entry ORDER BY seq LIMIT 1")
        return str(found[0][0].hex()) if found else ""

    async def links(self, after: int, limit: int) -> list[dict[str, Any]]:
        """Entries with seq > `after` with their visits and hashes (hex), oldest first; bodies as objects."""
        query = "SELECT seq,at,visit,kind,body,prev,hash FROM entry WHERE seq>? ORDER BY seq LIMIT ?"
        return [
            {
                "seq": seq, "at": at, "visit": visit, "kind": kind, "body": json.loads(body), "prev": prev.hex(),
                "hash": digest.hex(),
            }
            for seq, at, visit, kind, body, prev, digest in await self._all(query, (after, limit))
        ]  # fmt: skip
