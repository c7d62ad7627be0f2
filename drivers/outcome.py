"""What became of an act: done, refused, or unknown.

A time-out on anything irreversible is `Unknown`, never `Refused`. `Unknown` is resolved by asking the
device or the platform what happened to that id, before the next act of that kind; it is never guessed
and never tried again blind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeAlias, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """The act happened; `value` is what it gave."""

    value: T


@dataclass(frozen=True, slots=True)
class Refused:
    """The act certainly did not happen.

    `cause` is a stable keyword ("declined", "paper-out"), `sentence` says it to a technician,
    `code` is the device's own code if it gave one, `again` tells whether trying again can help.
    """

    cause: str
    sentence: str = ""
    code: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody here can say whether the act happened; `evidence` is what the asking starts from."""

    cause: str
    sentence: str = ""
    evidence: Mapping[str, str] = field(default_factory=dict)


Outcome: TypeAlias = "Done[T] | Refused | Unknown"
