"""The other counters: the part of the client for tickets, appointments, couriers, help, notices, the cabinet, scans.

Errors as in `Platform`. What changes something takes a key: with the same key it is done once, whatever is sent again.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, cast
from urllib.parse import quote, urlencode

from kiosk.platform.errors import BadReply
from kiosk.platform.paying import Get, Post
from kiosk.platform.queries import Said, said
from kiosk.platform.reading import Members
from kiosk.platform.signing import verify_signed

CollectionState = Literal["NOT_READY", "READY", "OPEN", "TAKEN", "STUCK"]
_COLLECTION_STATES = frozenset({"NOT_READY", "READY", "OPEN", "TAKEN", "STUCK"})
_DELIVERY_STATES = frozenset({"ORDERED", "PICKED_UP", "ON_THE_WAY", "OUT_FOR_DELIVERY", "DELIVERED"})
_BOOKING_STATES = frozenset({"BOOKED", "CHECKED_IN", "CANCELLED"})
_WAYS = frozenset({"call-back", "call-us"})
_PAYERS = frozenset({"government", "receiver"})
TICKET_NO = re.compile(r"[A-Z][0-9]{3,5}", re.ASCII)
_OPTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9_+-]{0,39}", re.ASCII)
_DOOR = re.compile(r"([A-Z][0-9]{2})?", re.ASCII)
_DIGITS = re.compile(r"[0-9]{4,12}", re.ASCII)
_PREFIX = re.compile(r"[A-Z]", re.ASCII)
_LINK = re.compile(r"https?://\S+", re.ASCII)
PART_BYTES = 96 * 1024
MAX_SHARE = 16 << 20


@dataclass(frozen=True, slots=True)
class Slot:
    """A time at which people can come, and how many more."""

    key: str
    label: Said
    left: int


@dataclass(frozen=True, slots=True)
class Ticket:
    """A place in the hall's queue."""

    number: str
    kind: str
    counter: Said
    waiting: int
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketRange:
    """Numbers that only this terminal gives out, on that day: `first` to `last`."""

    day: date
    prefix: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Delivery:
    """A courier order."""

    id: str
    case: str
    waybill: str
    state: str
    pay_by: str


@dataclass(frozen=True, slots=True)
class HelpRequest:
    """Somebody will call within `minutes` (call-back), or the citizen calls `phone` and names `number` (call-us)."""

    number: str
    way: str
    phone: str
    minutes: int
    open: Said


@dataclass(frozen=True, slots=True)
class Announcement:
    """A notice of the site."""

    id: str
    title: Said
    text: Said
    until: datetime


@dataclass(frozen=True, slots=True)
class Collection:
    """What lies in the issuing cabinet for somebody: which document, behind which door, from which day."""

    id: str
    state: CollectionState
    document: Said
    place: Said
    door: str
    ready_on: date | None


@dataclass(frozen=True, slots=True)
class ScanLink:
    """Where the citizen's phone fetches the scan, once."""

    url: str = field(repr=False)
    expires_at: datetime


class Counters:
    """Calls of `Platform` that concern the other counters."""

    def __init__(self, get: Get, post: Post, public_key: str, kiosk: str) -> None:
        self._get = get
        self._post = post
        self._public_key = public_key
        self._kiosk = kiosk

    # Appointments and tickets

    async def slots(self, hall: str, day: date) -> tuple[Slot, ...]:
        """The times of a hall on a day."""
        m = Members(await self._get(f"/slots?{urlencode({'hall': hall, 'day': day.isoformat()})}"), "Slots")
        return tuple(
            Slot(s.text("key", 40, _OPTION), said(s.members("label")), s.number("left", 0, 100))
            for s in m.objects("items", 40)
        )

    async def check_in(self, booking: str, key: str) -> Ticket:
        """The ticket of an appointment, on its day."""
        return _ticket(await self._post(f"/bookings/{_part(booking)}/check-in", {}, key=key))

    async def cancel_booking(self, session: str, booking: str, key: str) -> None:
        """Give the appointment's place back."""
        reply = await self._post(f"/bookings/{_part(booking)}/cancellation", {}, key=key, session=session)
        Members(reply, "Booking").word("state", _BOOKING_STATES)

    async def take_ticket(self, key: str, kind: str, number: str = "", issued_at: datetime | None = None) -> Ticket:
        """The next number; or report `number` of this terminal's range, given out at `issued_at` without a network."""
        at = issued_at.isoformat(timespec="seconds") if issued_at else None
        body = {"kind": kind, "number": number or None, "issued_at": at}
        return _ticket(await self._post("/tickets", body, key=key))

    async def lease_tickets(self, key: str, day: date) -> tuple[TicketRange, dict[str, Any]]:
        """Numbers for times without a network; also as they were signed, to be kept."""
        reply = await self._post("/ticket-ranges", {"day": day.isoformat()}, key=key)
        return self.read_range(reply), dict(reply)

    def read_range(self, reply: Any) -> TicketRange:
        """A signed range of this terminal. Raises `BadReply`, `BadSignature`."""
        m = Members(reply, "TicketRange")
        verify_signed(reply, self._public_key)
        if m.text("kiosk", 12) != self._kiosk:
            raise BadReply("TicketRange.kiosk: it is another terminal's")
        found = TicketRange(
            m.day("day"), m.text("prefix", 1, _PREFIX), m.number("first", 1, 99_999), m.number("last", 1, 99_999)
        )
        if found.last < found.first:
            raise BadReply("TicketRange.last: before first")
        return found

    # Courier, help, notices

    async def delivery(self, name: str) -> Delivery:
        """A courier order by its number or its case."""
        m = Members(await self._get(f"/deliveries/{_part(name)}"), "Delivery")
        state, payer = m.word("state", _DELIVERY_STATES), m.word("pay_by", _PAYERS)
        return Delivery(m.id("id"), m.id("case"), m.id("waybill"), state, payer)

    async def ask_for_help(
        self, key: str, service: str, *, topic: str, phone: str, case_no: str, session: str = ""
    ) -> HelpRequest:
        """Ask for a person. Again with the same key is the same request."""
        body = {"service": service, "topic": topic[:60], "phone": phone, "case_no": case_no[:60]}
        m = Members(await self._post("/help-requests", body, key=key, session=session), "HelpRequest")
        return HelpRequest(
            m.text("number", 12, _DIGITS),
            m.word("way", _WAYS),
            m.text("phone", 20),
            m.number("minutes", 0, 1440),
            said(m.members("open")),
        )

    async def notices(self) -> tuple[Announcement, ...]:
        """What is announced for this terminal."""
        m = Members(await self._get("/notices"), "Notices")
        return tuple(
            Announcement(n.id("id"), said(n.members("title")), said(n.members("text"), 500), n.time("until"))
            for n in m.objects("items", 20)
        )

    # The issuing cabinet

    async def find_collection(self, session: str, service: str, accept_no: str, consents: list[str]) -> Collection:
        """Whether something lies ready for whoever the session has proven."""
        body = {"service": service, "accept_no": accept_no, "consents": list(consents)}
        return _collection(await self._post("/collections", body, session=session))

    async def collection(self, name: str) -> Collection:
        """How the hand-over stands."""
        return _collection(await self._get(f"/collections/{_part(name)}"))

    async def open_door(self, session: str, name: str, key: str) -> Collection:
        """Open the door; safe to send again with the same key."""
        return _collection(await self._post(f"/collections/{_part(name)}/openings", {}, key=key, session=session))

    # Scans to a phone

    async def share_scan(self, key: str, pdf: bytes) -> ScanLink:
        """Hand a PDF over, part by part; gives the link for the citizen's phone. Raises `ValueError` when too large."""
        if not 100 <= len(pdf) <= MAX_SHARE:
            raise ValueError(f"a scan of 100 octets to {MAX_SHARE >> 20} MiB can be handed over")
        body = {"bytes": len(pdf), "digest": hashlib.sha256(pdf).hexdigest()}
        share = Members(await self._post("/scan-shares", body, key=key), "ScanShare").id("id")
        for at in range(0, len(pdf), PART_BYTES):
            part = {"at": at, "data": base64.b64encode(pdf[at : at + PART_BYTES]).decode()}
            await self._post(f"/scan-shares/{_part(share)}/parts", part, key=f"{key}-{at}")
        m = Members(await self._post(f"/scan-shares/{_part(share)}/link", {}, key=f"{key}-link"), "ScanLink")
        return ScanLink(m.text("url", 200, _LINK), m.time("expires_at"))


def _ticket(reply: Any) -> Ticket:
    m = Members(reply, "Ticket")
    return Ticket(
        m.text("number", 6, TICKET_NO),
        m.text("kind", 40, _OPTION),
        said(m.members("counter")),
        m.number("waiting", 0, 10_000),
        m.time("at"),
    )


def _collection(reply: Any) -> Collection:
    m = Members(reply, "Collection")
    return Collection(
        m.id("id"),
        cast("CollectionState", m.word("state", _COLLECTION_STATES)),
        said(m.members("document")),
        said(m.members("place")),
        m.text("door", 3, _DOOR),
        m.day_or_none("ready_on"),
    )


def _part(text: str) -> str:
    return quote(text, safe="")
