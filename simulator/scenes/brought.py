"""Pictures that QA brings to the desk: a scan, a photo of a form, anything a citizen may lay down."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from simulator.scenes.canvas import Pixels
from simulator.scenes.documents import OwnPicture

MOST_BYTES: Final = 8 * 1024 * 1024
MOST_PIXELS: Final = 40_000_000
LONG_SIDE_PX: Final = 1800
WIDE_MM, HIGH_MM = 210.0, 297.0
SMALLEST_MM: Final = 40.0


def own_picture(data: bytes) -> OwnPicture:
    """The picture, as large as A4 allows (landscape ones on their side). Raises `ValueError`: what to bring instead."""
    if len(data) > MOST_BYTES:
        raise ValueError(f"the picture has {len(data)} bytes; bring one of at most {MOST_BYTES // 1024 // 1024} MiB")
    image = _decoded(data)
    height, width = image.shape[:2]
    if max(height, width) > LONG_SIDE_PX:
        scale = LONG_SIDE_PX / max(height, width)
        size = max(1, round(width * scale)), max(1, round(height * scale))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    room = (WIDE_MM, HIGH_MM) if height >= width else (HIGH_MM, WIDE_MM)
    per_px = min(room[0] / width, room[1] / height)
    size_mm = max(SMALLEST_MM, width * per_px), max(SMALLEST_MM, height * per_px)
    image.setflags(write=False)
    return OwnPicture(image, size_mm)


def _decoded(data: bytes) -> Pixels:
    """Its pixels; the size is looked at before they are unpacked."""
    from io import BytesIO

    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise ValueError(f"the picture is {picture.width} x {picture.height}; at most 40 million pixels")
            rgb = np.asarray(picture.convert("RGB"), np.uint8)
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError, SyntaxError) as error:
        raise ValueError("that is no JPEG, PNG or WebP picture") from error
    return np.ascontiguousarray(rgb[:, :, ::-1])
