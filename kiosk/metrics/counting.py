"""Counters since the program started, counted from the journal's chain: what is on disk is what happened."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from config.fleet_metrics import metrics
from kiosk.events import Event, events
from kiosk.fleet.telling import told
from kiosk.intents import Kind, State
from kiosk.journal import Journal

AT_ONCE: Final = 500
MOST_ROUNDS: Final = 20
"""So many times `AT_ONCE` entries in one look; what is more is counted at the next."""
_KINDS: Final = frozenset(kind.value for kind in Kind)
_STATES: Final = frozenset(state.value for state in State)


class ChainCounts:
    """Reads the chain's growth. Entries before the program's start are not counted, as Prometheus expects."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._after: int | None = None
        self._counts: Counter[str] = Counter()

    async def read(self) -> Mapping[str, float]:
        """Series -> count. Raises `JournalError`."""
        if self._after is None:
            self._after = await self._journal.head()
        for _ in range(MOST_ROUNDS):
            entries = await self._journal.entries(self._after, AT_ONCE)
            for entry in entries:
                self.take(str(entry["kind"]), json.loads(entry["body"]), entry)
                self._after = int(entry["seq"])
            if len(entries) < AT_ONCE:
                break
        else:
            return dict(self._counts)
        if self._after > await self._journal.head():
            self._after = 0  # another file was begun
        return dict(self._counts)

    def take(self, kind: str, body: Mapping[str, Any], entry: Mapping[str, Any]) -> None:
        """Count one entry."""
        family, _, state = kind.partition(".")
        if family in _KINDS and state in _STATES:
            self._add("kiosk_intents_total", kind=family, state=state)
        if kind == "visit.closed":
            how = str(body.get("how", ""))
            known = metrics()["kiosk_visits_total"].labels["how"]
            self._add("kiosk_visits_total", how=how if how in known else "other")
        if kind == "rated" and str(body.get("level")) in ("1", "2", "3", "4", "5"):
            self._add("kiosk_ratings_total", level=str(body["level"]))
        if kind == "command.ended" and body.get("state") in ("DONE", "FAILED", "REFUSED"):
            self._add("kiosk_commands_total", state=str(body["state"]))
        if kind == "command.forged":
            self._add("kiosk_commands_total", by=int(body.get("count", 1)), state="FORGED")
        event = told({**entry, "body": body}, "", "")
        if event is not None:
            known_event: Event | None = events().get(event["id"])
            if known_event is not None:
                self._add("kiosk_events_total", event=event["id"], severity=event["severity"])

    def _add(self, name: str, by: int = 1, **labels: str) -> None:
        self._counts[metrics()[name].series(**labels)] += by
