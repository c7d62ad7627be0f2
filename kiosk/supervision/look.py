"""One look at the journal's file for supervision and quality, read-only; the terminal may be running."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from kiosk.journal.chain import JournalError
from kiosk.journal.file import OPEN_INTENTS
from kiosk.journal.writing import intent_of
from kiosk.supervision.rules import Seen, Tries, Waiting

RAISED, CLEARED = "supervision.raised", "supervision.cleared"
HOUR_S, DAY_S = 3600, 86_400
UNREADABLE = frozenset({"card-unreadable", "reader-fault"})
MOST = 20_000


@dataclass(frozen=True, slots=True)
class Raised:
    """A rule that the running terminal found broken and that is not kept again yet."""

    rule: str
    module: str
    what: str
    since: str


@dataclass(frozen=True, slots=True)
class QualityReport:
    """How visits ended (R18), and how often a rating was offered (R17)."""

    ended: Counter[str]
    completed: int
    offered: int
    rated: int

    @property
    def visits(self) -> int:
        """All that ended."""
        return sum(self.ended.values())

    def permille(self, how: str) -> float:
        """The share of visits that ended so, in thousandths; 0 without visits."""
        return 1000 * self.ended[how] / self.visits if self.visits else 0.0

    @property
    def coverage(self) -> float:
        """Ratings offered over journeys completed, in percent; 100 where nothing was completed."""
        return 100.0 * self.offered / self.completed if self.completed else 100.0


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """The file, read-only. Raises `JournalError`."""
    if not path.exists():
        raise JournalError(f"{path}: there is no journal; start the terminal once, or name its profile")
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=5)) as db:
            yield db
    except sqlite3.Error as error:
        raise JournalError(f"{path}: {error}") from error


def look(path: Path, now: datetime) -> Seen:
    """What the journal says at `now` (aware): open acts, what waits, rates of the last hour. Raises `JournalError`."""
    hour = (now - timedelta(seconds=HOUR_S)).isoformat(timespec="milliseconds")
    day = (now - timedelta(seconds=DAY_S)).isoformat(timespec="milliseconds")
    with _opened(path) as db:
        intents = [i for i in map(intent_of, db.execute(OPEN_INTENTS).fetchall()) if i is not None and i.open]
        rows = db.execute("SELECT topic, at FROM outbox ORDER BY number LIMIT ?", (MOST,)).fetchall()
        faces = [body["band"] for _, body in _bodies(db, "face.compared", hour)]
        steps = [(at, body) for at, body in _bodies(db, "step.ended", day)]
    cards = [body for at, body in steps if body.get("step") == "identify" and at >= hour]
    differs = [at for at, body in steps if body.get("cause") == "fee-changed" or "fee_changed" in body.get("pages", ())]
    return Seen(
        now,
        intents,
        [Waiting(topic, datetime.fromisoformat(at)) for topic, at in rows],
        cards=Tries(len(cards), sum(body.get("cause") in UNREADABLE for body in cards)),
        faces=Tries(len(faces), sum(band != "pass" for band in faces)),
        fee_differs=[datetime.fromisoformat(at) for at in differs],
    )


def raised(path: Path) -> tuple[Raised, ...]:
    """What the running terminal reported last and did not take back: devices, network and clock are seen only there."""
    standing: dict[tuple[str, str], Raised] = {}
    with _opened(path) as db:
        query = "SELECT kind, at, body FROM entry WHERE kind IN (?, ?) ORDER BY seq DESC LIMIT ?"
        for kind, at, text in reversed(db.execute(query, (RAISED, CLEARED, MOST)).fetchall()):
            body = json.loads(text)
            key = (body["module"], body["rule"])
            if kind == CLEARED:
                standing.pop(key, None)
            else:
                standing[key] = Raised(body["rule"], body["module"], body["what"], at)
    return tuple(standing.values())


def quality(path: Path, since: str = "") -> QualityReport:
    """How visits ended since a time (RFC 3339, "" always). Raises `JournalError`."""
    with _opened(path) as db:
        ended = Counter(str(body.get("how", "")) for _, body in _bodies(db, "visit.closed", since))
        finished = [
            body
            for _, body in _bodies(db, "step.began", since)
            if body.get("step") == "finish" and body.get("service") != "WH-GN-014"  # a rating is not rated itself
        ]
        count = "SELECT count(*) FROM entry WHERE kind = ? AND at >= ?"
        offered, rated = (db.execute(count, (kind, since)).fetchone()[0] for kind in ("rating.offered", "rated"))
    return QualityReport(ended, len(finished), offered, rated)


def _bodies(db: sqlite3.Connection, kind: str, since: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for at, text in db.execute("SELECT at, body FROM entry WHERE kind = ? AND at >= ? ORDER BY seq", (kind, since)):
        yield at, json.loads(text)
