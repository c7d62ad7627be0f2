"""docs/design.md says what the theme says: contrasts, sizes, pictures; and the theme keeps its promises."""

from __future__ import annotations

import re
from pathlib import Path

import pygame
import pytest

from screens.icons import icon_codes
from screens.main_pages import page
from screens.modes import MODES, appearance
from screens.paint.indexed import save_indexed
from screens.screen import Mode
from screens.specimen import contrast_table, contrasts, type_table
from screens.theme import load_theme
from screens.type import Typeface

DOCS = Path(__file__).parents[2] / "docs"
TEXT = (DOCS / "design.md").read_text("utf-8")


@pytest.mark.parametrize(("name", "table"), [("contrasts", contrast_table), ("type", type_table)])
def test_the_tables_are_those_of_the_theme(name: str, table: object) -> None:
    found = re.search(rf"<!-- {name} -->\n(.*?)\n<!-- end -->", TEXT, re.DOTALL)
    assert found is not None
    assert callable(table)
    assert found[1].strip() == table(), "run: python -m screens.specimen --tables docs/design.md"


@pytest.mark.parametrize("mode", MODES)
def test_everything_that_is_read_has_its_contrast(mode: Mode) -> None:
    least = 4.5 if appearance(mode) == "standard" else 7.0
    rows = list(contrasts(load_theme(mode)))
    assert len(rows) >= 16
    assert [(words, ground, round(ratio, 2)) for _, words, ground, ratio in rows if ratio < least] == []


def test_every_picture_is_there_and_small() -> None:
    named = re.findall(r"\]\((pictures/[a-z-]+\.png)\)", TEXT)
    assert len(named) == len(set(named)) >= 8
    for picture in named:
        assert 0 < (DOCS / picture).stat().st_size < 600_000, picture


def test_every_link_leads_somewhere() -> None:
    for link in re.findall(r"\]\(([a-z-]+\.md)\)", TEXT):
        assert (DOCS / link).is_file(), link


def test_icons_have_a_licence_and_their_list() -> None:
    fonts = Path(__file__).parents[2] / "config" / "fonts"
    assert set((fonts / "icons.txt").read_text("utf-8").split()) >= set(icon_codes())
    assert "Apache" in (fonts / "LICENSE-MaterialSymbols.txt").read_text("utf-8")


def test_an_indexed_picture_keeps_flat_colours_exactly(tmp_path: Path) -> None:
    surface = pygame.Surface((64, 32), 0, 32)
    colours = [(255, 255, 255), (243, 246, 248), (11, 92, 138), (20, 35, 46)]
    for at, colour in enumerate(colours):
        surface.fill(colour, (at * 16, 0, 16, 32))
    read = pygame.image.load(save_indexed(surface, tmp_path / "flat.png"))
    assert [read.get_at((at * 16 + 8, 16))[:3] for at in range(4)] == colours


def test_an_indexed_picture_of_a_page_is_the_page(tmp_path: Path) -> None:
    shown = pygame.transform.smoothscale(page(Typeface(), "standby", "zh", "standard"), (270, 480))
    read = pygame.image.load(save_indexed(shown, tmp_path / "standby.png"))
    apart = [
        abs(a - b)
        for x in range(3, 270, 9)
        for y in range(3, 480, 9)
        for a, b in zip(read.get_at((x, y))[:3], shown.get_at((x, y))[:3], strict=True)
    ]
    assert sum(apart) / len(apart) < 2
    assert sorted(apart)[-len(apart) // 100] < 24


def test_every_test_that_the_checklist_names_is_there() -> None:
    """docs/screens-checklist.md says `file::test`, and `::test` for another one of the same file."""
    root = Path(__file__).parents[2]
    there = {path.stem: path.read_text("utf-8") for path in (root / "tests").rglob("test_*.py")}
    table = (DOCS / "screens-checklist.md").read_text("utf-8")
    named, file = 0, ""
    for name, test in re.findall(r"`(test_\w+)?(?:::(test_\w+))?`", table):
        file = name or file
        assert file in there, f"{name} is no file of tests"
        assert not test or f"def {test}(" in there[file], f"{file} has no {test}"
        named += bool(file)
    assert named >= 60
