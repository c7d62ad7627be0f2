"""A mode is how large and strong a page is drawn, and whether everything to touch stands low: chosen apart.

`low` goes with every appearance: "low", "low-elder", "low-contrast". Who sits in a wheelchair may also see badly.
"""

from __future__ import annotations

from typing import Literal, cast

from screens.screen import Mode

Appearance = Literal["standard", "elder", "contrast"]
APPEARANCES: tuple[Appearance, ...] = ("standard", "elder", "contrast")
MODES: tuple[Mode, ...] = ("standard", "elder", "contrast", "low", "low-elder", "low-contrast")


def is_low(mode: Mode) -> bool:
    """Whether everything to touch stands in the lower part."""
    return mode.startswith("low")


def appearance(mode: Mode) -> Appearance:
    """How large and how strong."""
    _, _, rest = mode.partition("low")
    name = rest.removeprefix("-") if is_low(mode) else mode
    return cast("Appearance", name or "standard")


def mode_of(look: Appearance, *, low: bool) -> Mode:
    """The mode of an appearance, low or not."""
    if not low:
        return look
    return cast("Mode", "low" if look == "standard" else f"low-{look}")


def layers(mode: Mode, *, landscape: bool = False) -> tuple[str, ...]:
    """The sections of the theme that make this mode, what comes later wins."""
    own = (*(() if appearance(mode) == "standard" else (appearance(mode),)), *(("low",) if is_low(mode) else ()))
    return (*own, "landscape", *(f"landscape-{name}" for name in own)) if landscape else own
