"""What a terminal in somebody else's loop sees: a camera whose pictures have next to no pixels, and engines that say
what the world says of them. The steps that use them are the real ones."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from types import SimpleNamespace
from typing import Any, Protocol

from config.documents import document_kind
from drivers.camera.codes import Code, Format
from drivers.camera.documents import NotScanned, Outline, Scanned
from drivers.camera.face_wire import Box
from drivers.camera.frames.mrz import MrzReading
from drivers.camera.grabber import Frame
from drivers.camera.id_photo import PhotoMeasures
from drivers.camera.texts import TextLine
from drivers.device import DeviceState, Fault, Status
from drivers.errors import NoAnswer
from drivers.families import Seeing

FACE = {"score": 0.8, "guidance": "ok", "model": "told", "faces_found": 1, "turn": 0.0, "best": 0}
FACE_BOX: Box = (0.35, 0.2, 0.65, 0.7)
PICTURE_S = 0.3
SIDE = (960, 960)
WALL, SKIN = 242, 150
SITTING = PhotoMeasures(
    1, 960, 960, 480, 430, 0.5, 0.02, 8, 300, 580, 392, 568, 82, 0.3, 0.3, 0.02, 140, 0.05, 0.0, 2.0, 0.0, 240, 2, 0.0
)
"""Somebody who sits right for every rule of `id_photos.toml`."""
WHOLE = Outline(((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9)), 1.0, (), 1.0)
THUMB = (4, 4)


class Sights(Protocol):
    """What there is to be seen."""

    def sees(self) -> str:
        """What the face comparison says: pass, fail, ...; "" is a camera without a picture, covered a black one."""
        ...

    def held_up(self) -> str:
        """The code that is held before the camera, "" for none."""
        ...

    def on_desk(self) -> str:
        """What lies on the desk: "page", the key of a flaw (`scan.flaw`), "" for nothing."""
        ...

    def printed_on(self) -> tuple[str, ...]:
        """The lines of the sheet that lies there, as a reader of texts finds them."""
        ...

    def written(self) -> tuple[str, ...]:
        """What a reader of handwriting takes the strokes for, the likeliest first."""
        ...


class Eyes(Seeing):
    """A camera that sees what the world says."""

    def __init__(self, world: Sights) -> None:
        super().__init__("camera")
        self._world = world
        self._number = 0

    def latest(self) -> Frame | None:
        return self._picture() if self._world.on_desk() else None

    def wipe(self) -> None:
        """Pictures live as long as who asked for them."""

    async def frames(self, n: int, within_s: float) -> list[Frame]:
        await asyncio.sleep(min(PICTURE_S, within_s))
        if not self._world.sees():
            raise NoAnswer("camera: no picture")
        return [self._picture() for _ in range(n)]

    async def preview(self, size: tuple[int, int]) -> bytes | None:
        del size
        await asyncio.sleep(0.5)
        return None

    async def read_code(
        self, expect: Collection[Format], deadline_s: float, cancel: asyncio.Event | None = None
    ) -> Code | None:
        del expect
        until = asyncio.get_running_loop().time() + deadline_s
        while asyncio.get_running_loop().time() < until and not (cancel and cancel.is_set()):
            if payload := self._world.held_up():
                return Code(payload, "qr", (0, 0, 1, 1), "zxing")
            await asyncio.sleep(0.25)
        return None

    def _picture(self) -> Frame:
        import numpy as np

        self._number += 1
        pixels = np.full((*SIDE, 3), WALL, np.uint8)
        pixels[300:600, 390:570] = SKIN
        return Frame(pixels, asyncio.get_running_loop().time(), self._number)

    async def _open(self) -> None:
        await self._poll()
        self.set_status(Status(DeviceState.ONLINE))

    async def _poll(self) -> Status:
        if not self._world.sees():
            raise NoAnswer("camera: no picture")
        if self._world.sees() == "covered":
            return Status(DeviceState.ONLINE, warnings=(Fault("dark", "camera: the picture is black; is it covered?"),))
        return Status(DeviceState.ONLINE)

    async def _close(self) -> None:
        return None


class Faces:
    """A face engine that says what the world says."""

    model = "told"

    def __init__(self, world: Sights) -> None:
        self._world = world

    async def compare(self, *_: Any, covered_too: bool = False) -> Any:
        """One verdict."""
        del covered_too
        await asyncio.sleep(0.2)
        return SimpleNamespace(band=self._world.sees() or "retake", **FACE)

    async def find(self, frames: Sequence[Any]) -> list[Box | None]:
        """A face in the middle; none where the camera sees nothing."""
        await asyncio.sleep(0.1)
        return [FACE_BOX if self._world.sees() not in ("", "covered") else None for _ in frames]

    async def measure(self, frames: Sequence[Any]) -> list[PhotoMeasures]:
        """Somebody who sits right; nobody where the camera sees nothing."""
        await asyncio.sleep(0.1)
        seen = SITTING if self._world.sees() else replace(SITTING, faces=0)
        return [seen for _ in frames]

    async def close(self) -> None:
        """Nothing is open."""


class Desk:
    """A document engine that finds what the world says."""

    def __init__(self, world: Sights) -> None:
        self._world = world

    def keep_empty_desk(self, look: Any) -> None:
        """Nothing is learnt of an empty desk."""

    async def find(self, look: Any) -> Outline | None:
        """The page, whole, when one lies there."""
        del look
        await asyncio.sleep(0.05)
        return WHOLE if self._world.on_desk() else None

    async def capture(self, look: Any, kind: str) -> Scanned | NotScanned:
        """The sheet, or its flaw."""
        del look
        await asyncio.sleep(0.15)
        there = self._world.on_desk()
        if there != "page":
            return NotScanned(there or "no-page")
        return Scanned(kind, sheet(), b"\x80" * (3 * THUMB[0] * THUMB[1]), THUMB, document_kind(kind).dpi, 1.0)

    async def close(self) -> None:
        """Nothing is open."""


class Reading:
    """A text engine that reads what the world says."""

    reads_hand = True

    def __init__(self, world: Sights) -> None:
        self._world = world

    async def read_text(self, jpeg: bytes) -> tuple[TextLine, ...]:
        """The lines of the sheet."""
        del jpeg
        await asyncio.sleep(0.2)
        return tuple(TextLine(line, 0.99) for line in self._world.printed_on())

    async def start(self) -> None:
        """It is ready."""

    async def read_hand(self, strokes: Sequence[Sequence[tuple[float, float]]]) -> tuple[TextLine, ...]:
        """What was written."""
        del strokes
        await asyncio.sleep(0.02)
        return tuple(TextLine(text, 0.9) for text in self._world.written())

    async def read_mrz(self, jpeg: bytes, today: date) -> MrzReading | None:
        """The machine-readable zone among those lines."""
        from drivers.camera.frames.mrz import MrzError, read_mrz_lines

        del jpeg
        await asyncio.sleep(0.2)
        lines = [line for line in self._world.printed_on() if "<" in line]
        try:
            return read_mrz_lines(lines, today) if lines else None
        except MrzError:
            return None

    async def close(self) -> None:
        """Nothing is open."""


@cache
def sheet() -> bytes:
    """A small page with some lines on it, as JPEG."""
    import cv2
    import numpy as np

    page = np.full((424, 300), 255, np.uint8)
    page[40:400:24, 30:270] = 60
    done, jpeg = cv2.imencode(".jpg", page)
    assert done
    return bytes(jpeg.tobytes())
