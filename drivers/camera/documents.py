"""Documents on the desk: where a page lies now, and the sheet of it; the work is done in a process of its own.

The process is there only while somebody scans: it starts at the first question, ends 45 s after the last one and at
`close`. Nothing of OpenCV is loaded on this side. Whatever comes back is checked before it is believed.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from config.documents import document_kind
from drivers.camera.frames import Picture
from drivers.camera.worker import IDLE_S, START_S, Worker
from drivers.camera.worker_wire import MAX_SHEET, WireError, checked_size
from drivers.errors import ProtocolError

if TYPE_CHECKING:
    from numpy import uint8
    from numpy.typing import NDArray

    from drivers.camera.grabber import Frame

WORKER = (sys.executable, "-m", "drivers.camera.document_worker")
DOCUMENT_S = 5.0
_FLAWS = frozenset(
    {"no-page", "crop", "other-size", "skew", "lift", "small", "dark", "glare", "blur", "empty"}
)  # drivers.camera.document_sheet.FLAWS, which loads OpenCV's types
MAX_THUMB = 512

Look: TypeAlias = "Picture | Frame | NDArray[uint8]"
"""A picture in any of the forms in which the terminal has one; an array is height x width x BGR."""
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Outline:
    """Where a page lies, as shares of the picture's width and height (0 to 1), clockwise. `touches`: it runs out there.

    `focus` rises as the picture gets sharper; it has no unit.
    """

    corners: tuple[Point, ...]
    score: float
    touches: tuple[str, ...]
    focus: float


@dataclass(frozen=True, slots=True)
class Scanned:
    """One sheet: a JPEG, and a thumbnail (RGB rows of `thumb_size`). Keep it in the vault only."""

    kind: str
    jpeg: bytes = field(repr=False)
    thumb: bytes = field(repr=False)
    thumb_size: tuple[int, int]
    dpi: int
    sharpness: float


@dataclass(frozen=True, slots=True)
class NotScanned:
    """Why there is no sheet: a key of the texts `scan.flaw`."""

    reason: str


class DocumentEngine:
    """Finds pages and makes sheets. `worker` is the command line of its process."""

    def __init__(
        self,
        *,
        deadline_s: float = DOCUMENT_S,
        start_s: float = START_S,
        idle_s: float = IDLE_S,
        worker: Sequence[str] = WORKER,
    ) -> None:
        self.worker = Worker("document process", worker, deadline_s=deadline_s, start_s=start_s, idle_s=idle_s)
        self._desk: Picture | None = None

    def keep_empty_desk(self, look: Look | None) -> None:
        """From now on compare with this picture of the bare desk (None: forget it); taken where nobody's paper lies."""
        if self._desk is not None:
            self._desk.wipe()
        self._desk = None if look is None else Picture.of(_pixels(look))

    async def find(self, look: Look) -> Outline | None:
        """Where a page lies in `look`, which stays the caller's to wipe. Raises `DeviceError` as `Worker.ask` does."""
        head, _ = await self._ask("find", "", look)
        return _outline(head)

    async def capture(self, look: Look, kind: str) -> Scanned | NotScanned:
        """The sheet of that `kind` in `look`. Raises `DeviceError`, and `ValueError` for an unknown kind."""
        document_kind(kind)
        head, body = await self._ask("capture", kind, look)
        try:
            return _scanned(kind, head, body)
        except WireError as error:
            await self.worker.close()
            raise ProtocolError(f"document process: {error}; it was ended and starts anew") from None

    async def close(self) -> None:
        """End the process; the empty desk is kept. Never raises."""
        await self.worker.close()

    async def _ask(self, do: str, kind: str, look: Look) -> tuple[dict[str, Any], bytes]:
        picture = look if isinstance(look, Picture) else Picture.of(_pixels(look))
        desk = self._desk
        if desk is not None and (desk.width, desk.height) != (picture.width, picture.height):
            desk = None
        try:
            size = checked_size([picture.width, picture.height], "document")
            head = {"do": do, "size": size, "kind": kind, "desk": desk is not None}
            return await self.worker.ask(head, [picture.bgr] if desk is None else [picture.bgr, desk.bgr])
        finally:
            if picture is not look:
                picture.wipe()


def _pixels(look: Look) -> Any:
    """The array behind a look."""
    if isinstance(look, Picture):
        import numpy as np

        return np.frombuffer(look.bgr, np.uint8).reshape(look.height, look.width, 3)
    return getattr(look, "pixels", look)


def _outline(head: dict[str, Any]) -> Outline | None:
    corners = head.get("corners")
    if corners is None:
        return None
    if (
        not isinstance(corners, list)
        or len(corners) != 4
        or not all(isinstance(c, list) and len(c) == 2 for c in corners)
    ):
        raise ProtocolError("document process: corners that are none")
    points = tuple((_number(x), _number(y)) for x, y in corners)
    touches = tuple(side for side in ("left", "top", "right", "bottom") if side in head.get("touches", ()))
    return Outline(points, _number(head.get("score")), touches, _number(head.get("focus", 0)))


def _number(value: Any) -> float:
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise ProtocolError("document process: a number that is none")
    return float(value)


def _scanned(kind: str, head: dict[str, Any], body: bytes) -> Scanned | NotScanned:
    flaw = head.get("flaw")
    if flaw is not None:
        if flaw not in _FLAWS:
            raise WireError("a flaw that is none")
        return NotScanned(flaw)
    length, size, dpi = head.get("sheet"), head.get("thumb"), head.get("dpi")
    if type(length) is not int or not 0 < length <= MAX_SHEET or type(dpi) is not int:
        raise WireError("a sheet without its length")
    if not isinstance(size, list) or len(size) != 2 or not all(type(s) is int and 0 < s <= MAX_THUMB for s in size):
        raise WireError("a thumbnail without its size")
    if len(body) != length + size[0] * size[1] * 3 or not body.startswith(b"\xff\xd8"):
        raise WireError("a sheet that is not as long as it says")
    return Scanned(kind, body[:length], body[length:], (size[0], size[1]), dpi, _number(head.get("sharpness")))
