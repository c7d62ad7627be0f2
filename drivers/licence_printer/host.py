"""Following one print job to its end: what to ask next, when, and when it is over. Pure; times are in seconds.

| what the printer says                             | what follows                                               |
|---------------------------------------------------|------------------------------------------------------------|
| 3, 4, 5                                           | ask again; past the limit: Cancel-Job                      |
| 6, or a stop reason of the printer                | tell staff, wait as long as the patience, then Cancel-Job  |
| 9, every page counted or no counter               | done                                                       |
| 9 with job-completed-with-errors or pages missing | unknown: paper may be out (counters get a moment to settle)|
| 7, 8, not every page out                          | refused: the document is not whole                         |
| 7, 8, every page counted out                      | unknown                                                    |
| up-time went back, another uuid, id not known     | unknown: staff decide                                      |
| silence                                           | ask on as long as the patience, then unknown               |
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from drivers.licence_printer.frames import BLOCKING, JobState, parse_reason, sentence_for
from drivers.licence_printer.reports import JobRef, JobReport, PrinterReport
from drivers.outcome import Done, Outcome, Refused, Unknown

POLL_S = 0.5
CANCEL_WAIT_S = 30.0
SETTLE_S = 3.0


@dataclass(frozen=True, slots=True)
class PrintedJob:
    """A job that the printer finished: every page is in the output tray."""

    job_id: int
    pages: int
    printer_uuid: str


class Phase(StrEnum):
    """Where a followed job stands."""

    QUEUED = "queued"
    PRINTING = "printing"
    WAITING_FOR_PEOPLE = "waiting-for-people"
    CANCELLING = "cancelling"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Progress:
    """`pages` of `of` are out; `reason` and `sentence` say why it waits."""

    phase: Phase
    pages: int
    of: int
    reason: str = ""
    sentence: str = ""


class Ask(StrEnum):
    """What to send now."""

    STATE = "state"
    CANCEL = "cancel"


class Following:
    """One job being followed: `ask`, send it, then `answered`, `cancel_heard`, `gone` or `silent`, to the `outcome`."""

    def __init__(
        self,
        ref: JobRef,
        pages: int,
        now: float,
        limit_s: float,
        poll_s: float = POLL_S,
        job_name: str = "",
        patience_s: float = float("inf"),
    ) -> None:
        self.ref = ref
        self._job_name = job_name
        self.pages = pages
        self.outcome: Outcome[PrintedJob] | None = None
        self.wake_at = now
        self.progress = Progress(Phase.QUEUED, 0, pages)
        self._limit_at = now + limit_s
        self._poll_s = poll_s
        self._up_time = ref.up_time
        self._cancelled_at: float | None = None
        self._cancel_heard = False
        self._completed_at: float | None = None
        self._patience_s = patience_s
        self._waits_since: float | None = None
        self._silent_since: float | None = None
        self._cause = "too-slow"
        self._sentence = f"the licence printer did not finish within {limit_s:.0f} s"

    def ask(self, now: float) -> Ask:
        """What to send at `wake_at`: the state, or past the limit Cancel-Job, until the printer has heard it."""
        self.wake_at = now + self._poll_s
        if now >= self._limit_at and not self._cancel_heard and self._completed_at is None:
            if self._cancelled_at is None:
                self._cancelled_at = now
            return Ask.CANCEL
        return Ask.STATE

    def cancel_heard(self) -> None:
        """The printer answered Cancel-Job, whatever it said: its state tells the rest."""
        self._cancel_heard = True

    def cancel(self, now: float, cause: str = "cancelled", sentence: str = "the job was cancelled") -> None:
        """Give up waiting: the next ask is Cancel-Job, and `cause` is why the outcome is Refused."""
        self._limit_at = min(self._limit_at, now)
        self._cause, self._sentence = cause, sentence

    def gone(self, now: float, printer: PrinterReport | None) -> None:
        """The printer does not know the job's id."""
        del now
        if printer is None or not self._restarted(printer):
            self._forgotten()

    def silent(self, now: float) -> None:
        """No answer to the last ask."""
        self.progress = Progress(Phase.SILENT, self.progress.pages, self.pages, "no-answer")
        if self._silent_since is None:
            self._silent_since = now
        if now - self._limit_at >= CANCEL_WAIT_S or now - self._silent_since >= self._patience_s:
            self._lost("no-answer", "the licence printer fell silent while printing: look into its output tray")

    def answered(self, now: float, printer: PrinterReport, job: JobReport) -> Progress:
        """Take both reports; sets `outcome` when the job is over."""
        self._silent_since = None
        if self._restarted(printer):
            return self.progress
        if self._job_name and job.name and job.name != self._job_name:
            self._forgotten()  # ids began anew: this one is somebody else's job
            return self.progress
        out = job.printed or 0
        if job.state == JobState.COMPLETED:
            self._completed(now, job)
        elif job.state in (JobState.CANCELED, JobState.ABORTED):
            self._ended_early(job)
        else:
            self.progress = self._phase(printer, job, out)
            self._wait_for_people(now)
            self._check_patience(now)
        if self.outcome is not None:
            self.progress = Progress(self.progress.phase, out, self.pages)
        return self.progress

    def _phase(self, printer: PrinterReport, job: JobReport, out: int) -> Progress:
        stops = [r.keyword for r in map(parse_reason, printer.reasons) if r.keyword in BLOCKING]
        waits = job.state == JobState.STOPPED or printer.stopped or bool(printer.blocking)
        reason = stops[0] if stops and waits else ("stopped" if waits else "")
        sentence = sentence_for(reason) if stops and waits else "the licence printer has stopped: look at its panel"
        if waits and self._cancelled_at is None:
            self._cause, self._sentence = reason, sentence
        if self._cancelled_at is not None:
            return Progress(Phase.CANCELLING, out, self.pages, reason)
        if waits:
            return Progress(Phase.WAITING_FOR_PEOPLE, out, self.pages, reason, sentence)
        self._cause, self._sentence = "too-slow", "the licence printer did not finish within its time"
        phase = Phase.PRINTING if job.state == JobState.PROCESSING else Phase.QUEUED
        return Progress(phase, out, self.pages)

    def _wait_for_people(self, now: float) -> None:
        """Nobody came within the patience: give the job up, for the reason for which it waits."""
        if self.progress.phase is not Phase.WAITING_FOR_PEOPLE:
            self._waits_since = None
            return
        if self._waits_since is None:
            self._waits_since = now
        if now - self._waits_since >= self._patience_s:
            self._limit_at = min(self._limit_at, now)

    def _completed(self, now: float, job: JobReport) -> None:
        if "job-completed-with-errors" in job.reasons:
            self._lost("completed-with-errors", "the licence printer finished with errors: look at what came out")
        elif job.printed is None or job.printed >= self.pages:
            self.outcome = Done(PrintedJob(self.ref.job_id, self.pages, self.ref.printer_uuid))
        elif self._completed_at is None:
            self._completed_at = now  # counters of some engines trail the state by a moment
        elif now - self._completed_at >= SETTLE_S:
            sentence = f"the licence printer counted {job.printed} of {self.pages} pages: look at what came out"
            self._lost("pages-missing", sentence)

    def _ended_early(self, job: JobReport) -> None:
        out = job.printed or 0
        how = "cancelled" if job.state == JobState.CANCELED else "aborted"
        reason = next((r for r in job.reasons if r not in ("job-canceled-by-user", "aborted-by-system")), "")
        if out >= self.pages:
            self._lost(f"{how}-after-last-page", f"the job was {how} but {out} pages came out: look at them")
            return
        if self._cancelled_at is not None:
            cause, sentence = self._cause, self._sentence
        else:
            cause, sentence = how, f"the licence printer {how} the job"
        spoilt = f"; {out} of {self.pages} pages came out: destroy them" if out else ""
        self.outcome = Refused(cause, sentence + spoilt, code=reason or how, again=self._cancelled_at is None)

    def _restarted(self, printer: PrinterReport) -> bool:
        if self.ref.printer_uuid and printer.uuid and printer.uuid != self.ref.printer_uuid:
            self._lost("printer-replaced", "another printer answers at this address: look into the output tray")
        elif printer.up_time is not None and printer.up_time < self._up_time:
            self._lost("printer-restarted", "the licence printer was switched off and on: look into its output tray")
        else:
            self._up_time = max(self._up_time, printer.up_time or 0)
            return False
        return True

    def _forgotten(self) -> None:
        self._lost("job-forgotten", "the licence printer no longer knows the job: look into its output tray")

    def _check_patience(self, now: float) -> None:
        if self._cancelled_at is not None and now - self._cancelled_at >= CANCEL_WAIT_S:
            sentence = "the licence printer did not confirm the cancelled job: look into its output tray"
            self._lost("cancel-not-confirmed", sentence)

    def _lost(self, cause: str, sentence: str) -> None:
        evidence = {
            "job_id": str(self.ref.job_id),
            "printer_uuid": self.ref.printer_uuid,
            "up_time": str(self.ref.up_time),
        }
        self.outcome = Unknown(cause, sentence, evidence)
