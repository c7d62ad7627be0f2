"""A certificate's code and what can be said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from screens.models.filling import Known


@dataclass(frozen=True, slots=True)
class ShowCode:
    """Waiting for a certificate's code at the camera. `guidance` is a key of the texts."""

    guidance: Literal["look", "closer"]
    told: str = ""
    """What was held up instead, and what is needed: a whole sentence, said in place of `guidance`'s."""


@dataclass(frozen=True, slots=True)
class CodeVerdict:
    """What can be said of a certificate's code; `reason` is a key of the texts. `rows` is what the code says, masked.

    `as_of`: the time of the list of void certificates ("" there is none), `old` when it is older than it should be.
    """

    state: Literal["valid", "void", "altered", "unknown", "expired"]
    reason: str = ""
    rows: tuple[Known, ...] = ()
    as_of: str = ""
    old: bool = False
