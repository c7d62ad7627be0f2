"""Blocks of the technician's pages, as frozen data: lines of the readiness report, measures, a chart, whole panels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

State = Literal["ok", "attention", "fault", "unknown", "absent"]
"""How something stands: shown by colour, sign and word together."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line: what it is, how it stands, and the next act in the same line.

    Touching it replies `Reply("section", id)`; its button replies `Reply("test", id)`. `test` "": it has no button.
    """

    id: str
    name: str
    icon: str
    state: State
    word: str
    sentence: str
    remedy: str = ""
    test: str = ""


@dataclass(frozen=True, slots=True)
class Checks:
    """Lines of the readiness report; may be dealt out over turns and columns."""

    lines: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure with its bar: `share` 0..1, good between `low` and `high`; `told` says in a word how it stands."""

    label: str
    value: str
    share: float
    low: float = 0.0
    high: float = 1.0
    told: str = ""

    @property
    def good(self) -> bool:
        """Whether it lies where it should."""
        return self.low <= self.share <= self.high


@dataclass(frozen=True, slots=True)
class Measures:
    """Live figures, one bar under another."""

    lines: tuple[Measure, ...]


@dataclass(frozen=True, slots=True)
class ChartBar:
    """One bar of a chart: what stands under it, its share of the highest (0..1), the figure over it."""

    label: str
    share: float
    value: str = ""
    bad: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A few upright bars, the oldest first."""

    title: str
    bars: tuple[ChartBar, ...]


@dataclass(frozen=True, slots=True)
class Wipe:
    """The whole panel as a grid to be wiped with a finger: each stroke is `Reply("stroke", ...)` (`screens.ink`).

    `wiped` are the cells that were reached, numbered in reading order; `heard` is the number of the last stroke taken.
    """

    columns: int
    rows: int
    wiped: frozenset[int]
    heard: int = 0
    label: str = ""


@dataclass(frozen=True, slots=True)
class Plain:
    """The whole panel in one colour ("#rrggbb"), wherever it is touched `Reply("next")`; `label` is what it is."""

    colour: str
    label: str


@dataclass(frozen=True, slots=True)
class Cross:
    """The whole panel with one cross to touch, at `x` and `y` in its pixels: the touch is `Reply("stroke", ...)`."""

    x: int
    y: int
    heard: int
    label: str


Whole: TypeAlias = Wipe | Plain | Cross
"""Blocks that take the whole panel: no header, no bar."""
