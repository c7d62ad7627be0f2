"""Pictures for reports: a PNG becomes a small JPEG."""

from __future__ import annotations

WIDTH = 400
MOST_HEIGHT = 1200
QUALITY = 64


def small(png: bytes, width: int = WIDTH) -> bytes:
    """`png` at most `width` wide and `MOST_HEIGHT` high, as JPEG; empty for what is no picture."""
    import cv2
    import numpy as np

    if not png:
        return b""
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        return b""
    high, wide = picture.shape[:2]
    scale = min(1.0, width / wide, MOST_HEIGHT / high)
    if scale < 1:
        picture = cv2.resize(
            picture, (max(1, round(wide * scale)), max(1, round(high * scale))), interpolation=cv2.INTER_AREA
        )
    done, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return bytes(jpeg.tobytes()) if done else b""
