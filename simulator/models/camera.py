"""The simulated camera: a scene before the lens, a fault in the camera or its line, a stream over HTTP.

| fault     | what it does                                      | what a host must notice |
|-----------|---------------------------------------------------|-------------------------|
| `freeze`  | the same picture for ever                         | frozen                  |
| `stall`   | the line stays, nothing more comes                | no-signal               |
| `silent`  | as `stall`, and new lookers get no answer at all  | no-signal               |
| `refuse`  | new lookers get 404, those who look are dropped   | lost                    |
| `corrupt` | every picture ends in its middle                  | corrupt                 |
| `slow`    | few pictures a second                             | live                    |

`close` drops those who look once; they may come back at once.
"""

from __future__ import annotations

import inspect
import json
import time
from collections.abc import Callable
from typing import Any, Literal

from drivers.camera.frames import FPS, MJPEG_PATH, Signal
from simulator.device import SimDevice, UnknownVerb
from simulator.models.camera_scenes import LOOP, Loop, Scene, citizen
from simulator.people import CITIZENS, FACES
from simulator.ports.mjpeg import Greeting, MjpegServer

Trouble = Literal["", "freeze", "stall", "silent", "refuse", "corrupt", "slow"]
SEEN: dict[Trouble, Signal] = {
    "": Signal.LIVE,
    "freeze": Signal.FROZEN,
    "stall": Signal.NO_SIGNAL,
    "silent": Signal.NO_SIGNAL,
    "refuse": Signal.LOST,
    "corrupt": Signal.CORRUPT,
    "slow": Signal.LIVE,
}
"""What a host must notice of each fault."""
_TORN = 0.55  # the share of a JPEG that a torn one keeps
_POOR_LIGHT = 0.35


class CameraSim(SimDevice):
    """A camera at `http://host:port/path`; `do("show", face="citizen-07")` and the other verbs stage what it sees."""

    family = "camera"
    verbs = {  # noqa: RUF012 - a constant table of the class
        "show": "a citizen stands there: face, pose (front, left15, right15, far, left35, right35, blink, dark)",
        "someone_else": "not the citizen `face` but another, whose face is well apart",
        "nobody": "nobody stands there",
        "two": "two people: face, other",
        "photo": "a photo of face is held up",
        "dark": "face in poor light",
        "cover": "a hand over the lens",
        "code": "a phone shows a QR code: payload",
        "freeze": "the same picture for ever",
        "stall": "the line stays, nothing more comes",
        "silent": "as stall, and nobody who comes is answered",
        "refuse": "404 for those who come; those who look are dropped",
        "close": "those who look are dropped once",
        "corrupt": "every picture ends in its middle",
        "slow": "few pictures a second: fps (0.2 to 12)",
        "restore": "the camera is well again; the scene stays",
    }

    def __init__(self, address: str = f"http://127.0.0.1:0{MJPEG_PATH}") -> None:
        super().__init__()
        self.server = MjpegServer(address, self, self.tap)
        self.trouble: Trouble = ""
        self._loop = Loop(Scene())
        self._fps = FPS
        self._frozen_at = 0

    @property
    def link(self) -> str:
        """Such as `http://127.0.0.1:18780/face.mjpg`."""
        return self.server.address

    @property
    def scene(self) -> Scene:
        """What stands before the lens."""
        return self._loop.scene

    async def plug(self) -> None:
        """Listen."""
        await self.server.plug()
        self.changed()

    async def unplug(self) -> None:
        """Stop listening; those who look are dropped."""
        await self.server.unplug()
        self.changed()

    def state(self) -> dict[str, Any]:
        """Scene, fault, who looks, and what a host must notice."""
        plugged = self.server.plugged
        fault = f"; fault: {self.trouble}" if self.trouble else ""
        return {
            "plugged": plugged,
            "words": (self.scene.words + fault) if plugged else "unplugged",
            "scene": self.scene.kind,
            "face": self.scene.face,
            "other": self.scene.other,
            "pose": self.scene.pose,
            "fault": self.trouble,
            "fps": self.fps,
            "lookers": self.server.lookers,
            "signal": str(SEEN[self.trouble] if plugged else Signal.LOST),
        }

    def do(self, verb: str, **args: Any) -> dict[str, Any]:
        """Do it and return `state()`. Raises `UnknownVerb`, and `ValueError` for arguments that do not fit."""
        if verb not in self.verbs:
            raise UnknownVerb(f"camera: no verb {verb!r}; there are {', '.join(self.verbs)}")
        act: Callable[..., None] = getattr(self, f"_{verb}")
        try:
            inspect.signature(act).bind(**args)
        except TypeError as error:
            raise ValueError(f"camera {verb}: {error}; {self.verbs[verb]}") from None
        act(**args)
        self.changed()
        return self.state()

    def artefact(self, name: str) -> tuple[str, bytes]:
        """`now.jpg`: what the lens sees now, whatever the fault makes of it."""
        if name != "now.jpg":
            return super().artefact(name)
        return "image/jpeg", self._loop.jpeg(int(time.monotonic() * FPS))

    def decode(self, direction: str, data: bytes) -> str:
        """The first line of a head; pictures are not noted."""
        return data.split(b"\r\n", 1)[0].decode("latin-1")[:120]

    # What the server asks.

    @property
    def fps(self) -> float:
        """Pictures a second."""
        return self._fps if self.trouble == "slow" else FPS

    def greeting(self) -> Greeting:
        """How one who comes is answered."""
        if self.trouble == "silent":
            return "silent"
        return "refuse" if self.trouble == "refuse" else "stream"

    def picture(self, now: float) -> bytes | None:
        """The JPEG of this moment under the fault that is armed."""
        if self.trouble in ("stall", "silent", "refuse"):
            return None
        if self.trouble == "freeze":
            return self._loop.jpeg(self._frozen_at)
        jpeg = self._loop.jpeg(int(now * FPS))
        return jpeg[: int(len(jpeg) * _TORN)] if self.trouble == "corrupt" else jpeg

    # What people do.

    def _stage(self, scene: Scene) -> None:
        self._loop = Loop(scene)

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

    def _code(self, payload: str) -> None:
        self._stage(Scene("code", payload=payload))

    def _freeze(self) -> None:
        self._frozen_at = int(time.monotonic() * FPS) % LOOP
        self.trouble = "freeze"

    def _stall(self) -> None:
        self.trouble = "stall"

    def _silent(self) -> None:
        self.trouble = "silent"

    def _refuse(self) -> None:
        self.trouble = "refuse"
        self.server.drop()

    def _close(self) -> None:
        self.server.drop()

    def _corrupt(self) -> None:
        self.trouble = "corrupt"

    def _slow(self, fps: float = 2.0) -> None:
        if not 0.2 <= fps <= FPS:
            raise ValueError(f"camera slow: fps {fps}; 0.2 to {FPS:.0f}")
        self._fps, self.trouble = float(fps), "slow"

    def _restore(self) -> None:
        self.trouble = ""


def well_apart(face: str) -> str:
    """A citizen whose face a matcher must tell from `face` (`faces/pairs.json`). Raises `ValueError`."""
    index = list(CITIZENS).index(citizen(face).key)
    pairs = json.loads((FACES / "pairs.json").read_text())["well_separated_pairs"]
    scores = {b if a == index else a: score for a, b, score in pairs if index in (a, b)}
    return f"citizen-{min(scores, key=scores.__getitem__):02d}"


def make(address: str, **options: Any) -> SimDevice:
    """A simulated camera at `http://host:port/path`. It has no options. Raises `ValueError`."""
    if options:
        raise ValueError(f"camera: unknown options {', '.join(sorted(options))}; it has none")
    return CameraSim(address)
