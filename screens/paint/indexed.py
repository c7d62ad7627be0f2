"""A surface as an indexed PNG of at most 256 colours: pictures that live in the repository stay small.

Written by hand because SDL's own 8-bit surfaces have a fixed palette. W3C PNG 3rd edition: IHDR, PLTE, IDAT, IEND.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pygame

COLOURS, FREQUENT = 256, 48
KEEP_BITS = 0xFC
"""Shades that differ by less than four in a channel count as one: nobody sees it, and zlib does."""
SIGNATURE = b"\x89PNG\r\n\x1a\n"
PART = 4096
"""So many shades are compared with the palette at a time: 25 MB."""

Bytes = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.float64]


def save_indexed(surface: pygame.Surface, path: Path) -> Path:
    """Write `surface` to `path`; what is not in the palette becomes the nearest colour of it."""
    width, height = surface.get_size()
    raw = np.frombuffer(pygame.image.tobytes(surface, "RGB"), np.uint8).reshape(-1, 3)
    _, where, counts = np.unique(raw & KEEP_BITS, axis=0, return_inverse=True, return_counts=True)
    where = where.reshape(-1)
    means = np.stack([np.bincount(where, weights=raw[:, channel]) / counts for channel in range(3)], axis=1)
    palette = _palette(means, counts.astype(np.float64))
    rows = _nearest(means, palette)[where].reshape(height, width)
    lines = b"".join(b"\0" + row.tobytes() for row in rows)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    colours = np.rint(palette).astype(np.uint8).tobytes()
    chunks = ((b"IHDR", header), (b"PLTE", colours), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    path.write_bytes(SIGNATURE + b"".join(_chunk(name, body) for name, body in chunks))
    return path


def _palette(shades: Numbers, counts: Numbers) -> Numbers:
    """The most frequent shades, and those that are farthest from all chosen: a small red sign stays red."""
    chosen = np.argsort(-counts, kind="stable")[:FREQUENT]
    kept = [shades[at] for at in chosen]
    apart = np.full(len(shades), np.inf)
    for colour in kept:
        apart = np.minimum(apart, ((shades - colour) ** 2).sum(axis=1))
    weight = counts**0.5
    while len(kept) < min(COLOURS, len(shades)):
        colour = shades[int((apart * weight).argmax())]
        kept.append(colour)
        apart = np.minimum(apart, ((shades - colour) ** 2).sum(axis=1))
    return np.stack(kept)


def _nearest(shades: Numbers, palette: Numbers) -> Bytes:
    """For each shade the place of the nearest colour."""
    found = np.empty(len(shades), np.uint8)
    for start in range(0, len(shades), PART):
        part = shades[start : start + PART]
        found[start : start + PART] = ((part[:, None, :] - palette[None, :, :]) ** 2).sum(axis=2).argmin(axis=1)
    return found


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
