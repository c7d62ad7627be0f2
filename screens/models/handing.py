"""Papers and the application: where each material comes from, what is kept, what is still to be mended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MaterialState = Literal["found", "scan", "photo", "sign", "pad", "here", "counter", "skipped"]


@dataclass(frozen=True, slots=True)
class MaterialLine:
    """One material: `detail` is what was found, masked, or ""; `switch` is what touching it would make of it."""

    key: str
    name: str
    state: MaterialState
    detail: str = ""
    pages: int = 1
    note: Literal["", "expired", "not-found", "no-answer"] = ""
    switch: Literal["", "scan", "found", "skip", "have"] = ""


@dataclass(frozen=True, slots=True)
class MaterialList:
    """All materials of the item, before anything is scanned."""

    service: str
    lines: tuple[MaterialLine, ...]


@dataclass(frozen=True, slots=True)
class DraftFound:
    """The citizen began this before. `saved` is day and time in words; `sheets` were scanned then."""

    service: str
    saved: str
    sheets: int


@dataclass(frozen=True, slots=True)
class DraftKeep:
    """Leaving in the middle: keep what is there for `days`?"""

    service: str
    days: int


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend before it can be handed in; touching it opens the place."""

    key: str
    name: str
    code: Literal["missing", "blurred", "wrong-side", "expired", "other-person", "form"]


@dataclass(frozen=True, slots=True)
class Precheck:
    """Everything that would be sent back, at once."""

    service: str
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Uploading:
    """Sheets on their way; `waiting`: the network is away at the moment."""

    done: int
    total: int
    fraction: float
    waiting: bool = False


@dataclass(frozen=True, slots=True)
class Queued:
    """Received here, not accepted yet: the network is away. `number` is this terminal's own."""

    service: str
    number: str
    until: str
