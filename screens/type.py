"""Fonts, widths, line breaking and rendered lines.

Lines break between Chinese characters, at the spaces of Korean, never inside a Latin word or a number, never before
closing and after opening punctuation (GB/T 15834; JIS X 4051 calls it kinsoku). A paragraph does not end in a line of
one or two characters where the same number of lines allows better.

Rendered lines and widths are cached up to a byte bound; `wipe()` empties every cache that may hold a citizen's words.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from pathlib import Path

import pygame

from config import DATA
from screens.coverage import coverage
from screens.theme import Colour

log = logging.getLogger(__name__)

FONTS = DATA / "fonts"
CHAIN: tuple[tuple[Path, Path], ...] = (
    (FONTS / "NotoSansSC-Common.otf", FONTS / "NotoSansSC-Bold.otf"),
    # Every Han character of the face: 7 MB and 10 ms a size, so only for what the common ones lack.
    (FONTS / "NotoSansSC-Regular.otf",) * 2,
    # Korean as it is typed: syllables beyond KS X 1001, and letters of their own.
    (FONTS / "NotoSansKR-Hangul.otf",) * 2,
    # Rare names: Debian's fonts-hanazono and fonts-babelstone-han, present on a terminal, absent on most desks.
    (Path("/usr/share/fonts/truetype/hanazono/HanaMinB.ttf"),) * 2,
    (Path("/usr/share/fonts/truetype/babelstone/BabelStoneHan.ttf"),) * 2,
)
CODE_SHARE = 0.46
"""Size of the code that stands, framed, for a character that no font has: never a blank, never a question mark."""

NO_START = frozenset("，。、；：？！）》」』】〕〉”’…—·％%‰℃,.;:?!)]}>ー々～")
NO_END = frozenset("（《「『【〔〈“‘([{<￥¥$#")
HANGUL = ("\uac00", "\ud7a3")
NBSP = "\u00a0"
CACHE_BYTES = 8 << 20
CACHE_WIDTHS = 8192
CENTRE = 0.37
"""Height above the baseline of the optical middle of a line, in em: hanzi 0.38, figures and capitals 0.367."""


def lacking(text: str) -> tuple[str, ...]:
    """The characters of `text` that no font here has, each once; they are shown as a framed code."""
    fonts = [coverage(pair[0]) for pair in CHAIN if pair[0].exists()]
    return tuple(dict.fromkeys(c for c in text if c > " " and not any(c in font for font in fonts)))


class Typeface:
    """All fonts of one stage. Not for more than one thread."""

    def __init__(self) -> None:
        pygame.font.init()
        self._fonts: dict[tuple[int, int, bool], pygame.font.Font] = {}
        self._icons: dict[int, pygame.font.Font] = {}
        self._chain = [pair for pair in CHAIN if pair[0].exists()]
        self._face_of: dict[str, int] = {}
        self._widths: dict[tuple[str, int, bool], int] = {}
        self._lines: dict[tuple[str, int, bool, int, bool], tuple[str, ...]] = {}
        self._clusters: dict[str, list[str]] = {}
        self._pictures: OrderedDict[tuple[str, int, bool, Colour], pygame.Surface] = OrderedDict()
        self._bytes = 0
        self.missing: set[str] = set()
        """Characters that were asked for and no font has (a test looks here)."""

    # Measuring

    def width(self, text: str, size: int, bold: bool = False) -> int:
        """Width of `text` on one line, in pixels."""
        key = (text, size, bold)
        known = self._widths.get(key)
        if known is None:
            if len(self._widths) >= CACHE_WIDTHS:
                self._widths.clear()
            known = sum(self._run_width(face, run, size, bold) for face, run in self._runs(text))
            self._widths[key] = known
        return known

    def lines(self, text: str, size: int, bold: bool, width: int, *, balance: bool = False) -> tuple[str, ...]:
        """`text` broken into lines of at most `width` pixels; `balance` makes them about equally long (titles)."""
        key = (text, size, bold, width, balance)
        known = self._lines.get(key)
        if known is None:
            if len(self._lines) >= CACHE_WIDTHS:
                self._lines.clear()
            known = self._lines[key] = self._break(text, size, bold, width, balance)
        return known

    def _break(self, text: str, size: int, bold: bool, width: int, balance: bool) -> tuple[str, ...]:
        out: list[str] = []
        for paragraph in text.split("\n"):
            parts = self.clusters(paragraph)
            widths = [self.width(part, size, bold) for part in parts]
            lines = self._fill(parts, widths, size, bold, width)
            if len(lines) > 1:
                lines = self._better(parts, widths, lines, size, bold, width, balance)
            out += lines
        return tuple(out)

    def clusters(self, text: str) -> list[str]:
        """As `clusters`, kept: the same words are set at many widths."""
        known = self._clusters.get(text)
        if known is None:
            if len(self._clusters) >= CACHE_WIDTHS:
                self._clusters.clear()
            known = self._clusters[text] = clusters(text)
        return known

    def _better(
        self, parts: list[str], widths: list[int], lines: list[str], size: int, bold: bool, width: int, balance: bool
    ) -> list[str]:
        """The same number of lines with a longer last one, or with all about equal."""
        narrower, least = width, max(max(widths, default=0), width // 2)
        while balance or self.width(lines[-1], size, bold) < 3 * size:
            narrower -= max(1, size // 2)
            if narrower < least:
                break
            tried = self._fill(parts, widths, size, bold, narrower)
            if len(tried) > len(lines):
                break
            lines = tried
        return lines

    def _fill(self, parts: list[str], widths: list[int], size: int, bold: bool, width: int) -> list[str]:
        lines: list[str] = []
        line, used = "", 0
        for part, own in zip(parts, widths, strict=True):
            bare = self.width(part.rstrip(" "), size, bold) if part.endswith(" ") else own
            # The words' widths are rounded: near the edge only the whole line's own width says whether it fits.
            near = used + bare > width - size
            if line and near and (used + bare > width or self.width(line + part.rstrip(" "), size, bold) > width):
                lines.append(line.rstrip(" "))
                line, used = "", 0
            if bare > width:
                *full, rest = self._chop(part, size, bold, width)
                lines += full
                line, used = rest, self.width(rest, size, bold)
            else:
                line, used = line + part, used + own
        return [*lines, line.rstrip(" ")] if line or not lines else lines

    def _chop(self, word: str, size: int, bold: bool, width: int) -> list[str]:
        """A word longer than a line, in pieces that fit: the only case in which a word is cut."""
        pieces, piece = [], ""
        units = _inseparable(word)
        if any(self.width(unit, size, bold) > width for unit in units):
            units = list(word)
        for unit in units:
            if piece and self.width(piece + unit, size, bold) > width:
                pieces.append(piece)
                piece = ""
            piece += unit
        return [*pieces, piece]

    # Drawing

    def line(self, text: str, size: int, colour: Colour, bold: bool = False) -> pygame.Surface:
        """One rendered line, as wide as `width` says; its middle row is the optical middle of the text."""
        key = (text, size, bold, colour)
        picture = self._pictures.get(key)
        if picture is not None:
            self._pictures.move_to_end(key)
            return picture
        picture = self._pictures[key] = self._render(text, size, colour, bold)
        self._account(picture)
        return picture

    def _render(self, text: str, size: int, colour: Colour, bold: bool) -> pygame.Surface:
        runs = self._runs(text)
        pictures = [(face, self._font(max(face, 0), size, bold), run) for face, run in runs]
        half = max(
            max(round(font.get_ascent() - CENTRE * size), round(CENTRE * size - font.get_descent()))
            for _, font, _ in pictures
        )
        out = pygame.Surface((max(1, self.width(text, size, bold)), 2 * half), pygame.SRCALPHA, 32)
        out.fill((*colour, 0))
        x = 0
        for face, font, run in pictures:
            if face < 0:
                out.blit(self._code(run, size, colour), (x, half - round(size * 0.45)))
            else:
                out.blit(font.render(run, True, colour), (x, half + round(CENTRE * size) - font.get_ascent()))
            x += self._run_width(face, run, size, bold)
        return out

    def _run_width(self, face: int, run: str, size: int, bold: bool) -> int:
        if face >= 0:
            return self._font(face, size, bold).size(run)[0]
        return self._font(0, round(size * CODE_SHARE), True).size(_code(run))[0] + 2 * round(size * 0.14)

    def _code(self, char: str, size: int, colour: Colour) -> pygame.Surface:
        """The code of a character in a frame, as high as a character, in the place of its picture."""
        small = self._font(0, round(size * CODE_SHARE), True)
        high = round(size * 0.9)
        out = pygame.Surface((self._run_width(-1, char, size, True), high), pygame.SRCALPHA, 32)
        out.fill((*colour, 0))
        edge = round(size * 0.04)
        pygame.draw.rect(out, colour, (edge, 0, out.get_width() - 2 * edge, high), max(1, size // 24))
        code = small.render(_code(char), True, colour)
        out.blit(code, ((out.get_width() - code.get_width()) // 2, (high - code.get_height()) // 2))
        return out

    def icon(self, code: int, size: int, colour: Colour) -> pygame.Surface:
        """One glyph of the icon font, `size` pixels square."""
        key = (f"\0{code:x}", size, False, colour)
        picture = self._pictures.get(key)
        if picture is None:
            font = self._icons.get(size)
            if font is None:
                font = self._icons[size] = pygame.font.Font(FONTS / "MaterialSymbolsRounded.ttf", size)
            glyph = font.render(chr(code), True, colour)
            picture = pygame.Surface((size, size), pygame.SRCALPHA, 32)
            picture.fill((*colour, 0))
            picture.blit(glyph, ((size - glyph.get_width()) // 2, (size - glyph.get_height()) // 2))
            self._pictures[key] = picture
            self._account(picture)
        else:
            self._pictures.move_to_end(key)
        return picture

    def _account(self, picture: pygame.Surface) -> None:
        """Count a picture that was kept, and let go of the longest unused ones over the bound."""
        self._bytes += picture.get_width() * picture.get_height() * 4
        while self._bytes > CACHE_BYTES and len(self._pictures) > 1:
            _, old = self._pictures.popitem(last=False)
            self._bytes -= old.get_width() * old.get_height() * 4

    def wipe(self) -> None:
        """Forget every word: widths, lines, pictures and which characters were missing."""
        self._widths.clear()
        self._lines.clear()
        self._clusters.clear()
        self._pictures.clear()
        self._face_of.clear()
        self.missing.clear()
        self._bytes = 0
        self._fonts.clear()  # FreeType keeps rendered glyphs inside a font

    @property
    def cached_bytes(self) -> int:
        """How much the rendered lines take."""
        return self._bytes

    # Fonts

    def _font(self, face: int, size: int, bold: bool) -> pygame.font.Font:
        key = (face, size, bold)
        font = self._fonts.get(key)
        if font is None:
            font = self._fonts[key] = pygame.font.Font(self._chain[face][bold], size)
        return font

    def _runs(self, text: str) -> list[tuple[int, str]]:
        """`text` split by the font that has its characters."""
        runs: list[tuple[int, str]] = []
        for char in text.replace(" · ", "·"):  # the font's middle dot is as wide as a hanzi already
            face = self._face(char)
            shown = " " if char == NBSP else char
            if face >= 0 and runs and runs[-1][0] == face:
                runs[-1] = (face, runs[-1][1] + shown)
            else:
                runs.append((face, shown))
        return runs or [(0, "")]

    def _face(self, char: str) -> int:
        known = self._face_of.get(char)
        if known is None:
            known = -1
            for face in range(len(self._chain)):
                if char == NBSP or char in coverage(self._chain[face][0]):
                    known = face
                    break
            else:
                self.missing.add(char)
            if len(self._face_of) >= CACHE_WIDTHS:
                self._face_of.clear()
            self._face_of[char] = known
        return known


def _code(char: str) -> str:
    """How a character without a picture is written: U+2EBF5."""
    return f"U+{ord(char):04X}"


def clusters(text: str) -> list[str]:
    """The pieces between which a line may break, each with the spaces that follow it."""
    units: list[str] = []
    for char in text:
        if char < " ":
            continue
        last = units[-1] if units else ""
        joins = last and (
            (char == " ")
            or (_narrow(char, last[-1]) and _narrow(last[-1]) and last[-1] != " ")
            or (char in NO_START and last[-1] != " ")
            or (char in NO_START and char not in "—…" and last[-1] == " ")
            or (last[-1] == " " and last[-2:-1].isdigit() and char >= "\u2e80")  # a number and its measure word
            or last[-1] in NO_END
            or (char == last[-1] and char in "—…")
        )
        if joins:
            units[-1] += char
        else:
            units.append(char)
    return units


def _inseparable(word: str) -> list[str]:
    """Characters of a word that must be cut, each with the punctuation that may not start or end a line."""
    units: list[str] = []
    for char in word:
        if units and (units[-1][-1] in NO_END or (char in NO_START and not char.isascii())):
            units[-1] += char
        else:
            units.append(char)
    return units


def _narrow(char: str, before: str = "a") -> bool:
    """Whether `char` is part of a Latin or Korean word or a number (as is a closing quote after a letter)."""
    if char == "’":
        return before.isascii() and before.isalpha()
    return char == NBSP or HANGUL[0] <= char <= HANGUL[1] or (char < "\u2e80" and char not in "“”‘…—· ")
