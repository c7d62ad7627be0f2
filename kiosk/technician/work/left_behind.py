"""Cards and papers that somebody forgot: found, put away, handed out; never whose they are (P5, P6).

| entry        | says                                                                             |
|--------------|----------------------------------------------------------------------------------|
| visit.closed | `left`: the terminal noticed by itself that a card was left                      |
| left.found   | number, kind, place, where it is kept, the visit that it answers, whether the place is empty now |
| left.handed  | number, to whom (a role, never a name)                                           |
"""

from __future__ import annotations

import asyncio
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from drivers.errors import DeviceError
from kiosk.technician.work.refusal import Refusal

if TYPE_CHECKING:
    from kiosk.journal import Journal, Write
    from kiosk.visits.case import Tools

Thing = Literal["id-card", "social-card", "bank-card", "certificate", "receipt", "document", "phone", "other"]
Spot = Literal["reader", "pad", "receipt-exit", "licence-tray", "desk", "around"]
Kept = Literal["counter", "safe", "lost-property", "police"]
Receiver = Literal["owner", "attendant", "issuing-office", "police"]
Gone = Literal["yes", "no", "unknown"]
THINGS: Final[tuple[Thing, ...]] = get_args(Thing)
SPOTS: Final[tuple[Spot, ...]] = get_args(Spot)
KEPT: Final[tuple[Kept, ...]] = get_args(Kept)
RECEIVERS: Final[tuple[Receiver, ...]] = get_args(Receiver)
LOOK_S: Final = 5.0
REMEMBERED: Final = 500
_NUMBER: Final = re.compile(r"L-[0-9A-F]{8}", re.ASCII)


@dataclass(frozen=True, slots=True)
class LeftThing:
    """Something that is kept for its owner. `at` is when it was found (RFC 3339)."""

    number: str
    at: str
    kind: Thing
    spot: Spot
    kept: Kept


@dataclass(frozen=True, slots=True)
class Noticed:
    """A visit that ended with something left, and nobody has found it yet."""

    visit: str
    at: str


async def found(tools: Tools, who: str, kind: Thing, spot: Spot, kept: Kept, visit: str = "") -> LeftThing:
    """It was taken out and put away; the place must be empty as far as its device can tell.

    `visit`: the one that it was noticed in. Raises `Refusal` when the device still feels it, `JournalError`.
    """
    if kind not in THINGS or spot not in SPOTS or kept not in KEPT:
        raise Refusal("work.not-understood", "kind, place, kept")
    gone = await empty(tools, spot)
    if gone == "no":
        raise Refusal("work.still-there", spot)
    number = f"L-{secrets.token_hex(4).upper()}"
    body = {"number": number, "kind": kind, "place": spot, "kept": kept, "empty": gone, "visit": visit, "who": who}

    def work(write: Write) -> None:
        write.entry("", "left.found", body)

    await tools.journal.write(work)
    return LeftThing(number, tools.clock.now().isoformat(timespec="milliseconds"), kind, spot, kept)


async def handed(journal: Journal, who: str, number: str, to: Receiver) -> None:
    """It was handed out. Raises `Refusal` when no such thing is kept (any more), `JournalError`."""
    if to not in RECEIVERS or not _NUMBER.fullmatch(number):
        raise Refusal("work.not-understood", "L-XXXXXXXX")

    def work(write: Write) -> bool:
        """Looked up and written in one transaction: a thing is handed out once."""
        rows = write.since(0, "left.")
        known = any(kind == "left.found" and body["number"] == number for _, _, kind, body in rows)
        out = any(kind == "left.handed" and body["number"] == number for _, _, kind, body in rows)
        if known and not out:
            write.entry("", "left.handed", {"number": number, "to": to, "who": who})
        return known and not out

    if not await journal.write(work):
        raise Refusal("work.nothing-kept", number)


async def kept_here(journal: Journal) -> list[LeftThing]:
    """What is kept and was not handed out, oldest first. Raises `JournalError`."""
    out = {str(body["number"]) for body in await journal.recent("left.handed", REMEMBERED)}
    rows = await journal.recent_rows("left.found", REMEMBERED)
    return [_thing(at, body) for at, _, body in rows if body["number"] not in out]


async def noticed(journal: Journal) -> list[Noticed]:
    """Visits that left a card behind which nobody has registered, oldest first. Raises `JournalError`."""
    answered = {str(body.get("visit", "")) for body in await journal.recent("left.found", REMEMBERED)}
    rows = await journal.recent_rows("visit.closed", REMEMBERED)
    return [Noticed(visit, at) for at, visit, body in rows if body.get("left") == "card" and visit not in answered]


async def empty(tools: Tools, spot: Spot) -> Gone:
    """Whether nothing lies there, by the device of that place; "unknown" where none can tell (P8)."""
    try:
        async with asyncio.timeout(LOOK_S):
            if spot == "reader":
                return "no" if await tools.reader.card_present() else "yes"
            if spot == "receipt-exit":
                taken = await tools.receipt_printer.wait_taken(0.5)
                return "unknown" if taken is None else "yes" if taken else "no"
    except (DeviceError, TimeoutError):
        return "unknown"
    return "unknown"


def _thing(at: str, body: dict[str, Any]) -> LeftThing:
    return LeftThing(str(body["number"]), at, body["kind"], body["place"], body["kept"])
