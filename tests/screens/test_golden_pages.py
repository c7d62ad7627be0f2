"""The main pages look as they were last looked at: half-size pictures, compared block by block.

A change that is meant: `GOLDEN=update pytest tests/screens/test_golden_pages.py`, then look at what git shows.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pygame
import pytest

from screens.main_pages import MAIN, Shown, page
from screens.paint.indexed import save_indexed
from screens.type import Typeface

GOLDEN = Path(__file__).parents[1] / "golden" / "screens"
BLOCK = 12
"""Pixels of a half-size picture: about half a letter of running text."""
MOST = 14.0
"""Mean difference of a block, of 255: the edges of letters may differ by machine, a moved word is 40 and more."""
WHOLE = 0.6
MOST_BYTES = 1_500_000

Picture = npt.NDArray[np.float64]


def _name(shown: Shown) -> str:
    sample, language, mode, lying = shown
    return f"{sample}-{language}-{mode}{'-landscape' if lying else ''}"


def _half(surface: pygame.Surface) -> pygame.Surface:
    width, height = surface.get_size()
    return pygame.transform.smoothscale(surface, (width // 2, height // 2))


def _array(surface: pygame.Surface) -> Picture:
    width, height = surface.get_size()
    raw = np.frombuffer(pygame.image.tobytes(surface, "RGB"), np.uint8)
    return raw.reshape(height, width, 3).astype(np.float64)


def _blocks(one: Picture, other: Picture) -> Picture:
    """Mean difference of each block of `BLOCK` pixels; what is left over at the edges counts in the last block."""
    apart = np.abs(one - other).mean(axis=2)
    rows, columns = (max(1, side // BLOCK) for side in apart.shape)
    lines = [band.mean(axis=0) for band in np.array_split(apart, rows, axis=0)]
    return np.stack([[part.mean() for part in np.array_split(line, columns)] for line in lines])


def _show(blocks: Picture, now: pygame.Surface, path: Path) -> None:
    """The page as it is now, with a red frame around every block that differs."""
    marked = now.copy()
    high, wide = marked.get_height() / blocks.shape[0], marked.get_width() / blocks.shape[1]
    for row, column in np.argwhere(blocks > MOST):
        where = (round(column * wide), round(row * high), round(wide), round(high))
        pygame.draw.rect(marked, (220, 20, 20), where, 2)
    pygame.image.save(marked, path)


@pytest.fixture(scope="module")
def typeface() -> Typeface:
    return Typeface()


@pytest.mark.parametrize("shown", MAIN, ids=_name)
def test_a_main_page_looks_as_it_was_looked_at(shown: Shown, typeface: Typeface, tmp_path: Path) -> None:
    sample, language, mode, lying = shown
    now = _half(page(typeface, sample, language, mode, lying=lying))
    kept = GOLDEN / f"{_name(shown)}.png"
    if os.environ.get("GOLDEN") == "update":
        save_indexed(now, kept)
    assert kept.exists(), f"no golden picture {kept.name}: GOLDEN=update pytest {__file__}"
    before = pygame.image.load(kept)
    assert before.get_size() == now.get_size(), f"{kept.name} is of another size"
    blocks = _blocks(_array(before), _array(now))
    if blocks.max() > MOST or blocks.mean() > WHOLE:
        left = tmp_path / f"{_name(shown)}-differs.png"
        _show(blocks, now, left)
        row, column = np.unravel_index(int(blocks.argmax()), blocks.shape)
        where = f"x {column * BLOCK * 2}, y {row * BLOCK * 2}"
        pytest.fail(
            f"{sample} ({language}, {mode}) differs, most at {where} (by {blocks.max():.0f} of 255;"
            f" {(blocks > MOST).sum()} blocks, {blocks.mean():.2f} on the whole). See {left}."
            " If this is meant: GOLDEN=update"
        )


def test_golden_pictures_are_those_of_the_main_pages_and_small() -> None:
    kept = {path.stem: path.stat().st_size for path in GOLDEN.glob("*.png")}
    assert set(kept) == {_name(shown) for shown in MAIN}
    assert sum(kept.values()) <= MOST_BYTES


def test_a_moved_word_and_a_changed_colour_are_noticed(typeface: Typeface) -> None:
    was = _half(page(typeface, "still_there", "zh", "standard"))
    moved = was.copy()
    moved.scroll(0, 3)
    assert _blocks(_array(was), _array(moved)).max() > MOST
    other = was.copy()
    other.fill((200, 30, 30), (40, 700, 60, 30))
    assert _blocks(_array(was), _array(other)).max() > MOST
    nearly = pygame.transform.smoothscale(pygame.transform.smoothscale(was, (539, 959)), was.get_size())
    assert _blocks(_array(was), _array(was)).max() == 0
    assert np.median(_blocks(_array(was), _array(nearly))) < MOST
