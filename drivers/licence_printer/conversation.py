"""Talking with one printer: a request out, a report back, everything that is not a report raised as a `DeviceError`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from drivers.errors import LinkLost, LinkRefused, NoAnswer, ProtocolError, WrongDevice
from drivers.licence_printer.frames import Message, Status, Tag, is_ok, status_name
from drivers.licence_printer.http_carrier import Carrier
from drivers.licence_printer.questions import STATE_WANTED, Questions
from drivers.licence_printer.reports import JobReport, PrinterReport, read_job, read_jobs, read_printer

CALL_S = 5.0
SEND_S = 30.0
BUSY_WAIT_S = 1.0
BUSY_LIMIT_S = 20.0
INSIST_S = 15.0
INSIST_WAIT_S = 0.5

T = TypeVar("T")


class Conversation:
    """One printer at one address. `report` remembers the printer's abilities; `forget` makes it ask for them again."""

    def __init__(self, name: str, carrier: Carrier, user: str) -> None:
        self.name = name
        self.carrier = carrier
        self.questions = Questions(carrier.address.uri, user)
        self.retries = 0
        self._known: PrinterReport | None = None

    def forget(self) -> None:
        """The link was let go: another printer may be there next time."""
        self._known = None

    async def call(self, message: Message, document: bytes = b"") -> Message:
        """Send `message` once. Raises as `HttpCarrier.exchange`."""
        return await self.carrier.exchange(message, document, deadline_s=SEND_S if document else CALL_S)

    async def call_while_busy(self, message: Message, document: bytes = b"") -> Message:
        """Send, and send again while the printer says that it is busy (it then did nothing), up to a limit."""
        loop = asyncio.get_running_loop()
        limit = loop.time() + BUSY_LIMIT_S
        while True:
            answer = await self.call(message, document)
            if answer.code != Status.BUSY or loop.time() + BUSY_WAIT_S > limit:
                return answer
            self.retries += 1
            await asyncio.sleep(BUSY_WAIT_S)

    async def insist(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask until there is an answer, for at most `INSIST_S`. Raises the last `DeviceError`."""
        loop = asyncio.get_running_loop()
        limit = loop.time() + INSIST_S
        while True:
            try:
                return await ask()
            except (LinkLost, LinkRefused, NoAnswer):
                if loop.time() + INSIST_WAIT_S > limit:
                    raise
            await asyncio.sleep(INSIST_WAIT_S)

    async def identify(self) -> PrinterReport:
        """Everything about the printer, fresh."""
        self._known = report = await self._printer(self.questions.printer())
        return report

    async def report(self) -> PrinterReport:
        """The state, fresh; abilities as last learnt, unless another printer answers now."""
        known = self._known
        if known is None:
            return await self.identify()
        fresh = await self._printer(self.questions.printer(STATE_WANTED))
        if fresh.uuid and fresh.uuid != known.uuid:
            return await self.identify()
        return replace(
            known,
            state=fresh.state,
            reasons=fresh.reasons,
            accepting=fresh.accepting,
            up_time=fresh.up_time,
            media_ready=fresh.media_ready,
            sheets=fresh.sheets,
        )

    async def _printer(self, message: Message) -> PrinterReport:
        answer = await self.call(message)
        if answer.code == Status.VERSION_NOT_SUPPORTED and self.questions.version == (2, 0):
            self.questions.version = (1, 1)
            answer = await self.call(replace(message, version=(1, 1)))
        group = answer.group(Tag.PRINTER)
        if not is_ok(answer.code) or group.number("printer-state") is None:
            word = status_name(answer.code)
            raise WrongDevice(f"{self.name}: no printer state from {self.carrier.address.uri} ({word})", code=word)
        return read_printer(group)

    async def job(self, job_id: int) -> JobReport | None:
        """The job's report, or None when the printer does not know it. Raises `DeviceError`."""
        answer = await self.call(self.questions.job(job_id))
        if answer.code in (Status.NOT_FOUND, Status.GONE):
            return None
        self._must_be_ok("Get-Job-Attributes", answer)
        return read_job(answer.group(Tag.JOB))

    async def jobs_called(self, job_name: str) -> list[JobReport]:
        """Our jobs of that name, finished or not, oldest first. Raises `DeviceError`."""
        found: dict[int, JobReport] = {}
        for which in ("not-completed", "completed"):  # in this order a job that ends in between is seen
            answer = await self.call(self.questions.jobs(which))
            self._must_be_ok("Get-Jobs", answer)
            found |= {job.job_id: job for job in read_jobs(answer.groups) if job.name == job_name}
        return [found[key] for key in sorted(found)]

    async def cancel(self, job_id: int) -> None:
        """Ask for Cancel-Job; a job that is over or unknown needs none. Raises `DeviceError`."""
        answer = await self.call(self.questions.cancel(job_id))
        if answer.code not in (Status.NOT_POSSIBLE, Status.NOT_FOUND, Status.GONE):
            self._must_be_ok("Cancel-Job", answer)

    def _must_be_ok(self, operation: str, answer: Message) -> None:
        if not is_ok(answer.code):
            word = status_name(answer.code)
            kind = NoAnswer if answer.code >= Status.INTERNAL_ERROR else ProtocolError
            raise kind(f"{self.name}: {operation}: {word}", code=word)
