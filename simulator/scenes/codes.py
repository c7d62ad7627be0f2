"""Codes held up to a camera: on a phone's screen or on paper, straight, askew, moving, small, in glare; any size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import cv2
import numpy as np
import segno

from simulator.scenes.canvas import Corners, Pixels, font, glare, hand, lay, photographed, pixels_of, quad, sheet

Carrier = Literal["phone", "paper"]
MAX_PAYLOAD = 1000
"""Bytes; a phone's screen shows no denser code that a camera could read."""
_WALL = (150, 148, 142)
_QUIET = 4


@dataclass(frozen=True, slots=True)
class CodeScene:
    """A QR code of `payload` on a `carrier`, `share` of the picture's height high (with its quiet zone).

    `moire` 0 to 1: the stripes between a screen's pixels and the sensor's. `blur` in pixels, `turn` in degrees.
    """

    payload: str
    carrier: Carrier = "phone"
    size: tuple[int, int] = (640, 480)
    share: float = 0.5
    turn: float = 4.0
    tilt: tuple[float, float] = (0.05, 0.08)
    shift: tuple[float, float] = (0.0, 0.0)
    moire: float = 0.0
    glare: float = 0.0
    blur: float = 0.0
    light: float = 1.0
    seed: int = 1

    def __post_init__(self) -> None:
        if not 1 <= len(self.payload.encode()) <= MAX_PAYLOAD:
            raise ValueError(f"code: a payload of 1 to {MAX_PAYLOAD} bytes")
        if self.carrier not in get_args(Carrier):
            raise ValueError(f"code: no carrier {self.carrier!r}; there are {', '.join(get_args(Carrier))}")
        for name, value, low, high in (
            ("width", self.size[0], 160, 4096),
            ("height", self.size[1], 120, 4096),
            ("share", self.share, 0.05, 0.9),
            ("moire", self.moire, 0, 1),
            ("glare", self.glare, 0, 1),
            ("blur", self.blur, 0, 20),
            ("light", self.light, 0, 2),
        ):
            if not low <= value <= high:
                raise ValueError(f"code: {name} {value}; {low:g} to {high:g}")

    @property
    def words(self) -> str:
        """The scene as a sentence, never with the payload."""
        return f"a code on a {'phone' if self.carrier == 'phone' else 'sheet of paper'}, held up"


@dataclass(frozen=True, slots=True)
class CodeTruth:
    """The text, and where the code's modules (without the quiet zone) are."""

    text: str
    corners: Corners


def draw(scene: CodeScene) -> tuple[Pixels, CodeTruth]:
    """The picture, height x width x BGR, and what is true of it."""
    width, height = scene.size
    ground = np.full((height, width, 3), _WALL, np.uint8)
    fade = np.linspace(1.04, 0.9, height)[:, None, None]
    ground = np.clip(ground * fade, 0, 255).astype(np.uint8)
    thing, code_px, above = _CARRIERS[scene.carrier](_modules(scene.payload))
    scale = scene.share * height / code_px
    middle = (width * (0.5 + scene.shift[0]), height * (0.5 + scene.shift[1]))
    high, wide = thing.shape[0] * scale, thing.shape[1] * scale
    # The code's middle is held to the camera, not the middle of what carries it.
    down = (thing.shape[0] / 2 - above - code_px / 2) * scale
    corners = quad((wide, high), (middle[0], middle[1] + down), scene.turn, scene.tilt)
    hand(ground, (middle[0] + wide * 0.42, min(height * 0.86, middle[1] + high * 0.3)), height / 620)
    lay(ground, thing, corners, round_px=thing.shape[1] // 12 if scene.carrier == "phone" else 0)
    thumb = (round(corners[2][0] - wide * 0.01), round(min(height * 0.8, corners[2][1] - high * 0.22)))
    if scene.carrier == "paper":
        cv2.ellipse(
            ground, thumb, (round(height * 0.035), round(height * 0.065)), 20, 0, 360, (128, 158, 205), -1, cv2.LINE_AA
        )
    if scene.moire:
        _stripes(ground, corners, scene.moire)
    if scene.glare:
        glare(ground, (middle[0] + 0.1 * wide, middle[1] - 0.12 * code_px * scale), 0.16 * height, scene.glare)
    made = photographed(ground, scene.seed, light=scene.light, blur=scene.blur)
    return made, CodeTruth(scene.payload, _inner(corners, thing, code_px, above, scene.payload))


def _modules(payload: str) -> Pixels:
    """The code with its quiet zone, one pixel a module, UTF-8 without saying so, as phones show it."""
    code = segno.make(payload, encoding="utf-8", mode="byte", error="m", micro=False)
    return np.array([[22 if dark else 238 for dark in row] for row in code.matrix_iter(border=_QUIET)], np.uint8)


def _large(modules: Pixels, side: int) -> Pixels:
    step = max(1, side // len(modules))
    grown = cv2.resize(modules, None, fx=step, fy=step, interpolation=cv2.INTER_NEAREST)
    return np.asarray(cv2.cvtColor(grown, cv2.COLOR_GRAY2BGR), np.uint8)


def _phone(modules: Pixels) -> tuple[Pixels, int, int]:
    """A phone whose screen shows the code: its pixels, the code's side, and what is above it."""
    code = _large(modules, 560)
    side = code.shape[0]
    width, height, above = side + 140, round((side + 140) * 2.05), round((side + 140) * 0.62)
    image, d = sheet(width, height, (20, 20, 22))
    d.rounded_rectangle((16, 16, width - 17, height - 17), width // 13, (238, 241, 245))
    d.rounded_rectangle((width // 2 - 60, 30, width // 2 + 60, 56), 13, (20, 20, 22))
    d.text((50, 45), "9:41", (40, 40, 44), font(28), anchor="lm")
    d.rectangle((16, 90, width - 17, 200), (40, 110, 214))
    d.text((width // 2, 145), "电子凭证（样例）", (250, 250, 250), font(50), anchor="mm")
    d.text((width // 2, above - 70), "请将二维码对准终端摄像头", (70, 74, 80), font(38), anchor="mm")
    d.text((width // 2, above + side + 70), "每分钟自动更新", (120, 124, 130), font(34), anchor="mm")
    made = pixels_of(image)
    made[above : above + side, 70 : 70 + side] = code
    return made, side, above


def _paper(modules: Pixels) -> tuple[Pixels, int, int]:
    """A slip of paper with the code printed on it."""
    code = _large(modules, 480)
    side = code.shape[0]
    width, height, above = side + 240, side + 420, 250
    image, d = sheet(width, height, (240, 240, 234))
    d.text((width // 2, 80), "业务受理回执", (30, 30, 30), font(64), anchor="mm")
    d.text((width // 2, 170), "样例，无任何效力", (120, 60, 60), font(36), anchor="mm")
    d.text((width // 2, height - 80), "凭此码查询进度", (60, 60, 60), font(40), anchor="mm")
    made = pixels_of(image)
    made[above : above + side, 120 : 120 + side] = np.minimum(code, 236)
    return made, side, above


_CARRIERS = {"phone": _phone, "paper": _paper}


def _stripes(ground: Pixels, corners: Corners, depth: float) -> None:
    """What a sensor makes of a screen's pixel grid: slow coloured stripes, on the screen only."""
    rows, columns = ground.shape[:2]
    screen = np.zeros((rows, columns), np.uint8)
    cv2.fillConvexPoly(screen, np.array(corners, np.int32), 255)
    y, x = np.mgrid[0:rows, 0:columns].astype(np.float32)
    for channel, (fx, fy) in enumerate(((0.31, 0.17), (0.29, 0.21), (0.33, 0.12))):
        wave = 1 - depth * 0.25 * (1 + np.sin(x * fx + y * fy))
        striped = np.clip(ground[..., channel] * wave, 0, 255).astype(np.uint8)
        ground[..., channel] = np.where(screen > 0, striped, ground[..., channel])


def _inner(corners: Corners, thing: Pixels, side: int, above: int, payload: str) -> Corners:
    """Where the code's outermost modules are, through the same warp as the thing that carries it."""
    high, wide = thing.shape[:2]
    flat = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
    matrix = cv2.getPerspectiveTransform(flat, np.array(corners, np.float32))
    margin = side * _QUIET / len(_modules(payload))
    left, top = (wide - side) / 2 + margin, above + margin
    inner = side - 2 * margin
    points = np.array(
        [[[left, top], [left + inner, top], [left + inner, top + inner], [left, top + inner]]], np.float32
    )
    a, b, c, d = ((float(x), float(y)) for x, y in cv2.perspectiveTransform(points, matrix)[0])
    return a, b, c, d
