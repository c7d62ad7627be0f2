"""The window, or the whole display: opening it, showing what was painted, following its size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pygame

from screens.marks import Rect
from screens.pointer import Fit

if TYPE_CHECKING:
    from config.settings import WindowSettings

DESK_SHARE = 0.9
"""On a desk the window takes at most this much of the display."""


class Window:
    """SDL's window. Raises `pygame.error` when there is no display."""

    def __init__(self, settings: WindowSettings) -> None:
        pygame.display.init()
        pygame.display.set_caption("Kiosk")
        size, flags = (settings.width, settings.height), pygame.RESIZABLE
        if settings.fullscreen:
            size, flags = (0, 0), pygame.FULLSCREEN
            pygame.mouse.set_visible(False)
        else:
            size = _fitting(size)
        self._display = pygame.display.set_mode(size, flags)
        self.fit = Fit(self._display.get_size())
        self.driver = pygame.display.get_driver()

    def update(self, panel: pygame.Surface, rects: list[Rect]) -> None:
        """Show `rects` of the panel."""
        if self.fit.exact:
            for rect in rects:
                self._display.blit(panel, rect[:2], rect)
            pygame.display.update(rects)
            return
        scaled = pygame.transform.smoothscale(panel, self.fit.size)
        self._display.blit(scaled, (self.fit.x, self.fit.y))
        pygame.display.update([self.fit.rect(rect) for rect in rects])

    def changed(self, event: Any) -> bool:
        """Whether `event` means that everything must be shown again; follows a new size."""
        if event.type == pygame.VIDEORESIZE:
            self._display = pygame.display.get_surface() or self._display
            self.fit = Fit(self._display.get_size())
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
