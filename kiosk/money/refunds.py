"""Refunds through the platform: pursued until done, over restarts and days; each under a refund number of its own.

owed -> refunding (number synced) -> platform -> reversed; refused -> owed, and again under a new number
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from typing import Any

from config.payments import PaymentRules, pause, payments
from kiosk.intents import Intent, State
from kiosk.journal import Journal
from kiosk.platform.client import Platform
from kiosk.platform.errors import PlatformError, Problem
from kiosk.platform.paying import Refund

log = logging.getLogger(__name__)

REASON = "service-not-given"
CLERK = "clerk"
"""`body["way"]` of money whose reversal is in doubt for good: a clerk refunds it, the platform tells us."""


class Refunds:
    """Gives money back through the platform. `monotonic` is the loop's clock; tries are spaced by the rules."""

    def __init__(
        self,
        journal: Journal,
        platform: Platform,
        monotonic: Callable[[], float],
        rules: PaymentRules | None = None,
    ) -> None:
        self._journal = journal
        self._platform = platform
        self._monotonic = monotonic
        self._rules = rules or payments()
        self._tries: dict[str, tuple[int, float]] = {}

    def due(self, intent_id: str) -> bool:
        """Whether the next try may be made. After a restart it may at once."""
        return self._monotonic() >= self._tries.get(intent_id, (0, 0.0))[1]

    def postpone(self, intent_id: str) -> None:
        """A try did not bring the money back: the next one after the next pause."""
        tries = self._tries.get(intent_id, (0, 0.0))[0]
        self._tries[intent_id] = (tries + 1, self._monotonic() + pause(self._rules.refund.retry_s, tries))

    def forget(self, intent_id: str) -> None:
        """The money is back."""
        self._tries.pop(intent_id, None)

    async def pursue(self, intent: Intent) -> bool:
        """One try for an intent that is owed or refunding; true when the money is back."""
        if intent.body.get("way") == CLERK:
            back = await self._clerk_has(intent)
        elif intent.state is State.OWED:
            back = await self._begin(intent)
        else:
            back = await self._go_on(intent)
        if back:
            self.forget(intent.id)
        else:
            self.postpone(intent.id)
        return back

    async def _begin(self, intent: Intent) -> bool:
        number = f"rfd-{secrets.token_hex(10)}"
        intent = await self._journal.move(intent.id, State.REFUNDING, refund_no=number)
        return await self._send(intent)

    async def _send(self, intent: Intent) -> bool:
        number, order = str(intent.body["refund_no"]), str(intent.body["order"])
        try:
            refund = await self._platform.paying.refund(number, order, int(intent.body["fen"]), REASON)
        except Problem as problem:
            if problem.retryable or problem.processed == "unknown":
                return False
            return await self._refused(intent, problem.slug)
        except PlatformError as error:
            log.info("refund of %s: %s; tried again", intent.id, type(error).__name__)
            return False
        return await self._judge(intent, refund)

    async def _go_on(self, intent: Intent) -> bool:
        """Ask how it stands; the platform may never have had it."""
        try:
            refund = await self._platform.paying.refund_state(str(intent.body["refund_no"]))
        except Problem as problem:
            return await self._send(intent) if problem.slug == "not-found" else False
        except PlatformError:
            return False
        return await self._judge(intent, refund)

    async def _judge(self, intent: Intent, refund: Refund) -> bool:
        if refund.state == "DONE":
            await self._journal.move(intent.id, State.REVERSED, refunded=refund.fen)
            return True
        if refund.state == "REFUSED":
            await self._journal.move(intent.id, State.OWED, cause="refund-refused")
        return False

    async def _refused(self, intent: Intent, slug: str) -> bool:
        """The platform takes no refund for this order: perhaps it is given back already."""
        if await self._given_back(intent):
            await self._journal.move(intent.id, State.REVERSED, cause=slug)
            return True
        log.warning("refund of %s refused (%s); it stays owed", intent.id, slug)
        await self._journal.move(intent.id, State.OWED, cause=slug)
        return False

    async def _clerk_has(self, intent: Intent) -> bool:
        if not await self._given_back(intent):
            return False
        await self._journal.move(intent.id, State.REVERSED, cause="by-clerk")
        return True

    async def _given_back(self, intent: Intent) -> bool:
        try:
            order: Any = await self._platform.order(str(intent.body["order"]))
        except PlatformError:
            return False
        return bool(order.state == "REFUNDED")
