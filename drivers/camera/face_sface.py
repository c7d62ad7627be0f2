"""The matcher that comes along: SFace through OpenCV's dnn. A stand-in for a certified engine (see `face_rules`).

OpenCV 5 and this file: `FaceRecognizerSF.feature` fails, since the file lists every weight as an input; the net
itself, fed by the input's name `data`, gives the same template (cosine 0.99997).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drivers.camera.face_files import SFACE
from drivers.camera.face_rules import PASS, RETAKE, Bands
from drivers.camera.matching import Face, FaceMatcher

if TYPE_CHECKING:
    from numpy import float32, uint8
    from numpy.typing import NDArray


class SfaceMatcher(FaceMatcher):
    """Templates are 128 numbers of length 1, the score is their cosine."""

    bands = Bands(PASS, RETAKE)

    def __init__(self) -> None:
        self._aligner: Any = None
        self._net: Any = None

    @property
    def model(self) -> str:
        """Such as `sface-2021dec-int8bq`."""
        return "sface-2021dec-int8bq"

    def open(self) -> None:
        """Load the net and run it once, so that the first comparison is as quick as the others."""
        import cv2
        import numpy as np

        path = str(SFACE.path())
        self._aligner = cv2.FaceRecognizerSF.create(path, "")
        self._net = cv2.dnn.readNetFromONNX(path)
        self._embed(np.zeros((112, 112, 3), np.uint8))

    def template(self, picture: NDArray[uint8], face: Face) -> NDArray[float32]:
        """The template of the face, aligned by its five points."""
        import numpy as np

        crop = np.asarray(self._aligner.alignCrop(picture, face.row), dtype=np.uint8)
        template = self._embed(crop)
        crop.fill(0)
        return template

    def score(self, one: Any, other: Any) -> float:
        """The cosine."""
        return float(one @ other)

    def forget(self, template: Any) -> None:
        """Zero it."""
        template.fill(0)

    def _embed(self, crop: NDArray[uint8]) -> NDArray[float32]:
        import cv2
        import numpy as np

        self._net.setInput(cv2.dnn.blobFromImage(crop, 1.0, (112, 112), swapRB=True), "data")
        template = np.array(self._net.forward(), np.float32).flatten()
        return np.asarray(template / max(float(np.linalg.norm(template)), 1e-9), np.float32)
