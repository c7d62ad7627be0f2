"""Lines and codes drawn by the terminal itself, where a printer's own font or QR engine cannot.

Bands are 1-bit: a threshold, never dithering, so strokes and QR modules stay sharp. Pillow and segno are imported
when first used: neither is wanted before the first paint.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from typing import TYPE_CHECKING

from config import DATA
from drivers.receipt_printer.document import cells
from drivers.receipt_printer.frames import MAX_BAND_BYTES, MAX_BAND_DATA, MAX_BAND_ROWS, raster

if TYPE_CHECKING:
    import PIL.Image
    import PIL.ImageFont

FONT = DATA / "fonts" / "NotoSansSC-Regular.otf"
CELL_WIDTH, CELL_HEIGHT = 12, 24
QR_BYTES_M = (
    *(14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450, 504, 560, 624, 666, 711, 779),
    *(857, 911, 997, 1059, 1125, 1190, 1264, 1370, 1452, 1538, 1628, 1722, 1809, 1911, 1989, 2099, 2213, 2331),
)
"""Bytes that a QR code of version 1, 2, ... 40 holds at level M (ISO/IEC 18004, table 7)."""
HAN_BASELINE, LATIN_BASELINE = 21, 19
LATIN_PIXELS, HAN_PIXELS = 20, 24
"""Noto Sans SC: a Han glyph fills its 24 dots on baseline 21; a Latin one keeps its descender on 19."""
THRESHOLD = 110


@lru_cache(maxsize=16)
def _font(pixels: int) -> PIL.ImageFont.FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(str(FONT), pixels, layout_engine=ImageFont.Layout.BASIC)


def draw_line(text: str, width: int, size: tuple[int, int], *, bold: bool, offset: int) -> tuple[int, bytes]:
    """`text` in the printer's cells as rows of bits: (rows, bits), `width` dots wide, beginning at dot `offset`."""
    from PIL import Image

    rows = CELL_HEIGHT * size[1]
    band = Image.new("L", (_padded(width), rows), 255)
    x = offset
    for character in text:
        glyph_cells = cells(character)
        if character > " ":
            _draw_glyph(band, character, x, max(glyph_cells, 1) * CELL_WIDTH * size[0], size, bold=bold)
        x += glyph_cells * CELL_WIDTH * size[0]
    return rows, _bits(band)


def _draw_glyph(band: PIL.Image.Image, character: str, x: int, cell: int, size: tuple[int, int], *, bold: bool) -> None:
    """Draw `character` centred in the cell of `cell` dots at `x`; wider glyphs are made narrower, as in a mono font."""
    from PIL import Image, ImageChops, ImageDraw

    wide, high = size
    han = cell >= 2 * CELL_WIDTH * wide
    pixels = (HAN_PIXELS if han else LATIN_PIXELS) * high
    baseline = (HAN_BASELINE if han else LATIN_BASELINE) * high
    font = _font(pixels)
    left, _, right, _ = font.getbbox(character, anchor="ls")
    natural = max(right - left, 1)
    glyph = Image.new("L", (round(natural) + 2, CELL_HEIGHT * high), 255)
    ImageDraw.Draw(glyph).text((1 - left, baseline), character, fill=0, font=font, anchor="ls")
    wanted = round(glyph.width * wide / high)
    if min(wanted, cell) != glyph.width:
        glyph = glyph.resize((min(wanted, cell), glyph.height), Image.Resampling.BILINEAR)
    at = (x + (cell - glyph.width) // 2, 0)
    for shift in (0, 1) if bold else (0,):
        box = (at[0] + shift, 0, at[0] + shift + glyph.width, glyph.height)
        band.paste(ImageChops.darker(band.crop(box), glyph), box)


def _padded(width: int) -> int:
    return (width + 7) // 8 * 8


def _bits(grey: PIL.Image.Image) -> bytes:
    """Packed rows, 1 = black."""
    return grey.point(_INK, "1").tobytes()


_INK = [255 if value < 255 - THRESHOLD else 0 for value in range(256)]


def bands(width: int, height: int, bits: bytes) -> bytes:
    """A picture `width` dots wide (rows padded to whole bytes) as GS v 0 bands of at most `MAX_BAND_DATA` bytes."""
    stride = _padded(width) // 8
    if stride > MAX_BAND_BYTES:
        raise ValueError(f"picture of {width} dots: wider than {MAX_BAND_BYTES * 8}")
    made = []
    step = min(MAX_BAND_ROWS, MAX_BAND_DATA // stride)
    for top in range(0, height, step):
        rows = min(step, height - top)
        made.append(raster(stride, rows, bits[top * stride : (top + rows) * stride]))
    return b"".join(made)


def indented(width: int, height: int, bits: bytes, across: int) -> tuple[int, bytes]:
    """A picture moved to the middle of paper `across` dots wide: (new width, bits), moved by whole bytes."""
    stride = _padded(width) // 8
    left = max((across - width) // 2 // 8, 0)
    white = bytes(left)
    rows = (bits[y * stride : (y + 1) * stride] for y in range(height))
    return (left + stride) * 8, b"".join(white + row for row in rows)


def qr_side(payload: str) -> int:
    """Modules across the code that a printer draws of `payload`: bytes (UTF-8), level M; none is larger.

    Counting is 2 ms cheaper than drawing, and the printer draws it itself. Raises `ValueError` beyond version 40.
    """
    size = len(payload.encode())
    version = bisect_left(QR_BYTES_M, size) + 1
    if version > len(QR_BYTES_M):
        raise ValueError(f"QR payload of {size} bytes: at most {QR_BYTES_M[-1]} fit level M")
    return 17 + 4 * version


def qr_modules(payload: str) -> tuple[tuple[int, ...], ...]:
    """The modules of a model 2 QR code, level M, without quiet zone; 1 = black."""
    import segno

    code = segno.make(payload, error="m", micro=False, boost_error=False)
    return tuple(tuple(row) for row in code.matrix)


def draw_modules(modules: tuple[tuple[int, ...], ...], scale: int) -> tuple[int, bytes]:
    """QR modules as a picture: (side in dots, bits)."""
    from PIL import Image

    side = len(modules)
    small = Image.frombytes("L", (side, side), bytes(0 if m else 255 for row in modules for m in row))
    big = small.resize((side * scale, side * scale), Image.Resampling.NEAREST)
    return side * scale, _bits(big)
