"""The face process: finds, compares, watches and measures faces. Started by `drivers.camera.faces`, over pipes.

    python -m drivers.camera.face_worker [MATCHER]

It is a process of its own so that a hang or a crash in native code costs a retake and not the terminal. Pixels and
templates stay in it and are zeroed after every answer; it writes no core dump. What compares is an entry point
(`drivers.camera.matching`); finding, guidance, hints and measures are the same for every matcher.
"""

from __future__ import annotations

import os
import resource
import sys
from typing import TYPE_CHECKING, Any, BinaryIO

from drivers.camera import face_finder, face_landmarks, matching
from drivers.camera.face_files import WeightsWrong
from drivers.camera.face_finder import PORTRAIT_LIMIT, Finder, view_of, yaw_of
from drivers.camera.face_landmarks import Landmarks
from drivers.camera.face_rules import View, guidance_for, judge
from drivers.camera.face_wire import (
    LEAST,
    PREFIX,
    WireError,
    checked_sizes,
    head_bytes,
    lengths,
    parse_head,
    verdict_head,
)
from drivers.camera.liveness import Glimpse
from drivers.camera.matching import FaceMatcher, UnknownMatcher, load_matcher

if TYPE_CHECKING:
    from numpy import uint8
    from numpy.typing import NDArray

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


def serve(incoming: BinaryIO, outgoing: BinaryIO, matcher: str = matching.DEFAULT) -> None:
    """Say hello, then answer until the other side closes. A broken message ends the process: there is no way back."""
    import numpy as np

    def send(head: dict[str, Any]) -> None:
        outgoing.write(head_bytes(head))
        outgoing.flush()

    try:
        sight = Sight(load_matcher(matcher))
    except (WeightsWrong, UnknownMatcher, ImportError) as error:
        code = "matcher" if isinstance(error, UnknownMatcher) else "weights"
        send({"error": code, "sentence": str(error)[:500]})
        return
    bands = sight.matcher.bands
    send({"model": sight.model, "eyes": sight.landmarks is not None, "retake_at": bands.retake_at})
    while prefix := incoming.read(PREFIX.size):
        head_length, body_length = lengths(prefix)
        head = parse_head(incoming.read(head_length))
        asked = head.get("do")
        if asked not in LEAST:
            raise WireError("request: nothing that is done here")
        sizes = checked_sizes(head.get("sizes"), LEAST[asked])
        if body_length != sum(w * h * 3 for w, h in sizes):
            raise WireError("request: the body's length is not that of its pictures")
        body = bytearray(body_length)
        view = memoryview(body)
        got = 0
        while got < body_length:
            count = incoming.readinto(view[got:])  # type: ignore[attr-defined]  # BufferedReader has it, BinaryIO lacks it
            if not count:
                return
            got += count
        pixels = np.frombuffer(body, np.uint8)
        pictures, at = [], 0
        for width, height in sizes:
            pictures.append(pixels[at : at + width * height * 3].reshape(height, width, 3))
            at += width * height * 3
        try:
            send(sight.answer(asked, pictures, covered_too=head.get("covered_too") is True))
        except PortraitUnusable as error:
            send({"error": "portrait", "sentence": str(error)})
        except WeightsWrong as error:
            send({"error": "weights", "sentence": str(error)[:500]})
        finally:
            pixels.fill(0)


def main() -> None:
    """Serve on the pipes that were stdin and stdout; whatever native code prints goes to stderr instead."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    outgoing = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, outgoing, sys.argv[1] if len(sys.argv) > 1 else matching.DEFAULT)


if __name__ == "__main__":
    main()
