"""The readiness report on paper, through the licence printer as everything on A4; it is no controlled document."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from drivers.errors import DeviceError
from drivers.families import LicencePrinting
from drivers.licence_printer.reports import JobRef
from drivers.outcome import Done
from kiosk.diagnostics.gather import cards_of, facts_now
from kiosk.diagnostics.history import History
from kiosk.diagnostics.ranking import report
from kiosk.events import Language
from kiosk.printing.guide_sheet import SheetError
from kiosk.printing.readiness_sheet import readiness_sheet
from kiosk.technician.work.refusal import Refusal

if TYPE_CHECKING:
    from kiosk.workshop import Workshop

PRINT_S: Final = 90.0
CANCEL_S: Final = 6.0


async def print_report(workshop: Workshop, who: str, language: Language) -> int:
    """Print how the running terminal is; returns the pages. Raises `Refusal` (the printer's cause), `JournalError`."""
    settings, now = workshop.tools.settings, workshop.tools.clock.now()
    facts = await facts_now(workshop, await cards_of(settings, now))
    past = await asyncio.to_thread(History(settings.state_dir).past, now)
    try:
        pdf, pages = await asyncio.to_thread(readiness_sheet, facts, report(facts, past), settings, language)
    except SheetError as error:
        raise Refusal("work.not-printed", str(error)) from error
    await put_out(workshop.tools.licence_printer, pdf, pages)
    await workshop.tools.journal.note("", "work.report", {"pages": pages, "language": language, "who": who})
    return pages


async def put_out(printer: LicencePrinting, pdf: bytes, pages: int) -> None:
    """Print a sheet that may be printed as often as one likes. Raises `Refusal`.

    Cancelled (the session is over), the sheet is called off: it must not come out before a citizen.
    """
    jobs: list[int] = []

    async def on_job(job: JobRef) -> None:
        jobs.append(job.job_id)

    try:
        await printer.check(pages)
        name = f"readiness-{secrets.token_hex(6)}"
        outcome = await printer.print_pdf(pdf, name, pages=pages, on_job=on_job, deadline_s=PRINT_S)
    except DeviceError as error:
        raise Refusal("work.not-printed", error.cause) from error
    except asyncio.CancelledError:
        with suppress(DeviceError, TimeoutError):  # a printer that is away has not begun it
            async with asyncio.timeout(CANCEL_S):
                for job in jobs:
                    await printer.cancel(job)
        raise
    if not isinstance(outcome, Done):
        raise Refusal("work.not-printed", outcome.cause)
