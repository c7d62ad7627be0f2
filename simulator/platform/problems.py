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
    "agency-not-authorised": _Kind(
        403,
        False,
        "counter",
        "No right to act for this organisation here",
        "您没有代办这件事的授权，请单位先登记授权。",
        "You are not authorised for this: the organisation has to register it first.",
    ),
    "account-not-verified": _Kind(
        403,
        False,
        "counter",
        "The app's account is not a real-name one",
        "这个账号还没有实名，请先在手机上实名认证。",
        "This account is not verified: verify it on the phone first.",
    ),
    "code-foreign": _Kind(
        403,
        False,
        "counter",
        "The code is another province's",
        "这是外省的码，这台机器不能用。",
        "This code is from another province and cannot be used here.",
    ),
    "code-unknown": _Kind(
        404,
        False,
        "retry",
        "Not a code that can be used",
        "这个码用不了，请在手机上打开“爱山东”的码。",
        "This code cannot be used: open the Aishandong code on the phone.",
    ),
    "code-used": _Kind(
        409,
        False,
        "retry",
        "The code was used before",
        "这个码用过了，请在手机上刷新。",
        "This code was used before: refresh it on the phone.",
    ),
    "code-expired": _Kind(
        410,
        False,
        "retry",
        "The code's time is over",
        "这个码过期了，请在手机上刷新。",
        "This code has expired: refresh it on the phone.",
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
    "bill-not-found": _Kind(
        404,
        False,
        "fix_fields",
        "No bill is found so",
        "没有查到账单，请核对号码。",
        "No bill was found: check the number.",
    ),
    "bill-already-paid": _Kind(
        409, False, "counter", "The bill is paid", "这笔账单已经缴清，不用再缴。", "This bill is paid already."
    ),
    "bill-changed": _Kind(
        409, False, "retry", "The bill is not what was confirmed", "账单金额有变化，请再核对。", "The bill has changed."
    ),
    "fee-changed": _Kind(
        409, False, "retry", "The fee is not what was confirmed", "收费有变化，请再核对。", "The fee has changed."
    ),
    "nothing-due": _Kind(409, False, "retry", "Nothing has to be paid", "不用缴费。", "Nothing has to be paid."),
    "fee-over-limit": _Kind(
        409,
        False,
        "counter",
        "More than a terminal may take",
        "金额较大，请到窗口缴费。",
        "Please pay this at the counter.",
    ),
    "print-quota-exhausted": _Kind(
        409,
        False,
        "counter",
        "Printed as often as allowed",
        "打印次数已用完。",
        "It was printed as often as is allowed.",
    ),
    "refund-exceeds": _Kind(409, False, "call_help", "More than was paid", _CALL_ZH, _CALL_EN),
    "order-used": _Kind(409, False, "call_help", "The order paid for another case", _CALL_ZH, _CALL_EN),
    "order-mismatch": _Kind(409, False, "call_help", "The order is for something else", _CALL_ZH, _CALL_EN),
    "print-settled": _Kind(409, False, "call_help", "The print has another outcome", _CALL_ZH, _CALL_EN),
    "events-missing": _Kind(409, False, "wait", "Earlier events have not arrived", _CALL_ZH, _CALL_EN),
    "already-evaluated": _Kind(409, False, "wait", "Already rated", "您已评价，谢谢。", "Already rated, thank you."),
    "licence-not-found": _Kind(404, False, "counter", "The library has no such licence", _COUNTER_ZH, _COUNTER_EN),
    "licence-void": _Kind(409, False, "counter", "The licence does not count any more", _COUNTER_ZH, _COUNTER_EN),
    "duplicate-application": _Kind(
        409, False, "wait", "It was handed in already", "已经提交过，请勿重复提交。", "This was handed in already."
    ),
    "kept-too-long": _Kind(
        410,
        False,
        "retry",
        "It waited too long for the network",
        "等待时间过长，未受理，请重新办理。",
        "It waited too long and was not accepted: please apply again.",
    ),
    "version-conflict": _Kind(
        412,
        False,
        "retry",
        "It was changed elsewhere",
        "内容已在别处修改，请重新打开。",
        "It was changed elsewhere: please open it again.",
    ),
    "upload-too-large": _Kind(413, False, "counter", "The sheet is too large", _COUNTER_ZH, _COUNTER_EN),
    "upload-hash-mismatch": _Kind(422, True, "retry", "Not the octets that were announced", _AGAIN_ZH, _AGAIN_EN),
    "material-rejected": _Kind(
        422,
        False,
        "fix_fields",
        "A material cannot be accepted",
        "材料不符合要求，请检查。",
        "A paper cannot be accepted: please check.",
    ),
    "booking-not-found": _Kind(
        404,
        False,
        "counter",
        "No such appointment",
        "没有找到这个预约，请核对编号。",
        "No such appointment: check its number.",
    ),
    "case-not-found": _Kind(
        404,
        False,
        "fix_fields",
        "No such case of this person",
        "没有找到您的这件办件，请核对编号。",
        "You have no case with this number: please check it.",
    ),
    "delivery-exists": _Kind(
        409,
        False,
        "wait",
        "A courier was ordered for this case",
        "这件已经下过快递单。",
        "A courier is ordered for this already.",
    ),
    "not-ready": _Kind(
        409,
        False,
        "wait",
        "It does not lie ready",
        "还没有做好，请晚些再来。",
        "It is not ready yet: please come back later.",
    ),
    "too-large": _Kind(413, False, "call_help", "The request is too large", _CALL_ZH, _CALL_EN),
    "validation": _Kind(
        422, False, "fix_fields", "The request does not fit", "填写有误，请检查。", "Please check the form."
    ),
    "idempotency-conflict": _Kind(422, False, "call_help", "This key had another body", _CALL_ZH, _CALL_EN),
    "amount-differs": _Kind(422, False, "call_help", "Not the amount of the order", _CALL_ZH, _CALL_EN),
    "signature-invalid": _Kind(401, True, "call_help", "The request is not signed as it must be", _CALL_ZH, _CALL_EN),
    "activation-invalid": _Kind(403, False, "call_help", "The activation code is not good here", _CALL_ZH, _CALL_EN),
    "device-suspended": _Kind(
        403,
        True,
        "counter",
        "The terminal is out of service",
        "本机暂停服务，请到窗口办理。",
        "This terminal is out of service: please go to the counter.",
    ),
    "catalogue-stale": _Kind(
        409,
        True,
        "retry",
        "The terminal's catalogue is an old one",
        "事项内容有更新，请重新打开。",
        "The service has changed: please open it again.",
    ),
    "form-stock-empty": _Kind(409, False, "counter", "No numbered forms are left", _COUNTER_ZH, _COUNTER_EN),
    "print-token-expired": _Kind(
        410, False, "retry", "The permission's time is over", "已超时，请重新开始。", "Please start again."
    ),
    "payment-declined": _Kind(
        402,
        False,
        "retry",
        "The payer's bank said no",
        "付款没有成功，可换一种方式。",
        "The payment did not go through: try another way.",
    ),
    "slot-taken": _Kind(
        409,
        False,
        "fix_fields",
        "Nobody more can come then",
        "这个时间刚被约走，请另选。",
        "This time has just been taken: please choose another.",
    ),
    "rate-limited": _Kind(429, True, "wait", "Too many requests", _AGAIN_ZH, _AGAIN_EN),
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

    def __init__(
        self, slug: str, detail: str = "", flaws: Sequence[Flaw] = (), retry_after_s: int = 0, **more: str
    ) -> None:
        """`more`: members that this problem adds (`required_level`, `reason`, `area`)."""
        super().__init__(slug)
        self.more = more
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
        **refusal.more,
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
