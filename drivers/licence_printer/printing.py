"""One document, from Create-Job to the last page, and what is done when an answer is lost on the way.

| lost answer to | what is asked       | found                       | not found, or says "no document yet"        |
|----------------|---------------------|-----------------------------|---------------------------------------------|
| Create-Job     | Get-Jobs by name    | that job is ours: go on     | refused: nothing was made                   |
| Print-Job      | Get-Jobs by name    | that job is ours: follow it | refused: nothing was made                   |
| Send-Document  | Get-Job-Attributes  | it has the document: follow | send once more; lost again: cancel          |
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from drivers.errors import DeviceError, LinkRefused, PortMissing, ProtocolError
from drivers.licence_printer.conversation import Conversation
from drivers.licence_printer.frames import JobState, Message, Operation, Status, Tag, is_ok, status_name
from drivers.licence_printer.host import Ask, Following, PrintedJob, Progress
from drivers.licence_printer.reports import JobRef, JobReport, PrinterReport
from drivers.outcome import Outcome, Refused, Unknown

OnJob = Callable[[JobRef], Awaitable[None]]
OnProgress = Callable[[Progress], None]
Seen = Callable[[PrinterReport], None]

_TRY_AGAIN = (Status.BUSY, Status.TEMPORARY_ERROR, Status.NOT_ACCEPTING)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is printed: `octets` in `document_format`, under `job_name`, on `media`."""

    octets: bytes
    document_format: str
    job_name: str
    pages: int
    media: str
    limit_s: float
    poll_s: float
    patience_s: float = float("inf")


def evidence(ref: JobRef) -> dict[str, str]:
    """What the asking starts from when an outcome is unknown."""
    return {"job_id": str(ref.job_id), "printer_uuid": ref.printer_uuid, "up_time": str(ref.up_time)}


def ref_of(job_id: int, report: PrinterReport) -> JobRef:
    """The reference of a job that the reporting printer holds."""
    return JobRef(job_id, report.uuid, report.up_time or 0)


def other_run(report: PrinterReport, ref: JobRef) -> Unknown | None:
    """Unknown when the printer that reports is not in the run that gave `ref`: its job ids mean something else."""
    if ref.printer_uuid and report.uuid and ref.printer_uuid != report.uuid:
        sentence = "another printer answers at this address: look into the output tray"
        return Unknown("printer-replaced", sentence, evidence(ref))
    if report.up_time is not None and report.up_time < ref.up_time:
        sentence = "the licence printer was switched off and on: look into its output tray"
        return Unknown("printer-restarted", sentence, evidence(ref))
    return None


async def print_sheet(
    talk: Conversation,
    report: PrinterReport,
    sheet: Sheet,
    on_job: OnJob,
    on_progress: OnProgress | None,
    seen: Seen,
) -> Outcome[PrintedJob]:
    """Print `sheet` at most once. `report` was taken just before; nothing has been made yet."""
    try:
        before = await talk.jobs_called(sheet.job_name)
    except DeviceError as error:
        return Refused(error.cause, str(error), error.code, error.again)
    for job in before:
        if job.state not in (JobState.CANCELED, JobState.ABORTED):
            sentence = "the licence printer already has a job of this name"
            return Unknown("job-exists", sentence, evidence(ref_of(job.job_id, report)))
    old = frozenset(job.job_id for job in before)
    ask = talk.questions
    apart = report.can(Operation.CREATE_JOB) and report.can(Operation.SEND_DOCUMENT)
    if apart:
        message = ask.create(sheet.job_name, sheet.media, unscaled=report.unscaled)
        made = await _make(talk, message, b"", sheet.job_name, report, old)
    else:
        message = ask.print_job(sheet.job_name, sheet.media, sheet.document_format, unscaled=report.unscaled)
        made = await _make(talk, message, sheet.octets, sheet.job_name, report, old)
    if not isinstance(made, JobRef):
        return made
    now = asyncio.get_running_loop().time()
    following = Following(made, sheet.pages, now, sheet.limit_s, sheet.poll_s, sheet.job_name, sheet.patience_s)
    try:
        await on_job(made)
    except BaseException:
        with suppress(DeviceError):  # the caller's own error matters more; a job without a document times out
            await talk.cancel(made.job_id)
        raise
    if apart:
        await _send(talk, following, sheet)
    return await follow(talk, following, on_progress, seen)


async def _make(
    talk: Conversation, message: Message, document: bytes, job_name: str, report: PrinterReport, old: frozenset[int]
) -> JobRef | Refused | Unknown:
    """Create-Job or Print-Job: the new job's reference, found by its name when the answer is lost."""
    try:
        answer = await talk.call_while_busy(message, document)
    except (LinkRefused, PortMissing) as error:
        return Refused(error.cause, str(error), error.code, again=True)
    except DeviceError as error:
        return await _look_up(talk, job_name, report, old, error)
    if not is_ok(answer.code):
        word = status_name(answer.code)
        return Refused("printer-refused", f"{talk.name}: the job was refused ({word})", word, answer.code in _TRY_AGAIN)
    job_id = answer.group(Tag.JOB).number("job-id")
    if not job_id or job_id < 1:
        return await _look_up(talk, job_name, report, old, ProtocolError(f"{talk.name}: a job without an id"))
    return ref_of(job_id, report)


async def _look_up(
    talk: Conversation, job_name: str, report: PrinterReport, old: frozenset[int], lost: DeviceError
) -> JobRef | Refused | Unknown:
    """After a lost answer: the job that was made all the same, Refused when there is none, else Unknown."""
    start = ref_of(0, report)

    async def jobs() -> list[JobReport]:
        return await talk.jobs_called(job_name)

    try:
        found = await talk.insist(jobs)
        now = await talk.insist(talk.report)
    except DeviceError as error:
        return Unknown(error.cause, str(error), evidence(start))
    verdict = other_run(now, start)
    if verdict is not None:
        return verdict
    new = [job for job in found if job.job_id not in old]
    if not new:
        return Refused(lost.cause, f"{lost}; the printer has no such job", lost.code, again=True)
    if len(new) > 1:
        return Unknown("several-jobs", f"{talk.name}: several new jobs of one name", evidence(start))
    return ref_of(new[0].job_id, report)


async def _send(talk: Conversation, following: Following, sheet: Sheet) -> None:
    """Send-Document; once more only when the printer itself says that the job still has no document."""
    job_id = following.ref.job_id
    loop = asyncio.get_running_loop()

    async def job() -> JobReport | None:
        return await talk.job(job_id)

    for attempt in (1, 2):
        message = talk.questions.send_document(job_id, sheet.job_name, sheet.document_format)
        try:
            answer = await talk.call_while_busy(message, sheet.octets)
        except DeviceError as error:
            try:
                found = await talk.insist(job)
            except DeviceError:
                return  # following asks on, to its limit
            if found is None or not found.waits_for_document:
                return
            talk.retries += 1
            if attempt == 2:
                following.cancel(loop.time(), error.cause, f"{talk.name}: the document cannot be sent: {error}")
        else:
            if not is_ok(answer.code):
                word = status_name(answer.code)
                following.cancel(loop.time(), "printer-refused", f"{talk.name}: the document was refused ({word})")
            return


async def follow(
    talk: Conversation, following: Following, on_progress: OnProgress | None, seen: Seen
) -> Outcome[PrintedJob]:
    """Ask until the job is over; `seen` gets every report on the printer."""
    loop = asyncio.get_running_loop()
    told: Progress | None = None
    while following.outcome is None:
        await asyncio.sleep(max(0.0, following.wake_at - loop.time()))
        await _step(talk, following, seen)
        if on_progress is not None and following.progress != told:
            told = following.progress
            on_progress(told)
    return following.outcome


async def _step(talk: Conversation, following: Following, seen: Seen) -> None:
    now = asyncio.get_running_loop().time
    job_id = following.ref.job_id
    try:
        if following.ask(now()) is Ask.CANCEL:
            await talk.cancel(job_id)
            following.cancel_heard()
            return
        job = await talk.job(job_id)
        report = await talk.report()  # after the job: a restart in between is then noticed
    except DeviceError:
        following.silent(now())
        return
    seen(report)
    if job is None:
        following.gone(now(), report)
    else:
        following.answered(now(), report, job)
