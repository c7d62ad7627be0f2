"""Every sample page laid out, once a process, for the tests that look at all of them."""

from __future__ import annotations

from functools import cache

from screens.compose import compose, look_for, plan
from screens.modes import MODES
from screens.samples import samples
from screens.screen import Language, Mode, Screen
from screens.sheet import Sheet
from screens.type import Typeface

LANGUAGES: tuple[Language, ...] = ("zh", "en", "ko")
COMBINATIONS: list[tuple[Language, Mode]] = [
    *((language, mode) for language in LANGUAGES for mode in MODES if mode != "low-contrast"),
    ("zh", "low-contrast"),  # laid out as low, in the colours of contrast
]


@cache
def typeface() -> Typeface:
    return Typeface()


@cache
def sheets(language: Language, mode: Mode) -> dict[str, tuple[Screen, Sheet]]:
    """Name (and turn) to screen and sheet."""
    out = {}
    for name, screen in samples(language, mode).items():
        look = look_for(screen, typeface())
        planned = plan(screen, look)
        for turn in range(len(planned.turns)):
            out[f"{name}:{turn}"] = (screen, compose(screen, look, planned, turn=turn))
    return out
