"""Settles what a crash, a lost line or a dead network left open: by asking, at start and then until nothing is open.

| intent                            | asked             | becomes                                               |
|-----------------------------------|-------------------|-------------------------------------------------------|
| charge minted, approved, unknown  | the pad           | charged or held (then as below), or refused           |
| qr minted to closed               | the platform      | charged (then as below), refused, reversed, owed      |
| charged, held                     | the journal       | kept while its submission is under way, else owed     |
| booking, releasing                | the pad           | charged or done; reversed                             |
| owed, reversing, refunding        | pad, platform     | reversed; tried again until it is                     |
| submit minted                     | the outbox        | done or refused; a refusal makes its charge owed      |
| print                             | platform, printer | done, refused (void) or unclear (used till freed)     |
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from drivers.outcome import Done, Refused
from kiosk.duties.fulfilment import Prints
from kiosk.intents import HAVE, IN_DOUBT, OWED, PAYMENTS, Intent, Kind, State
from kiosk.journal import Journal, JournalError
from kiosk.money.charging import Money
from kiosk.money.qr_payment import QrPayments
from kiosk.money.refunds import Refunds

log = logging.getLogger(__name__)

FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 60.0
Fate = Literal["refunded", "not-charged", "kept", "refused", "printed", "void", "unclear", "nothing"]
"""What is told of a settled act; of `nothing` nothing is told, its citizen has seen the result."""

FINISHED_UNSEEN: Mapping[tuple[Kind, State], Fate] = {
    (Kind.CHARGE, State.REVERSED): "refunded",
    (Kind.CHARGE, State.REFUSED): "not-charged",
    (Kind.QR, State.REVERSED): "refunded",
    (Kind.QR, State.REFUSED): "not-charged",
    (Kind.SUBMIT, State.DONE): "kept",
    (Kind.SUBMIT, State.REFUSED): "refused",
    (Kind.PRINT, State.DONE): "printed",
    (Kind.PRINT, State.REFUSED): "void",
    (Kind.PRINT, State.UNCLEAR): "unclear",
}
"""Intents that were settled before the power went, and what is told of them after it."""


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of one act that a power cut interrupted; shown to whoever stands there. No personal data."""

    intent: str
    kind: Kind
    at: datetime
    fate: Fate
    fen: int = 0
    number: str = ""

    @property
    def reference(self) -> str:
        """What the citizen quotes at the counter: the end of the intent's id."""
        return self.intent[-8:].upper()


class Settler:
    """Goes through open intents that belong to no visit under way."""

    def __init__(
        self,
        journal: Journal,
        money: Money,
        prints: Prints,
        current_visit: Callable[[], str],
        qr: QrPayments | None = None,
        refunds: Refunds | None = None,
    ) -> None:
        self._journal = journal
        self._money = money
        self._qr = qr
        self._refunds = refunds
        self._prints = prints
        self._current_visit = current_visit
        self._wake = asyncio.Event()
        self.alone = asyncio.Lock()
        """Held by whoever looks at one act: two who ask at once would both write what became of it."""
        self.settled: list[Settlement] = []
        self.hold = ""
        """A reason to keep the money locked whatever is settled (a broken chain)."""
        self._awaited: dict[str, Intent] | None = None
        self.watchers: list[Callable[[Settlement], None]] = []

    def poke(self) -> None:
        """Something may have become askable: a visit ended, a device came back."""
        self._wake.set()

    async def run(self) -> None:
        """Settle for ever."""
        pause = FIRST_PAUSE_S
        while True:
            self._wake.clear()
            try:
                left = await self.settle_once()
            except JournalError as error:
                log.error("recovery: the journal cannot be written: %s", error)  # noqa: TRY400 - the disk, not us
                self._money.locked = "the journal cannot be written"
                left = True
            except Exception:
                # A bug here must not end the terminal; what is open stays open, locked, and is tried again.
                log.exception("recovery failed by a program error")
                self._money.locked = "an earlier payment could not be looked at"
                left = True
            pause = min(pause * 2, LONGEST_PAUSE_S) if left else FIRST_PAUSE_S
            try:
                async with asyncio.timeout(pause if left else LONGEST_PAUSE_S):
                    await self._wake.wait()
                pause = FIRST_PAUSE_S
            except TimeoutError:
                continue

    async def settle_once(self) -> bool:
        """One pass over the open intents; true when something is still open. Sets the money lock accordingly."""
        locked = self.hold
        doubtful: list[str] = []
        left = False
        intents = await self._journal.open_intents()
        await self._watch_submissions(intents)
        for intent in intents:
            if intent.visit == self._current_visit():
                continue
            async with self.alone:
                now = await self._journal.intent(intent.id)
                fate = await self._settle(now) if now is not None and now.open else "nothing"
            if fate is None:
                left = True
                if intent.kind is Kind.CHARGE and intent.state in IN_DOUBT:
                    locked = "an earlier payment is not yet settled"
                if intent.kind is Kind.QR:
                    doubtful.append(intent.id)
                continue
            if fate != "nothing":
                self._tell(intent, fate)
        self._money.locked = locked
        if self._qr is not None:
            doubt = "an earlier payment by phone is not yet settled" if self._qr.in_doubt(doubtful) else ""
            self._qr.locked = self.hold or doubt
        return left

    async def ask(self, intent: Intent) -> None:
        """Ask about one act now, out of its turn; the caller holds `alone`. Raises `JournalError`."""
        fate = await self._settle(intent)
        if fate is not None and fate != "nothing":
            self._tell(intent, fate)
        self.poke()

    async def _watch_submissions(self, intents: list[Intent]) -> None:
        """Tell of submissions that a power cut left in the outbox, once the platform has answered them."""
        if self._awaited is None:
            await self._tell_interrupted()
            self._awaited = {i.id: i for i in intents if i.kind is Kind.SUBMIT}
        for intent_id in list(self._awaited):
            intent = await self._journal.intent(intent_id)
            if intent is not None and not intent.open:
                del self._awaited[intent_id]
                self._tell(intent, "kept" if intent.state is State.DONE else "refused")

    async def _tell_interrupted(self) -> None:
        """Tell of what a visit had already finished when the power went: its citizen saw no result and has no paper."""
        for visit in await self._journal.unclosed_visits():
            if visit == self._current_visit():
                continue
            for intent in await self._journal.visit_intents(visit):
                fate = FINISHED_UNSEEN.get((intent.kind, intent.state))
                if fate:
                    self._tell(intent, fate)
            await self._journal.note(visit, "visit.closed", {"how": "power-cut", "left": "unknown"})

    def _tell(self, intent: Intent, fate: Fate) -> None:
        settlement = Settlement(
            intent.id,
            intent.kind,
            datetime.fromisoformat(intent.at),
            fate,
            int(intent.body.get("fen", 0)),
            str(intent.body.get("number", "")),
        )
        self.settled.append(settlement)
        del self.settled[:-50]
        for watcher in self.watchers:
            watcher(settlement)

    async def _settle(self, intent: Intent) -> Fate | None:
        if intent.kind is Kind.CHARGE:
            return await self._settle_charge(intent)
        if intent.kind is Kind.QR:
            return await self._settle_qr(intent)
        if intent.kind is Kind.PRINT:
            outcome = await self._prints.resolve(intent)
            if outcome is None:
                return None
            return "printed" if isinstance(outcome, Done) else "void" if isinstance(outcome, Refused) else "unclear"
        return None

    async def _settle_charge(self, intent: Intent) -> Fate | None:
        if intent.state in (State.MINTED, State.APPROVED, State.UNKNOWN):
            outcome = await self._money.resolve(intent, within_s=8.0)
            if isinstance(outcome, Refused):
                return "not-charged"
            if not isinstance(outcome, Done):
                return None
        elif intent.state is State.BOOKING:
            return "nothing" if await self._money.holds.book(intent) else None
        return await self._give_back(intent)

    async def _settle_qr(self, intent: Intent) -> Fate | None:
        if self._qr is None:
            return None
        seen = intent.state is State.CLOSED
        if intent.state not in HAVE | OWED or intent.state is State.REVERSING:
            await self._qr.settle(intent, within_s=8.0)
            now = await self._journal.intent(intent.id)
            assert now is not None
            if now.state is State.REFUSED:
                return "nothing" if seen else "not-charged"
            if now.state is State.REVERSED:
                return "refunded"
            if now.state not in HAVE | OWED or now.state is State.REVERSING:
                return None
            intent = now
        return await self._give_back(intent)

    async def _give_back(self, intent: Intent) -> Fate | None:
        """Money that no service was given for, unless that is under way. A try is made when one is due."""
        if intent.state in HAVE and await self._service_under_way(intent):
            return None
        if intent.state in OWED and self._refunds is not None and not self._refunds.due(intent.id):
            return None
        if await self._money.give_back(intent.id):
            return "refunded"
        if self._refunds is not None and self._refunds.due(intent.id):
            self._refunds.postpone(intent.id)
        return None

    async def _service_under_way(self, charge: Intent) -> bool:
        siblings = await self._journal.visit_intents(charge.visit)
        return any(i.kind not in PAYMENTS and i.body.get("charge") == charge.id and i.open for i in siblings)
