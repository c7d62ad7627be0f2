"""Every way a call to the platform can end without its reply, as one tree.

PlatformError
├── Unreachable      refused, no such host, no connection in time, no TLS    certainly not processed
│   ├── CertificateRefused   one of the two ends does not accept the other's certificate
│   ├── AreaDown     this area failed again and again: not even asked
│   └── NotEnrolled  the platform does not know this terminal's key
├── NoReply          sent, and no usable reply: time, reset, half an answer                   unknown
│   └── GatewayRefusal  a gateway answered 5xx in its place                                  unknown
├── Problem          the platform says no, in the words of RFC 9457          not processed, unless it says otherwise
├── BadReply         a reply that does not fit the contract                  unknown
└── BadSignature     a reply with power that the platform did not sign, or not for us           unknown

No message holds personal data: they name the operation, the status, the member that is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

UserAction = Literal["retry", "step_up", "counter", "wait", "fix_fields", "call_help"]
_MAYBE_PROCESSED = frozenset({"in-progress", "internal"})
OUR_TROUBLE = frozenset(
    {
        "bad-request",
        "clock-skew",
        "device-suspended",
        "in-progress",
        "missing-idempotency-key",
        "rate-limited",
        "replay",
        "signature-invalid",
        "token-invalid",
    }
)
"""Problems that speak of the terminal or the moment, not of what was asked: mended, the same request may succeed."""
AWAY = frozenset({"internal", "maintenance", "upstream-unavailable"})
"""Problems by which a part of the platform says that it is not there."""


class PlatformError(Exception):
    """A call did not bring its reply. `certain`: the platform has done nothing, and never will for this request."""

    certain: ClassVar[bool] = False


class Unreachable(PlatformError):
    """There was no connection: nothing has been processed."""

    certain = True


class CertificateRefused(Unreachable):
    """TLS ended over a certificate, `whose`: the platform's (not of our CA, expired) or this terminal's."""

    def __init__(self, sentence: str, whose: Literal["platform", "terminal"]) -> None:
        super().__init__(sentence)
        self.whose = whose


class AreaDown(Unreachable):
    """An area of the platform is down for now (`kiosk.platform.breaker`): nothing was sent."""

    def __init__(self, sentence: str, area: str) -> None:
        super().__init__(sentence)
        self.area = area


class NotEnrolled(Unreachable):
    """The platform does not know this terminal: it needs an activation code (settings: platform.activation)."""


class NoReply(PlatformError):
    """It was sent and no usable reply came: whether it was processed is unknown. Ask by intent, then send again."""


class GatewayRefusal(NoReply):
    """A gateway answered for the platform (502, 503 ...): the network is well, what lies behind it is not."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.status = status


class BadReply(PlatformError):
    """The reply does not fit the contract. Whether it was processed is unknown."""


class BadSignature(PlatformError):
    """The reply gives power and is not signed by the platform for this terminal and this intent. Do not act on it."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong with what was sent: where (JSON pointer), a keyword, a sentence without the value."""

    pointer: str
    code: str
    message: str


class Problem(PlatformError):
    """The platform says no. `retryable`: the same request may succeed later; `retry_after_s` seconds, 0 no advice."""

    def __init__(
        self,
        slug: str,
        status: int,
        *,
        retryable: bool,
        retry_after_s: float = 0.0,
        message: Mapping[str, str] | None = None,
        user_action: UserAction = "call_help",
        errors: tuple[Flaw, ...] = (),
        trace_id: str = "",
        more: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{slug} ({status}{f', trace {trace_id}' if trace_id else ''})")
        self.slug = slug
        self.status = status
        self.retryable = retryable
        self.retry_after_s = retry_after_s
        self.message = dict(message or {})
        self.user_action = user_action
        self.errors = errors
        self.trace_id = trace_id
        self.more = dict(more or {})
        """What some problems add: `required_level`, `reason`, `area`."""

    @property
    def ours(self) -> bool:
        """Whether it speaks of the terminal: the citizen can do nothing about it, what was sent may go again."""
        return self.slug in OUR_TROUBLE

    @property
    def processed(self) -> Literal["no", "unknown"]:
        """Whether the request may have been, or may yet be, processed in spite of this answer."""
        return "unknown" if self.slug in _MAYBE_PROCESSED or self.status >= 500 else "no"
