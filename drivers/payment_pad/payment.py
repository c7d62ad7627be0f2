"""One payment or refund from command to end: journal before acknowledgement, cancel, deadlines.

The order that keeps money safe: the pad says approved -> the caller records it (`before_ack`) -> we acknowledge ->
the pad books it -> 06 0F. While the caller records, the pad is answered 84 9C ("still issuing"); if the caller cannot
record, it is answered 84 6C and reverses; if the caller issues only a part, it is answered 84 9D with that amount.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from drivers.errors import DeviceError
from drivers.payment_pad.approval import Approval
from drivers.payment_pad.events import (
    END,
    Event,
    Failed,
    Held,
    Printed,
    Prompted,
    StatusCame,
)
from drivers.payment_pad.frames import Command, StatusInformation, prompt_word
from drivers.payment_pad.host import Approvals
from drivers.payment_pad.talk import Talk
from drivers.payment_pad.verdict import Course

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: until 84 9C while the caller records, for recording at all, for the next word and for the end after
    our acknowledgement (receipts are printed then), for the end after 06 B0."""

    postpone_s: float = 1.5
    record_s: float = 20.0
    completion_s: float = 30.0
    hard_s: float = 180.0
    abort_s: float = 60.0


class Payment:
    """Runs one payment over `talk`. `run` never raises for the pad's sake: what broke is in the course."""

    def __init__(
        self,
        talk: Talk,
        command: Command,
        course: Course,
        *,
        currency: int,
        on_prompt: Callable[[str], None],
        before_ack: Callable[[Approval], Awaitable[int | None]],
        deadline_s: float,
        cancel: asyncio.Event | None,
        patience: Patience,
        partial_issue: bool = False,
    ) -> None:
        self.course = course
        self._talk = talk
        self._command = command
        self._currency = currency
        self._on_prompt = on_prompt
        self._before_ack = before_ack
        self._cancel = cancel or asyncio.Event()
        self._patience = patience
        self._partial_issue = partial_issue
        self._loop = asyncio.get_running_loop()
        self._deadline = self._loop.time() + deadline_s
        self._record: asyncio.Task[int | None] | None = None
        self._record_until = self._postpone_at = self._end_by = self._hard_end = float("inf")
        self._wanted = False

    def stop(self) -> None:
        """Ask the pad to stop; an approval already under way still counts."""
        self._cancel.set()

    async def run(self) -> Course:
        """Pay; on return the exchange is over, or the wire is dropped."""
        cancelling = self._loop.create_task(self._cancel.wait())
        try:
            await self._talk.start(self._command, Approvals.HELD)
            while self.course.end is None:
                waits = [task for task in (cancelling, self._record) if task is not None and not task.done()]
                for event in await self._talk.step(self._next(), waits):
                    self._heard(event)
                self._decide()
                await self._say()
        except DeviceError as error:
            log.warning("payment %s: %s (%s)", self.course.order, error, error.cause)
        finally:
            cancelling.cancel()
            try:
                await self._settle_record()
            finally:
                await self._talk.rest()
        return self.course

    async def _say(self) -> None:
        """Write what was decided; an acknowledgement counts only once it is written."""
        wanted, self._wanted = self._wanted, False
        await self._talk.flush()
        if wanted:
            self.course.acknowledged = True
            now = self._loop.time()
            self._hard_end = now + self._patience.hard_s
            self._end_by = now + self._patience.completion_s

    def _next(self) -> float:
        return min(self._deadline, self._postpone_at, self._record_until, self._end_by)

    def _heard(self, event: Event) -> None:
        course = self.course
        if self.course.acknowledged:
            self._end_by = min(self._hard_end, self._loop.time() + self._patience.completion_s)
        if isinstance(event, Prompted):
            self._prompt(prompt_word(event.code))
        elif isinstance(event, Held):
            self._held(event.info)
        elif isinstance(event, StatusCame):
            course.result = event.info.result
            if course.approval is not None and not event.info.approved:
                course.withdrawn = True
        elif isinstance(event, Printed):
            course.print(event.lines)
        elif isinstance(event, END):
            course.end = event

    def _held(self, info: StatusInformation) -> None:
        """The pad waits for our word on an approval."""
        course, ecr, now = self.course, self._talk.ecr, self._loop.time()
        if course.approval is not None and course.approval.key != info.key:
            course.second = True
        elif course.approval is None and not course.refused:
            course.refused = self._objection(info)
            if info.is_payment:
                course.approval = Approval.of(info)
        if course.second or course.refused:
            ecr.refuse(now)
            return
        if self._record is None and course.approval is not None:
            self._record = self._loop.create_task(self._write_down(course.approval))
            self._record_until = now + self._patience.record_s
            self._deadline = float("inf")
        self._postpone_at = now + self._patience.postpone_s

    def _objection(self, info: StatusInformation) -> str:
        """Why an approval is not the one we asked for; empty when it is."""
        if not info.is_payment:
            return "approval-incomplete"
        if info.amount != self.course.fen:
            return "amount-differs"
        if info.currency is not None and info.currency != self._currency:
            return "currency-differs"
        return ""

    async def _write_down(self, approval: Approval) -> int | None:
        return await self._before_ack(approval)

    def _decide(self) -> None:
        """What is due now: the word on a held approval, 06 B0, or giving up."""
        course, ecr, now = self.course, self._talk.ecr, self._loop.time()
        if course.end is not None:
            return
        self._look_at_record(now)
        if ecr.holding:
            self._decide_held(now)
        else:
            self._postpone_at = float("inf")
        if course.approval is None and not course.aborted_for:
            if self._cancel.is_set() or now >= self._deadline:
                course.aborted_for = "cancelled" if self._cancel.is_set() else "timeout"
                self._deadline = now + self._patience.abort_s
                ecr.abort(now)
        elif now >= self._deadline or now >= self._end_by:
            course.end = Failed("no-end")

    def _look_at_record(self, now: float) -> None:
        record = self._record
        if record is None or self._record_until == float("inf"):
            return
        if not record.done():
            if now < self._record_until:
                return
            record.cancel()
            failed = True
        else:
            failed = record.cancelled() or record.exception() is not None
        self._record_until = float("inf")
        if failed:
            log.error("payment %s: the approval could not be recorded; the pad is told to reverse", self.course.order)
            self._take_back("not-recorded", now)
        elif (part := record.result()) is not None and part != self.course.fen:
            if self._partial_issue and 0 < part < self.course.fen:
                self.course.part = part
            else:
                self._take_back("part-not-possible", now)

    def _take_back(self, why: str, now: float) -> None:
        self.course.refused = why
        self._end_by = now + self._patience.record_s + self._patience.completion_s

    def _decide_held(self, now: float) -> None:
        ecr, record = self._talk.ecr, self._record
        if self.course.refused:
            ecr.refuse(now)
        elif record is not None and record.done():
            part = self.course.part
            self._wanted = ecr.accept(now) if part is None else ecr.accept_part(now, part)
        elif now >= self._postpone_at:
            ecr.postpone(now)
        else:
            return
        self._postpone_at = float("inf")

    def _prompt(self, word: str) -> None:
        try:
            self._on_prompt(word)
        except Exception:  # a screen's fault must not break off a payment
            log.exception("payment %s: the prompt %s could not be shown", self.course.order, word)

    async def _settle_record(self) -> None:
        """No record may still be under way when the verdict falls: an unknown outcome is resolved from the journal."""
        record = self._record
        if record is None:
            return
        if not record.done():
            await asyncio.wait({record}, timeout=self._patience.record_s)
        if not record.done():
            record.cancel()
            await asyncio.wait({record}, timeout=1.0)
        if record.done() and not record.cancelled():
            failure = record.exception()
            if failure is None and self.course.approval is not None and not self.course.refused:
                # The pad may repeat it after a reconnect: then it is acknowledged, for it is recorded.
                self._talk.known.add(self.course.approval.key)
            elif failure is not None:
                log.error("payment %s: recording the approval failed: %s", self.course.order, type(failure).__name__)
