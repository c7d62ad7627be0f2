"""How a picture is lit and how sharp it is, cheap enough to be known all the time.

Sharpness is Tenengrad by variance: the mean square of the Sobel gradients by the variance of the brightness. It hardly
depends on how bright a scene is, which the plain variance of the Laplacian does. It compares pictures of one scene
(the same desk, the same visitor); there is no number above which every picture is sharp.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy import uint8
    from numpy.typing import NDArray

_STEP = 16  # every 16th pixel both ways is enough to tell light from dark: 1200 of 307200
_LEAST_ROWS = 30
_BURNT, _BLACK = 250, 5
_MIDDLE = (480, 640)  # sharpness is measured where citizens and pages are, at the camera's own resolution
_LEAST_VARIANCE = 25.0  # a blank wall has only the sensor's noise


@dataclass(frozen=True, slots=True)
class Exposure:
    """`luma`: mean brightness, 0 to 255. `burnt`, `black`: shares of the picture without detail at either end."""

    luma: float = 255.0
    burnt: float = 0.0
    black: float = 0.0


UNKNOWN = Exposure()
"""Before the first picture: neither dark nor bright."""


def exposure(pixels: NDArray[uint8]) -> Exposure:
    """Of a picture (height x width x BGR); about 0.02 ms."""
    step = max(1, min(_STEP, pixels.shape[0] // _LEAST_ROWS))
    sample = pixels[::step, ::step]
    brightest = sample.max(axis=2)
    return Exposure(float(sample.mean()), float((brightest >= _BURNT).mean()), float((brightest <= _BLACK).mean()))


def sharpness(pixels: NDArray[uint8]) -> float:
    """Of the middle of a picture (height x width x BGR); about 1 ms. 0: nothing to be seen in it."""
    import cv2
    import numpy as np

    rows, columns = pixels.shape[:2]
    high, wide = min(rows, _MIDDLE[0]), min(columns, _MIDDLE[1])
    top, left = (rows - high) // 2, (columns - wide) // 2
    grey = cv2.cvtColor(pixels[top : top + high, left : left + wide], cv2.COLOR_BGR2GRAY)
    across, down = (cv2.Sobel(grey, cv2.CV_32F, x, y) for x, y in ((1, 0), (0, 1)))
    energy = float(cv2.mean(cv2.multiply(across, across))[0] + cv2.mean(cv2.multiply(down, down))[0])
    made = energy / max(float(np.var(grey)), _LEAST_VARIANCE)
    for array in (grey, across, down):
        array.fill(0)
    return made
