"""The ID photo."""

from __future__ import annotations

from dataclasses import dataclass

from screens.screen import Tone


@dataclass(frozen=True, slots=True)
class PhotoGuide:
    """Before an ID photo is taken: for which document, how large."""

    document: str
    width_mm: float
    height_mm: float


@dataclass(frozen=True, slots=True)
class PhotoTaking:
    """Taking it. `guidance` is a key of the texts: what is to be mended, hold, checking."""

    document: str
    guidance: str = "look"
    tone: Tone = "info"
