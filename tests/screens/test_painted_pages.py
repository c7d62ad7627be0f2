"""A few pages painted in every language and mode, by whichever pygame is there: words where words are, no holes."""

from __future__ import annotations

import pygame
import pytest
from test_stage import Desk

from screens.marks import Words
from screens.modes import MODES
from screens.samples import SAMPLES, place
from screens.screen import Language, Mode

PAGES = ("standby", "home", "form", "pay", "receipt-qr")
LANGUAGES: tuple[Language, ...] = ("zh", "en", "ko")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_of_words_has_ink(language: Language, mode: Mode) -> None:
    desk = Desk()

    def words(zh: str, en: str) -> str:
        return zh if language == "zh" else en

    for name in PAGES:
        current, build = SAMPLES[name]
        desk.show(build(place(language, mode, current), words))
        sheet = desk.stage.sheet
        assert sheet is not None
        lines = [mark for mark in sheet.marks if isinstance(mark, Words) and mark.text.strip(" ·")]
        assert lines
        for mark in lines:
            part = desk.stage._surface.subsurface(mark.rect.within(desk.stage.whole))
            data = pygame.image.tobytes(part, "RGB")
            assert data != data[:3] * (len(data) // 3), f"{name}: {mark.text!r} left nothing on the panel"
    assert not desk.stage._painter.typeface.missing


def test_rare_characters_are_seen_or_framed() -> None:
    """Beyond the first plane, where pygame 2.6.1 cannot tell whether a font has a glyph."""
    face = Desk().stage._painter.typeface
    pictures = [pygame.image.tobytes(face.line(char, 60, (0, 0, 0)), "RGBA") for char in ("\U00020bb7", "\U0002ebf5")]
    assert all(any(picture[3::4]) for picture in pictures)
    assert pictures[0] != pictures[1]
