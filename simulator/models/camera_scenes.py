"""What stands before the simulated camera, drawn into 640 x 480: people, a photo, a phone.

A scene is drawn once; its short loop of pictures (a slight sway and sensor noise, so that no two are the same) is
encoded one picture at a time when first asked for, about 4 ms each. OpenCV, numpy and segno are loaded then.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

from drivers.camera.frames import FPS, HEIGHT, WIDTH
from simulator.people import CITIZENS, Citizen

Kind = Literal["nobody", "citizen", "two", "photo", "covered", "code"]
POSES = ("front", "left15", "right15", "dark", "far", "left35", "right35", "blink", "id")
LOOP = int(FPS)
MAX_PAYLOAD = 1000  # bytes; a phone's screen shows no denser code that a camera could read
_WALL = (150, 148, 142)
_NOISE = 3
_QUALITY = 85


@dataclass(frozen=True, slots=True)
class Scene:
    """What is there. `gain`: how much of the light is left (1 = the hall by day)."""

    kind: Kind = "nobody"
    face: str = ""
    other: str = ""
    pose: str = "front"
    payload: str = ""
    gain: float = 1.0

    def __post_init__(self) -> None:
        for key in filter(None, (self.face, self.other)):
            citizen(key)
        if self.pose not in POSES:
            raise ValueError(f"pose {self.pose!r}: one of {', '.join(POSES)}")
        if self.kind == "code" and not 1 <= len(self.payload.encode()) <= MAX_PAYLOAD:
            raise ValueError(f"code: a payload of 1 to {MAX_PAYLOAD} bytes")

    @property
    def words(self) -> str:
        """The scene as a sentence. It never holds the payload of a code."""
        dim = " in poor light" if self.gain < 1 else ""
        return {
            "nobody": "nobody",
            "citizen": f"{self.face}, {self.pose}{dim}",
            "two": f"{self.face} and {self.other}",
            "photo": f"a photo of {self.face}, held up",
            "covered": "a hand over the lens",
            "code": "a phone that shows a QR code",
        }[self.kind]


def citizen(key: str) -> Citizen:
    """The invented citizen `key`. Raises `ValueError`."""
    if key not in CITIZENS:
        raise ValueError(f"citizen {key!r}: one of citizen-00 to citizen-{len(CITIZENS) - 1:02d}")
    return CITIZENS[key]


class Loop:
    """The pictures of one scene, encoded when first asked for."""

    def __init__(self, scene: Scene, still: Any = None) -> None:
        """`still`: the picture to keep instead of drawing `scene`."""
        self.scene = scene
        self._still = still
        self._jpegs: dict[int, bytes] = {}

    def jpeg(self, index: int) -> bytes:
        """Picture `index` of the endless loop."""
        index %= LOOP
        if index not in self._jpegs:
            self._jpegs[index] = _encode(self.picture(index))
        return self._jpegs[index]

    def picture(self, index: int) -> Any:
        """Picture `index` of the endless loop, not encoded."""
        if self._still is None:
            self._still = draw(self.scene)
        return _moved(self._still, self.scene, index % LOOP)


def draw(scene: Scene) -> Any:
    """The still picture, height x width x BGR."""
    import numpy as np

    if scene.kind == "covered":
        return np.full((HEIGHT, WIDTH, 3), 2, np.uint8)
    if scene.kind == "citizen":
        canvas = _person(scene.face, scene.pose)
    else:
        canvas = np.full((HEIGHT, WIDTH, 3), _WALL, np.uint8)
        canvas = (canvas * np.linspace(1.04, 0.92, HEIGHT)[:, None, None]).clip(0, 255).astype(np.uint8)
    if scene.kind == "two":
        canvas = np.full((HEIGHT, WIDTH, 3), _ground(_load(scene.face, "front")), np.uint8)
        for key, left in ((scene.face, 0), (scene.other, WIDTH // 2)):
            _paste(canvas, _scaled(_load(key, "front"), WIDTH // 2), left, HEIGHT - 384)
    elif scene.kind == "photo":
        from simulator.scenes import people

        canvas = people.draw(people.PeopleScene(photo=scene.face))[0]
    elif scene.kind == "code":
        _held(canvas, _code(scene.payload), 26)
    return (canvas * scene.gain).astype(np.uint8) if scene.gain != 1 else canvas


def _person(key: str, pose: str) -> Any:
    """One citizen in the middle, the wall in the colour of the picture's own ground."""
    import numpy as np

    picture = _load(key, pose)
    if pose == "far":
        picture = _scaled(picture, 230)
    elif pose == "id":
        picture = _sitting(picture)
    canvas = np.full((HEIGHT, WIDTH, 3), _ground(picture), np.uint8)
    height, width = picture.shape[:2]
    _paste(canvas, picture, (WIDTH - width) // 2, HEIGHT - height)
    return canvas


def _sitting(picture: Any) -> Any:
    """As before a photo booth's white wall: smaller, with room above, the clothes going on below."""
    import cv2

    smaller = _scaled(picture, 320)
    return cv2.copyMakeBorder(smaller, 0, HEIGHT - smaller.shape[0] - 40, 0, 0, cv2.BORDER_REPLICATE)


def _ground(picture: Any) -> Any:
    """The colour behind a person: the middle value along the upper left edge."""
    import numpy as np

    return np.median(picture[: HEIGHT // 4, :8].reshape(-1, 3), axis=0)


def _load(key: str, pose: str) -> Any:
    import cv2

    path = citizen(key).picture(pose)
    picture = cv2.imread(str(path))
    if picture is None:
        raise ValueError(f"{path.name} of {key}: no readable picture; is the simulator installed whole?")
    return picture


def _scaled(picture: Any, width: int) -> Any:
    import cv2

    height = picture.shape[0] * width // picture.shape[1]
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)


def _paste(canvas: Any, picture: Any, left: int, top: int) -> None:
    height, width = picture.shape[:2]
    canvas[top : top + height, left : left + width] = picture


def _code(payload: str) -> Any:
    """A QR code as a phone shows it: UTF-8 without saying so, white margin, 6 px a module at most."""
    import cv2
    import numpy as np
    import segno

    code = segno.make(payload, encoding="utf-8", mode="byte", error="m", micro=False)
    modules = np.array([[20 if dark else 235 for dark in row] for row in code.matrix_iter(border=4)], np.uint8)
    scale = max(2, min(6, 330 // len(modules)))
    large = cv2.resize(modules, None, fx=scale, fy=scale, interpolation=cv2.INTER_NEAREST)
    return cv2.cvtColor(large, cv2.COLOR_GRAY2BGR)


def _held(canvas: Any, picture: Any, rim: int) -> None:
    """`picture` in a black rim (a phone), held up slightly askew over `canvas`, with a thumb on its edge."""
    import cv2
    import numpy as np

    thing = cv2.copyMakeBorder(picture, rim, rim, rim, rim, cv2.BORDER_CONSTANT, value=(24, 24, 26))
    height, width = thing.shape[:2]
    left, top = (WIDTH - width) // 2, (HEIGHT - height) // 2
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    shift = np.array([[6, 4], [-4, -3], [5, 5], [-6, 2]], np.float32)
    askew = flat + np.array([left, top], np.float32) + shift
    warp = cv2.getPerspectiveTransform(flat, askew)
    laid = cv2.warpPerspective(thing, warp, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR)
    mask = cv2.warpPerspective(np.full(thing.shape[:2], 255, np.uint8), warp, (WIDTH, HEIGHT))
    canvas[mask > 127] = laid[mask > 127]
    thumb = (left + width - rim // 2, top + height * 3 // 4)
    cv2.ellipse(canvas, thumb, (rim // 2 + 8, 34), 8, 0, 360, (128, 158, 205), -1, cv2.LINE_AA)


def _moved(still: Any, scene: Scene, index: int) -> Any:
    """`still` at one moment of the loop: a person sways and comes a little nearer; noise always differs."""
    import cv2
    import numpy as np

    turn = 2 * math.pi * index / LOOP
    moved = still
    if scene.kind not in ("nobody", "covered"):
        near = 1.0 + 0.02 * math.sin(turn)
        matrix = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), 0.6 * math.cos(turn), near)
        matrix[:, 2] += np.array([2.5 * math.cos(turn), 1.5 * math.sin(2 * turn)])
        moved = cv2.warpAffine(still, matrix, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
    noise = np.random.default_rng(index).integers(0, 2 * _NOISE + 1, (HEIGHT, WIDTH, 1), np.uint8)
    grown = cv2.add(moved, cv2.merge([noise, noise, noise]))
    return cv2.subtract(grown, np.full_like(grown, _NOISE))


def _encode(picture: Any) -> bytes:
    import cv2

    good, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    assert good
    return bytes(jpeg.tobytes())
