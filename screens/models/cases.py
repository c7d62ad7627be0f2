"""Cases: the list, one with its light and what happened, the parts of a bundle, the tags of a rating."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case in a list. `state` and `light` are keys of the texts."""

    number: str
    name: str
    state: str
    light: str
    promise: date


@dataclass(frozen=True, slots=True)
class Cases:
    """The person's cases, a page of them. `count` is all of them."""

    lines: tuple[CaseLine, ...]
    count: int
    more: bool = False
    earlier: bool = False


@dataclass(frozen=True, slots=True)
class CaseParts:
    """One part of a bundle. `back_fen`: what goes back because it was refused."""

    number: str
    name: str
    state: str
    light: str
    promise: date
    back_fen: int = 0


@dataclass(frozen=True, slots=True)
class CaseMoment:
    """Something that happened. `kind` is a key of the texts, `step` the office's word for the step."""

    at: datetime
    kind: str
    step: str = ""


@dataclass(frozen=True, slots=True)
class CasePage:
    """One case. Not `mine`: its number alone is known, reasons are not shown. `leads`: services that can follow."""

    line: CaseLine
    department: str
    step: str
    why: str
    estimated: bool
    mine: bool
    back_fen: int
    parts: tuple[CaseParts, ...]
    moments: tuple[CaseMoment, ...]
    leads: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RatingTags:
    """What a rating was given for: `tags` are (code, words), `chosen` codes among them. `stars` 5 the best."""

    stars: int
    tags: tuple[tuple[str, str], ...]
    chosen: frozenset[str] = frozenset()
