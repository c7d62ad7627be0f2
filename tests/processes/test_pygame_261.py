"""The screen on pygame 2.6.1 as well: a good part of its tests in a program of its own, where that one comes first."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / ".venv" / "pygame-2.6.1"
TESTS = (
    "tests/screens/test_stage.py",
    "tests/screens/test_stage_manners.py",
    "tests/screens/test_window.py",
    "tests/screens/test_mirror.py",
    "tests/screens/test_painted_pages.py",
    "tests/speech/test_focus_everywhere.py",
)
CHOSEN = "not everywhere or (zh-standard and not reach_everything)"
"""Of the slow walk over every page, one combination is enough here."""

pytestmark = [pytest.mark.processes, pytest.mark.timeout(180)]


def _python(*arguments: str, seconds: float) -> subprocess.CompletedProcess[str]:
    assert (FOLDER / "pygame").is_dir(), f"{FOLDER} is missing: `make setup` installs it from its lock"
    env = {**os.environ, "PYTHONPATH": str(FOLDER), "SDL_VIDEODRIVER": "dummy", "SDL_AUDIODRIVER": "dummy"}
    env["PYGAME_HIDE_SUPPORT_PROMPT"] = "1"
    return subprocess.run(
        [sys.executable, *arguments], env=env, cwd=ROOT, capture_output=True, text=True, timeout=seconds, check=False
    )


def test_it_is_that_pygame() -> None:
    told = _python("-c", "import pygame; print(pygame.ver, getattr(pygame, 'IS_CE', 0), pygame.__file__)", seconds=30)
    assert told.stdout.split() == ["2.6.1", "0", str(FOLDER / "pygame" / "__init__.py")]


def test_stage_window_mirror_pages_and_focus_hold_on_it() -> None:
    ran = _python("-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", CHOSEN, *TESTS, seconds=170)
    assert ran.returncode == 0, ran.stdout[-4000:]
    assert "[100%]" in ran.stdout, ran.stdout[-2000:]
    assert "skipped" not in ran.stdout
