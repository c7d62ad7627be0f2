"""Every page in every language, mode and orientation as PNG, and contact sheets: for looking, and for the documents."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from itertools import product
from multiprocessing import get_context
from pathlib import Path

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

import pygame

from config.panel import LANDSCAPE, ORIENTATIONS, PORTRAIT, Orientation, Panel
from config.texts import texts
from screens.compose import compose, look_for, plan
from screens.live import CHINA, live_marks
from screens.marks import Rect
from screens.modes import MODES
from screens.paint.painter import Painter
from screens.samples import SHOWN_AT, samples, technician
from screens.screen import Language, Mode, Screen
from screens.sheet import Sheet
from screens.type import Typeface

LANGUAGES: tuple[Language, ...] = ("zh", "en", "ko")
DRAWN_AT = datetime(2026, 11, 21, 20, 14, tzinfo=CHINA)
PANELS: Mapping[Orientation, Panel] = {"portrait": PORTRAIT, "landscape": LANDSCAPE}
THUMB_SHARE = 0.2
COLUMNS: Mapping[Orientation, int] = {"portrait": 10, "landscape": 6}
GAP = 16
GROUND = (96, 108, 116)
PROCESSES = 2

MAIN = (
    "standby",
    "home",
    "field_page",
    "guide",
    "search",
    "consent",
    "place_card",
    "face",
    "form",
    "form-kinds",
    "writing",
    "materials",
    "review",
    "pay",
    "pay_code",
    "working",
    "result",
    "receipt",
    "cases",
    "finish",
)
"""The pages of a visit from its beginning to its end, for one sheet that shows them all."""


def draw(screen: Screen, painter: Painter, *, turn: int = 0, panel: Panel = PORTRAIT) -> Sheet:
    """Paint `screen` as it looks at `DRAWN_AT` on a surface as large as `panel`; returns its sheet."""
    look = look_for(screen, painter.typeface, panel)
    sheet = compose(screen, look, plan(screen, look), turn=turn)
    words = texts(screen.language)
    live = live_marks(sheet, painter.typeface, words, DRAWN_AT, screen.countdown, SHOWN_AT)
    painter.paint([*sheet.marks, *live], [Rect(0, 0, *panel.size)])
    return sheet


def write_gallery(
    out: Path,
    languages: Sequence[Language] = LANGUAGES,
    modes: Sequence[Mode] = MODES,
    orientations: Sequence[Orientation] = ORIENTATIONS,
    *,
    processes: int = PROCESSES,
) -> list[Path]:
    """Write `<orientation>/<language>-<mode>/<page>.png` (and `-2` for further turns) under `out`; every file written.

    Beside each folder its contact sheet, and for each orientation `main-<orientation>.png`. In `processes` processes.
    """
    jobs = [(out, *job) for job in product(orientations, languages, modes)]
    written: list[Path] = []
    if processes > 1 and len(jobs) > 1:
        with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
            for paths in pool.map(_folder, *zip(*jobs, strict=True)):
                written += paths
    else:
        for job in jobs:
            written += _folder(*job)
    return [*written, *(write_main(out, orientation) for orientation in orientations)]


def write_main(out: Path, orientation: Orientation, language: Language = "zh", mode: Mode = "standard") -> Path:
    """The main twenty pages of one language and mode on one sheet, in the order of a visit."""
    panel = PANELS[orientation]
    painter = Painter(pygame.Surface(panel.size, 0, 32), Typeface())
    shown = samples(language, mode)
    thumbs = []
    for name in MAIN:
        draw(shown[name], painter, panel=panel)
        thumbs.append(_thumb(painter.surface))
    out.mkdir(parents=True, exist_ok=True)
    return _contact_sheet(thumbs, out / f"main-{orientation}.png", 5 if orientation == "portrait" else 4)


def _folder(out: Path, orientation: Orientation, language: Language, mode: Mode) -> list[Path]:
    """All pages of one language and mode, and their contact sheet."""
    panel = PANELS[orientation]
    painter = Painter(pygame.Surface(panel.size, 0, 32), Typeface())
    folder = out / orientation / f"{language}-{mode}"
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    thumbs: list[pygame.Surface] = []
    shown = samples(language, mode) | technicians(language, mode)
    for name, screen in shown.items():
        for number in _turns(screen, painter, panel):
            path = folder / f"{name}{f'-{number + 1}' if number else ''}.png"
            pygame.image.save(painter.surface, path)
            written.append(path)
            thumbs.append(_thumb(painter.surface))
    sheet = _contact_sheet(thumbs, out / orientation / f"{language}-{mode}.png", COLUMNS[orientation])
    return [*written, sheet]


def technicians(language: Language, mode: Mode) -> dict[str, Screen]:
    """Every page of the technician, in the modes that they have."""
    if mode not in technician.MODES:
        return {}
    return technician.work_samples(language, mode) | technician.work_samples(language, mode, whole=True)


def _turns(screen: Screen, painter: Painter, panel: Panel) -> Iterator[int]:
    """Paint one turn of the page after another."""
    turn, turns = 0, 1
    while turn < turns:
        turns = draw(screen, painter, turn=turn, panel=panel).turns
        yield turn
        turn += 1


def _thumb(surface: pygame.Surface) -> pygame.Surface:
    wide, high = surface.get_size()
    return pygame.transform.smoothscale(surface, (round(wide * THUMB_SHARE), round(high * THUMB_SHARE)))


def _contact_sheet(thumbs: list[pygame.Surface], path: Path, columns: int) -> Path:
    """Pages small, in the order of a visit."""
    wide, high = thumbs[0].get_size()
    rows = -(-len(thumbs) // columns)
    sheet = pygame.Surface((columns * (wide + GAP) + GAP, rows * (high + GAP) + GAP), 0, 32)
    sheet.fill(GROUND)
    for index, thumb in enumerate(thumbs):
        row, column = divmod(index, columns)
        sheet.blit(thumb, (GAP + column * (wide + GAP), GAP + row * (high + GAP)))
    pygame.image.save(sheet, path)
    return path
