"""Which part of the panel is whose: header, bar (a rail at the right where the panel lies), strip, body."""

from __future__ import annotations

from dataclasses import dataclass

from screens import frame
from screens.look import Look
from screens.marks import Rect
from screens.screen import Screen

NIGHT_MARGIN_MM, NIGHT_TOP_MM, NIGHT_FOOT_MM = 20.0, 12.0, 24.0
NIGHT_LYING_TOP_MM, NIGHT_LYING_FOOT_MM = 2.0, 5.0


@dataclass(frozen=True, slots=True)
class Regions:
    """Rectangles in panel pixels; `bar` and `strip` are None where the page has none."""

    whole: Rect
    header: Rect
    body: Rect
    bar: Rect | None = None
    strip: Rect | None = None


def has_bar(screen: Screen) -> bool:
    """Whether the page has Back, Home, Leave, Help or a countdown."""
    return not screen.backdrop and bool(screen.nav or screen.countdown or screen.modes)


def margin(look: Look) -> int:
    """White space at the left and right of the body, in pixels."""
    return look.theme.px(NIGHT_MARGIN_MM) if look.night else look.space("margin")


def body_width(look: Look, screen: Screen) -> int:
    """How wide the body is."""
    rail = look.space("rail") if look.landscape and has_bar(screen) else 0
    return look.panel.width - rail - 2 * margin(look)


def regions(look: Look, screen: Screen) -> Regions:
    """Deal the panel out."""
    px, bar, panel = look.theme.px, has_bar(screen), look.panel
    whole = Rect(0, 0, panel.width, panel.height)
    drop = px(NIGHT_LYING_TOP_MM if look.landscape else NIGHT_TOP_MM) if look.night else 0
    header = Rect(0, drop, whole.w, look.space("header"))
    low = px(frame.STRIP_MM) if look.low and bar else 0
    rail = look.space("rail") if look.landscape and bar else 0
    foot = look.space("nav") if bar and not look.landscape else 0
    wide = whole.w - rail
    top = header.bottom + px(8 if not look.landscape else 1 if look.night else 5)
    air = px(NIGHT_LYING_FOOT_MM if look.landscape else NIGHT_FOOT_MM) if look.night else px(3 if low else 8)
    if look.landscape and not look.night:
        air = px(2 if low else 6)
    bottom = whole.h - foot - low - air
    side = margin(look)
    return Regions(
        whole,
        header,
        Rect(side, top, wide - 2 * side, bottom - top),
        _bar(whole, header, rail, foot) if bar else None,
        Rect(0, whole.h - foot - low, wide, low) if low else None,
    )


def _bar(whole: Rect, header: Rect, rail: int, foot: int) -> Rect:
    if rail:
        return Rect(whole.w - rail, header.bottom, rail, whole.h - header.bottom)
    return Rect(0, whole.h - foot, whole.w, foot)
