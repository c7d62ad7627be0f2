"""What all scenes are drawn with: fonts of the terminal, laying a flat thing into space, light, noise."""

from __future__ import annotations

import math
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from config import DATA

Pixels = NDArray[np.uint8]
Corner = tuple[float, float]
Corners = tuple[Corner, Corner, Corner, Corner]
"""Of a flat thing, clockwise from its own upper left, in pixels of the picture; may lie outside of it."""
Ink = tuple[int, int, int]
SKIN = (134, 164, 214)
_GRAIN = 128


@lru_cache(maxsize=32)
def font(size: int, face: str = "NotoSansSC-Regular") -> ImageFont.FreeTypeFont:
    """A font of the terminal in pixels."""
    return ImageFont.truetype(str(DATA / "fonts" / f"{face}.otf"), size)


def sheet(width: int, height: int, colour: Ink = (246, 246, 242)) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """A blank flat thing (RGB) and what draws on it."""
    made = Image.new("RGB", (width, height), colour)
    return made, ImageDraw.Draw(made)


def pixels_of(image: Image.Image) -> Pixels:
    """The picture in BGR."""
    return np.ascontiguousarray(np.asarray(image.convert("RGB"), np.uint8)[:, :, ::-1])


def photo(path: str, width: int, height: int) -> Image.Image:
    """A picture file cut to the shape of `width` x `height` around its middle, and scaled."""
    with Image.open(path) as opened:
        image = opened.convert("RGB")
    shape = width / height
    cut = min(image.width, round(image.height * shape)), min(image.height, round(image.width / shape))
    left, top = (image.width - cut[0]) // 2, (image.height - cut[1]) // 2
    return image.crop((left, top, left + cut[0], top + cut[1])).resize((width, height), Image.Resampling.LANCZOS)


def quad(size: tuple[float, float], middle: Corner, turn: float, tilt: tuple[float, float] = (0.0, 0.0)) -> Corners:
    """Corners of a thing `size` (pixels) around `middle`, turned by `turn` degrees clockwise, tilted out of the plane.

    `tilt`: how much nearer the right and the lower edge are, 0 to about 0.3.
    """
    half_w, half_h = size[0] / 2, size[1] / 2
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    made: list[Corner] = []
    for x, y in ((-half_w, -half_h), (half_w, -half_h), (half_w, half_h), (-half_w, half_h)):
        near = 1 - tilt[0] * x / (2 * half_w) - tilt[1] * y / (2 * half_h)
        made.append((middle[0] + (x * cos - y * sin) / near, middle[1] + (x * sin + y * cos) / near))
    return made[0], made[1], made[2], made[3]


def lay(ground: Pixels, thing: Pixels, corners: Corners, shadow: float = 0.45, round_px: int = 0) -> None:
    """Lay `thing` into `ground`, its corners at `corners`, a soft shadow under it; `round_px` rounds its corners."""
    rows, columns = ground.shape[:2]
    high, wide = thing.shape[:2]
    flat = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32) - np.float32(0.5)
    matrix = cv2.getPerspectiveTransform(flat, np.array(corners, np.float32) - np.float32(0.5))
    shrink = wide / max(1.0, math.dist(corners[0], corners[1]))
    smooth = cv2.GaussianBlur(thing, (0, 0), 0.42 * shrink) if shrink > 1.15 else thing
    seen = cv2.warpPerspective(smooth, matrix, (columns, rows), borderMode=cv2.BORDER_REPLICATE)
    cover = np.full((high, wide), 255, np.uint8)
    if round_px:
        image = Image.new("L", (wide, high), 0)
        ImageDraw.Draw(image).rounded_rectangle((0, 0, wide - 1, high - 1), round_px, 255)
        cover = np.array(image, np.uint8)
    mask = cv2.warpPerspective(cover, matrix, (columns, rows))
    if shadow:
        small = cv2.resize(mask, (columns // 4, rows // 4), interpolation=cv2.INTER_AREA)
        moved = cv2.warpAffine(small, np.array([[1, 0, 2], [0, 1, 2]], np.float32), (columns // 4, rows // 4))
        soft = cv2.resize(cv2.GaussianBlur(moved, (0, 0), 2.2), (columns, rows))
        _blend(ground, np.zeros_like(ground), (soft * shadow).astype(np.uint8))
    _blend(ground, np.asarray(seen, np.uint8), np.asarray(mask, np.uint8))


def _blend(ground: Pixels, over: Pixels, alpha: Pixels) -> None:
    """`over` onto `ground` where `alpha` (0 to 255) says so; only the touched rows and columns are computed."""
    x, y, w, h = cv2.boundingRect(alpha)
    if not w:
        return
    part = (slice(y, y + h), slice(x, x + w))
    share = alpha[part].astype(np.uint16)[..., None]
    ground[part] = ((ground[part] * (255 - share) + over[part] * share) // 255).astype(np.uint8)


def hand(ground: Pixels, tip: Corner, scale: float, side: int = 1, skin: Ink = SKIN) -> None:
    """A hand that reaches in from the lower edge and holds something at `tip`; `side` -1: the left one."""
    rows = ground.shape[0]
    mask = np.zeros(ground.shape[:2], np.uint8)
    x, y = tip
    wrist = (round(x + side * 170 * scale), rows + round(60 * scale))
    palm = (round(x + side * 70 * scale), round(y + 190 * scale))
    cv2.line(mask, wrist, palm, 255, max(1, round(120 * scale)), cv2.LINE_AA)
    cv2.ellipse(mask, palm, (round(78 * scale), round(100 * scale)), side * 12.0, 0, 360, 255, -1, cv2.LINE_AA)
    fingers = ((-64, 10, 34), (-20, -34, 36), (24, -38, 36), (64, -14, 34), (104, 46, 30))
    for across, up, thick in fingers:
        start = (round(palm[0] + side * across * 0.7 * scale), round(palm[1] - 60 * scale))
        end = (round(x + side * (across + 30) * scale), round(y + up * scale))
        cv2.line(mask, start, end, 255, max(1, round(thick * scale)), cv2.LINE_AA)
    shaded = cv2.GaussianBlur(mask, (0, 0), max(1.0, 9 * scale)).astype(np.float32)[..., None] / 255
    tone = np.clip(np.array(skin, np.float32) * (0.72 + 0.34 * shaded), 0, 255).astype(np.uint8)
    _blend(ground, tone, np.asarray(cv2.GaussianBlur(mask, (3, 3), 0), np.uint8))


def glare(ground: Pixels, middle: Corner, radius: float, strength: float) -> None:
    """A lamp's reflection: white in its middle, fading."""
    y, x = np.mgrid[0 : ground.shape[0], 0 : ground.shape[1]].astype(np.float32)
    away = ((x - middle[0]) ** 2 + ((y - middle[1]) * 1.4) ** 2) / radius**2
    light = (np.exp(-away) * 330 * strength)[..., None]
    ground[:] = np.clip(ground + light, 0, 255).astype(np.uint8)


def photographed(scene: Pixels, seed: int, *, light: float = 1.0, blur: float = 0.0, noise: float = 2.0) -> Pixels:
    """As lens and sensor make it: softened by `blur` pixels, `light` of the light left, noise that differs by seed."""
    made = cv2.GaussianBlur(scene, (0, 0), blur) if blur > 0 else scene
    if light != 1:
        made = cv2.convertScaleAbs(made, alpha=light)
    rows, columns = made.shape[:2]
    grain, level = _grain(rows, columns, noise)
    # A place by chance in one field of noise is as good as fresh noise and twenty times as fast.
    down, right = (int(v) for v in np.random.default_rng(seed).integers(0, _GRAIN, 2))
    grown = cv2.add(made, grain[down : down + rows, right : right + columns])
    return np.asarray(cv2.subtract(grown, np.full_like(grown, level)), np.uint8)


@lru_cache(maxsize=4)
def _grain(rows: int, columns: int, noise: float) -> tuple[Pixels, int]:
    """A field of noise larger than the picture, and the level that it stands on."""
    level = math.ceil(3 * noise)
    rng = np.random.default_rng(1)
    field = rng.normal(level, noise, (rows + _GRAIN, columns + _GRAIN, 1)).clip(0, 2 * level).astype(np.uint8)
    return np.repeat(field, 3, axis=2), level


@lru_cache(maxsize=32)
def out_of_focus(encoded: bytes, by: float) -> bytes:
    """An encoded picture as through a lens that is out of focus `by` pixels."""
    picture = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise ValueError(f"{len(encoded)} bytes are no picture")
    return jpeg(np.asarray(cv2.GaussianBlur(picture, (0, 0), by), np.uint8))


def jpeg(pixels: Pixels, quality: int = 85) -> bytes:
    """Encoded as a camera does."""
    good, made = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not good:
        raise ValueError(f"a picture of {pixels.shape} cannot be encoded")
    return bytes(made.tobytes())
