"""Receipt document -> ESC/POS bytes: python-escpos writes the commands it writes right, its defects are gone round.

| defect of python-escpos 3.1 (each has a test)                   | here                                        |
|------------------------------------------------------------------|---------------------------------------------|
| no FS &; Chinese as GB18030, signs without Han become `?`        | FS & once, then `gbk` bytes through `_raw`  |
| a lone ¥ becomes 0x9D, a lead byte that eats the next byte       | ¥ becomes ￥ (A3 A4)                        |
| 4-byte GB18030 for 㛃 𠮷: printed as other characters            | the whole line is drawn as a GS v 0 band    |
| images: always dithered, tall ones break, centring lost, prints  | own 1-bit bands of at most 255 rows         |
| block_text wraps by character: Chinese lines twice as wide       | `document.wrap` by column                   |
| set() changes only what is named: a title's size stays           | every style is stated when it changes       |
| qr(native=True, center=True) raises                              | set(align) before, qr() after               |
| cut("FULL", feed=False) is a feeding partial cut; no end mark    | own GS V 66 0, GS ( H or GS r 1             |
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from config.receipt_printers import PrinterProfile, command_bytes
from drivers.receipt_printer import raster
from drivers.receipt_printer.document import (
    Cut,
    Feed,
    Image,
    Line,
    Pair,
    Part,
    Qr,
    ReceiptDocument,
    Rule,
    columns_of,
    is_gbk,
    pair_lines,
    printable,
    wrap,
)
from drivers.receipt_printer.escpos_library import dummy
from drivers.receipt_printer.frames import (
    ASK_PAPER,
    AUTO_STATUS_ALL,
    CHINESE_ON,
    FEED_AND_CUT,
    INIT,
    auto_status,
    chinese_size,
    end_mark,
    feed,
    spacing,
)

DOTS_PER_MM = 8.0
LEADING = 8
"""White dots between lines: 24 + 8 = 4 mm from baseline to baseline."""
QR_QUIET = 16
LEVEL_M = 1
HEAD_TO_CUTTER_MM = 14.0
RULES = {"solid": b"\xff\xff", "dashed": b"\xf0\xf0", "double": b"\xff\xff\x00\x00\xff"}
"""Each rule by its rows, a row by the byte that is repeated across the paper."""


@dataclass(frozen=True, slots=True)
class EncodedReceipt:
    """Bytes ready to send, the end mark they ask for, the paper and the lines they use."""

    data: bytes
    mark: bytes
    metres: float
    lines: int


@dataclass(frozen=True, slots=True)
class Style:
    """How the next characters look."""

    align: str = "left"
    bold: bool = False
    size: tuple[int, int] = (1, 1)


class ReceiptEncoder:
    """Encodes for one printer model. Not for two threads at once."""

    def __init__(self, profile: PrinterProfile) -> None:
        self.profile = profile
        self._printer: Any = None
        self._style: Style | None = None
        self._spacing = -1
        self._dots = 0.0
        self._lines = 0

    def encode(self, document: ReceiptDocument, mark: bytes) -> EncodedReceipt:
        """The whole receipt from ESC @ to the end mark. `mark`: four printable ASCII characters, new for every job."""
        self._printer = dummy(self.profile.escpos_profile)
        self._style, self._spacing, self._dots, self._lines = None, -1, 0.0, 0
        self._raw(INIT + CHINESE_ON + auto_status(AUTO_STATUS_ALL))
        for part in document.parts:
            self._part(part)
        if not isinstance(document.parts[-1], Cut):
            self._part(Cut())
        self._raw(end_mark(mark) if self.profile.end_mark == "gs-paren-h" else ASK_PAPER)
        data: bytes = self._printer.output
        self._printer = None
        return EncodedReceipt(data, mark, self._dots / DOTS_PER_MM / 1000, self._lines)

    def _part(self, part: Part) -> None:
        columns = self.profile.columns
        match part:
            case Line(text, align, bold, size, hang, fit):
                if not self.profile.gs_size_on_chinese:
                    size = (min(size[0], 2), min(size[1], 2))
                text = printable(text)
                while fit and size[0] > 1 and columns_of(text) * size[0] > columns:
                    size = (size[0] - 1, size[1])
                for line in wrap(text, columns // size[0], hang):
                    self._line(line, Style(align, bold, size))
            case Pair(left, right, bold):
                for line in pair_lines(printable(left), printable(right), columns):
                    self._line(line, Style("left", bold))
            case Rule(style):
                self._rule(style)
            case Qr(payload, module):
                self._qr(payload, module)
            case Image(width, height, bits):
                if width > self.profile.dots:
                    raise ValueError(f"picture of {width} dots on paper of {self.profile.dots}")
                self._picture(width, height, bits)
            case Feed(dots):
                self._feed(dots)
            case Cut():
                self._set(Style())
                self._raw(FEED_AND_CUT + command_bytes(self.profile.present))
                self._dots += HEAD_TO_CUTTER_MM * DOTS_PER_MM

    def _line(self, text: str, style: Style) -> None:
        text = text.rstrip(" ")
        wide, high = style.size
        pitch = 24 * high + LEADING
        self._lines += 1
        if not text:
            self._feed(pitch)
        elif all(is_gbk(c) for c in text):
            self._set(style)
            self._set_spacing(pitch)
            self._raw(text.encode("gbk") + b"\n")
            self._dots += pitch
        else:
            across, room = columns_of(text) * raster.CELL_WIDTH * wide, self.profile.dots
            offset = {"left": 0, "centre": (room - across) // 2, "right": room - across}[style.align]
            width = min(max(offset, 0) + across, room)
            rows, bits = raster.draw_line(text, width, style.size, bold=style.bold, offset=max(offset, 0))
            self._band(width, rows, bits)
            self._feed(LEADING)

    def _rule(self, style: str) -> None:
        """Rules are drawn, two dots thick: rows of `-` look like typewriting and never reach the edge."""
        stride = self.profile.dots // 8
        rows = RULES[style]
        self._feed(LEADING)
        self._band(stride * 8, len(rows), b"".join(bytes((row,)) * stride for row in rows))
        self._feed(LEADING * 2)

    def _qr(self, payload: str, module: int) -> None:
        native = self.profile.native_qr
        modules = () if native else raster.qr_modules(payload)
        across = raster.qr_side(payload) if native else len(modules)
        module = min(module, (self.profile.dots - 2 * QR_QUIET) // across)
        if module < 1:
            raise ValueError(f"QR code of {across} modules does not fit {self.profile.dots} dots")
        self._feed(QR_QUIET)
        if native:
            self._set(Style("centre"))
            self._printer.qr(payload, ec=LEVEL_M, size=module, native=True)
            self._dots += across * module
        else:
            side, bits = raster.draw_modules(modules, module)
            self._picture(side, side, bits)
        self._feed(QR_QUIET)

    def _picture(self, width: int, height: int, bits: bytes) -> None:
        wide, moved = raster.indented(width, height, bits, self.profile.dots)
        self._band(wide, height, moved)

    def _band(self, width: int, rows: int, bits: bytes) -> None:
        self._set(Style())
        self._raw(raster.bands(width, rows, bits))
        self._dots += rows

    def _feed(self, dots: int) -> None:
        self._dots += dots
        while dots > 0:
            self._raw(feed(min(dots, 255)))
            dots -= 255

    def _set_spacing(self, dots: int) -> None:
        if dots != self._spacing:
            self._raw(spacing(dots))
            self._spacing = dots

    def _set(self, style: Style) -> None:
        """State what differs from the last style; only at the start of a line, where align is allowed."""
        old = self._style
        if old == style:
            return
        if old is None or old.align != style.align:
            self._printer.set(align="center" if style.align == "centre" else style.align)
        if old is None or old.bold != style.bold:
            self._printer.set(bold=style.bold)
        if old is None or old.size != style.size:
            self._printer.set(custom_size=True, width=style.size[0], height=style.size[1])
            if not self.profile.gs_size_on_chinese:
                self._raw(chinese_size(*style.size))
        self._style = style

    def _raw(self, data: bytes) -> None:
        self._printer._raw(data)
