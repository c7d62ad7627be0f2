"""The payment pad: a ZVT terminal over TCP or serial, as a `Device`. Money moves only in `authorise` and `refund`.

Link `tcp://host:20007` carries bare APDUs, `serial:///dev/...?baud=9600&stopbits=2` carries DLE frames.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from drivers.errors import DeviceError
from drivers.outcome import Done, Outcome, Refused, Unknown
from drivers.payment_pad import asking, undoing, verdict
from drivers.payment_pad.approval import Approval, CardSeen, DayEnd, PadStatus, ReceiptMark, Reversal
from drivers.payment_pad.at_rest import READY_S, PadAtRest
from drivers.payment_pad.frames import (
    NOT_REGISTERED,
    RECEIPT_ID,
    Authorisation,
    Command,
    PreAuthorisation,
    Refund,
    status_word,
    tag,
)
from drivers.payment_pad.payment import Payment
from drivers.payment_pad.undoing import BUSY_S
from drivers.payment_pad.verdict import Course, Doubt

ISSUE_S = 30
"""BMP 01: seconds the pad waits for our word on an approval."""
ISSUE_REPEATS = 10
"""BMP 02: how often it may repeat an approval that we answered 84 9C."""
UPDATE_S = 900.0
"""How long a pad that began to update itself after an end of day may be mute before that is a fault."""
Before = Callable[[Approval], Awaitable[int | None]]
Prompt = Callable[[str], None]


class PaymentPad(PadAtRest):
    """One pad. Verbs that move or settle money return `Outcome`; the others raise `DeviceError`."""

    async def authorise(
        self,
        fen: int,
        *,
        order: str,
        on_prompt: Prompt,
        before_ack: Before,
        deadline_s: float = 180.0,
        cancel: asyncio.Event | None = None,
    ) -> Outcome[Approval]:
        """Take `fen` from a card, or hold it. `before_ack(approval)` must have made the approval durable on return.

        An amount that it returns is all that is issued and charged (`partial_issue`); not of a hold, which is booked.
        Done: the pad booked it and said so. Refused: it certainly took nothing. Unknown: `resolve` must be asked.
        `order` goes into logs and evidence only, so it must not be personal.
        """
        o = self.options
        kind = PreAuthorisation if o.holds else Authorisation
        command = kind(
            fen,
            o.currency,
            timeout_s=ISSUE_S if o.vending else None,
            max_statuses=ISSUE_REPEATS if o.vending else None,
            # Tag 1F1F of length 0 says that we know it and never asks the pad to reverse its last one in silence;
            # with 1F1F the pad keeps a payment over a lost link (chapter 9, against 2.2.8): hence we always ask.
            tags=tag(RECEIPT_ID, b"") if o.receipt_id else None,
        )
        return await self._take(command, fen, order, on_prompt, before_ack, deadline_s, cancel)

    async def refund(
        self,
        fen: int,
        *,
        order: str,
        on_prompt: Prompt,
        before_ack: Before,
        deadline_s: float = 180.0,
        cancel: asyncio.Event | None = None,
    ) -> Outcome[Approval]:
        """Give `fen` back onto a card that the citizen presents again; otherwise as `authorise`."""
        command = Refund(fen, self.options.currency, self.options.password)
        return await self._take(command, fen, order, on_prompt, before_ack, deadline_s, cancel)

    async def _take(
        self,
        command: Command,
        fen: int,
        order: str,
        on_prompt: Prompt,
        before_ack: Before,
        deadline_s: float,
        cancel: asyncio.Event | None,
    ) -> Outcome[Approval]:
        if not 0 < fen < 10**10:
            raise ValueError(f"amount: {fen} fen is not between 0.01 and 99999999.99")
        if cancel is not None and cancel.is_set():
            return Refused("cancelled", "Cancelled before the pad was asked.", again=True)
        course = Course(fen, order)
        begun = False
        try:
            async with self._work():
                status = await self._wire.not_busy(BUSY_S)
                if not status.ready:
                    return verdict.refused(status.code or 0xFF, status_word(status.code or 0xFF).cause)
                self._wire.talk.known.clear()
                self._payment = Payment(
                    self._wire.talk,
                    command,
                    course,
                    currency=self.options.currency,
                    on_prompt=on_prompt,
                    before_ack=before_ack,
                    deadline_s=deadline_s,
                    cancel=cancel,
                    patience=self.options.patience,
                    partial_issue=self.options.partial_issue and isinstance(command, Authorisation) and not self.holds,
                )
                self.counters.operations += 1
                begun = True
                try:
                    await self._payment.run()
                finally:
                    self._payment = None
                outcome = verdict.judge(course)
                if isinstance(outcome, Refused) and outcome.code == f"{NOT_REGISTERED:02X}":
                    await self._wire.drop()  # it restarted: the next one registers first
                if isinstance(outcome, Doubt) or (isinstance(outcome, Done) and course.part is not None):
                    outcome = await asking.confirm(self._wire, self.options, outcome, course)
        except DeviceError as error:
            self.counters.failures += 1
            if begun:
                return Unknown(error.cause, str(error), course.evidence())
            return Refused(error.cause, str(error), error.code, again=error.again)
        self.counters.failures += not isinstance(outcome, Done)
        return outcome

    async def resolve(
        self, fen: int, before: ReceiptMark | None, order: str, deadline_s: float = READY_S
    ) -> Outcome[Approval]:
        """What became of a payment whose outcome is unknown: ask the pad, once it no longer works on anything.

        `before` is the mark taken before that payment. To be asked before the next transaction on this pad.
        """
        try:
            async with self._work(), asyncio.timeout(deadline_s):
                return await asking.resolve(self._wire, self.options, fen, before, order, deadline_s)
        except (DeviceError, TimeoutError) as error:
            evidence = {"order": order, "fen": str(fen)}
            return Unknown("pad-silent", f"The pad could not be asked: {error or 'time is up'}", evidence)

    @property
    def holds(self) -> bool:
        """True when the profile says `settlement = "preauthorise"`: `authorise` then only holds the money (06 22)."""
        return self.options.holds

    async def reverse(self, receipt_no: str, fen: int) -> Outcome[Reversal]:
        """Undo the payment `receipt_no` of `fen` (06 30). After Unknown do it again: a second one answers B4, Done.

        What is only held is freed (06 25).
        """
        return await self._undo(undoing.reverse(self._wire, self.options, receipt_no, fen))

    async def book(self, receipt_no: str, held_fen: int, fen: int) -> Outcome[Reversal]:
        """Take `fen` of what is held and free the rest (06 24, or 06 23). `fen` 0 frees all."""
        if not 0 <= fen <= held_fen:
            raise ValueError(f"amount: {fen} fen cannot be booked of {held_fen} that are held")
        if fen == 0:
            return await self.release(receipt_no)
        return await self._undo(undoing.book(self._wire, self.options, receipt_no, held_fen, fen))

    async def release(self, receipt_no: str) -> Outcome[Reversal]:
        """Free all that is held under `receipt_no` (06 25)."""
        return await self._undo(undoing.release(self._wire, self.options, receipt_no))

    async def _undo(self, verb: Coroutine[Any, Any, Outcome[Reversal]]) -> Outcome[Reversal]:
        try:
            async with self._work():
                self.counters.operations += 1
                outcome = await verb
        except DeviceError as error:
            outcome = Refused(error.cause, str(error), error.code, again=error.again)
        finally:
            verb.close()
        self.counters.failures += not isinstance(outcome, Done)
        return outcome

    async def end_of_day(self) -> Outcome[DayEnd]:
        """Hand in the batch (06 50). No payment may be unresolved: it wipes what `resolve` and `reverse` need.

        Holds left open are freed first. The pad may update itself afterwards and answer nobody for minutes.
        """
        try:
            async with self._work():
                outcome = await undoing.end_of_day(self._wire, self.options)
        except DeviceError as error:
            return Refused(error.cause, str(error), error.code, again=error.again)
        if isinstance(outcome, Done) and outcome.value.then:
            self._updating_until = asyncio.get_running_loop().time() + UPDATE_S
        return outcome


__all__ = ["Approval", "CardSeen", "DayEnd", "PadStatus", "PaymentPad", "ReceiptMark", "Reversal"]
