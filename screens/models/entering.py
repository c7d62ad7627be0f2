"""Pages of one field: choosing from a list, an address, writing, a list of entries, a code."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from screens.ink import InkStroke

Layer = Literal["pinyin", "hand", "latin", "upper", "signs", "rare", "hangul"]


@dataclass(frozen=True, slots=True)
class ChooseFrom:
    """A long list of choices. `chosen` are the keys that are chosen; `many`: more than one may be.

    `letters` are the initials that lead somewhere, `at` the one that is chosen; without letters the list is short.
    """

    label: str
    options: tuple[tuple[str, str], ...]
    chosen: frozenset[str] = frozenset()
    many: bool = False
    can_finish: bool = True
    letters: tuple[str, ...] = ()
    at: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """An address: the district, then the town, then road and house. `level` is what is asked now; `before` what is
    chosen already."""

    level: Literal["district", "town"]
    options: tuple[tuple[str, str], ...]
    before: str = ""
    other: bool = True
    """An address elsewhere can be written instead."""


@dataclass(frozen=True, slots=True)
class Writing:
    """A page for words. `words` are candidates for `pending`; `counts` says how many characters there may be."""

    label: str
    text: str
    pending: str
    words: tuple[str, ...]
    layer: Layer
    back: bool = False
    on: bool = False
    error: str = ""
    counts: tuple[int, int] = (0, 0)
    lines: bool = False
    """New lines may be typed."""
    before: str = ""
    layers: tuple[Layer, ...] = ("pinyin", "latin", "upper", "signs")
    strokes: tuple[InkStroke, ...] = field(default=(), repr=False)
    heard: int = 0
    """The number of the last stroke that the journey was told of."""
    unread: bool = False
    """What was written could not be read."""
    no_hand: bool = False
    """Handwriting has failed here; there are other ways."""
    lacking: tuple[str, ...] = ()
    """Characters of the text that no font here can show, as codes."""


@dataclass(frozen=True, slots=True)
class Entries:
    """A list of free entries, one line each."""

    label: str
    entries: tuple[str, ...]
    most: int
    least: int = 1
    error: str = ""


@dataclass(frozen=True, slots=True)
class CodeField:
    """A code that is held to the camera. `trouble` is a whole sentence."""

    label: str
    trouble: str = ""
