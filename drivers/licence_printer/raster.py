"""A PDF as PWG raster (PWG 5102.4) for printers that take no PDF: 8-bit grey or sRGB, A4, one page after another."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterator
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from drivers.errors import Unsupported

SYNC = b"RaS2"
HEADER_BYTES = 1796
A4_POINTS = (595, 842)
A4_NAME = "iso_a4_210x297mm"
MAX_PAGES = 50
_SGRAY, _SRGB = 18, 19


def pwg_raster(pdf: bytes, *, dpi: int, colour: bool = False) -> tuple[bytes, int]:
    """`pdf` as a PWG raster stream, and its page count. Raises `Unsupported` for a document that cannot be drawn."""
    import pypdfium2

    if not 72 <= dpi <= 1200:
        raise Unsupported(f"{dpi} dpi is no resolution for a licence; 72 to 1200 are possible")
    try:
        document = pypdfium2.PdfDocument(pdf)
    except pypdfium2.PdfiumError as error:
        raise Unsupported("the document is no PDF that can be drawn") from error
    try:
        pages = len(document)
        if not 0 < pages <= MAX_PAGES:
            raise Unsupported(f"a document of {pages} pages; 1 to {MAX_PAGES} can be printed")
        out = BytesIO()
        out.write(SYNC)
        for number in range(pages):
            page = document[number]
            bitmap = page.render(scale=dpi / 72, grayscale=not colour, rev_byteorder=True, draw_annots=False)
            out.write(encode_page(_fitted(bitmap.to_numpy(), dpi, colour), dpi, pages))
    finally:
        document.close()
    return out.getvalue(), pages


def _fitted(pixels: NDArray[np.uint8], dpi: int, colour: bool) -> NDArray[np.uint8]:
    """`pixels` on a white A4 sheet, shape (height, width * channels), never scaled."""
    if pixels.ndim == 2:
        pixels = pixels[:, :, np.newaxis]
    channels = 3 if colour else 1
    width, height = (round(mm / 25.4 * dpi) for mm in (210, 297))
    sheet = np.full((height, width, channels), 255, np.uint8)
    rows, columns = min(height, pixels.shape[0]), min(width, pixels.shape[1])
    sheet[:rows, :columns] = pixels[:rows, :columns, :channels]
    return sheet.reshape(height, width * channels)


def encode_page(pixels: NDArray[np.uint8], dpi: int, pages: int) -> bytes:
    """Header and packed lines of one page of shape (height, octets per line); 3 octets a pixel when wide enough."""
    height, line_octets = pixels.shape
    colour = line_octets > round(210 / 25.4 * dpi)
    body = bytearray(_header(height, line_octets, dpi, pages, colour))
    same = np.flatnonzero(np.any(pixels[1:] != pixels[:-1], axis=1)) + 1
    starts = [0, *same.tolist(), height]
    for start, end in itertools.pairwise(starts):
        packed = pack_line(pixels[start], 3 if colour else 1)
        repeat = end - start
        while repeat > 0:
            count = min(repeat, 256)
            body.append(count - 1)
            body += packed
            repeat -= count
    return bytes(body)


def _header(height: int, line_octets: int, dpi: int, pages: int, colour: bool) -> bytes:
    """The 1,796 octets of a page header, big-endian (PWG 5102.4, table 1)."""
    header = bytearray(HEADER_BYTES)
    header[0:9] = b"PwgRaster"
    channels = 3 if colour else 1
    fields = {
        276: dpi,
        280: dpi,
        340: 1,
        352: A4_POINTS[0],
        356: A4_POINTS[1],
        372: line_octets // channels,
        376: height,
        384: 8,
        388: 8 * channels,
        392: line_octets,
        400: _SRGB if colour else _SGRAY,
        420: channels,
        452: pages,
        456: 1,
        460: 1,
    }
    for offset, value in fields.items():
        struct.pack_into(">I", header, offset, value)
    header[1732 : 1732 + len(A4_NAME)] = A4_NAME.encode()
    return bytes(header)


def pack_line(line: NDArray[np.uint8], size: int) -> bytes:
    """One line packed: (n-1, pixel) repeats a pixel n times, (257-n, pixels) gives n different ones; n <= 128."""
    pixels = line.reshape(-1, size)
    changes = np.flatnonzero(np.any(pixels[1:] != pixels[:-1], axis=1)) + 1
    starts = np.concatenate(([0], changes))
    lengths = np.diff(np.concatenate((starts, [len(pixels)]))).tolist()
    raw = pixels.tobytes()
    out = bytearray()
    for first, last, single in _stretches(starts.tolist(), lengths):
        for at in range(first, last, 128):
            count = min(128, last - at)
            if single and count > 1:
                out.append(257 - count)
                out += raw[at * size : (at + count) * size]
            else:
                out.append(count - 1)
                out += raw[at * size : (at + 1) * size]
    return bytes(out)


def _stretches(starts: list[int], lengths: list[int]) -> Iterator[tuple[int, int, bool]]:
    """(first, end, True) for neighbours that all differ, (first, end, False) for a repeated pixel."""
    pending: int | None = None
    for start, length in zip(starts, lengths, strict=True):
        if length == 1:
            pending = start if pending is None else pending
            continue
        if pending is not None:
            yield pending, start, True
            pending = None
        yield start, start + length, False
    if pending is not None:
        yield pending, starts[-1] + 1, True
