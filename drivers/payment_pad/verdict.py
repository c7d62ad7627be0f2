"""What became of the money: pure judgements on what was heard. Whatever is not certain is `Unknown`.

| the exchange ended with | an approval was        | verdict                                             |
|-------------------------|------------------------|-----------------------------------------------------|
| 84 xx                   | -                      | Refused: the pad never began                        |
| 06 0F                   | acknowledged           | Done                                                |
| 06 0F                   | never there            | Refused after a decline, else Unknown: 06 0F proves nothing |
| 06 0F                   | refused by us, or gone | Unknown until 06 20 shows that it is gone           |
| 06 1E                   | never there            | Refused                                             |
| 06 1E                   | there                  | reversed; Unknown until 06 20 shows that it is gone |
| a lost link, silence    | -                      | Unknown                                             |
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from drivers.outcome import Done, Outcome, Refused, Unknown
from drivers.payment_pad.approval import Approval, ReceiptMark
from drivers.payment_pad.events import Aborted, Completed, Failed, Rejected
from drivers.payment_pad.frames import TIMED_OUT, StatusInformation, result_word

MAX_LINES = 400


@dataclass(slots=True)
class Course:
    """What was heard and said in one payment or refund of `fen` for `order`."""

    fen: int
    order: str
    approval: Approval | None = None
    acknowledged: bool = False
    refused: str = ""
    """Why we refused the approval (`amount-differs`, `not-recorded`), empty when we did not."""
    part: int | None = None
    """The fen that are issued of the approval, None for all."""
    withdrawn: bool = False
    """The pad itself said, after the approval, that it is none."""
    second: bool = False
    """A second, different approval came in the same payment."""
    aborted_for: str = ""
    """Why we sent 06 B0: `cancelled`, `timeout`."""
    result: int | None = None
    lines: list[str] = field(default_factory=list)
    end: Completed | Aborted | Rejected | Failed | None = None

    def print(self, lines: tuple[str, ...]) -> None:
        """Keep receipt lines, as many as a receipt can have."""
        self.lines.extend(lines[: MAX_LINES - len(self.lines)])

    def evidence(self) -> dict[str, str]:
        """What the asking starts from."""
        found = {"order": self.order, "fen": str(self.fen)}
        return {**found, **self.approval.evidence()} if self.approval else found


@dataclass(frozen=True, slots=True)
class Doubt:
    """The pad took an approval back, says its last word: `refused`, if 06 20 no longer shows `approval`."""

    approval: Approval
    refused: Refused


def refused(code: int, cause: str = "") -> Refused:
    """The refusal that result `code` is."""
    word = result_word(code)
    return Refused(cause or word.cause, word.sentence, f"{code:02X}", word.again)


def judge(course: Course) -> Outcome[Approval] | Doubt:
    """The verdict on a payment that ran its course."""
    match course.end:
        case Rejected(code):
            return refused(code)
        case Aborted(abort):
            return _aborted(course, abort.result)
        case Completed():
            return _completed(course)
        case Failed(cause):
            return Unknown(cause, "The pad fell silent in the middle of a payment.", course.evidence())
    return Unknown("link-lost", "The link to the pad broke in the middle of a payment.", course.evidence())


def _aborted(course: Course, code: int) -> Outcome[Approval] | Doubt:
    if course.second:
        return _muddled(course)
    if course.approval:
        why = course.refused or "reversed"
        sentence = "The pad took the approved payment back."
        return Doubt(course.approval, Refused(why, sentence, f"{code:02X}", again=True))
    if course.refused:
        return Refused(course.refused, "We refused what the pad had approved.", f"{code:02X}")
    told = course.result if course.result else code
    return refused(told, course.aborted_for if told == TIMED_OUT else "")


def _completed(course: Course) -> Outcome[Approval] | Doubt:
    if course.second:
        return _muddled(course)
    approval = course.approval
    if approval and course.acknowledged and not course.withdrawn and not course.refused:
        return Done(replace(approval, receipt_lines=tuple(course.lines)))
    if approval and (course.withdrawn or course.refused):
        why = course.refused or "reversed"
        return Doubt(approval, Refused(why, "The pad took the approved payment back.", again=True))
    if approval is None and not course.refused and course.result:
        return refused(course.result)
    return Unknown("completion-alone", "The pad ended a payment without saying how.", course.evidence())


def _muddled(course: Course) -> Unknown:
    return Unknown("two-approvals", "The pad approved two transactions in one payment.", course.evidence())


def gone(doubt: Doubt, last: StatusInformation | None, course: Course) -> Outcome[Approval]:
    """The verdict on a payment that the pad took back, once `last` (06 20) is known."""
    if last is not None and last.is_payment and last.key == doubt.approval.key:
        return Unknown("pad-contradicts", "The pad took a payment back and still lists it.", course.evidence())
    return doubt.refused


def charged(approval: Approval, part: int, last: StatusInformation | None, course: Course) -> Outcome[Approval]:
    """The verdict on a part issued with 84 9D, once `last` (06 20) is known: some pads ignore the amount."""
    if last is not None and last.approved and last.receipt_no == approval.receipt_no and last.amount == part:
        return Done(replace(approval, fen=part))
    return Unknown("part-unclear", "The pad does not say that it charged only the part.", course.evidence())


def conclude(
    fen: int, before: ReceiptMark | None, last: StatusInformation | None, *, nothing_booked: bool, order: str
) -> Outcome[Approval]:
    """Whether a payment of `fen`, begun when `before` was the pad's last transaction, exists now that `last` is.

    `nothing_booked`: the pad's totals are zero, the proof that goes with `last` None. Source: PA00P015 2.2.9.
    """
    evidence = {"order": order, "fen": str(fen)}
    if before is None:
        return Unknown("no-mark", "Nothing was noted before the payment; compare with the bank's list.", evidence)
    none = Refused("not-charged", "The pad has no such payment.", again=True)
    if last is None:
        if before.empty and nothing_booked:
            return none
        return Unknown("receipt-gone", "The pad no longer knows its last transaction (end of day?).", evidence)
    evidence |= {"receipt_no": last.receipt_no, "trace": last.trace, "terminal_id": last.terminal_id}
    if before.terminal_id and last.terminal_id and before.terminal_id != last.terminal_id:
        return Unknown("other-pad", "Another pad is connected than before the payment.", evidence)
    if not before.empty:
        order_of = _order(before, last)
        if order_of == 0:
            return none
        if order_of < 0:
            return Unknown("order-unclear", "The pad's last transaction is not newer than the mark.", evidence)
    if not last.approved:
        return Refused("not-charged", "The pad's last transaction failed.", f"{last.result or 0:02X}", again=True)
    if last.amount != fen or not last.receipt_no:
        return Unknown("other-amount", "The pad's last transaction has another amount.", evidence)
    return Done(Approval.of(last))


def _order(before: ReceiptMark, last: StatusInformation) -> int:
    """0 the same transaction, 1 `last` is newer, -1 it cannot be said. Numbers wrap; traces outlive an end of day."""
    if (before.receipt_no, before.trace) == (last.receipt_no, last.trace):
        same_moment = (before.date, before.time) == (last.date, last.time)
        return 0 if same_moment else -1
    if before.trace and last.trace and before.trace != last.trace:
        step, span = int(last.trace) - int(before.trace), 10**6
    elif last.receipt_no:
        step, span = int(last.receipt_no) - int(before.receipt_no), 10**4
    else:
        return -1
    return 1 if 0 < step % span < span // 2 else -1
