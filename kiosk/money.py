"""Charging at the pad and giving back: every arrow journalled before the next thing is sent (P1, P2, P8).

mint (synced) -> 06 01 -> approved (synced, before our acknowledgement) -> charged (synced, with its report)
unknown is resolved by asking the pad about the receipt; never by charging again.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from drivers.errors import DeviceError
from drivers.families import CardPaying
from drivers.outcome import Done, Outcome, Refused, Unknown
from drivers.payment_pad.approval import Approval, ReceiptMark
from kiosk.intents import Intent, Kind, State
from kiosk.journal import Journal, JournalError, Write
from kiosk.outbox import Outbox
from kiosk.platform.messages import PaymentOrder

log = logging.getLogger(__name__)

RESOLVE_WITHIN_S = 30.0


@dataclass(frozen=True, slots=True)
class Charge:
    """Money that moved: the journal's intent id, the amount in fen, the pad's receipt number, the card's last four."""

    intent: str
    fen: int
    receipt_no: str
    card_tail: str


class Money:
    """The only code that moves money. `locked` says why no new charge may start ("" when it may)."""

    def __init__(self, journal: Journal, outbox: Outbox, pad: CardPaying) -> None:
        self._journal = journal
        self._outbox = outbox
        self._pad = pad
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
    ) -> Outcome[Charge]:
        """Charge `order.fen` once. Done, Refused (certainly not charged) or Unknown (the pad cannot be asked now).

        Raises `JournalError` before anything was sent: no journal, no money.
        """
        if self.locked:
            return Refused("payment-locked", self.locked)
        try:
            mark = await self._pad.mark()
        except DeviceError as error:
            return Refused("pad-fault", str(error), error.code, error.again)
        body = {"order": order.id, "fen": order.fen, "mark": asdict(mark)}
        await self._journal.write(lambda w: w.mint(intent_id, Kind.CHARGE, visit, body))

        async def before_ack(approval: Approval) -> None:
            await self._journal.move(intent_id, State.APPROVED, **_references(approval))

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

            def charged(write: Write) -> None:
                write.move(intent_id, State.CHARGED, _references(approval))
                self.report(write, before, order_id, "PAID", approval)

            await self._journal.write(charged)
            self._outbox.poke()
            return Done(Charge(intent_id, approval.fen, approval.receipt_no, approval.masked_card[-4:]))
        if isinstance(outcome, Refused):
            cause = outcome.cause

            def refused(write: Write) -> None:
                write.move(intent_id, State.REFUSED, {"cause": cause})
                self.report(write, before, order_id, "FAILED", None)

            await self._journal.write(refused)
            self._outbox.poke()
            return outcome
        if before.state is not State.UNKNOWN:
            await self._journal.move(intent_id, State.UNKNOWN, cause=outcome.cause)
        self.locked = "an earlier payment is not yet settled"
        return outcome

    async def resolve(self, intent: Intent, within_s: float = RESOLVE_WITHIN_S) -> Outcome[Charge]:
        """Find out what became of a charge that a crash or a lost line left open; journals the answer."""
        mark = ReceiptMark(**intent.body["mark"])
        outcome = await self._ask(int(intent.body["fen"]), mark, intent.id, within_s)
        return await self._record(intent.id, str(intent.body["order"]), outcome)

    async def give_back(self, intent_id: str) -> bool:
        """Reverse a charge; true when the money is back. Otherwise it is owed (journalled) and pursued."""
        intent = await self._journal.intent(intent_id)
        assert intent is not None
        if intent.state is State.CHARGED:
            intent = await self._journal.move(intent_id, State.OWED)
        if intent.state is not State.OWED:
            return intent.state is State.REVERSED
        try:
            outcome = await self._pad.reverse(str(intent.body["receipt_no"]), int(intent.body["fen"]))
        except DeviceError as error:
            outcome = Unknown(error.cause, str(error))
        if not isinstance(outcome, Done):
            log.warning("charge %s: the reversal did not go through (%s); it stays owed", intent_id, outcome.cause)
            return False
        owed = intent

        def reversed_(write: Write) -> None:
            write.move(intent_id, State.REVERSED)
            self.report(write, owed, str(owed.body["order"]), "REVERSED", None)

        await self._journal.write(reversed_)
        self._outbox.poke()
        return True

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
