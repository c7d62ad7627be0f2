"""Every refusal of the platform: slug, status, whether the same request may succeed later, what people can do."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import Request

from simulator.platform.signing import canonical

TYPE = "https://platform.example/problems/"


class _Kind(NamedTuple):
    status: int
    retryable: bool
    action: str
    title: str
    zh: str
    en: str


_COUNTER_ZH, _COUNTER_EN = "请到窗口办理。", "Please go to the counter."
_AGAIN_ZH, _AGAIN_EN = "请稍后再试。", "Please try again later."
_CALL_ZH, _CALL_EN = "请联系工作人员。", "Please ask a member of staff."

PROBLEMS: Mapping[str, _Kind] = {
    "missing-idempotency-key": _Kind(400, False, "call_help", "No Idempotency-Key", _CALL_ZH, _CALL_EN),
    "bad-request": _Kind(400, False, "call_help", "Not a request of this interface", _CALL_ZH, _CALL_EN),
    "token-invalid": _Kind(401, True, "call_help", "The terminal's token is not accepted", _CALL_ZH, _CALL_EN),
    "clock-skew": _Kind(401, True, "call_help", "The terminal's clock is wrong", _CALL_ZH, _CALL_EN),
    "replay": _Kind(401, True, "call_help", "This nonce was already used", _CALL_ZH, _CALL_EN),
    "session-expired": _Kind(
        401, False, "retry", "The session has ended", "已超时，请重新开始。", "Please start again."
    ),
    "payment-required": _Kind(402, False, "retry", "The order is not paid", "尚未缴费。", "The fee has not been paid."),
    "assurance-too-low": _Kind(
        403, False, "step_up", "The session's level is too low", "请先核验身份。", "Please prove your identity first."
    ),
    "consent-missing": _Kind(
        403, False, "step_up", "No consent for this", "需要先征得您的同意。", "We need your consent."
    ),
    "identity-not-found": _Kind(403, False, "counter", "Nobody is registered so", _COUNTER_ZH, _COUNTER_EN),
    "identity-mismatch": _Kind(403, False, "counter", "Name and number differ", _COUNTER_ZH, _COUNTER_EN),
    "card-expired": _Kind(
        403,
        False,
        "counter",
        "The card has expired",
        "证件已过期，请到窗口办理。",
        "The card has expired: go to the counter.",
    ),
    "face-not-matched": _Kind(
        403,
        False,
        "retry",
        "The face was not matched",
        "未通过核验，可换一种方式。",
        "Not matched; another way is offered.",
    ),
    "device-mismatch": _Kind(403, False, "call_help", "That is another terminal", _CALL_ZH, _CALL_EN),
    "not-found": _Kind(404, False, "call_help", "There is no such thing", _CALL_ZH, _CALL_EN),
    "method-not-allowed": _Kind(405, False, "call_help", "Not done this way", _CALL_ZH, _CALL_EN),
    "in-progress": _Kind(409, True, "wait", "The same request is running", _AGAIN_ZH, _AGAIN_EN),
    "item-not-available": _Kind(409, False, "counter", "Not offered in this way", _COUNTER_ZH, _COUNTER_EN),
    "payment-unknown": _Kind(
        409,
        False,
        "wait",
        "An earlier payment is unknown",
        "上一笔缴费结果待确认。",
        "An earlier payment is being settled.",
    ),
    "payment-settled": _Kind(409, False, "call_help", "The order has another outcome", _CALL_ZH, _CALL_EN),
    "order-expired": _Kind(
        410, False, "retry", "The order's time is over", "已超时，请重新开始。", "Please start again."
    ),
    "close-too-early": _Kind(409, True, "wait", "A phone is paying this order", _AGAIN_ZH, _AGAIN_EN),
    "refund-exceeds": _Kind(409, False, "call_help", "More than was paid", _CALL_ZH, _CALL_EN),
    "order-used": _Kind(409, False, "call_help", "The order paid for another case", _CALL_ZH, _CALL_EN),
    "order-mismatch": _Kind(409, False, "call_help", "The order is for something else", _CALL_ZH, _CALL_EN),
    "print-settled": _Kind(409, False, "call_help", "The print has another outcome", _CALL_ZH, _CALL_EN),
    "already-evaluated": _Kind(409, False, "wait", "Already rated", "您已评价，谢谢。", "Already rated, thank you."),
    "too-large": _Kind(413, False, "call_help", "The request is too large", _CALL_ZH, _CALL_EN),
    "validation": _Kind(
        422, False, "fix_fields", "The request does not fit", "填写有误，请检查。", "Please check the form."
    ),
    "idempotency-conflict": _Kind(422, False, "call_help", "This key had another body", _CALL_ZH, _CALL_EN),
    "amount-differs": _Kind(422, False, "call_help", "Not the amount of the order", _CALL_ZH, _CALL_EN),
    "internal": _Kind(500, True, "wait", "The platform failed", _AGAIN_ZH, _AGAIN_EN),
    "upstream-unavailable": _Kind(503, True, "wait", "A system behind the platform is away", _AGAIN_ZH, _AGAIN_EN),
    "maintenance": _Kind(503, True, "wait", "The platform is being maintained", _AGAIN_ZH, _AGAIN_EN),
}


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong with a request: where (JSON pointer), a keyword, a sentence without the value."""

    pointer: str
    code: str
    message: str


class Refusal(Exception):
    """The platform says no. `detail` is for people who repair and holds no personal data."""

    def __init__(self, slug: str, detail: str = "", flaws: Sequence[Flaw] = (), retry_after_s: int = 0) -> None:
        super().__init__(slug)
        self.slug = slug
        self.detail = detail
        self.flaws = tuple(flaws)
        self.retry_after_s = retry_after_s


def answer(refusal: Refusal) -> JSONResponse:
    """The refusal as application/problem+json."""
    kind = PROBLEMS[refusal.slug]
    body: dict[str, Any] = {
        "type": TYPE + refusal.slug,
        "title": kind.title,
        "status": kind.status,
        "detail": refusal.detail[:500],
        "code": refusal.slug,
        "trace_id": secrets.token_hex(8),
        "retryable": kind.retryable,
        "retry_after_ms": refusal.retry_after_s * 1000,
        "user_message": {"zh": kind.zh, "en": kind.en},
        "user_action": kind.action,
        "errors": [{"pointer": f.pointer, "code": f.code, "message": f.message} for f in refusal.flaws[:50]],
    }
    headers = {"Retry-After": str(refusal.retry_after_s)} if refusal.retry_after_s else {}
    return Problem(body, kind.status, headers)


class Problem(JSONResponse):
    """A reply of the media type of RFC 9457."""

    media_type = "application/problem+json"

    def render(self, content: Any) -> bytes:
        """Canonical JSON."""
        return canonical(content)


async def on_refusal(_: Request, error: Exception) -> JSONResponse:
    """Handler of `Refusal`."""
    assert isinstance(error, Refusal)
    return answer(error)


async def on_invalid(_: Request, error: Exception) -> JSONResponse:
    """Handler of requests that do not fit the models: all flaws, never a value."""
    assert isinstance(error, RequestValidationError)
    flaws = [Flaw(_pointer(e), str(e["type"])[:60], _sentence(e)) for e in error.errors()]
    return answer(Refusal("validation", f"{len(flaws)} flaw(s) in the request", flaws))


def _pointer(error: Mapping[str, Any]) -> str:
    """Where, by names of the contract only: the name of a member that is not in it is the sender's and stays out."""
    where = error["loc"][:-1] if error["type"] == "extra_forbidden" else error["loc"]
    return ("/" + "/".join(str(part) if isinstance(part, int) or _NAME.fullmatch(part) else "?" for part in where))[
        :200
    ]


def _sentence(error: Mapping[str, Any]) -> str:
    """Pydantic's sentence, unless it is one that quotes what was sent."""
    return str(error["msg"])[:200] if error["type"] in _QUIET else str(error["type"]).replace("_", " ")


_NAME = re.compile(r"[a-z_]{1,40}", re.ASCII)
_QUIET = frozenset(
    {"missing", "extra_forbidden", "string_type", "string_pattern_mismatch", "string_too_long", "json_invalid"}
)


async def on_http(_: Request, error: Exception) -> JSONResponse:
    """Handler of what the router says: no such path, not this method, body that cannot be read."""
    assert isinstance(error, HTTPException)
    slug = {404: "not-found", 405: "method-not-allowed"}.get(error.status_code, "bad-request")
    reply = answer(Refusal(slug))
    if error.headers:
        reply.headers.update({k: v for k, v in error.headers.items() if k.lower() == "allow"})
    return reply
