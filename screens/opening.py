"""The first page, painted before there is a stage: a window, a surface and what paints on it, handed on to the stage.

Imports nothing that takes long: no settings model, no web server, no numpy (docs/performance.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import screens.sdl_settings  # noqa: F401 - before pygame is imported; isort: skip
import pygame

from config.panel import Panel
from screens.compose import compose, look_for, plan
from screens.live import beijing_now, live_marks
from screens.marks import Rect
from screens.paint.painter import Painter
from screens.type import Typeface
from screens.window import Window, WindowPlan

if TYPE_CHECKING:
    from screens.screen import Screen


@dataclass(frozen=True, slots=True)
class Opened:
    """A window in which a page stands already. What is touched meanwhile waits in SDL's queue."""

    plan: WindowPlan
    window: Window
    painter: Painter


def fitting(opened: Opened | None, panel: Panel, *, headless: bool) -> Opened | None:
    """What was opened, where a stage with this panel can take it over; closed and None where it cannot."""
    if opened is None or (opened.plan.panel == panel and not headless):
        return opened
    opened.window.close()
    return None


def open_with(wanted: WindowPlan, screen: Screen) -> Opened:
    """Open the window and paint `screen` in it. Raises `pygame.error` when there is no display."""
    typeface = Typeface()
    surface = pygame.Surface(wanted.panel.size, 0, 32)
    painter = Painter(surface, typeface)
    window = Window(wanted)
    look = look_for(screen, typeface, wanted.panel)
    sheet = compose(screen, look, plan(screen, look))
    whole = Rect(0, 0, *wanted.panel.size)
    painter.paint([*sheet.marks, *live_marks(sheet, typeface, look.words, beijing_now(), screen.countdown, 0)], [whole])
    window.update(surface, [whole])
    return Opened(wanted, window, painter)
