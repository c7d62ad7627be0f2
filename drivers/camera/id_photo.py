"""An ID photo by its rule: what a picture lacks, where it is cut, and the JPEG. Nothing is painted or replaced.

`faults_of` says what is wrong in the order in which a person can mend it. `plan` places the head by the rule; the
background is judged and never exchanged: a clerk would send a retouched photo back.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Literal, get_args

from config.id_photos import PhotoRule
from drivers.camera.face_rules import Covering

if TYPE_CHECKING:
    from numpy import uint8
    from numpy.typing import NDArray

Fault = Literal[
    "nobody", "one-person", "mask", "sunglasses", "light", "further", "closer", "left", "right", "lower",
    "higher", "level", "straight", "nod", "eyes", "mouth", "glare", "background", "uneven-light", "blurred",
]  # fmt: skip
_ROOM = 0.96
"""A photo that would need more of the picture's width or height leaves the person no room to stand."""
_SLACK = 1.0
"""Pixels by which the cut may reach beyond the picture."""
FAULTS: tuple[str, ...] = get_args(Fault)


@dataclass(frozen=True, slots=True)
class PhotoMeasures:
    """What the face process measured (`face_photo`). With other than one face only the first three mean something.

    Pixels of the picture turned by `roll` degrees about (pivot_x, pivot_y), the middle of the eyes. `crown_y` -1: the
    top of the head is not seen. `yaw`: nose off the middle in eye distances. `right_open`, `left_open`: lid gap in
    eye widths. `wall_luma` 0 to 255, `wall_hue` distance from grey, `wall_other` share that is not the wall's colour.
    """

    faces: int
    width: int
    height: int
    pivot_x: float = 0.0
    pivot_y: float = 0.0
    roll: float = 0.0
    yaw: float = 0.0
    nod: float = 0.0
    crown_y: float = -1.0
    chin_y: float = 0.0
    face_left: float = 0.0
    face_right: float = 0.0
    eyes_px: float = 0.0
    right_open: float = 0.0
    left_open: float = 0.0
    mouth: float = 0.0
    luma: float = 0.0
    luma_apart: float = 0.0
    blown: float = 0.0
    sharp: float = 0.0
    glare: float = 0.0
    wall_luma: float = 0.0
    wall_hue: float = 0.0
    wall_other: float = 1.0
    covered: Covering = ""

    def as_head(self) -> dict[str, Any]:
        """Fit for a message."""
        return {key: round(value, 4) if isinstance(value, float) else value for key, value in asdict(self).items()}

    @classmethod
    def of(cls, head: Any) -> PhotoMeasures:
        """The measures in a message. Raises `ValueError` (a field is missing, strange or no finite number)."""
        if not isinstance(head, dict) or set(head) != {f.name for f in fields(cls)}:
            raise ValueError("measures: other fields than agreed")
        for key, value in head.items():
            if key == "covered":
                good = value in get_args(Covering)
            elif key in ("faces", "width", "height"):
                good = type(value) is int and 0 <= value <= 4096
            else:
                good = type(value) in (int, float) and math.isfinite(value) and abs(value) <= 1e5
            if not good:
                raise ValueError(f"measures: {key} has a value that does not exist")
        return cls(**head)


@dataclass(frozen=True, slots=True)
class Cut:
    """Turn by `roll` about (pivot_x, pivot_y), then the photo's corner is at (left, top); `scale` photo px a px."""

    pivot_x: float
    pivot_y: float
    roll: float
    left: float
    top: float
    scale: float


def plan(seen: PhotoMeasures, rule: PhotoRule) -> Cut | None:
    """Where the photo is cut; may reach beyond the picture. None when the top of the head is not seen."""
    face, head = seen.face_right - seen.face_left, seen.chin_y - seen.crown_y
    if seen.faces != 1 or face <= 0 or head <= 0 or seen.crown_y < 0:
        return None
    ranges = [(r[0] / size, r[1] / size) for r, size in ((rule.head_height_px, head), (rule.face_width_px, face)) if r]
    low, high = max(r[0] for r in ranges), min(r[1] for r in ranges)
    if low > high:  # a broad or a narrow head: its height goes before its width
        low = high = min(max((low + high) / 2, ranges[0][0]), ranges[0][1])
    scale = (low + high) / 2
    top = seen.crown_y * scale - sum(rule.top_gap_px) / 2
    if rule.eyes_above_bottom_px:  # goes before the gap above the hair (GA 461-2004)
        top = max(top, seen.pivot_y * scale + rule.eyes_above_bottom_px - rule.height_px)
    if rule.chin_above_bottom_px:
        top = max(top, seen.chin_y * scale + rule.chin_above_bottom_px - rule.height_px)
    left = (seen.face_left + seen.face_right) / 2 * scale - rule.width_px / 2
    return Cut(seen.pivot_x, seen.pivot_y, seen.roll, left / scale, top / scale, scale)


def faults_of(seen: PhotoMeasures, rule: PhotoRule) -> tuple[Fault, ...]:
    """What keeps this picture from becoming the photo, first what is to be mended first; empty when nothing does."""
    if seen.faces == 0:
        return ("nobody",)
    if seen.faces > 1:
        return ("one-person",)
    limits = rule.limits
    wrong: list[Fault] = []
    if seen.covered:
        wrong.append(seen.covered)
    if not limits.luma[0] <= seen.luma <= limits.luma[1] or seen.blown > limits.blown:
        wrong.append("light")
    wrong += _placing(seen, rule)
    if abs(seen.roll) > limits.roll:
        wrong.append("level")
    if abs(seen.yaw) > limits.yaw:
        wrong.append("straight")
    if not limits.nod[0] <= seen.nod <= limits.nod[1]:
        wrong.append("nod")
    # Glare first: behind a lamp in the glasses the eyes cannot be judged.
    if seen.glare > limits.glare:
        wrong.append("glare")
    elif min(seen.right_open, seen.left_open) < limits.eyes_open and not seen.covered:
        wrong.append("eyes")
    if seen.mouth > limits.mouth and seen.covered != "mask":
        wrong.append("mouth")
    wall = rule.wall
    if seen.wall_luma < wall.luma or seen.wall_hue > wall.hue or seen.wall_other > wall.other:
        wrong.append("background")
    if seen.luma_apart > limits.luma_apart:
        wrong.append("uneven-light")
    if seen.sharp < limits.sharp:
        wrong.append("blurred")
    return tuple(wrong)


def _placing(seen: PhotoMeasures, rule: PhotoRule) -> list[Fault]:
    """Whether the rule's cut lies inside the picture and is not too coarse."""
    cut = plan(seen, rule)
    if cut is None:
        return ["further"]  # the top of the head is not in the picture
    wide, high = rule.width_px / cut.scale, rule.height_px / cut.scale
    if wide > seen.width * _ROOM or high > seen.height * _ROOM:
        return ["further"]
    if cut.scale > rule.limits.enlarge:
        return ["closer"]
    inside = cut.left >= -_SLACK and cut.left + wide <= seen.width + _SLACK
    inside = inside and cut.top >= -_SLACK and cut.top + high <= seen.height + _SLACK
    return [] if inside else [_move(cut, wide, seen)]


def _move(cut: Cut, wide: float, seen: PhotoMeasures) -> Fault:
    """Where the head has to go, as the person in front of the camera says left and right; sideways first.

    The picture is the camera's own, not the mirrored one of the screen: its left is the person's right.
    """
    if cut.left < -_SLACK:
        return "left"
    if cut.left + wide > seen.width + _SLACK:
        return "right"
    return "lower" if cut.top < -_SLACK else "higher"


def quality(seen: PhotoMeasures) -> float:
    """Which of several acceptable pictures is best: sharp, eyes wide, straight."""
    return seen.sharp / 10 + min(seen.right_open, seen.left_open) - abs(seen.yaw) - abs(seen.roll) / 45


def developed(pixels: NDArray[uint8], seen: PhotoMeasures, rule: PhotoRule) -> bytes:
    """The photo as JPEG of exactly the rule's size, with its resolution noted. Blocks some ms.

    Raises `ValueError` when no cut exists or the rule's file size cannot be kept.
    """
    import cv2
    import numpy as np

    cut = plan(seen, rule)
    if cut is None:
        raise ValueError(f"photo {rule.key}: this picture cannot be cut by the rule")
    turn = cv2.getRotationMatrix2D((cut.pivot_x, cut.pivot_y), cut.roll, 1.0)
    move = np.array([[cut.scale, 0, -cut.left * cut.scale], [0, cut.scale, -cut.top * cut.scale]])
    whole = move @ np.vstack([turn, [0, 0, 1]])
    how = cv2.INTER_CUBIC if cut.scale >= 1 else cv2.INTER_AREA
    size = (rule.width_px, rule.height_px)
    photo = cv2.warpAffine(pixels, whole, size, flags=how, borderMode=cv2.BORDER_REPLICATE)
    try:
        for level in range(rule.jpeg_quality, 39, -5):
            good, data = cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_QUALITY, level])
            if good and len(data) <= rule.max_bytes:
                return with_density(data.tobytes(), rule.dpi)
    finally:
        photo.fill(0)
    raise ValueError(f"photo {rule.key}: more than {rule.max_bytes} bytes at every quality")


def with_density(jpeg: bytes, dpi: int) -> bytes:
    """The same JPEG with `dpi` in its JFIF head (ITU-T T.871, 10.1). Raises `ValueError` without such a head."""
    if jpeg[:4] != b"\xff\xd8\xff\xe0" or jpeg[6:11] != b"JFIF\x00":
        raise ValueError("photo: the JPEG has no JFIF head")
    return jpeg[:13] + b"\x01" + dpi.to_bytes(2, "big") * 2 + jpeg[18:]
