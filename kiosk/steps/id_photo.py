"""The photo for a licence: taken by itself when everything is right by the document's rule, agreed to by the citizen.

It is kept in the vault under `photo` (the JPEG, exactly as the rule says) and dies with the visit.
"""

from __future__ import annotations

import asyncio
import hashlib
from typing import TYPE_CHECKING

from config.id_photos import PhotoRule, photo_rules
from drivers.camera.id_photo import developed, faults_of, quality
from drivers.errors import DeviceError
from kiosk.materials import papers
from kiosk.steps.previewed import PREVIEW_SIZE, previewed
from kiosk.visits.case import Case, Move, Stop
from screens import pages
from screens.models import NotDone, PhotoGuide, PhotoTaking, Place
from screens.screen import Reply, Screen, Tone

if TYPE_CHECKING:
    from drivers.camera.grabber import Frame

BURST = 5
STEADY = 2
"""Good pictures running before the burst."""
FRAME_S = 3.0
STAYS_S = 2.0
"""What is to be mended stays as long as it takes to hear it, though the next picture lacks something else."""
STILL_S = 0.5


async def photo(case: Case) -> Move:
    """Take the photo. Already taken in this visit: straight on."""
    visit = case.visit
    visit.at("fill")
    rule = photo_rules()[case.service.photo or ""]
    if visit.vault.get("photo") is not None or not papers.wants_photo(case):
        return "next"
    reply = await visit.ask(lambda p: pages.photo_guide(p, _guide(rule, p)), seconds=visit.manners.form_s)
    while reply.key in ("take", "again"):
        taking = _Taking(case, rule)
        try:
            jpeg = await visit.during(taking.page, taking.jpeg(), seconds=visit.manners.card_s)
            if isinstance(jpeg, Reply):
                reply = jpeg
                break
            reply = await _agreed(case, rule, jpeg)
        finally:
            visit.display.preview(None, 0, 0)
            case.tools.camera.wipe()
        if reply.key == "accept":
            visit.vault.put("photo", jpeg)
            digest = case.tools.key.digest("photo", hashlib.sha256(jpeg).hexdigest())
            await case.tools.journal.note(visit.id, "photo.taken", {"rule": rule.key, "photo": digest})
            return "next"
    if reply.key == "elsewhere":
        raise Stop(NotDone("photo-elsewhere", can_retry=True, elsewhere=case.elsewhere()))
    return "back"


def _guide(rule: PhotoRule, place: Place) -> PhotoGuide:
    return PhotoGuide(rule.name.get(place.language), rule.width_mm, rule.height_mm)


async def _agreed(case: Case, rule: PhotoRule, jpeg: bytes) -> Reply:
    """Show the finished photo until the citizen says what becomes of it."""
    visit = case.visit
    still = await asyncio.to_thread(_shown, jpeg)

    async def show() -> None:
        while True:
            visit.display.preview(still, *PREVIEW_SIZE)
            await asyncio.sleep(STILL_S)

    reply = await visit.during(
        lambda p: pages.photo_review(p, PhotoTaking(rule.name.get(p.language))), show(), seconds=visit.manners.form_s
    )
    assert isinstance(reply, Reply)  # `show` never ends by itself
    return reply


def _shown(jpeg: bytes) -> bytes:
    """RGB rows of `PREVIEW_SIZE`: the photo as large as it fits, on light grey."""
    import cv2
    import numpy as np

    width, height = PREVIEW_SIZE
    photo = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert photo is not None
    scale = min((width - 40) / photo.shape[1], (height - 40) / photo.shape[0])
    sized = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    ground = np.full((height, width, 3), 205, np.uint8)
    top, left = (height - sized.shape[0]) // 2, (width - sized.shape[1]) // 2
    ground[top : top + sized.shape[0], left : left + sized.shape[1]] = sized
    rows = np.ascontiguousarray(ground[:, :, ::-1]).tobytes()
    for array in (photo, sized, ground):
        array.fill(0)
    return rows


class _Taking:
    """The camera at work behind the page."""

    def __init__(self, case: Case, rule: PhotoRule) -> None:
        self.case = case
        self.rule = rule
        self.guidance, self.tone = "look", "info"
        self.since = 0.0

    def page(self, place: Place) -> Screen:
        tone: Tone = "attention" if self.tone == "attention" else "done" if self.tone == "done" else "info"
        return pages.photo(place, PhotoTaking(self.rule.name.get(place.language), self.guidance, tone))

    def now(self, guidance: str, tone: str = "attention") -> None:
        now = self.case.tools.clock.monotonic()
        if tone == self.tone == "attention" and now - self.since < STAYS_S:
            return
        if (guidance, tone) != (self.guidance, self.tone):
            self.guidance, self.tone, self.since = guidance, tone, now
            self.case.visit.refresh()

    async def jpeg(self) -> bytes:
        """The photo. Raises `Stop` when camera or face process fail."""
        try:
            return await previewed(self.case, self.case.tools.camera, self._taken())
        except* DeviceError as errors:
            elsewhere = self.case.elsewhere()
            raise Stop(NotDone("photo-elsewhere", can_retry=True, elsewhere=elsewhere)) from errors

    async def _taken(self) -> bytes:
        steady = 0
        while True:
            fault = await self._fault()
            steady = 0 if fault else steady + 1
            if fault:
                self.now(fault)
                continue
            self.now("hold", "done")
            if steady >= STEADY:
                steady = 0
                jpeg = await self._burst()
                if jpeg is not None:
                    return jpeg

    async def _fault(self) -> str:
        """What is to be mended first in the newest picture; "" when nothing is."""
        frames = await self.case.tools.camera.frames(1, within_s=FRAME_S)
        try:
            seen = (await self.case.tools.faces.measure(frames))[0]
        finally:
            _wipe(frames)
        faults = faults_of(seen, self.rule)
        return faults[0] if faults else ""

    async def _burst(self) -> bytes | None:
        """The best of several pictures as photo; None when none of them is good enough, or it is somebody else's."""
        tools = self.case.tools
        frames = await tools.camera.frames(BURST, within_s=FRAME_S)
        try:
            self.now("checking", "done")
            measures = await tools.faces.measure(frames)
            good = [i for i, seen in enumerate(measures) if not faults_of(seen, self.rule)]
            if not good:
                self.now(next(iter(faults_of(measures[-1], self.rule)), "look"))
                return None
            best = max(good, key=lambda i: quality(measures[i]))
            if not await self._is_the_holder(frames[best]):
                self.now("not-you")
                return None
            return await asyncio.to_thread(developed, frames[best].pixels, measures[best], self.rule)
        finally:
            _wipe(frames)

    async def _is_the_holder(self, frame: Frame) -> bool:
        """Where a comparison of faces was agreed to in this visit: the photo does not show somebody else."""
        vault = self.case.visit.vault
        if vault.get("live") != "face" or vault.get("portrait") is None:
            return True
        verdict = await self.case.tools.faces.compare(vault.get("portrait"), [frame], covered_too=True)
        await self.case.tools.journal.note(
            self.case.visit.id, "photo.compared", {"band": verdict.band, "score": round(verdict.score, 3)}
        )
        return verdict.guidance == "ok" and verdict.band != "refuse"


def _wipe(frames: list[Frame]) -> None:
    for frame in frames:
        frame.wipe()
