"""Paints marks inside clips; nothing paints outside the rectangles that changed."""

from __future__ import annotations

from collections.abc import Iterable

import pygame

from screens.icons import icon_code
from screens.marks import Arc, Card, Fill, Gradient, Live, Mark, Modules, Pen, Rect, Stroke, Symbol, Words
from screens.paint.pen import draw_pen
from screens.paint.shapes import Shapes
from screens.type import Typeface


class Painter:
    """One painter a surface. `picture` is the camera's newest frame, already mirrored, or None."""

    def __init__(self, surface: pygame.Surface, typeface: Typeface) -> None:
        self.surface = surface
        self.typeface = typeface
        self.shapes = Shapes()
        self.picture: pygame.Surface | None = None

    def paint(self, marks: Iterable[Mark], rects: Iterable[Rect]) -> None:
        """Paint what of `marks` lies in each of `rects`, in the order of `marks`."""
        every = list(marks)
        for rect in rects:
            self.surface.set_clip(rect)
            for mark in every:
                if mark.rect.touches(rect):
                    self._one(mark, rect)
        self.surface.set_clip(None)

    def _one(self, mark: Mark, clip: Rect) -> None:
        match mark:
            case Fill():
                self.surface.fill(mark.colour, mark.rect)
            case Card():
                self._card(mark)
            case Words():
                line = self.typeface.line(mark.text, mark.size, mark.colour, mark.bold)
                self.surface.blit(line, (mark.rect.x, mark.rect.y + (mark.rect.h - line.get_height()) // 2))
            case Symbol():
                icon = self.typeface.icon(icon_code(mark.name), mark.rect.h, mark.colour)
                self.surface.blit(icon, mark.rect[:2])
            case Arc():
                ring = self.shapes.arc(mark.rect.w, mark.width, mark.fraction, mark.colour, mark.track)
                self.surface.blit(ring, mark.rect[:2])
            case Stroke():
                points = tuple((x - mark.rect.x, y - mark.rect.y) for x, y in mark.points)
                line = self.shapes.stroke(mark.rect.w, mark.rect.h, points, mark.width, mark.colour)
                self.surface.blit(line, mark.rect[:2])
            case Pen():
                draw_pen(self.surface, mark)
            case Gradient():
                self._gradient(mark, clip)
            case Modules():
                self._modules(mark)
            case Live():
                self._live(mark)

    def _card(self, mark: Card) -> None:
        x, y, w, h = mark.rect
        if w <= 0 or h <= 0:
            return
        if mark.dashed and mark.border is not None:
            self.surface.blit(self.shapes.dashes(w, h, mark.radius, mark.border, mark.width), (x, y))
            return
        if mark.fill is None and mark.border is None:
            return
        r = min(mark.radius, w // 2, h // 2)
        if mark.fill is not None:
            self.surface.fill(mark.fill, (x + r, y, w - 2 * r, h))
            self.surface.fill(mark.fill, (x, y + r, r, h - 2 * r))
            self.surface.fill(mark.fill, (x + w - r, y + r, r, h - 2 * r))
        if mark.border is not None:
            t = mark.width
            self.surface.fill(mark.border, (x + r, y, w - 2 * r, t))
            self.surface.fill(mark.border, (x + r, y + h - t, w - 2 * r, t))
            self.surface.fill(mark.border, (x, y + r, t, h - 2 * r))
            self.surface.fill(mark.border, (x + w - t, y + r, t, h - 2 * r))
        if r > 0:
            disc = self.shapes.corners(r, mark.fill, mark.border, mark.width)
            self._corners(disc, mark.rect, r)

    def _corners(self, disc: pygame.Surface, rect: Rect, r: int) -> None:
        x, y, w, h = rect
        self.surface.blit(disc, (x, y), (0, 0, r, r))
        self.surface.blit(disc, (x + w - r, y), (r, 0, r, r))
        self.surface.blit(disc, (x, y + h - r), (0, r, r, r))
        self.surface.blit(disc, (x + w - r, y + h - r), (r, r, r, r))

    def _gradient(self, mark: Gradient, clip: Rect) -> None:
        part = mark.rect.within(clip)
        half = mark.rect.h / 2
        for y in range(part.y, part.bottom):
            at = (y - mark.rect.y) / half
            a, b = (mark.top, mark.middle) if at < 1 else (mark.middle, mark.bottom)
            share = at if at < 1 else at - 1
            colour = [round(p + (q - p) * share) for p, q in zip(a, b, strict=True)]
            self.surface.fill(colour, (part.x, y, part.w, 1))

    def _modules(self, mark: Modules) -> None:
        size = mark.rect.w // len(mark.rows)
        for row, line in enumerate(mark.rows):
            for column, module in enumerate(line):
                if module == "1":
                    at = (mark.rect.x + column * size, mark.rect.y + row * size, size, size)
                    self.surface.fill(mark.colour, at)

    def _live(self, mark: Live) -> None:
        """The newest frame, filling the place, its corners rounded off."""
        if self.picture is None:
            return
        x, y, w, h = mark.rect
        pw, ph = self.picture.get_size()
        scale = max(w / pw, h / ph)
        cut_w, cut_h = min(pw, round(w / scale)), min(ph, round(h / scale))
        part = self.picture.subsurface(((pw - cut_w) // 2, (ph - cut_h) // 2, cut_w, cut_h))
        self.surface.blit(pygame.transform.smoothscale(part, (w, h)), (x, y))
        self._corners(self.shapes.mask(mark.radius, mark.ground), mark.rect, mark.radius)
