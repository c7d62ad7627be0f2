"""From a page on the desk to a picture that a clerk accepts, or the one thing that the citizen can do about it.

| flaw       | what is wrong                                   | how it is told                                        |
|------------|-------------------------------------------------|-------------------------------------------------------|
| no-page    | nothing that is a page                          | `find_page`                                           |
| crop       | it runs out of the picture                      | a corner within 0.4 % of the rim                      |
| other-size | not the shape of this kind                      | long side by short side, 8 % off                      |
| skew       | lies so slantwise that its top is not clear     | 25 to 65 degrees                                      |
| lift       | stands up at one side                           | opposite sides 12 % different                         |
| small      | too few pixels for a clerk to read              | dots an inch, `least_dpi` of the kind                 |
| dark       | too little light                                | paper under 70 of 255                                 |
| glare      | a lamp mirrors itself                           | a blotch at 250 and above, brighter than its paper    |
| blur       | moved or out of focus                           | re-blur ratio (after Crete 2007), under `LEAST_SHARP` |
| empty      | nothing on it: the wrong side up                | dark marks on less than 0.1 % of it                   |
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from config.documents import DocumentKind, document_kind
from drivers.camera.document import Page

if TYPE_CHECKING:
    from numpy import float32, uint8
    from numpy.typing import NDArray

FlawReason = Literal["no-page", "crop", "other-size", "skew", "lift", "small", "dark", "glare", "blur", "empty"]
FLAWS: tuple[FlawReason, ...] = (
    "no-page",
    "crop",
    "other-size",
    "skew",
    "lift",
    "small",
    "dark",
    "glare",
    "blur",
    "empty",
)
LEAST_SHARP = 0.64
"""Re-blur ratio of a sharp page, as measured on real ones. Rendered ones: 0.87 in focus, 0.62 blurred by 2 pixels."""
_ASPECT_OFF = 0.08
_SLANT = (25.0, 65.0)
_SIDES_OFF = 1.12
_DARK = 70
_INCH = 25.4


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A page, straight, at `dpi` dots an inch (height x width x BGR). `sharpness` 0 to 1."""

    pixels: NDArray[uint8]
    kind: str
    dpi: int
    sharpness: float


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why no sheet was made: a key of the texts `scan.flaw`, which say what to do."""

    reason: FlawReason


def capture(pixels: NDArray[uint8], kind: DocumentKind | str, page: Page | None) -> Sheet | Flaw:
    """The sheet that lies as `page` in `pixels`, or what is wrong with it. Raises `ValueError` for an unknown kind."""
    made = document_kind(kind) if isinstance(kind, str) else kind
    if page is None:
        return Flaw("no-page")
    if page.touches:
        return Flaw("crop")
    if reason := lies_wrong(page, made):
        return Flaw(reason)
    dpi = round(native_dpi(page, made))
    if dpi < made.least_dpi:
        return Flaw("small")
    straight = warped(pixels, page, made, dpi)
    sharp = sharpness(straight)
    if reason := _looks_wrong(straight, sharp):
        return Flaw(reason)
    evened = even(straight)
    if dpi > made.dpi:
        evened = _scaled(evened, made.dpi / dpi)
    return Sheet(evened, made.key, min(dpi, made.dpi), sharp)


def lies_wrong(page: Page, kind: DocumentKind) -> FlawReason | None:
    """What is wrong with the way it lies, judged by its corners alone."""
    import numpy as np

    sides = np.roll(page.corners, -1, 0) - page.corners
    lengths = np.linalg.norm(sides, axis=1)
    pairs = [sorted((float(lengths[i]), float(lengths[i + 2]))) for i in (0, 1)]
    if any(long > _SIDES_OFF * short for short, long in pairs):
        return "lift"
    short, long = sorted(sum(pair) / 2 for pair in pairs)
    if abs(long / short / kind.aspect - 1) > _ASPECT_OFF:
        return "other-size"
    slant = float(np.degrees(np.arctan2(abs(sides[0][1]), abs(sides[0][0]))))
    return "skew" if _SLANT[0] < slant < _SLANT[1] else None


def native_dpi(page: Page, kind: DocumentKind) -> float:
    """Dots an inch at which the camera sees it."""
    import numpy as np

    lengths = np.linalg.norm(np.roll(page.corners, -1, 0) - page.corners, axis=1)
    return float(lengths.sum()) / (2 * sum(kind.size_mm)) * _INCH


def warped(pixels: NDArray[uint8], page: Page, kind: DocumentKind, dpi: int) -> NDArray[uint8]:
    """The page straight, at `dpi`, its long side as the kind's. Which of two sides is up is for the reader to say."""
    import cv2
    import numpy as np

    width, height = (round(side / _INCH * dpi) for side in kind.size_mm)
    corners = page.corners
    first = np.linalg.norm(corners[1] - corners[0]) + np.linalg.norm(corners[3] - corners[2])
    second = np.linalg.norm(corners[2] - corners[1]) + np.linalg.norm(corners[0] - corners[3])
    if (first > second) != (width > height):
        corners = np.roll(corners, 1, 0)  # it lies on its side: its lower left corner becomes the upper left
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) - 0.5
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), target)
    return np.asarray(cv2.warpPerspective(pixels, matrix, (width, height), flags=cv2.INTER_CUBIC), np.uint8)


def sharpness(straight: NDArray[uint8]) -> float:
    """How much of the steepest gradients dies under a 9-tap blur (0 to 1, sharp is high), whatever the brightness."""
    import cv2
    import numpy as np

    inner = _inner(cv2.cvtColor(straight, cv2.COLOR_BGR2GRAY), 0.03).astype(np.float32)
    inner = cv2.GaussianBlur(inner, (3, 3), 0)
    dull = cv2.blur(inner, (9, 9))
    lost = total = 0.0
    for axis in (0, 1):
        steep, left = (np.abs(np.diff(picture, axis=axis)) for picture in (inner, dull))
        strong = steep > max(4.0, float(np.percentile(steep, 97)))
        total += float(steep[strong].sum())
        lost += float(np.clip(steep - left, 0, None)[strong].sum())
    return lost / total if total else 0.0


def focus(pixels: NDArray[uint8]) -> float:
    """Tenengrad by variance, for the live picture: rises as it comes into focus and stands still; has no unit."""
    import cv2
    import numpy as np

    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY)
    x, y = (cv2.Sobel(grey, cv2.CV_32F, *way, ksize=3) for way in ((1, 0), (0, 1)))
    return float((x * x + y * y).mean()) / max(1.0, float(np.var(grey)))


def _looks_wrong(straight: NDArray[uint8], sharp: float) -> FlawReason | None:
    import cv2
    import numpy as np

    quarter = cv2.resize(straight, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    grey = _inner(np.asarray(cv2.cvtColor(quarter, cv2.COLOR_BGR2GRAY), np.uint8), 0.02)
    paper = float(np.percentile(grey, 70))
    if paper < _DARK:
        return "dark"
    if _glares(_inner(np.asarray(quarter.min(axis=2), np.uint8), 0.02), paper):
        return "glare"
    if _marks(straight) < 0.001:
        return "empty"
    return "blur" if sharp < LEAST_SHARP else None


def _glares(least: NDArray[uint8], paper: float) -> bool:
    """A blotch of more than 0.4 % of the page at the sensor's end, clearly above the paper around it."""
    import cv2
    import numpy as np

    if paper > 238:
        return False
    mask = np.asarray((least >= 250) & (least > paper + 10), np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)))
    return bool(len(stats) > 1 and stats[1:, cv2.CC_STAT_AREA].max() > 0.004 * least.size)


def _marks(straight: NDArray[uint8]) -> float:
    """The share of the page that is clearly darker than the paper around it."""
    import cv2
    import numpy as np

    half = cv2.cvtColor(_scaled(straight, 0.5), cv2.COLOR_BGR2GRAY)
    ground = cv2.medianBlur(cv2.dilate(half, np.ones((9, 9), np.uint8)), 21)
    return float((_inner(half, 0.04).astype(np.int16) < _inner(ground, 0.04).astype(np.int16) * 0.8).mean())


def even(straight: NDArray[uint8]) -> NDArray[uint8]:
    """Shade taken out: each channel divided by the paper's brightness around it. Colours of the paper stay."""
    import cv2
    import numpy as np

    small = _scaled(straight, 0.125)
    grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
    size = max(3, min(grey.shape) // 12) | 1
    ground = cv2.medianBlur(cv2.dilate(grey, np.ones((size, size), np.uint8)), min(255, 2 * size + 1))
    ground = cv2.GaussianBlur(ground, (0, 0), size / 2).astype(np.float32)
    level = min(242.0, max(200.0, float(np.percentile(ground, 95))))
    # A portrait or a dark band is no shade: no part is lifted by more than the lamp can have been weaker there.
    gain = np.clip(level / np.maximum(ground, 1), 0.8, 1.8 * level / max(1.0, float(np.percentile(ground, 90))))
    rows, columns = straight.shape[:2]
    wide: NDArray[float32] = np.asarray(cv2.resize(gain, (columns, rows), interpolation=cv2.INTER_LINEAR), np.float32)
    return np.asarray(np.clip(straight * wide[..., None], 0, 255), np.uint8)


def _scaled(pixels: NDArray[uint8], by: float) -> NDArray[uint8]:
    import cv2
    import numpy as np

    return np.asarray(cv2.resize(pixels, None, fx=by, fy=by, interpolation=cv2.INTER_AREA), np.uint8)


def _inner(picture: Any, share: float) -> Any:
    """The picture without `share` of it at each side: the desk may look in there."""
    rows, columns = picture.shape[:2]
    y, x = round(rows * share), round(columns * share)
    return picture[y : rows - y, x : columns - x]
