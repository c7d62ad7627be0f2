"""Mending a QR code that was seen but not read: the piece of the picture where it stands, filtered in several ways.

| picture                                   | for                               |
|-------------------------------------------|-----------------------------------|
| the piece, brought to 480 pixels          | codes far away                    |
| shade divided out                         | shadow, glare at the edge         |
| threshold by neighbourhood                | blur together with shade          |
| deblurred (Wiener, five widths)           | a camera out of focus             |
| unrolled, about either axis, two bends    | receipts and bent paper           |
| the whole, smaller, or grain taken out    | codes that nobody even found      |

Every result is still read by the same reader, whose error correction vouches for it: no picture here can make one
text into another. For stills and for now and then in a stream: 50 to 500 ms.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy import float32, uint8
    from numpy.typing import NDArray

SIDE = 480
MAX_PLACES = 3
_ROOM = 1.45  # the quiet zone, and corners that a blurred picture puts too far inside
_MIN_AREA = 400.0  # square pixels; a code of 21 modules needs about this
_MIN_SIDE = 16
_WIDTHS = ((2.0, 0.01), (3.2, 0.01), (4.5, 0.01), (6.0, 0.003), (8.0, 0.003))
"""Sigma of the blur in pixels of the piece, and how much of what comes back is taken for noise."""
_BENDS = (0.5, 0.8)
_LARGE = 960
_SHRUNK = (0.66, 0.45, 0.3)
_LEAST = 200


def mended(grey: NDArray[uint8]) -> Iterator[NDArray[uint8]]:
    """Pictures of the places in `grey` (height x width) where a QR code may stand, then of the whole; at most 55."""
    for corners in places(grey)[:MAX_PLACES]:
        piece = _piece(grey, corners)
        if piece is not None:
            yield from _variants(piece)
    yield from _whole(grey)


def _whole(grey: NDArray[uint8]) -> Iterator[NDArray[uint8]]:
    """The whole picture in other ways: for codes that nobody even found (grain, dots for modules, thin print)."""
    import cv2
    import numpy as np

    for scale in _SHRUNK:
        if min(grey.shape) * scale >= _LEAST:
            yield np.asarray(cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    small = grey
    if max(grey.shape) > _LARGE:
        by = _LARGE / max(grey.shape)
        small = np.asarray(cv2.resize(grey, None, fx=by, fy=by, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    if min(small.shape) < _MIN_SIDE:
        return
    block = np.ones((3, 3), np.uint8)
    yield np.asarray(cv2.medianBlur(small, 5), dtype=np.uint8)
    yield np.asarray(cv2.erode(small, block), dtype=np.uint8)
    yield np.asarray(cv2.dilate(small, block), dtype=np.uint8)
    yield _deblurred(small, 3.5, 0.003)


def places(grey: NDArray[uint8]) -> list[NDArray[float32]]:
    """Corners (4 x 2) of what looks like a QR code, by the reader that could not read it, else by OpenCV's finder."""
    import cv2
    import numpy as np
    import zxingcpp

    wanted = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])
    for picture in (grey, cv2.GaussianBlur(grey, (0, 0), 2.0)):
        found: list[NDArray[float32]] = []
        for code in zxingcpp.read_barcodes(picture, formats=wanted, return_errors=True):
            at = code.position
            corners = [(p.x, p.y) for p in (at.top_left, at.top_right, at.bottom_right, at.bottom_left)]
            quad = np.array(corners, dtype=np.float32)
            if cv2.contourArea(quad) >= _MIN_AREA:
                found.append(quad)
        if found:
            return found
    for finder in (cv2.QRCodeDetectorAruco(), cv2.QRCodeDetector()):
        for scale in (1.0, 0.5):
            smaller = grey if scale == 1.0 else cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            seen, points = finder.detect(smaller)
            if seen and points is not None and points.size >= 8:
                return [np.asarray(points.reshape(-1, 2)[:4] / scale, dtype=np.float32)]
    return []


def _piece(grey: NDArray[uint8], corners: NDArray[float32]) -> NDArray[uint8] | None:
    import cv2
    import numpy as np

    if not np.isfinite(corners).all():
        return None
    middle = corners.mean(0)
    wide = (corners - middle) * _ROOM + middle
    height, width = grey.shape
    left, top = np.clip(wide.min(0), 0, (width, height)).astype(int)
    right, bottom = np.clip(wide.max(0) + 1, 0, (width, height)).astype(int)
    piece = grey[top:bottom, left:right]
    if min(piece.shape) < _MIN_SIDE:
        return None
    scale = SIDE / max(piece.shape)
    method = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    return np.asarray(cv2.resize(piece, None, fx=scale, fy=scale, interpolation=method), dtype=np.uint8)


def _variants(piece: NDArray[uint8]) -> Iterator[NDArray[uint8]]:
    import cv2
    import numpy as np

    yield piece
    ground = cv2.medianBlur(cv2.dilate(piece, np.ones((15, 15), np.uint8)), 31)
    even = np.clip(piece.astype(np.float32) / np.maximum(ground, 1) * 255, 0, 255).astype(np.uint8)
    yield even
    soft = cv2.GaussianBlur(piece, (0, 0), 1.5)
    threshold = cv2.adaptiveThreshold(soft, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY, 51, 4)
    yield np.asarray(threshold, dtype=np.uint8)
    for bend in _BENDS:
        for upright in (True, False):
            for towards in (1, -1):
                yield _unrolled(piece, bend, upright=upright, towards=towards)
    for width, noise in _WIDTHS:
        yield _deblurred(even, width, noise)


def _deblurred(piece: NDArray[uint8], sigma: float, noise: float) -> NDArray[uint8]:
    """Wiener's filter for a Gaussian blur of `sigma` pixels."""
    import cv2
    import numpy as np

    height, width = piece.shape
    reach = int(sigma * 3)
    line = cv2.getGaussianKernel(reach * 2 + 1, sigma)
    spread: Any = np.zeros((height, width), dtype=np.float32)
    spread[: reach * 2 + 1, : reach * 2 + 1] = line @ line.T
    spread = np.roll(spread, (-reach, -reach), (0, 1))
    blur = np.fft.rfft2(spread)
    sharp = np.fft.irfft2(np.fft.rfft2(piece) * np.conj(blur) / (np.abs(blur) ** 2 + noise), s=(height, width))
    low, high = np.percentile(sharp, (1, 99))  # a deblurred edge overshoots: the extremes say nothing
    return np.asarray(np.clip((sharp - low) * (255 / max(float(high - low), 1.0)), 0, 255), dtype=np.uint8)


def _unrolled(piece: NDArray[uint8], bend: float, *, upright: bool, towards: int) -> NDArray[uint8]:
    """The piece flattened as if it lay on a cylinder, `bend` radians to each side, bulging up or down."""
    import cv2
    import numpy as np

    turned = piece if upright else np.ascontiguousarray(piece.T)
    height, width = turned.shape
    angle = np.linspace(-bend, bend, width)
    across = (np.sin(angle) / math.sin(bend) + 1) / 2 * (width - 1)
    lift = towards * (1 - np.cos(angle)) * height * 0.2
    map_x = np.tile(across.astype(np.float32), (height, 1))
    map_y = (np.arange(height)[:, None] + lift[None, :]).astype(np.float32)
    flat = cv2.remap(turned, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(flat if upright else np.ascontiguousarray(flat.T), dtype=np.uint8)
