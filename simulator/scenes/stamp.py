"""A number drawn into a picture so that a camera's reader can be held to it: which picture is this, how old is it.

A strip of 24 black or white squares along the lower edge, most significant bit first, and its complement above it.
"""

from __future__ import annotations

import numpy as np

from simulator.scenes.canvas import Pixels

BITS = 24
_SIDE = 16


def stamp(pixels: Pixels, number: int) -> None:
    """Draw `number` modulo 2**24 into the picture (at least 384 x 32 pixels)."""
    rows = pixels.shape[0]
    for bit in range(BITS):
        lit = number >> (BITS - 1 - bit) & 1
        left = slice(bit * _SIDE, (bit + 1) * _SIDE)
        pixels[rows - _SIDE :, left] = 235 if lit else 20
        pixels[rows - 2 * _SIDE : rows - _SIDE, left] = 20 if lit else 235


def read_stamp(pixels: Pixels) -> int | None:
    """The number in the picture, or None when there is none or it is damaged."""
    rows = pixels.shape[0]
    strips = []
    for top in (rows - _SIDE, rows - 2 * _SIDE):
        strip = pixels[top + 4 : top + _SIDE - 4, : BITS * _SIDE].mean(axis=(0, 2)).reshape(BITS, _SIDE)
        strips.append(strip[:, 4:-4].mean(axis=1))
    if not all(min(low, high) < 80 and max(low, high) > 170 for low, high in zip(*strips, strict=True)):
        return None
    return int(sum(1 << (BITS - 1 - i) for i in np.flatnonzero(strips[0] > 128)))
