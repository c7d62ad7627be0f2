"""Where a page lies in a picture of the desk: several masks, the quadrilateral whose sides are edges, corners refined.

One grey picture and one threshold miss too much, so masks come from each channel of Lab (edges at two levels, Otsu
both ways) and from the difference to the empty desk when there is a picture of it. Every quadrilateral of every mask
is then asked the same question: does an edge run along all of its sides? Nothing else makes something a page.

OpenCV is loaded by the first call. Measured with `tests/bench/document_figures.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drivers.camera.document_corners import refined

if TYPE_CHECKING:
    from numpy import float32, uint8
    from numpy.typing import NDArray

_SMALL = 600  # pixels of the long side in which the page is looked for
LEAST_SCORE = 0.7
"""Under this a quadrilateral is no page. Pages of the rendered desks have 0.98 and more."""
_LEAST_AREA, _MOST_AREA = 0.02, 0.97  # of the picture: an ID card from a camera made for A3 is 0.02
_LEAST_SIDE_SUPPORT = 0.55
_ASPECTS = (1.12, 1.85)  # passport pages 1.42, A4 1.41, cards 1.59; a phone is above 2
_STEEP, _STEEP_DIFFERENCE = 3.0, 1.0
"""Change a pixel (of 255) that is an edge: in the picture, whose desk has a grain; in the difference, without."""
_NOTHING = 128
_RIM = 0.004  # of the side: closer to the picture's rim the page is not whole


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """Corners in pixels, 4 x 2, clockwise from the one nearest the picture's top left. `score` 0 to 1.

    `touches`: sides of the picture (left, top, right, bottom) over which the page runs out.
    """

    corners: NDArray[float32]
    score: float
    touches: tuple[str, ...] = ()


def find_page(pixels: NDArray[uint8], empty_desk: NDArray[uint8] | None = None) -> Page | None:
    """The page in `pixels` (height x width x BGR), or None. `empty_desk` is a picture of the same camera and size."""
    import cv2
    import numpy as np

    height, width = pixels.shape[:2]
    scale = min(1.0, _SMALL / max(height, width))
    small = _shrunk(pixels, scale)
    bare = _shrunk(empty_desk, scale) if empty_desk is not None and empty_desk.shape == pixels.shape else None
    smooth = np.asarray(cv2.bilateralFilter(small, 7, 40, 7), np.uint8)
    slopes = [(_slope(smooth), _STEEP)]
    difference = None if bare is None else _difference(smooth, bare)
    if difference is not None:
        slopes.append((_slope(difference), _STEEP_DIFFERENCE))
    found: list[tuple[float, Any, float]] = []
    others: list[Any] = []
    seen: list[Any] = []
    for mask in _masks(smooth, difference):
        for quad in _quads(mask):
            if any(float(np.abs(quad - other).max()) < 3 for other in seen):
                continue
            seen.append(quad)
            support = max(_support(quad, slope, steep) or 0.0 for slope, steep in slopes)
            if support < LEAST_SCORE:
                continue
            if not _page_shaped(quad, mask.shape):
                others.append(quad)
                continue
            area = float(cv2.contourArea(quad)) / mask.size
            found.append((support * area**0.35, quad, support))
    for _, quad, support in sorted(found, key=lambda one: -one[0]):
        if not any(_inside(quad, other) for other in others):
            rough = _ordered(quad / scale)
            return _whole(pixels, refined(pixels, rough, 9 / scale), support, _cut(quad, mask.shape))
    return None


def _cut(quad: NDArray[float32], shape: tuple[int, ...]) -> set[str]:
    """The sides of the picture over which it runs out."""
    return {_rim(quad[i], quad[(i + 1) % 4], shape[1], shape[0]) for i in range(4)} - {""}


def _page_shaped(quad: NDArray[float32], shape: tuple[int, ...]) -> bool:
    """Whether it is as long as pages are; one that is cut by the picture's rim is not judged."""
    import numpy as np

    if _cut(quad, shape):
        return True
    lengths = np.linalg.norm(np.roll(quad, -1, 0) - quad, axis=1)
    short, long = sorted(((lengths[0] + lengths[2]) / 2, (lengths[1] + lengths[3]) / 2))
    return bool(_ASPECTS[0] <= long / short <= _ASPECTS[1])


def _inside(quad: NDArray[float32], other: NDArray[float32]) -> bool:
    """Whether `quad` is a part of `other`: a picture on a phone's screen, not a page."""
    import cv2

    area, whole = cv2.contourArea(quad), cv2.contourArea(other)
    return whole < 4 * area and cv2.intersectConvexConvex(quad, other)[0] > 0.9 * area


def _difference(smooth: NDArray[uint8], bare: NDArray[uint8]) -> NDArray[uint8]:
    """What is not the empty desk, about `_NOTHING`. The lamp may have changed: the desk is made as bright."""
    import cv2
    import numpy as np

    gain = float(np.median(smooth.astype(np.float32) / np.maximum(bare, 8)))
    there = smooth.astype(np.float32) - bare.astype(np.float32) * min(max(gain, 0.7), 1.4)
    return np.asarray(np.clip(cv2.GaussianBlur(there, (0, 0), 1.2) + _NOTHING, 0, 255), np.uint8)


def _shrunk(pixels: NDArray[uint8], scale: float) -> NDArray[uint8]:
    import cv2
    import numpy as np

    if scale >= 1:
        return pixels
    return np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def _slope(small: NDArray[uint8]) -> NDArray[float32]:
    """Steepest colour change both ways at each pixel (height x width x 2: along x, along y)."""
    import cv2
    import numpy as np

    lab = cv2.cvtColor(small, cv2.COLOR_BGR2LAB)
    both = [cv2.Sobel(lab, cv2.CV_32F, dx, dy, ksize=3, scale=1 / 4) for dx, dy in ((1, 0), (0, 1))]
    return np.stack([np.take_along_axis(g, np.abs(g).argmax(2)[..., None], 2)[..., 0] for g in both], -1)


def _masks(smooth: NDArray[uint8], difference: NDArray[uint8] | None) -> Iterator[NDArray[uint8]]:
    """What may be a page, as filled shapes or closed edges."""
    import cv2
    import numpy as np

    kernel = np.ones((9, 9), np.uint8)
    if difference is not None:
        there = np.abs(difference.astype(np.int16) - _NOTHING).max(axis=2).astype(np.uint8)
        level, _ = cv2.threshold(there, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
        for limit in (max(2.0, level * 0.5), max(3.0, level)):
            yield _closed(np.asarray(cv2.threshold(there, limit, 255, cv2.THRESH_BINARY)[1], np.uint8), kernel)
    for channel in cv2.split(cv2.cvtColor(smooth, cv2.COLOR_BGR2LAB)):
        level, light = cv2.threshold(channel, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
        spread = float(channel.std())
        if spread < 1.2:
            continue
        yield _closed(np.asarray(light, np.uint8), kernel)
        yield _closed(np.asarray(255 - light, np.uint8), kernel)
        closed = cv2.morphologyEx(channel, cv2.MORPH_CLOSE, kernel)
        for low, high in ((max(8.0, spread * 0.5), max(20.0, spread * 1.2)), (6.0, 16.0)):
            edges = cv2.Canny(closed, low, high)
            yield np.asarray(cv2.dilate(edges, np.ones((3, 3), np.uint8)), np.uint8)


def _closed(mask: NDArray[uint8], kernel: NDArray[uint8]) -> NDArray[uint8]:
    import cv2
    import numpy as np

    opened = cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel)
    return np.asarray(cv2.morphologyEx(opened, cv2.MORPH_CLOSE, kernel), np.uint8)


def _quads(mask: NDArray[uint8]) -> Iterator[NDArray[float32]]:
    """Quadrilaterals of a mask's large shapes (pixels of the small picture)."""
    import cv2
    import numpy as np

    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    whole = mask.size
    large = sorted((c for c in contours if len(c) >= 4), key=cv2.contourArea, reverse=True)[:6]
    for contour in large:
        hull = cv2.convexHull(contour)
        area = cv2.contourArea(hull)
        if not _LEAST_AREA * whole < area < _MOST_AREA * whole:
            continue
        length = cv2.arcLength(hull, True)
        for share in (0.02, 0.035, 0.05, 0.07):
            quad = cv2.approxPolyDP(hull, share * length, True)
            if len(quad) == 4:
                yield np.asarray(quad.reshape(4, 2), np.float32)
                break
        box = cv2.boxPoints(cv2.minAreaRect(hull))
        if area > 0.8 * cv2.contourArea(box):  # round corners, a finger over one: the box still lies on the sides
            yield np.asarray(box, np.float32)


def _support(quad: NDArray[float32], slope: NDArray[float32], steep: float) -> float | None:
    """How much of the outline is an edge (0 to 1); None when a side is none or corners are not."""
    import cv2
    import numpy as np

    height, width = slope.shape[:2]
    if not cv2.isContourConvex(quad.astype(np.int32)):
        return None
    sides = np.roll(quad, -1, 0) - quad
    lengths = np.hypot(sides[:, 0], sides[:, 1])
    if lengths.min() < 30:
        return None
    unit = sides / lengths[:, None]
    if np.abs((unit * np.roll(unit, -1, 0)).sum(1)).max() > 0.45:  # corners of 63 to 117 degrees
        return None
    rims = [_rim(quad[i], quad[(i + 1) % 4], width, height) for i in range(4)]
    cut = sum(rim != "" for rim in rims)
    if cut > 2:
        return None
    orientation = 1.0 if cv2.contourArea(quad, True) > 0 else -1.0
    found = []
    for i in range(4):
        if rims[i]:
            continue
        share, evenness = _edge_along(quad[i], unit[i], float(lengths[i]), slope, orientation, steep)
        found.append(share * evenness)
    if min(found) < (0.85 if cut else _LEAST_SIDE_SUPPORT):
        return None
    return float(np.mean(found)) * (0.85 if cut else 1.0)


def _rim(a: Any, b: Any, width: int, height: int) -> str:
    """Which side of the picture the side from `a` to `b` lies on."""
    near = 4
    for name, axis, limit in (("left", 0, 0), ("top", 1, 0), ("right", 0, width - 1), ("bottom", 1, height - 1)):
        if abs(a[axis] - limit) <= near and abs(b[axis] - limit) <= near:
            return name
    return ""


def _edge_along(
    start: Any, unit: Any, length: float, slope: NDArray[float32], orientation: float, steep: float
) -> tuple[float, float]:
    """(share of the side along which an edge runs within 3 pixels, how straight and one-signed it is)."""
    import numpy as np

    height, width = slope.shape[:2]
    normal = np.array([unit[1], -unit[0]]) * orientation
    steps = np.linspace(0.06, 0.94, 40) * length
    offsets = np.arange(-4, 5)
    points = start + steps[:, None, None] * unit + offsets[None, :, None] * normal
    x = np.clip(np.rint(points[..., 0]), 0, width - 1).astype(int)
    y = np.clip(np.rint(points[..., 1]), 0, height - 1).astype(int)
    across = slope[y, x] @ normal
    along = slope[y, x] @ unit
    at = np.abs(across).argmax(1)
    peak = across[np.arange(len(steps)), at]
    beside = np.abs(along[np.arange(len(steps)), at])
    edge = (np.abs(peak) > steep) & (np.abs(peak) > 1.5 * beside)
    if edge.sum() < 8:
        return 0.0, 0.0
    # A page's side has its paper on one side all along, and lies on one straight line.
    signed = abs(float(np.sign(peak[edge]).sum())) / edge.sum()
    straight = float((np.abs(at[edge] - np.median(at[edge]) - _lean(at, edge)) <= 1.5).mean())
    return float(edge.mean()), min(1.0, 0.25 + 0.75 * signed) * straight


def _lean(at: Any, edge: Any) -> Any:
    """The straight drift of the edge across the side: the quadrilateral is rough, its side may be turned a little."""
    import numpy as np

    places = np.flatnonzero(edge)
    deviation = at[edge] - np.median(at[edge])
    grade = np.polyfit(places - places.mean(), deviation, 1)[0] if len(places) > 8 else 0.0
    return grade * (places - places.mean())


def _ordered(quad: NDArray[float32]) -> NDArray[float32]:
    """Clockwise (y down) from the corner nearest the picture's own."""
    import numpy as np

    middle = quad.mean(0)
    angles = np.arctan2(quad[:, 1] - middle[1], quad[:, 0] - middle[0])
    turned = quad[np.argsort(angles)]
    return np.asarray(np.roll(turned, -int(turned.sum(1).argmin()), 0), np.float32)


def _whole(pixels: NDArray[uint8], corners: NDArray[float32], score: float, cut: set[str]) -> Page:
    """The page, with the sides of the picture over which it runs out."""
    height, width = pixels.shape[:2]
    x, y = corners[:, 0], corners[:, 1]
    rim = _RIM * max(width, height)
    over = (
        ("left", float(x.min()) < rim),
        ("top", float(y.min()) < rim),
        ("right", float(x.max()) > width - 1 - rim),
        ("bottom", float(y.max()) > height - 1 - rim),
    )
    return Page(corners, score, tuple(name for name, is_over in over if is_over or name in cut))
