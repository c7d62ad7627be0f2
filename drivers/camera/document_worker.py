"""The document process: finds pages and makes sheets. Started by `drivers.camera.documents`, spoken to over pipes.

    python -m drivers.camera.document_worker

Questions: {"do": "find" | "capture", "size": [w, h], "kind": key, "desk": bool}; the body is the picture as BGR, then
the empty desk's when `desk`. Answers: {"corners" (shares of width and height), "score", "touches"} of the page, if
any; for a capture {"flaw"} or {"sheet": bytes of JPEG, "thumb": [w, h], "dpi", "sharpness"}, the body being the JPEG
and the thumbnail as RGB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from config.documents import document_kind
from drivers.camera.document import Page, find_page
from drivers.camera.document_sheet import Flaw, capture, focus
from drivers.camera.worker_child import Answer, Loaded, run
from drivers.camera.worker_wire import MAX_SHEET, WireError, checked_size

if TYPE_CHECKING:
    from numpy import uint8
    from numpy.typing import NDArray

MEMORY_MIB = 2048
THUMB = 240
"""Pixels of a thumbnail's long side."""
_QUALITIES = (90, 80, 65)


def load() -> Loaded:
    """OpenCV loaded. Raises `ImportError`."""
    import cv2

    cv2.setNumThreads(2)  # the terminal itself needs the rest
    return {"model": f"pages/opencv-{cv2.__version__}"}, answer


def answer(head: dict[str, Any], body: bytearray) -> Answer:
    """The answer to one question. Raises `WireError` for one that breaks the rules."""
    import numpy as np

    width, height = checked_size(head.get("size"), "document")
    count = width * height * 3
    if len(body) != count * (2 if head.get("desk") else 1):
        raise WireError("document: the body's length is not that of its pictures")
    whole = np.frombuffer(body, np.uint8)
    pixels = whole[:count].reshape(height, width, 3)
    desk = whole[count:].reshape(height, width, 3) if head.get("desk") else None
    page = find_page(pixels, desk)
    told: dict[str, Any] = {}
    if page is not None:
        shares = np.round(page.corners / (width, height), 5).tolist()
        told = {"corners": shares, "score": page.score, "touches": list(page.touches)}
    if head.get("do") == "find":
        return told | {"focus": focus(pixels[:: max(1, height // 480), :: max(1, width // 640)])}, b""
    if head.get("do") != "capture":
        raise WireError("document: neither find nor capture")
    return _captured(pixels, str(head.get("kind")), page, told)


def _captured(pixels: NDArray[uint8], kind: str, page: Page | None, told: dict[str, Any]) -> Answer:
    try:
        sheet = capture(pixels, document_kind(kind), page)
    except ValueError as error:
        raise WireError(str(error)) from None
    if isinstance(sheet, Flaw):
        return told | {"flaw": sheet.reason}, b""
    jpeg, thumb, size = _encoded(sheet.pixels)
    sheet.pixels.fill(0)
    return told | {"sheet": len(jpeg), "thumb": size, "dpi": sheet.dpi, "sharpness": sheet.sharpness}, jpeg + thumb


def _encoded(pixels: NDArray[uint8]) -> tuple[bytes, bytes, tuple[int, int]]:
    """(JPEG, thumbnail as RGB rows, its width and height)."""
    import cv2

    jpeg = b""
    for quality in _QUALITIES:
        jpeg = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
        if len(jpeg) <= MAX_SHEET:
            break
    else:
        raise WireError(f"document: a sheet of {len(jpeg)} bytes; at most {MAX_SHEET}")
    share = THUMB / max(pixels.shape[:2])
    size = (max(1, round(pixels.shape[1] * share)), max(1, round(pixels.shape[0] * share)))
    small = cv2.cvtColor(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2RGB)
    return jpeg, small.tobytes(), size


if __name__ == "__main__":
    run(load, MEMORY_MIB)
