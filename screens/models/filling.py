"""The form and its review."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from screens.models.fees import FeeLine
from screens.screen import KeypadKind


@dataclass(frozen=True, slots=True)
class FormField:
    """One input of the form. `options` (key to label) makes it a choice; `error` is a sentence at the field."""

    key: str
    label: str
    value: str = ""
    hint: str = ""
    error: str = ""
    optional: bool = False
    opens: bool = False
    """Touching it opens a page of its own."""
    options: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """One line that was filled for the citizen: label, value (masked), and where it came from (card, share).

    `plain` is the value whole, where it is the citizen's own to look at; "": there is nothing more to see.
    """

    label: str
    value: str
    source: Literal["card", "licence", "share", "typed", ""] = ""
    plain: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """The one form. `focus` is the field that the keypad types into; `keypad` None when it is a choice."""

    service: str
    known: tuple[Known, ...]
    fields: tuple[FormField, ...]
    focus: str
    keypad: KeypadKind | None
    complete: bool
    left: int = 0
    """How many fields are still open."""


@dataclass(frozen=True, slots=True)
class BundleAnswers:
    """What the review shows for one item of a bundle."""

    name: str
    rows: tuple[Known, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """What will be sent, the fee and its basis. `fee_fen` 0 says so in words."""

    service: str
    rows: tuple[Known, ...]
    fee_fen: int
    fee_basis: str
    prints: bool = False
    costs: bool = False
    """It has a fee, of which a reduction may have left nothing."""
    fee_title: str = ""
    fee_lines: tuple[FeeLine, ...] = ()
    """What the fee is made of, to whom it goes, until when."""
    groups: tuple[BundleAnswers, ...] = ()
    """The answers of a bundle, part by part."""
