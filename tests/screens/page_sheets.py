"""Every sample page laid out, once a process, for the tests that look at all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache

import pytest
from _pytest.mark import ParameterSet

from config.panel import LANDSCAPE, ORIENTATIONS, PORTRAIT, Orientation, Panel
from screens import type as type_
from screens.compose import compose, look_for, plan
from screens.modes import MODES
from screens.samples import samples
from screens.samples.technician import MODES as TECHNICIANS_MODES
from screens.samples.technician import work_samples
from screens.screen import Language, Mode, Screen
from screens.sheet import Sheet
from screens.type import Typeface

LANGUAGES: tuple[Language, ...] = ("zh", "en", "ko")
PANELS: dict[Orientation, Panel] = {"portrait": PORTRAIT, "landscape": LANDSCAPE}
COMBINATIONS: list[tuple[Language, Mode]] = [
    *((language, mode) for language in LANGUAGES for mode in MODES if mode != "low-contrast"),
    ("zh", "low-contrast"),  # laid out as low, in the colours of contrast
]
EVERY: list[tuple[Language, Mode, Orientation]] = [
    (language, mode, orientation)
    for orientation in ORIENTATIONS
    for language, mode in COMBINATIONS
    if orientation == "portrait" or "contrast" not in mode or language == "zh"  # laid out as standard and as low
]
"""Every page in every language and mode, upright and lying; colours do not change with language and orientation."""


Run = tuple[Language, Mode, Orientation]


def runs(these: Iterable[Run] = EVERY, *, keep: Callable[[Mode], bool] = lambda _: True) -> list[ParameterSet]:
    """Parameters for a test. Those of a language and mode go to one worker: its pages are laid out once."""
    return [
        pytest.param(*run, marks=pytest.mark.xdist_group(f"pages-{run[0]}-{run[1]}")) for run in these if keep(run[1])
    ]


@cache
def typeface() -> Typeface:
    """One for all pages, which are many more than a terminal shows: with room for the widths of all of them."""
    type_.CACHE_WIDTHS = 1 << 18
    return Typeface()


@cache
def sheets(language: Language, mode: Mode, orientation: Orientation = "portrait") -> dict[str, tuple[Screen, Sheet]]:
    """Name (and turn) to screen and sheet."""
    return laid_out(language, mode, PANELS[orientation])


def technicians(language: Language, mode: Mode) -> dict[str, Screen]:
    """The technician's pages, in the modes that they have."""
    return work_samples(language, mode) if mode in TECHNICIANS_MODES else {}


def laid_out(language: Language, mode: Mode, panel: Panel) -> dict[str, tuple[Screen, Sheet]]:
    """The same on any panel."""
    out = {}
    for name, screen in (samples(language, mode) | technicians(language, mode)).items():
        look = look_for(screen, typeface(), panel)
        planned = plan(screen, look)
        for turn in range(len(planned.turns)):
            out[f"{name}:{turn}"] = (screen, compose(screen, look, planned, turn=turn))
    return out
