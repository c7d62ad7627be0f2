"""The door as a table: which step follows what. Pure; who is right is found out by `kiosk.technician.gate`.

| step | gesture | card | not-card | other | right | wrong | shut | granted | refused | back | away |
|------|---------|------|----------|-------|-------|-------|------|---------|---------|------|------|
| out  | card    |      |          |       |       |       |      |         |         |      |      |
| card |         | pin  | card     | code  |       |       | card | open    |         | out  | out  |
| pin  |         |      |          |       | open  | pin   | card |         |         | card | out  |
| code |         |      |          |       |       |       | code | open    | code    | card | out  |

`shut`: locked for a while. There is no way from `out` to `open` without a card and its PIN, or a code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from kiosk.technician import codes
from kiosk.technician.roles import Role

Step: TypeAlias = Literal["out", "card", "pin", "code", "open"]
Input: TypeAlias = Literal[
    "gesture", "card", "not-card", "other", "right", "wrong", "shut", "granted", "refused", "back", "away"
]
Reason: TypeAlias = (
    codes.Reason
    | Literal[
        "card-unknown", "card-unreadable", "technician-locked", "pin-wrong", "locked", "door-locked",
        "roster-bad", "not-recorded", "book-lost", "code-void", "supervisor-only", "same-person", "busy",
    ]
)  # fmt: skip
How: TypeAlias = Literal["card", "code"]

TABLE: Final[Mapping[tuple[Step, Input], Step]] = MappingProxyType(
    {
        ("out", "gesture"): "card",
        ("card", "card"): "pin",
        ("card", "not-card"): "card",
        ("card", "other"): "code",
        ("card", "shut"): "card",
        ("card", "granted"): "open",
        ("card", "back"): "out",
        ("card", "away"): "out",
        ("pin", "right"): "open",
        ("pin", "wrong"): "pin",
        ("pin", "shut"): "card",
        ("pin", "back"): "card",
        ("pin", "away"): "out",
        ("code", "granted"): "open",
        ("code", "refused"): "code",
        ("code", "shut"): "code",
        ("code", "back"): "card",
        ("code", "away"): "out",
    }
)


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who comes in. `who`: keyed digest, or "code" and the code's nonce."""

    who: str
    role: Role
    how: How


class Shut(Exception):
    """Not let in. `reason` has a sentence of its own (`technician.REASON` of events.toml); `until`: locked until then
    (seconds since 1970), 0.0 when it may be tried again at once."""

    def __init__(self, reason: Reason, until: float = 0.0) -> None:
        super().__init__(reason)
        self.reason: Reason = reason
        self.until = until


class WrongStep(Exception):
    """That cannot happen at this step."""


class Door:
    """One coming in, from the gesture to the open door or away."""

    def __init__(self) -> None:
        self.step: Step = "out"
        self.shut: Shut | None = None
        """Why the last thing was refused; None after a step forward."""

    def take(self, what: Input, shut: Shut | None = None) -> Step:
        """What happened, and what was refused. Raises `WrongStep`."""
        following = TABLE.get((self.step, what))
        if following is None:
            raise WrongStep(f"{what} at the step {self.step}")
        self.step, self.shut = following, shut
        return following
