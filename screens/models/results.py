"""What a query found, a place in the queue, something to collect, copies and scans; help by people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from screens.models.finding import ServiceLine


@dataclass(frozen=True, slots=True)
class ResultLine:
    """A label and a value; `private`: not spoken, not in pictures of the screen."""

    label: str
    value: str
    private: bool = False


@dataclass(frozen=True, slots=True)
class ResultLines:
    """A card of lines."""

    title: str
    lines: tuple[ResultLine, ...]


@dataclass(frozen=True, slots=True)
class ResultTable:
    """Records under their columns; it takes as many turns of the page as it needs."""

    title: str
    columns: tuple[str, ...]
    records: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class ResultEvent:
    """A step of something under way."""

    label: str
    state: Literal["done", "current", "late", "todo"]
    at: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class ResultEvents:
    """How far something is."""

    title: str
    events: tuple[ResultEvent, ...]


@dataclass(frozen=True, slots=True)
class ResultServices:
    """Items to be opened."""

    title: str
    services: tuple[ServiceLine, ...]


ResultSection: TypeAlias = ResultLines | ResultTable | ResultEvents | ResultServices


@dataclass(frozen=True, slots=True)
class ResultPage:
    """What was found; without sections: nothing, and `advice` says what to do.

    `more`: the platform has further records. `printable`: it may stand on paper. `kept`: answered from data that are
    kept here, because there is no network.
    """

    service: str
    sections: tuple[ResultSection, ...]
    source: str
    as_of: str
    advice: str = ""
    more: bool = False
    printable: bool = False
    kept: bool = False
    private: bool = True


@dataclass(frozen=True, slots=True)
class HelpAsked:
    """A person will call back within `minutes`, or waits for a call under `phone`; `number` is to be named."""

    way: Literal["call-back", "call-us", "offline"]
    number: str
    phone: str
    minutes: int
    open: str


@dataclass(frozen=True, slots=True)
class CollectPage:
    """Something behind the door of the issuing cabinet: not ready, ready, open now, stuck."""

    state: Literal["not-ready", "ready", "open", "stuck"]
    document: str
    place: str
    door: str = ""
    ready_on: str = ""


@dataclass(frozen=True, slots=True)
class CopyOffer:
    """The scanned pages: print so many copies, or send them to the phone; `printed` and `sent` say what was done."""

    service: str
    pages: int
    copies: int
    can_send: bool
    printed: bool = False
    sent: bool = False


@dataclass(frozen=True, slots=True)
class PhoneLink:
    """The link to the scan as a code; good once, until `until`."""

    payload: str
    until: str


@dataclass(frozen=True, slots=True)
class TicketPage:
    """A place in the queue, to be seen also when no paper comes."""

    number: str
    counter: str
    waiting: int | None
    kept: bool = False
