"""What is believed of every terminal, and what a message changes in it. Pure: messages in, `Changes` out, no database.

The rules of the contract live here: an old session's will is ignored, a gap in `seq` asks for a rebirth, a counter
that falls began anew.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from config.fleet_contract import REBIRTH_LEAST_S, Topics
from config.fleet_metrics import name_of
from kiosk.control_room.reading import Birth, Data, Event, Gone, Readable, Section, State, Supply

SERVING: Final = frozenset({"open", "visit"})
GIVEN_UP: Final = "given-up"
"""A mode that only its absence has: systemd does not start the program again."""
TALLIED: Final = frozenset({"kiosk_visits_total", "kiosk_ratings_total"})
MOST_TERMINALS: Final = 20_000
"""Beyond it new names are not believed: somebody invents terminals."""
CITY: Final = ZoneInfo("Asia/Shanghai")
"""Whose midnight divides the days of visits and ratings."""


@dataclass(slots=True)
class Known:
    """A row of `terminal`. `serving` None: not known since the room started."""

    site: str
    heard_at: datetime
    since: datetime
    first_at: datetime
    session: str = ""
    online: bool = False
    mode: str = "unknown"
    worst: str = "unknown"
    software: str = ""
    open_intents: int = 0
    state_at: datetime | None = None
    born: bool = False
    seq: int = -1
    hall_zh: str = ""
    hall_en: str = ""
    division: str = ""
    metrics: dict[str, float] = field(default_factory=dict)
    serving: bool | None = None


@dataclass(frozen=True, slots=True)
class Spell:
    """From `at` on the terminal serves, or does not; the spell before ends."""

    at: datetime
    serving: bool


@dataclass(slots=True)
class Changes:
    """What a batch of messages changes; written in one transaction, and again when that failed."""

    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    terminals: dict[str, Known] = field(default_factory=dict)
    sections: dict[str, dict[str, Section]] = field(default_factory=dict)
    supplies: dict[str, dict[tuple[str, str], tuple[Supply, datetime]]] = field(default_factory=dict)
    reborn: set[str] = field(default_factory=set)
    """Terminals that have the sections and supplies of these changes and no others."""
    events: list[tuple[str, Event, datetime]] = field(default_factory=list)
    spells: dict[str, list[Spell]] = field(default_factory=dict)
    tallies: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """(terminal, day, series) -> how many more."""
    chains: dict[str, str] = field(default_factory=dict)
    """Terminal -> the chain that it gave at its birth; it wants to know how far that is held."""

    def asked(self) -> list[tuple[str, str, int]]:
        """Terminal, chain, how far the terminal knows it to be held: of those that want to hear of it."""
        born = [(name, chain, 0) for name, chain in self.chains.items()]
        return born + [(name, e.chain, e.held) for name, e, _ in self.events if e.held is not None]

    def __bool__(self) -> bool:
        return bool(self.terminals or self.events)


@dataclass(slots=True)
class Odd:
    """Counts of what was not as it should be."""

    old_wills: int = 0
    old_data: int = 0
    gaps: int = 0
    unborn: int = 0
    too_many: int = 0
    rebirths_asked: int = 0


class Ledger:
    """Everything the room believes. `take` is called for one message after the other, in their order."""

    def __init__(self, known: Mapping[str, Known]) -> None:
        self.known: dict[str, Known] = dict(known)
        self.odd = Odd()
        self._wanted: dict[str, Topics] = {}
        self._asked: dict[str, datetime] = {}
        self._unheard: set[str] = set()

    def take(self, topics: Topics, message: Readable, now: datetime, changes: Changes) -> None:
        """Believe `message`, note in `changes` what is to be written."""
        known = self.known.get(topics.terminal)
        if known is None:
            if len(self.known) >= MOST_TERMINALS:
                self.odd.too_many += 1
                return
            known = self.known[topics.terminal] = Known(topics.site, now, now, now)
        match message:
            case State():
                self._state(topics, known, message, now, changes)
            case Gone():
                self._gone(topics, known, message, now, changes)
            case Birth():
                self._birth(topics, known, message, now, changes)
            case Data():
                self._data(topics, known, message, now, changes)
            case Event():
                changes.events.append((topics.terminal, message, now))
                known.heard_at = now
        changes.terminals[topics.terminal] = known

    def wishes(self, now: datetime, most: int, *, first: bool) -> list[Topics]:
        """At most `most` terminals that should be born again now, asked for the `first` time or again.

        Each is asked once a minute until it is born or gone.
        """
        least = timedelta(seconds=REBIRTH_LEAST_S)
        found: list[Topics] = []
        for name, topics in self._wanted.items():
            if len(found) >= most:
                break
            if (name not in self._unheard) is not first:
                continue
            asked = self._asked.get(name)
            if asked is not None and now - asked < least:
                continue
            self._asked[name] = now
            self._unheard.add(name)
            found.append(topics)
        self.odd.rebirths_asked += len(found)
        return found

    def _state(self, topics: Topics, known: Known, state: State, now: datetime, changes: Changes) -> None:
        if state.session != known.session:
            known.session, known.born, known.seq = state.session, False, -1
        if not known.online:
            known.online, known.since = True, now
        known.site, known.mode, known.worst = topics.site, state.mode, state.worst
        known.software, known.open_intents, known.state_at = state.software, state.open_intents, state.at
        known.heard_at = now
        self._serving(topics.terminal, known, state.mode in SERVING, now, changes)

    def _gone(self, topics: Topics, known: Known, gone: Gone, now: datetime, changes: Changes) -> None:
        if known.session not in ("", gone.session) and not gone.given_up:
            self.odd.old_wills += 1
            return
        if known.online or not known.session:
            known.since = now
        known.session, known.online = gone.session, False
        if gone.given_up:
            known.mode, known.worst = GIVEN_UP, "fault"
            row = Section(id="program", state="fault", event="program.given-up", cause="", who="technician", since=now)
            changes.sections.setdefault(topics.terminal, {})[row.id] = row  # its next birth takes it away
        self._wanted.pop(topics.terminal, None)
        self._serving(topics.terminal, known, False, now, changes)

    def _birth(self, topics: Topics, known: Known, birth: Birth, now: datetime, changes: Changes) -> None:
        name = topics.terminal
        self._wanted.pop(name, None)
        self._unheard.discard(name)
        known.session, known.born, known.seq = birth.session, True, 0
        if not known.online:
            known.online, known.since = True, now
        known.site, known.software, known.heard_at = topics.site, birth.software, now
        known.hall_zh, known.hall_en, known.division = birth.place.hall_zh, birth.place.hall_en, birth.place.division
        self._count(name, known, birth.metrics, now, changes)
        known.metrics = dict(birth.metrics)
        if birth.chain is not None:
            changes.chains[name] = birth.chain
        changes.sections[name], changes.supplies[name] = {}, {}
        changes.reborn.add(name)
        self._rows(name, birth.sections, birth.supplies, now, changes)

    def _data(self, topics: Topics, known: Known, data: Data, now: datetime, changes: Changes) -> None:
        name = topics.terminal
        if data.session != known.session or not known.born:
            self.odd.unborn += 1
            self._wanted[name] = topics
            return
        if data.seq <= known.seq:
            self.odd.old_data += 1
            return
        if data.seq != known.seq + 1:
            self.odd.gaps += 1
            self._wanted[name] = topics
        known.seq, known.heard_at = data.seq, now
        self._count(name, known, data.metrics, now, changes)
        known.metrics |= data.metrics
        self._rows(name, data.sections, data.supplies, now, changes)

    @staticmethod
    def _rows(
        name: str, sections: Iterable[Section], supplies: Iterable[Supply], now: datetime, changes: Changes
    ) -> None:
        for section in sections:
            changes.sections.setdefault(name, {})[section.id] = section
        for supply in supplies:
            changes.supplies.setdefault(name, {})[supply.device, supply.item] = (supply, now)

    @staticmethod
    def _count(name: str, known: Known, told: Mapping[str, float], now: datetime, changes: Changes) -> None:
        """Counters go up; one that went down began anew (the program was started again)."""
        day = now.astimezone(CITY).date().isoformat()
        for series, value in told.items():
            if name_of(series) not in TALLIED:
                continue
            before = known.metrics.get(series)
            if before is None and not known.metrics:
                continue  # never heard before: what it counted so far is not of today
            more = round(value - (before or 0) if value >= (before or 0) else value)
            if more > 0:
                key = (name, day, series)
                changes.tallies[key] = changes.tallies.get(key, 0) + more

    @staticmethod
    def _serving(name: str, known: Known, serving: bool, now: datetime, changes: Changes) -> None:
        if known.serving is serving:
            return
        known.serving = serving
        changes.spells.setdefault(name, []).append(Spell(now, serving))
