"""Consent, card, face, and the equal other way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from screens.screen import Tone


@dataclass(frozen=True, slots=True)
class ConsentSource:
    """One source of data: what it is, why, whether it may be refused (`optional`), whether it is switched on."""

    key: str
    what: str
    why: str
    optional: bool = False
    on: bool = False


@dataclass(frozen=True, slots=True)
class Consent:
    """What will be used and why; `face` makes the separate page for face comparison with its equal other way.

    `sources` with a switch each, none on before it is touched; `known` is the masked name of whoever is proven already.
    """

    service: str
    purposes: tuple[tuple[str, str], ...]
    version: str
    face: bool = False
    sources: tuple[ConsentSource, ...] = ()
    known: str = ""


@dataclass(frozen=True, slots=True)
class PlaceCard:
    """Waiting for the card, reading it, or asking to place it again (`trouble` is the sentence)."""

    state: Literal["waiting", "reading", "again", "lift"]
    trouble: str = ""
    others: bool = False
    """There are other ways for somebody who has no card at hand."""


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


@dataclass(frozen=True, slots=True)
class ForWhom:
    """For myself or for an organisation."""

    service: str


@dataclass(frozen=True, slots=True)
class OtherWays:
    """Ways to prove who one is, each as good as the others. `ways` are keys of the texts (other-ways.KEY)."""

    ways: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PhoneCode:
    """The app's code is looked for before the camera. `told` is why the last one did not do."""

    told: str = ""
    closer: bool = False


@dataclass(frozen=True, slots=True)
class PhoneQr:
    """The terminal's code for the app; `number` is to be picked there once it was scanned, "" before."""

    code: str
    number: str = ""
    sees: bool = True
    """The phone's own code can be held up here instead."""
    others: bool = True
    """There are other ways than the app."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Signed in with the app; `name` is masked."""

    name: str


@dataclass(frozen=True, slots=True)
class HandOver:
    """The code by which the phone goes on; `done`: it has."""

    code: str
    done: bool = False


@dataclass(frozen=True, slots=True)
class TypedNumber:
    """The number of a card that is not at hand, as typed so far. `missing` characters to go."""

    value: str
    complete: bool = False
    wrong: bool = False
    missing: int = 18


@dataclass(frozen=True, slots=True)
class OfficerWait:
    """An officer was asked to look."""


@dataclass(frozen=True, slots=True)
class Organisation:
    """One organisation that the citizen may act for. `until` "" has no end; `state`: open, expired, other-items."""

    id: str
    name: str
    uscc: str
    role: str
    until: str
    state: Literal["open", "expired", "other-items"]


@dataclass(frozen=True, slots=True)
class Organisations:
    """Those of which one is chosen."""

    service: str
    items: tuple[Organisation, ...]


@dataclass(frozen=True, slots=True)
class AgreedLine:
    """One thing that was agreed to. `vital`: the matter ends when it is taken back."""

    key: str
    what: str
    why: str
    version: str
    vital: bool


@dataclass(frozen=True, slots=True)
class Agreed:
    """Everything that was agreed to in this matter."""

    lines: tuple[AgreedLine, ...]
