"""Home, fields, verbs, search, guides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """One service in a list. `kind` is the verb (apply, pay, verify, print, query); `reason` says why not, `limit` what
    is different now; a service whose guide alone can be read is not `startable`."""

    id: str
    name: str
    kind: str
    fee: str
    minutes: int
    available: bool
    reason: str = ""
    limit: str = ""
    startable: bool = True


@dataclass(frozen=True, slots=True)
class FieldLine:
    """One field of services (public security, tax, ...). `icon` is a Material Symbols name."""

    key: str
    name: str
    icon: str
    note: str
    count: int


@dataclass(frozen=True, slots=True)
class VerbLine:
    """One verb and how many services have it."""

    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class Home:
    """What can be done here. `limits` are sentences about what cannot, `elsewhere` where it can; `more` are the fields
    behind the next page."""

    fields: tuple[FieldLine, ...]
    popular: tuple[ServiceLine, ...]
    available: int
    limits: tuple[str, ...] = ()
    more: tuple[FieldLine, ...] = ()
    verbs: tuple[VerbLine, ...] = ()
    search: bool = False
    elsewhere: str = ""


@dataclass(frozen=True, slots=True)
class Fields:
    """All fields; with a verb those that have services of it, and how many."""

    fields: tuple[FieldLine, ...]
    kind: str = ""


@dataclass(frozen=True, slots=True)
class FieldPage:
    """All services of one field, or those of one verb."""

    field: FieldLine
    services: tuple[ServiceLine, ...]


@dataclass(frozen=True, slots=True)
class SearchChoice:
    """One answer to what the terminal asks back; `value` goes back with it."""

    words: str
    value: str


@dataclass(frozen=True, slots=True)
class Search:
    """What was typed, what it may mean; `sure`: the first one is most likely meant; `question` is asked back."""

    text: str
    found: tuple[ServiceLine, ...] = ()
    sure: bool = False
    question: str = ""
    choices: tuple[SearchChoice, ...] = ()
    ready: bool = True
    layer: str = "latin"
    layers: tuple[str, ...] = ("pinyin", "latin", "upper", "signs")


@dataclass(frozen=True, slots=True)
class Guide:
    """The six elements of a service guide, and whether it can be started here now. `parts` are those of a bundle, each
    with its time; `prints`: on what the guide can be printed."""

    service: ServiceLine
    basis: str
    materials: tuple[str, ...]
    procedure: tuple[str, ...]
    fee: str
    fee_basis: str
    time_limit: str
    output: str
    authority: str
    elsewhere: str = ""
    conditions: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    prints: Literal["", "receipt", "a4"] = ""
    needs: Literal["", "card", "phone"] = "card"
    """What whoever starts it has to have at hand."""
    lasting: bool = False
    """It cannot be done at this terminal at all: waiting would not help."""


@dataclass(frozen=True, slots=True)
class GuidePrinted:
    """How printing a guide goes or went."""

    state: Literal["printing", "done", "failed"]
    on: Literal["receipt", "a4"] = "receipt"
