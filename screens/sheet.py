"""A page after layout: its marks, what can be touched, what it means, and where it did not fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from screens.marks import Mark, Rect
from screens.screen import Node, Reply


@dataclass(frozen=True, slots=True)
class Target:
    """What a finger can touch: replies `reply` when enabled. `kind` is "key", "primary" or "button"."""

    rect: Rect
    reply: Reply
    enabled: bool = True
    kind: str = "button"


@dataclass(frozen=True, slots=True)
class ClockSlot:
    """Where time and date are written; the stage fills it."""

    rect: Rect
    time_size: int
    date_size: int
    colour: tuple[int, int, int]
    date_colour: tuple[int, int, int]
    bold: bool = True


@dataclass(frozen=True, slots=True)
class RingSlot:
    """Where the countdown is drawn; the stage fills it."""

    rect: Rect
    width: int
    size: int
    colour: tuple[int, int, int]
    track: tuple[int, int, int]
    words: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class InkSlot:
    """Where a finger writes, how thick and in which colour."""

    rect: Rect
    width: int
    colour: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class BusySlot:
    """The ring of waiting and, under its sign, the place for the seconds so far; the stage fills both."""

    ring: RingSlot
    words: Rect


class Placed(Protocol):
    """What can be put into a rectangle of a sheet: a box."""

    def place(self, rect: Rect, sheet: Sheet) -> None:
        """Fill `sheet`."""
        ...


@dataclass(frozen=True, slots=True)
class Face:
    """How the target at `rect` looks: drawn by `draw(pressed)`; calm, it is the marks from `first` to before `end`."""

    rect: Rect
    first: int
    end: int
    draw: Callable[[bool], Placed]


@dataclass(slots=True)
class Sheet:
    """Filled by `place` of every box, then only read. `pressed` is the rectangle of the target under the finger."""

    size: tuple[int, int] = (0, 0)
    """Width and height in pixels of the panel that it was laid out for."""
    pressed: Rect | None = None
    marks: list[Mark] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    private: list[Rect] = field(default_factory=list)
    overflows: list[str] = field(default_factory=list)
    clock: ClockSlot | None = None
    ring: RingSlot | None = None
    busy: BusySlot | None = None
    preview: Rect | None = None
    ink: InkSlot | None = None
    anywhere: Reply | None = None
    turn: int = 0
    turns: int = 1
    faces: list[Face] = field(default_factory=list)
    """Of what can be pressed."""
    calm: Sheet | None = None
    """Of a sheet on which something is pressed: the same with nothing pressed, and `differs` where the two differ."""
    differs: tuple[Rect, ...] = ()

    def hit(self, x: int, y: int) -> Target | None:
        """The topmost target at a panel pixel; on a page that starts anywhere, the whole panel is one."""
        for target in reversed(self.targets):
            if target.rect.holds(x, y):
                return target
        if self.anywhere is not None:
            return next((t for t in self.targets if t.reply == self.anywhere), None)
        return None

    def find(self, key: str, value: str = "") -> Target | None:
        """The enabled target that replies `key` (and `value`, when one is asked for)."""
        return next(
            (t for t in self.targets if t.enabled and t.reply.key == key and (not value or t.reply.value == value)),
            None,
        )
