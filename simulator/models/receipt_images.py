"""Dots in commands -> pictures: rows (GS v 0, GS ( L) and columns (ESC *)."""

from __future__ import annotations

import numpy as np
from PIL import Image


def dot_image(data: bytes, width: int, height: int, wide: int, high: int) -> Image.Image:
    """Rows padded to bytes, most significant bit left, 1 = black; enlarged `wide` x `high`."""
    stride = (width + 7) // 8
    bits = np.unpackbits(np.frombuffer(data[: stride * height], dtype=np.uint8)).reshape(height, stride * 8)[:, :width]
    if wide > 1 or high > 1:
        bits = bits.repeat(high, axis=0).repeat(wide, axis=1)
    return _picture(bits)


def column_image(mode: int, data: bytes) -> Image.Image | None:
    """ESC * m: columns, most significant bit on top; 8-dot modes three times as high, single density twice as wide."""
    tall = mode in (32, 33)
    if mode not in (0, 1, 32, 33) or not data:
        return None
    per_column = 3 if tall else 1
    columns = len(data) // per_column
    bits = np.unpackbits(np.frombuffer(data[: columns * per_column], dtype=np.uint8)).reshape(columns, per_column * 8).T
    if not tall:
        bits = bits.repeat(3, axis=0)
    if mode in (0, 32):
        bits = bits.repeat(2, axis=1)
    return _picture(bits)


def _picture(bits: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Image.Image:
    return Image.fromarray(np.where(bits == 1, 0, 255).astype(np.uint8))
