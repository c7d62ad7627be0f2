"""What a whole reply means: its content, or the error that it is."""

from __future__ import annotations

from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast

from kiosk.platform.errors import BadReply, CertificateRefused, Flaw, GatewayRefusal, Problem, UserAction
from kiosk.platform.reading import Members
from kiosk.platform.transport import Answer

_NO_CERTIFICATE = frozenset({400, 495, 496})
"""How common gateways answer a client whose certificate is missing or bad, in a page of their own."""
_MORE = ("required_level", "reason", "area")
_ACTIONS = frozenset({"retry", "step_up", "counter", "wait", "fix_fields", "call_help"})


def said_at(date: str) -> datetime | None:
    """The moment of a Date header (RFC 9110, 5.6.7); None when it is none."""
    try:
        moment = parsedate_to_datetime(date[:64])
    except ValueError:
        return None
    return moment if moment.tzinfo else None


def content(answer: Answer, asked: str) -> Any:
    """The reply's JSON, or the error that it is."""
    if 200 <= answer.status < 300:
        if answer.status == 204:
            return None
        reply = answer.json()
        if not isinstance(reply, dict):
            raise BadReply(f"{asked}: expected an object")
        return reply
    if answer.problem:
        raise _problem(answer)
    if answer.status in _NO_CERTIFICATE and b"SSL certificate" in answer.body[:2000]:
        raise CertificateRefused(f"{asked}: the gateway does not accept this terminal's certificate", "terminal")
    if answer.status >= 500:
        raise GatewayRefusal(f"{asked}: a gateway answered {answer.status}", answer.status)
    raise BadReply(f"{asked}: status {answer.status} without a problem")


def _problem(answer: Answer) -> Problem:
    """What the platform refused. A problem that does not fit the contract is a `BadReply`."""
    m = Members(answer.json(), "Problem")
    message = m.members("user_message")
    action = m.text("user_action", 40)
    return Problem(
        m.text("code", 40),
        answer.status,
        retryable=m.flag("retryable"),
        retry_after_s=m.number("retry_after_ms", 0, 3_600_000) / 1000,
        message={"zh": message.text("zh"), "en": message.text("en")},
        user_action=cast("UserAction", action) if action in _ACTIONS else "call_help",
        errors=tuple(
            Flaw(f.text("pointer", 200), f.text("code", 60), f.text("message", 200)) for f in m.objects("errors", 50)
        ),
        trace_id=m.text("trace_id", 32),
        more={key: m.text(key, 40) for key in _MORE if m.has(key)},
    )
