"""A receipt as data, and how its lines fall into columns: an ASCII character is one column, a Chinese one two."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

Align = Literal["left", "centre", "right"]
MAX_TEXT = 400
MAX_PARTS = 200
MAX_SCALE = 4
MAX_HANG = 8
PAIR_GAP = 1
_NOT_AT_START = frozenset("，。、；：！？）》」』】〕…,.;:!?)]}%")
_LEAST_VALUE_COLUMNS = 10


@dataclass(frozen=True, slots=True)
class Line:
    """One paragraph, wrapped by column. `size` = (width, height) multiples, 1 to 4; `hang` columns before line 2 on.

    `fit`: made narrower, down to single width, before it is broken: a number stays whole on narrow paper.
    """

    text: str
    align: Align = "left"
    bold: bool = False
    size: tuple[int, int] = (1, 1)
    hang: int = 0
    fit: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """A label at the left edge and its value at the right edge; a value too long goes on below, right-aligned."""

    left: str
    right: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the paper: `solid`, `dashed` or `double`."""

    style: Literal["solid", "dashed", "double"] = "dashed"


@dataclass(frozen=True, slots=True)
class Qr:
    """A QR code, centred. `module` dots per module, made smaller when the paper is too narrow."""

    payload: str
    module: int = 6


@dataclass(frozen=True, slots=True)
class Image:
    """A 1-bit picture, centred: rows padded to whole bytes, most significant bit left, 1 = black."""

    width: int
    height: int
    bits: bytes


@dataclass(frozen=True, slots=True)
class Feed:
    """White paper, in dots of 1/203 inch (8 = 1 mm)."""

    dots: int


@dataclass(frozen=True, slots=True)
class Cut:
    """Feed to the cutter and cut."""


Part: TypeAlias = "Line | Pair | Rule | Qr | Image | Feed | Cut"


@dataclass(frozen=True, slots=True)
class ReceiptDocument:
    """What one receipt says, whatever printer it goes to. Ends with a cut. Raises `ValueError` beyond the caps."""

    parts: tuple[Part, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.parts) <= MAX_PARTS:
            raise ValueError(f"a receipt has 1 to {MAX_PARTS} parts, not {len(self.parts)}")
        for number, part in enumerate(self.parts):
            if fault := _fault(part):
                raise ValueError(f"receipt part {number + 1} ({type(part).__name__}): {fault}")


def _fault(part: Part) -> str:
    if isinstance(part, Line):
        if len(part.text) > MAX_TEXT:
            return f"{len(part.text)} characters, more than {MAX_TEXT}"
        if not all(1 <= n <= MAX_SCALE for n in part.size):
            return f"size {part.size}: each is 1 to {MAX_SCALE}"
        if not 0 <= part.hang <= MAX_HANG:
            return f"hang of {part.hang} columns: 0 to {MAX_HANG}"
    elif isinstance(part, Pair):
        if len(part.left) + len(part.right) > MAX_TEXT:
            return f"{len(part.left) + len(part.right)} characters, more than {MAX_TEXT}"
    elif isinstance(part, Qr):
        if not part.payload or len(part.payload.encode()) > 1200:
            return "the payload is 1 to 1200 bytes"
        if not 1 <= part.module <= 16:
            return f"module of {part.module} dots: 1 to 16"
    elif isinstance(part, Image):
        if not (1 <= part.width <= 1024 and 1 <= part.height <= 4096):
            return f"{part.width} x {part.height} dots: at most 1024 x 4096"
        if len(part.bits) != (part.width + 7) // 8 * part.height:
            return f"{len(part.bits)} bytes for {part.width} x {part.height} dots"
    elif isinstance(part, Feed) and not 0 <= part.dots <= 800:
        return f"feed of {part.dots} dots: 0 to 800"
    return ""


@lru_cache(maxsize=4096)
def cells(character: str) -> int:
    """Columns of one character: ASCII 1; what GBK writes in two bytes 2; others as wide as Unicode says; marks 0."""
    if character < "\x7f":
        return 1
    if unicodedata.combining(character):
        return 0
    if is_gbk(character):
        return 2
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


@lru_cache(maxsize=4096)
def is_gbk(character: str) -> bool:
    """True when a printer's Chinese font has the character: GBK, never the four-byte forms of GB 18030."""
    try:
        return len(character.encode("gbk")) <= 2
    except UnicodeEncodeError:
        return False


def columns_of(text: str) -> int:
    """Columns that `text` takes."""
    return sum(cells(character) for character in text)


def printable(text: str) -> str:
    """`text` without control characters (they would be printer commands), every kind of space as U+0020, ¥ as ￥."""
    kept = []
    for character in unicodedata.normalize("NFC", text):
        category = unicodedata.category(character)
        if category in ("Cc", "Zs", "Zl", "Zp"):
            kept.append("\u3000" if character == "\u3000" else " ")
        elif category not in ("Cf", "Cs", "Co", "Cn"):
            kept.append("￥" if character == "¥" else character)
    return "".join(kept)


def wrap(text: str, columns: int, hang: int = 0) -> list[str]:
    """Lines of at most `columns` columns, all but the first with `hang` spaces before.

    Breaks at spaces, between Chinese characters and after a hyphen, never before closing punctuation; a run of ASCII
    is cut only when nothing else is left.
    """
    if columns - hang < 2:
        raise ValueError(f"{columns - hang} columns: a Chinese character takes two")
    lines: list[str] = []
    rest, room, lead = text, columns, ""
    while columns_of(rest) > room:
        cut = _break(rest, room)
        lines.append(lead + rest[:cut].rstrip())
        rest, room, lead = rest[cut:].lstrip(" "), columns - hang, " " * hang
    lines.append(lead + rest)
    return lines


def _break(text: str, columns: int) -> int:
    """Index at which `text`, wider than `columns`, is broken; at least 1."""
    taken = end = 0
    for character in text:
        taken += cells(character)
        if taken > columns:
            break
        end += 1
    cut = end
    while cut > 0 and not _may_break(text, cut):
        cut -= 1
    return cut if columns_of(text[:cut]) * 3 >= columns else max(end, 1)


def _may_break(text: str, at: int) -> bool:
    """True when a line may end before `text[at]`."""
    before, after = text[at - 1], text[at]
    if after in _NOT_AT_START:
        return False
    return before in " -" or after == " " or not (before < "\x7f" and after < "\x7f")


def pair_lines(left: str, right: str, columns: int) -> list[str]:
    """`Pair` laid out as lines of exactly or at most `columns` columns."""
    room = columns - columns_of(left) - PAIR_GAP
    if room < min(_LEAST_VALUE_COLUMNS, columns_of(right)):
        return [*wrap(left, columns), *(_right(line, columns) for line in wrap(right, columns))]
    values = wrap(right, max(room, 2))
    first = left + " " * (columns - columns_of(left) - columns_of(values[0])) + values[0]
    return [first, *(_right(line, columns) for line in values[1:])]


def _right(text: str, columns: int) -> str:
    return " " * max(columns - columns_of(text), 0) + text
