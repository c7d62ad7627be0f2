"""What the ECR end tells its caller; frozen data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from drivers.payment_pad.frames import Abort, Completion, StatusInformation


@dataclass(frozen=True, slots=True)
class Accepted:
    """80 00: the pad works on the command."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """84 xx: the pad did not begin."""

    code: int


@dataclass(frozen=True, slots=True)
class Prompted:
    """04 FF."""

    code: int


@dataclass(frozen=True, slots=True)
class StatusCame:
    """A 04 0F that was acknowledged at once."""

    info: StatusInformation


@dataclass(frozen=True, slots=True)
class Held:
    """An approved 04 0F that waits for `accept`, `postpone` or `refuse`. `again` marks a repetition."""

    info: StatusInformation
    again: bool = False


@dataclass(frozen=True, slots=True)
class Stray:
    """An approved 04 0F outside any payment; `known` when it was acknowledged, else the pad was told to reverse."""

    info: StatusInformation
    known: bool


@dataclass(frozen=True, slots=True)
class Printed:
    """Receipt lines; `receipt_type` 1 merchant, 2 customer, 3 administration, None unknown."""

    lines: tuple[str, ...] = field(repr=False)
    receipt_type: int | None = None


@dataclass(frozen=True, slots=True)
class AbortAnswered:
    """The pad's answer to 06 B0; refused means that it is too late to stop, the end is still to come."""

    accepted: bool


@dataclass(frozen=True, slots=True)
class Completed:
    """06 0F: the exchange is over."""

    completion: Completion


@dataclass(frozen=True, slots=True)
class Aborted:
    """06 1E: the exchange is over, without success."""

    abort: Abort


@dataclass(frozen=True, slots=True)
class Failed:
    """The exchange broke off: `no-answer` (T3), `silent` (T4 and 06 B0 in vain)."""

    cause: str


Event: TypeAlias = (
    Accepted | Rejected | Prompted | StatusCame | Held | Stray | Printed | AbortAnswered | Completed | Aborted | Failed
)
END = (Rejected, Completed, Aborted, Failed)
