"""Hints that a person stands before the camera: a few things to do, in random order (`drivers.camera.liveness`).

They come after the comparison passed and before it counts. Not seen in time: the equal other way, no refusal. On
record are which were asked for and how many were seen; it is called a hint there too.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from typing import TYPE_CHECKING

from drivers.camera.liveness import Watch, drawn
from kiosk.visits.case import Case
from screens.models import FaceChallenge

if TYPE_CHECKING:
    from drivers.camera.grabber import Frame

CHALLENGE_S = 15.0
"""For one thing to do; twice as long in elder mode."""
FRAME_S = 2.0
SAID_S = 0.8


def challenges_of(case: Case) -> int:
    """How many this item asks for on this terminal."""
    own = case.service.face_challenges
    return case.tools.settings.face.challenges if own is None else own


class Challenges:
    """Asks for them, one after the other. `model` is what the page shows, None before the first."""

    def __init__(self, case: Case, chance: random.Random | None = None) -> None:
        self.case = case
        self.model: FaceChallenge | None = None
        self._chance = chance or random.SystemRandom()

    async def all_seen(self, person: Frame) -> bool:
        """Whether `person` (the picture that was compared) did all that was asked for. Raises `DeviceError`."""
        case = self.case
        asked = drawn(challenges_of(case), eyes=case.tools.faces.eyes, chance=self._chance)
        seen = 0
        for number, challenge in enumerate(asked, 1):
            self._now(FaceChallenge(challenge, "front", number, len(asked)))
            if not await self._seen(Watch(challenge, case.tools.faces.retake_at), person):
                break
            seen += 1
        await case.tools.journal.note(case.visit.id, "face.hints", {"asked": list(asked), "seen": seen})
        return seen == len(asked)

    async def _seen(self, watch: Watch, person: Frame) -> bool:
        """Follow one challenge until it is done, a stranger stands there, or the time is up."""
        tools = self.case.tools
        try:
            async with asyncio.timeout(CHALLENGE_S * self.case.visit.patience):
                while watch.step not in ("done", "stranger"):
                    frames = await tools.camera.frames(1, within_s=FRAME_S)
                    glimpses = await tools.faces.watch(person, frames)
                    for frame in frames:
                        frame.wipe()
                    for glimpse in glimpses:
                        watch.see(glimpse)
                    assert self.model is not None
                    self._now(replace(self.model, step=watch.step))
                if watch.step == "done":
                    await asyncio.sleep(SAID_S)
        except TimeoutError:
            return False
        return watch.step == "done"

    def _now(self, model: FaceChallenge) -> None:
        if model != self.model:
            self.model = model
            self.case.visit.refresh()
