"""The window, or the whole display: opening it, showing what was painted, following its size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import screens.sdl_settings  # noqa: F401 - before pygame is imported; isort: skip
import pygame

from config.panel import Panel
from screens.marks import Rect
from screens.pointer import Fit

if TYPE_CHECKING:
    from config.settings import WindowSettings

DESK_SHARE = 0.9
"""On a desk the window takes at most this much of the display."""


@dataclass(frozen=True, slots=True)
class WindowPlan:
    """Which window is opened: for which panel, in pixels (None: as large as the panel), or over the whole display."""

    panel: Panel
    size: tuple[int | None, int | None] = (None, None)
    fullscreen: bool = False

    @staticmethod
    def of(settings: WindowSettings) -> WindowPlan:
        """As the settings say."""
        return WindowPlan(settings.panel.panel(), (settings.width, settings.height), settings.fullscreen)


class Window:
    """SDL's window. Raises `pygame.error` when there is no display.

    `shift` is how many pixels right and down the picture lies (against burn-in).
    """

    def __init__(self, plan: WindowPlan) -> None:
        pygame.display.init()
        pygame.display.set_caption("Kiosk")
        self._panel = plan.panel.size
        self.shift = (0, 0)
        size, flags = (plan.size[0] or self._panel[0], plan.size[1] or self._panel[1]), pygame.RESIZABLE
        if plan.fullscreen:
            size, flags = (0, 0), pygame.FULLSCREEN
            pygame.mouse.set_visible(False)
        else:
            size = _fitting(size)
        self._display = pygame.display.set_mode(size, flags)
        self.fit = Fit(self._display.get_size(), self._panel)
        self.driver = pygame.display.get_driver()

    def update(self, panel: pygame.Surface, rects: list[Rect]) -> None:
        """Show `rects` of the panel."""
        if self.fit.exact and self.shift == (0, 0):
            for rect in rects:
                self._display.blit(panel, rect[:2], rect)
            pygame.display.update(rects)
            return
        if self.fit.exact:
            self._display.blit(panel, (0, 0))  # what the shift uncovers shows the same backdrop, a few pixels on
            self._display.blit(panel, self.shift)
            pygame.display.flip()
            return
        scaled = pygame.transform.smoothscale(panel, self.fit.size)
        self._display.blit(scaled, (self.fit.x, self.fit.y))
        pygame.display.update([self.fit.rect(rect) for rect in rects])

    def changed(self, event: Any) -> bool:
        """Whether `event` means that everything must be shown again; follows a new size."""
        if event.type == pygame.VIDEORESIZE:
            self._display = pygame.display.get_surface() or self._display
            self.fit = Fit(self._display.get_size(), self._panel)
            self._display.fill((0, 0, 0))
            pygame.display.flip()
            return True
        return event.type in (pygame.VIDEOEXPOSE, pygame.WINDOWEXPOSED)

    def close(self) -> None:
        """Give the display back."""
        pygame.display.quit()


def _fitting(size: tuple[int, int]) -> tuple[int, int]:
    """`size`, made smaller where the desktop is."""
    desktops = pygame.display.get_desktop_sizes()
    if not desktops:
        return size
    wide, high = desktops[0]
    if size[0] <= wide and size[1] <= high:
        return size
    share = min(wide * DESK_SHARE / size[0], high * DESK_SHARE / size[1])
    return round(size[0] * share), round(size[1] * share)
