"""A thermal printer's character generator: one dot matrix per character, drawn from the project's fonts.

Cells (dots, 203 dpi): font A 12 x 24, font B 9 x 17, Chinese 24 x 24. Dots are black or white: a head knows no grey.
"""

from __future__ import annotations

from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageFont

from config import DATA
from simulator.models.receipt_boxes import box_picture

FONT = DATA / "fonts" / "NotoSansSC-Regular.otf"
WHITE = 255
INK_FROM = 118
"""Grey above which a dot stays white: thinner strokes than this vanish on paper."""


class Cell:
    """A font of the printer: cell width and height, pixel size and baseline of the outlines drawn into it."""

    __slots__ = ("baseline", "height", "pixels", "width")

    def __init__(self, width: int, height: int, pixels: int, baseline: int) -> None:
        self.width, self.height, self.pixels, self.baseline = width, height, pixels, baseline


FONT_A = Cell(12, 24, 20, 19)
FONT_B = Cell(9, 17, 15, 14)
CHINESE = Cell(24, 24, 24, 21)
MISSING = "\u25a1"
_THRESHOLD = [0 if value < 255 - INK_FROM else 255 for value in range(256)]


@lru_cache(maxsize=32)
def _font(pixels: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT), pixels, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=8192)
def glyph(character: str, cell: Cell, wide: int, high: int, bold: bool) -> Image.Image:
    """`character` in its cell enlarged `wide` x `high`: an "L" image of 0 and 255. Do not draw on it."""
    width, height = cell.width * wide, cell.height * high
    made = Image.new("L", (width, height), WHITE)
    if character in (" ", "\u3000"):
        return made
    box = box_picture(character, width, height)
    if box is not None:
        return box
    font = _font(cell.pixels * high)
    left, _, right, _ = font.getbbox(character, anchor="ls")
    natural = Image.new("L", (max(round(right - left), 1) + 2, height), WHITE)
    ImageDraw.Draw(natural).text((1 - left, cell.baseline * high), character, fill=0, font=font, anchor="ls")
    wanted = min(round(natural.width * wide / high), width)
    if wanted != natural.width:
        natural = natural.resize((wanted, height), Image.Resampling.BILINEAR)
    made.paste(natural, ((width - natural.width) // 2, 0))
    if bold:
        made = _struck_twice(made, max(wide, high))
    return made.point(_THRESHOLD)


def _struck_twice(image: Image.Image, dots: int) -> Image.Image:
    shifted = Image.new("L", image.size, WHITE)
    shifted.paste(image, (dots, 0))
    return ImageChops.darker(image, shifted)
