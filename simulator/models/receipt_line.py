"""The line buffer of a receipt printer: characters into cells, cells into lines, lines onto the paper."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any

from PIL import Image, ImageChops, ImageDraw, ImageOps

from config.receipt_printers import PrinterProfile
from simulator.models.receipt_glyphs import CHINESE, FONT_A, MISSING, Cell, glyph
from simulator.models.receipt_pages import HOLE, code_page
from simulator.models.receipt_paper import WHITE, Paper

MAX_NOTES = 200
MAX_PRINTED = 2000
MAX_IN_LINE = 2000
MAX_ADVANCE = 8128
"""1016 mm: no command feeds more (Epson, ESC J and ESC d)."""
ALIGNS = ("left", "centre", "right")


@dataclass(slots=True)
class Modes:
    """What ESC @ sets back."""

    chinese: bool
    line_feed: int
    align: int = 0
    font: Cell = FONT_A
    bold: bool = False
    underline: int = 0
    reverse: bool = False
    upside_down: bool = False
    size: tuple[int, int] = (1, 1)
    chinese_size: tuple[int, int] = (1, 1)
    chinese_underline: int = 0
    code_page: int = 0
    china_signs: bool = False
    margin: int = 0
    area: int = 0
    spacing: int = 0
    tabs: tuple[int, ...] | None = None
    right_space: int = 0
    chinese_space: tuple[int, int] = (0, 0)
    bar_height: int = 162
    bar_module: int = 3
    bar_text: int = 0
    bar_font: Cell = FONT_A
    qr_module: int = 3
    qr_level: str = "L"
    qr_data: bytes = b""
    stored: Image.Image | None = None


@dataclass(slots=True)
class Placed:
    """One thing in the line buffer: dots across, its matrix, the characters it stands for, how they look."""

    x: int
    picture: Image.Image
    text: str
    size: tuple[int, int] = (1, 1)
    bold: bool = False


@dataclass(slots=True)
class Tally:
    """What was done, for reports: commands by name, what was strange, what came onto the paper in its order."""

    commands: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    printed: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=MAX_PRINTED))

    def note(self, sentence: str) -> None:
        """Remember `sentence`, once, up to a cap."""
        if len(self.notes) < MAX_NOTES and sentence not in self.notes:
            self.notes.append(sentence)


class LineSetter:
    """Sets characters with `modes` and prints whole lines on `paper`."""

    def __init__(self, profile: PrinterProfile, paper: Paper, chinese: bool | None = None) -> None:
        self.profile = profile
        self.paper = paper
        self.power_on_chinese = profile.chinese_at_power_on if chinese is None else chinese
        self.tally = Tally()
        self.modes = self._fresh()
        self._line: list[Placed] = []
        self._x = 0
        self._lead: int | None = None
        self._moved = 0

    def _fresh(self) -> Modes:
        return Modes(self.power_on_chinese, self.profile.line_feed, area=self.profile.dots, spacing=-1)

    def reset(self) -> None:
        """ESC @ or power-on: clear the line buffer and all modes."""
        self.modes = self._fresh()
        self.drop_line()

    def drop_line(self) -> None:
        """Forget what is in the line buffer."""
        self._line, self._x, self._lead = [], 0, None

    @property
    def line_open(self) -> bool:
        """True while something is set and not printed."""
        return bool(self._line)

    def end_line(self) -> None:
        """Print the line buffer and feed."""
        self._flush()

    def set_text(self, data: bytes) -> None:
        """Printable bytes, by the mode: in Chinese mode a byte from 0x81 takes the next one with it."""
        for byte in data:
            if self._lead is not None:
                self._double(self._lead, byte)
                self._lead = None
            elif byte >= 0x81 and byte != 0xFF and self.modes.chinese:
                self._lead = byte
            else:
                self._single(byte)

    def _double(self, lead: int, trail: int) -> None:
        """One Chinese character, or a box where the pair is none: the trail byte is eaten all the same."""
        try:
            character = bytes((lead, trail)).decode("gbk")
        except UnicodeDecodeError:
            self.tally.note(f"bytes {lead:02X} {trail:02X} are no GBK character")
            character = MISSING
        self._place(character, CHINESE)

    def _single(self, byte: int) -> None:
        if byte == 0x24 and self.modes.china_signs:
            character = "¥"
        elif byte == 0x7F:
            return
        else:
            character = code_page(self.modes.code_page)[byte].replace(HOLE, MISSING)
        self._place(character, self.modes.font)

    def _place(self, character: str, cell: Cell) -> None:
        """Put one character into the line buffer; a cell that does not fit begins the next line."""
        wide, high = self._size_of(cell)
        before, after = self.modes.chinese_space if cell is CHINESE else (0, self.modes.right_space)
        width = cell.width * wide
        if (self._x + before * wide + width > self._area and self._line) or len(self._line) >= MAX_IN_LINE:
            self._flush()
        self._x += before * wide
        matrix = glyph(character, cell, wide, high, self.modes.bold)
        underline = self.modes.chinese_underline if cell is CHINESE else self.modes.underline
        if underline or self.modes.reverse:
            matrix = matrix.copy()
            if underline:
                ImageDraw.Draw(matrix).rectangle((0, matrix.height - underline, width, matrix.height), fill=0)
            if self.modes.reverse:
                matrix = ImageOps.invert(matrix)
        self._line.append(Placed(self._x, matrix, character, (wide, high), self.modes.bold))
        self._x += width + after * wide

    def _size_of(self, cell: Cell) -> tuple[int, int]:
        return self.modes.chinese_size if cell is CHINESE else self.modes.size

    @property
    def _area(self) -> int:
        return max(min(self.modes.area, self.profile.dots - self.modes.margin), FONT_A.width)

    @property
    def _line_feed(self) -> int:
        return self.modes.spacing if self.modes.spacing >= 0 else self.modes.line_feed

    def _flush(self, feed: int | None = None) -> None:
        """Print the line buffer and move on by the line feed, or by the line's height when that is more."""
        distance = self._line_feed if feed is None else feed
        if self._line:
            picture, text = self._composed()
            shift = self._shift(self._x)
            x = self.modes.margin + (max(self._area - shift - picture.width, 0) if self.modes.upside_down else shift)
            self.paper.print(picture, x)
            self._said(text)
            self.paper.note((" " * (x // FONT_A.width) + text).rstrip())
            distance = max(distance, picture.height)
        elif feed is None:
            self.paper.note("")
        self._line, self._x = [], 0
        self._advance(distance)

    def _composed(self) -> tuple[Image.Image, str]:
        """The line as one picture, cells on a shared baseline, and as text with a space for every empty column."""
        height = max(placed.picture.height for placed in self._line)
        picture = Image.new("L", (max(p.x + p.picture.width for p in self._line), height), WHITE)
        text, end = "", 0
        for placed in sorted(self._line, key=lambda p: p.x):
            box = (placed.x, height - placed.picture.height)
            under = picture.crop((*box, box[0] + placed.picture.width, height))
            picture.paste(ImageChops.darker(under, placed.picture), box)
            text += " " * ((placed.x - end) // FONT_A.width) + placed.text
            end = placed.x + placed.picture.width
        if self.modes.upside_down:
            picture = picture.rotate(180)
        return picture, text

    def _shift(self, width: int) -> int:
        free = max(self._area - width, 0)
        return {0: 0, 1: free // 2, 2: free}[self.modes.align]

    def _said(self, text: str) -> None:
        """The line for a report: its text, the largest characters on it, how it stands."""
        line = [placed for placed in self._line if placed.text.strip()]
        if line:
            size = [max(placed.size[axis] for placed in line) for axis in (0, 1)]
            self.tally.printed.append(
                {"kind": "line", "text": text.strip(), "size": size, "bold": all(placed.bold for placed in line)}
                | {"align": ALIGNS[self.modes.align]}
            )

    def _advance(self, dots: int) -> None:
        dots = min(dots, MAX_ADVANCE)
        self.paper.advance(dots)
        self._moved += dots

    def _picture(self, picture: Image.Image, text: str, *, symbol: bool = False) -> None:
        """Print a picture by itself, aligned; what is beyond the area is dropped.

        Upside down turns codes (`symbol`) with the text and leaves images as they are (Epson, ESC {).
        """
        if self._line:
            self._flush()
        if picture.width > self._area:
            picture = picture.crop((0, 0, self._area, picture.height))
        shift = self._shift(picture.width)
        if symbol and self.modes.upside_down:
            picture, shift = picture.rotate(180), max(self._area - shift - picture.width, 0)
        self.paper.print(picture, self.modes.margin + shift)
        self.paper.note(text)
        self._advance(picture.height)
