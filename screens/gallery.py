"""Every page in every language and mode as PNG, and a contact sheet: for looking, and for the documents."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

import pygame

from config.texts import texts
from screens.compose import WHOLE, compose, look_for, plan
from screens.live import CHINA, live_marks
from screens.modes import MODES
from screens.paint.painter import Painter
from screens.samples import SHOWN_AT, samples
from screens.screen import Language, Mode, Screen
from screens.sheet import Sheet
from screens.theme import PANEL
from screens.type import Typeface

LANGUAGES: tuple[Language, ...] = ("zh", "en", "ko")
DRAWN_AT = datetime(2026, 11, 21, 20, 14, tzinfo=CHINA)
THUMB = (216, 384)
COLUMNS = 8


def draw(screen: Screen, painter: Painter, *, turn: int = 0) -> Sheet:
    """Paint `screen` as it looks at `DRAWN_AT`; returns its sheet."""
    look = look_for(screen, painter.typeface)
    sheet = compose(screen, look, plan(screen, look), turn=turn)
    words = texts(screen.language)
    live = live_marks(sheet, painter.typeface, words, DRAWN_AT, screen.countdown, SHOWN_AT)
    painter.paint([*sheet.marks, *live], [WHOLE])
    return sheet


def write_gallery(out: Path, languages: Sequence[Language] = LANGUAGES, modes: Sequence[Mode] = MODES) -> list[Path]:
    """Write `<language>-<mode>/<page>.png` (and `-2`, `-3` for further turns) under `out`; returns every file."""
    painter = Painter(pygame.Surface(PANEL, 0, 32), Typeface())
    written: list[Path] = []
    for language in languages:
        for mode in modes:
            folder = out / f"{language}-{mode}"
            folder.mkdir(parents=True, exist_ok=True)
            thumbs: list[pygame.Surface] = []
            for name, screen in samples(language, mode).items():
                turn, turns = 0, 1
                while turn < turns:
                    turns = draw(screen, painter, turn=turn).turns
                    path = folder / f"{name}{f'-{turn + 1}' if turn else ''}.png"
                    pygame.image.save(painter.surface, path)
                    written.append(path)
                    thumbs.append(pygame.transform.smoothscale(painter.surface, THUMB))
                    turn += 1
            written.append(_contact_sheet(thumbs, out / f"{language}-{mode}.png"))
    return written


def _contact_sheet(thumbs: list[pygame.Surface], path: Path) -> Path:
    """All pages of one language and mode, small, in the order of a visit."""
    rows = -(-len(thumbs) // COLUMNS)
    gap = 16
    sheet = pygame.Surface((COLUMNS * (THUMB[0] + gap) + gap, rows * (THUMB[1] + gap) + gap), 0, 32)
    sheet.fill((96, 108, 116))
    for index, thumb in enumerate(thumbs):
        row, column = divmod(index, COLUMNS)
        sheet.blit(thumb, (gap + column * (THUMB[0] + gap), gap + row * (THUMB[1] + gap)))
    pygame.image.save(sheet, path)
    return path
