"""The simulated face camera: citizens who stand, come, turn, blink and leave; photos, phones, darkness.

Faults of camera and line are those of `simulator.models.mjpeg_camera`. A scene that stands is a short loop of encoded
pictures; an act is drawn picture by picture and, when it is over, what stays becomes a loop.
"""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from drivers.camera.frames import FPS, MJPEG_PATH
from simulator.device import SimDevice
from simulator.models.camera_scenes import Loop, Scene, citizen
from simulator.models.mjpeg_camera import FAULT_VERBS, SEEN, MjpegCamera, Trouble
from simulator.people import CITIZENS, FACES

if TYPE_CHECKING:
    from simulator.scenes.acting import Act, ActKind, Side

__all__ = ["SEEN", "CameraSim", "Trouble", "make", "well_apart"]

_POOR_LIGHT = 0.35
_MOST_BLUR = 12.0


class CameraSim(MjpegCamera):
    """A camera at `http://host:port/path`; `do("show", face="citizen-07")` and the other verbs stage what it sees.

    `numbered`: every picture carries a number that `simulator.scenes.stamp` reads: its moment, in pictures.
    """

    family = "camera"
    rate = FPS
    verbs = {  # noqa: RUF012 - a constant table of the class
        "show": "a citizen stands there: face, pose (front, left15, right15, far, left35, right35, blink, dark, id)",
        "someone_else": "not the citizen `face` but another, whose face is well apart",
        "nobody": "nobody stands there",
        "two": "two people: face, other",
        "photo": "a photo of face is held up",
        "dark": "face in poor light",
        "cover": "a hand over the lens",
        "blur": "the lens is out of focus: pixels (0 to 12); the scene stays",
        "code": "a phone shows a QR code: payload",
        "approach": "face comes from afar to the terminal: seconds",
        "turn": "who stands there (or face) turns the head to the own side (left, right) for seconds, and back",
        "blink": "who stands there (or face) blinks once",
        "close_eyes": "who stands there (or face) keeps the eyes shut for seconds",
        "look_away": "who stands there (or face) looks aside: side, seconds",
        "leave": "who stands there (or face) walks off: seconds",
        "join": "other walks in and stays beside who stands there (or face): seconds",
        "obey": "what a terminal asks for is done: challenge (turn-left, turn-right, close-eyes)",
        "disobey": "something else than what a terminal asks for is done: challenge",
        **FAULT_VERBS,
    }

    def __init__(self, address: str = f"http://127.0.0.1:0{MJPEG_PATH}", *, numbered: bool = False) -> None:
        super().__init__(address)
        self.numbered = numbered
        self._loop = Loop(Scene())
        self._act: Act | None = None
        self._began = 0.0
        self._drawn: tuple[int, bytes] = (-1, b"")
        self._out_of_focus = 0.0

    @property
    def scene(self) -> Scene:
        """What stands before the lens, or what will when the act is over."""
        return self._loop.scene

    @property
    def words(self) -> str:
        """Scene or act as a sentence; never a code's payload."""
        return self._act.words if self._act else self.scene.words

    def state(self) -> dict[str, Any]:
        """Scene, act, fault, who looks, and what a host must notice."""
        act = {"act": self._act.kind if self._act else ""}
        names = ("kind", "face", "other", "pose")
        scene = dict(zip(("scene", *names[1:]), (getattr(self.scene, name) for name in names), strict=True))
        return {**super().state(), **scene, **act}

    def jpeg_at(self, now: float) -> bytes:
        """The picture of this moment."""
        made = self._in_focus(now)
        if not self._out_of_focus:
            return made
        from simulator.scenes.canvas import out_of_focus

        return out_of_focus(made, self._out_of_focus)

    def _in_focus(self, now: float) -> bytes:
        index = int(now * FPS)
        if self._act is None and not self.numbered:
            return self._loop.jpeg(index)
        if self._drawn[0] != index:
            self._drawn = (index, self._drawn_now(now, index))
        return self._drawn[1]

    def _drawn_now(self, now: float, index: int) -> bytes:
        from simulator.scenes.acting import scene_at
        from simulator.scenes.canvas import jpeg
        from simulator.scenes.people import draw
        from simulator.scenes.stamp import stamp

        if self._act is not None:
            picture = draw(scene_at(self._act, now - self._began))[0]
            if now - self._began > self._act.length_s:
                self._loop, self._act = Loop(self._loop.scene, still=picture.copy()), None
                self.changed()
        else:
            picture = self._loop.picture(index)
        if self.numbered:
            stamp(picture, index)
        return jpeg(picture)

    # What people do.

    def _stage(self, scene: Scene) -> None:
        self._loop, self._act = Loop(scene), None

    def _play(
        self,
        kind: ActKind,
        face: str,
        side: Side = "left",
        *,
        seconds: float = 0.0,
        other: str = "",
        after: str = "citizen",
    ) -> None:
        from simulator.scenes.acting import Act

        who = face or (self.scene.face if self.scene.kind in ("citizen", "two") else "")
        if not who:
            raise ValueError(f"camera {kind}: nobody stands there; name a face")
        act = Act(kind, who, side, other, float(seconds), self.scene.gain)
        if after == "nobody":
            self._stage(Scene())
        else:
            self._stage(Scene("two" if other else "citizen", who, other, gain=self.scene.gain))
        self._act, self._began, self._drawn = act, time.monotonic(), (-1, b"")

    def _show(self, face: str, pose: str = "front") -> None:
        self._stage(Scene("citizen", face, pose=pose))

    def _someone_else(self, face: str) -> None:
        self._stage(Scene("citizen", well_apart(face)))

    def _nobody(self) -> None:
        self._stage(Scene())

    def _two(self, face: str, other: str) -> None:
        self._stage(Scene("two", face, other))

    def _photo(self, face: str) -> None:
        self._stage(Scene("photo", face))

    def _dark(self, face: str) -> None:
        self._stage(Scene("citizen", face, pose="dark", gain=_POOR_LIGHT))

    def _cover(self) -> None:
        self._stage(Scene("covered"))

    def _blur(self, pixels: float = 3.0) -> None:
        by = float(pixels)
        if not 0 <= by <= _MOST_BLUR:
            raise ValueError(f"camera blur: {by:g} pixels; 0 to {_MOST_BLUR:g}")
        self._out_of_focus = by

    def _restore(self) -> None:
        self._out_of_focus = 0.0
        super()._restore()

    def _code(self, payload: str) -> None:
        self._stage(Scene("code", payload=payload))

    def _approach(self, face: str, seconds: float = 0.0) -> None:
        self._play("approach", face, seconds=seconds)

    def _turn(self, side: Side, face: str = "", seconds: float = 0.0) -> None:
        self._play("turn", face, side, seconds=seconds)

    def _blink(self, face: str = "") -> None:
        self._play("blink", face)

    def _close_eyes(self, face: str = "", seconds: float = 0.0) -> None:
        self._play("close-eyes", face, seconds=seconds)

    def _look_away(self, face: str = "", side: Side = "right", seconds: float = 0.0) -> None:
        self._play("look-away", face, side, seconds=seconds)

    def _leave(self, face: str = "", seconds: float = 0.0) -> None:
        self._play("leave", face, seconds=seconds, after="nobody")

    def _join(self, other: str, face: str = "", seconds: float = 0.0) -> None:
        self._play("join", face, seconds=seconds, other=other)

    def _obey(self, challenge: str, face: str = "") -> None:
        from simulator.scenes.acting import CHALLENGES

        if challenge not in CHALLENGES:
            raise ValueError(f"camera obey: no challenge {challenge!r}; there are {', '.join(CHALLENGES)}")
        kind, side = CHALLENGES[challenge]
        self._play(kind, face, side)

    def _disobey(self, challenge: str, face: str = "") -> None:
        from simulator.scenes.acting import CHALLENGES

        if challenge not in CHALLENGES:
            raise ValueError(f"camera disobey: no challenge {challenge!r}; there are {', '.join(CHALLENGES)}")
        other_way: Side = "right" if challenge == "turn-left" else "left"
        self._play("turn", face, other_way)


def well_apart(face: str) -> str:
    """A citizen whose face a matcher must tell from `face` (`faces/pairs.json`). Raises `ValueError`."""
    index = list(CITIZENS).index(citizen(face).key)
    pairs = json.loads((FACES / "pairs.json").read_text())["well_separated_pairs"]
    scores = {b if a == index else a: score for a, b, score in pairs if index in (a, b)}
    return f"citizen-{min(scores, key=scores.__getitem__):02d}"


def make(address: str, **options: Any) -> SimDevice:
    """A simulated camera at `http://host:port/path`. Option `numbered` (true, false). Raises `ValueError`."""
    numbered = options.pop("numbered", False)
    if options or type(numbered) is not bool:
        raise ValueError(f"camera: unknown options {', '.join(sorted(options))}; it has numbered (true or false)")
    return CameraSim(address, numbered=numbered)
