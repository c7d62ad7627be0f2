"""Font coverage against fontTools, which is not ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from config import DATA
from screens.coverage import FontError, coverage
from screens.icons import icon_codes

FONTS = sorted((DATA / "fonts").glob("*.[ot]tf"))


@pytest.mark.oracle
@pytest.mark.parametrize("path", FONTS, ids=lambda p: p.stem)
def test_coverage_is_what_fonttools_reads(path: Path) -> None:
    with TTFont(path, lazy=True) as font:
        theirs = set(font.getBestCmap())
    ours = coverage(path)
    probes = [*range(0x20, 0x10000), *range(0x1F000, 0x33500), 0x10FFFD]
    assert [hex(c) for c in probes if (chr(c) in ours) != (c in theirs) and not 0xD800 <= c < 0xE000] == []


def test_every_named_icon_is_in_the_icon_font() -> None:
    font = coverage(DATA / "fonts" / "MaterialSymbolsRounded.ttf")
    assert [name for name, code in icon_codes().items() if chr(code) not in font] == []


@pytest.mark.parametrize(
    "content",
    [b"", b"%PDF-1.7", b"OTTO\0\1" + bytes(6), b"OTTO\0\1" + bytes(6) + b"cmap" + bytes(4) + b"\0\0\0\x1c" + bytes(4)],
)
def test_what_is_not_a_font_is_an_error_that_names_it(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.otf"
    path.write_bytes(content)
    with pytest.raises(FontError, match=r"odd\.otf"):
        coverage(path)
