"""Serial-numbered forms: which are in the printer's tray, which number goes onto which print, what became of each.

The ledger is the journal's own entries (`stock.*`), in the same chain and the same transactions as the prints; what is
derived from them is only a picture, brought up to date before each use, so that another process may load a range.

| entry          | by                        | the form then                                                    |
|----------------|---------------------------|------------------------------------------------------------------|
| stock.loaded   | a person: a range         | is free                                                          |
| stock.reserved | a print that is permitted | is the print's, in the transaction that records the permission   |
| stock.used     | the print is done         | is gone                                                          |
| stock.spoiled  | void after it was fed     | is gone, until a person finds it blank and frees it              |
| stock.unclear  | nobody knows              | counts as used, until a person frees it                          |
| stock.removed  | a person, signed          | is out of the tray for good                                      |
| stock.counted  | a person, signed          | those that the count missed are out of the tray                  |
| stock.freed    | a person, or a print that was void before anything was sent | is free again: the lowest goes first |
"""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from drivers.rhythm import beat
from kiosk.journal import Journal, JournalError, Write

log = logging.getLogger(__name__)

WATCH_S = 5.0
MAX_RANGE = 5000
MAX_HELD = 20_000
MAX_WHO = 40
MOST_MISSING = 500
"""A count that lacks more is no count but another tray; the numbers must fit one entry."""
LOW = 20
"""From so few on a technician is told."""
Fate = Literal["used", "spoiled", "unclear"]
_STOCK = re.compile(r"[a-z][a-z0-9-]{0,39}", re.ASCII)
_PREFIX = re.compile(r"[A-Z0-9-]{0,12}", re.ASCII)
FREEABLE: frozenset[str] = frozenset({"spoiled", "unclear", "reserved"})


class StockError(ValueError):
    """What was asked of the ledger cannot be; says what and what to do."""


class OutOfForms(Exception):
    """There are not as many free forms as the print needs."""


@dataclass(slots=True)
class Shelf:
    """One kind of form: every serial that is still of interest, with where it stands. Free ones in order of use."""

    free: list[str] = field(default_factory=list)
    held: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Serial to what it is (reserved, spoiled, unclear) and for which print."""
    used: int = 0
    out: int = 0
    """Taken out of the tray by a person, or missing at a count."""
    ranges: list[tuple[str, str]] = field(default_factory=list)

    def count(self, state: str) -> int:
        """How many forms are reserved, spoiled or unclear."""
        return sum(s == state for s, _ in self.held.values())


class FormsStock:
    """The ledger. Methods that take a `Write` act inside that transaction; `refresh` is for those who only look."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._seen = 0
        self._shelves: dict[str, Shelf] = {}

    async def watch(self, every_s: float = WATCH_S) -> None:
        """Keep the picture current for ever: a technician may load a range from another process."""
        while True:
            try:
                await self.refresh()
            except JournalError as error:
                log.warning("stock of forms: %s", error)
            await beat(every_s)

    def left(self, stock: str) -> int:
        """Free forms, as last seen."""
        shelf = self._shelves.get(stock)
        return len(shelf.free) if shelf else 0

    @property
    def shelves(self) -> dict[str, Shelf]:
        """Every kind of form, as last seen."""
        return self._shelves

    async def refresh(self) -> None:
        """Read what the journal has had since. Raises `JournalError`."""
        await self._journal.write(self._catch_up)

    async def load(
        self, stock: str, prefix: str, first: int, last: int, *, width: int, who: str, signed: str = ""
    ) -> int:
        """A person put a range of forms into the tray; returns how many. Raises `StockError`."""
        _named(stock, who)
        if not _PREFIX.fullmatch(prefix):
            raise StockError("prefix: at most 12 capitals, digits and hyphens")
        if not 4 <= width <= 12 or not 0 <= first <= last < 10**width:
            raise StockError("range: the first number up to the last one, 4 to 12 digits")
        if last - first >= MAX_RANGE:
            raise StockError(f"range: {last - first + 1} forms; a range has at most {MAX_RANGE}")
        serials = [f"{prefix}{number:0{width}d}" for number in range(first, last + 1)]

        def work(write: Write) -> int:
            self._catch_up(write)
            shelf = self._shelves.get(stock, Shelf())
            if any(_overlap(serials, start, end) for start, end in shelf.ranges):
                raise StockError(f"{stock}: some of these numbers were loaded before; a number exists once")
            if len(shelf.free) + len(serials) > MAX_HELD:
                raise StockError(f"{stock}: the ledger holds {MAX_HELD} free forms of a kind")
            body = {"stock": stock, "first": serials[0], "last": serials[-1], "who": who}
            write.entry("", "stock.loaded", body | ({"signed": signed} if signed else {}))
            return len(serials)

        count = await self._journal.write(work)
        await self.refresh()
        return count

    async def free(self, stock: str, serial: str, *, who: str, why: str) -> str:
        """A person found the form blank and put it back; returns what it was. Raises `StockError`."""
        _named(stock, who)
        if not 3 <= len(why) <= 100 or not why.isprintable():
            raise StockError("why: a reason of 3 to 100 characters is needed, for the record")

        def work(write: Write) -> str:
            self._catch_up(write)
            shelf = self._shelves.get(stock)
            state, intent_id = shelf.held.get(serial, ("", "")) if shelf else ("", "")
            if state not in FREEABLE:
                raise StockError(f"{stock} {serial}: not unclear, spoiled or reserved: there is nothing to free")
            intent = write.intent(intent_id)
            if state == "reserved" and intent is not None and intent.open:
                raise StockError(f"{stock} {serial}: its print is under way; wait for its end")
            write.entry("", "stock.freed", {"stock": stock, "serials": [serial], "who": who, "why": why})
            return state

        was = await self._journal.write(work)
        await self.refresh()
        return was

    async def take_out(self, stock: str, serials: Sequence[str], *, who: str, why: str, signed: str) -> int:
        """Free forms leave the tray for good; returns how many. Raises `StockError`."""
        _named(stock, who)
        gone = list(dict.fromkeys(serials))

        def work(write: Write) -> int:
            self._catch_up(write)
            _all_free(self._shelves.get(stock, Shelf()), stock, gone)
            body = {"stock": stock, "serials": gone, "who": who, "why": why, "signed": signed}
            write.entry("", "stock.removed", body)
            return len(gone)

        taken = await self._journal.write(work)
        await self.refresh()
        return taken

    async def counted(
        self, stock: str, count: int, first: str, last: str, absent: Sequence[str], *, who: str, why: str, signed: str
    ) -> tuple[int, tuple[str, ...]]:
        """A person counted the tray: how many the ledger had, and the numbers that it lacks now. Raises `StockError`.

        `first` lies on top, `last` below, `absent` are missing between them; all empty with a count of 0.
        """
        _named(stock, who)

        def work(write: Write) -> tuple[int, tuple[str, ...]]:
            self._catch_up(write)
            shelf = self._shelves.get(stock, Shelf())
            missing = _missing(shelf.free, stock, count, first, last, absent)
            if len(missing) > MOST_MISSING:
                raise StockError(f"{stock}: {len(missing)} forms missing; take them out in parts of {MOST_MISSING}")
            if missing and not why:
                raise StockError(f"{stock}: {spelt(missing)} missing: say why")
            body = {"stock": stock, "expected": len(shelf.free), "count": count, "first": first, "last": last}
            more = {"serials": missing, "who": who, "why": why, "signed": signed}
            write.entry("", "stock.counted", body | more)
            return len(shelf.free), tuple(missing)

        result = await self._journal.write(work)
        await self.refresh()
        return result

    def reserve(self, write: Write, visit: str, stock: str, count: int, intent: str) -> tuple[str, ...]:
        """The next `count` forms for a print. Raises `OutOfForms`; then the whole transaction is undone."""
        self._catch_up(write)
        shelf = self._shelves.get(stock)
        if shelf is None or len(shelf.free) < count:
            raise OutOfForms(f"{stock}: {self.left(stock)} free forms, {count} are needed; load a range")
        serials = tuple(shelf.free[:count])
        write.entry(visit, "stock.reserved", {"stock": stock, "serials": list(serials), "intent": intent})
        return serials

    def settle(self, write: Write, visit: str, stock: str, serials: Sequence[str], fate: Fate, intent: str) -> None:
        """What became of the forms of a print."""
        body = {"stock": stock, "serials": list(serials), "intent": intent}
        write.entry(visit, f"stock.{fate}", body)

    def unused(self, write: Write, visit: str, stock: str, serials: Sequence[str], intent: str, cause: str) -> None:
        """The print was void before anything was sent: its forms still lie in the tray."""
        body = {"stock": stock, "serials": list(serials), "intent": intent, "who": "terminal", "why": cause}
        write.entry(visit, "stock.freed", body)

    def _catch_up(self, write: Write) -> None:
        """Apply what is on disk and was not seen yet. Called before a transaction's own `stock.*` entries: these may
        still be undone, and are seen the next time."""
        for seq, _, kind, body in write.since(self._seen, "stock."):
            self._apply(kind.removeprefix("stock."), body)
            self._seen = seq

    def _apply(self, what: str, body: dict[str, Any]) -> None:
        shelf = self._shelves.setdefault(str(body["stock"]), Shelf())
        if what == "loaded":
            first, last = str(body["first"]), str(body["last"])
            shelf.ranges.append((first, last))
            shelf.free += _range(first, last)
            return
        if what in ("removed", "counted"):
            gone = frozenset(map(str, body["serials"]))
            left = [serial for serial in shelf.free if serial not in gone]
            shelf.out += len(shelf.free) - len(left)
            shelf.free = left
            return
        for serial in map(str, body["serials"]):
            if what == "freed":
                shelf.held.pop(serial, None)
                shelf.free = sorted({*shelf.free, serial}, key=_order)
            elif what == "used":
                shelf.held.pop(serial, None)
                shelf.used += 1
            else:
                shelf.held[serial] = (what, str(body.get("intent", "")))
                if what == "reserved" and serial in shelf.free:
                    shelf.free.remove(serial)


def spelt(serials: Sequence[str]) -> str:
    """Serials in few words, for reports: one, or the first and the last with their number."""
    if len(serials) < 2:
        return "".join(serials)
    return f"{serials[0]}-{serials[-1]} ({len(serials)})"


def _named(stock: str, who: str) -> None:
    if not _STOCK.fullmatch(stock):
        raise StockError("stock: a name of a to z, 0 to 9 and hyphens, as in the catalogue's form_stock")
    if not 2 <= len(who) <= MAX_WHO or not who.isprintable():
        raise StockError(f"who: a name or staff number of 2 to {MAX_WHO} characters is needed, for the record")


def _all_free(shelf: Shelf, stock: str, serials: Sequence[str]) -> None:
    strange = [serial for serial in serials if serial not in shelf.free]
    if strange:
        raise StockError(f"{stock} {strange[0]}: not a free form of the ledger; look at `kiosk stock show`")


def _missing(free: Sequence[str], stock: str, count: int, first: str, last: str, absent: Sequence[str]) -> list[str]:
    """The free numbers that are not in the tray. Raises `StockError` unless every difference has a number."""
    if count == 0:
        return list(free)
    for serial in (first, last, *absent):
        if serial not in free:
            raise StockError(f"{stock} {serial}: not a free form of the ledger; load its range first")
    top, bottom = free.index(first), free.index(last)
    inside = [serial for serial in free[top : bottom + 1] if serial not in set(absent)]
    if len(inside) != count:
        raise StockError(f"{stock}: {first} to {last} are {len(inside)} forms, counted {count}; name the missing ones")
    return [serial for serial in free if serial not in set(inside)]


def _head(serial: str) -> str:
    return serial.rstrip("0123456789")


def _order(serial: str) -> tuple[str, int]:
    head = _head(serial)
    return head, int(serial[len(head) :])


def _range(first: str, last: str) -> list[str]:
    head = _head(first)
    digits = len(first) - len(head)
    return [f"{head}{number:0{digits}d}" for number in range(int(first[len(head) :]), int(last[len(head) :]) + 1)]


def _overlap(serials: Sequence[str], first: str, last: str) -> bool:
    """Whether a range has a serial of another one: same letters, same length, a number in common."""
    if _head(serials[0]) != _head(first) or len(serials[0]) != len(first):
        return False
    return _order(serials[0]) <= _order(last) and _order(first) <= _order(serials[-1])
