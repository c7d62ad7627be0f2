"""Copies of what lies on the desk: scan, then print on plain paper or send to the citizen's phone; nothing stays.

The money, where copying costs something, was taken before; it counts as earned with the first thing that came out, and
goes back when nothing did. A copy is not a controlled document: it needs no permission and leaves no picture anywhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Final

from config.documents import document_kind
from config.service import Material
from drivers.errors import DeviceError
from drivers.licence_printer.reports import JobRef
from drivers.outcome import Done
from kiosk.money.charging import new_id
from kiosk.platform.counters import ScanLink
from kiosk.platform.errors import PlatformError
from kiosk.printing.copies import CopyError, CopySheet, copy_pdf
from kiosk.steps.scan import Scanning
from kiosk.visits.case import Case, Move, Stop
from screens import pages
from screens.models import CopyOffer, NotDone, PhoneLink, Place, Working
from screens.screen import Screen

KINDS: Final[Mapping[str, str]] = {"WH-GN-016": "id-card"}
"""What is copied, by item, where it is not A4 paper."""
MAX_PAGES = 20
MAX_FAILURES = 3
PRINT_S = 180.0


class _Copied(Scanning):
    """A sheet that is only copied: nobody is compared with it."""

    async def _read(self) -> str:
        return "done"


async def copy(case: Case) -> Move:
    """Scan every page, then print or send until the citizen has what was wanted. Raises `Stop`."""
    case.visit.at("fulfil")
    number, material = _wanted(case)
    if not case.materials.sheets(number) and await _Copied(case, number, material).material_done() == "back":
        return "back"
    return await _Copies(case, number, material).until_done()


def _wanted(case: Case) -> tuple[int, Material]:
    """The material that is copied: which kind of sheet, and how many of it."""
    kind = KINDS.get(case.service.id, "a4")
    named = case.service.materials[0] if case.service.materials else None
    count = max(1, min(int(case.form.get("pages") or 1), MAX_PAGES))
    name = named.name if named else document_kind(kind).name
    return 0, Material(name=name, sources=("scan",), pages=count, document=kind)


class _Copies:
    """The scanned sheets, and what was done with them."""

    def __init__(self, case: Case, number: int, material: Material) -> None:
        assert material.document is not None
        self.case = case
        self.size_mm = document_kind(material.document).size_mm
        self.sheets = case.materials.sheets(number)
        self.copies = max(1, min(int(case.form.get("copies") or 1), 9))
        self.made = 0
        self.sent = False
        self.failures = 0
        self.told = ""

    async def until_done(self) -> Move:
        """Print, send, or both."""
        visit = self.case.visit
        pdf, count = await visit.complete(lambda p: pages.working(p, Working("scanning")), self._pdf())
        while True:
            reply = await visit.ask(partial(self._offer), seconds=visit.manners.form_s)
            if reply.key == "print" and self.made < self.copies:
                done = await visit.complete(lambda p: pages.working(p, Working("printing")), self._print(pdf, count))
                await self._counted(done, "copy.not-printed")
            elif reply.key == "send" and not self.sent:
                link = await visit.complete(lambda p: pages.working(p, Working("scan-sending")), self._send(pdf))
                await self._counted(link is not None, "copy.not-sent")
                if link is not None:
                    self.sent = True
                    await self._shown(link)
            elif reply.key == "continue" and (self.made or self.sent):
                return "next"
            elif reply.key == "back" and not (self.made or self.sent):
                return "back"

    def _offer(self, place: Place) -> Screen:
        case = self.case
        model = CopyOffer(
            case.service.name.get(place.language),
            len(self.sheets),
            self.copies - self.made,
            case.tools.outbox.online,
            printed=self.made >= self.copies,
            sent=self.sent,
        )
        return pages.copy_offer(place, model, self.told)

    async def _pdf(self) -> tuple[bytes, int]:
        case = self.case
        sheets = [CopySheet(case.materials.jpeg(sheet), self.size_mm) for sheet in self.sheets]
        purpose = case.form.get("watermark", "").strip()
        mark = case.say("copy.watermark", purpose=purpose) if purpose else ""
        simulated = case.tools.settings.simulated
        try:
            return await asyncio.to_thread(partial(copy_pdf, sheets, mark=mark[:40], simulated=simulated))
        except CopyError as error:
            await case.tools.journal.note(case.visit.id, "copy.failed", {"cause": "not-settable"})
            raise await self._stopped() from error

    async def _print(self, pdf: bytes, count: int) -> bool:
        """The copies that are still missing, each a job of its own; false as soon as one does not come out."""
        case = self.case
        while self.made < self.copies:
            try:
                outcome = await case.tools.licence_printer.print_pdf(
                    pdf, new_id("cpy"), pages=count, on_job=_begun, deadline_s=PRINT_S
                )
            except DeviceError as error:
                await case.tools.journal.note(case.visit.id, "copy.failed", {"cause": error.cause})
                return False
            if not isinstance(outcome, Done):
                await case.tools.journal.note(case.visit.id, "copy.failed", {"cause": outcome.cause})
                return False
            self.made += 1
            await case.tools.journal.note(case.visit.id, "copy.printed", {"pages": count, "copy": self.made})
        return True

    async def _send(self, pdf: bytes) -> ScanLink | None:
        """The link for the phone; None when it could not be made."""
        case = self.case
        try:
            link = await case.tools.platform.counters.share_scan(new_id("shr"), pdf)
        except (PlatformError, ValueError) as error:
            await case.tools.journal.note(case.visit.id, "copy.failed", {"cause": type(error).__name__})
            return None
        await case.tools.journal.note(case.visit.id, "copy.sent", {"bytes": len(pdf)})
        return link

    async def _shown(self, link: ScanLink) -> None:
        visit = self.case.visit
        zone = self.case.tools.clock.platform_now().tzinfo
        model = PhoneLink(link.url, f"{link.expires_at.astimezone(zone):%H:%M}")
        await visit.ask(lambda p: pages.phone_link(p, model), seconds=visit.manners.result_s)

    async def _counted(self, done: bool, told: str) -> None:
        """Earned with the first success; three failures without one give the money back and end it."""
        if done:
            self.told = ""
            if self.case.charge:
                await self.case.tools.money.serve(self.case.charge.intent)
            return
        self.told = told
        self.failures += 1
        if self.failures >= MAX_FAILURES and not (self.made or self.sent):
            raise await self._stopped()

    async def _stopped(self) -> Stop:
        """How the journey ends without a copy: the money, if any, goes back first."""
        case = self.case
        elsewhere = case.elsewhere()
        if case.charge is None:
            return Stop(NotDone("copy-failed", elsewhere=elsewhere))
        back = await case.tools.money.give_back(case.charge.intent)
        reference = case.charge.intent[-8:].upper()
        return Stop(NotDone("copy-failed", "refunded" if back else "owed", reference, elsewhere=elsewhere))


async def _begun(ref: JobRef) -> None:
    """A copy is asked about by nobody after a crash: its job needs no record."""
    del ref
