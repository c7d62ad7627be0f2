"""From the broker into the database: read, believe, write, acknowledge. One thread; it ends only when told."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Final

import psycopg

from config.fleet_contract import HELD_EVERY_S, Topics
from kiosk.control_room.feed import Arrived, Feed
from kiosk.control_room.holding import Holding
from kiosk.control_room.ledger import Changes, Ledger
from kiosk.control_room.reading import Unreadable, read
from kiosk.control_room.store import Store

log = logging.getLogger(__name__)
BATCH: Final = 2000
WINDOW_S: Final = 0.1
"""A batch is written when it has `BATCH` messages or is so old."""
ALIVE_S: Final = 10.0
TRIM_S: Final = 600.0
LONGEST_PAUSE_S: Final = 30.0
ASKS_A_SECOND: Final = 20
SITE_ASKS_A_SECOND: Final = 5
"""Rebirths asked for where a terminal did not hear its own topic (its program or the broker's rules are older): every
terminal of the division hears each of these, so a storm of them would be one."""
MOST_REASONS: Final = 100
MOST_LOGGED: Final = 20


class Ingest:
    """Call `run` in a thread of its own, `stop` from any."""

    def __init__(
        self, feed: Feed, store: Store, keep_days: int, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._feed, self._store, self._keep_days, self._now = feed, store, keep_days, now
        self._ledger = Ledger({})
        self._holding = Holding()
        self._stop = threading.Event()
        self._unreadable: dict[str, int] = {}
        self._next_alive = self._next_trim = self._next_asks = self._next_held = 0.0
        self.written = 0
        self.batches = 0
        self.acknowledged = 0
        """Messages that said how far a chain is held."""
        self.ready = threading.Event()

    def stop(self) -> None:
        """Finish the batch and end."""
        self._stop.set()

    def run(self) -> None:
        """Until `stop`. A database that is away is waited for; nothing is acknowledged meanwhile."""
        if not self._begin():
            return
        self._feed.start()
        self.ready.set()
        try:
            while not self._stop.is_set():
                batch = self._gather()
                if batch and not self._write(batch):
                    return
                for arrived in batch:
                    self._feed.done(arrived)
                self._housekeeping()
            self._acknowledge()
        finally:
            self._feed.stop()
            self._store.close()

    def odd(self) -> dict[str, int]:
        """What could not be used, by reason."""
        counts = {name: count for name, count in asdict(self._ledger.odd).items() if count}
        if self._feed.dropped_heartbeats:
            counts["dropped_heartbeats"] = self._feed.dropped_heartbeats
        return counts | self._unreadable

    def _begin(self) -> bool:
        pause = 1.0
        while not self._stop.is_set():
            try:
                self._store.connect()
                self._ledger.known = self._store.known(self._now())
            except psycopg.OperationalError as error:
                log.warning("the database does not answer, trying again in %.0f s: %s", pause, _short(error))
                self._stop.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE_S)
            else:
                return True
        return False

    def _gather(self) -> list[Arrived]:
        first = self._feed.next(0.5)
        if first is None:
            return []
        batch, until = [first], time.monotonic() + WINDOW_S
        while len(batch) < BATCH:
            arrived = self._feed.next(until - time.monotonic())
            if arrived is None:
                break
            batch.append(arrived)
        return batch

    def _write(self, batch: list[Arrived]) -> bool:
        """False when told to stop before it could be written; the broker then sends it again."""
        changes = Changes()
        for arrived in batch:
            self._believe(arrived, changes)
        pause = 1.0
        while True:
            try:
                self._store.write(changes)
            except psycopg.DataError as error:
                log.error("a batch holds what the database cannot: %s", _short(error))  # noqa: TRY400 - one line
                self._one_by_one(batch)
                return True
            except psycopg.Error as error:
                log.warning("not written, trying again in %.0f s: %s", pause, _short(error))
                if self._stop.wait(pause):
                    return False
                pause = min(pause * 2, LONGEST_PAUSE_S)
                self._reconnect()
            else:
                self.written += len(batch)
                self.batches += 1
                self._holding.take(changes)
                return True

    def _one_by_one(self, batch: list[Arrived]) -> None:
        """What the database refuses is counted and left out, the rest of its batch is not lost with it."""
        self._ledger.known = self._store.known(self._now())
        for arrived in batch:
            changes = Changes()
            self._believe(arrived, changes)
            try:
                self._store.write(changes)
            except psycopg.DataError:
                self._count("refused by the database")
                self._ledger.known = self._store.known(self._now())
            else:
                self._holding.take(changes)

    def _believe(self, arrived: Arrived, changes: Changes) -> None:
        try:
            topics, message = read(arrived.topic, arrived.payload)
        except Unreadable as error:
            self._count(error.why)
            return
        self._ledger.take(topics, message, self._now(), changes)

    def _count(self, why: str) -> None:
        if why not in self._unreadable and len(self._unreadable) >= MOST_REASONS:
            why = "other"
        self._unreadable[why] = self._unreadable.get(why, 0) + 1
        if self._unreadable[why] <= MOST_LOGGED:
            log.warning("unreadable: %s", why)

    def _reconnect(self) -> None:
        try:
            self._store.connect()
        except psycopg.Error as error:
            log.warning("the database does not answer: %s", _short(error))

    def _housekeeping(self) -> None:
        at = time.monotonic()
        if at >= self._next_asks:
            self._next_asks = at + 1
            for topics in self._ledger.wishes(self._now(), ASKS_A_SECOND, first=True):
                self._feed.tell(topics.of("request"), _request(topics))
            for topics in self._ledger.wishes(self._now(), SITE_ASKS_A_SECOND, first=False):
                self._feed.tell(topics.requests, _request(topics))
        if at >= self._next_held:
            self._next_held = at + HELD_EVERY_S
            self._acknowledge()
        try:
            if at >= self._next_alive:
                self._next_alive = at + ALIVE_S
                self._store.alive(self._now(), self.odd())
            if at >= self._next_trim:
                self._next_trim = at + TRIM_S
                self._store.trim(self._now(), self._keep_days)
        except psycopg.Error as error:
            log.warning("the room's own notes were not written: %s", _short(error))
            self._reconnect()

    def _acknowledge(self) -> None:
        """Say what is held; what cannot be said now is said later, or asked for again."""
        wanted = self._holding.wanted()
        if not wanted or not self._feed.connected.is_set():
            return
        try:
            found = self._store.hold(wanted, self._now())
        except psycopg.Error as error:
            log.warning("what is held cannot be looked up: %s", _short(error))
            self._reconnect()
            return
        for topics, said in self._holding.told(found):
            self._feed.tell(topics.of("acknowledged"), json.dumps(said).encode(), retain=True)
            self.acknowledged += 1


def _request(topics: Topics) -> bytes:
    return json.dumps({"want": "rebirth", "terminal": topics.terminal}).encode()


def _short(error: psycopg.Error) -> str:
    """Kind and code: a message may quote a row."""
    return f"{type(error).__name__} {error.sqlstate or ''}".strip()
