"""One transaction of the journal: entries, intents and outbox rows that stand or fall together."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kiosk.intents import Intent, Kind, State, WrongTransition, check_transition
from kiosk.journal.chain import GENESIS, JournalError, canonical, chain_hash

MAX_OUTBOX_ROWS = 100_000


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

    def intent(self, intent_id: str) -> Intent | None:
        """One intent as this transaction sees it."""
        return intent_of(self._db.execute("SELECT * FROM intent WHERE id=?", (intent_id,)).fetchone())

    def intents_with(self, kind: Kind, key: str, value: str) -> list[str]:
        """Ids of the intents of a kind whose body has `value` under `key`, oldest first."""
        query = "SELECT id FROM intent WHERE kind=? AND json_extract(body, '$.'||?)=? ORDER BY rowid"
        return [row[0] for row in self._db.execute(query, (kind, key, value))]

    def since(self, seq: int, prefix: str) -> list[tuple[int, str, str, dict[str, Any]]]:
        """(seq, visit, kind, body) of every entry after `seq` whose kind begins with `prefix`, in order."""
        query = "SELECT seq,visit,kind,body FROM entry WHERE seq>? AND substr(kind,1,?)=? ORDER BY seq"
        found = self._db.execute(query, (seq, len(prefix), prefix))
        return [(number, visit, kind, json.loads(body)) for number, visit, kind, body in found]

    def mint(self, intent_id: str, kind: Kind, visit: str, body: Mapping[str, Any]) -> Intent:
        """A new intent in state minted."""
        seq = self.entry(visit, f"{kind}.minted", {"intent": intent_id, **body})
        row = (intent_id, kind, visit, State.MINTED, canonical(body), self._at, seq)
        self._db.execute("INSERT INTO intent VALUES(?,?,?,?,?,?,?)", row)
        return Intent(intent_id, kind, visit, State.MINTED, dict(body), self._at)

    def move(self, intent_id: str, state: State, more: Mapping[str, Any] | None = None) -> Intent:
        """Follow an arrow of `kiosk.intents.TRANSITIONS`, adding to the body. Raises `WrongTransition`."""
        intent = self.intent(intent_id)
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


def intent_of(row: tuple[Any, ...] | None) -> Intent | None:
    """The intent of a table row. Raises `JournalError` when the row holds something else."""
    if row is None:
        return None
    try:
        return Intent(row[0], Kind(row[1]), row[2], State(row[3]), json.loads(row[4]), row[5])
    except (ValueError, TypeError) as error:
        raise JournalError(f"journal: the intent {row[0]} cannot be read; its row is damaged") from error
