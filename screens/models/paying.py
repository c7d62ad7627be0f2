"""What has to be paid, and the ways to pay it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Pay:
    """Paying at the pad. `prompt` is a key of the texts: present-card, enter-pin, remove-card, online, wait, again."""

    title: str
    basis: str
    payee: str
    fen: int
    prompt: str = "present-card"
    can_cancel: bool = True
    last: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """What has to be paid: title, basis, payee (words of the service), fen."""

    title: str
    basis: str
    payee: str
    fen: int


@dataclass(frozen=True, slots=True)
class PayWay:
    """One way to pay: shown (their phone scans us), card, scanned (we scan theirs). `reason`: why not now."""

    key: Literal["shown", "card", "scanned"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PayMethod:
    """Choosing how to pay."""

    due: Due
    ways: tuple[PayWay, ...]


@dataclass(frozen=True, slots=True)
class PayCode:
    """Our code for their phone. `services` are the names of the apps that can scan it."""

    due: Due
    payload: str
    services: str
    can_cancel: bool = True


@dataclass(frozen=True, slots=True)
class PayScan:
    """Waiting for their code at the camera. `trouble` is a key of the texts: not-a-code, not-read."""

    due: Due
    trouble: str = ""
    told: str = ""
    """What was held up instead, and what is needed: a whole sentence, said in place of `trouble`'s."""


@dataclass(frozen=True, slots=True)
class PayPhone:
    """Their phone has it: waiting for a password there, or for the payer's service to say what became of it."""

    due: Due
    state: Literal["paying", "asking"] = "paying"
    service: str = ""
