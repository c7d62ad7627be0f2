"""The pictures of docs/technician.md: pages of the technician, Chinese beside English (the first with Korean too).

`python -m screens.field_guide docs/pictures` writes them anew.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

import pygame

from config.panel import PORTRAIT
from screens.gallery import draw
from screens.paint.painter import Painter
from screens.samples.technician import work_samples
from screens.screen import Language
from screens.type import Typeface

SHOWN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "readiness": "tech_readiness",
        "door": "tech_door",
        "pin": "tech_pin",
        "code": "tech_code",
        "section": "tech_section",
        "question": "tech_question",
        "done": "tech_done-failed",
        "work": "tech_work",
        "refill": "tech_form",
        "matters": "tech_form-intent",
        "leave": "tech_leave",
    }
)
"""Name of the picture -> sample."""
WIDE: Final = 384
GAP: Final = 12
GROUND: Final = (96, 108, 116)


def write_pictures(out: Path) -> list[Path]:
    """Write `technician-<name>.png` to `out`; every file written."""
    out.mkdir(parents=True, exist_ok=True)
    typeface = Typeface()
    return [_write(out / f"technician-{name}.png", sample, typeface) for name, sample in SHOWN.items()]


def _write(path: Path, sample: str, typeface: Typeface) -> Path:
    languages: tuple[Language, ...] = ("zh", "en", "ko") if sample == "tech_readiness" else ("zh", "en")
    painter = Painter(pygame.Surface(PORTRAIT.size, 0, 32), typeface)
    high = round(WIDE * PORTRAIT.size[1] / PORTRAIT.size[0])
    sheet = pygame.Surface((len(languages) * (WIDE + GAP) + GAP, high + 2 * GAP), 0, 32)
    sheet.fill(GROUND)
    for place, language in enumerate(languages):
        draw(work_samples(language)[sample], painter)
        small = pygame.transform.smoothscale(painter.surface, (WIDE, high))
        sheet.blit(small, (GAP + place * (WIDE + GAP), GAP))
    pygame.image.save(sheet, path)
    return path


if __name__ == "__main__":
    for written in write_pictures(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/pictures")):
        sys.stdout.write(f"{written}\n")
