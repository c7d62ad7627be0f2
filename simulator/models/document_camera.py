"""The simulated document camera: a desk from above, what lies on it and what is wrong with that; 1920 x 1440.

Faults of camera and line are those of `simulator.models.mjpeg_camera`. A scene is drawn in a thread of its own, about
0.3 s; until it is ready the camera shows what was there before. Of each scene a few encoded pictures are kept.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from simulator.device import SimDevice
from simulator.models.mjpeg_camera import FAULT_VERBS, MjpegCamera

if TYPE_CHECKING:
    from simulator.scenes.documents import Desk, DeskScene, DeskTruth
    from simulator.scenes.papers import Kind

DESK_PATH = "/desk.mjpg"
_LOOP = 3  # pictures of a scene; they differ by the sensor's noise
_QUALITY = 88
_TURN_OVER = ((0.25, 0.4), (0.75, 0.4))  # how far the page is over, seconds shown


@dataclass(frozen=True, slots=True, eq=False)
class _Shown:
    """A scene that is ready to be sent, from `since` (monotonic seconds) on."""

    since: float
    jpegs: tuple[bytes, ...]
    truth: DeskTruth


class DocumentCameraSim(MjpegCamera):
    """A camera over a desk at `http://host:port/path`; `do("lay", kind="passport")` and the other verbs change it."""

    family = "document-camera"
    rate = 5.0
    verbs = {  # noqa: RUF012 - a constant table of the class
        "lay": "a document on the desk: kind (a4, form, blank, id-front, id-back, passport, permit-front, permit, "
        "booklet), holder, page, turn (degrees)",
        "clear": "the desk is empty",
        "turn_page": "the page is turned over to the next one",
        "shift": "the document is moved: right, down (millimetres from the middle)",
        "skew": "the document lies turned by degrees and is held up at one side",
        "hand": "a hand lies in the picture",
        "glare": "a lamp is reflected: strength (0 to 1)",
        "blur": "the lens is out of focus: pixels (0 to 12)",
        "dark": "poor light: light (0 to 1)",
        "desk": "another desk: desk (dark, wood, green, light)",
        "tidy": "hand, glare, blur, darkness and skew are gone; the document stays",
        **FAULT_VERBS,
    }

    def __init__(self, address: str = f"http://127.0.0.1:0{DESK_PATH}") -> None:
        super().__init__(address)
        self._scene: DeskScene | None = None
        self._queue: list[_Shown] = []
        self._lock = threading.Lock()
        self._staged = 0
        self._painter: threading.Thread | None = None

    @property
    def scene(self) -> DeskScene:
        """What lies there, or will as soon as it is drawn."""
        if self._scene is None:
            from simulator.scenes.documents import DeskScene

            self._scene = DeskScene()
        return self._scene

    @property
    def words(self) -> str:
        """The desk as a sentence, without what a document says."""
        return self.scene.words

    def state(self) -> dict[str, Any]:
        """Scene, fault, who looks, and what a host must notice."""
        scene = {"scene": self.scene.kind or "empty", "holder": self.scene.holder, "page": self.scene.page}
        return {**super().state(), **scene, "desk": self.scene.desk}

    def truth(self) -> DeskTruth:
        """What is true of the picture that is shown now."""
        return self._now(time.monotonic()).truth

    def lay_picture(self, data: bytes) -> None:
        """Lay a picture (JPEG, PNG, WebP) on the desk, as large as an A4 sheet allows. Raises `ValueError`."""
        from simulator.scenes.brought import own_picture

        self._change(kind="picture", own=own_picture(data), page=1, shift=(0.0, 0.0))
        self.changed()

    def wait_drawn(self, within_s: float = 10.0) -> bool:
        """True when what was asked for last is drawn. Blocks; for tests and scripts."""
        painter = self._painter
        if painter is not None:
            painter.join(within_s)
            return not painter.is_alive()
        return True

    def jpeg_at(self, now: float) -> bytes:
        """The picture of this moment."""
        shown = self._now(now)
        return shown.jpegs[int(now * self.rate) % len(shown.jpegs)]

    def _now(self, now: float) -> _Shown:
        with self._lock:
            while len(self._queue) > 1 and self._queue[1].since <= now:
                del self._queue[0]
            if self._queue:
                return self._queue[0]
        first = _painted(self.scene, 0.0)
        with self._lock:
            self._queue = self._queue or [first]
            return self._queue[0]

    def _stage(self, *scenes: tuple[DeskScene, float]) -> None:
        """Show `scenes` one after the other, each for its seconds, the last one until something else is staged."""
        self._scene = scenes[-1][0]
        self._staged += 1
        number = self._staged

        def paint() -> None:
            ready = [_painted(scene, 0.0) for scene, _ in scenes]
            with self._lock:
                if number != self._staged:
                    return  # something else was staged meanwhile
                since, timed = time.monotonic(), []
                for shown, (_, seconds) in zip(ready, scenes, strict=True):
                    timed.append(replace(shown, since=since))
                    since += seconds
                self._queue = timed

        self._painter = threading.Thread(target=paint, name="desk-painter", daemon=True)
        self._painter.start()

    def _change(self, **changes: Any) -> None:
        self._stage((replace(self.scene, **changes), 0.0))

    # What people do.

    def _lay(self, kind: Kind, holder: str = "", page: int = 1, turn: float = 3.0) -> None:
        self._change(kind=kind, holder=holder or self.scene.holder, page=int(page), turn=float(turn), shift=(0.0, 0.0))

    def _clear(self) -> None:
        self._change(kind="", hand=False, shift=(0.0, 0.0))

    def _turn_page(self) -> None:
        if not self.scene.kind:
            raise ValueError("document-camera turn_page: nothing lies there")
        moving: Sequence[tuple[DeskScene, float]] = [
            (replace(self.scene, turning=share), seconds) for share, seconds in _TURN_OVER
        ]
        self._stage(*moving, (replace(self.scene, page=self.scene.page + 1), 0.0))

    def _shift(self, right: float = 0.0, down: float = 0.0) -> None:
        self._change(shift=(float(right), float(down)))

    def _skew(self, degrees: float = 25.0) -> None:
        self._change(turn=float(degrees), tilt=(0.18, 0.12))

    def _hand(self) -> None:
        self._change(hand=True)

    def _glare(self, strength: float = 0.7) -> None:
        self._change(glare=float(strength))

    def _blur(self, pixels: float = 4.0) -> None:
        self._change(blur=float(pixels))

    def _dark(self, light: float = 0.25) -> None:
        self._change(light=float(light))

    def _desk(self, desk: Desk) -> None:
        self._change(desk=desk)

    def _tidy(self) -> None:
        self._change(hand=False, glare=0.0, blur=0.6, light=1.0, turn=3.0, tilt=(0.02, 0.03), shift=(0.0, 0.0))


def _painted(scene: DeskScene, since: float) -> _Shown:
    """A few pictures of the scene, encoded."""
    from simulator.scenes.canvas import jpeg, photographed
    from simulator.scenes.documents import still_of

    still, truth = still_of(scene)
    pictures = (
        photographed(still, scene.seed + i, light=scene.light, blur=scene.blur, noise=2.0) for i in range(_LOOP)
    )
    return _Shown(since, tuple(jpeg(picture, _QUALITY) for picture in pictures), truth)


def make(address: str, **options: Any) -> SimDevice:
    """A simulated document camera at `http://host:port/path`. It has no options. Raises `ValueError`."""
    if options:
        raise ValueError(f"document-camera: unknown options {', '.join(sorted(options))}; it has none")
    return DocumentCameraSim(address)
