"""The desk for the screen: the whole picture, never mirrored, with the outline of the page that was found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from drivers.camera.frames import Picture

if TYPE_CHECKING:
    from drivers.camera.documents import Point
    from drivers.camera.grabber import Frame

MAX_VIEW = 2160
_FOUND = (70, 190, 60)  # RGB: a green that stands out from paper and from a dark plate


def desk_view(frame: Frame, size: tuple[int, int], outline: Sequence[Point]) -> bytes:
    """RGB rows of exactly `size` (width, height), bars where the shapes differ; `outline` in shares. Wipes `frame`."""
    import cv2
    import numpy as np

    width, height = size
    if not (16 <= width <= MAX_VIEW and 16 <= height <= MAX_VIEW):
        raise ValueError(f"desk view: {width} x {height} pixels; 16 to {MAX_VIEW} a side")
    rows, columns = frame.pixels.shape[:2]
    share = min(width / columns, height / rows)
    seen_w, seen_h = max(1, round(columns * share)), max(1, round(rows * share))
    left, top = (width - seen_w) // 2, (height - seen_h) // 2
    view = np.zeros((height, width, 3), np.uint8)
    small = cv2.resize(frame.pixels, (seen_w, seen_h), interpolation=cv2.INTER_AREA)
    view[top : top + seen_h, left : left + seen_w] = small[:, :, ::-1]
    if outline:
        corners = np.array([[left + x * seen_w, top + y * seen_h] for x, y in outline])
        cv2.polylines(view, [np.rint(corners).astype(np.int32)], True, _FOUND, 6, cv2.LINE_AA)
    made = view.tobytes()
    for array in (frame.pixels, view, small):
        array.fill(0)
    return made


def shrunk(frame: Frame, side: int) -> Picture:
    """A copy of its own of at most `side` pixels; enough to find a page while the citizen moves it. Wipes `frame`."""
    import cv2
    import numpy as np

    share = min(1.0, side / max(frame.pixels.shape[:2]))
    small = np.asarray(cv2.resize(frame.pixels, None, fx=share, fy=share, interpolation=cv2.INTER_AREA), np.uint8)
    made = Picture.of(small)
    small.fill(0)
    frame.wipe()
    return made


def sheet_strip(thumbs: Sequence[tuple[bytes, tuple[int, int]]], size: tuple[int, int]) -> bytes:
    """The last sheets side by side as RGB rows of exactly `size`; thumbnails are (RGB rows, (width, height))."""
    import cv2
    import numpy as np

    width, height = size
    view = np.full((height, width, 3), 235, np.uint8)
    shown = thumbs[-4:]
    cell = width // max(1, len(shown))
    for i, (rgb, (w, h)) in enumerate(shown):
        picture = np.frombuffer(rgb, np.uint8).reshape(h, w, 3)
        share = min((cell - 24) / w, (height - 24) / h)
        scaled = np.asarray(cv2.resize(picture, None, fx=share, fy=share, interpolation=cv2.INTER_CUBIC), np.uint8)
        y, x = (height - scaled.shape[0]) // 2, i * cell + (cell - scaled.shape[1]) // 2
        view[y : y + scaled.shape[0], x : x + scaled.shape[1]] = scaled
    made = view.tobytes()
    view.fill(0)
    return made
