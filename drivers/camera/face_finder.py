"""Where faces are (YuNet), and what one picture of a face is like: eyes, yaw, light, how near, what covers it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drivers.camera.face_files import YUNET
from drivers.camera.face_rules import BYSTANDER, Covering, View
from drivers.camera.matching import Face

if TYPE_CHECKING:
    from numpy import float64, uint8
    from numpy.typing import NDArray

PORTRAIT_LIMIT, LIVE_LIMIT = 0.5, 0.7
MODEL = "yunet-2023mar-int8bq"
_SIDE = 640
# Measured on the invented citizens: the skin around the mouth differs in hue from the cheeks by 5 at most (Lab), under
# a painted blue mask by 20 on four of five. Dark glasses: dark and uniform on both eyes.
_MASK_HUE = 12.0
_GLASSES_DARK, _GLASSES_EVEN = 0.45, 22.0


class Finder:
    """YuNet, loaded and run once."""

    def __init__(self) -> None:
        import cv2
        import numpy as np

        self._detector = cv2.FaceDetectorYN.create(str(YUNET.path()), "", (_SIDE, 480), LIVE_LIMIT)
        self.faces(np.zeros((480, _SIDE, 3), np.uint8))

    def faces(self, picture: NDArray[uint8], limit: float = LIVE_LIMIT) -> list[Face]:
        """The faces, largest first, no bystanders."""
        import cv2
        import numpy as np

        height, width = picture.shape[:2]
        scale = min(1.0, _SIDE / max(height, width))
        small: Any = picture
        if scale < 1:
            small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        self._detector.setInputSize((small.shape[1], small.shape[0]))
        self._detector.setScoreThreshold(limit)
        rows = self._detector.detect(small)[1]
        if small is not picture:
            small.fill(0)
        if rows is None:
            return []
        found = [np.asarray(row, np.float32).copy() for row in rows]
        for row in found:
            row[:14] /= scale
        found.sort(key=lambda row: -float(row[2]))
        return [Face(row) for row in found if row[2] >= BYSTANDER * found[0][2]]


def view_of(picture: NDArray[uint8], faces: list[Face], score: float = 0.0) -> View:
    """What the rules need to know of a picture in which `faces` were found."""
    import cv2

    if len(faces) != 1:
        return View(len(faces))
    face = faces[0]
    eyes = face.eyes_px
    if eyes < 4:
        return View(1, eyes)
    height, width = picture.shape[:2]
    x, y, w, h = (float(v) for v in face.box)
    inside = picture[max(0, int(y)) : int(y + h), max(0, int(x)) : int(x + w)]
    luma = float(cv2.mean(cv2.cvtColor(inside, cv2.COLOR_BGR2GRAY))[0]) if inside.size else 0.0
    return View(1, eyes, luma, yaw_of(face), score, max(w / width, h / height), covering_of(picture, face))


def yaw_of(face: Face) -> float:
    """The nose's way off the middle of the eyes, in eye distances; positive to the person's own left."""
    right, left, nose = face.points[:3]
    across = left - right
    return float((nose - (left + right) / 2) @ across) / max(float(across @ across), 1e-6)


def covering_of(picture: NDArray[uint8], face: Face) -> Covering:
    """What seems to cover the face. A hint for guidance: beards and odd light can look like it."""
    import numpy as np

    right, left, _, mouth_right, mouth_left = (point.astype(np.float64) for point in face.points)
    eyes, mouth = (right + left) / 2, (mouth_right + mouth_left) / 2
    apart, down = face.eyes_px, mouth - eyes
    skin = [_patch(picture, at, apart * 0.08) for at in (right + 0.22 * down, left + 0.22 * down, eyes - 0.35 * down)]
    wide = (mouth_left - mouth_right) * 0.15
    low = [
        _patch(picture, at, apart * 0.1)
        for at in (mouth_right + 0.12 * down - wide, mouth_left + 0.12 * down + wide, mouth + 0.45 * down)
    ]
    lids = [_patch(picture, at, apart * 0.16) for at in (right, left)]
    if any(patch is None for patch in (*skin, *low, *lids)):
        return ""
    cheek = np.median([p[0] for p in skin if p is not None], axis=0)
    hues = [float(np.hypot(*(p[0] - cheek)[1:])) for p in low if p is not None]
    bright = max(p[0][0] for p in (*skin, *low) if p is not None)
    if all(p is not None and p[0][0] < _GLASSES_DARK * bright and p[1] < _GLASSES_EVEN for p in lids):
        return "sunglasses"
    return "mask" if float(np.median(hues)) > _MASK_HUE else ""


def _patch(picture: NDArray[uint8], at: Any, radius: float) -> tuple[NDArray[float64], float] | None:
    """Median colour (Lab) of a small square and how its light varies; None outside of the picture."""
    import cv2
    import numpy as np

    x, y, r = int(at[0]), int(at[1]), max(2, int(radius))
    square = picture[max(0, y - r) : max(0, y + r + 1), max(0, x - r) : max(0, x + r + 1)]
    if square.size < 27:
        return None
    lab = np.asarray(cv2.cvtColor(square, cv2.COLOR_BGR2LAB), np.float64).reshape(-1, 3)
    return np.asarray(np.median(lab, axis=0), np.float64), float(lab[:, 0].std())
