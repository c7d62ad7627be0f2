"""The main pages: the ones that golden pictures are kept of, and the contact sheet of docs/design.md."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import pygame

from config.panel import LANDSCAPE, PORTRAIT, Panel
from screens.gallery import draw
from screens.paint.painter import Painter
from screens.samples import samples
from screens.screen import Language, Mode
from screens.type import Typeface

Shown: TypeAlias = tuple[str, Language, Mode, bool]
"""A sample, in which language and mode, whether on a lying panel."""

MAIN: tuple[Shown, ...] = (
    ("standby", "zh", "standard", False),
    ("home", "zh", "standard", False),
    ("home-limits", "en", "standard", False),
    ("home", "zh", "elder", False),
    ("home", "zh", "low", False),
    ("field_page", "ko", "standard", False),
    ("search-typed", "zh", "standard", False),
    ("guide", "zh", "standard", False),
    ("guide-unavailable", "zh", "contrast", False),
    ("consent-some", "zh", "standard", False),
    ("place_card", "zh", "standard", False),
    ("face", "en", "standard", False),
    ("other_ways", "ko", "elder", False),
    ("form", "zh", "standard", False),
    ("review", "zh", "standard", False),
    ("pay", "zh", "standard", False),
    ("finish", "zh", "standard", False),
    ("not_done", "zh", "standard", False),
    ("still_there", "zh", "standard", False),
    ("closed", "zh", "standard", False),
    ("home", "zh", "standard", True),
    ("form", "zh", "standard", True),
)


def pages(typeface: Typeface, wanted: Sequence[Shown], high: int) -> list[pygame.Surface]:
    """Pages as they look on the panel: upright ones `high` pixels high, lying ones as wide as that."""
    made = []
    for name, language, mode, lying in wanted:
        surface = page(typeface, name, language, mode, lying=lying)
        width, whole = surface.get_size()
        tall = high if not lying else high * whole // width
        made.append(pygame.transform.smoothscale(surface, (width * tall // whole, tall)))
    return made


def page(typeface: Typeface, name: str, language: Language, mode: Mode, *, lying: bool = False) -> pygame.Surface:
    """One sample page in full size."""
    panel: Panel = LANDSCAPE if lying else PORTRAIT
    painter = Painter(pygame.Surface(panel.size, 0, 32), typeface)
    draw(samples(language, mode)[name], painter, panel=panel)
    return painter.surface


def rows(surfaces: Sequence[pygame.Surface], width: int, gap: int = 20) -> pygame.Surface:
    """Pictures in rows, as many a row as `width` holds."""
    lines: list[list[pygame.Surface]] = [[]]
    for surface in surfaces:
        used = sum(s.get_width() + gap for s in lines[-1]) + gap
        if lines[-1] and used + surface.get_width() + gap > width:
            lines.append([])
        lines[-1].append(surface)
    wide = max(sum(s.get_width() + gap for s in line) + gap for line in lines)
    high = sum(max(s.get_height() for s in line) + gap for line in lines) + gap
    whole = pygame.Surface((wide, high), 0, 32)
    whole.fill((222, 229, 234))
    y = gap
    for line in lines:
        x = gap
        for surface in line:
            whole.blit(surface, (x, y))
            x += surface.get_width() + gap
        y += max(s.get_height() for s in line) + gap
    return whole
