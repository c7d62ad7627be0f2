"""A bank's library (`bankall`) as a payment pad: every call in a child process that can be killed.

The library shows its own prompts on its pad, cannot be stopped, and books by itself: an approval is final when it
answers, so one that we cannot record is voided at once. A call that was cut is Unknown, and stays so until the last
transaction (04), asked once the pad can no longer be at work, says what became of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from drivers.errors import DeviceError
from drivers.outcome import Done, Outcome, Refused, Unknown
from drivers.payment_library import codes
from drivers.payment_library.at_rest import LibraryAtRest
from drivers.payment_library.calls import Said
from drivers.payment_library.child import NotCalled
from drivers.payment_library.frames import (
    COMPLETE,
    COMPLETE_VOID,
    PRE_AUTH,
    PRE_AUTH_VOID,
    REFUND,
    SALE,
    SETTLE,
    VOID,
)
from drivers.payment_library.receipt import Receipt
from drivers.payment_pad.approval import Approval, DayEnd, ReceiptMark, Reversal

log = logging.getLogger(__name__)

REMEMBERED = 200
Before = Callable[[Approval], Awaitable[int | None]]
Prompt = Callable[[str], None]


class PaymentLibrary(LibraryAtRest):
    """One pad behind one library. Verbs that move or settle money return `Outcome`; the others raise `DeviceError`."""

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
        """Take `fen`, or hold it in mode hold. `cancel` counts only before the call: the library cannot be stopped."""
        if not 0 < fen < 10**10:
            raise ValueError(f"amount: {fen} fen is not between 0.01 and 99999999.99")
        if cancel is not None and cancel.is_set():
            return Refused("cancelled", "Cancelled before the pad was asked.", again=True)
        evidence = {"order": order, "fen": str(fen)}
        begun = False
        try:
            async with self._work():
                if self._bank.may_be_at_work:
                    return Refused("busy", "The pad may still be at work on an earlier transaction.", again=True)
                await self._bank.sign_in()
                on_prompt("present-card")
                self.counters.operations += 1
                begun = True
                said = await self._bank.ask(PRE_AUTH if self.holds else SALE, deadline_s, fen=fen)
                outcome = await self._recorded(said, fen, order, before_ack, evidence)
        except DeviceError as error:
            self.counters.failures += 1
            if begun and not isinstance(error, NotCalled):
                return Unknown(error.cause, str(error), evidence)
            return Refused(error.cause, str(error), error.code, error.again)
        self.counters.failures += not isinstance(outcome, Done)
        return outcome

    async def _recorded(
        self, said: Said, fen: int, order: str, before_ack: Before, evidence: Mapping[str, str]
    ) -> Outcome[Approval]:
        """An approval made durable, or taken back at once."""
        answer = said.answer
        if not answer.approved:
            return codes.refused(answer.code)
        if not answer.voucher:
            return Unknown("no-voucher", "The bank approved without a voucher number.", evidence)
        if answer.fen is None:
            return Unknown("no-amount", "The bank approved without an amount.", evidence)
        approval = said.receipt.approval()
        why = "" if answer.fen == fen else "amount-differs"
        if not why:
            try:
                await before_ack(approval)
            except Exception:
                log.exception("payment %s: the approval could not be recorded; it is voided", order)
                why = "not-recorded"
        if not why:
            self._remember(order, said.receipt)
            return Done(approval)
        undone = await self._undo(said.receipt, answer.fen)
        if isinstance(undone, Done):
            return Refused(why, "The approval was voided at once.", again=True)
        return Unknown(why, f"The approval could not be voided: {undone.sentence}", {**evidence, **approval.evidence()})

    def _remember(self, order: str, receipt: Receipt) -> None:
        self._by_order[order] = receipt
        while len(self._by_order) > REMEMBERED:
            self._by_order.pop(next(iter(self._by_order)))

    async def _undo(self, receipt: Receipt, fen: int) -> Outcome[Reversal]:
        """25 for what is held, 01 on the day of the sale; later as the profile says. Under the lock."""
        fields: dict[str, Any] = {"fen": fen, "voucher": receipt.voucher}
        kind = PRE_AUTH_VOID if receipt.held else VOID
        if receipt.held:
            fields |= {"date": receipt.day, "reference": receipt.reference}
        elif receipt.day != self._bank.today:
            if self.options.late_void == "refuse":
                return Refused("day-closed", "The sale is of an earlier day; the bank voids none of those.")
            kind, fields = REFUND, {"fen": fen, "date": receipt.day, "reference": receipt.reference}
        return await self._reversal(kind, receipt, fen, fields)

    async def _reversal(
        self, kind: str, receipt: Receipt, back_fen: int, fields: Mapping[str, Any]
    ) -> Outcome[Reversal]:
        evidence = {"receipt_no": receipt.number, "fen": str(back_fen)}
        try:
            said = await self._bank.ask(kind, self.options.quick_s, **fields)
        except NotCalled as error:
            return Refused(error.cause, str(error), again=True)
        except DeviceError as error:
            return Unknown(error.cause, str(error), evidence)
        if said.answer.approved:
            return Done(Reversal(receipt.number, back_fen))
        if said.answer.code in self.options.voided:
            return Done(Reversal(receipt.number, back_fen, already=True))
        return codes.refused(said.answer.code)

    async def _with_receipt(
        self, receipt_no: str, act: Callable[[Receipt], Awaitable[Outcome[Reversal]]]
    ) -> Outcome[Reversal]:
        try:
            receipt = Receipt.parse(receipt_no)
        except ValueError as error:
            return Refused("no-original", str(error))
        try:
            async with self._work():
                self.counters.operations += 1
                await self._bank.sign_in()
                return await act(receipt)
        except DeviceError as error:
            # The sign-in failed: the act itself was never asked for.
            return Refused(error.cause, str(error), error.code, error.again)

    async def reverse(self, receipt_no: str, fen: int) -> Outcome[Reversal]:
        """Undo a payment, or free what is held. After Unknown do it again: option `voided` names the second answer."""
        return await self._with_receipt(receipt_no, lambda receipt: self._undo(receipt, fen))

    async def book(self, receipt_no: str, held_fen: int, fen: int) -> Outcome[Reversal]:
        """23: take `fen` of what is held. The reversal's `fen` is what was freed."""
        if not 0 < fen <= held_fen:
            raise ValueError(f"book: {fen} fen of {held_fen} held")

        async def act(receipt: Receipt) -> Outcome[Reversal]:
            fields = {
                "fen": fen, "voucher": receipt.voucher, "date": receipt.day, "reference": receipt.reference,
            }  # fmt: skip
            return await self._reversal(COMPLETE, receipt, held_fen - fen, fields)

        return await self._with_receipt(receipt_no, act)

    async def release(self, receipt_no: str) -> Outcome[Reversal]:
        """25: free all that is held under `receipt_no`."""
        return await self._with_receipt(receipt_no, lambda receipt: self._undo(receipt, receipt.fen))

    async def undo_booking(self, receipt_no: str, fen: int) -> Outcome[Reversal]:
        """26: take back a completion of the same day."""

        async def act(receipt: Receipt) -> Outcome[Reversal]:
            return await self._reversal(COMPLETE_VOID, receipt, fen, {"fen": fen, "voucher": receipt.voucher})

        return await self._with_receipt(receipt_no, act)

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
        """02 against the payment of `order`, which must be one of this life: the bank wants its date and reference."""
        original = self._by_order.get(order)
        if original is None:
            return Refused("no-original", "The payment that is to be refunded is not known here; use the bank's desk.")
        if cancel is not None and cancel.is_set():
            return Refused("cancelled", "Cancelled before the pad was asked.", again=True)
        evidence = {"order": order, "fen": str(fen)}
        try:
            async with self._work():
                on_prompt("present-card")
                said = await self._bank.ask(
                    REFUND, deadline_s, fen=fen, date=original.day, reference=original.reference
                )  # fmt: skip
        except DeviceError as error:
            if isinstance(error, NotCalled):
                return Refused(error.cause, str(error), again=True)
            return Unknown(error.cause, str(error), evidence)
        if not said.answer.approved:
            return codes.refused(said.answer.code)
        approval = said.receipt.approval()
        try:
            await before_ack(approval)
        except Exception:
            log.exception("refund %s: it was made and could not be recorded", order)
            return Unknown("not-recorded", "The refund was made and could not be recorded.", evidence)
        return Done(approval)

    # What became of it

    async def resolve(
        self, fen: int, before: ReceiptMark | None, order: str, deadline_s: float = 200.0
    ) -> Outcome[Approval]:
        """04 and compare: newer than the mark and of the same amount is ours; the mark again is none, once quiet."""
        evidence = {"order": order, "fen": str(fen)}
        if before is None:
            return Unknown("no-mark", "Nothing was noted before the payment; compare with the bank's list.", evidence)
        # Asked before the question: one that is cut itself starts the waiting again.
        at_work = self._bank.may_be_at_work or self._bank.may_have_inherited
        try:
            async with self._work(), asyncio.timeout(deadline_s):
                last = await self._last()
        except (DeviceError, TimeoutError) as error:
            return Unknown("pad-silent", f"The pad could not be asked: {error or 'time is up'}", evidence)
        if last is not None and last.number != before.receipt_no:
            if before.terminal_id and last.terminal_id and before.terminal_id != last.terminal_id:
                return Unknown("other-pad", "Another pad is connected than before the payment.", evidence)
            if last.fen != fen:
                return Unknown("other-amount", "The pad's last transaction has another amount.", evidence)
            self._remember(order, last)
            return Done(last.approval())
        if last is None and not before.empty:
            return Unknown("receipt-gone", "The pad no longer knows its last transaction (settled?).", evidence)
        if at_work:
            return Unknown("pad-at-work", "The pad may still take the money by itself; ask again later.", evidence)
        return Refused("not-charged", "The pad has no such payment.", again=True)

    async def end_of_day(self) -> Outcome[DayEnd]:
        """06: hand in the batch. No payment may be unresolved."""
        try:
            async with self._work():
                said = await self._bank.ask(SETTLE, self.options.quick_s * 2)
        except NotCalled as error:
            return Refused(error.cause, str(error), again=True)
        except DeviceError as error:
            return Unknown(error.cause, str(error))
        return Done(DayEnd(said.answer.fen)) if said.answer.approved else codes.refused(said.answer.code)


__all__ = ["PaymentLibrary"]
