"""pygame comes as two distributions, pygame and pygame-ce, that write into the same folder: only one may be there.

With both installed it depends on the order which one runs, and taking one away breaks the other.
"""

from __future__ import annotations

import os
from pathlib import Path


class TwoPygames(RuntimeError):
    """Both distributions are installed in one place."""


def check_one_pygame(folder: Path | None = None) -> None:
    """Raises `TwoPygames` when `folder` (where pygame was imported from) holds both; costs one directory listing."""
    if folder is None:
        import pygame

        folder = Path(pygame.__file__).parents[1]
    kinds = ("pygame-", "pygame_ce-")
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if entry.name.endswith(".dist-info")]
    found = sorted(name for name in names if name.lower().startswith(kinds))
    if {name.lower().partition("-")[0] for name in found} == {"pygame", "pygame_ce"}:
        told = " and ".join(name.removesuffix(".dist-info") for name in found)
        raise TwoPygames(
            f"{told} are both installed in {folder}: they overwrite each other. Uninstall both, then install one:"
            " pip uninstall -y pygame pygame-ce && pip install pygame-ce"
        )
