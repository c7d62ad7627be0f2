"""The end of the day: the pad hands in its batch, then journal, pad and platform are compared; nothing is changed.

| kind       | what it says                                                       |
|------------|--------------------------------------------------------------------|
| here-only  | the journal has money for an order that the platform does not list |
| there-only | the platform lists money for an order that the journal does not have |
| amount     | both have it, with different amounts                               |
| state      | both have it, and do not agree whether the money was taken         |
| total      | the pad's batch and the journal's card payments differ             |

Differences are journalled, reported to the platform and shown by `kiosk money reconcile`; people decide.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias

from config.payments import PaymentRules, payments
from drivers.absent import is_absent
from drivers.errors import DeviceError
from drivers.families import CardPaying
from drivers.outcome import Done, Outcome, Refused, Unknown
from drivers.payment_pad.approval import DayEnd
from kiosk.clock import WEIHAI, Clock
from kiosk.duties.outbox import Outbox
from kiosk.intents import IN_DOUBT, PAYMENTS, Intent, Kind, State
from kiosk.journal import Journal, JournalError, Write
from kiosk.money.settlement_marks import COMPARED, DIFFERENCE, PAD_DAY_END, POSTPONED
from kiosk.platform.client import Platform
from kiosk.platform.errors import PlatformError
from kiosk.platform.paying import SettledOrder

log = logging.getLogger(__name__)

Sort: TypeAlias = Literal["here-only", "there-only", "amount", "state", "total"]
MOST_DIFFERENCES = 200
CATCH_UP_DAYS = 7
TAKEN_HERE = frozenset({State.CHARGED, State.HELD, State.BOOKING, State.DONE})
RETURNING_HERE = frozenset({State.OWED, State.REVERSING, State.REFUNDING, State.RELEASING})
TAKEN_THERE = frozenset({"PAID"})
RETURNING_THERE = frozenset({"PAID", "REVERSING", "REFUNDING", "REFUNDED"})
NEVER_CLOSED = frozenset({State.CLOSED})


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing on which the books do not agree: what is here, what is there. References only."""

    kind: Sort
    order: str
    here: str
    there: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """A day compared. `pad_fen` None: the pad did not say a total."""

    day: date
    payments: int
    journal_fen: int
    pad_fen: int | None
    differences: tuple[Difference, ...]


def compare(
    day: date, here: Sequence[Intent], there: Sequence[SettledOrder], *, pad_fen: int | None, batch_fen: int
) -> Comparison:
    """Compare a day's payments with the platform's list, and the pad's batch with ours. Pure."""
    found: list[Difference] = []
    ours = {str(intent.body["order"]): intent for intent in here}
    theirs = {order.id: order for order in there}
    for order_id, intent in ours.items():
        theirs_now = theirs.get(order_id)
        if theirs_now is None:
            if intent.state in TAKEN_HERE | RETURNING_HERE:
                found.append(Difference("here-only", order_id, f"{intent.state} {intent.body['fen']}", ""))
        elif int(intent.body["fen"]) != theirs_now.fen:
            found.append(Difference("amount", order_id, str(intent.body["fen"]), str(theirs_now.fen)))
        elif not _agree(intent.state, theirs_now.state):
            found.append(Difference("state", order_id, str(intent.state), theirs_now.state))
    for order_id, listed in theirs.items():
        if order_id not in ours and listed.state in TAKEN_THERE | {"PAYING", "UNKNOWN"}:
            found.append(Difference("there-only", order_id, "", f"{listed.state} {listed.fen}"))
    if pad_fen is not None and pad_fen != batch_fen:
        found.append(Difference("total", "", str(batch_fen), str(pad_fen)))
    taken = sum(int(i.body["fen"]) for i in here if i.state in TAKEN_HERE)
    return Comparison(day, len(ours), taken, pad_fen, tuple(found[:MOST_DIFFERENCES]))


def _agree(here: State, there: str) -> bool:
    """Whether both books say the same of the money; what is on its way back may be at any stage of that."""
    if here in TAKEN_HERE:
        return there in TAKEN_THERE
    if here in RETURNING_HERE:
        return there in RETURNING_THERE
    if here is State.REVERSED:
        return there in ("REFUNDED", "REFUNDING", "CLOSED")
    if here is State.LAPSED:
        return False
    if here in IN_DOUBT | NEVER_CLOSED:
        return there not in TAKEN_THERE
    return there in ("CREATED", "WAITING", "FAILED", "CLOSED", "REFUNDED")


class Settlement:
    """Closes each day at `day_end` (HH:MM) or, missed, as soon as it can; only while nobody is here."""

    def __init__(
        self,
        journal: Journal,
        outbox: Outbox,
        platform: Platform,
        pad: CardPaying,
        clock: Clock,
        current_visit: Callable[[], str],
        *,
        day_end: str,
        rules: PaymentRules | None = None,
    ) -> None:
        self._journal = journal
        self._outbox = outbox
        self._platform = platform
        self._pad = pad
        self._clock = clock
        self._current_visit = current_visit
        self._at = datetime.strptime(day_end, "%H:%M").time()  # noqa: DTZ007 - a time of day, the zone is added below
        self._rules = rules or payments()
        outbox.topic("settlement", self._deliver, _refused)

    async def run(self) -> None:
        """Close days for ever. A bug in here is logged and tried again; it never ends the terminal."""
        while True:
            try:
                wait = await self.step()
            except JournalError as error:
                log.error("settlement: the journal cannot be written: %s", error)  # noqa: TRY400 - the disk, not us
                wait = self._rules.day.retry_s
            except Exception:
                # Books that cannot be compared are no reason to send citizens away.
                log.exception("settlement failed by a program error")
                wait = self._rules.day.retry_s
            await asyncio.sleep(wait)

    async def step(self) -> float:
        """Close what is due; seconds until the next look."""
        day = await self.due_day()
        if day is None:
            return min(self._until_next(), self._rules.day.retry_s)
        if self._current_visit() or not await self.close_day(day):
            return self._rules.day.retry_s
        return 1.0

    async def due_day(self) -> date | None:
        """The oldest day whose end has come and that was not compared yet, at most a week back."""
        now = self._clock.platform_now()
        newest = now.date() if now.timetz() >= self._at.replace(tzinfo=WEIHAI) else now.date() - timedelta(days=1)
        last = await self._journal.last(COMPARED)
        if last is None:
            boot = await self._journal.last("boot")
            first = datetime.fromisoformat(boot[0]).date() if boot else newest
        else:
            first = date.fromisoformat(str(last[1]["day"])) + timedelta(days=1)
        first = max(first, newest - timedelta(days=CATCH_UP_DAYS))
        return first if first <= newest else None

    def _until_next(self) -> float:
        now = self._clock.platform_now()
        end = datetime.combine(now.date(), self._at, WEIHAI)
        if end <= now:
            end += timedelta(days=1)
        return max(1.0, (end - now).total_seconds())

    async def close_day(self, day: date) -> bool:
        """The pad's end of day, the list, the comparison; false when it must be tried again later."""
        if not is_absent(self._pad) and not await self._pad_closed(day):
            return False
        try:
            there = await self._platform.paying.settlement(day)
        except PlatformError as error:
            await self._postpone(day, f"the platform's list: {type(error).__name__}")
            return False
        await self._conclude(await self._compare(day, there))
        return True

    async def _pad_closed(self, day: date) -> bool:
        """The pad's end of day was had, now or before; false: later."""
        if await self._in_doubt():
            await self._postpone(day, "a payment is not settled yet")
            return False
        ended = await self._journal.last(PAD_DAY_END)
        if ended is None or ended[1].get("day") != day.isoformat() or ended[1].get("outcome") != "done":
            batch = await self._batch_fen(ended[0] if ended else "")
            outcome = await self._end_of_day(day, batch)
            if not isinstance(outcome, Done):
                await self._postpone(day, f"the pad: {outcome.cause}")
                return False
        return True

    async def _in_doubt(self) -> bool:
        """The pad's end of day wipes what resolving and reversing need: not while anything is in doubt."""
        wait = IN_DOUBT | {State.BOOKING, State.RELEASING, State.REVERSING, State.HELD}
        return any(i.kind is Kind.CHARGE and i.state in wait for i in await self._journal.open_intents())

    async def _batch_fen(self, since: str) -> int:
        """What we say is in the pad's batch: card payments since its last end of day that were not reversed there."""
        intents = await self._journal.intents_since(since, {Kind.CHARGE})
        return sum(
            int(i.body["fen"])
            for i in intents
            if i.state in TAKEN_HERE | {State.OWED, State.REFUNDING} or (i.state is State.REVERSED and _by_platform(i))
        )

    async def _end_of_day(self, day: date, batch: int) -> Outcome[DayEnd]:
        """Journalled before it is asked (from then on nothing older is reversed at the pad), and after."""
        body = {"day": day.isoformat(), "batch_fen": batch}
        await self._journal.note("", PAD_DAY_END, {**body, "outcome": "asked"})
        try:
            outcome: Outcome[DayEnd] = await self._pad.end_of_day()
        except DeviceError as error:
            outcome = Unknown(error.cause, str(error))
        if isinstance(outcome, Done):
            await self._journal.note("", PAD_DAY_END, {**body, "outcome": "done", "fen": outcome.value.fen})
        else:
            how = "refused" if isinstance(outcome, Refused) else "unknown"
            await self._journal.note("", PAD_DAY_END, {**body, "outcome": how, "cause": outcome.cause})
        return outcome

    async def _compare(self, day: date, there: Sequence[SettledOrder]) -> Comparison:
        start = datetime.combine(day, datetime.min.time(), WEIHAI)
        after = (start + timedelta(days=1)).isoformat(timespec="milliseconds")
        found = await self._journal.intents_since(start.isoformat(timespec="milliseconds"), PAYMENTS)
        here = [i for i in found if i.at < after]
        ended = await self._journal.last(PAD_DAY_END)
        body: Mapping[str, object] = ended[1] if ended and ended[1].get("day") == day.isoformat() else {}
        fen, batch = body.get("fen"), body.get("batch_fen")
        pad_fen = fen if isinstance(fen, int) else None
        return compare(day, here, there, pad_fen=pad_fen, batch_fen=batch if isinstance(batch, int) else 0)

    async def _conclude(self, result: Comparison) -> None:
        """Journal the result and post it, in one transaction."""
        day = result.day.isoformat()
        summary = {
            "day": day,
            "payments": result.payments,
            "journal_fen": result.journal_fen,
            "pad_fen": result.pad_fen,
            "differences": len(result.differences),
        }
        items = [asdict(each) for each in result.differences]

        def work(write: Write) -> None:
            for item in items:
                write.entry("", DIFFERENCE, {"day": day, **item, "kind": str(item["kind"])})
            write.entry("", COMPARED, summary)
            self._outbox.post(write, "settlement", "", f"settlement-{day}", {**summary, "items": items})

        await self._journal.write(work)
        self._outbox.poke()
        if items:
            log.warning("settlement of %s: %d difference(s); see kiosk money reconcile --day %s", day, len(items), day)

    async def _postpone(self, day: date, why: str) -> None:
        """Once for a reason: a pad that is off for a week does not fill the journal."""
        last = await self._journal.last(POSTPONED)
        body = {"day": day.isoformat(), "why": why}
        if last is None or last[1] != body:
            await self._journal.note("", POSTPONED, body)

    async def _deliver(self, row: object, body: Mapping[str, object]) -> Callable[[Write], object]:
        del row
        day, items, pad_fen = date.fromisoformat(str(body["day"])), body["items"], body["pad_fen"]
        assert isinstance(items, list)
        journal_fen = body["journal_fen"]
        assert isinstance(journal_fen, int)
        assert pad_fen is None or isinstance(pad_fen, int)
        key = f"settlement-{day.isoformat()}"
        await self._platform.paying.report_differences(day, key, pad_fen=pad_fen, journal_fen=journal_fen, items=items)
        return lambda _: None


def _by_platform(intent: Intent) -> bool:
    """Whether the money went back through the platform: the pad's batch still has it."""
    return "refund_no" in intent.body


def _refused(row: object, body: Mapping[str, object], slug: str) -> Callable[[Write], object]:
    del row
    return lambda write: write.entry("", "report.refused", {"topic": "settlement", "row": body["day"], "problem": slug})
