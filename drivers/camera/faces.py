"""Faces: compared, watched and measured in a process of their own (`drivers.camera.worker`), which stays until `close`.

Nothing of OpenCV is loaded on this side. What comes back is checked before it is believed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from drivers.camera.face_rules import RETAKE, Band, Guidance
from drivers.camera.face_wire import (
    Asked,
    Box,
    parse_boxes,
    parse_glimpses,
    parse_measures,
    parse_verdict,
    request_head,
)
from drivers.camera.frames import Picture
from drivers.camera.id_photo import PhotoMeasures
from drivers.camera.liveness import Glimpse
from drivers.camera.worker import START_S, Worker
from drivers.camera.worker_wire import WireError
from drivers.errors import DeviceFault, MediaUnreadable, ProtocolError

if TYPE_CHECKING:
    from numpy import uint8
    from numpy.typing import NDArray

    from drivers.camera.grabber import Frame

WORKER = (sys.executable, "-m", "drivers.camera.face_worker")
COMPARE_S = 4.0

T = TypeVar("T")

Look: TypeAlias = "Picture | Frame | NDArray[uint8]"
"""A picture in any of the forms in which the terminal has one; an array is height x width x BGR."""


@dataclass(frozen=True, slots=True)
class FaceVerdict:
    """What leaves the comparison. `score`: cosine (-1 to 1). `guidance`: `ok` when the score counts, else what to
    say next (look, one-person, closer, further, light, mask, sunglasses: keys of the texts), and the band is `retake`.

    `faces_found`: most people seen in one picture. `turn`: how far the head turned over the pictures, in eye
    distances; a hint that a person stood there, no proof against an attack. `best`: the picture that scored, -1: none.
    """

    score: float
    band: Band
    faces_found: int
    model: str
    guidance: Guidance
    turn: float
    best: int = -1


class FaceEngine:
    """Looks at faces in the process `worker`. `matcher`: which one compares (`drivers.camera.matching`)."""

    def __init__(
        self,
        *,
        deadline_s: float = COMPARE_S,
        start_s: float = START_S,
        matcher: str = "",
        worker: Sequence[str] = WORKER,
    ) -> None:
        command = (*worker, matcher) if matcher else tuple(worker)
        self.worker = Worker("face process", command, deadline_s=deadline_s, start_s=start_s, idle_s=None)

    @property
    def model(self) -> str:
        """Finder, matcher and nets, once started."""
        return self.worker.model

    @property
    def eyes(self) -> bool:
        """Once started: whether it sees eyes shut and measures photos (the finer nets are installed)."""
        return self.worker.hello.get("eyes") is True

    @property
    def retake_at(self) -> float:
        """The matcher's score under which two pictures show different people."""
        said = self.worker.hello.get("retake_at", RETAKE)
        return float(said) if isinstance(said, int | float) else RETAKE

    async def start(self) -> None:
        """Start the process if it does not run; returns when its nets are loaded. Raises `DeviceError`."""
        await self.worker.start()

    async def compare(self, portrait: Look, frames: Sequence[Look], *, covered_too: bool = False) -> FaceVerdict:
        """Compare `portrait` with one try of 1 to 8 `frames`. The pictures stay the caller's to wipe.

        `covered_too`: what seems to be a mask or dark glasses does not keep the score from counting.
        Raises `MediaUnreadable` for a portrait without one clear face, `NoAnswer` past the deadline, `LinkLost` when
        the process died, `DeviceFault` when it cannot start, and `ValueError` for too many or too large pictures.
        """
        verdict = await self._see("compare", [portrait, *frames], parse_verdict, covered_too=covered_too)
        return FaceVerdict(
            verdict.score, verdict.band, verdict.faces, self.model, verdict.guidance, verdict.turn, verdict.best
        )

    async def watch(self, person: Look, frames: Sequence[Look]) -> list[Glimpse]:
        """What 1 to 8 `frames` show of `person`, a picture that was compared; for `liveness.Watch`. Raises as above."""
        return await self._see("watch", [person, *frames], parse_glimpses)

    async def find(self, frames: Sequence[Look]) -> list[Box | None]:
        """Where the largest face of each of 1 to 9 `frames` is, None: there is none. Raises as `compare`."""
        return await self._see("find", list(frames), parse_boxes)

    async def measure(self, frames: Sequence[Look]) -> list[PhotoMeasures]:
        """The measures of 1 to 9 `frames` for an ID photo. Raises as above; `DeviceFault` without the finer nets."""
        return await self._see("measure", list(frames), parse_measures)

    async def _see(
        self, asked: Asked, looks: Sequence[Look], parse: Callable[[dict[str, Any]], T], *, covered_too: bool = False
    ) -> T:
        pictures = [look if isinstance(look, Picture) else Picture.of(getattr(look, "pixels", look)) for look in looks]
        try:
            head = request_head(asked, pictures, covered_too=covered_too)
            answer, body = await self.worker.ask(head, [picture.bgr for picture in pictures])
        finally:
            for look, picture in zip(looks, pictures, strict=True):
                if look is not picture:
                    picture.wipe()
        if answer.get("error") == "weights":
            raise DeviceFault(f"face process: {answer.get('sentence', '')}", code="weights")
        if "error" in answer:
            raise MediaUnreadable("the portrait shows no single clear face; offer the other way to identify")
        try:
            return parse({} if body else answer)  # an answer has no body; one that has is nonsense
        except WireError as error:
            await self.worker.close()
            raise ProtocolError(f"face process: {error}; it was ended and starts anew") from None

    async def close(self) -> None:
        """End the process; never raises, may be called twice."""
        await self.worker.close()
