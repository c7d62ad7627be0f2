"""Makes the fonts that ship with the terminal from Debian's fonts-noto-cjk and Google's Material Symbols.

    python config/fonts/subset.py [MATERIAL_SYMBOLS_ROUNDED_400.ttf]

Noto Sans/Serif CJK (OFL 1.1; the Simplified Chinese face of each collection, so glyph shapes are China's):
the regular weights keep every Han character they have, because names may hold any of them; the bold weights
keep the 8,105 standard characters (standard-8105.txt, from Unihan kTGH) and GB 2312; so does Common, the regular
weight that pages are set in (the screen opens the large one only for a character that Common lacks: 10 ms and 7 MB
a size). Hangul (KS X 1001) is kept
in the sans faces for the Korean texts; every other syllable, and the letters of a Korean keyboard, have a file of
their own, which is opened only where somebody types Korean. CFF outlines stay: they draw three times faster than
TrueType here.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

HERE = Path(__file__).parent
NOTO = Path("/usr/share/fonts/opentype/noto")
SC_FACE, KR_FACE = 2, 1
LATIN = [*range(0x20, 0x7F), *range(0xA0, 0x250), *range(0x2000, 0x2070), *range(0x20A0, 0x20C0)]
SYMBOLS = [*range(0x2100, 0x2400), *range(0x2460, 0x2500), *range(0x2500, 0x2600), *range(0x25A0, 0x2670)]
CJK_SIGNS = [*range(0x3000, 0x3040), *range(0x3040, 0x3130), *range(0x3200, 0x3400), *range(0xFE10, 0xFE50)]
WIDTHS = [*range(0xFF00, 0xFFF0)]
KOREAN = [*range(0x3131, 0x318F), *range(0xAC00, 0xD7A4)]


def _gb2312() -> list[int]:
    return [ord(bytes([a, b]).decode("gb2312")) for a in range(0xB0, 0xF8) for b in range(0xA1, 0xFF) if _ok(a, b)]


def _ok(a: int, b: int) -> bool:
    try:
        bytes([a, b]).decode("gb2312")
    except UnicodeDecodeError:
        return False
    return True


def _hangul() -> list[int]:
    found = []
    for a in range(0xB0, 0xC9):
        for b in range(0xA1, 0xFF):
            try:
                found.append(ord(bytes([a, b]).decode("euc-kr")))
            except (UnicodeDecodeError, TypeError):
                continue
    return found


def _write(source: Path, target: str, points: list[int] | None, face: int = SC_FACE) -> None:
    font = TTFont(source, fontNumber=face)
    cmap = font.getBestCmap()
    han = [c for c in cmap if 0x3400 <= c <= 0x9FFF or 0xF900 <= c <= 0xFAFF or c >= 0x20000]
    base = [*LATIN, *SYMBOLS, *CJK_SIGNS, *WIDTHS] if face == SC_FACE else []
    options = subset.Options(
        layout_features=["kern", "ccmp", "tnum", "mark", "mkmk"], hinting=False, notdef_outline=True
    )
    options.desubroutinize = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14, 16, 17]
    tool = subset.Subsetter(options)
    korean = _hangul() if "SansSC" in target else []
    tool.populate(unicodes=[*base, *(points if points is not None else han), *korean])
    tool.subset(font)
    font.save(HERE / target)
    sys.stdout.write(f"{target} {(HERE / target).stat().st_size}\n")


def _icons(source: Path) -> None:
    names = (HERE / "icons.txt").read_text(encoding="utf-8").split()
    font = TTFont(source)
    by_name = {glyph: code for code, glyph in font.getBestCmap().items()}
    missing = [n for n in names if n not in by_name]
    if missing:
        raise SystemExit(f"icons.txt: not in Material Symbols: {missing}")
    options = subset.Options(hinting=False, layout_features=[])
    tool = subset.Subsetter(options)
    tool.populate(unicodes=[by_name[n] for n in names])
    tool.subset(font)
    font.save(HERE / "MaterialSymbolsRounded.ttf")
    table = {n: by_name[n] for n in names}
    (HERE / "icons.json").write_text(json.dumps(table, indent=0) + "\n", encoding="utf-8")


def main() -> None:
    """Write every font file."""
    standard = [ord(c) for c in (HERE / "standard-8105.txt").read_text(encoding="utf-8").strip()]
    common = sorted({*standard, *_gb2312()})
    _write(NOTO / "NotoSansCJK-Regular.ttc", "NotoSansSC-Regular.otf", None)
    _write(NOTO / "NotoSansCJK-Regular.ttc", "NotoSansSC-Common.otf", common)
    _write(NOTO / "NotoSansCJK-Bold.ttc", "NotoSansSC-Bold.otf", common)
    _write(NOTO / "NotoSerifCJK-Regular.ttc", "NotoSerifSC-Regular.otf", None)
    _write(NOTO / "NotoSerifCJK-Bold.ttc", "NotoSerifSC-Bold.otf", common)
    _write(NOTO / "NotoSansCJK-Regular.ttc", "NotoSansKR-Hangul.otf", KOREAN, KR_FACE)
    if len(sys.argv) > 1:
        _icons(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
