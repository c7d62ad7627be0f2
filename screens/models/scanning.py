"""Sheets on the desk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from screens.models.filling import Known
from screens.screen import Tone


@dataclass(frozen=True, slots=True)
class ScanPage:
    """A page on the desk. `side` names it where it has a name; `of` 0: as many as there are. `guidance` is a key of
    the texts: place, ready, or flaw and its reason."""

    document: str
    side: str
    page: int
    of: int
    guidance: str = "place"
    tone: Tone = "info"


@dataclass(frozen=True, slots=True)
class ScanKept:
    """What was scanned so far, to look at. `more`: another page can follow; `can_finish`: all needed are in."""

    document: str
    count: int
    of: int
    more: bool
    can_finish: bool


@dataclass(frozen=True, slots=True)
class ScanRead:
    """What a sheet says against the card, masked."""

    document: str
    rows: tuple[Known, ...]
    verdict: Literal["same", "near", "other", "unread"]
