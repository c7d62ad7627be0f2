"""Card and live person: the face against the chip's portrait, on this machine; or the equal other way.

Where settings or item ask for it, hints that a person stands there follow (`kiosk.steps.challenge`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from drivers.camera.faces import FaceVerdict
from drivers.errors import DeviceError
from drivers.id_card.portrait import Pixels
from kiosk.case import Case, Move, Stop
from kiosk.money import new_id
from kiosk.platform.errors import PlatformError
from kiosk.steps.challenge import Challenges, challenges_of
from kiosk.steps.consent import TEXT_VERSION, record
from screens import pages
from screens.models import Consent, Face, NotDone, NumberMatch, Place, Working
from screens.screen import Reply, Screen

if TYPE_CHECKING:
    from drivers.camera.grabber import Frame

TRIES = 3
FRAMES = 4
COVERED_LOOKS = 4
"""How often a mask or dark glasses are pointed out in one try; then the comparison counts all the same."""
MATCH_POLL_S = 1.0
MATCH_POLLS = 300
PREVIEW_HZ = 12
PREVIEW_SIZE = (720, 540)


async def face(case: Case) -> Move:
    """Prove that the card's holder stands here. Already proven in this visit: straight on."""
    visit = case.visit
    visit.at("identify")
    if visit.vault.get("live"):
        return "next"
    model = Consent(case.service.name.get(visit.language), (), TEXT_VERSION, face=True)
    usable = case.tools.camera.status.usable and visit.vault.get("portrait") is not None
    key = "other-way"
    if usable:
        reply = await visit.ask(lambda p: pages.consent(p, model), seconds=visit.manners.form_s)
        key = reply.key
    if key == "back":
        return "back"
    if key != "agree":
        return await other_way(case)
    await visit.during(lambda p: pages.working(p, Working("querying")), record(case, "face", ["face"]))
    look = _Look(case)
    try:
        result = await visit.during(look.page, look.compare(), seconds=visit.manners.card_s)
    finally:
        visit.display.preview(None, 0, 0)
        case.tools.camera.wipe()
    if isinstance(result, Reply):
        return await other_way(case) if result.key == "other-way" else "back"
    if result is None:
        return "next"
    reply = await visit.ask(lambda p: pages.not_done(p, result), seconds=visit.manners.result_s)
    if reply.key == "other-way":
        return await other_way(case)
    if reply.key == "again":
        return await face(case)
    return "back"


class _Look:
    """The camera and the matcher at work behind the page."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.model = Face("look")
        self.challenges = Challenges(case)
        self._best: Frame | None = None

    def page(self, place: Place) -> Screen:
        if self.challenges.model is not None:
            return pages.face_challenge(place, self.challenges.model)
        return pages.face(place, self.model)

    def now(self, **changes: Any) -> None:
        model = replace(self.model, **changes)
        if model != self.model:
            self.model = model
            self.case.visit.refresh()

    async def compare(self) -> NotDone | None:
        """Look at most three times; None when it is the card's holder."""
        async with asyncio.TaskGroup() as group:
            preview = group.create_task(self._preview())
            try:
                return await self._tries()
            finally:
                preview.cancel()

    async def _preview(self) -> None:
        while True:
            picture = await self.case.tools.camera.preview(PREVIEW_SIZE)
            if picture is not None:
                self.case.visit.display.preview(picture, *PREVIEW_SIZE)
            await asyncio.sleep(1 / PREVIEW_HZ)

    async def _tries(self) -> NotDone | None:
        tools = self.case.tools
        portrait = self.case.visit.vault.get("portrait")
        for left in range(TRIES, 0, -1):
            self.now(guidance="look", tries_left=left, tone="info")
            verdict = await self._look_once(portrait)
            if verdict is None:
                return NotDone("camera-fault", other_way=True)
            await tools.journal.note(
                self.case.visit.id,
                "face.compared",
                {
                    "band": verdict.band,
                    "score": round(verdict.score, 3),
                    "model": verdict.model,
                    "consent": self.case.consents[-1],
                },
            )
            if verdict.band == "pass":
                self.now(guidance="checking", tone="done")
                if not await self._alive():
                    return NotDone("challenge-unseen", other_way=True)
                return await self._prove(verdict)
            self.now(guidance="look", retake=True, tone="attention")
        return NotDone("face-mismatch", other_way=True)

    async def _look_once(self, portrait: Pixels) -> FaceVerdict | None:
        """Frames until one can be judged; None when camera or matcher fails."""
        tools = self.case.tools
        covered = 0
        while True:
            try:
                frames = await tools.camera.frames(FRAMES, within_s=3.0)
                verdict = await tools.faces.compare(portrait, frames, covered_too=covered >= COVERED_LOOKS)
            except DeviceError:
                return None
            if verdict.guidance == "ok":
                self._keep_best(frames, verdict)
                return verdict
            covered += verdict.guidance in ("mask", "sunglasses")
            self.now(guidance=verdict.guidance, tone="attention")
            await asyncio.sleep(0.3)

    def _keep_best(self, frames: Sequence[Frame], verdict: FaceVerdict) -> None:
        """Keep the picture that was compared, for as long as challenges need it."""
        self._best = None
        if challenges_of(self.case) and 0 <= verdict.best < len(frames):
            self._best = frames[verdict.best]

    async def _alive(self) -> bool:
        """True when everything that was asked for was seen, or nothing is asked for here."""
        best, self._best = self._best, None
        if not challenges_of(self.case):
            return True
        try:
            return best is not None and await self.challenges.all_seen(best)
        except DeviceError:
            return False
        finally:
            if best is not None:
                best.wipe()

    async def _prove(self, verdict: FaceVerdict) -> NotDone | None:
        try:
            await self.case.tools.platform.prove_face(
                self.case.session,
                new_id("prf"),
                score=verdict.score,
                verdict=verdict.band,
                model=verdict.model,
                consent=self.case.consents[-1],
            )
        except PlatformError:
            return NotDone("network", can_retry=True)
        self.case.visit.vault.put("live", "face")
        return None


async def other_way(case: Case) -> Move:
    """The equal other way: the citizen confirms a number in the province's app on their own phone."""
    visit = case.visit
    platform = case.tools.platform
    try:
        match = await platform.start_app_match(case.session, new_id("apm"))
    except PlatformError as error:
        raise Stop(NotDone("network", can_retry=True)) from error

    async def answer() -> str:
        for _ in range(MATCH_POLLS):
            state = await platform.app_match(case.session, match.id)
            if state != "waiting":
                return state
            await asyncio.sleep(MATCH_POLL_S)
        return "expired"

    try:
        result = await visit.during(
            lambda p: pages.number_match(p, NumberMatch(match.number)), answer(), seconds=visit.manners.card_s
        )
    except PlatformError as error:
        raise Stop(NotDone("network", can_retry=True)) from error
    if isinstance(result, Reply):
        return "back"
    await case.tools.journal.note(visit.id, "app-match", {"answer": result})
    if result != "confirmed":
        raise Stop(NotDone("match-refused", can_retry=True))
    visit.vault.put("live", "app")
    return "next"
