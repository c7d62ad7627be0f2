"""Corners of a page to a fraction of a pixel: each side is a line through the steepest falls from paper to desk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy import float32, uint8
    from numpy.typing import NDArray


def refined(pixels: NDArray[uint8], rough: NDArray[float32], reach: float) -> NDArray[float32]:
    """Each side moved to the steepest edge within `reach` pixels of the full picture, corners where sides meet."""
    import numpy as np

    paper, desk = _colours(pixels, rough)
    tone = paper - desk
    size = float(np.linalg.norm(tone))
    if size < 2:
        return rough
    lines = []
    for i in range(4):
        a, b = rough[i].astype(np.float64), rough[(i + 1) % 4].astype(np.float64)
        line = _side(pixels, a, b, tone / size, reach)
        lines.append(line if line is not None else (a, (b - a) / np.linalg.norm(b - a)))
    corners = np.array([_meet(lines[i - 1], lines[i]) for i in range(4)], np.float32)
    moved = np.abs(corners - rough).max()
    return corners if np.isfinite(moved) and moved < 3 * reach else rough


def _colours(pixels: NDArray[uint8], quad: NDArray[float32]) -> tuple[Any, Any]:
    """The colours just inside and just outside the outline (medians)."""
    import numpy as np

    height, width = pixels.shape[:2]
    middle = quad.mean(0)
    found = []
    for share in (0.93, 1.06):
        ring = middle + (quad - middle) * share
        points = np.concatenate([np.linspace(ring[i], ring[(i + 1) % 4], 60) for i in range(4)])
        inside = (points >= 0).all(1) & (points < (width, height)).all(1)
        chosen = points[inside].astype(int) if inside.any() else np.array([[0, 0]])
        found.append(np.median(pixels[chosen[:, 1], chosen[:, 0]].astype(np.float64), axis=0))
    return found[0], found[1]


def _side(pixels: NDArray[uint8], a: Any, b: Any, tone: Any, reach: float) -> tuple[Any, Any] | None:
    """The line (point, direction) of one side, by the steepest fall from paper to desk along many cuts across it."""
    import cv2
    import numpy as np

    length = float(np.linalg.norm(b - a))
    unit = (b - a) / length
    normal = np.array([unit[1], -unit[0]])  # outwards: corners run clockwise
    half = int(reach)
    offsets = np.arange(-half, half + 1, dtype=np.float64)
    steps = np.linspace(0.05, 0.95, 120) * length
    points = a + steps[:, None, None] * unit + offsets[None, :, None] * normal
    cuts = cv2.remap(
        pixels,
        points[..., 0].astype(np.float32),
        points[..., 1].astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    profile = cv2.GaussianBlur((cuts.astype(np.float64) @ tone), (1, 1), 0)
    profile = cv2.GaussianBlur(profile, (0, 0), sigmaX=1.6, sigmaY=0.8)
    fall = -np.gradient(profile, axis=1)
    at = fall.argmax(1)
    strong = fall[np.arange(len(at)), at] > max(1.0, 0.35 * float(np.median(fall.max(1))))
    strong &= (at > 0) & (at < len(offsets) - 1)
    if strong.sum() < 20:
        return None
    rows = np.flatnonzero(strong)
    places = steps[rows], offsets[at[rows]] + _between(fall, rows, at[rows])
    keep = np.ones(len(rows), bool)
    for _ in range(6):
        grade, level = np.polyfit(places[0][keep], places[1][keep], 1)
        off = np.abs(places[1] - (grade * places[0] + level))
        limit = max(1.0, 2.5 * float(np.median(off[keep])))
        again = off <= limit
        if again.sum() < 12 or (again == keep).all():
            break
        keep = again
    start, end = (a + s * unit + (grade * s + level) * normal for s in (0.0, length))
    return start, (end - start) / np.linalg.norm(end - start)


def _between(fall: Any, rows: Any, at: Any) -> Any:
    """The top of a parabola through three neighbours, in pixels from the middle one."""
    import numpy as np

    before, middle, after = fall[rows, at - 1], fall[rows, at], fall[rows, at + 1]
    bend = before - 2 * middle + after
    return np.where(np.abs(bend) > 1e-9, 0.5 * (before - after) / np.where(bend == 0, 1, bend), 0.0)


def _meet(first: tuple[Any, Any], second: tuple[Any, Any]) -> Any:
    """Where two lines (point, direction) cross; not finite when they are parallel."""
    import numpy as np

    (p, d), (q, e) = first, second
    cross = d[0] * e[1] - d[1] * e[0]
    if abs(cross) < 1e-6:
        return np.array([np.inf, np.inf])
    t = ((q[0] - p[0]) * e[1] - (q[1] - p[1]) * e[0]) / cross
    return p + t * d
