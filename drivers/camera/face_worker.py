"""The face process: finds, compares, watches and measures faces. Started by `drivers.camera.faces`, over pipes.

    python -m drivers.camera.face_worker [MATCHER]

It is a process of its own so that a hang or a crash in native code costs a retake and not the terminal. Pixels and
templates stay in it and are zeroed after every answer; it writes no core dump. What compares is an entry point
(`drivers.camera.matching`); finding, guidance, hints and measures are the same for every matcher.
"""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from drivers.camera import face_finder, face_landmarks, matching
from drivers.camera.face_files import WeightsWrong
from drivers.camera.face_finder import PORTRAIT_LIMIT, Finder, view_of, yaw_of
from drivers.camera.face_landmarks import Landmarks
from drivers.camera.face_rules import View, guidance_for, judge
from drivers.camera.face_wire import LEAST, Box, box_of, checked_sizes, verdict_head
from drivers.camera.liveness import Glimpse
from drivers.camera.matching import FaceMatcher, UnknownMatcher, load_matcher
from drivers.camera.worker_child import Answer, Loaded, NotLoaded, run
from drivers.camera.worker_wire import WireError

if TYPE_CHECKING:
    from numpy import uint8
    from numpy.typing import NDArray

MEMORY_MIB = 4096
_ENLARGE = 3  # a chip portrait of 102 x 126 is found by YuNet only when enlarged
_SMALL = 240  # a portrait narrower than this is enlarged


class PortraitUnusable(ValueError):
    """No face, or several, in the portrait or in the picture that stands for the person."""


class Sight:
    """Everything loaded: the finder, the matcher, and the finer nets where their files are installed."""

    def __init__(self, matcher: FaceMatcher) -> None:
        import cv2

        self.finder = Finder()
        self.matcher = matcher
        matcher.open()
        self.landmarks: Landmarks | None = None
        self.without = ""
        try:
            self.landmarks = Landmarks()
        except WeightsWrong as error:
            self.without = str(error)
        parts = [face_finder.MODEL, matcher.model[:120], *([face_landmarks.MODEL] if self.landmarks else [])]
        self.model = "+".join(parts) + f"/opencv-{cv2.__version__}"

    def answer(self, asked: str, pictures: list[NDArray[uint8]], *, covered_too: bool = False) -> dict[str, Any]:
        """The answer to one request (`face_wire`). Raises `PortraitUnusable`, `WeightsWrong`."""
        if asked == "compare":
            return self.compare(pictures, covered_too=covered_too)
        if asked == "watch":
            return {"seen": [glimpse.as_head() for glimpse in self.watch(pictures)]}
        if asked == "find":
            return {"boxes": [self.find(picture) for picture in pictures]}
        return {"measures": [self.measure(picture) for picture in pictures]}

    def compare(self, pictures: list[NDArray[uint8]], *, covered_too: bool = False) -> dict[str, Any]:
        """The verdict on pictures 1 to n against portrait 0 (each height x width x BGR). Raises `PortraitUnusable`."""
        matcher = self.matcher
        templates = [self._portrait(pictures[0])]
        good: list[Any] = []
        views: list[View] = []
        try:
            for picture in pictures[1:]:
                faces = self.finder.faces(picture)
                view = view_of(picture, faces)
                if len(faces) == 1 and view.eyes_px >= 4:
                    templates.append(matcher.template(picture, faces[0]))
                    view = view_of(picture, faces, matcher.score(templates[0], templates[-1]))
                    if guidance_for(view, covered_too=covered_too) == "ok":
                        good.append(templates[-1])
                views.append(view)
            alike = min((matcher.score(a, b) for i, a in enumerate(good) for b in good[:i]), default=1.0)
            return verdict_head(judge(views, alike, matcher.bands, covered_too=covered_too))
        finally:
            for template in templates:
                matcher.forget(template)

    def watch(self, pictures: list[NDArray[uint8]]) -> list[Glimpse]:
        """What pictures 1 to n show of the person in picture 0. Raises `PortraitUnusable`."""
        anchor = self._portrait(pictures[0])
        seen = []
        try:
            for picture in pictures[1:]:
                faces = self.finder.faces(picture)
                view = view_of(picture, faces)
                word = guidance_for(view, covered_too=True)
                if len(faces) != 1 or view.eyes_px < 4:
                    seen.append(Glimpse(len(faces), word))
                    continue
                template = self.matcher.template(picture, faces[0])
                same = self.matcher.score(anchor, template)
                self.matcher.forget(template)
                lids = self.landmarks.traits(picture, faces[0]).open if self.landmarks else -1.0
                seen.append(Glimpse(1, word, yaw_of(faces[0]), same, lids))
        finally:
            self.matcher.forget(anchor)
        return seen

    def find(self, picture: NDArray[uint8]) -> Box | None:
        """Where the largest face is."""
        faces = self.finder.faces(picture)
        return box_of([float(n) for n in faces[0].box], picture.shape[1], picture.shape[0]) if faces else None

    def measure(self, picture: NDArray[uint8]) -> dict[str, Any]:
        """The measures of one picture for an ID photo. Raises `WeightsWrong` where the finer nets are missing."""
        from drivers.camera.face_photo import measure

        if self.landmarks is None:
            raise WeightsWrong(self.without)
        return measure(picture, self.finder, self.landmarks).as_head()

    def _portrait(self, picture: NDArray[uint8]) -> Any:
        import cv2
        import numpy as np

        small = picture.shape[1] < _SMALL
        if small:
            picture = np.asarray(
                cv2.resize(picture, None, fx=_ENLARGE, fy=_ENLARGE, interpolation=cv2.INTER_CUBIC), dtype=np.uint8
            )
        try:
            faces = self.finder.faces(picture, PORTRAIT_LIMIT)
            if len(faces) != 1:
                raise PortraitUnusable(f"{len(faces)} faces in the portrait")
            return self.matcher.template(picture, faces[0])
        finally:
            if small:
                picture.fill(0)


def load(matcher: str = matching.DEFAULT) -> Loaded:
    """The finder, the matcher and the nets. Raises `NotLoaded`."""
    try:
        sight = Sight(load_matcher(matcher))
    except UnknownMatcher as error:
        raise NotLoaded("matcher", str(error)) from error
    except (WeightsWrong, ImportError) as error:
        raise NotLoaded("weights", str(error)) from error
    bands = sight.matcher.bands
    hello = {"model": sight.model, "eyes": sight.landmarks is not None, "retake_at": bands.retake_at}

    def ask(head: dict[str, Any], body: bytearray) -> Answer:
        asked = head.get("do")
        if asked not in LEAST:
            raise WireError("request: nothing that is done here")
        pictures = _pictures(checked_sizes(head.get("sizes"), LEAST[asked]), body)
        try:
            return sight.answer(asked, pictures, covered_too=head.get("covered_too") is True), b""
        except PortraitUnusable as error:
            return {"error": "portrait", "sentence": str(error)}, b""
        except WeightsWrong as error:
            return {"error": "weights", "sentence": str(error)[:500]}, b""

    return hello, ask


def _pictures(sizes: list[tuple[int, int]], body: bytearray) -> list[NDArray[uint8]]:
    """The pictures of a body, as views into it: it is zeroed after the answer. Raises `WireError`."""
    import numpy as np

    if len(body) != sum(w * h * 3 for w, h in sizes):
        raise WireError("request: the body's length is not that of its pictures")
    pixels = np.frombuffer(body, np.uint8)
    pictures, at = [], 0
    for width, height in sizes:
        pictures.append(pixels[at : at + width * height * 3].reshape(height, width, 3))
        at += width * height * 3
    return pictures


if __name__ == "__main__":
    run(partial(load, sys.argv[1] if len(sys.argv) > 1 else matching.DEFAULT), MEMORY_MIB)
