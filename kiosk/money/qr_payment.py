"""Paying by phone through the platform: a code that we show, or the payer's own code that we scan (P1, P2, P6, P8).

| state      | what is known                                | next                                                |
|------------|----------------------------------------------|-----------------------------------------------------|
| minted     | the order; nothing was shown or sent         | sent                                                |
| sent       | our code is shown, or theirs was handed over | charged, paying, unknown, refused, reversing        |
| paying     | the payer's phone has it                     | asked in the service's rhythm, then reversing       |
| unknown    | nobody can say yet                           | the same; never a fresh charge                      |
| reversing  | to be closed unpaid, or given back           | closed, reversed, owed: asked until it is definite  |
| closed     | it was not paid                              | refused; owed when a payment arrives all the same   |

The state is journalled before the next thing is sent. A payer's code lives in one local variable: never journalled,
logged, or kept for a second try. After a crash the platform is asked for the order.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.payments import PaymentRules, pause, payments
from drivers.outcome import Done, Outcome, Refused, Unknown
from kiosk.clock import Clock
from kiosk.intents import Intent, Kind, State
from kiosk.journal import Journal
from kiosk.money.charging import Charge
from kiosk.platform.client import Platform
from kiosk.platform.errors import PlatformError, Problem
from kiosk.platform.messages import PaymentOrder

log = logging.getLogger(__name__)

SHOWN, SCANNED = "shown", "scanned"


@dataclass(frozen=True, slots=True)
class Offer:
    """What the page shows: the QR code's text, and when it ends (loop's clock)."""

    code: str
    ends_at: float
    total_s: float

    def __repr__(self) -> str:
        return "Offer(...)"


class QrPayments:
    """The only code that takes money by phone. `locked` as in `Money`."""

    def __init__(self, journal: Journal, platform: Platform, clock: Clock, rules: PaymentRules | None = None) -> None:
        self._journal = journal
        self._platform = platform
        self._clock = clock
        self.rules = rules or payments()
        self.locked = ""
        self._doubtful: set[str] = set()
        self._unreversed: dict[str, int] = {}

    # With the citizen

    async def show(
        self,
        visit: str,
        intent_id: str,
        order: PaymentOrder,
        *,
        on_offer: Callable[[Offer], None],
        on_paying: Callable[[], None],
        cancel: asyncio.Event,
    ) -> Outcome[Charge]:
        """Show a code for `order` and follow it. Refused is certain; Unknown goes on behind, under the reference."""
        if self.locked:
            return Refused("payment-locked", self.locked)
        await self._mint(visit, intent_id, order, SHOWN, "")
        intent = await self._journal.move(intent_id, State.SENT, sent=self._stamp())
        try:
            made = await self._platform.paying.code(order.id, f"{intent_id}:code")
        except PlatformError as error:
            # Nobody has seen the code, so nobody pays it; the order is closed all the same.
            log.info("payment %s: no code (%s)", intent_id, type(error).__name__)
            return await self._end(intent, "network", self.rules.ending.wait_s)
        total = min(self.rules.shown.offered_s, (made.expires_at - self._clock.platform_now()).total_seconds() - 5)
        on_offer(Offer(made.code, self._clock.monotonic() + total, total))
        return await self._follow_shown(intent, self._clock.monotonic() + total, on_paying, cancel)

    async def _follow_shown(
        self, intent: Intent, until: float, on_paying: Callable[[], None], cancel: asyncio.Event
    ) -> Outcome[Charge]:
        """Until it is paid, or left, or its time is over; while a phone pays it, as long as that service advises."""
        began: float | None = None
        while True:
            left = until - self._clock.monotonic()
            await _until(cancel if began is None else None, min(self.rules.shown.poll_s, max(0.05, left)))
            order = await self._order(intent)
            if order is not None:
                intent, outcome = await self._take(intent, order)
                if outcome is not None:
                    return outcome
            if intent.state in (State.PAYING, State.UNKNOWN) and began is None:
                began = self._clock.monotonic()
                until = began + self.rules.rhythm(str(intent.body.get("provider", ""))).until_s
                on_paying()
            if self._clock.monotonic() >= until or (began is None and cancel.is_set()):
                cause = "cancelled" if cancel.is_set() else "timeout"
                return await self._end(intent, cause, self.rules.ending.wait_s)

    async def scan(
        self,
        visit: str,
        intent_id: str,
        order: PaymentOrder,
        provider: str,
        code: str,
        *,
        on_paying: Callable[[], None],
    ) -> Outcome[Charge]:
        """Charge `order` to the payer's own `code`, once. Refused is certain; Unknown goes on behind."""
        if self.locked:
            return Refused("payment-locked", self.locked)
        await self._mint(visit, intent_id, order, SCANNED, provider)
        intent = await self._journal.move(intent_id, State.SENT, sent=self._stamp())
        try:
            now = await self._platform.paying.scan(order.id, f"{intent_id}:scan", code)
        except PlatformError as error:
            if error.certain or (isinstance(error, Problem) and error.processed == "no"):
                cause = error.slug if isinstance(error, Problem) else "network"
                return await self._refuse(intent, cause)
            intent = await self._journal.move(intent_id, State.UNKNOWN, cause="no-reply")
        else:
            intent, outcome = await self._take(intent, now)
            if outcome is not None:
                return outcome
        on_paying()
        return await self._follow_scanned(intent, provider)

    async def _follow_scanned(self, intent: Intent, provider: str) -> Outcome[Charge]:
        """In the service's rhythm; then it is undone."""
        rhythm = self.rules.rhythm(provider)
        began = self._clock.monotonic()
        wait = rhythm.first_s
        while self._clock.monotonic() + wait <= began + rhythm.until_s:
            await asyncio.sleep(wait)
            wait = rhythm.then_s
            order = await self._order(intent)
            if order is not None:
                intent, outcome = await self._take(intent, order)
                if outcome is not None:
                    return outcome
        return await self._end(intent, "timeout", self.rules.ending.wait_s)

    # Without the citizen

    async def settle(self, intent: Intent, within_s: float) -> None:
        """After a crash or a page that gave up: the next step. What the intent became is in the journal."""
        if intent.state is State.MINTED:
            await self._refuse(intent, "power-cut")
        elif intent.state is State.CLOSED:
            await self._late(intent)
        elif intent.state is State.REVERSING:
            await self._end(intent, str(intent.body.get("cause", "power-cut")), within_s)
        else:
            order = await self._order(intent)
            if order is not None:
                intent, outcome = await self._take(intent, order)
                if outcome is None:
                    await self._end(intent, "power-cut", within_s)

    async def _late(self, intent: Intent) -> None:
        """A payment that was under way when the order was closed may still arrive: it is trusted, and refunded."""
        order = await self._order(intent)
        if order is not None and order.state == "PAID":
            log.warning("payment %s arrived after its order was closed; it is refunded", intent.id)
            await self._journal.move(intent.id, State.OWED, cause="paid-after-close", provider=order.provider)
            return
        over = datetime.fromisoformat(str(intent.body["closed"])) + timedelta(seconds=self.rules.ending.late_s)
        if order is not None and self._clock.platform_now() >= over:
            await self._refuse(intent, str(intent.body.get("cause", "closed")))

    def in_doubt(self, intents: Collection[str]) -> bool:
        """Whether nobody could say, when last asked, what became of one of these."""
        self._doubtful &= set(intents)
        return bool(self._doubtful)

    # Arrows

    async def _mint(self, visit: str, intent_id: str, order: PaymentOrder, method: str, provider: str) -> None:
        body = {"order": order.id, "fen": order.fen, "method": method, "provider": provider}
        await self._journal.write(lambda w: w.mint(intent_id, Kind.QR, visit, body))

    async def _take(self, intent: Intent, order: PaymentOrder) -> tuple[Intent, Outcome[Charge] | None]:
        """Journal what the platform says of the order; an outcome when that is definite."""
        provider = order.provider or str(intent.body.get("provider", ""))
        if order.state == "PAID":
            await self._journal.move(intent.id, State.CHARGED, provider=provider)
            return intent, Done(self._charge(intent, provider))
        if order.state == "FAILED":
            return intent, await self._refuse(intent, order.cause or "declined")
        if order.state == "CLOSED":
            return intent, await self._closed(intent, "timeout")
        if order.state in ("PAYING", "UNKNOWN"):
            state = State(order.state.lower())
            if intent.state is not state:
                intent = await self._journal.move(intent.id, state, provider=provider)
        return intent, None

    async def _end(self, intent: Intent, cause: str, within_s: float) -> Outcome[Charge]:
        """Close it or have it given back, asked again until that is definite or the time is up (then Unknown)."""
        if intent.state is not State.REVERSING:
            intent = await self._journal.move(intent.id, State.REVERSING, cause=cause)
        until = self._clock.monotonic() + within_s
        tries = 0
        while True:
            await self._not_too_early(intent, until)
            outcome = await self._undo(intent, cause)
            if outcome is not None:
                return outcome
            wait = pause(self.rules.ending.retry_s, tries)
            tries += 1
            if self._clock.monotonic() + wait > until:
                if intent.id in self._doubtful:
                    self.locked = "an earlier payment by phone is not yet settled"
                return Unknown("payment-unknown", "the payer's service has not said what became of the payment")
            await asyncio.sleep(wait)

    async def _not_too_early(self, intent: Intent, until: float) -> None:
        """Wait for the time before which the payer's service reverses nothing, as far as our own time allows."""
        if intent.body.get("method") != SCANNED or "sent" not in intent.body:
            return
        rhythm = self.rules.rhythm(str(intent.body.get("provider", "")))
        since = (self._clock.platform_now() - datetime.fromisoformat(str(intent.body["sent"]))).total_seconds()
        await asyncio.sleep(max(0.0, min(rhythm.reverse_after_s - since, until - self._clock.monotonic())))

    async def _undo(self, intent: Intent, cause: str) -> Outcome[Charge] | None:
        """One request to end it; what that made of it, None while it is not definite."""
        order_id, key = str(intent.body["order"]), f"{intent.id}:end:{secrets.token_hex(4)}"
        paying = self._platform.paying
        ask = paying.reverse if intent.body.get("method") == SCANNED else paying.close
        order: PaymentOrder | None
        try:
            order = await ask(order_id, key)
        except PlatformError as error:
            log.info("payment %s: not ended yet (%s)", intent.id, error)
            order = await self._order(intent)
            if order is not None and order.state == "PAID":
                self._unreversed[intent.id] = self._unreversed.get(intent.id, 0) + 1
        if order is None or order.state not in ("CLOSED", "FAILED", "REFUNDED", "PAID"):
            return None
        if order.state == "CLOSED":
            return await self._closed(intent, cause)
        if order.state == "FAILED":
            return await self._refuse(intent, order.cause or cause)
        if order.state == "REFUNDED":
            await self._journal.move(intent.id, State.REVERSED, cause=cause)
            return Refused("given-back", cause, again=True)
        scanned = intent.body.get("method") == SCANNED
        if scanned and self._unreversed.get(intent.id, 0) < self.rules.refund.reversal_refusals:
            return None
        # The phone was faster than the close, or the service reverses nothing: what we do not want is refunded.
        await self._journal.move(intent.id, State.OWED, cause=cause, provider=order.provider)
        return Refused("paid-after-close", cause, again=True)

    async def _closed(self, intent: Intent, cause: str) -> Outcome[Charge]:
        await self._journal.move(intent.id, State.CLOSED, cause=cause, closed=self._stamp())
        return Refused(cause, again=True)

    async def _refuse(self, intent: Intent, cause: str) -> Outcome[Charge]:
        await self._journal.move(intent.id, State.REFUSED, cause=cause)
        return Refused(cause, again=True)

    async def _order(self, intent: Intent) -> PaymentOrder | None:
        """The order now, None when the platform cannot be asked."""
        try:
            order = await self._platform.order(str(intent.body["order"]))
        except PlatformError as error:
            log.info("payment %s: cannot be asked for (%s)", intent.id, type(error).__name__)
            self._doubtful.add(intent.id)
            return None
        if order.state == "UNKNOWN":
            self._doubtful.add(intent.id)
        else:
            self._doubtful.discard(intent.id)
        return order

    def _charge(self, intent: Intent, provider: str) -> Charge:
        return Charge(intent.id, int(intent.body["fen"]), provider=provider)

    def _stamp(self) -> str:
        return self._clock.platform_now().isoformat(timespec="seconds")


async def _until(event: asyncio.Event | None, seconds: float) -> None:
    """Sleep, at most until `event` is set."""
    if event is None:
        await asyncio.sleep(seconds)
        return
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
