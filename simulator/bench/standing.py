"""How things stand: the promises P1 to P10 against the books of this bench, the visit under way, the journal's end.

The checks are those of the soak (`simulator.promises`). While a visit or an act is open, what does not balance yet is
"under way"; what does not balance and nothing is open, twice in a row, is broken.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from simulator.bench.live_books import Baseline, LiveBooks, NotYet, Places, read_only
from simulator.processes import Process
from simulator.promises import balanced, personal, said
from simulator.terminals import NoTerminal, load_terminal
from simulator.world import World

State = Literal["holds", "under way", "broken", "not seen"]
ENTRIES: Final = 80
PERSONAL_EVERY_S: Final = 8.0
LOG_TAIL: Final = 512 * 1024

PROMISES: Final[Mapping[str, tuple[str, str]]] = {
    "P1": ("No charge without service or refund", "bank and phone payments against cases, prints and refunds"),
    "P2": ("Never charged twice", "what was paid for each order against its fee"),
    "P3": ("No paper without payment and permission", "sheets that came out against the platform's permissions"),
    "P4": ("A confirmed submission arrives once", "the journal's submissions against the platform's cases"),
    "P5": ("What was left behind is recorded", "a card that still lies there against how the visit was closed"),
    "P6": ("Nothing of a citizen stays", "every file of the terminal's state, and its log, for 24 citizens' data"),
    "P7": ("One fault stops one thing", "the terminal's process runs on, whatever is armed here"),
    "P8": ("Unknown is called unknown", "payments that the journal calls refused against bank and payers"),
    "P9": ("The journal verifies", "every hash of the chain, from the first entry"),
    "P10": ("A stuck terminal is restarted", "not watched at a bench: systemd does it, tests/processes shows it"),
}
"""Promise -> what it says in few words, and what is looked at here. The words that bind are docs/promises.md."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one look found: sentences that begin with the promise's number, and whether anything is open."""

    sentences: tuple[str, ...]
    open_acts: int
    visit: str
    unknown: int


class Standing:
    """Looks when asked, in a thread, one look at a time."""

    def __init__(self, world: World, places: Places | None, terminal: Process | None) -> None:
        self.world = world
        self.places = places
        self.terminal = terminal
        self._baseline = Baseline(places) if places else None
        self._jobs: dict[int, Any] = {}
        self._before: frozenset[str] = frozenset()
        self._personal: tuple[float, tuple[str, ...]] = (0.0, ())
        self._laid_at = 0.0
        self._lock = asyncio.Lock()
        world.device_watchers.append(self._device_changed)
        world.act_watchers.append(self._acted)

    async def look(self) -> dict[str, Any]:
        """Promises, visit and the last entries of the journal, as JSON."""
        async with self._lock:
            self._keep_jobs()
            try:
                found = await self._found()
            except (NotYet, NoTerminal, sqlite3.Error, OSError) as error:
                return {"promises": self._unseen(str(error)), "visit": None, "entries": [], "why": str(error)}
            promises = self._judged(found)
            entries = await asyncio.to_thread(self._entries)
            return {"promises": promises, "visit": _visit(found, entries), "entries": entries, "why": ""}

    def _device_changed(self, family: str) -> None:
        if family == "licence-printer":
            self._keep_jobs()

    def _acted(self, family: str, verb: str, args: Mapping[str, Any]) -> None:
        if family == "id-card-reader" and verb == "present":
            self._laid_at = time.time()

    def _keep_jobs(self) -> None:
        printer: Any = self.world.devices.get("licence-printer")
        for job in getattr(getattr(printer, "engine", None), "jobs", {}).values():
            self._jobs[id(job)] = job

    async def _found(self) -> Found:
        if self.places is None or self._baseline is None:
            raise NotYet("this bench has no terminal of its own")
        if not (self.places.state_dir / "journal.db").exists():
            raise NotYet("the terminal has no journal yet")
        terminal = await asyncio.to_thread(load_terminal)
        books = LiveBooks(self.world, self.places, self._baseline, terminal, self._jobs)
        reader = self.world.devices.get("id-card-reader")
        card = bool(reader and reader.state().get("card"))
        return await asyncio.to_thread(self._read, books, card)

    def _read(self, books: LiveBooks, card: bool) -> Found:
        acts = books.terminal.acts(books.folder)
        entries = books.terminal.entries(books.folder)
        visit = _open_visit(entries)
        paid = books.paid_fen()
        orders = {row["intent"]: row["id"] for row in books.rows("SELECT id, intent FROM payment_order")}
        sentences = [
            *balanced(books, ()),
            *_called_refused(acts, orders, paid),
            *(_left(entries) if card and not visit and self._laid_before_the_end() else ()),
            *self._chain(books),
            *self._readable(books),
        ]
        open_acts = sum(bool(act["open"]) for act in acts)
        return Found(tuple(sentences), open_acts, visit, sum(act["state"] == "unknown" for act in acts))

    def _laid_before_the_end(self) -> bool:
        """Whether the card that lies there was laid down before the last visit was closed."""
        assert self.places is not None
        query = "SELECT at FROM entry WHERE kind = 'visit.closed' ORDER BY seq DESC LIMIT 1"
        with closing(read_only(self.places.state_dir / "journal.db")) as db:
            row = db.execute(query).fetchone()
        return bool(self._laid_at and row and self._laid_at < datetime.fromisoformat(row[0]).timestamp())

    def _chain(self, books: LiveBooks) -> list[str]:
        broken = books.terminal.broken(books.folder)
        return [f"P9: {broken}"] if broken else []

    def _readable(self, books: LiveBooks) -> tuple[str, ...]:
        at, found = self._personal
        if time.monotonic() - at >= PERSONAL_EVERY_S:
            assert self.places is not None
            found = (*personal(books), *said([_tail(self.places)]))
            self._personal = (time.monotonic(), found)
        return found

    def _entries(self) -> list[dict[str, Any]]:
        assert self.places is not None
        query = f"SELECT seq, at, visit, kind, body FROM entry ORDER BY seq DESC LIMIT {ENTRIES}"  # noqa: S608 - a number of ours
        with closing(read_only(self.places.state_dir / "journal.db")) as db:
            rows = db.execute(query).fetchall()
        names = ("seq", "at", "visit", "kind", "body")
        return [dict(zip(names, row, strict=True)) for row in reversed(rows)]

    def _judged(self, found: Found) -> list[dict[str, Any]]:
        sentences = frozenset(found.sentences)
        lasting, self._before = sentences & self._before, sentences
        busy = bool(found.visit or found.open_acts)
        return [
            self._one(name, words, looked, sentences, lasting, busy, found)
            for name, (words, looked) in PROMISES.items()
        ]

    def _one(
        self,
        name: str,
        words: str,
        looked: str,
        sentences: frozenset[str],
        lasting: frozenset[str],
        busy: bool,
        found: Found,
    ) -> dict[str, Any]:
        mine = sorted(s.partition(": ")[2] for s in sentences if s.startswith(f"{name}: "))
        lasts = any(s.startswith(f"{name}: ") for s in lasting)
        state: State = "holds"
        if name == "P10":
            state, mine = "not seen", [self._life()]
        elif name == "P7":
            state, mine = self._alive()
        elif mine:
            at_once = name in ("P6", "P9")
            state = "broken" if lasts and (at_once or not busy) else "under way"
        elif name == "P8" and found.unknown:
            state, mine = "under way", [f"{found.unknown} stored as unknown, being asked"]
        return {"name": name, "words": words, "looked": looked, "state": state, "found": mine[:8]}

    def _alive(self) -> tuple[State, list[str]]:
        if self.terminal is None:
            return "not seen", []
        state = self.terminal.state()
        if state["running"]:
            return "holds", []
        return ("broken" if state["unexpected"] and state["returncode"] not in (-9, -15) else "under way"), [
            state["words"]
        ]

    def _life(self) -> str:
        if self.terminal is None or not self.terminal.starts:
            return "no terminal was started here"
        began = datetime.fromtimestamp(self.terminal.started_at).astimezone()
        return f"started {self.terminal.starts} times, last at {began:%H:%M:%S}"

    def _unseen(self, why: str) -> list[dict[str, Any]]:
        return [
            {"name": name, "words": words, "looked": looked, "state": "not seen", "found": [why]}
            for name, (words, looked) in PROMISES.items()
        ]


def _called_refused(acts: Sequence[Mapping[str, Any]], orders: Mapping[str, str], paid: Mapping[str, int]) -> list[str]:
    """P8: a payment that the journal calls refused has moved nothing."""
    return [
        f"P8: {act['kind']} {act['id']} is stored as refused, and {fen} fen were paid"
        for act in acts
        if act["kind"] in ("charge", "qr")
        and act["state"] == "refused"
        and (fen := paid.get(orders.get(act["id"], ""), 0))
    ]


def _left(entries: Sequence[Mapping[str, Any]]) -> list[str]:
    """P5: the card lay there before the last visit was closed; does the journal say so?"""
    closed = [entry for entry in entries if entry["kind"] == "visit.closed"]
    if not closed:
        return []
    left = str(json.loads(closed[-1]["body"]).get("left", ""))
    identified = any(e["visit"] == closed[-1]["visit"] and e["kind"] == "identified" for e in entries)
    return (
        [f"P5: a card was left, and the journal says {left or 'nothing'}"] if identified and "card" not in left else []
    )


def _open_visit(entries: Sequence[Mapping[str, Any]]) -> str:
    """The visit that was opened and not closed; "" when nobody is here."""
    last = next((e for e in reversed(entries) if e["kind"] in ("visit.opened", "visit.closed")), None)
    return str(last["visit"]) if last is not None and last["kind"] == "visit.opened" else ""


def _visit(found: Found, entries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    mine = [entry for entry in entries if entry["visit"] == found.visit] if found.visit else []
    return {
        "id": found.visit,
        "since": mine[0]["at"] if mine else "",
        "steps": [entry["kind"] for entry in mine],
        "open_acts": found.open_acts,
    }


def _tail(places: Places) -> str:
    try:
        with places.log.open("rb") as file:
            file.seek(max(0, places.log.stat().st_size - LOG_TAIL))
            return file.read(LOG_TAIL).decode("utf-8", "replace")
    except OSError:
        return ""
