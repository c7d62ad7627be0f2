"""Card and live person: the face against the chip's portrait, on this machine; the equal other way is one touch away.

Where settings or item ask for it, hints that a person stands there follow (`kiosk.steps.challenge`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from config.consents import consent_texts
from drivers.camera.faces import FaceVerdict
from drivers.errors import DeviceError
from drivers.id_card.portrait import Pixels
from kiosk.identity.consenting import grant, refused
from kiosk.identity.person import present
from kiosk.money.charging import new_id
from kiosk.platform.errors import PlatformError
from kiosk.steps.challenge import Challenges, challenges_of
from kiosk.steps.previewed import previewed
from kiosk.visits.case import Case
from screens import pages
from screens.models import Consent, Face, NotDone, Place, Working
from screens.screen import Reply, Screen

if TYPE_CHECKING:
    from drivers.camera.grabber import Frame

TRIES = 3
FRAMES = 4
COVERED_LOOKS = 4
"""How often a mask or dark glasses are pointed out in one try; then the comparison counts all the same."""
Way = Literal["done", "back", "match"]


async def by_face(case: Case) -> Way:
    """Prove that the card's holder stands here. `match`: the citizen takes the phone instead."""
    visit = case.visit
    model = Consent(case.service.name.get(visit.language), (), consent_texts()["face"].version, face=True)
    while True:
        if not case.consent_for("face"):
            reply = await visit.ask(lambda p: pages.consent(p, model), seconds=visit.manners.form_s)
            if reply.key != "agree":
                await refused(case, ("face",))
                return "back" if reply.key == "back" else "match"
            await visit.during(lambda p: pages.working(p, Working("querying")), grant(case, "face"))
            if not case.consent_for("face"):
                return "back"
        look = _Look(case)
        try:
            result = await visit.during(look.page, look.compare(), seconds=visit.manners.card_s)
        finally:
            visit.display.preview(None, 0, 0)
            case.tools.camera.wipe()
        if isinstance(result, Reply):
            return "match" if result.key == "other-way" else "back"
        if result is None:
            return "done"
        reply = await visit.ask(partial(_not_done, result), seconds=visit.manners.result_s)
        if reply.key == "other-way":
            return "match"
        if reply.key != "again":
            return "back"


def _not_done(model: NotDone, place: Place) -> Screen:
    return pages.not_done(place, model)


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
        return await previewed(self.case, self.case.tools.camera, self._tries())

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
                    "consent": self.case.consent_for("face"),
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
            person = await present(self.case)
            if not person.session:
                person.proven("face", "A3", self.case.tools.clock.monotonic())
                self.case.visit.vault.put("live", "face")
                return None
            proof = await self.case.tools.platform.prove_face(
                self.case.session,
                new_id("prf"),
                score=verdict.score,
                verdict=verdict.band,
                model=verdict.model,
                consent=self.case.consent_for("face"),
            )
        except PlatformError:
            return NotDone("network", can_retry=True)
        person.proven("face", proof.level, self.case.tools.clock.monotonic(), proof.name_masked)
        self.case.visit.vault.put("live", "face")
        return None
