"""Where in a picture to measure: at the face or the page that the engines find, else where it is expected."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Protocol

from config.device_tests import Area, device_tests
from drivers.errors import DeviceError

if TYPE_CHECKING:
    from numpy import uint8
    from numpy.typing import NDArray

log = logging.getLogger(__name__)

What = Literal["face", "page", "middle"]
Box = tuple[float, float, float, float]
Finding = Callable[["NDArray[uint8]"], Awaitable[Box | None]]
"""Left, top, right, bottom as shares of a picture (height x width x BGR), which stays the caller's; None: nothing.

Raises `DeviceError` when the engine cannot look.
"""
SIDE: Final = 960
"""Pixels of the longer side in which is looked; a face or a page is found in fewer as well."""
LEAST: Final = 0.04
"""A box that is narrower or lower than this share is no place to judge a lens by."""
INSIDE: Final[Mapping[What, float]] = {"face": 0.12, "page": 0.04, "middle": 0.0}
"""Cut off on each side: hair and what is behind a head; a page's edge, and the desk beside a page that lies askew."""


@dataclass(frozen=True, slots=True)
class Place:
    """An area of a picture and what lies there; "middle": nothing was found, it is where it should be."""

    area: Area
    what: What = "middle"


class FindsFaces(Protocol):
    """As `drivers.camera.faces.FaceEngine`."""

    async def find(self, frames: Sequence[NDArray[uint8]]) -> Sequence[Box | None]:
        """Where the largest face of each is."""
        ...


class Outlined(Protocol):
    """As `drivers.camera.documents.Outline`."""

    @property
    def corners(self) -> tuple[tuple[float, float], ...]:
        """Four, as shares."""
        ...


class FindsPages(Protocol):
    """As `drivers.camera.documents.DocumentEngine`."""

    async def find(self, look: NDArray[uint8]) -> Outlined | None:
        """Where a page lies."""
        ...


def finding(faces: FindsFaces, pages: FindsPages) -> Mapping[str, Finding]:
    """Place of a camera in the profile -> what is looked for there. A code camera sees whatever is held up."""

    async def face(pixels: NDArray[uint8]) -> Box | None:
        (box,) = await faces.find([pixels])
        return box

    async def page(pixels: NDArray[uint8]) -> Box | None:
        outline = await pages.find(pixels)
        if outline is None:
            return None
        across, down = ([min(max(each[at], 0.0), 1.0) for each in outline.corners] for at in (0, 1))
        return min(across), min(down), max(across), max(down)

    return {"camera": face, "document_camera": page}


async def place_in(pixels: NDArray[uint8], role: str, found_by: Finding | None) -> Place:
    """Where to measure in this picture; an engine that cannot look costs only the better place."""
    expected = Place(device_tests().area[role])
    if found_by is None:
        return expected
    small = _smaller(pixels)
    try:
        box = await found_by(small)
    except DeviceError as error:
        log.info("camera test: %s is judged where it is expected: %s", role, error)
        return expected
    finally:
        small.fill(0)
    return place_of(box, "face" if role == "camera" else "page") or expected


def place_of(box: Box | None, what: What) -> Place | None:
    """The inside of a box; None: there is none, or it is too small."""
    if box is None:
        return None
    left, top, right, bottom = box
    if right - left < LEAST or bottom - top < LEAST:
        return None
    across, down = (INSIDE[what] * length for length in (right - left, bottom - top))
    area = Area(left=left + across, top=top + down, right=right - across, bottom=bottom - down)
    return Place(area, what)


def _smaller(pixels: NDArray[uint8]) -> NDArray[uint8]:
    """A copy of its own, of at most `SIDE` pixels."""
    import cv2
    import numpy as np

    share = min(1.0, SIDE / max(pixels.shape[:2]))
    if share == 1.0:
        return pixels.copy()
    return np.asarray(cv2.resize(pixels, None, fx=share, fy=share, interpolation=cv2.INTER_AREA), np.uint8)
