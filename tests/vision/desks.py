"""Rendered desks under a document camera: pages of every size, empty desks, hands, phones; and where the page lies."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from config import DATA

Pixels = NDArray[np.uint8]
WIDTH, HEIGHT = 1920, 1440
MM = 4.4  # pixels a millimetre on the desk: an A4 sheet and a margin fit the picture's height
FONT = str(DATA / "fonts" / "NotoSansSC-Regular.otf")
OCR_B = "/usr/share/fonts/opentype/ocr-b/OCRB.otf"
SIZES = {"a4": (210.0, 297.0), "id-card": (85.6, 54.0), "passport": (125.0, 88.0)}
NAMES = "张王李赵陈刘杨黄周吴"


@dataclass(frozen=True, slots=True)
class Desk:
    """One picture: what lies on which desk. `kind` "" is none; `thing` is what lies there that is no page."""

    seed: int
    desk: str = "dark"
    kind: str = "a4"
    thing: str = ""
    tilt: float = 0.03
    turn: float = 12.0


def font(size: int, path: str = FONT) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size)


def surface(desk: str, rng: np.random.Generator) -> Pixels:
    """The bare desk in BGR: dark plate, wood, green cloth, light board."""
    colour = {"dark": (44, 42, 40), "wood": (84, 128, 170), "green": (92, 120, 62), "light": (214, 220, 222)}[desk]
    base = np.empty((HEIGHT, WIDTH, 3), np.float32)
    base[:] = np.array(colour, np.float32) * rng.uniform(0.9, 1.1)
    rough = cv2.resize(rng.normal(0, 1, (HEIGHT // 40, WIDTH // 40)).astype(np.float32), (WIDTH, HEIGHT))
    base += rough[..., None] * 3
    if desk == "wood":
        rows = np.arange(HEIGHT, dtype=np.float32)[:, None] + 18 * rough
        base *= (1 + 0.09 * np.sin(rows / 9) + 0.06 * np.sin(rows / 31))[..., None]
    return np.clip(base, 0, 255).astype(np.uint8)


def page(kind: str, rng: np.random.Generator, lines: list[str] | None = None) -> Pixels:
    """A page of `kind` at 8 pixels a millimetre, BGR."""
    width, height = (round(side * 8) for side in SIZES[kind])
    draw = {"a4": _a4, "id-card": _card, "passport": _passport}[kind]
    paper = Image.new("RGB", (width, height), (246, 246, 242))
    draw(ImageDraw.Draw(paper), width, height, rng, lines or [])
    return np.ascontiguousarray(np.asarray(paper)[:, :, ::-1])


def _a4(d: ImageDraw.ImageDraw, w: int, h: int, rng: np.random.Generator, lines: list[str]) -> None:
    d.text((w // 2, 180), "社会保险参保证明", (20, 20, 20), font(90), anchor="mm")
    text = lines or ["兹证明下列人员在威海市参加社会保险，缴费情况如下，特此证明。"] * int(rng.integers(8, 22))
    for i, line in enumerate(text):
        d.text((160, 360 + 84 * i), line, (30, 30, 30), font(42))
    if rng.random() < 0.6:
        top = h - 700
        for row in range(6):
            d.line((160, top + row * 80, w - 160, top + row * 80), (60, 60, 60), 3)
        for column in range(5):
            x = 160 + column * (w - 320) // 4
            d.line((x, top, x, top + 400), (60, 60, 60), 3)
    d.ellipse((w - 520, h - 520, w - 220, h - 220), outline=(200, 40, 40), width=9)


def _card(d: ImageDraw.ImageDraw, w: int, h: int, rng: np.random.Generator, lines: list[str]) -> None:
    d.rectangle((0, 0, w, h), (226, 234, 240))
    name, number = [*lines, "王伟国", "371002199203155028"][:2]
    rows = [
        ("姓名", name),
        ("性别", "男    民族  汉"),
        ("出生", "1992 年 3 月 15 日"),
        ("住址", "山东省威海市环翠区文化路 9 号"),
    ]
    for i, (label, value) in enumerate(rows):
        d.text((46, 44 + 62 * i), label, (70, 110, 170), font(24))
        d.text((118, 40 + 62 * i), value, (25, 25, 25), font(30))
    d.text((46, h - 72), "公民身份号码", (70, 110, 170), font(24))
    d.text((226, h - 78), number, (25, 25, 25), font(34))
    d.rectangle((w - 230, 50, w - 40, 290), (180, 190, 200))
    d.ellipse((w - 185, 90, w - 85, 200), (150, 130, 120))


def _passport(d: ImageDraw.ImageDraw, w: int, h: int, rng: np.random.Generator, lines: list[str]) -> None:
    d.rectangle((0, 0, w, h), (232, 226, 224))
    d.text((340, 40), "PASSPORT  护照", (60, 40, 60), font(40))
    for i, text in enumerate(("Type / P", "Name / ERIKSSON, ANNA MARIA", "Date of birth / 12 AUG 1974", "Sex / F")):
        d.text((340, 130 + 60 * i), text, (30, 30, 30), font(28))
    d.rectangle((40, 60, 300, 420), (190, 190, 200))
    d.ellipse((110, 120, 230, 260), (150, 130, 120))
    zone = lines or ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"]
    for i, line in enumerate(zone):
        _zone_line(d, line, 28, h - 150 + 62 * i, w - 56)


def _zone_line(d: ImageDraw.ImageDraw, line: str, x: int, y: int, width: int) -> None:
    """One line of a zone in OCR-B, evenly spaced over `width`."""
    size = font(40, OCR_B)
    for i, character in enumerate(line):
        d.text((x + i * width / len(line), y), character, (20, 20, 20), size)


def specimen(lines: tuple[str, ...], size_mm: tuple[float, float]) -> Pixels:
    """A card or page with a machine-readable zone and little else, at 8 pixels a millimetre."""
    width, height = (round(side * 8) for side in size_mm)
    paper = Image.new("RGB", (width, height), (234, 232, 228))
    d = ImageDraw.Draw(paper)
    d.text((width // 2, 40), "SPECIMEN  样本", (60, 40, 60), font(36), anchor="mm")
    top = height - 24 - 62 * len(lines)
    for i, line in enumerate(lines):
        _zone_line(d, line, 24, top + 62 * i, width - 48)
    return np.ascontiguousarray(np.asarray(paper)[:, :, ::-1])


def draw(desk: Desk, paper: Pixels | None = None) -> tuple[Pixels, NDArray[np.float32] | None]:
    """The picture (1440 x 1920 x BGR) and the page's corners (TL, TR, BR, BL as `find_page` orders them) or None.

    `paper` is laid there instead of the page that the kind draws.
    """
    rng = np.random.default_rng(desk.seed)
    scene = surface(desk.desk, rng)
    corners = None
    if desk.kind:
        scene, corners = _laid(scene, page(desk.kind, rng) if paper is None else paper, SIZES[desk.kind], desk, rng)
    if desk.thing:
        scene = THINGS[desk.thing](scene, rng)
    return _photographed(scene, rng), corners


def _laid(
    scene: Pixels, paper: Pixels, size: tuple[float, float], desk: Desk, rng: np.random.Generator
) -> tuple[Pixels, NDArray[np.float32]]:
    half_w, half_h = size[0] * MM / 2, size[1] * MM / 2
    portrait_fits = 2 * half_h < HEIGHT * 0.94
    angle = math.radians(rng.uniform(-desk.turn, desk.turn)) + (0 if portrait_fits else math.pi / 2)
    quad = np.array([[-half_w, -half_h], [half_w, -half_h], [half_w, half_h], [-half_w, half_h]])
    turned = quad @ np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    tilt = rng.uniform(-desk.tilt, desk.tilt, 2) / 1000
    turned = turned / (1 + turned @ tilt)[:, None]
    low, high = turned.min(0), turned.max(0)
    margin = 14
    scale = min(1.0, *((np.array([WIDTH, HEIGHT]) - 2 * margin) / (high - low)))
    turned, low, high = turned * scale, low * scale, high * scale
    first, last = margin - low, np.array([WIDTH, HEIGHT]) - margin - high
    spot = rng.uniform(first, np.maximum(first, last) + 0.001)
    corners = (turned + spot).astype(np.float32)
    source = np.array([[0, 0], [paper.shape[1], 0], [paper.shape[1], paper.shape[0]], [0, paper.shape[0]]], np.float32)
    # Pixel (0, 0) has its middle at half a pixel: both sides of the warp count from corners of the paper.
    matrix = cv2.getPerspectiveTransform(source - 0.5, corners)
    seen = cv2.warpPerspective(cv2.GaussianBlur(paper, (0, 0), 0.8), matrix, (WIDTH, HEIGHT))
    cover = cv2.warpPerspective(np.full(paper.shape[:2], 255, np.uint8), matrix, (WIDTH, HEIGHT))
    shadow = cv2.GaussianBlur(
        cv2.warpAffine(cover, np.array([[1, 0, 5], [0, 1, 7]], np.float32), (WIDTH, HEIGHT)), (0, 0), 7
    )
    alpha = cover[..., None].astype(np.float32) / 255
    made = scene * (1 - 0.45 * shadow[..., None].astype(np.float32) / 255)
    made *= 1 - alpha
    made += seen * alpha
    return np.clip(made, 0, 255, out=made).astype(np.uint8), ordered(corners)


def ordered(corners: NDArray[np.float32]) -> NDArray[np.float32]:
    """Clockwise from the corner nearest the picture's own."""
    first = int(np.argmin(corners.sum(axis=1)))
    return np.roll(corners, -first, axis=0)


def hand(scene: Pixels, rng: np.random.Generator) -> Pixels:
    """A hand that reaches in from the lower edge."""
    made = scene.copy()
    skin = tuple(int(c) for c in np.array([130, 160, 214]) * rng.uniform(0.6, 1.05))
    x = int(rng.uniform(500, 1400))
    cv2.line(made, (x + 60, HEIGHT), (x, 1050), skin, 210, cv2.LINE_AA)
    cv2.ellipse(made, (x, 950), (150, 190), 5, 0, 360, skin, -1, cv2.LINE_AA)
    for i, (dx, length) in enumerate(((-125, 190), (-60, 290), (10, 310), (80, 270), (190, 120))):
        end = (x + int(dx * 1.35), 900 - length if i < 4 else 880)
        cv2.line(made, (x + dx, 900), end, skin, 58, cv2.LINE_AA)
    return made


def phone(scene: Pixels, rng: np.random.Generator) -> Pixels:
    """A phone, its screen on: rounded, dark rim, 147 x 72 mm."""
    width, height = round(72 * MM), round(147 * MM)
    device = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    d = ImageDraw.Draw(device)
    d.rounded_rectangle((0, 0, width - 1, height - 1), 40, (20, 20, 22, 255))
    d.rounded_rectangle((10, 10, width - 11, height - 11), 32, (236, 240, 244, 255))
    d.rectangle((40, 120, width - 40, 300), (40, 120, 220, 255))
    d.text((50, 350), "爱山东", (20, 20, 20), font(44))
    turned = device.rotate(float(rng.uniform(-30, 30)), expand=True, resample=Image.Resampling.BICUBIC)
    whole = Image.fromarray(np.ascontiguousarray(scene[:, :, ::-1]))
    spot = (int(rng.uniform(50, WIDTH - turned.width - 50)), int(rng.uniform(20, max(21, HEIGHT - turned.height - 20))))
    whole.paste(turned, spot, turned)
    return np.ascontiguousarray(np.asarray(whole)[:, :, ::-1])


def cup(scene: Pixels, rng: np.random.Generator) -> Pixels:
    """A cup from above, and a pen."""
    made = scene.copy()
    middle = (int(rng.uniform(500, 1400)), int(rng.uniform(400, 1000)))
    cv2.circle(made, middle, 200, (230, 230, 235), -1, cv2.LINE_AA)
    cv2.circle(made, middle, 170, (40, 60, 90), -1, cv2.LINE_AA)
    cv2.line(made, (200, 1300), (900, 1200), (160, 40, 30), 26, cv2.LINE_AA)
    return made


THINGS = {"hand": hand, "phone": phone, "cup": cup}


def _photographed(scene: Pixels, rng: np.random.Generator) -> Pixels:
    """Uneven light, a little lens blur, noise, JPEG."""
    y, x = np.arange(HEIGHT, dtype=np.float32)[:, None], np.arange(WIDTH, dtype=np.float32)
    angle, fall = rng.uniform(0, 2 * math.pi), rng.uniform(0.0, 0.28)
    light = 1 - fall * (0.5 + 0.5 * ((x / WIDTH - 0.5) * math.cos(angle) + (y / HEIGHT - 0.5) * math.sin(angle)))
    lit = cv2.GaussianBlur(scene, (0, 0), 0.7).astype(np.float32)
    lit *= light[..., None]
    lit *= rng.uniform(0.82, 0.98)
    noise = rng.standard_normal(lit.shape, np.float32)
    noise *= np.float32(rng.uniform(1, 4))
    lit += noise
    ok, jpeg = cv2.imencode(".jpg", np.clip(lit, 0, 255, out=lit).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 90])
    assert ok
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)


def overlap(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Intersection over union of two convex quadrilaterals."""
    inter = cv2.intersectConvexConvex(a.astype(np.float32), b.astype(np.float32))[0]
    union = cv2.contourArea(a.astype(np.float32)) + cv2.contourArea(b.astype(np.float32)) - inter
    return float(inter / union) if union else 0.0
