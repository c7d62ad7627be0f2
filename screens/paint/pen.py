"""Strokes of a finger, drawn straight onto the panel: nothing of them may stay in a cache."""

from __future__ import annotations

from itertools import pairwise
from math import hypot

import pygame

from screens.marks import Pen


def draw_pen(surface: pygame.Surface, mark: Pen) -> None:
    """A line with round joints, smoothed along its edges."""
    half = mark.width / 2
    for (x0, y0), (x1, y1) in pairwise(mark.points):
        long = hypot(x1 - x0, y1 - y0)
        if not long:
            continue
        dx, dy = (y1 - y0) / long * half, (x0 - x1) / long * half
        corners = ((x0 + dx, y0 + dy), (x1 + dx, y1 + dy), (x1 - dx, y1 - dy), (x0 - dx, y0 - dy))
        pygame.draw.polygon(surface, mark.colour, corners)
        pygame.draw.aaline(surface, mark.colour, corners[0], corners[1])
        pygame.draw.aaline(surface, mark.colour, corners[3], corners[2])
    for point in mark.points:
        pygame.draw.circle(surface, mark.colour, point, half)
