"""A page as a picture without a panel: for reports of acceptance tests. Loads pygame when first asked."""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING

from screens.screen import Screen

if TYPE_CHECKING:
    from screens.paint.painter import Painter


def picture_of(screen: Screen) -> bytes:
    """The page as PNG, 1080 x 1920; private words are blanked as the mirror blanks them."""
    import pygame

    from screens.gallery import draw
    from screens.mirror import BLANK

    painter = _painter()
    sheet = draw(screen, painter)
    for private in sheet.private:
        painter.surface.fill(BLANK, tuple(private))
    out = io.BytesIO()
    pygame.image.save(painter.surface, out, "page.png")
    return out.getvalue()


@cache
def _painter() -> Painter:
    import pygame

    from config.panel import PORTRAIT
    from screens.paint.painter import Painter
    from screens.type import Typeface

    return Painter(pygame.Surface(PORTRAIT.size, 0, 32), Typeface())
