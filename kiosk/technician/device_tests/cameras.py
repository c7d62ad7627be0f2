"""The cameras: light, focus, pictures a second, lateness; covered, dark and blurred lenses are found out. None is kept.

Focus is the variance of the Laplacian by the variance of the brightness, at the face or the page that is found, else
where one is expected: a blurred face and a sharp one differ tenfold, and light hardly matters. A plain wall has nothing
to judge by. Of a face that is found it is also said how much of it is too dark or burnt out: a window behind a person
leaves the picture as a whole well lit.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from config.device_tests import Area
from drivers.families import Seeing
from kiosk.technician.device_tests.declared import Body, Figure, Figures, Ground, Leave, Run, TestResult, figures
from kiosk.technician.device_tests.places import Finding, Place, What, place_in

if TYPE_CHECKING:
    from numpy import uint8
    from numpy.typing import NDArray

    from drivers.camera.grabber import Frame

WIDE: Final = 320
FACE_WIDE: Final = 160
"""Pixels across to which the area is scaled: cameras of any resolution have one measure. A face has fewer of its own,
and scaled up it would be as soft as a blurred one."""
LEAST_VARIANCE: Final = 60.0
DARK, BURNT = 32, 250
"""Of the brightest of a pixel's three colours, 0 to 255: below and above skin loses what tells people apart."""
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
    what: What = "middle"
    """Where focus was measured."""
    face_dark: float | None = None
    face_burnt: float | None = None
    """Of the face, where one was found."""

    def figures(self) -> Figures:
        """As figures of a test."""
        told = [*figures(luma=round(self.luma), burnt=round(self.burnt))]
        if self.face_dark is not None and self.face_burnt is not None:
            told += figures(face_dark=round(self.face_dark), face_burnt=round(self.face_burnt))
        if self.fps is not None:
            told.append(Figure("fps", round(self.fps, 1)))
        told += figures(latency_ms=round(self.latency_ms), pixels=f"{self.width} x {self.height}")
        if self.focus is not None:
            kind = "face-focus" if self.what == "face" else "page-focus" if self.page else "focus"
            told.append(Figure(kind, round(1000 * self.focus)))
        told += figures(measured_at=f"at-{self.what}")
        return tuple(told)


def cut_of(pixels: NDArray[uint8], area: Area) -> NDArray[uint8]:
    """The area of a picture, as a view into it."""
    rows, columns = pixels.shape[:2]
    return pixels[int(area.top * rows) : int(area.bottom * rows), int(area.left * columns) : int(area.right * columns)]


def light_of(pixels: NDArray[uint8], area: Area) -> tuple[float, float]:
    """Shares of the area that are too dark and burnt out, in percent."""
    brightest = cut_of(pixels, area)[::2, ::2].max(axis=2)
    if not brightest.size:
        return 0.0, 0.0
    return 100 * float((brightest <= DARK).mean()), 100 * float((brightest >= BURNT).mean())


def focus_of(pixels: NDArray[uint8], area: Area, wide: int = WIDE) -> float | None:
    """Of the area of a picture (height x width x BGR), scaled to `wide`; None when it is too plain to say."""
    import cv2
    import numpy as np

    cut = cut_of(pixels, area)
    if min(cut.shape[:2]) < 2:
        return None
    high = max(2, round(wide * cut.shape[0] / cut.shape[1]))
    grey = cv2.cvtColor(cv2.resize(cut, (wide, high), interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)
    edges = cv2.Laplacian(grey, cv2.CV_32F)
    variance, sharp = float(np.var(grey)), float(np.var(edges))
    grey.fill(0)
    edges.fill(0)
    return None if variance < LEAST_VARIANCE else sharp / variance


async def look_through(camera: Seeing, role: str, within_s: float = WITHIN_S, found_by: Finding | None = None) -> Look:
    """`PICTURES` pictures looked at and wiped. Raises `DeviceError` when they do not come."""
    pictures = await camera.frames(PICTURES, within_s)
    try:
        newest = pictures[-1]
        late = max(0.0, (time.monotonic() - newest.at) * 1000)
        place = await place_in(newest.pixels, role, found_by)
        return await asyncio.get_running_loop().run_in_executor(None, _look, pictures, place, late, role != "camera")
    finally:
        for picture in pictures:
            picture.wipe()


def _look(pictures: Sequence[Frame], place: Place, late_ms: float, page: bool) -> Look:
    area = place.area
    height, width = pictures[-1].pixels.shape[:2]
    lights = [picture.exposure() for picture in pictures]
    wide = FACE_WIDE if place.what == "face" else WIDE
    focuses = [focus for picture in pictures if (focus := focus_of(picture.pixels, area, wide)) is not None]
    # Numbers count whole pictures, also those between two that were taken.
    spent = pictures[-1].at - pictures[0].at
    fps = (pictures[-1].number - pictures[0].number) / spent if spent > 0 else None
    faces = [light_of(picture.pixels, area) for picture in pictures] if place.what == "face" else []
    dark, burnt = (sum(each[at] for each in faces) / len(faces) if faces else None for at in (0, 1))
    return Look(
        width,
        height,
        sum(each.luma for each in lights) / len(lights) / 2.55,
        100 * sum(each.burnt for each in lights) / len(lights),
        max(focuses) if focuses else None,
        fps,
        late_ms,
        page,
        place.what,
        dark,
        burnt,
    )


def camera_test(role: str) -> Body:
    """The test of the camera at `role`."""

    async def test(run: Run) -> TestResult:
        camera = run.ground.device(role, Seeing)
        found_by = run.ground.finding.get(role)
        run.tell(f"look-{role.replace('_', '-')}", preview=role)
        loop = asyncio.get_running_loop()
        ends, good = loop.time() + LOOK_S, 0
        # Somebody who is there lays a page, wipes the lens, turns the ring, and sees the figures follow.
        for number in range(MOST_ROUNDS if run.operator.present else 1):
            result = judged(run, camera, await look_through(camera, role, found_by=found_by))
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
