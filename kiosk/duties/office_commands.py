"""Commands of the office, each done at most once and its result told, whatever fails between.

`ORDERS` says what this terminal can do; another part of the program adds its own with `Commands.add`. A command is on
disk before it is begun: one that a power cut interrupted is reported as FAILED and not done again.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, TypeAlias

from kiosk.clock import Clock
from kiosk.duties.office_orders import OfficeOrders
from kiosk.duties.outbox import Apply, Outbox
from kiosk.journal import Journal, JournalError, Row, Write
from kiosk.platform.client import Platform
from kiosk.platform.devices import Command, Ended

log = logging.getLogger(__name__)

TOPIC = "command-result"
MOST_WORDS = 200
LONGEST_NOTICE_MIN = 7 * 24 * 60
CLOSING = ("close", "drain")
"""Orders after which the terminal stays closed over restarts."""
REMEMBERED = 500
"""So many commands are known again; the platform offers at most twenty, and none for more than a day."""


Via = Literal["platform", "fleet"]
"""Who brought an order, and hears what became of it: the platform by the outbox, the fleet from the chain."""


@dataclass(frozen=True, slots=True)
class Told:
    """What became of an order; `at` is RFC 3339."""

    state: Ended
    words: str
    at: str


class CannotDo(Exception):
    """The order cannot be followed as it was given; the message says why and names no person."""


Order: TypeAlias = Callable[[Mapping[str, str]], Awaitable[str]]
"""Follows an order; returns what was done in a few words. Raises `CannotDo`. Being cut short must do no harm."""


class Commands:
    """Executes, remembers, reports. `orders` is what is in force."""

    def __init__(
        self, journal: Journal, outbox: Outbox, platform: Platform, clock: Clock, orders: OfficeOrders
    ) -> None:
        self._journal = journal
        self._outbox = outbox
        self._platform = platform
        self._clock = clock
        self.orders = orders
        self.changed: Callable[[], None] = lambda: None
        """Called when the terminal was closed or opened."""
        self._known: dict[str, bool] = {}
        self._told: dict[str, Told] = {}
        self._unwritten: dict[str, tuple[Ended, str]] = {}
        """What became of orders while the disk refused to record it: P8, that is not forgotten for a guess."""
        self._under_way: set[str] = set()
        self._recalled = False
        self._table: dict[str, Order] = {"close": self._close, "open": self._open, "notice": self._notice}
        outbox.topic(TOPIC, self._deliver, _refused)

    def add(self, name: str, order: Order) -> None:
        """Another order that this terminal follows."""
        self._table[name] = order

    async def recall(self) -> None:
        """After a start: what was done, what was cut short, whether the office has this terminal closed. Once."""
        if self._recalled:
            return
        try:
            begun = await self._journal.recent("command.begun", REMEMBERED)
            ended = await self._journal.recent("command.ended", REMEMBERED)
        except JournalError as error:
            log.warning("commands: what was ordered before is not known: %s", error)
            return
        if self._recalled:
            return  # somebody else asked meanwhile
        self._recalled = True
        self._known = {str(b["command"]): False for b in begun} | {str(b["command"]): True for b in ended} | self._known
        for body in ended:
            if "at" in body:
                self._told[str(body["command"])] = Told(body["state"], str(body.get("said", "")), str(body["at"]))
            if body["state"] == "DONE" and body["name"] in (*CLOSING, "open"):
                self.orders.closed = body["name"] in CLOSING
                self.orders.words = dict(body.get("words") or {})
        self.changed()

    def told(self, command: str) -> Told | None:
        """What became of an order that the fleet brought; None: not known, or under way."""
        return self._told.get(command)

    async def follow(self, command: Command, via: Via = "platform") -> None:
        """Do one command, or find that it was done. Raises `JournalError`: it is offered again, and not done twice."""
        if not self._recalled:
            await self.recall()
        if not self._recalled:
            raise JournalError("what was ordered before is not known")
        if self._known.get(command.id) or command.id in self._under_way:
            return
        self._under_way.add(command.id)
        try:
            await self._follow(command, via)
        finally:
            self._under_way.discard(command.id)

    async def _follow(self, command: Command, via: Via) -> None:
        if command.id in self._unwritten:
            await self._end(command, *self._unwritten[command.id], via)
            return
        if command.id in self._known:
            await self._end(command, "FAILED", "the terminal stopped while it did this", via)
            return
        if command.expires_at <= self._clock.platform_now():
            await self._end(command, "REFUSED", "too late", via)
            return
        order = self._table.get(command.name)
        if order is None:
            known = ", ".join(sorted(self._table))
            await self._end(command, "REFUSED", f"not known here: {command.name[:40]} (known: {known})", via)
            return
        begun = {"command": command.id, "name": command.name, **({"via": via} if via != "platform" else {})}
        await self._journal.write(lambda w: w.entry("", "command.begun", begun))
        self._known[command.id] = False
        try:
            words = await order(command.params)
        except CannotDo as error:
            await self._end(command, "REFUSED", str(error), via)
        except Exception as error:
            log.exception("command %s failed by a program error", command.name)
            await self._end(command, "FAILED", type(error).__name__, via)
        else:
            await self._end(command, "DONE", words, via)

    async def _end(self, command: Command, state: Ended, words: str, via: Via) -> None:
        """Result and report in one transaction; what the fleet ordered is told from the entry itself."""
        kept = dict(self.orders.words) if state == "DONE" and command.name in CLOSING else {}
        entry: dict[str, Any] = {"command": command.id, "name": command.name[:40], "state": state, "words": kept}
        at = self._clock.platform_now().isoformat(timespec="seconds")
        body = {"command": command.id, "state": state, "words": words[:MOST_WORDS], "at": at}
        if via == "fleet":
            entry |= {"via": via, "said": words[:MOST_WORDS], "at": at}

        def work(write: Write) -> None:
            write.entry("", "command.ended", entry)
            if via == "platform":
                self._outbox.post(write, TOPIC, "", f"command-{command.id}", body)

        self._unwritten[command.id] = (state, words)
        while len(self._unwritten) > REMEMBERED:
            del self._unwritten[next(iter(self._unwritten))]
        await self._journal.write(work)
        del self._unwritten[command.id]
        self._known[command.id] = True
        while len(self._known) > 4 * REMEMBERED:
            del self._known[next(iter(self._known))]
        if via == "fleet":
            self._told[command.id] = Told(state, words[:MOST_WORDS], at)
            while len(self._told) > REMEMBERED:
                del self._told[next(iter(self._told))]
        log.info("command %s (%s): %s %s", command.id, command.name[:40], state, words[:MOST_WORDS])
        self._outbox.poke()

    async def _deliver(self, row: Row, body: Mapping[str, Any]) -> Apply:
        await self._platform.devices.ended(
            str(body["command"]), row.id, body["state"], str(body["words"]), str(body["at"])
        )
        return lambda write: None

    # What the office can order

    async def close(self, params: Mapping[str, str]) -> None:
        """Close with the order's words; a visit under way may end."""
        await self._close(params)

    async def _close(self, params: Mapping[str, str]) -> str:
        self.orders.words = _words(params)
        self.orders.closed = True
        self.changed()
        return "closed; a visit under way may end"

    async def _open(self, params: Mapping[str, str]) -> str:
        del params
        self.orders.closed, self.orders.words = False, {}
        self.changed()
        return "open" if not self.orders.here else "the office's closing has ended; a technician there keeps it closed"

    async def _notice(self, params: Mapping[str, str]) -> str:
        words = _words(params)
        if not words:
            raise CannotDo("a notice needs its words in zh (and en)")
        minutes = params.get("minutes", "60")
        if not minutes.isdecimal() or not 1 <= int(minutes) <= LONGEST_NOTICE_MIN:
            raise CannotDo(f"minutes: expected 1 to {LONGEST_NOTICE_MIN}")
        self.orders.notice = words
        until = self._clock.platform_now() + timedelta(minutes=int(minutes))
        self.orders.notice_until = until.timestamp()
        return f"shown for {minutes} min"


def _words(params: Mapping[str, str]) -> dict[str, str]:
    """The order's words for people, cut to what a page can hold."""
    return {language: params[language][:120] for language in ("zh", "en") if params.get(language)}


def _refused(row: Row, body: Mapping[str, Any], slug: str) -> Apply:
    """The platform does not want to know: it stays in the chain."""
    return lambda write: write.entry("", "report.refused", {"topic": row.topic, "row": row.id, "problem": slug})
