"""Recorded sentences (`config/speech/<language>/<name>.opus`), made by `config/speech/render.py`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from config import DATA
from config.spoken import recording_name

FOLDER = DATA / "speech"


def recording(language: str, sentence: str, folder: Path = FOLDER) -> Path | None:
    """The file in which a sentence was recorded, None when it was not."""
    path = folder / language / f"{recording_name(language, sentence)}.opus"
    return path if path.is_file() else None


def unrecorded(language: str, said: Iterable[str], folder: Path = FOLDER) -> list[str]:
    """Which of `said` have no recording, in their order."""
    return [sentence for sentence in said if recording(language, sentence, folder) is None]
