"""Words that every block of a page shares: tones, styles, languages, modes, and the action that can be chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Tone = Literal["plain", "info", "done", "attention", "fault"]
Style = Literal["primary", "secondary", "quiet", "danger"]
StepState = Literal["done", "current", "todo"]
KeypadKind = Literal["digits", "phone", "idno", "money", "date", "latin", "uscc", "vin", "plate", "province", "text"]
PictureKind = Literal[
    "place-card",
    "read-card",
    "take-card",
    "look-at-camera",
    "turn-left",
    "turn-right",
    "close-eyes",
    "pay-at-pad",
    "take-paper",
    "working",
    "closed",
    "paper-path",
    "sheet-path",
    "paper-roll",
    "toner",
    "lens",
    "plug",
    "card-place",
    "forms",
]
Language = Literal["zh", "en", "ko"]
Mode = Literal["standard", "elder", "contrast", "low", "low-elder", "low-contrast"]
Voice = Literal["", "off", "on"]
"""Whether the page is spoken; empty: there is no voice here."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something the citizen can choose. `key` comes back in the `Reply`."""

    key: str
    label: str
    icon: str = ""
    style: Style = "secondary"
    note: str = ""
    enabled: bool = True
    value: str = ""
