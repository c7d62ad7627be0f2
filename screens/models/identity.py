"""Consent, card, face, and the equal other way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from screens.screen import Tone


@dataclass(frozen=True, slots=True)
class Consent:
    """What will be used and why; `face` makes the separate page for face comparison with its equal other way."""

    service: str
    purposes: tuple[tuple[str, str], ...]
    version: str
    face: bool = False


@dataclass(frozen=True, slots=True)
class PlaceCard:
    """Waiting for the card, reading it, or asking to place it again (`trouble` is the sentence)."""

    state: Literal["waiting", "reading", "again", "lift"]
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Face:
    """Looking at the camera. `guidance` is a key of the texts: look, closer, further, light, one-person, mask,
    sunglasses, hold, checking."""

    guidance: str
    tone: Tone = "info"
    tries_left: int = 3
    retake: bool = False


@dataclass(frozen=True, slots=True)
class FaceChallenge:
    """One thing to do before the camera, number `at` of `of`. `step` is a key of the texts: front, act, wrong-way,
    return, done."""

    challenge: Literal["turn-left", "turn-right", "close-eyes"]
    step: str = "front"
    at: int = 1
    of: int = 1


@dataclass(frozen=True, slots=True)
class NumberMatch:
    """The equal other way: the citizen picks this number in the province's app on their own phone."""

    number: str
    state: Literal["waiting", "refused"] = "waiting"
