"""Blocks in which something is filled in, as frozen data: fields, choices, keypads, ink, a PIN, candidates."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from screens.ink import InkStroke
from screens.terms import Action, KeypadKind


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in. `value` is as shown (grouped, masked); touching it replies `Reply("focus", key)`."""

    key: str
    label: str
    value: str = ""
    placeholder: str = ""
    hint: str = ""
    error: str = ""
    focused: bool = False
    optional: bool = False
    opens: bool = False
    """Touching it opens a page of its own."""


@dataclass(frozen=True, slots=True)
class Option:
    """One of several answers to a `Choice`."""

    key: str
    label: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer out of a few: touching one replies `Reply("choose:" + key, option.key)`."""

    key: str
    label: str
    options: tuple[Option, ...]
    selected: str = ""
    error: str = ""
    focused: bool = False
    """It is its turn: its turn of the page is shown."""


@dataclass(frozen=True, slots=True)
class Keypad:
    """The touch keypad, with the page's likely next action as a large key beside it.

    Each key replies `Reply("key", "5")`; `clear` and `backspace` are the other values. `layer` is which keys of a
    text keyboard are up, one of `layers` (`screens.keypad_keys`); `Reply("layer", name)` asks for another.
    """

    kind: KeypadKind = "digits"
    next: Action | None = None
    layer: str = ""
    layers: tuple[str, ...] = ("pinyin", "latin", "upper", "signs")


@dataclass(frozen=True, slots=True)
class Ink:
    """A field to write into with the finger: each stroke is `Reply("stroke", ...)` (`screens.ink`).

    `strokes` is what the journey has taken, `heard` the number of the last one it was told of, taken or not. With two
    `boxes` characters are written in turn, left and right.
    """

    label: str
    strokes: tuple[InkStroke, ...] = field(default=(), repr=False)
    heard: int = 0
    kind: Literal["character", "signature"] = "character"
    boxes: int = 1


@dataclass(frozen=True, slots=True)
class PinPad:
    """A pad for a PIN of ours: `typed` of `length` digits are in; `order` is how the digits stand, in reading order.

    Each key replies `Reply("pin", place)`, its place from 0, never its digit; `clear` and `backspace` are values too.
    """

    label: str
    typed: int
    length: int
    order: str = "1234567890"
    next: Action | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Candidates:
    """What the typed letters may stand for: touching one replies `Reply("candidate", place)`, its place from 0.

    `told` says what was typed and is not chosen yet; `back` and `on`: there are others before and after these
    (`Reply("candidates", "back")`, `"next"`).
    """

    told: str
    words: tuple[str, ...]
    back: bool = False
    on: bool = False
    columns: int = 5
    room_for: int = 0
    """Room for so many words is kept while there are fewer, so that nothing below moves."""
