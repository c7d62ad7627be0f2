"""What a document that reached the printer looks like on paper: page counts and pictures of PDF, PWG raster, JPEG."""

from __future__ import annotations

import struct
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

MAX_PAGES = 200
PDF = "application/pdf"
PWG = "image/pwg-raster"
JPEG = "image/jpeg"
_HEADER = 1796


def kind_of(document: bytes) -> str:
    """The format that the first octets show, or an empty string."""
    if document.startswith(b"%PDF-"):
        return PDF
    if document.startswith(b"\xff\xd8\xff"):
        return JPEG
    return PWG if document.startswith(b"RaS2") else ""


def count_pages(document: bytes, document_format: str) -> int:
    """How many pages `document` has; 0 when it is not what it says, or damaged."""
    kind = kind_of(document)
    if document_format not in (kind, "application/octet-stream"):
        return 0
    if kind == PDF:
        import pypdfium2

        try:
            with pypdfium2.PdfDocument(document) as opened:
                return min(len(opened), MAX_PAGES)
        except pypdfium2.PdfiumError:
            return 0
    try:
        if kind == JPEG:
            _read_jpeg(document)
            return 1
        return len(read_pwg(document)) if kind == PWG else 0
    except ValueError:
        return 0


def picture(document: bytes, page: int, dpi: int = 110) -> bytes:
    """Page `page` (from 0) as PNG. Raises `ValueError` when the document cannot be drawn, `IndexError` beyond it."""
    kind = kind_of(document)
    if kind == PDF:
        import pypdfium2

        try:
            with pypdfium2.PdfDocument(document) as opened:
                drawn = opened[page].render(scale=dpi / 72, grayscale=True).to_numpy()
                return _png(drawn.reshape(drawn.shape[:2]))
        except pypdfium2.PdfiumError as error:
            raise ValueError("the PDF cannot be drawn") from error
    if kind == PWG:
        return _png(_grey(document, page))
    if kind == JPEG:
        return _png([_read_jpeg(document)][page])
    raise ValueError("neither PDF, PWG raster nor JPEG")


def _read_jpeg(document: bytes) -> NDArray[np.uint8]:
    """The picture in grey, at most 10,000 pixels either way. Raises `ValueError`."""
    import cv2

    drawn = cv2.imdecode(np.frombuffer(document, np.uint8), cv2.IMREAD_GRAYSCALE)
    if drawn is None or max(drawn.shape) > 10_000:
        raise ValueError("no JPEG that can be printed")
    return np.asarray(drawn, np.uint8)


def _grey(stream: bytes, page: int) -> NDArray[np.uint8]:
    """Page `page` of a PWG raster as grey pixels, whatever its depth."""
    rows = read_pwg(stream)[page]
    # every page of a stream has the first one's depth: ours and CUPS' writers never mix
    width, bits = (struct.unpack_from(">I", stream, 4 + offset)[0] for offset in (372, 388))
    if bits == 1:
        inked = np.unpackbits(rows, axis=1)[:, :width]
        return np.where(inked == 1, 0, 255).astype(np.uint8)
    return rows if bits == 8 else rows.reshape(rows.shape[0], -1, 3).mean(axis=2).astype(np.uint8)


def read_pwg(stream: bytes) -> list[NDArray[np.uint8]]:
    """The pages of a PWG raster stream, (height, octets per line) each. Raises `ValueError` where it is damaged."""
    if not stream.startswith(b"RaS2"):
        raise ValueError("no RaS2 at the start")
    at = 4
    pages: list[NDArray[np.uint8]] = []
    while at < len(stream):
        if len(stream) - at < _HEADER or stream[at : at + 9] != b"PwgRaster" or len(pages) >= MAX_PAGES:
            raise ValueError(f"no page header at octet {at}")
        height, bits, line = (struct.unpack_from(">I", stream, at + o)[0] for o in (376, 388, 392))
        if not (0 < height <= 20_000 and 0 < line <= 60_000) or bits not in (1, 8, 24):
            raise ValueError(f"a page of {height} lines, {line} octets each, {bits} bits a pixel")
        page, at = _read_page(stream, at + _HEADER, height, line, max(1, bits // 8))
        pages.append(page)
    return pages


def _read_page(stream: bytes, at: int, height: int, line: int, size: int) -> tuple[NDArray[np.uint8], int]:
    out = bytearray()
    try:
        while len(out) < height * line:
            repeat = stream[at] + 1
            at += 1
            row = bytearray()
            while len(row) < line:
                code = stream[at]
                at += 1
                count, octets = (code + 1, size) if code < 128 else (257 - code, (257 - code) * size)
                piece = stream[at : at + octets]
                at += octets
                row += piece * count if code < 128 else piece
            if len(row) != line:
                raise ValueError(f"a line of {len(row)} octets instead of {line}")
            out += bytes(row) * repeat
    except IndexError as error:
        raise ValueError("the stream ends inside a page") from error
    if len(out) != height * line:
        raise ValueError("more lines than the header says")
    return np.frombuffer(bytes(out), np.uint8).reshape(height, line), at


def icon() -> bytes:
    """The printer's own picture for lists of printers, 128 by 128, as PNG."""
    drawn = np.full((128, 128), 255, np.uint8)
    drawn[44:96, 16:112] = 70
    drawn[12:44, 34:94] = 210
    drawn[80:120, 34:94] = 235
    return _png(drawn)


def _png(grey: NDArray[np.uint8]) -> bytes:
    import cv2

    ok, encoded = cv2.imencode(".png", np.ascontiguousarray(grey))
    if not ok:
        raise ValueError("the page cannot be stored as PNG")
    return BytesIO(encoded.tobytes()).getvalue()
