"""Working, receipt, done, not done, goodbye."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from screens.models.filling import Known


@dataclass(frozen=True, slots=True)
class Working:
    """Something takes a while: `what` is a key of the texts (submitting, printing, settling, refunding, querying)."""

    what: str
    fraction: float | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The receipt: being printed, to be taken, as a QR code to scan away (the printer is ill), or so because the paper
    may not be whole (unclear), or because this terminal prints none (paperless)."""

    state: Literal["printing", "take", "qr", "unclear", "paperless"]
    payload: str = ""
    again: bool = False
    """The printer could print it now."""


@dataclass(frozen=True, slots=True)
class Take:
    """One thing to take away, or already taken: card, receipt, certificate, progress code."""

    what: Literal["card", "receipt", "certificate", "code"]
    state: Literal["waiting", "taken", "failed", "unclear"]


@dataclass(frozen=True, slots=True)
class Finish:
    """It is done: the numbers to remember, what to take, the rating beside it (0 = not rated).

    `parts` are those of a bundle, `back_fen` what goes back for those that were refused at once. `rates` False: this
    was itself a rating.
    """

    rows: tuple[Known, ...]
    takes: tuple[Take, ...]
    rated: int = 0
    later: bool = False
    parts: tuple[Known, ...] = ()
    refused: bool = False
    back_fen: int = 0
    rates: bool = True
    tagged: bool = False


@dataclass(frozen=True, slots=True)
class Leave:
    """Goodbye: what still lies there (card, receipt, certificate)."""

    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NotDone:
    """It was not done. `cause` is a key of the texts; `money` says what became of it: none, refunded, owed, unknown."""

    cause: str
    money: Literal["none", "not-charged", "refunded", "owed", "unknown"] = "none"
    reference: str = ""
    can_retry: bool = False
    other_way: bool = False
    elsewhere: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """Shown after a restart: what became of the visit that the power cut ended. No personal data."""

    rows: tuple[Known, ...]
