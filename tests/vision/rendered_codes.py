"""QR codes as a camera sees them: a phone or a sheet in space, spoiled in fourteen ways at up to three levels.

`cells()` names every kind of damage and level; `draw` makes one picture of a cell, always the same one for the same
arguments. Sizes of blur are in modules, so a level is as hard at 640 x 480 as at 1920 x 1080.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import segno
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
SIZES = ((640, 480), (1280, 720), (1920, 1080))
PAYLOADS = (
    "134567890123456789",
    "281234567890123456",
    "WHA1.3710022611220001",
    "1.2.156.3005.2.11371000MB2856435T001.11371000MB2856435T.37100226112200017.001.5",
    "营业执照",
    "威海市政务服务 受理编号 3710022611220001",
    "https://example.invalid/t/8f3a6c2e9b7d4510",
    "6212345678901234567",
    "BOOK:20261122:0007:环翠区",
    "SF1234567890123",
    "CERT1.ed25519.wh01.abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "排队号 A017",
)


@dataclass(frozen=True, slots=True)
class Cell:
    """One kind of damage at one level (1 is mild)."""

    damage: str
    level: int
    strength: float


LEVELS: Mapping[str, tuple[float, ...]] = {
    "plain": (0.0,),
    "blur": (0.4, 0.55, 0.7),
    "motion": (1.0, 1.6, 2.2),
    "tilt": (30.0, 45.0, 58.0),
    "rotation": (20.0, 45.0, 80.0),
    "small": (3.0, 2.0, 1.5),
    "dark": (0.25, 0.12, 0.06),
    "faint": (0.25, 0.12, 0.07),
    "moire": (0.35, 0.6, 0.8),
    "glare": (0.05, 0.08, 0.12),
    "bent": (0.4, 0.6, 0.8),
    "jpeg": (30.0, 15.0, 8.0),
    "negative": (0.0,),
    "shadow": (0.5, 0.3, 0.18),
}
"""Units: modules (blur's sigma, motion's way), degrees, pixels a module (small), light left (dark, shadow), contrast
(faint), depth of the stripes (moire), radius in frame heights (glare), radians of bend, JPEG quality."""


def cells() -> Iterator[Cell]:
    """All kinds and levels."""
    for damage, strengths in LEVELS.items():
        for level, strength in enumerate(strengths, 1):
            yield Cell(damage, level, strength)


def draw(cell: Cell, size: tuple[int, int], number: int) -> tuple[Pixels, str]:
    """The picture (height x width x BGR) of `size` with code `number`, and the code's text."""
    text = PAYLOADS[number % len(PAYLOADS)]
    rng = np.random.default_rng([number, *map(ord, cell.damage), cell.level, *size])
    matrix = np.array([list(row) for row in segno.make_qr(text, error="m").matrix_iter(border=4)], dtype=np.uint8)
    modules = matrix.shape[0]
    side = size[1] * 0.5 if cell.damage != "small" else cell.strength * modules
    sheet = np.where(matrix > 0, 20, 235).astype(np.uint8)
    if cell.damage == "negative":
        sheet = np.asarray(255 - sheet, dtype=np.uint8)
    texture = cv2.resize(sheet, None, fx=12, fy=12, interpolation=cv2.INTER_NEAREST)
    if cell.damage == "bent":
        texture = _bent(texture, cell.strength)
    frame = _placed(texture, side, size, cell, rng)
    picture = _SPOIL.get(cell.damage, _unspoiled)(frame, cell.strength, side / modules, rng)
    noisy = picture + rng.normal(0, 3.0, picture.shape)
    return np.asarray(np.clip(noisy, 0, 255), dtype=np.uint8), text


def _placed(texture: Any, side: float, size: tuple[int, int], cell: Cell, rng: np.random.Generator) -> Any:
    """The texture on a phone before a wall, seen in perspective; drawn twice as large and reduced."""
    width, height = size
    turn = math.radians(cell.strength if cell.damage == "rotation" else rng.uniform(-6, 6))
    tilt = math.radians(cell.strength if cell.damage == "tilt" else rng.uniform(0, 8))
    nod = math.radians(rng.uniform(-5, 5))
    half = side / 2
    spin = np.array([[math.cos(turn), -math.sin(turn), 0], [math.sin(turn), math.cos(turn), 0], [0, 0, 1]])
    yaw = np.array([[math.cos(tilt), 0, math.sin(tilt)], [0, 1, 0], [-math.sin(tilt), 0, math.cos(tilt)]])
    pitch = np.array([[1, 0, 0], [0, math.cos(nod), -math.sin(nod)], [0, math.sin(nod), math.cos(nod)]])
    middle = np.array([width / 2 + rng.uniform(-0.06, 0.06) * width, height / 2 + rng.uniform(-0.05, 0.05) * height])
    focal = 1.6 * width

    def seen(x: float, y: float) -> tuple[float, float]:
        point = pitch @ yaw @ spin @ np.array([x, y, 0.0])
        scale = focal / (focal + point[2])
        return (middle[0] + point[0] * scale) * 2, (middle[1] + point[1] * scale) * 2

    wall = np.full((height * 2, width * 2), 120.0) + np.linspace(-25, 25, width * 2)
    body = np.array([seen(x * half, y * half) for x, y in ((-1.12, -1.5), (1.12, -1.5), (1.12, 1.5), (-1.12, 1.5))])
    cv2.fillConvexPoly(wall, body.astype(np.int32), 40.0 if cell.damage != "bent" else 225.0, cv2.LINE_AA)
    rows, columns = texture.shape
    source = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], dtype=np.float32)
    tall = rows / columns
    target = np.array([seen(x * half, y * half * tall) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))], np.float32)
    # Enlarged or reduced in one step: the texture is first brought near its size, or thin modules would alias.
    near = max(side * 2 / columns, 0.05)
    if near < 1:
        texture = cv2.resize(texture, None, fx=near, fy=near, interpolation=cv2.INTER_AREA)
        source *= np.array([texture.shape[1] / columns, texture.shape[0] / rows], dtype=np.float32)
    over = cv2.getPerspectiveTransform(source, target)
    inked = cv2.warpPerspective(texture.astype(np.float64), over, (width * 2, height * 2), flags=cv2.INTER_LINEAR)
    mask = cv2.warpPerspective(np.ones(texture.shape), over, (width * 2, height * 2), flags=cv2.INTER_LINEAR)
    return cv2.resize(wall * (1 - mask) + inked, (width, height), interpolation=cv2.INTER_AREA)


def _bent(texture: Pixels, radians: float) -> Pixels:
    """The sheet rolled about its upright axis by `radians` to each side, seen from in front."""
    rows, columns = texture.shape
    across = np.linspace(-math.sin(radians), math.sin(radians), columns)
    source = (np.arcsin(across) / radians + 1) / 2 * (columns - 1)
    lift = (1 - np.cos(np.arcsin(across))) * rows * 0.2
    map_x = np.tile(source.astype(np.float32), (rows, 1))
    map_y = (np.arange(rows)[:, None] - lift[None, :]).astype(np.float32)
    shade = 0.55 + 0.45 * np.cos(np.arcsin(across))  # a roll is darker at its sides
    bent = cv2.remap(texture, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=235.0)
    return np.asarray(bent * shade, dtype=np.uint8)


def _unspoiled(frame: Any, _: float, __: float, ___: np.random.Generator) -> Any:
    return frame


def _blur(frame: Any, strength: float, module: float, _: np.random.Generator) -> Any:
    return cv2.GaussianBlur(frame, (0, 0), strength * module)


def _motion(frame: Any, strength: float, module: float, rng: np.random.Generator) -> Any:
    way = max(2, round(strength * module))
    kernel = np.zeros((way * 2 + 1, way * 2 + 1))
    angle = rng.uniform(0, math.pi)
    for step in np.linspace(-way / 2, way / 2, way * 4):
        kernel[round(way + step * math.sin(angle)), round(way + step * math.cos(angle))] += 1
    return cv2.filter2D(frame, -1, kernel / kernel.sum())


def _dark(frame: Any, strength: float, _: float, rng: np.random.Generator) -> Any:
    return frame * strength + rng.normal(0, 4.0, frame.shape)


def _faint(frame: Any, strength: float, _: float, __: np.random.Generator) -> Any:
    return 128 + (frame - 128) * strength


def _moire(frame: Any, strength: float, module: float, rng: np.random.Generator) -> Any:
    rows, columns = np.indices(frame.shape)
    angle, pitch = rng.uniform(0.1, 0.4), rng.uniform(0.8, 1.4) * module
    waves = np.sin(2 * math.pi * (columns * math.cos(angle) + rows * math.sin(angle)) / pitch)
    fine = np.sin(2 * math.pi * rows / 2.7)
    return frame * (1 - strength * 0.5) + 127 * strength * (0.35 * waves + 0.2 * fine) + 127 * strength * 0.5


def _glare(frame: Any, strength: float, _: float, rng: np.random.Generator) -> Any:
    height, width = frame.shape
    rows, columns = np.indices(frame.shape)
    x, y = width / 2 + rng.uniform(-0.1, 0.1) * height, height / 2 + rng.uniform(-0.1, 0.1) * height
    reach = np.hypot(columns - x, rows - y) / (strength * height)
    return frame + 300 * np.exp(-(np.clip(reach, 0, 8) ** 4)) + 60 * np.exp(-(np.clip(reach / 1.6, 0, 8) ** 2))


def _jpeg(frame: Any, strength: float, _: float, __: np.random.Generator) -> Any:
    _, packed = cv2.imencode(".jpg", np.clip(frame, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, int(strength)])
    return cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE).astype(np.float64)


def _shadow(frame: Any, strength: float, _: float, rng: np.random.Generator) -> Any:
    height, width = frame.shape
    rows, columns = np.indices(frame.shape)
    edge = columns - width / 2 + (rows - height / 2) * rng.uniform(-0.7, 0.7)
    return frame * (strength + (1 - strength) / (1 + np.exp(-np.clip(edge / (0.012 * width), -50, 50))))


_SPOIL: Mapping[str, Callable[[Any, float, float, np.random.Generator], Any]] = {
    "blur": _blur,
    "motion": _motion,
    "dark": _dark,
    "faint": _faint,
    "moire": _moire,
    "glare": _glare,
    "jpeg": _jpeg,
    "shadow": _shadow,
}
