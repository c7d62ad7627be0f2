"""What can be measured of a picture that is to become an ID photo. Runs in the face process; only numbers leave it.

All lengths and places are in the pixels of the picture after it was turned by `roll` about the middle of the eyes,
so that the eyes are level; `drivers.camera.id_photo` turns the real picture in the same way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drivers.camera.face_finder import Finder, view_of
from drivers.camera.face_landmarks import Landmarks
from drivers.camera.id_photo import PhotoMeasures

if TYPE_CHECKING:
    from numpy import float64, uint8
    from numpy.typing import NDArray

_HEAD_STEP = 16.0  # colour distance (Lab) from the wall from which a pixel is no wall any more
_WALL_STEP = 14.0
_SHARP_WIDTH = 200
_BLOWN, _GLARE = 252, 248
_CROWN_LEAST, _CROWN_MOST = 0.02, 0.75  # of forehead to chin: hair higher than that is no hair


def measure(picture: NDArray[uint8], finder: Finder, landmarks: Landmarks) -> PhotoMeasures:
    """The measures of one picture (height x width x BGR)."""
    import cv2
    import numpy as np

    height, width = picture.shape[:2]
    faces = finder.faces(picture)
    view = view_of(picture, faces)
    if len(faces) != 1 or view.eyes_px < 16:
        return PhotoMeasures(min(len(faces), 9), width, height)
    traits = landmarks.traits(picture, faces[0])
    right, left = traits.eyes  # YuNet's own are out of level by up to 5 degrees
    across = left - right
    pivot = (right + left) / 2
    roll = float(np.degrees(np.arctan2(across[1], across[0])))
    turn = cv2.getRotationMatrix2D((float(pivot[0]), float(pivot[1])), roll, 1.0)
    upright = np.asarray(cv2.warpAffine(picture, turn, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8)
    try:

        def turned(points: Any) -> NDArray[float64]:
            return np.asarray(np.atleast_2d(points) @ turn[:, :2].T + turn[:, 2], np.float64)

        forehead, chin = turned(traits.forehead)[0], turned(traits.chin)[0]
        cheeks = turned(traits.cheeks)
        low, high = sorted((float(cheeks[0, 0]), float(cheeks[1, 0])))
        lab = np.asarray(cv2.cvtColor(upright, cv2.COLOR_BGR2LAB), np.float32)
        wall = _wall(lab, low, high, float(forehead[1]), float(chin[1]))
        crown = _crown(lab, wall[:3], low, high, float(forehead[1]), float(chin[1]))
        face = upright[max(0, int(forehead[1])) : int(chin[1]), max(0, int(low)) : int(high)]
        lights = _light(face)
        return PhotoMeasures(
            1,
            width,
            height,
            pivot_x=float(pivot[0]),
            pivot_y=float(pivot[1]),
            roll=roll,
            yaw=view.yaw,
            nod=traits.nod,
            crown_y=crown,
            chin_y=float(chin[1]),
            face_left=low,
            face_right=high,
            eyes_px=view.eyes_px,
            right_open=traits.right_open,
            left_open=traits.left_open,
            mouth=traits.mouth,
            luma=view.luma,
            luma_apart=lights[0],
            blown=lights[1],
            sharp=lights[2],
            glare=_glare(upright, pivot, view.eyes_px),
            wall_luma=wall[0],
            wall_hue=float(np.hypot(wall[1] - 128, wall[2] - 128)),
            wall_other=wall[3],
            covered=view.covered,
        )
    finally:
        upright.fill(0)


def _wall(
    lab: NDArray[Any], low: float, high: float, forehead: float, chin: float
) -> tuple[float, float, float, float]:
    """Median colour (Lab) of what is left and right of the head, above the mouth; the share that differs from it."""
    import numpy as np

    height, width = lab.shape[:2]
    face = high - low
    top, bottom = int(max(0, forehead - 0.45 * (chin - forehead))), int(min(height, chin - 0.3 * (chin - forehead)))
    edges = [(low - 0.42 * face, low - 0.22 * face), (high + 0.22 * face, high + 0.42 * face)]
    strips = [lab[top:bottom, int(max(0, a)) : int(max(0, min(width, b)))].reshape(-1, 3) for a, b in edges]
    if min(len(strip) for strip in strips) < 50:
        return 0.0, 128.0, 128.0, 1.0
    whole = np.concatenate(strips)
    median = np.median(whole, axis=0)
    other = float((np.linalg.norm(whole - median, axis=1) > _WALL_STEP).mean())
    return float(median[0]), float(median[1]), float(median[2]), other


def _crown(
    lab: NDArray[Any], wall: tuple[float, float, float], low: float, high: float, forehead: float, chin: float
) -> float:
    """The row of the top of the hair: going up from the forehead until there is only wall; -1 when it is not seen."""
    import numpy as np

    middle, half = (low + high) / 2, (high - low) * 0.3
    band = lab[:, int(max(0, middle - half)) : int(middle + half)]
    start = int(min(max(forehead, 0), lab.shape[0] - 1))
    head = (np.linalg.norm(band[: start + 1] - np.array(wall), axis=2) > _HEAD_STEP).mean(axis=1) > 0.2
    row = start
    while row > 0 and head[max(0, row - 4) : row].any():
        row -= 1
    grown = (forehead - row) / max(chin - forehead, 1.0)
    if row == 0 or grown > _CROWN_MOST:
        return -1.0
    if grown < _CROWN_LEAST:  # grey hair before a grey wall: as far above as hair usually is
        return forehead - 0.25 * (chin - forehead)
    return float(row)


def _light(face: NDArray[uint8]) -> tuple[float, float, float]:
    """Of a face: how far its halves differ in light (share), the share of blown pixels, how sharp it is."""
    import cv2
    import numpy as np

    if face.size < 3000:
        return 1.0, 1.0, 0.0
    grey = np.asarray(cv2.cvtColor(face, cv2.COLOR_BGR2GRAY), np.float32)
    half = grey.shape[1] // 2
    one, other = float(grey[:, :half].mean()), float(grey[:, half:].mean())
    scale = _SHARP_WIDTH / grey.shape[1]
    sized = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    sized = cv2.GaussianBlur(sized, (3, 3), 0)  # noise is no sharpness
    across, down = cv2.Sobel(sized, cv2.CV_32F, 1, 0), cv2.Sobel(sized, cv2.CV_32F, 0, 1)
    sharp = float((across**2 + down**2).mean() / max(float(sized.var()), 1.0))
    return abs(one - other) / max(one, other, 1.0), float((grey >= _BLOWN).mean()), sharp


def _glare(upright: NDArray[uint8], pivot: Any, eyes_px: float) -> float:
    """The share of white pixels around the eyes: a lamp in the glasses."""
    wide, high = eyes_px * 0.85, eyes_px * 0.3
    band = upright[
        max(0, int(pivot[1] - high)) : int(pivot[1] + high), max(0, int(pivot[0] - wide)) : int(pivot[0] + wide)
    ]
    return float((band.min(axis=2) >= _GLARE).mean()) if band.size else 0.0
