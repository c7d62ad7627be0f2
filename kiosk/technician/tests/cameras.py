"""The cameras: light, focus, pictures a second, lateness; covered, dark and blurred lenses are found out. None is kept.

Focus is the variance of the Laplacian where a face or a page is expected, by the variance of the brightness there: a
blurred face and a sharp one differ tenfold, and light hardly matters. A plain wall has nothing to judge by.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from config.device_tests import Area, device_tests
from drivers.families import Seeing
from kiosk.technician.tests.declared import Body, Figure, Figures, Ground, Leave, Run, TestResult, figures

if TYPE_CHECKING:
    from numpy import uint8
    from numpy.typing import NDArray

    from drivers.camera.grabber import Frame

WIDE: Final = 320
"""Pixels across to which the area is scaled: cameras of any resolution have one measure."""
LEAST_VARIANCE: Final = 60.0
PICTURES: Final = 6
LEAST_ROUNDS: Final = 3
MOST_ROUNDS: Final = 20
LOOK_S: Final = 20.0
"""So long a person may try to make it right."""
WITHIN_S: Final = 6.0


@dataclass(frozen=True, slots=True)
class Look:
    """What some pictures are like. `focus` None: nothing to judge it by; `fps` None: all of one moment. Light in %.

    `page`: what is expected there is print, which has more edges than a face.
    """

    width: int
    height: int
    luma: float
    burnt: float
    focus: float | None
    fps: float | None
    latency_ms: float
    page: bool = False

    def figures(self) -> Figures:
        """As figures of a test."""
        told = [*figures(luma=round(self.luma), burnt=round(self.burnt))]
        if self.fps is not None:
            told.append(Figure("fps", round(self.fps, 1)))
        told += figures(latency_ms=round(self.latency_ms), pixels=f"{self.width} x {self.height}")
        if self.focus is not None:
            told.append(Figure("page-focus" if self.page else "focus", round(1000 * self.focus)))
        return tuple(told)


def focus_of(pixels: NDArray[uint8], area: Area) -> float | None:
    """Of the area of a picture (height x width x BGR); None when it is too plain to say."""
    import cv2
    import numpy as np

    rows, columns = pixels.shape[:2]
    cut = pixels[int(area.top * rows) : int(area.bottom * rows), int(area.left * columns) : int(area.right * columns)]
    if min(cut.shape[:2]) < 2:
        return None
    high = max(2, round(WIDE * cut.shape[0] / cut.shape[1]))
    grey = cv2.cvtColor(cv2.resize(cut, (WIDE, high), interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)
    edges = cv2.Laplacian(grey, cv2.CV_32F)
    variance, sharp = float(np.var(grey)), float(np.var(edges))
    grey.fill(0)
    edges.fill(0)
    return None if variance < LEAST_VARIANCE else sharp / variance


async def look_through(camera: Seeing, area: Area, within_s: float = WITHIN_S, *, page: bool = False) -> Look:
    """`PICTURES` pictures looked at and wiped. Raises `DeviceError` when they do not come."""
    pictures = await camera.frames(PICTURES, within_s)
    try:
        newest = pictures[-1]
        late = max(0.0, (time.monotonic() - newest.at) * 1000)
        return await asyncio.get_running_loop().run_in_executor(None, _look, pictures, area, late, page)
    finally:
        for picture in pictures:
            picture.wipe()


def _look(pictures: Sequence[Frame], area: Area, late_ms: float, page: bool) -> Look:
    height, width = pictures[-1].pixels.shape[:2]
    lights = [picture.exposure() for picture in pictures]
    focuses = [focus for picture in pictures if (focus := focus_of(picture.pixels, area)) is not None]
    # Numbers count whole pictures, also those between two that were taken.
    spent = pictures[-1].at - pictures[0].at
    fps = (pictures[-1].number - pictures[0].number) / spent if spent > 0 else None
    return Look(
        width,
        height,
        sum(each.luma for each in lights) / len(lights) / 2.55,
        100 * sum(each.burnt for each in lights) / len(lights),
        max(focuses) if focuses else None,
        fps,
        late_ms,
        page,
    )


def camera_test(role: str) -> Body:
    """The test of the camera at `role`."""

    async def test(run: Run) -> TestResult:
        camera = run.ground.device(role, Seeing)
        area = device_tests().area[role]
        run.tell(f"look-{role.replace('_', '-')}", preview=role)
        loop = asyncio.get_running_loop()
        ends, good = loop.time() + LOOK_S, 0
        # Somebody who is there lays a page, wipes the lens, turns the ring, and sees the figures follow.
        for number in range(MOST_ROUNDS if run.operator.present else 1):
            result = judged(run, camera, await look_through(camera, area, page=role != "camera"))
            good = good + 1 if result.outcome == "pass" else 0
            run.tell(f"look-{role.replace('_', '-')}", *result.figures, preview=role)
            if (number >= LEAST_ROUNDS and good > 1) or loop.time() >= ends:
                break
        return result

    return test


def judged(run: Run, camera: Seeing, look: Look) -> TestResult:
    """Light first: in the dark nothing is sharp. What the camera itself warns of counts too."""
    measured = look.figures()
    if camera.status.warnings:
        warning = camera.status.warnings[0]
        return run.broken(camera.family, warning.cause, warning.sentence, *measured)
    result = run.passed(*measured)
    if result.outcome == "pass" and look.focus is None:
        return run.ended("unknown", "device.camera.no-detail", "", *measured, cause="no-detail")
    return result


def wiped(role: str) -> Leave:
    """No picture of the technician stays."""

    async def leave(ground: Ground) -> None:
        ground.device(role, Seeing).wipe()

    return leave
