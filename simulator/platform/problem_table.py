"""Every refusal of the platform: slug, status, whether the same request may succeed later, what people can do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Kind(NamedTuple):
    """The HTTP status, whether the same request may succeed later, what people can do, and sentences."""

    status: int
    retryable: bool
    action: str
    title: str
    zh: str
    en: str


_COUNTER_ZH, _COUNTER_EN = "请到窗口办理。", "Please go to the counter."
_AGAIN_ZH, _AGAIN_EN = "请稍后再试。", "Please try again later."
_CALL_ZH, _CALL_EN = "请联系工作人员。", "Please ask a member of staff."

PROBLEMS: Mapping[str, Kind] = {
    "missing-idempotency-key": Kind(400, False, "call_help", "No Idempotency-Key", _CALL_ZH, _CALL_EN),
    "bad-request": Kind(400, False, "call_help", "Not a request of this interface", _CALL_ZH, _CALL_EN),
    "token-invalid": Kind(401, True, "call_help", "The terminal's token is not accepted", _CALL_ZH, _CALL_EN),
    "clock-skew": Kind(401, True, "call_help", "The terminal's clock is wrong", _CALL_ZH, _CALL_EN),
    "replay": Kind(401, True, "call_help", "This nonce was already used", _CALL_ZH, _CALL_EN),
    "session-expired": Kind(
        401, False, "retry", "The session has ended", "已超时，请重新开始。", "Please start again."
    ),
    "payment-required": Kind(402, False, "retry", "The order is not paid", "尚未缴费。", "The fee has not been paid."),
    "assurance-too-low": Kind(
        403, False, "step_up", "The session's level is too low", "请先核验身份。", "Please prove your identity first."
    ),
    "consent-missing": Kind(
        403, False, "step_up", "No consent for this", "需要先征得您的同意。", "We need your consent."
    ),
    "identity-not-found": Kind(403, False, "counter", "Nobody is registered so", _COUNTER_ZH, _COUNTER_EN),
    "identity-mismatch": Kind(403, False, "counter", "Name and number differ", _COUNTER_ZH, _COUNTER_EN),
    "card-expired": Kind(
        403,
        False,
        "counter",
        "The card has expired",
        "证件已过期，请到窗口办理。",
        "The card has expired: go to the counter.",
    ),
    "face-not-matched": Kind(
        403,
        False,
        "retry",
        "The face was not matched",
        "未通过核验，可换一种方式。",
        "Not matched; another way is offered.",
    ),
    "agency-not-authorised": Kind(
        403,
        False,
        "counter",
        "No right to act for this organisation here",
        "您没有代办这件事的授权，请单位先登记授权。",
        "You are not authorised for this: the organisation has to register it first.",
    ),
    "account-not-verified": Kind(
        403,
        False,
        "counter",
        "The app's account is not a real-name one",
        "这个账号还没有实名，请先在手机上实名认证。",
        "This account is not verified: verify it on the phone first.",
    ),
    "code-foreign": Kind(
        403,
        False,
        "counter",
        "The code is another province's",
        "这是外省的码，这台机器不能用。",
        "This code is from another province and cannot be used here.",
    ),
    "code-unknown": Kind(
        404,
        False,
        "retry",
        "Not a code that can be used",
        "这个码用不了，请在手机上打开“爱山东”的码。",
        "This code cannot be used: open the Aishandong code on the phone.",
    ),
    "code-used": Kind(
        409,
        False,
        "retry",
        "The code was used before",
        "这个码用过了，请在手机上刷新。",
        "This code was used before: refresh it on the phone.",
    ),
    "code-expired": Kind(
        410,
        False,
        "retry",
        "The code's time is over",
        "这个码过期了，请在手机上刷新。",
        "This code has expired: refresh it on the phone.",
    ),
    "device-mismatch": Kind(403, False, "call_help", "That is another terminal", _CALL_ZH, _CALL_EN),
    "not-found": Kind(404, False, "call_help", "There is no such thing", _CALL_ZH, _CALL_EN),
    "method-not-allowed": Kind(405, False, "call_help", "Not done this way", _CALL_ZH, _CALL_EN),
    "in-progress": Kind(409, True, "wait", "The same request is running", _AGAIN_ZH, _AGAIN_EN),
    "item-not-available": Kind(409, False, "counter", "Not offered in this way", _COUNTER_ZH, _COUNTER_EN),
    "payment-unknown": Kind(
        409,
        False,
        "wait",
        "An earlier payment is unknown",
        "上一笔缴费结果待确认。",
        "An earlier payment is being settled.",
    ),
    "payment-settled": Kind(409, False, "call_help", "The order has another outcome", _CALL_ZH, _CALL_EN),
    "order-expired": Kind(
        410, False, "retry", "The order's time is over", "已超时，请重新开始。", "Please start again."
    ),
    "close-too-early": Kind(409, True, "wait", "A phone is paying this order", _AGAIN_ZH, _AGAIN_EN),
    "bill-not-found": Kind(
        404,
        False,
        "fix_fields",
        "No bill is found so",
        "没有查到账单，请核对号码。",
        "No bill was found: check the number.",
    ),
    "bill-already-paid": Kind(
        409, False, "counter", "The bill is paid", "这笔账单已经缴清，不用再缴。", "This bill is paid already."
    ),
    "bill-changed": Kind(
        409, False, "retry", "The bill is not what was confirmed", "账单金额有变化，请再核对。", "The bill has changed."
    ),
    "fee-changed": Kind(
        409, False, "retry", "The fee is not what was confirmed", "收费有变化，请再核对。", "The fee has changed."
    ),
    "nothing-due": Kind(409, False, "retry", "Nothing has to be paid", "不用缴费。", "Nothing has to be paid."),
    "fee-over-limit": Kind(
        409,
        False,
        "counter",
        "More than a terminal may take",
        "金额较大，请到窗口缴费。",
        "Please pay this at the counter.",
    ),
    "print-quota-exhausted": Kind(
        409,
        False,
        "counter",
        "Printed as often as allowed",
        "打印次数已用完。",
        "It was printed as often as is allowed.",
    ),
    "refund-exceeds": Kind(409, False, "call_help", "More than was paid", _CALL_ZH, _CALL_EN),
    "order-used": Kind(409, False, "call_help", "The order paid for another case", _CALL_ZH, _CALL_EN),
    "order-mismatch": Kind(409, False, "call_help", "The order is for something else", _CALL_ZH, _CALL_EN),
    "print-settled": Kind(409, False, "call_help", "The print has another outcome", _CALL_ZH, _CALL_EN),
    "events-missing": Kind(409, False, "wait", "Earlier events have not arrived", _CALL_ZH, _CALL_EN),
    "already-evaluated": Kind(409, False, "wait", "Already rated", "您已评价，谢谢。", "Already rated, thank you."),
    "licence-not-found": Kind(404, False, "counter", "The library has no such licence", _COUNTER_ZH, _COUNTER_EN),
    "licence-void": Kind(409, False, "counter", "The licence does not count any more", _COUNTER_ZH, _COUNTER_EN),
    "duplicate-application": Kind(
        409, False, "wait", "It was handed in already", "已经提交过，请勿重复提交。", "This was handed in already."
    ),
    "kept-too-long": Kind(
        410,
        False,
        "retry",
        "It waited too long for the network",
        "等待时间过长，未受理，请重新办理。",
        "It waited too long and was not accepted: please apply again.",
    ),
    "version-conflict": Kind(
        412,
        False,
        "retry",
        "It was changed elsewhere",
        "内容已在别处修改，请重新打开。",
        "It was changed elsewhere: please open it again.",
    ),
    "upload-too-large": Kind(413, False, "counter", "The sheet is too large", _COUNTER_ZH, _COUNTER_EN),
    "upload-hash-mismatch": Kind(422, True, "retry", "Not the octets that were announced", _AGAIN_ZH, _AGAIN_EN),
    "material-rejected": Kind(
        422,
        False,
        "fix_fields",
        "A material cannot be accepted",
        "材料不符合要求，请检查。",
        "A paper cannot be accepted: please check.",
    ),
    "booking-not-found": Kind(
        404,
        False,
        "counter",
        "No such appointment",
        "没有找到这个预约，请核对编号。",
        "No such appointment: check its number.",
    ),
    "case-not-found": Kind(
        404,
        False,
        "fix_fields",
        "No such case of this person",
        "没有找到您的这件办件，请核对编号。",
        "You have no case with this number: please check it.",
    ),
    "delivery-exists": Kind(
        409,
        False,
        "wait",
        "A courier was ordered for this case",
        "这件已经下过快递单。",
        "A courier is ordered for this already.",
    ),
    "not-ready": Kind(
        409,
        False,
        "wait",
        "It does not lie ready",
        "还没有做好，请晚些再来。",
        "It is not ready yet: please come back later.",
    ),
    "too-large": Kind(413, False, "call_help", "The request is too large", _CALL_ZH, _CALL_EN),
    "validation": Kind(
        422, False, "fix_fields", "The request does not fit", "填写有误，请检查。", "Please check the form."
    ),
    "idempotency-conflict": Kind(422, False, "call_help", "This key had another body", _CALL_ZH, _CALL_EN),
    "amount-differs": Kind(422, False, "call_help", "Not the amount of the order", _CALL_ZH, _CALL_EN),
    "signature-invalid": Kind(401, True, "call_help", "The request is not signed as it must be", _CALL_ZH, _CALL_EN),
    "activation-invalid": Kind(403, False, "call_help", "The activation code is not good here", _CALL_ZH, _CALL_EN),
    "device-suspended": Kind(
        403,
        True,
        "counter",
        "The terminal is out of service",
        "本机暂停服务，请到窗口办理。",
        "This terminal is out of service: please go to the counter.",
    ),
    "catalogue-stale": Kind(
        409,
        True,
        "retry",
        "The terminal's catalogue is an old one",
        "事项内容有更新，请重新打开。",
        "The service has changed: please open it again.",
    ),
    "form-stock-empty": Kind(409, False, "counter", "No numbered forms are left", _COUNTER_ZH, _COUNTER_EN),
    "print-token-expired": Kind(
        410, False, "retry", "The permission's time is over", "已超时，请重新开始。", "Please start again."
    ),
    "payment-declined": Kind(
        402,
        False,
        "retry",
        "The payer's bank said no",
        "付款没有成功，可换一种方式。",
        "The payment did not go through: try another way.",
    ),
    "slot-taken": Kind(
        409,
        False,
        "fix_fields",
        "Nobody more can come then",
        "这个时间刚被约走，请另选。",
        "This time has just been taken: please choose another.",
    ),
    "rate-limited": Kind(429, True, "wait", "Too many requests", _AGAIN_ZH, _AGAIN_EN),
    "internal": Kind(500, True, "wait", "The platform failed", _AGAIN_ZH, _AGAIN_EN),
    "upstream-unavailable": Kind(503, True, "wait", "A system behind the platform is away", _AGAIN_ZH, _AGAIN_EN),
    "maintenance": Kind(503, True, "wait", "The platform is being maintained", _AGAIN_ZH, _AGAIN_EN),
}
