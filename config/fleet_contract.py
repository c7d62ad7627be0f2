"""The contract between a terminal and whoever watches the fleet: topics, caps, words and payloads (MQTT 5, JSON).

Both sides import this and nothing of each other; each validates with models of its own. docs/fleet.md explains it.
Sparkplug B's ideas (birth, death, sequence, rebirth, state by a retained message) with plain JSON.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal, NotRequired, TypedDict

VERSION: Final = 1
ROOT: Final = f"kiosk/v{VERSION}"
MOST_BYTES: Final = 65_536
"""Of one payload, UTF-8."""
MOST_METRICS: Final = 600
MOST_SECTIONS: Final = 40
MOST_SUPPLIES: Final = 40
MOST_DETAIL: Final = 12
"""Members of an event's detail; a text in it has at most `MOST_TEXT` characters."""
MOST_TEXT: Final = 120
MOST_PARAMS: Final = 10
MOST_PARAM: Final = 500
MOST_WORDS: Final = 200
LONGEST_COMMAND_S: Final = 86_400
"""From `issued_at` to `expires_at`."""
SEQ_MODULUS: Final = 1 << 31
"""`seq` of birth and data: 0 in a birth, then one more each; it never wraps in practice, and is read modulo this."""
DATA_EVERY_S: Final = 60.0
REBIRTH_LEAST_S: Final = 60.0
"""A request for a rebirth is honoured at most so often for each terminal."""

Leaf = Literal["state", "birth", "data", "event", "command", "result", "acknowledged", "request"]
LEAVES: Final[tuple[Leaf, ...]] = (
    "state", "birth", "data", "event", "command", "result", "acknowledged", "request",
)  # fmt: skip
QOS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "state": 1, "birth": 1, "data": 0, "event": 1, "command": 1, "result": 1, "acknowledged": 0, "request": 0,
        "control": 0,
    }
)  # fmt: skip
"""Acknowledgements and requests that are lost come again by themselves."""
RETAINED: Final = frozenset({"state", "acknowledged"})
HELD_EVERY_S: Final = 3.0
"""A terminal is told at most so often what is held."""
MOST_BUNDLE: Final = 16 << 20
"""Bytes of a support bundle."""
MOST_UNHELD: Final = 500
"""Events of one terminal that the broker has and the control room has not acknowledged; more stay at the terminal."""

Mode = Literal["starting", "open", "closed", "visit", "maintenance"]
Worst = Literal["ok", "attention", "fault", "unknown"]
SectionState = Literal["ok", "attention", "fault", "unknown", "absent"]
EventClass = Literal["money", "device", "visit", "technician", "telemetry"]
Severity = Literal["info", "attention", "fault", "alarm"]
ResultState = Literal["ACCEPTED", "DONE", "FAILED", "REFUSED"]
NEVER_DROPPED: Final[frozenset[EventClass]] = frozenset({"money", "technician"})

SITE: Final = re.compile(r"[0-9]{6}")
TERMINAL: Final = re.compile(r"[A-Z]{2}-[A-Z]{2}-[0-9]{4}")
SERIES: Final = re.compile(
    r'kiosk_[a-z0-9_]{1,80}(\{[a-z_]{1,30}="[A-Za-z0-9_.-]{0,60}"(,[a-z_]{1,30}="[A-Za-z0-9_.-]{0,60}")*\})?'
)
"""A metric with its labels in Prometheus' own writing: `kiosk_open_intents{kind="charge"}`; labels sorted by name."""


class State(TypedDict):
    """`state`, retained. The last will is a `Gone`."""

    v: int
    terminal: str
    session: str
    online: Literal[True]
    mode: Mode
    at: str
    software: str
    open_intents: int
    worst: Worst


class Gone(TypedDict):
    """`state`, retained: as last will, and (with `at`) when the terminal ends in order. One of another session than
    the last `State` or `Birth` is old: ignore it. Not so with `given_up`: it ended too often and is not started again;
    a program of its own says that, under a session of its own."""

    v: int
    terminal: str
    session: str
    online: Literal[False]
    at: NotRequired[str]
    given_up: NotRequired[bool]


class SectionRow(TypedDict):
    """One section of the readiness report. `event` and `cause` are "" when all is well; `since` "" when not known.

    `firmware`: as the section's device tells it; left out where it has no way to.
    """

    id: str
    state: SectionState
    event: str
    cause: str
    who: str
    since: str
    firmware: NotRequired[str]


class SupplyRow(TypedDict):
    """What will be used up. `unit`: m, sheets, percent, or level (`left`: 2 full, 1 low, 0 out). `ends_at`: when it
    will be out at the present use, only where that can be said."""

    device: str
    item: str
    left: float
    unit: Literal["m", "sheets", "percent", "level"]
    ends_at: NotRequired[str]


class PlaceRow(TypedDict):
    """Where it stands."""

    hall_zh: str
    hall_en: str
    division: str


class Birth(TypedDict):
    """`birth`: everything, on connecting and when asked. `metrics`: series (`SERIES`) -> number."""

    v: int
    terminal: str
    session: str
    seq: Literal[0]
    at: str
    software: str
    metrics: dict[str, float]
    sections: list[SectionRow]
    supplies: list[SupplyRow]
    place: PlaceRow
    chain: NotRequired[str]
    """The journal whose events will come, "" while it is empty; who gives it heeds `acknowledged`."""


class Data(TypedDict):
    """`data`, each minute: only what changed since the message before; an empty one is a heartbeat. A gap in `seq`,
    or a session that has not been born, is answered with a request for a rebirth."""

    v: int
    session: str
    seq: int
    at: str
    metrics: dict[str, float]
    sections: list[SectionRow]
    supplies: list[SupplyRow]


# "class" is a keyword of Python: hence the other way to write a TypedDict.
EventRow = TypedDict(
    "EventRow",
    {
        "v": int,
        "session": str,
        "chain": str,
        "n": int,
        "id": str,
        "class": EventClass,
        "at": str,
        "device": str,
        "severity": Severity,
        "detail": dict[str, Any],
        "after": NotRequired[int],
        "held": NotRequired[int],
    },
)
"""`event`. In the order of `n`, at least once: known by (terminal, chain, n), seen again after a broken connection.

`chain` names the journal that counts `n` (a terminal whose disk was replaced begins a new one). `n` rises with gaps:
what was never for the fleet takes numbers too. A loss is told by an event `fleet.dropped`, detail count, from, to.
`held` is how far the terminal knows the chain to be held (it will not tell that again), `after` the number of the
event told before this one, or `held` where that is later: nothing between `after` and `n` is ever told. Who heeds no
`acknowledged` leaves both out.
"""


class Acknowledged(TypedDict):
    """`acknowledged`, retained: the control room's database holds everything of `chain` up to `n`, committed.

    `gap`: it also holds something beyond `n` and waits for what lies between; tell again from `n` on.
    """

    v: int
    terminal: str
    chain: str
    n: int
    gap: bool


class Signed(TypedDict):
    """`command`: the bytes of an `Envelope` in base64 and the signature over those bytes, hex."""

    envelope: str
    signature: str
    key: str


class Envelope(TypedDict):
    """What is ordered. `id` is a UUID, known again for ever; `params` are short texts."""

    v: int
    id: str
    terminal: str
    name: str
    params: dict[str, str]
    issued_at: str
    expires_at: str


class Result(TypedDict):
    """`result` (or the command's Response Topic under the terminal's own topic): ACCEPTED, then one of the others."""

    v: int
    command: str
    state: ResultState
    words: str
    at: str


class Request(TypedDict):
    """`request`, which the one terminal alone hears; also `kiosk/v1/<site>/control/request`, for older terminals."""

    want: Literal["rebirth"]
    terminal: str


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one terminal. Raises `ValueError` for a name that would be another topic or a wildcard."""

    site: str
    terminal: str

    def __post_init__(self) -> None:
        if not SITE.fullmatch(self.site) or not TERMINAL.fullmatch(self.terminal):
            raise ValueError(f"not a division code and a terminal id: {self.site!r:.20}, {self.terminal!r:.20}")

    def of(self, leaf: Leaf) -> str:
        """The topic of a leaf."""
        return f"{ROOT}/{self.site}/{self.terminal}/{leaf}"

    @property
    def requests(self) -> str:
        """Where the control room asks a terminal of the site that does not hear its own `request`."""
        return f"{ROOT}/{self.site}/control/request"


def everything(leaf: Leaf) -> str:
    """The filter with which a control room hears a leaf of all terminals."""
    return f"{ROOT}/+/+/{leaf}"


def parsed(topic: str) -> tuple[Topics, Leaf] | None:
    """Whose topic it is and which leaf; None for anything else."""
    parts = topic[:120].split("/")
    if len(parts) != 5 or f"{parts[0]}/{parts[1]}" != ROOT:
        return None
    for leaf in LEAVES:
        if parts[4] == leaf and SITE.fullmatch(parts[2]) and TERMINAL.fullmatch(parts[3]):
            return Topics(parts[2], parts[3]), leaf
    return None
