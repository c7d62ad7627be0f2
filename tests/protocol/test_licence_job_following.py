"""The rules by which a print job counts as done, refused or unknown, one by one, without a printer."""

from dataclasses import replace

import pytest

from drivers.licence_printer.frames import JobState, PrinterState
from drivers.licence_printer.host import CANCEL_WAIT_S, SETTLE_S, Ask, Following, Phase, PrintedJob
from drivers.licence_printer.reports import JobRef, JobReport, PrinterReport
from drivers.outcome import Done, Refused, Unknown

REF = JobRef(7, "urn:uuid:a", 100)
WELL = PrinterReport(state=PrinterState.PROCESSING, reasons=(), accepting=True, up_time=101, uuid="urn:uuid:a")
JAM = replace(WELL, state=PrinterState.STOPPED, reasons=("media-jam-error",))


def job(state: JobState, out: int | None = None, *reasons: str) -> JobReport:
    return JobReport(7, "x", state, reasons, out, out, 1)


def following(pages: int = 2, limit_s: float = 60) -> Following:
    return Following(REF, pages, 0.0, limit_s)


def test_completed_with_every_page_is_done() -> None:
    f = following()
    f.answered(1, WELL, job(JobState.PROCESSING, 1))
    assert (f.progress.phase, f.progress.pages, f.outcome) == (Phase.PRINTING, 1, None)
    f.answered(2, WELL, job(JobState.COMPLETED, 2, "job-completed-successfully"))
    assert f.outcome == Done(PrintedJob(7, 2, "urn:uuid:a"))


def test_completed_without_a_counter_is_done() -> None:
    f = following()
    f.answered(1, WELL, job(JobState.COMPLETED, None))
    assert isinstance(f.outcome, Done)


def test_completed_with_errors_is_unknown() -> None:
    f = following()
    f.answered(1, WELL, job(JobState.COMPLETED, 2, "job-completed-with-errors"))
    assert isinstance(f.outcome, Unknown)
    assert f.outcome.cause == "completed-with-errors"
    assert f.outcome.evidence == {"job_id": "7", "printer_uuid": "urn:uuid:a", "up_time": "100"}


def test_a_counter_may_trail_the_state_but_not_for_ever() -> None:
    f = following()
    f.answered(1, WELL, job(JobState.COMPLETED, 1))
    assert f.outcome is None
    f.answered(2, WELL, job(JobState.COMPLETED, 2))
    assert isinstance(f.outcome, Done)
    g = following()
    g.answered(1, WELL, job(JobState.COMPLETED, 1))
    g.answered(1 + SETTLE_S, WELL, job(JobState.COMPLETED, 1))
    assert isinstance(g.outcome, Unknown)
    assert g.outcome.cause == "pages-missing"


@pytest.mark.parametrize("state", [JobState.ABORTED, JobState.CANCELED])
def test_ended_early(state: JobState) -> None:
    none, some, all_out = following(), following(), following()
    none.answered(1, WELL, job(state, 0, "document-format-error"))
    some.answered(1, WELL, job(state, 1))
    all_out.answered(1, WELL, job(state, 2))
    assert isinstance(none.outcome, Refused)
    assert none.outcome.code == "document-format-error"
    assert isinstance(some.outcome, Refused)
    assert "1 of 2 pages came out" in some.outcome.sentence
    assert isinstance(all_out.outcome, Unknown)


def test_a_jam_tells_staff_waits_then_cancels() -> None:
    f = following(limit_s=60)
    for now in (1, 30, 59):
        assert f.ask(now) is Ask.STATE
        f.answered(now, JAM, job(JobState.STOPPED, 0, "printer-stopped"))
        assert f.progress.phase is Phase.WAITING_FOR_PEOPLE
        assert f.progress.reason == "media-jam"
        assert "take the sheet out" in f.progress.sentence
    assert f.ask(60) is Ask.CANCEL
    assert f.ask(61) is Ask.CANCEL, "until the printer has heard it"
    f.cancel_heard()
    assert f.ask(62) is Ask.STATE
    f.answered(62, JAM, job(JobState.STOPPED, 0, "processing-to-stop-point"))
    assert f.outcome is None
    assert f.progress.phase is Phase.CANCELLING
    f.answered(63, JAM, job(JobState.CANCELED, 0, "job-canceled-by-user"))
    assert isinstance(f.outcome, Refused)
    assert f.outcome.cause == "media-jam"


def test_a_mended_jam_goes_on() -> None:
    f = following()
    f.answered(1, JAM, job(JobState.STOPPED, 0))
    f.answered(2, WELL, job(JobState.PROCESSING, 0))
    assert f.progress.phase is Phase.PRINTING
    f.answered(3, WELL, job(JobState.COMPLETED, 2))
    assert isinstance(f.outcome, Done)


def test_a_cancel_that_comes_too_late_is_still_done() -> None:
    f = following(limit_s=5)
    assert f.ask(5) is Ask.CANCEL
    f.cancel_heard()
    f.answered(6, WELL, job(JobState.COMPLETED, 2))
    assert isinstance(f.outcome, Done)


def test_a_cancel_that_is_never_confirmed_is_unknown() -> None:
    f = following(limit_s=5)
    f.ask(5)
    f.cancel_heard()
    f.answered(5 + CANCEL_WAIT_S, JAM, job(JobState.STOPPED, 0))
    assert isinstance(f.outcome, Unknown)
    assert f.outcome.cause == "cancel-not-confirmed"


def test_a_restart_is_unknown_even_when_the_id_is_known() -> None:
    f = following()
    f.answered(1, replace(WELL, up_time=5), job(JobState.COMPLETED, 2))
    assert isinstance(f.outcome, Unknown)
    assert f.outcome.cause == "printer-restarted"
    later = following()
    later.answered(1, replace(WELL, up_time=160), job(JobState.PROCESSING, 0))
    later.answered(2, replace(WELL, up_time=120), job(JobState.COMPLETED, 2))
    assert isinstance(later.outcome, Unknown)


def test_another_printer_or_a_forgotten_job_is_unknown() -> None:
    f = following()
    f.answered(1, replace(WELL, uuid="urn:uuid:b"), job(JobState.COMPLETED, 2))
    assert isinstance(f.outcome, Unknown)
    assert f.outcome.cause == "printer-replaced"
    g = following()
    g.gone(1, WELL)
    assert isinstance(g.outcome, Unknown)
    assert g.outcome.cause == "job-forgotten"
    h = following()
    h.gone(1, replace(WELL, up_time=3))
    assert isinstance(h.outcome, Unknown)
    assert h.outcome.cause == "printer-restarted"


def test_an_id_that_now_means_another_job_is_unknown() -> None:
    f = Following(REF, 2, 0.0, 60, job_name="mine")
    f.answered(1, WELL, replace(job(JobState.COMPLETED, 2), name="theirs"))
    assert isinstance(f.outcome, Unknown)
    assert f.outcome.cause == "job-forgotten"
    g = Following(REF, 2, 0.0, 60, job_name="mine")
    g.answered(1, WELL, replace(job(JobState.COMPLETED, 2), name="mine"))
    assert isinstance(g.outcome, Done)


def test_silence_is_borne_to_the_limit_and_a_little_longer() -> None:
    f = following(limit_s=5)
    f.silent(4)
    assert (f.progress.phase, f.outcome) == (Phase.SILENT, None)
    assert f.ask(6) is Ask.CANCEL
    f.silent(6)
    assert f.outcome is None
    f.silent(5 + CANCEL_WAIT_S)
    assert isinstance(f.outcome, Unknown)
    assert f.outcome.cause == "no-answer"


def test_a_job_says_itself_that_it_has_no_document() -> None:
    assert JobReport(1, "x", JobState.HELD, documents=0).waits_for_document
    assert JobReport(1, "x", JobState.PENDING, ("job-incoming",)).waits_for_document
    assert not JobReport(1, "x", JobState.PENDING, ("job-incoming",), documents=1).waits_for_document
    assert not JobReport(1, "x", JobState.PROCESSING, documents=0).waits_for_document
