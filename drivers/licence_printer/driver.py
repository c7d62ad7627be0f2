"""The licence printer as a device: check before money, print under a reference that the caller stores, find again.

The order of one print: Create-Job, the caller's `on_job` (its journal), Send-Document, follow to the end. After a
lost answer the printer is asked what it has; nothing is sent twice on a guess.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from drivers.crossing import Tracer
from drivers.device import Status
from drivers.errors import DeviceError, DeviceFault, NeedsPeople, Unsupported, WrongDevice
from drivers.families import LicencePrinting
from drivers.licence_printer.conversation import Conversation
from drivers.licence_printer.frames import JOB_TERMINAL, IppTracer, JobState, Operation, is_ok, status_name
from drivers.licence_printer.host import POLL_S, Following, Phase, PrintedJob, Progress
from drivers.licence_printer.http_carrier import Carrier, HttpCarrier, parse_address
from drivers.licence_printer.printing import (
    OnJob,
    OnProgress,
    Sheet,
    evidence,
    follow,
    other_run,
    print_sheet,
    ref_of,
)
from drivers.licence_printer.questions import A4
from drivers.licence_printer.raster import pwg_raster
from drivers.licence_printer.reports import JobRef, JobReport, PrinterReport
from drivers.outcome import Done, Outcome, Refused, Unknown
from drivers.rhythm import Rhythm

__all__ = ["JobRef", "LicencePrinter", "Phase", "PrintedJob", "Progress"]

PDF = "application/pdf"
PWG = "image/pwg-raster"
NEEDED = (Operation.GET_JOB_ATTRIBUTES, Operation.GET_JOBS, Operation.CANCEL_JOB, Operation.VALIDATE_JOB)
MAX_PDF = 32 << 20
MAX_NAME_OCTETS = 255
FINEST_DPI = 600
PEOPLE_S = 60.0
MAX_DOUBTFUL = 16
OPTIONS = ("user", "media", "raster_dpi", "poll_s", "people_s")
MAY_STILL_PRINT = frozenset({"no-answer", "answer-lost", "cancel-not-confirmed", "printer-restarted", "job-forgotten"})
"""Causes of Unknown after which the job may still lie in the printer and come out when nobody waits for it."""


class LicencePrinter(LicencePrinting):
    """An IPP printer at `ipp://host:port/ipp/print`.

    Options: `user` (requesting-user-name, default weihai-kiosk), `media` (default iso_a4_210x297mm), `raster_dpi`
    (for printers without PDF; default the finest that they offer up to 600), `poll_s` (default 0.5), `people_s` (how
    long a print waits for somebody to load paper or clear a jam, or for a printer that fell silent; default 60).
    `carrier` takes the place of HTTP.
    """

    # A laser that sleeps takes seconds to answer. One that comes back is asked before it is warm: a job that nobody
    # waits for any more is then called off in time.
    rhythm = Rhythm(poll_deadline_s=6.0, doubt_deadline_s=5.0, longest_backoff_s=5.0)

    def __init__(
        self,
        name: str,
        link_url: str,
        options: Mapping[str, object] | None = None,
        carrier: Carrier | None = None,
    ) -> None:
        super().__init__(name)
        given = {key: str(value) for key, value in (options or {}).items()}
        unknown = sorted(set(given) - set(OPTIONS))
        if unknown:
            raise ValueError(f"device {name}: unknown options {', '.join(unknown)}; known are {', '.join(OPTIONS)}")
        self._media = given.get("media", A4)
        self._raster_dpi = int(given.get("raster_dpi", "0"))
        self._poll_s = float(given.get("poll_s", POLL_S))
        self._people_s = float(given.get("people_s", PEOPLE_S))
        carrier = carrier or HttpCarrier(parse_address(link_url), self)
        self._talk = Conversation(name, carrier, given.get("user", "weihai-kiosk"))
        self._doubtful: dict[str, None] = {}

    @classmethod
    def tracer(cls, link_url: str, options: Mapping[str, Any]) -> Tracer:
        """Attributes without names; documents by length and digest."""
        return IppTracer()

    @classmethod
    async def probe(cls, link_url: str) -> str:
        """Get-Printer-Attributes."""
        report = await cls("probe", link_url)._talk.identify()
        fault = report.fault()
        return f"{report.model or 'IPP printer'}, {fault.cause if fault else 'ready'}"

    async def check(self, pages: int = 1) -> None:
        """Raise why `pages` pages cannot be printed now; return when they can. Before any money moves."""
        async with self.lock, self._counted_work():
            report = await self._talk.identify()
            self.set_status(report.status())
            self._must_be_able(report, pages)
            message = self._talk.questions.validate(self._media, self._format(report), unscaled=report.unscaled)
            answer = await self._talk.call(message)
            if not is_ok(answer.code):
                word = status_name(answer.code)
                sentence = f"{self.name}: refuses a licence ({word}): check its media and format settings"
                raise Unsupported(sentence, code=word)

    async def print_pdf(
        self,
        pdf: bytes,
        job_name: str,
        *,
        pages: int,
        on_job: OnJob,
        deadline_s: float = 180,
        on_progress: OnProgress | None = None,
    ) -> Outcome[PrintedJob]:
        """Print `pdf` of `pages` pages as `job_name`, which names this one issue of the document and no other.

        `on_job` is awaited when the printer has given the job its id and before it has the document; when it raises,
        the job is cancelled and the error goes on. A name that the printer already has in its queue or among its
        finished jobs is not printed again: Unknown("job-exists"); ask `find_job`. Refused: the document did not come
        out whole, ever. With no end `deadline_s` after the job was made it is cancelled, which takes up to 30 s.
        """
        if not pdf.startswith(b"%PDF-") or len(pdf) > MAX_PDF:
            raise ValueError(f"a PDF of at most {MAX_PDF} octets can be printed")
        if not 0 < len(job_name.encode()) <= MAX_NAME_OCTETS or pages < 1:
            raise ValueError(f"a job has a name of 1 to {MAX_NAME_OCTETS} octets and at least one page")
        async with self.lock, self._counted_work():
            try:
                report = await self._talk.identify()
                self._must_be_able(report, pages)
                octets, document_format = await self._document(pdf, report)
            except DeviceError as error:
                return self._counted(Refused(error.cause, str(error), error.code, error.again))
            sheet = Sheet(
                octets, document_format, job_name, pages, self._media, deadline_s, self._poll_s, self._people_s
            )
            outcome = await print_sheet(self._talk, report, sheet, on_job, on_progress, self._seen)
            await self._remember(job_name, outcome)
            return self._counted(outcome)

    async def find_job(
        self,
        job_name: str,
        *,
        ref: JobRef | None = None,
        pages: int = 1,
        deadline_s: float = 180,
        on_progress: OnProgress | None = None,
    ) -> Outcome[PrintedJob] | None:
        """What became of the job called `job_name`; follows it while it still prints. None: no trace of such a job.

        With the `ref` that `on_job` gave, a printer that was switched off since is recognised, and no trace of a job
        that certainly was there is Unknown. A job without a document (a crash before it was sent) is cancelled.
        """
        async with self.lock, self._counted_work():
            try:
                jobs = await self._talk.jobs_called(job_name)
                report = await self._talk.report()
            except DeviceError as error:
                return Unknown(error.cause, str(error), evidence(ref) if ref else {})
            if ref is not None:
                verdict = other_run(report, ref)
                if verdict is not None:
                    return verdict
                jobs = [job for job in jobs if job.job_id == ref.job_id]
                if not jobs:
                    sentence = "the licence printer no longer knows the job: look into its output tray"
                    return Unknown("job-forgotten", sentence, evidence(ref))
            if not jobs:
                return None
            job = _most_telling(jobs)
            now = asyncio.get_running_loop().time()
            found = ref or ref_of(job.job_id, report)
            following = Following(found, pages, now, deadline_s, self._poll_s, job_name, self._people_s)
            if job.waits_for_document:
                following.cancel(now, "no-document", "the terminal stopped before it sent the document")
            outcome = await follow(self._talk, following, on_progress, self._seen)
            await self._remember(job_name, outcome)
            return self._counted(outcome)

    async def cancel(self, job_id: int) -> None:
        """Ask for a job to be cancelled; who prints or follows it learns what became of it. Raises `DeviceError`."""
        await self._talk.cancel(job_id)

    async def _open(self) -> None:
        report = await self._talk.identify()
        missing = [o.name.replace("_", "-").title() for o in NEEDED if not report.can(o)]
        if not (report.can(Operation.CREATE_JOB) or report.can(Operation.PRINT_JOB)):
            missing.append("Print-Job")
        if missing:
            raise WrongDevice(f"{self.name}: this printer lacks {', '.join(missing)}: use another model")
        await self._call_off()
        self.set_status(report.status())

    async def _poll(self) -> Status:
        status = (await self._talk.report()).status()
        await self._call_off()
        return status

    async def _remember(self, job_name: str, outcome: Outcome[PrintedJob]) -> None:
        """A job of which nobody knows whether it will print is called off now, or as soon as the printer answers."""
        if isinstance(outcome, Unknown) and outcome.cause in MAY_STILL_PRINT:
            self._doubtful[job_name] = None
            while len(self._doubtful) > MAX_DOUBTFUL:
                del self._doubtful[next(iter(self._doubtful))]
            with suppress(DeviceError):  # the next opening or poll tries again
                await self._call_off()

    async def _call_off(self) -> None:
        """Cancel what was given up as unclear and still waits in the printer: its citizen has gone (P3, P6)."""
        for name in list(self._doubtful):
            for job in await self._talk.jobs_called(name):
                if job.state not in JOB_TERMINAL:
                    await self._talk.cancel(job.job_id)
                    self.counters.extra["called_off"] = self.counters.extra.get("called_off", 0) + 1
            del self._doubtful[name]

    async def _close(self) -> None:
        self._talk.forget()

    def _seen(self, report: PrinterReport) -> None:
        self.set_status(report.status())

    @asynccontextmanager
    async def _counted_work(self) -> AsyncIterator[None]:
        """Count the time and the retries of one verb."""
        retries = self._talk.retries
        try:
            with self.timed():
                yield
        finally:
            self.counters.retries += self._talk.retries - retries

    def _counted(self, outcome: Outcome[PrintedJob]) -> Outcome[PrintedJob]:
        self.counters.operations += 1
        self.counters.failures += not isinstance(outcome, Done)
        return outcome

    def _must_be_able(self, report: PrinterReport, pages: int) -> None:
        """Raise why `report` does not allow `pages` pages to be printed."""
        fault = report.fault()
        if fault is not None:
            kind = DeviceFault if fault.who == "vendor" else NeedsPeople
            raise kind(f"{self.name}: {fault.sentence}", code=fault.cause)
        self._format(report)
        if report.media and self._media not in report.media:
            raise Unsupported(f"{self.name}: this printer cannot take {self._media}", code="media-supported")
        if report.media_ready is not None and self._media not in report.media_ready:
            raise NeedsPeople(f"{self.name}: no {self._media} is loaded: load A4 into its tray", code="media-ready")
        if report.sheets is not None and report.sheets < pages:
            raise NeedsPeople(f"{self.name}: {report.sheets} sheets for {pages} pages: load A4", code="media-low")

    def _format(self, report: PrinterReport) -> str:
        """The document format to send. Raises `Unsupported`."""
        for wanted in (PDF, PWG):
            if wanted in report.formats:
                return wanted
        offered = ", ".join(report.formats[:8]) or "none"
        raise Unsupported(f"{self.name}: takes neither PDF nor PWG raster (it offers {offered}): use another model")

    async def _document(self, pdf: bytes, report: PrinterReport) -> tuple[bytes, str]:
        """What to send, and its format. Raises `Unsupported`."""
        if self._format(report) == PDF:
            return pdf, PDF
        offered = [dpi for dpi in report.raster_dpi if dpi <= FINEST_DPI] or [*report.raster_dpi[:1], 300][:1]
        dpi = self._raster_dpi or offered[-1]
        colour = bool(report.raster_types) and "sgray_8" not in report.raster_types

        def draw() -> bytes:
            return pwg_raster(pdf, dpi=dpi, colour=colour)[0]

        return await asyncio.get_running_loop().run_in_executor(None, draw), PWG


def _most_telling(jobs: list[JobReport]) -> JobReport:
    """Of several jobs of one name: one that printed or may print, before those that ended early; then the newest."""
    early = (JobState.CANCELED, JobState.ABORTED)
    return max(jobs, key=lambda job: (job.state not in early, job.job_id))
