"""What a script is made of: scenes (a page that must come) with acts (what the citizen, or fate, does on it)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Answers: TypeAlias = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Press:
    """Touch the action with this key (and value)."""

    key: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Speak:
    """Change the page's language to the visit's."""


@dataclass(frozen=True, slots=True)
class Device:
    """Do something to a device, once its state has `ready` (a key with a true value) when one is named."""

    family: str
    verb: str
    args: Mapping[str, Any] = field(default_factory=dict)
    ready: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """Put the citizen's card on the reader, or lift it."""

    verb: Literal["present", "lift"]


@dataclass(frozen=True, slots=True)
class Stranger:
    """Somebody else stands before the camera."""


@dataclass(frozen=True, slots=True)
class FillIn:
    """Answer every field of the form that is still empty, from the citizen's answers."""


@dataclass(frozen=True, slots=True)
class FindService:
    """Open the guide of the visit's service, from the first page or through its field."""


@dataclass(frozen=True, slots=True)
class Network:
    """Set the platform's faults: {} clears them."""

    faults: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NotOffered:
    """The guide can be read, the service cannot be started, and a sentence says why (contains one of `words`)."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Phone:
    """Answer the question in the province's app on the citizen's own phone."""

    answer: Literal["confirm", "refuse"]


@dataclass(frozen=True, slots=True)
class PayByPhone:
    """Scan the newest code that the terminal shows, with the citizen's own phone, and pay."""

    provider: Literal["wechat", "alipay", "unionpay", "bestpay"] = "wechat"


@dataclass(frozen=True, slots=True)
class Quiet:
    """Wait until the page has not changed for so many seconds: devices have started, what is offered is known."""

    seconds: float = 3.0


@dataclass(frozen=True, slots=True)
class CutPower:
    """SIGKILL the terminal as soon as the pad's ledger shows the charge; then start it again on the same state."""


@dataclass(frozen=True, slots=True)
class Says:
    """The page's text contains one of `words`."""

    words: tuple[str, ...]


Act: TypeAlias = (
    Press
    | Speak
    | Device
    | Card
    | Stranger
    | FillIn
    | FindService
    | Network
    | NotOffered
    | CutPower
    | Says
    | Quiet
    | Phone
    | PayByPhone
)


@dataclass(frozen=True, slots=True)
class Scene:
    """Page `page` must come next within `within_s` seconds; pages in `over` may come before it."""

    page: str
    acts: tuple[Act, ...] = ()
    within_s: float = 30.0
    over: tuple[str, ...] = ("working",)


@dataclass(frozen=True, slots=True)
class Expected:
    """How the world must look when all is settled. None: not looked at."""

    cases: int = 0
    ledger_fen: int = 0
    """What the pad's bank has of all cardholders."""
    phone_fen: int = 0
    """What the payers' services have of all phones."""
    orders: tuple[str, ...] = ()
    prints: tuple[str, ...] = ()
    receipts: int = 0
    certificates: int = 0
    ratings: int | None = None
    either: tuple[Expected, ...] = ()
    """Other worlds that are as right as this one."""


@dataclass(frozen=True, slots=True)
class Script:
    """One case: what is prepared before the citizen comes, the scenes, what must be true at the end."""

    words: str
    scenes: tuple[Scene, ...]
    expected: Expected
    before: tuple[Act, ...] = ()
    after: tuple[Act, ...] = ()
    """What fate does when the citizen has gone, before the world is looked at."""


__all__ = [
    "Act",
    "Answers",
    "Card",
    "CutPower",
    "Device",
    "Expected",
    "FillIn",
    "FindService",
    "Network",
    "NotOffered",
    "PayByPhone",
    "Phone",
    "Press",
    "Quiet",
    "Says",
    "Scene",
    "Script",
    "Speak",
    "Stranger",
]
