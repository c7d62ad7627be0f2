"""Anti-aliased shapes: drawn once at four times the size, scaled down, cached. pygame draws none of these smoothly."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Hashable
from itertools import pairwise

import pygame

from screens.theme import Colour

SUPER = 4
CACHE_BYTES = 6 << 20


class Shapes:
    """A cache of drawn shapes with a byte bound; shapes hold no words, so a wipe leaves them."""

    def __init__(self) -> None:
        self._cache: OrderedDict[Hashable, pygame.Surface] = OrderedDict()
        self._bytes = 0

    def _get(self, key: Hashable, draw: Callable[[], pygame.Surface]) -> pygame.Surface:
        picture = self._cache.get(key)
        if picture is not None:
            self._cache.move_to_end(key)
            return picture
        picture = self._cache[key] = draw()
        self._bytes += picture.get_width() * picture.get_height() * 4
        while self._bytes > CACHE_BYTES and len(self._cache) > 1:
            _, old = self._cache.popitem(last=False)
            self._bytes -= old.get_width() * old.get_height() * 4
        return picture

    def corners(self, radius: int, fill: Colour | None, border: Colour | None, width: int) -> pygame.Surface:
        """A disc of `2 * radius`: its quarters are the corners of every card with these colours."""

        def draw() -> pygame.Surface:
            side = 2 * radius * SUPER
            edge = border if border is not None else fill
            assert edge is not None
            big = _clear(side, side, edge)
            pygame.draw.rect(big, (*edge, 255), big.get_rect(), border_radius=side // 2)
            if border is not None:
                inner = big.get_rect().inflate(-2 * width * SUPER, -2 * width * SUPER)
                inside = (*fill, 255) if fill is not None else (*border, 0)
                pygame.draw.rect(big, inside, inner, border_radius=max(0, side // 2 - width * SUPER))
            return pygame.transform.smoothscale(big, (2 * radius, 2 * radius))

        return self._get(("corners", radius, fill, border, width), draw)

    def mask(self, radius: int, colour: Colour) -> pygame.Surface:
        """What lies outside a disc of `2 * radius`, in `colour`: rounds off a picture."""

        def draw() -> pygame.Surface:
            side = 2 * radius * SUPER
            big = pygame.Surface((side, side), pygame.SRCALPHA, 32)
            big.fill((*colour, 255))
            pygame.draw.circle(big, (*colour, 0), (side // 2, side // 2), side // 2)
            return pygame.transform.smoothscale(big, (2 * radius, 2 * radius))

        return self._get(("mask", radius, colour), draw)

    def dashes(self, w: int, h: int, radius: int, colour: Colour, width: int) -> pygame.Surface:
        """A dashed rounded outline."""

        def draw() -> pygame.Surface:
            big = _clear(w * SUPER, h * SUPER, colour)
            half = width / 2
            path = _outline(w - width, h - width, radius)
            dash = 3.2 * width
            walked = 0.0
            for (x0, y0), (x1, y1) in pairwise(path):
                length = math.hypot(x1 - x0, y1 - y0)
                if walked % (dash * 1.75) < dash:
                    a = ((x0 + half) * SUPER, (y0 + half) * SUPER)
                    b = ((x1 + half) * SUPER, (y1 + half) * SUPER)
                    pygame.draw.line(big, colour, a, b, width * SUPER)
                    pygame.draw.circle(big, colour, a, width * SUPER // 2)
                walked += length
            return pygame.transform.smoothscale(big, (w, h))

        return self._get(("dashes", w, h, radius, colour, width), draw)

    def arc(self, side: int, width: int, fraction: float, colour: Colour, track: Colour) -> pygame.Surface:
        """A ring, `fraction` of it in `colour` clockwise from the top."""

        def draw() -> pygame.Surface:
            big = _clear(side * SUPER, side * SUPER, track)
            middle, outer = side * SUPER / 2, side * SUPER / 2 - 1
            inner = outer - width * SUPER
            pygame.draw.circle(big, (*track, 255), (middle, middle), outer, width * SUPER)
            steps = max(2, round(180 * fraction))
            angles = [2 * math.pi * fraction * i / steps for i in range(steps + 1)]
            if fraction >= 1:
                pygame.draw.circle(big, (*colour, 255), (middle, middle), outer, width * SUPER)
            elif fraction > 0:
                rim = [(middle + outer * math.sin(a), middle - outer * math.cos(a)) for a in angles]
                core = [(middle + inner * math.sin(a), middle - inner * math.cos(a)) for a in reversed(angles)]
                pygame.draw.polygon(big, (*colour, 255), rim + core)
            return pygame.transform.smoothscale(big, (side, side))

        return self._get(("arc", side, width, fraction, colour, track), draw)

    def stroke(self, w: int, h: int, points: tuple[tuple[int, int], ...], width: int, colour: Colour) -> pygame.Surface:
        """A line with round ends and corners; `points` are relative to the picture."""

        def draw() -> pygame.Surface:
            big = _clear(w * SUPER, h * SUPER, colour)
            at = [(x * SUPER, y * SUPER) for x, y in points]
            half = width * SUPER / 2
            for (x0, y0), (x1, y1) in pairwise(at):
                length = math.hypot(x1 - x0, y1 - y0) or 1.0
                dx, dy = (y1 - y0) / length * half, (x0 - x1) / length * half
                corners = [(x0 + dx, y0 + dy), (x1 + dx, y1 + dy), (x1 - dx, y1 - dy), (x0 - dx, y0 - dy)]
                pygame.draw.polygon(big, colour, corners)
            for point in at:
                pygame.draw.circle(big, colour, point, half)
            return pygame.transform.smoothscale(big, (w, h))

        return self._get(("stroke", w, h, points, width, colour), draw)


def _clear(w: int, h: int, colour: Colour) -> pygame.Surface:
    """Transparent, but of `colour`: scaling down must not mix in black."""
    big = pygame.Surface((w, h), pygame.SRCALPHA, 32)
    big.fill((*colour, 0))
    return big


def _outline(w: float, h: float, radius: float) -> list[tuple[float, float]]:
    """Points every pixel or so along a rounded rectangle, clockwise and closed."""
    quarter = [math.pi / 2 * i / 24 for i in range(25)]
    corners = (
        (w - radius, radius, -math.pi / 2),
        (w - radius, h - radius, 0.0),
        (radius, h - radius, math.pi / 2),
        (radius, radius, math.pi),
    )
    points = [(cx + radius * math.cos(s + a), cy + radius * math.sin(s + a)) for cx, cy, s in corners for a in quarter]
    points.append(points[0])
    dense: list[tuple[float, float]] = []
    for (x0, y0), (x1, y1) in pairwise(points):
        n = max(1, round(math.hypot(x1 - x0, y1 - y0)))
        dense += [(x0 + (x1 - x0) * i / n, y0 + (y1 - y0) * i / n) for i in range(n)]
    return [*dense, points[0]]
