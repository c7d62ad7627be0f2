"""Scanning: each material of the service that is laid on the desk, page by page; then what it says against the card.

The page is looked for all the time and its outline shown; the sheet is made when the citizen says so. A flaw is
answered with the one thing to do about it. What was made is shown before it is kept. A difference from the card is
never accepted here: the citizen can scan again, or hand it in as it is for a clerk to see.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from config.documents import DocumentKind, document_kind
from config.service import Material
from drivers.camera.desk_view import desk_view, sheet_strip, shrunk
from drivers.camera.documents import NotScanned, Outline, Scanned
from drivers.camera.grabber import Frame
from drivers.errors import DeviceError
from drivers.families import Seeing
from kiosk.identity.masks import mask_name, mask_number
from kiosk.materials import papers
from kiosk.materials.document_check import Verdict, compare_holder, compare_zone
from kiosk.materials.scanned import MaterialSheet, TooMany
from kiosk.steps.previewed import PREVIEW_SIZE
from kiosk.visits.case import Case, Move, Stop
from screens import pages
from screens.models import Known, NotDone, Place, ScanKept, ScanPage, ScanRead, Working
from screens.screen import Reply, Screen, Tone

PREVIEW_HZ = 8
FIND_EVERY = 3  # of the previews: the page is looked for 2.7 times a second
FIND_SIDE = 720
CAPTURE_S = 3.0


async def scan(case: Case) -> Move:
    """Every material that is scanned here. Already scanned, in this journey or for a kept draft: straight on."""
    case.visit.at("fill")
    wanted = [i for i, m in enumerate(case.service.materials) if m.document]
    for number in wanted:
        each = papers.of_material(case, number)
        if papers.there(case, number) or (each is not None and each.state != "scan") or _of_nobody(case, number):
            continue
        if await scan_material(case, number) == "back":
            return "back"
    return "next"


def _of_nobody(case: Case, number: int) -> bool:
    """Asked only of agents, and nobody acts for another here."""
    return case.service.materials[number].when == "agent" and not papers.acting(case)


async def scan_material(case: Case, number: int) -> Move:
    """All pages of one material; they are on their way to the platform when it ends."""
    move = await Scanning(case, number, case.service.materials[number]).material_done()
    if move == "next" and case.session:
        papers.send(case)
    return move


class Scanning:
    """One material on the desk."""

    def __init__(self, case: Case, number: int, material: Material) -> None:
        assert material.document is not None
        self.case = case
        self.number = number
        self.material = material
        self.kind: DocumentKind = document_kind(material.document)
        self.model = ScanPage("", "", 1, 0)
        self._outline: Outline | None = None

    @property
    def pages_wanted(self) -> int:
        """How many pages there are at most: both sides, or as many as the item allows."""
        return len(self.kind.sides) or self.material.pages

    @property
    def taken(self) -> tuple[MaterialSheet, ...]:
        """What is kept of this material."""
        return self.case.materials.sheets(self.number)

    async def material_done(self) -> Move:
        """Pages until the citizen has them all and they are checked."""
        while True:
            if await self._pages() == "back":
                return "back"
            check = await self._read()
            if check == "again":
                self._forget()
                continue
            return "next"

    def _forget(self) -> None:
        while self.taken:
            self.case.materials.drop_last(self.number)

    async def _pages(self) -> Move:
        while True:
            if await self._take() == "back":
                self._forget()
                return "back"
            reply = await self._show_kept()
            if reply.key == "retake":
                self.case.materials.drop_last(self.number)
            elif reply.key == "back":
                self._forget()
                return "back"
            elif reply.key == "done" or len(self.taken) >= self.pages_wanted:
                return "next"

    async def _take(self) -> Move:
        """One page kept."""
        visit = self.case.visit
        self.model = self._page_model()
        try:
            while True:
                reply = await visit.during(self.page, self._watch(), seconds=visit.manners.form_s)
                if not isinstance(reply, Reply) or reply.key == "back":
                    return "back"
                if reply.key != "capture":
                    continue
                made = await visit.complete(lambda p: pages.working(p, Working("scanning")), self._capture())
                if isinstance(made, Scanned):
                    await self._keep(made)
                    return "next"
                self.model = replace(self.model, guidance=f"flaw.{made.reason}", tone="attention")
        finally:
            visit.display.preview(None, 0, 0)
            self._camera.wipe()

    @property
    def _camera(self) -> Seeing:
        """The camera over the desk, or the only one."""
        return self.case.tools.document_camera or self.case.tools.camera

    def _page_model(self) -> ScanPage:
        language = self.case.visit.language
        page = len(self.taken) + 1
        side = self.kind.sides[page - 1].get(language) if page <= len(self.kind.sides) else ""
        return ScanPage(self.material.name.get(language), side, page, len(self.kind.sides))

    def page(self, place: Place) -> Screen:
        """The live page; names in the language of the moment."""
        named = self._page_model()
        self.model = replace(self.model, document=named.document, side=named.side)
        return pages.scan_page(place, self.model)

    def _now(self, guidance: str, tone: Tone) -> None:
        if self.model.guidance.startswith("flaw.") and guidance == "ready":
            return  # the reason stays until something changes
        model = replace(self.model, guidance=guidance, tone=tone)
        if model != self.model:
            self.model = model
            self.case.visit.refresh()

    async def _watch(self) -> None:
        """The live picture with the outline, and what to do. Ends only by being cancelled; raises `Stop`."""
        loop = asyncio.get_running_loop()
        finding: asyncio.Task[Outline | None] | None = None
        turn = 0
        try:
            while True:
                frame = self._camera.latest()
                if frame is not None:
                    if finding is None and turn % FIND_EVERY == 0:
                        again = self._camera.latest()
                        if again is not None:
                            finding = asyncio.ensure_future(self._find(again))
                    corners = self._outline.corners if self._outline else ()
                    view = await loop.run_in_executor(None, desk_view, frame, PREVIEW_SIZE, corners)
                    self.case.visit.display.preview(view, *PREVIEW_SIZE)
                elif not self._camera.status.usable:
                    raise Stop(NotDone("camera-fault"))
                if finding is not None and finding.done():
                    self._found(finding)
                    finding = None
                turn += 1
                await asyncio.sleep(1 / PREVIEW_HZ)
        finally:
            if finding is not None:
                finding.cancel()
                await asyncio.gather(finding, return_exceptions=True)

    async def _find(self, frame: Frame) -> Outline | None:
        picture = await asyncio.get_running_loop().run_in_executor(None, shrunk, frame, FIND_SIDE)
        try:
            return await self.case.tools.documents.find(picture)
        finally:
            picture.wipe()

    def _found(self, finding: asyncio.Task[Outline | None]) -> None:
        try:
            self._outline = finding.result()
        except DeviceError:
            self._outline = None  # the next capture says whether the process is well
        if self._outline is None:
            self._now("place", "info")
        elif self._outline.touches:
            self._now("flaw.crop", "attention")
        else:
            self._now("ready", "done")

    async def _capture(self) -> Scanned | NotScanned:
        """A fresh picture, and its sheet. Raises `Stop` when camera or process fail twice."""
        for last in (False, True):
            frames: list[Frame] = []
            try:
                frames = await self._camera.frames(1, within_s=CAPTURE_S)
                return await self.case.tools.documents.capture(frames[0], self.kind.key)
            except DeviceError as error:
                if last:
                    raise Stop(NotDone("camera-fault", can_retry=True)) from error
            finally:
                for frame in frames:
                    frame.wipe()
        raise AssertionError("unreachable")

    async def _keep(self, scan: Scanned) -> None:
        try:
            sheet = self.case.materials.keep(self.number, scan)
        except TooMany as error:
            raise Stop(NotDone("too-many-pages")) from error
        body = {"material": self.number, "kind": sheet.kind, "page": sheet.page, "digest": sheet.digest}
        await self.case.tools.journal.note(self.case.visit.id, "material.scanned", body)

    async def _show_kept(self) -> Reply:
        """The sheets so far. Replies: retake, more, done."""
        visit = self.case.visit
        count = len(self.taken)
        more = count < self.pages_wanted
        sides = len(self.kind.sides)
        model = ScanKept(
            self.material.name.get(visit.language), count, sides, more=more, can_finish=not sides or count >= sides
        )
        strip = sheet_strip(self.case.materials.thumbs(self.number), PREVIEW_SIZE)
        visit.display.preview(strip, *PREVIEW_SIZE)
        try:
            return await visit.ask(lambda p: pages.scan_kept(p, model), seconds=visit.manners.form_s)
        finally:
            visit.display.preview(None, 0, 0)

    async def _read(self) -> str:
        """Compare with the card where the kind says so; `again` when the citizen wants to scan anew."""
        if not self.kind.reads:
            return "done"
        visit = self.case.visit
        working = Working("reading")
        verdict, rows = await visit.complete(lambda p: pages.working(p, working), self._compared())
        model = ScanRead(self.material.name.get(visit.language), rows, verdict)
        reply = await visit.ask(lambda p: pages.scan_read(p, model), seconds=visit.manners.form_s)
        if reply.key != "confirm":
            return "again"
        self.case.materials.checked(self.number, verdict)
        body = {"material": self.number, "verdict": verdict}
        await self.case.tools.journal.note(visit.id, "material.checked", body)
        return "done"

    async def _compared(self) -> tuple[Verdict, tuple[Known, ...]]:
        tools, case = self.case.tools, self.case
        sheets = [case.materials.jpeg(sheet) for sheet in self.taken]
        try:
            if self.kind.reads == "mrz":
                return await self._zone(sheets)
            lines = [line.text for jpeg in sheets for line in await tools.texts.read_text(jpeg)]
        except DeviceError:
            return "unread", ()
        finally:
            await tools.texts.close()  # 0.3 GB that nobody needs now
        compared = compare_holder(lines, case.card.name, case.card.number)
        rows = (
            Known(case.say("form.name"), mask_name(case.card.name), "card"),
            Known(case.say("form.number"), mask_number(case.card.number), "card"),
        )
        return compared.overall, rows

    async def _zone(self, sheets: list[bytes]) -> tuple[Verdict, tuple[Known, ...]]:
        today = self.case.tools.clock.platform_now().date()
        for jpeg in sheets:
            reading = await self.case.tools.texts.read_mrz(jpeg, today)
            if reading is None:
                continue
            fits = reading.layout == self.kind.layout and (not self.kind.codes or reading.code in self.kind.codes)
            verdict: Verdict = compare_zone(reading, "") if fits else "other"
            name = " ".join((reading.surname, reading.given)).strip()
            rows = [
                Known(self.case.say("scan.row.name"), mask_name(name) if name else "—"),
                Known(self.case.say("scan.row.number"), mask_number(reading.number)),
            ]
            if reading.expiry:
                rows.append(Known(self.case.say("scan.row.expiry"), reading.expiry.isoformat()))
            return verdict, tuple(rows)
        return "unread", ()
