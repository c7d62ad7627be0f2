"""The licence printer: one marked test page through the real IPP path. No permission, no form, no intent is touched."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Final

from drivers.device import Supply
from drivers.errors import DeviceError
from drivers.families import LicencePrinting
from drivers.licence_printer.host import PrintedJob, Progress
from drivers.licence_printer.reports import JobRef
from drivers.outcome import Done, Outcome
from kiosk.technician.device_tests.declared import Figure, Figures, Ground, Run, TestResult, figures
from kiosk.technician.device_tests.test_sheet import test_sheet

JOB: Final = "test-"
PRINT_S: Final = 120.0
CANCEL_S: Final = 6.0


async def print_sheet(
    printer: LicencePrinting,
    terminal: str,
    now: datetime,
    jobs: list[int],
    seconds: float = PRINT_S,
    tell: Callable[[Progress], None] = lambda progress: None,
) -> Outcome[PrintedJob]:
    """Print the test page once; its job is noted in `jobs` before the printer has the page. Raises `SheetUnmade`."""
    pdf = await asyncio.get_running_loop().run_in_executor(None, test_sheet, terminal, now)

    async def noted(ref: JobRef) -> None:
        jobs.append(ref.job_id)

    name = JOB + secrets.token_hex(6)
    outcome = await printer.print_pdf(pdf, name, pages=1, on_job=noted, deadline_s=seconds, on_progress=tell)
    if isinstance(outcome, Done):
        jobs.clear()
    return outcome


async def test_licences(run: Run) -> TestResult:
    """The page comes out, by the printer's word; straight, clean and whole, by a person's eye."""
    printer = run.ground.device("licence_printer", LicencePrinting)
    run.tell("checking-printer", *_supplies(printer))
    await printer.check()
    loop = asyncio.get_running_loop()
    began = loop.time()
    run.tell("printing-page", *_supplies(printer))
    outcome = await print_sheet(
        printer,
        run.ground.settings.terminal.id,
        run.ground.wall(),
        run.ground.jobs,
        tell=lambda progress: run.tell("printing-page", *figures(pages=progress.pages), *_supplies(printer)),
    )
    if not isinstance(outcome, Done):
        return run.broken(printer.family, outcome.cause, outcome.sentence, *_supplies(printer))
    measured = figures(pages=outcome.value.pages, page_s=round(loop.time() - began, 1))
    return await run.asked("page-straight", run.passed(*measured, *_supplies(printer)))


def _supplies(printer: LicencePrinting) -> Figures:
    known = printer.status
    told: list[Figure] = []
    if known.paper is not Supply.NOT_SUPPORTED:
        told += figures(paper=f"supply-{known.paper.value.lower()}")
    if known.toner is not Supply.NOT_SUPPORTED:
        told += figures(toner=f"supply-{known.toner.value.lower()}")
    return tuple(told)


async def called_off(ground: Ground) -> None:
    """A test page that was given up does not come out when a citizen stands there."""
    printer = ground.device("licence_printer", LicencePrinting)
    for job in ground.jobs:
        # A printer that is away calls it off when it is heard again (`drivers.licence_printer`).
        with suppress(DeviceError, TimeoutError):
            async with asyncio.timeout(CANCEL_S):
                await printer.cancel(job)
