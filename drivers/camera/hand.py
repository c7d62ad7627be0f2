"""A character written by hand: drawn as print would have it and read by the text net. Runs in the text process.

Drawn, not followed: the order and the number of strokes do not matter, which is what joined and careless writing needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from drivers.camera import ocr
from drivers.camera.hand_wire import MAX_CANDIDATES, Point

if TYPE_CHECKING:
    from numpy import uint8
    from numpy.typing import NDArray

SIDE = 96
"""Pixels of the drawing; the net reads 48."""
INK = 3
_MARGIN = 0.12
_SMALLEST = 0.05
"""A dot stays a dot: strokes that span less of the field than this are not blown up to its size."""
_FINE = 4  # OpenCV's fractional bits of a coordinate
_LEAST = 1e-4


def draw(strokes: Sequence[Sequence[Point]]) -> NDArray[uint8]:
    """The strokes as a picture (`SIDE` squared, BGR, black on white), centred and brought to size, not stretched."""
    import cv2
    import numpy as np

    across = [x for stroke in strokes for x, _ in stroke]
    down = [y for stroke in strokes for _, y in stroke]
    left, top = min(across), min(down)
    width, height = max(across) - left, max(down) - top
    scale = SIDE * (1 - 2 * _MARGIN) / max(width, height, _SMALLEST)
    right, under = (SIDE - width * scale) / 2, (SIDE - height * scale) / 2
    picture = np.full((SIDE, SIDE, 3), 255, np.uint8)
    for stroke in strokes:
        points = [((x - left) * scale + right, (y - top) * scale + under) for x, y in stroke]
        line = np.round(np.array(points) * (1 << _FINE)).astype(np.int32).reshape(-1, 1, 2)
        cv2.polylines(picture, [line], False, (0, 0, 0), INK, cv2.LINE_AA, _FINE)
        if len(points) == 1:
            cv2.circle(picture, tuple(line[0, 0].tolist()), (INK << _FINE) // 2, (0, 0, 0), -1, cv2.LINE_AA, _FINE)
    return picture


def read_hand(strokes: Sequence[Sequence[Point]]) -> list[tuple[str, float]]:
    """Up to `MAX_CANDIDATES` (character, score 0 to 1) of one character, the likeliest first. Han characters only."""
    import numpy as np

    net: Any = ocr.recogniser()
    picture = draw(strokes)
    try:
        ready = net.resize_norm_img(picture, 1.0)[np.newaxis].astype(np.float32)
        scores = np.asarray(net.session(ready))[0].max(axis=0)
    finally:
        picture.fill(0)
    characters = net.postprocess_op.character
    found = []
    for at in np.argsort(scores)[::-1][: MAX_CANDIDATES * 4]:
        text = characters[int(at)]
        if len(text) == 1 and _is_han(text) and scores[at] >= _LEAST:
            found.append((text, round(float(scores[at]), 4)))
    return found[:MAX_CANDIDATES]


def _is_han(character: str) -> bool:
    point = ord(character)
    return 0x3400 <= point <= 0x9FFF or 0x20000 <= point <= 0x323AF or character == "〇"
