"""Charging at the pad and giving back: every arrow journalled before the next thing is sent (P1, P2, P8).

mint (synced) -> 06 01 -> approved (synced, before our acknowledgement) -> charged or held (synced, with its report)
unknown is resolved by asking the pad about the receipt; never by charging again.
held: booked when the service was given, released when it was not (`kiosk.money.holds`).
owed -> reversed at the pad while its turnover has the payment, afterwards refunded by the platform (`refunds`)
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from config.payments import PaymentRules, payments
from drivers.absent import is_absent
from drivers.errors import DeviceError
from drivers.families import CardPaying
from drivers.outcome import Done, Outcome, Refused, Unknown
from drivers.payment_pad.approval import Approval, ReceiptMark
from kiosk.duties.outbox import Outbox
from kiosk.intents import Intent, Kind, State
from kiosk.journal import Journal, JournalError, Write
from kiosk.money.holds import Holds, refused, served
from kiosk.money.refunds import CLERK, Refunds
from kiosk.money.settlement_marks import PAD_DAY_END
from kiosk.platform.messages import PaymentOrder

log = logging.getLogger(__name__)

RESOLVE_WITHIN_S = 30.0


@dataclass(frozen=True, slots=True)
class Charge:
    """Money that moved, or is held: the journal's intent id, the amount in fen, the pad's receipt number, the card's
    last four; or, by phone, whose phone paid."""

    intent: str
    fen: int
    receipt_no: str = ""
    card_tail: str = ""
    provider: str = ""


class Money:
    """The only code that moves money at the pad. `locked` says why no new charge may start ("" when it may).

    Without `refunds` what the pad cannot reverse any more stays owed.
    """

    def __init__(
        self,
        journal: Journal,
        outbox: Outbox,
        pad: CardPaying,
        refunds: Refunds | None = None,
        rules: PaymentRules | None = None,
    ) -> None:
        self._journal = journal
        self._outbox = outbox
        self._pad = pad
        self._refunds = refunds
        self._rules = rules or payments()
        self.holds = Holds(journal, pad, self._given_back)
        self.locked = ""

    async def charge(
        self,
        visit: str,
        intent_id: str,
        order: PaymentOrder,
        *,
        on_prompt: Callable[[str], None],
        cancel: asyncio.Event,
        deadline_s: float,
        bills: Sequence[str] = (),
    ) -> Outcome[Charge]:
        """Charge `order.fen` once. Done, Refused (certainly not charged) or Unknown (the pad cannot be asked now).

        `bills`: ids of the bills that it pays, so that none is paid again before the platform has heard of it.
        Raises `JournalError` before anything was sent: no journal, no money.
        """
        if self.locked:
            return Refused("payment-locked", self.locked)
        try:
            mark = await self._pad.mark()
        except DeviceError as error:
            return Refused("pad-fault", str(error), error.code, error.again)
        body: dict[str, Any] = {"order": order.id, "fen": order.fen, "mark": asdict(mark)}
        body |= {"bills": list(bills)} if bills else {}
        await self._journal.write(lambda w: w.mint(intent_id, Kind.CHARGE, visit, body))

        async def before_ack(approval: Approval) -> int | None:
            await self._journal.move(intent_id, State.APPROVED, **_references(approval))
            return None

        try:
            outcome = await self._pad.authorise(
                order.fen,
                order=intent_id,
                on_prompt=on_prompt,
                before_ack=before_ack,
                deadline_s=deadline_s,
                cancel=cancel,
            )
        except DeviceError as error:
            outcome = Unknown(error.cause, str(error))
        if isinstance(outcome, Unknown):
            log.warning("charge %s: outcome unknown (%s); asking the pad", intent_id, outcome.cause)
            outcome = await self._ask(order.fen, mark, intent_id, RESOLVE_WITHIN_S)
        return await self._record(intent_id, order.id, outcome)

    async def _ask(self, fen: int, mark: ReceiptMark, order: str, within_s: float) -> Outcome[Approval]:
        """Ask the pad until it knows, at most `within_s` seconds."""
        if is_absent(self._pad):
            return Unknown("not-fitted", "the pad that knows is not at this terminal any more")
        answer: Outcome[Approval] = Unknown("pad-silent", "the pad could not be asked")
        try:
            async with asyncio.timeout(within_s):
                while isinstance(answer, Unknown):
                    try:
                        answer = await self._pad.resolve(fen, mark, order)
                    except DeviceError as error:
                        answer = Unknown(error.cause, str(error))
                    if isinstance(answer, Unknown):
                        await asyncio.sleep(2.0)
        except TimeoutError:
            log.warning("charge %s: the pad did not say within %g s", order, within_s)
        return answer

    async def _record(self, intent_id: str, order_id: str, outcome: Outcome[Approval]) -> Outcome[Charge]:
        """Journal what the pad said, with its report to the platform in the same transaction."""
        before = await self._journal.intent(intent_id)
        assert before is not None
        if isinstance(outcome, Done):
            approval = outcome.value
            state = State.HELD if self._pad.holds else State.CHARGED

            def charged(write: Write) -> None:
                write.move(intent_id, state, _references(approval))
                self.report(write, before, order_id, "PAID", approval)

            await self._journal.write(charged)
            self._outbox.poke()
            return Done(Charge(intent_id, approval.fen, approval.receipt_no, approval.masked_card[-4:]))
        cause = outcome.cause
        if isinstance(outcome, Refused):

            def not_charged(write: Write) -> None:
                write.move(intent_id, State.REFUSED, {"cause": cause})
                self.report(write, before, order_id, "FAILED", None)

            await self._journal.write(not_charged)
            self._outbox.poke()
            return outcome
        if before.state is not State.UNKNOWN:

            def unknown(write: Write) -> None:
                write.move(intent_id, State.UNKNOWN, {"cause": cause})
                self.report(write, before, order_id, "UNKNOWN", None)

            await self._journal.write(unknown)
            self._outbox.poke()
        self.locked = "an earlier payment is not yet settled"
        return outcome

    async def resolve(self, intent: Intent, within_s: float = RESOLVE_WITHIN_S) -> Outcome[Charge]:
        """Find out what became of a charge that a crash or a lost line left open; journals the answer."""
        told = dict(intent.body["mark"])
        mark = ReceiptMark(**{**told, "open_holds": tuple(told.get("open_holds", ()))})
        outcome = await self._ask(int(intent.body["fen"]), mark, intent.id, within_s)
        return await self._record(intent.id, str(intent.body["order"]), outcome)

    async def give_back(self, intent_id: str) -> bool:
        """Give a charge back; true when the money is back. Otherwise it is owed (journalled) and pursued."""
        intent = await self._journal.intent(intent_id)
        assert intent is not None
        if intent.state in (State.HELD, State.RELEASING):
            return await self.holds.release(intent)
        if intent.state is State.BOOKING:
            await self._journal.write(lambda w: refused(w, intent_id))
            await self.holds.book(intent)
            intent = await self._journal.intent(intent_id)
            assert intent is not None
        if intent.state is State.CHARGED:
            intent = await self._journal.move(intent_id, State.OWED)
        if intent.state is State.REVERSED:
            return True
        if intent.state is State.REFUNDING or intent.kind is Kind.QR:
            return await self._refund(intent)
        if intent.state is State.REVERSING:
            return await self._reverse(intent, in_doubt=True)
        if intent.state is not State.OWED:
            return False
        if await self._too_late(intent):
            return await self._refund(intent)
        return await self._reverse(await self._journal.move(intent_id, State.REVERSING), in_doubt=False)

    async def _too_late(self, intent: Intent) -> bool:
        """After the pad's end of day its receipt numbers may begin again: nothing older is reversed there. Nothing at
        all is reversed at a pad that was taken away."""
        if is_absent(self._pad):
            return True
        body = intent.body
        if body.get("way") or int(body.get("refusals", 0)) >= self._rules.refund.reversal_refusals:
            return True
        ended = await self._journal.last(PAD_DAY_END)
        return ended is not None and ended[0] > intent.at

    async def _refund(self, intent: Intent) -> bool:
        return await self._refunds.pursue(intent) if self._refunds else False

    async def _reverse(self, intent: Intent, *, in_doubt: bool) -> bool:
        """Undo it at the pad. `in_doubt`: an earlier try had no answer, so only a clear one counts."""
        if in_doubt and await self._too_late(intent):
            await self._journal.move(intent.id, State.OWED, cause="reversal-in-doubt", way=CLERK)
            return False
        try:
            outcome = await self._pad.reverse(str(intent.body["receipt_no"]), int(intent.body["fen"]))
        except DeviceError as error:
            outcome = Unknown(error.cause, str(error))
        if isinstance(outcome, Done):
            await self._given_back(intent)
            return True
        log.warning("charge %s: the reversal did not go through (%s); it stays owed", intent.id, outcome.cause)
        if isinstance(outcome, Refused):
            await self._not_reversed(intent, outcome, in_doubt=in_doubt)
        return False

    async def _not_reversed(self, intent: Intent, refusal: Refused, *, in_doubt: bool) -> None:
        late = refusal.code in self._rules.refund.too_late
        if in_doubt and late:
            await self._journal.move(intent.id, State.OWED, cause=refusal.cause, way=CLERK)
        elif late:
            await self._journal.move(intent.id, State.OWED, cause=refusal.cause, way="refund")
        elif not in_doubt:
            said_by_pad = bool(refusal.code)
            refusals = int(intent.body.get("refusals", 0)) + said_by_pad
            await self._journal.move(intent.id, State.OWED, cause=refusal.cause, refusals=refusals)

    async def _given_back(self, intent: Intent) -> None:
        """The citizen has the money again: journalled with its report."""

        def reversed_(write: Write) -> None:
            write.move(intent.id, State.REVERSED)
            self.report(write, intent, str(intent.body["order"]), "REVERSED", None)

        await self._journal.write(reversed_)
        self._outbox.poke()

    async def serve(self, intent_id: str) -> None:
        """The service was given for a charge, with nothing more to submit; what is held is taken now."""
        await self._journal.write(lambda w: served(w, intent_id))
        intent = await self._journal.intent(intent_id)
        if intent is not None and intent.state is State.BOOKING:
            await self.holds.book(intent)

    def report(self, write: Write, intent: Intent, order_id: str, state: str, approval: Approval | None) -> None:
        """Post what became of the money to the outbox, inside `write`."""
        body: dict[str, Any] = {"order": order_id, "state": state, "fen": intent.body["fen"]}
        if approval is not None:
            body |= {"trace": approval.trace, "receipt_no": approval.receipt_no, "card": approval.masked_card}
        self._outbox.post(write, "payment-outcome", intent.visit, f"{intent.id}:{state}", body)


def _references(approval: Approval) -> Mapping[str, Any]:
    return {"receipt_no": approval.receipt_no, "trace": approval.trace}


def new_id(prefix: str) -> str:
    """An id for an irreversible act: minted here, known to every party."""
    return f"{prefix}-{secrets.token_hex(10)}"


__all__ = ["Charge", "JournalError", "Money", "new_id"]
