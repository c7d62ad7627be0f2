"""Plain text, painted shapes, and the gallery's files."""

from __future__ import annotations

from pathlib import Path

import pygame
import pytest
from page_sheets import COMBINATIONS

from config.panel import Panel
from screens import gallery
from screens.paint.shapes import Shapes
from screens.samples import samples
from screens.screen import Language, Mode
from screens.text import as_text
from screens.theme import MODES, ThemeError, _colour, contrast, load_theme


@pytest.mark.parametrize(("language", "mode"), [pair for pair in COMBINATIONS if pair[1] in ("standard", "elder")])
def test_plain_text_says_what_the_page_says(language: Language, mode: Mode) -> None:
    texts = {name: as_text(screen) for name, screen in samples(language, mode).items()}
    for name, screen in samples(language, mode).items():
        assert screen.title in texts[name]
        for action in screen.nav:
            assert f"[{action.label}]" in texts[name]
    assert "371***********5015" in texts["form"]
    assert "20.00" in texts["pay"]
    assert {"zh": "缺纸", "en": "out of paper", "ko": "용지가 없습니다"}[language] in texts["home-limits"]


def test_private_rows_are_masked_in_plain_text() -> None:
    from screens.screen import Header, Row, Rows, Screen

    screen = Screen("x", "t", Header("a", "b"), blocks=(Rows((Row("码", "8848", private=True), Row("名", "甲"))),))
    assert "8848" not in as_text(screen)
    assert "甲" in as_text(screen)


def test_the_gallery_writes_every_turn_and_a_contact_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = {k: v for k, v in samples("zh", "standard").items() if k in ("standby", "field_page-long")}
    monkeypatch.setattr(gallery, "samples", lambda language, mode: few)
    one = {k: v for k, v in gallery.technicians("zh", "standard").items() if k == "tech_pixels"}
    monkeypatch.setattr(gallery, "technicians", lambda language, mode: one)
    monkeypatch.setattr(gallery, "MAIN", ("standby",))
    written = gallery.write_gallery(tmp_path, ["zh"], ["standard"], ["portrait"], processes=1)
    names = [str(path.relative_to(tmp_path)) for path in written]
    assert names == [
        "portrait/zh-standard/standby.png",
        "portrait/zh-standard/field_page-long.png",
        "portrait/zh-standard/field_page-long-2.png",
        "portrait/zh-standard/field_page-long-3.png",
        "portrait/zh-standard/tech_pixels.png",
        "portrait/zh-standard.png",
        "main-portrait.png",
    ]
    assert pygame.image.load(written[0]).get_size() == (1080, 1920)


def test_shapes_are_smooth_and_have_no_dark_fringe() -> None:
    shapes = Shapes()
    white = (255, 255, 255)
    disc = shapes.corners(24, white, white, 2)
    edge = [disc.get_at((x, y)) for x in range(48) for y in range(48)]
    assert any(0 < p.a < 255 for p in edge)
    assert all(min(p.r, p.g, p.b) >= 250 for p in edge if p.a > 0)
    assert shapes.corners(24, white, white, 2) is disc


def test_an_arc_covers_its_share() -> None:
    ring = Shapes().arc(96, 10, 0.25, (255, 0, 0), (0, 0, 255))
    assert tuple(ring.get_at((48 + 30, 48 - 30)))[:3] == (255, 0, 0)
    assert tuple(ring.get_at((48 - 30, 48 + 30)))[:3] == (0, 0, 255)


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_has_every_token(mode: Mode) -> None:
    standard, theme = load_theme("standard"), load_theme(mode)
    assert theme.size.keys() == standard.size.keys()
    assert theme.colour.keys() == standard.colour.keys()


def test_lengths_follow_the_panel() -> None:
    assert load_theme("standard", Panel(1080, 1920, (268.0, 476.0))).size["title"] == 62
    assert load_theme("standard", Panel(1080, 1920, (400.0, 711.0))).size["title"] < 62
    assert load_theme("standard", Panel(1080, 1920, (1000.0, 1778.0))).px_per_mm == 2.6


def test_a_lying_panel_is_drawn_lying(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gallery, "MAIN", ("home",))
    path = gallery.write_main(tmp_path, "landscape")
    wide, high = pygame.image.load(path).get_size()
    assert wide > high


def test_elder_type_is_large() -> None:
    elder = load_theme("elder")
    assert elder.size["body"] >= 44
    assert all(elder.size[k] >= load_theme("standard").size[k] for k in elder.size)


def test_a_colour_that_is_none_is_named() -> None:
    with pytest.raises(ThemeError, match="sea is 'blue'"):
        _colour("sea", "blue")
    assert round(contrast((0, 0, 0), (255, 255, 255)), 1) == 21.0
