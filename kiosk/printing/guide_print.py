"""Printing a guide, for anybody, without signing in: on a receipt, or on A4 where the licence printer can.

Nothing that is printed here is controlled: no permission, no intent, no money; the journal notes that it was printed.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import Any, Final

from config.catalogue import Service
from config.texts import texts
from drivers.errors import DeviceError
from drivers.outcome import Done, Outcome, Refused
from kiosk.offering.capability import Capability, Network
from kiosk.offering.service_lines import Sheet, guide_model
from kiosk.printing.guide_sheet import SheetError, rows_of, typeset
from kiosk.printing.receipts import MAX_LIST, MAX_VALUE, ReceiptError, compose
from kiosk.visits.case import Tools
from kiosk.visits.visit import Visit
from screens import pages
from screens.models import Guide, GuidePrinted

RECEIPT_S: Final = 20.0
A4_S: Final = 60.0


class GuidePrinter:
    """Prints guides within one visit."""

    def __init__(self, visit: Visit, tools: Tools) -> None:
        self._visit = visit
        self._tools = tools

    async def print(self, service: Service, sheet: Sheet) -> bool:
        """Print the guide and say how it went; true when it was printed."""
        if not sheet:
            raise ValueError("the guide is printed on a receipt or on A4")
        visit = self._visit
        work = self._on_a4(service) if sheet == "a4" else self._on_receipt(service)
        outcome = await visit.complete(lambda p: pages.guide_printed(p, GuidePrinted("printing", sheet)), work)
        done = isinstance(outcome, Done)
        body = {"service": service.id, "on": sheet, "cause": "" if isinstance(outcome, Done) else outcome.cause}
        await self._tools.journal.note(visit.id, "guide.printed" if done else "guide.not-printed", body)
        state = GuidePrinted("done" if done else "failed", sheet)
        await visit.ask(lambda p: pages.guide_printed(p, state), seconds=visit.manners.result_s)
        return done

    def _guide(self, service: Service) -> Guide:
        """The guide as it is, whether it can be started here or not."""
        always = Capability(self._tools.catalogue, {}, self._tools.money, Network())
        return guide_model(service, self._tools.catalogue, always, self._tools.settings, self._visit.language)

    async def _on_receipt(self, service: Service) -> Outcome[Any]:
        settings, language = self._tools.settings, self._visit.language
        guide = self._guide(service)
        terminal = settings.terminal
        rows = rows_of(guide, language)
        short = [f"{label}\t{' '.join(words.split())[:MAX_VALUE]}" for label, words in _short(rows, language)]
        values = {
            "service": guide.service.name,
            "rows": "\n".join(short)[:MAX_LIST],
            "missing": "\n".join(guide.materials)[:MAX_LIST],
            "terminal": terminal.id,
            "hall": terminal.hall_zh if language == "zh" else terminal.hall_en,
            "time": self._tools.clock.now().isoformat(timespec="seconds"),
            "help_phone": terminal.help_phone,
        }
        try:
            document = compose("service-guide", values, simulated=settings.simulated, language=language)
            return await self._tools.receipt_printer.print_document(document, deadline_s=RECEIPT_S)
        except DeviceError as error:
            return Refused(error.cause, str(error), error.code, error.again)
        except ReceiptError as error:
            return Refused("not-printable", str(error))

    async def _on_a4(self, service: Service) -> Outcome[Any]:
        settings, language = self._tools.settings, self._visit.language
        terminal, now = settings.terminal, self._tools.clock.now()
        hall = terminal.hall_zh if language == "zh" else terminal.hall_en
        foot = f"{hall} · {terminal.id} · {now:%Y-%m-%d %H:%M} · {terminal.help_phone}"
        guide = self._guide(service)
        loop = asyncio.get_running_loop()

        async def on_job(job: object) -> None:
            """Nothing to write down: another sheet can always be printed."""

        try:
            pdf, count = await loop.run_in_executor(
                None, lambda: typeset(guide, language, foot, simulated=settings.simulated)
            )
            name = f"guide-{secrets.token_hex(6)}"
            await self._tools.licence_printer.check(count)
            return await self._tools.licence_printer.print_pdf(pdf, name, pages=count, on_job=on_job, deadline_s=A4_S)
        except DeviceError as error:
            return Refused(error.cause, str(error), error.code, error.again)
        except SheetError as error:
            return Refused("not-printable", str(error))


def _short(rows: list[tuple[str, str]], language: str) -> list[tuple[str, str]]:
    """All elements but the materials, which are a list of their own on the paper."""
    materials = texts(language).t("guide.materials")
    return [row for row in rows if row[0] != materials]
