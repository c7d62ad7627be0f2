"""Store and forward: the journal's chain on its way to the broker, from the last entry that is held.

The chain is the store: what is to be told survives any outage and any crash, in order. Kept beside it is only how far
the control room holds it (`kiosk.fleet.holding`), or the broker has confirmed where no room says so: one small file,
`fleet-told.json`. A crash before that is written tells some events twice, and whoever reads them knows them by chain
and number. Bounded: telemetry that more than `bound` entries stand behind is no longer told, nor is the day's other
work behind `FURTHER` times as many; money and technicians' acts always are. The gap itself is told.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from config.fleet_contract import NEVER_DROPPED, EventRow, Leaf
from kiosk.clock import Clock
from kiosk.fleet.holding import Holding
from kiosk.fleet.messages import result
from kiosk.fleet.telling import dropped, told
from kiosk.journal import Journal

log = logging.getLogger(__name__)

FILE: Final = "fleet-told.json"
MOST_BYTES: Final = 4096
CHAIN_DIGITS: Final = 16
AT_ONCE: Final = 200
FURTHER: Final = 4
DAY_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """One entry of the chain and what is told of it: nothing, an event, or the result of an order."""

    n: int
    leaf: Leaf | None = None
    message: Mapping[str, Any] | None = None


class Backlog:
    """Gives what waits, oldest first, and keeps how far it is held."""

    def __init__(self, journal: Journal, folder: Path, bound: int, session: str, clock: Clock) -> None:
        self._journal = journal
        self.path = folder / FILE
        self._bound = bound
        self._session = session
        self._chain: str | None = None
        self._n = 0
        self._kept = 0
        self._kept_at: float | None = None
        self._dropped_to = 0
        self.holding = Holding(clock)
        self.dropped = 0
        """Events that were not told, since the program started."""
        self.waiting = 0
        """Entries of the chain behind the last confirmed one, when that was looked at last."""

    @property
    def cursor(self) -> int:
        """Up to here nothing need be told again."""
        first = self.holding.first
        return self._n if first is None else min(self._n, first - 1)

    def again(self) -> None:
        """Tell again what is not held: the broker may have lost it."""
        self.holding.is_again_due = True

    async def chain(self) -> str:
        """The name of the chain; "" while it is empty. Raises `JournalError`."""
        return (await self._journal.chain_id())[:CHAIN_DIGITS]

    async def batch(self) -> list[Waiting]:
        """The next entries; none when everything was told, or too much is not held. Raises `JournalError`."""
        if self.holding.is_full:
            return []
        head = await self._journal.head()
        self._take_up(head)
        if self._chain and head == self._n:
            self.waiting = 0
            return []
        chain = await self.chain()
        if not chain:
            return []
        if chain != self._chain:
            known, n, at = await asyncio.to_thread(self._read)
            self._n = self._kept = n if known == chain else 0
            self._chain = chain
            self._kept_at = at
            self._dropped_to = 0
            self.holding.begin(chain, at)
            self._take_up(head)
        self.waiting = max(head - self._n, 0)
        found: list[Waiting] = []
        left_out: list[EventRow] = []
        entries = await self._journal.entries(self._n, AT_ONCE)
        if not (await self._journal.chain_id()).startswith(chain):
            return []  # another file was begun meanwhile: these numbers are its own
        for entry in entries:
            row = {**entry, "body": json.loads(entry["body"])}
            event = told(row, chain, self._session)
            if event is not None and self._is_too_much(event, head):
                left_out.append(event)
                continue
            if event is None and _result(row) is None:
                found.append(Waiting(int(row["seq"])))
                continue
            found += self._gap(left_out)
            found += _told(row, event)
        return self._linked(found + self._gap(left_out))

    def _take_up(self, head: int) -> None:
        """Go back to what is not held where that is due; forward to what is held already, as far as we have it."""
        if self.holding.is_again_due:
            self._n = self.cursor
            self.holding.cleared()
        if self._n < self.holding.n <= head:
            self._n = self.holding.n

    def _linked(self, found: list[Waiting]) -> list[Waiting]:
        """Each event with the one before it, so that who reads them knows of a hole."""
        held = self.cursor
        latest = self.holding.latest
        after = held if latest is None else latest
        linked = []
        for each in found:
            if each.leaf == "event" and each.message is not None:
                linked.append(Waiting(each.n, "event", {**each.message, "after": after, "held": held}))
                after = each.n
            else:
                linked.append(each)
        return linked

    def _is_too_much(self, event: EventRow, head: int) -> bool:
        if event["class"] in NEVER_DROPPED:
            return False
        return head - event["n"] >= self._bound * (1 if event["class"] == "telemetry" else FURTHER)

    def _gap(self, left_out: list[EventRow]) -> list[Waiting]:
        """What was left out, as an event in its place; empties the list."""
        if not left_out:
            return []
        first, last, count = left_out[0], left_out[-1], len(left_out)
        left_out.clear()
        log.warning("fleet: %d events behind %d waiting entries are not told", count, self.waiting)
        if last["n"] > self._dropped_to:  # else they were counted when they were left out before
            self._dropped_to = last["n"]
            self.dropped += count
        return [Waiting(last["n"], "event", dropped(first["n"], last["n"], count, *_place(last)))]

    def confirmed(self, n: int, event: Mapping[str, Any] | None = None) -> None:
        """The broker has everything up to `n`; `event`: what it was told there."""
        self._n = max(self._n, n)
        if event is not None:
            self.holding.told(n, event)

    async def keep(self) -> None:
        """Write down how far it is. A disk that refuses costs nothing but duplicates."""
        chain, n, at = self._chain, self.cursor, self.holding.acknowledged_at
        is_news = at is not None and (self._kept_at is None or at - self._kept_at > DAY_S)
        if not chain or (n == self._kept and not is_news):
            return
        try:
            await asyncio.to_thread(self._write, chain, n, at)
        except OSError as error:
            log.warning("fleet: %s: %s; after a restart some events are told twice", self.path, error.strerror)
            return
        self._kept, self._kept_at = n, at

    def _write(self, chain: str, n: int, at: float | None) -> None:
        fresh = self.path.with_suffix(".new")
        fd = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        try:
            os.write(fd, json.dumps({"chain": chain, "n": n, "acknowledged_at": at}).encode())
            os.fsync(fd)
        finally:
            os.close(fd)
        fresh.replace(self.path)

    def _read(self) -> tuple[str, int, float | None]:
        """Chain, number, when a room spoke last; ("", 0, None) when nothing can be read: everything is told again."""
        try:
            with self.path.open("rb") as file:
                body = json.loads(file.read(MOST_BYTES))
            at = body.get("acknowledged_at")
            return str(body["chain"]), max(int(body["n"]), 0), float(at) if at is not None else None
        except FileNotFoundError:
            return "", 0, None
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("fleet: %s cannot be read (%s): events are told again", self.path, type(error).__name__)
            return "", 0, None


def _place(event: EventRow) -> tuple[str, str, str]:
    return event["chain"], event["session"], event["at"]


def _told(row: Mapping[str, Any], event: EventRow | None) -> list[Waiting]:
    """The result of an order before the event that it was dealt with."""
    found = []
    n = int(row["seq"])
    ended = _result(row)
    if ended is not None:
        # Only the last message of an entry confirms it.
        found.append(Waiting(n if event is None else n - 1, "result", ended))
    if event is not None:
        found.append(Waiting(n, "event", event))
    return found


def _result(row: Mapping[str, Any]) -> dict[str, Any] | None:
    body = row["body"]
    if body.get("via") != "fleet":
        return None
    if row["kind"] == "command.begun":
        return result(str(body["command"]), "ACCEPTED", "", str(row["at"]))
    if row["kind"] == "command.ended":
        return result(str(body["command"]), str(body["state"]), str(body.get("said", "")), str(body["at"]))
    return None
