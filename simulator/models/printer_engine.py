"""The physics of an A4 laser printer: a tray, a toner cartridge, a paper path, a queue; pages take their time.

`update(now)` moves everything to `now`; `wake_at` is when the next page is out. Nothing here knows IPP's octets.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from drivers.licence_printer.frames import JOB_TERMINAL, JobState, PrinterState

TRAY_SHEETS = 250
OUTPUT_SHEETS = 150
LOW_SHEETS = 20
LOW_TONER = 5.0
TONER_PER_PAGE = 0.04
JOBS_KEPT = 100
CANCEL_S = 0.5
DOCUMENT_WAIT_S = 120.0
WARM_UP_S = 12.0


@dataclass(slots=True)
class Job:
    """One job. Times are seconds of printer-up-time, None until they come."""

    id: int
    name: str
    user: str
    created: int
    template: dict[str, object] = field(default_factory=dict)
    state: JobState = JobState.HELD
    reasons: list[str] = field(default_factory=lambda: ["job-incoming", "job-data-insufficient"])
    message: str = ""
    document: bytes = b""
    document_format: str = ""
    documents: int = 0
    complete: bool = False
    held: bool = False
    pages: int = 0
    copies: int = 1
    impressions: int = 0
    processing_at: int | None = None
    completed_at: int | None = None
    page_done: float | None = None
    cancel_at: float | None = None
    forget_document_at: float = 0.0

    @property
    def over(self) -> bool:
        """True once the job can change no more."""
        return self.state in JOB_TERMINAL


@dataclass(slots=True)
class Engine:
    """One printer. Set the fields as a person's hands would, then call `update`."""

    page_s: float = 3.0
    sheets: int = TRAY_SHEETS
    toner: float = 80.0
    cover_open: bool = False
    jammed: bool = False
    paused: bool = False
    tray_out: list[tuple[int, int]] = field(default_factory=list)
    """What lies in the output tray, oldest first: job id and page, pages from 1."""
    spoilt: int = 0
    warm_at: float = 0.0
    """When the fuser is hot after switching on: no page moves before."""
    jobs: dict[int, Job] = field(default_factory=dict)
    last_id: int = 0
    booted: float = 0.0
    changed_at: float = 0.0
    abort_next: bool = False
    slow_s: float = 0.0
    sheets_used: int = 0
    _stopped: bool = False
    _shown: tuple[object, ...] = ()

    @property
    def output(self) -> int:
        """Sheets in the output tray."""
        return len(self.tray_out)

    def up_time(self, now: float) -> int:
        """printer-up-time: whole seconds, 1 at switching on (RFC 8011, 5.4.29)."""
        return max(1, int(now - self.booted) + 1)

    def stops(self) -> tuple[str, ...]:
        """Reasons for which no page can move."""
        table = {
            "cover-open": self.cover_open,
            "media-jam": self.jammed,
            "media-empty": self.sheets <= 0,
            "toner-empty": self.toner <= 0,
            "output-area-full": self.output >= OUTPUT_SHEETS,
        }
        found = tuple(f"{reason}-error" for reason, here in table.items() if here)
        return (*found, "paused") if self.paused else found

    def warnings(self) -> tuple[str, ...]:
        """Reasons that stop nothing yet."""
        table = {
            "media-low-warning": 0 < self.sheets <= LOW_SHEETS,
            "toner-low-warning": 0 < self.toner <= LOW_TONER,
        }
        return tuple(reason for reason, here in table.items() if here)

    def state(self) -> PrinterState:
        """printer-state."""
        if self.stops():
            return PrinterState.STOPPED
        return PrinterState.PROCESSING if self.current() else PrinterState.IDLE

    def waiting(self) -> Iterator[Job]:
        """Jobs that are not over, in their order."""
        return (job for job in self.jobs.values() if not job.over)

    def current(self) -> Job | None:
        """The job on the paper path."""
        return next((j for j in self.jobs.values() if j.state in (JobState.PROCESSING, JobState.STOPPED)), None)

    def new_job(self, now: float, name: str, user: str) -> Job:
        """A job without a document; the oldest finished ones are forgotten beyond `JOBS_KEPT`."""
        over = [job.id for job in self.jobs.values() if job.over]
        for job_id in over[: max(0, len(self.jobs) - JOBS_KEPT + 1)]:
            del self.jobs[job_id]
        self.last_id += 1
        job = Job(self.last_id, name, user, self.up_time(now), forget_document_at=now + DOCUMENT_WAIT_S)
        self.jobs[job.id] = job
        return job

    def close_job(self, job: Job) -> None:
        """The job has all its documents: it may print."""
        job.complete = True
        self._requeue(job)

    def hold(self, job: Job, held: bool) -> None:
        """Hold-Job, Release-Job, for a job that is not on the paper path."""
        job.held = held
        if job.complete:
            self._requeue(job)

    def _requeue(self, job: Job) -> None:
        job.state = JobState.HELD if job.held else JobState.PENDING
        job.reasons = ["job-hold-until-specified"] if job.held else ["job-queued"]

    def cancel(self, now: float, job: Job) -> None:
        """Cancel-Job: at once when waiting; on the paper path when the sheet under way is out."""
        if job.state in (JobState.PENDING, JobState.HELD):
            self._end(now, job, JobState.CANCELED, "job-canceled-by-user")
        elif job.cancel_at is None:
            job.reasons = [*job.reasons, "processing-to-stop-point"]
            job.cancel_at = now + CANCEL_S
        self.update(now)

    def jam(self) -> None:
        """A sheet sticks; the one under way is spoilt, and its page is printed again once the path is clear."""
        self.jammed = True
        job = self.current()
        if job is not None and job.page_done is not None:
            job.page_done = None
            self.sheets = max(0, self.sheets - 1)
            self.spoilt += 1

    def power_cut(self) -> None:
        """The current went: a sheet under way stays in the path, half printed."""
        job = self.current()
        if job is not None and job.page_done is not None:
            self.jam()

    def restart(self, now: float, *, keep: bool = False) -> None:
        """Off and on. The queue, finished jobs and job ids are gone, or kept where the printer spools to flash.

        The paper in both trays stays where it is. A kept job goes on behind its last page that came out whole.
        """
        self.booted = self.changed_at = now
        self.warm_at = now + WARM_UP_S
        self.paused = False
        if not keep:
            self.jobs.clear()
            self.last_id = 0
            return
        for job in list(self.waiting()):
            if job.complete:
                job.page_done = job.cancel_at = None
                self._requeue(job)
            else:
                self._end(now, job, JobState.ABORTED, "aborted-by-system")

    def update(self, now: float) -> None:
        """Move pages up to `now`."""
        for job in self.jobs.values():
            if not job.complete and not job.over and now >= job.forget_document_at:
                self._end(now, job, JobState.ABORTED, "aborted-by-system")
        while self._move(now):
            pass
        self._stopped = bool(self.stops())
        shown = (self.state(), self.stops(), self.warnings())
        if shown != self._shown:
            self._shown, self.changed_at = shown, now

    def _move(self, now: float) -> bool:
        """One step; False when nothing more can happen before a later time."""
        job = self.current()
        if job is None:
            return self._begin(now)
        if self.stops():
            job.page_done = None
            if job.cancel_at is not None and now >= job.cancel_at:
                self._end(now, job, JobState.CANCELED, "job-canceled-by-user")
                return True
            if job.state != JobState.STOPPED:
                job.state = JobState.STOPPED
                job.reasons = [*self._cancelling(job), "printer-stopped"]
            return False
        if job.state == JobState.STOPPED:
            job.state, job.reasons = JobState.PROCESSING, [*self._cancelling(job), "job-printing"]
        if job.cancel_at is not None and job.cancel_at <= now < self.warm_at:
            self._end(now, job, JobState.CANCELED, "job-canceled-by-user")  # no sheet has been picked up yet
            return True
        if job.page_done is None:
            job.page_done = max(now, self.warm_at) + self._page_time()
        if now < job.page_done:
            return False
        return self._page_out(job, job.page_done)

    def _begin(self, now: float) -> bool:
        nxt = next((j for j in self.jobs.values() if j.state == JobState.PENDING and j.complete), None)
        if nxt is None:
            return False
        nxt.state, nxt.reasons = JobState.PROCESSING, ["job-printing"]
        nxt.processing_at = self.up_time(now)
        if self.abort_next or not nxt.pages:
            reasons = ["aborted-by-system"] if self.abort_next else ["document-format-error", "aborted-by-system"]
            self.abort_next = False
            self._end(now, nxt, JobState.ABORTED, *reasons)
        return True

    def _page_out(self, job: Job, at: float) -> bool:
        self.sheets -= 1
        self.sheets_used += 1
        self.tray_out.append((job.id, job.impressions + 1))
        self.toner = max(0.0, round(self.toner - TONER_PER_PAGE, 4))
        job.impressions += 1
        job.page_done = None
        if job.impressions >= job.pages * job.copies:
            self._end(at, job, JobState.COMPLETED, "job-completed-successfully")
        elif job.cancel_at is not None:
            self._end(at, job, JobState.CANCELED, "job-canceled-by-user")
        else:
            job.page_done = at + self._page_time()
        return True

    def _page_time(self) -> float:
        return self.slow_s or self.page_s

    def _cancelling(self, job: Job) -> list[str]:
        return ["processing-to-stop-point"] if job.cancel_at is not None else []

    def _end(self, at: float, job: Job, state: JobState, *reasons: str) -> None:
        job.state, job.reasons = state, list(reasons)
        job.completed_at = self.up_time(at)
        job.page_done = job.cancel_at = None

    @property
    def wake_at(self) -> float | None:
        """When `update` should be called next, or None."""
        times = [j.page_done for j in self.waiting() if j.page_done is not None]
        # a moving sheet comes out first, and that ends the job
        times += [
            j.cancel_at
            for j in self.waiting()
            if j.cancel_at is not None and (self._stopped or j.cancel_at < self.warm_at)
        ]
        times += [j.forget_document_at for j in self.waiting() if not j.complete]
        return min(times, default=None)
