"""The payment pad: a ZVT terminal over TCP or serial, as a `Device`. Money moves only in `authorise` and `refund`.

Link `tcp://host:20007` carries bare APDUs, `serial:///dev/...?baud=9600&stopbits=2` carries DLE frames.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from drivers.crossing import Tracer
from drivers.device import DeviceState, Fault, Media, Status
from drivers.errors import DeviceError, NeedsPeople, ProtocolError, WrongDevice
from drivers.families import CardPaying
from drivers.links.tapped import tapped
from drivers.outcome import Done, Outcome, Refused, Unknown
from drivers.payment_pad import verdict
from drivers.payment_pad.approval import Approval, DayEnd, PadStatus, ReceiptMark, Reversal
from drivers.payment_pad.events import Completed, Rejected
from drivers.payment_pad.frames import (
    ALREADY_REVERSED,
    BUSY,
    RECEIPT_ID,
    AbortCommand,
    Authorisation,
    Command,
    Diagnosis,
    EndOfDay,
    PadTracer,
    Refund,
    StatusEnquiry,
    StatusInformation,
    result_word,
    status_word,
    tag,
)
from drivers.payment_pad.frames import Reversal as ReversalCommand
from drivers.payment_pad.host import Approvals
from drivers.payment_pad.options import PadOptions
from drivers.payment_pad.payment import Payment
from drivers.payment_pad.talk import Said, Talk
from drivers.payment_pad.verdict import Course, Doubt
from drivers.payment_pad.wire import LONG_S, SHORT_S, PadWire, answer_code, no
from drivers.rhythm import Rhythm

log = logging.getLogger(__name__)

LOCK_S = 20.0
READY_S = 200.0
"""How long an outcome is asked for: longer than T4, for the cut payment may still be running on the pad."""
CONFIRM_S = 30.0
PROBE_S = 3.0
BUSY_S = 5.0
ISSUE_S = 30
"""BMP 01: seconds the pad waits for our word on an approval."""
ISSUE_REPEATS = 10
"""BMP 02: how often it may repeat an approval that we answered 84 9C."""
Before = Callable[[Approval], Awaitable[None]]
Prompt = Callable[[str], None]


class PaymentPad(CardPaying):
    """One pad. Verbs that move or settle money return `Outcome`; the others raise `DeviceError`."""

    rhythm = Rhythm(poll_deadline_s=5.0, doubt_deadline_s=3.0)  # a pad that shows an advertisement answers late
    traced_options = ("transport",)

    def __init__(
        self,
        name: str,
        link_url: str,
        options: Mapping[str, Any] | None = None,
        *,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        """Raises `ValueError` for an option that is wrong. `clock` gives local time, for a pad that lost its own."""
        super().__init__(name)
        self.options = PadOptions.of(name, link_url, options or {})
        talk = Talk(tapped(link_url, self), self.options.transport, self.options.timers, self.counters)
        self._wire = PadWire(talk, self.options, clock or (lambda: datetime.now().astimezone()))
        self._payment: Payment | None = None
        self._at_work = False

    @classmethod
    def tracer(cls, link_url: str, options: Mapping[str, Any]) -> Tracer:
        """Units as they decode: of a card its last four digits, of a password nothing."""
        return PadTracer(PadOptions.of(cls.family, link_url, options).transport)

    @classmethod
    async def probe(cls, link_url: str) -> str:
        """05 01 without a registration: never a transaction, and nothing is set."""
        pad = cls("probe", link_url)
        talk = pad._wire.talk
        try:
            await talk.connect()
            said = await talk.exchange(StatusEnquiry(), PROBE_S)
        except ProtocolError as error:
            raise WrongDevice(f"{link_url}: something answers, but no ZVT pad: {error}") from error
        finally:
            await talk.drop()
        if isinstance(said.end, Completed):
            completion = said.end.completion
            return f"ZVT pad {completion.software}, status {completion.status or 0:02X}".replace(" ,", ",")
        return f"ZVT pad, refuses 05 01 ({answer_code(said) or 0:02X})"

    async def _open(self) -> None:
        await self._wire.drop()
        try:
            await self._wire.connect()
        except WrongDevice:
            raise
        except ProtocolError as error:
            words = "something answers there, but no ZVT pad; check the address or port in the profile"
            raise WrongDevice(f"{self.name}: {words} ({error})") from error
        self.set_status(self._as_status(await self._wire.cured()))

    async def _poll(self) -> Status:
        return self._as_status(await self._wire.enquire())

    async def _close(self) -> None:
        """Never cuts a transaction off: a supervisor that gives up on the pad must not decide over money."""
        if not self._at_work:
            await self._wire.drop()

    def _as_status(self, pad: PadStatus) -> Status:
        model = pad.software or self._status.model
        known = Status(DeviceState.ONLINE, model=model, serial=self._wire.terminal_id, media=Media.NOT_PRESENT)
        if pad.code in (None, 0x00):
            return known
        assert pad.code is not None
        word = status_word(pad.code)
        fault = Fault(word.cause, word.sentence, word.who, word.again, f"{pad.code:02X}")
        if pad.code == BUSY:
            return Status(DeviceState.BUSY, model=model, serial=known.serial, media=Media.UNKNOWN)
        if pad.ready:
            media = Media.PRESENT if pad.code == 0xDC else Media.NOT_PRESENT
            return Status(DeviceState.ONLINE, media=media, warnings=(fault,), model=model, serial=known.serial)
        state = DeviceState.HARDWARE_ERROR if word.who == "vendor" else DeviceState.USER_ERROR
        return Status(state, fault, model=model, serial=known.serial)

    @asynccontextmanager
    async def _work(self, lock_s: float = LOCK_S) -> AsyncIterator[None]:
        """The device for one verb. Raises `NeedsPeople` when another verb keeps it."""
        try:
            async with asyncio.timeout(lock_s):
                await self.lock.acquire()
        except TimeoutError:
            raise NeedsPeople(f"{self.name}: the pad is busy with another transaction") from None
        self._at_work = True
        try:
            with self.timed():
                yield
        finally:
            self._at_work = False
            self.lock.release()

    # -- money -------------------------------------------------------------------------------------------------------

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
        """Take `fen` from a card. `before_ack(approval)` must have made the approval durable when it returns.

        Done: the pad booked it and said so. Refused: it certainly took nothing. Unknown: `resolve` must be asked.
        `order` goes into logs and evidence only, so it must not be personal.
        """
        o = self.options
        command = Authorisation(
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
                )
                self.counters.operations += 1
                begun = True
                try:
                    await self._payment.run()
                finally:
                    self._payment = None
                outcome = verdict.judge(course)
                if isinstance(outcome, Doubt):
                    outcome = await self._confirm(outcome, course)
        except DeviceError as error:
            self.counters.failures += 1
            if begun:
                return Unknown(error.cause, str(error), course.evidence())
            return Refused(error.cause, str(error), error.code, again=error.again)
        self.counters.failures += not isinstance(outcome, Done)
        return outcome

    async def _confirm(self, doubt: Doubt, course: Course) -> Outcome[Approval]:
        """The pad took an approval back: ask it whether that is so."""
        try:
            async with asyncio.timeout(CONFIRM_S):
                await self._wire.ready(CONFIRM_S)
                last = await self._wire.last()
        except (DeviceError, TimeoutError):
            return Unknown("not-confirmed", "The pad took a payment back and then did not answer.", course.evidence())
        return verdict.gone(doubt, last, course)

    async def resolve(
        self, fen: int, before: ReceiptMark | None, order: str, deadline_s: float = READY_S
    ) -> Outcome[Approval]:
        """What became of a payment whose outcome is unknown: ask the pad, once it no longer works on anything.

        `before` is the mark taken before that payment. To be asked before the next transaction on this pad.
        """
        try:
            async with self._work(), asyncio.timeout(deadline_s):
                status = await self._wire.ready(deadline_s)
                last = await self._wire.last()
                empty = last is None and not self.options.closes_day and await self._wire.nothing_booked()
        except (DeviceError, TimeoutError) as error:
            evidence = {"order": order, "fen": str(fen)}
            return Unknown("pad-silent", f"The pad could not be asked: {error or 'time is up'}", evidence)
        outcome = verdict.conclude(fen, before, last, nothing_booked=empty, order=order)
        if isinstance(outcome, Refused):
            if status.code is None:
                # Without 05 01 nobody can say that the cut payment does not still run on the pad.
                return Unknown("pad-mute", "This pad cannot say whether it is at work.", {"order": order})
            self._wire.talk.known.clear()
        return outcome

    async def last_transaction(self, deadline_s: float = READY_S) -> Approval | None:
        """The last approved transaction or None. Waits while the pad is at work. Raises `DeviceError`."""
        info = await self._last(deadline_s)
        return Approval.of(info) if info is not None and info.is_payment else None

    async def mark(self, deadline_s: float = SHORT_S) -> ReceiptMark:
        """The pad's last transaction, approved or not, to be journalled before the next. Raises `DeviceError`."""
        info = await self._last(deadline_s)
        if info is None:
            return ReceiptMark()
        return ReceiptMark(info.receipt_no, info.trace, info.time, info.date, info.terminal_id, info.receipt_id)

    async def _last(self, deadline_s: float) -> StatusInformation | None:
        try:
            async with self._work(), asyncio.timeout(deadline_s):
                await self._wire.ready(deadline_s)
                return await self._wire.last()
        except TimeoutError:
            raise NeedsPeople(f"{self.name}: the pad did not become ready within {deadline_s:g} s") from None

    async def reverse(self, receipt_no: str, fen: int) -> Outcome[Reversal]:
        """Undo the payment `receipt_no` of `fen` (06 30). After Unknown do it again: a second one answers B4, Done."""
        command = ReversalCommand(receipt_no, fen, self.options.password)
        evidence = {"receipt_no": receipt_no, "fen": str(fen)}
        try:
            async with self._work():
                status = await self._wire.not_busy(BUSY_S)
                if not status.ready:
                    return verdict.refused(status.code or 0xFF, status_word(status.code or 0xFF).cause)
                self.counters.operations += 1
                try:
                    said = await self._wire.talk.exchange(command, LONG_S, Approvals.REPORTED)
                except DeviceError as error:
                    return Unknown(error.cause, "The pad fell silent in the middle of a reversal.", evidence)
        except DeviceError as error:
            return Refused(error.cause, str(error), error.code, again=error.again)
        return self._reversed(said, receipt_no, fen, evidence)

    def _reversed(self, said: Said, receipt_no: str, fen: int, evidence: dict[str, str]) -> Outcome[Reversal]:
        results = [info.result for info in said.statuses if info.result is not None]
        code = answer_code(said)
        if ALREADY_REVERSED in (code, *results):
            return Done(Reversal(receipt_no, fen, already=True, receipt_lines=said.lines))
        if said.completed and results and results[-1] == 0:
            if any(info.approved and info.amount not in (None, fen) for info in said.statuses):
                return Unknown("other-amount", "The pad reversed another amount.", evidence)
            return Done(Reversal(receipt_no, fen, receipt_lines=said.lines))
        if isinstance(said.end, Rejected):
            return verdict.refused(said.end.code)
        if 0 in results or (code is None and not results):
            return Unknown("contradiction", "The pad did not say whether it reversed.", evidence)
        return verdict.refused(next((r for r in reversed(results) if r), code or 0xFF))

    async def end_of_day(self) -> Outcome[DayEnd]:
        """Hand in the batch (06 50). No payment may be unresolved: it wipes what `resolve` and `reverse` need."""
        try:
            async with self._work():
                await self._wire.connect()
                try:
                    said = await self._wire.talk.exchange(
                        EndOfDay(self.options.password), LONG_S * 2, Approvals.REPORTED
                    )
                except DeviceError as error:
                    return Unknown(error.cause, "The pad fell silent in the middle of the end of day.")
        except DeviceError as error:
            return Refused(error.cause, str(error), error.code, again=error.again)
        results = [info.result for info in said.statuses if info.result]
        code = answer_code(said)
        if results or code is not None:
            return verdict.refused(results[-1] if results else code or 0xFF)
        amounts = [info.amount for info in said.statuses if info.amount is not None]
        return Done(DayEnd(amounts[-1] if amounts else None, said.lines))

    # -- no money ----------------------------------------------------------------------------------------------------

    async def abort(self) -> bool:
        """Ask the pad to stop what it does (06 B0). False when it says that it is too late. Raises `DeviceError`."""
        if self._payment is not None:
            self._payment.stop()
            return True
        async with self._work():
            await self._wire.connect()
            said = await self._wire.talk.exchange(AbortCommand(), SHORT_S)
            return isinstance(said.end, Completed)

    async def pad_status(self) -> PadStatus:
        """05 01 now. Raises `DeviceError`."""
        async with self._work():
            return await self._wire.enquire()

    async def diagnose(self) -> str:
        """06 70, the pad rings its host: `ok` or the cause why not. Never a transaction. Raises `DeviceError`."""
        async with self._work():
            said = await self._wire.ask(Diagnosis(), LONG_S)
        if isinstance(said.end, Completed):
            return "ok"
        code = answer_code(said)
        if code is None:
            raise no(self.name, said, "diagnosis")
        return result_word(code).cause


__all__ = ["Approval", "DayEnd", "PadStatus", "PaymentPad", "ReceiptMark", "Reversal"]
