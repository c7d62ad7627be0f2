"""The printer's interpreter: commands -> dots on paper and the paper's movement. Knows no time, no faults, no wire.

Sources of the behaviour: Epson's ESC/POS reference; for Chinese firmware HPRT TP80K, Sinocan P11, SPRT POS76-II,
Zijiang ZJ-58, idipos TP-80; for line feeds SII DPU-S445.
"""

from __future__ import annotations

from collections.abc import Callable

from PIL import Image

from drivers.receipt_printer.frames import Command, Item, Malformed, Text
from simulator.models.receipt_codes import SYSTEMS, barcode_image, barcode_modules, qr_image
from simulator.models.receipt_glyphs import CHINESE, FONT_A, FONT_B, MISSING
from simulator.models.receipt_images import column_image, dot_image
from simulator.models.receipt_line import ALIGNS, MAX_IN_LINE, LineSetter, Placed

QR_LEVELS = {48: "L", 49: "M", 50: "Q", 51: "H", 0: "L", 1: "M", 2: "Q", 3: "H"}
TAB_COLUMNS = 8
EJECTOR_WORDS = {2: "retract", 3: "present", 5: "eject", 6: "tell", 32: "present for a time"}


class Typesetter(LineSetter):
    """Executes items on `paper`. `execute` returns how many dots the paper moved."""

    def execute(self, item: Item) -> int:
        """Carry `item` out; returns the dots that the paper moved."""
        self._moved = 0
        if isinstance(item, Text):
            self.set_text(item.data)
            return self._moved
        if self._lead is not None:
            self._place(MISSING, CHINESE)
            self._lead = None
        if isinstance(item, Malformed):
            self.tally.note(f"{item.name}: {item.reason}")
            return 0
        self.tally.commands[item.name] += 1
        action = ACTIONS.get(item.name)
        if action is None:
            self.tally.note(f"{item.name}: accepted and ignored")
        else:
            action(self, item)
        return self._moved

    def do_line_feed(self, _: Command) -> None:
        """LF."""
        self._flush()

    def do_feed_dots(self, command: Command) -> None:
        """ESC J n: print and feed n dots."""
        self._flush(command.args[0])

    def do_feed_lines(self, command: Command) -> None:
        """ESC d n: print and feed n lines."""
        self._flush(self._line_feed * command.args[0])

    def do_tab(self, _: Command) -> None:
        """HT: to the next tab stop, every 8 columns unless ESC D set others."""
        column = self.modes.font.width * self.modes.size[0]
        stops = tuple(range(TAB_COLUMNS, 255, TAB_COLUMNS)) if self.modes.tabs is None else self.modes.tabs
        after = [stop * column for stop in stops if stop * column > self._x]
        if after and after[0] < self._area:
            self._x = after[0]

    def do_move(self, command: Command) -> None:
        r"""ESC $ absolute, ESC \ relative (signed), in dots."""
        value = command.args[0] + command.args[1] * 256
        at = value if command.name == "ESC $" else self._x + (value - 65536 if value > 32767 else value)
        if 0 <= at < self._area:
            self._x = at

    def do_print_mode(self, command: Command) -> None:
        """ESC ! n: font, bold, height, width, underline at once."""
        n, modes = command.args[0], self.modes
        modes.font = FONT_B if n & 1 else FONT_A
        modes.bold = bool(n & 8)
        modes.size = (2 if n & 0x20 else 1, 2 if n & 0x10 else 1)
        modes.underline = 1 if n & 0x80 else 0
        if self.profile.esc_bang_on_chinese:
            modes.chinese_size = modes.size

    def do_size(self, command: Command) -> None:
        """GS ! n: low nibble height - 1, high nibble width - 1; out of range is ignored."""
        wide, high = (command.args[0] >> 4) + 1, (command.args[0] & 15) + 1
        if wide <= 8 and high <= 8:
            self.modes.size = (wide, high)
            if self.profile.gs_size_on_chinese:
                self.modes.chinese_size = (wide, high)

    def do_chinese_mode(self, command: Command) -> None:
        """FS ! n: bit 2 width, bit 3 height, bit 7 underline of Chinese characters."""
        n = command.args[0]
        self.modes.chinese_size = (2 if n & 4 else 1, 2 if n & 8 else 1)
        self.modes.chinese_underline = 1 if n & 0x80 else 0

    def do_raster(self, command: Command) -> None:
        """GS v 0: only with an empty line buffer."""
        if self._line:
            self.tally.note("GS v 0 in the middle of a line: dropped")
            return
        m, x, y = command.args[0] & 3, *(command.args[i] + command.args[i + 1] * 256 for i in (1, 3))
        if x and y:
            picture = dot_image(command.data, x * 8, y, 2 if m & 1 else 1, 2 if m & 2 else 1)
            self._image(picture)

    def _image(self, picture: Image.Image) -> None:
        self._picture(picture, f"[image {picture.width} x {picture.height}]")
        self.tally.printed.append({"kind": "image", "width": picture.width, "height": picture.height})

    def do_graphics(self, command: Command) -> None:
        """GS ( L / GS 8 L: function 112 stores raster graphics, 50 prints and forgets them."""
        data = command.data
        function = data[1] if len(data) > 1 else -1
        if function == 112 and len(data) >= 10:
            x, y = (int.from_bytes(data[i : i + 2], "little") for i in (6, 8))
            if not (1 <= x <= 2047 and 1 <= y <= 4095) or len(data) - 10 < (x + 7) // 8 * y:
                self.tally.note("GS ( L 112: size and data do not agree: dropped")
                return
            self.modes.stored = dot_image(data[10:], x, y, 2 if data[3] == 2 else 1, 2 if data[4] == 2 else 1)
        elif function in (2, 50) and self.modes.stored is not None:
            picture, self.modes.stored = self.modes.stored, None
            self._image(picture)
        elif function not in (2, 50):
            self.tally.note(f"graphics function {function}: accepted and ignored")

    def do_bit_image(self, command: Command) -> None:
        """ESC *: a strip of 24 dots in the line buffer."""
        picture = column_image(command.args[0], command.data)
        if picture is not None:
            picture = picture.crop((0, 0, max(min(picture.width, self._area - self._x), 1), picture.height))
            if len(self._line) >= MAX_IN_LINE:
                self._flush()
            self._line.append(Placed(self._x, picture, "▒"))
            self._x += picture.width

    def do_qr(self, command: Command) -> None:
        """GS ( k: symbol type 49 is QR; the order of its functions is free."""
        data = command.data
        if len(data) < 3 or data[0] != 49:
            self.tally.note("GS ( k: only QR codes are drawn")
            return
        function, value = data[1], data[2]
        if function == 67 and 1 <= value <= 16:
            self.modes.qr_module = value
        elif function == 69 and value in QR_LEVELS:
            self.modes.qr_level = QR_LEVELS[value]
        elif function == 80:
            self.modes.qr_data = data[3:]
        elif function == 81 and self.modes.qr_data:
            self._qr(self.modes.qr_data, self.modes.qr_module, self.modes.qr_level)

    def do_clone_qr(self, command: Command) -> None:
        """ESC Z m n k dL dH d: version, level, module size (node-escpos)."""
        _, level, module = command.args[:3]
        self._qr(command.data, max(1, min(module, 16)), {77: "M", 81: "Q", 72: "H"}.get(level, "L"))

    def _qr(self, data: bytes, module: int, level: str) -> None:
        try:
            picture = qr_image(data, module, level)
        except ValueError as error:
            self.tally.note(f"QR code: {error}")
            return
        if picture.width > self._area:
            self.tally.note("QR code wider than the print area: not printed")
            return
        text = data.decode("utf-8", "replace")
        self._picture(picture, f"[QR {text}]", symbol=True)
        self.tally.printed.append({"kind": "qr", "data": text, "module": module, "level": level, "align": self._align})

    def do_barcode(self, command: Command) -> None:
        """GS k: bad data gives no bar code, and the printer goes on."""
        try:
            modules, text = barcode_modules(command.args[0], command.data)
        except ValueError as error:
            self.tally.note(f"bar code: {error}")
            return
        picture = barcode_image(modules, self.modes.bar_module, self.modes.bar_height)
        if picture.width > self._area:
            self.tally.note("bar code wider than the print area: not printed")
            return
        above, below = (2, 1) if self.modes.upside_down else (1, 2)
        if self.modes.bar_text & above:
            self._caption(text)
        system = SYSTEMS[command.args[0]]
        self._picture(picture, f"[{system} {text}]", symbol=True)
        self.tally.printed.append({"kind": "barcode", "system": system, "data": text, "align": self._align})
        if self.modes.bar_text & below:
            self._caption(text)

    def _caption(self, text: str) -> None:
        kept, self.modes.size = self.modes.size, (1, 1)
        for character in text:
            self._place(character, self.modes.bar_font)
        self._flush(self.modes.bar_font.height)
        self.modes.size = kept

    def do_cut(self, command: Command) -> None:
        """GS V, ESC i, ESC m. 65, 66 (and 97 on) feed to the cutter first."""
        if self._line:
            self._flush()
        m = command.args[0] if command.args else 1
        if m in (65, 66, 97, 98, 103, 104):
            self._advance(self.paper.gap + command.args[1])
        partial = self.profile.partial_cut_only or m in (1, 49, 66, 98, 104)
        self.paper.cut(partial=partial)
        self.tally.printed.append({"kind": "cut", "partial": partial, "fed": m in (65, 66, 97, 98, 103, 104)})

    def do_ejector(self, command: Command) -> None:
        """GS e n: the presenter; a report says what it was told, the device end moves the ticket."""
        self.tally.printed.append(
            {"kind": "presenter", "does": EJECTOR_WORDS.get(command.args[0], str(command.args[0]))}
        )

    def do_pulse(self, command: Command) -> None:
        """ESC p m t1 t2: a drawer's solenoid, 2 ms units."""
        self.tally.printed.append({"kind": "drawer", "pin": 5 if command.args[0] & 1 else 2})

    @property
    def _align(self) -> str:
        return ALIGNS[self.modes.align]

    def do_reset(self, _: Command) -> None:
        """ESC @."""
        self.reset()


Action = Callable[[Typesetter, Command], None]


def _mode(attribute: str, read: Callable[[int], object]) -> Action:
    def act(setter: Typesetter, command: Command) -> None:
        setattr(setter.modes, attribute, read(command.args[0] if command.args else 0))

    return act


def _at_line_start(attribute: str, read: Callable[[int], object]) -> Action:
    def act(setter: Typesetter, command: Command) -> None:
        if setter._line:
            setter.tally.note(f"{command.name} in the middle of a line: ignored")
        else:
            value = command.args[0] + (command.args[1] * 256 if len(command.args) > 1 else 0)
            setattr(setter.modes, attribute, read(value))

    return act


def _tabs(setter: Typesetter, command: Command) -> None:
    setter.modes.tabs = tuple(sorted(set(command.data)))


def _chinese_space(setter: Typesetter, command: Command) -> None:
    setter.modes.chinese_space = (command.args[0], command.args[1])


def _nothing(_: Typesetter, __: Command) -> None:
    """The device end answers these; the paper does not change."""


ACTIONS: dict[str, Action] = {
    "LF": Typesetter.do_line_feed,
    "FF": Typesetter.do_line_feed,
    "CR": _nothing,
    "CAN": _nothing,
    "HT": Typesetter.do_tab,
    "ESC @": Typesetter.do_reset,
    "ESC !": Typesetter.do_print_mode,
    "ESC $": Typesetter.do_move,
    "ESC \\": Typesetter.do_move,
    "ESC 20": _mode("right_space", int),
    "ESC *": Typesetter.do_bit_image,
    "ESC -": _mode("underline", lambda n: n % 48 if n % 48 <= 2 else 0),
    "ESC 2": _mode("spacing", lambda _: -1),
    "ESC 3": _mode("spacing", int),
    "ESC D": _tabs,
    "ESC E": _mode("bold", lambda n: bool(n & 1)),
    "ESC G": _mode("bold", lambda n: bool(n & 1)),
    "ESC J": Typesetter.do_feed_dots,
    "ESC M": _mode("font", lambda n: FONT_B if n in (1, 49) else FONT_A),
    "ESC R": _mode("china_signs", lambda n: n == 15),
    "ESC Z": Typesetter.do_clone_qr,
    "ESC a": _at_line_start("align", lambda n: n % 48 if n % 48 <= 2 else 0),
    "ESC d": Typesetter.do_feed_lines,
    "ESC i": Typesetter.do_cut,
    "ESC m": Typesetter.do_cut,
    "ESC p": Typesetter.do_pulse,
    "ESC t": _mode("code_page", int),
    "ESC v": _nothing,
    "ESC {": _at_line_start("upside_down", lambda n: bool(n & 1)),
    "FS !": Typesetter.do_chinese_mode,
    "FS &": _mode("chinese", lambda _: True),
    "FS .": _mode("chinese", lambda _: False),
    "FS -": _mode("chinese_underline", lambda n: n % 48 if n % 48 <= 2 else 0),
    "FS C": _nothing,
    "FS S": _chinese_space,
    "FS W": _mode("chinese_size", lambda n: (2, 2) if n & 1 else (1, 1)),
    "GS !": Typesetter.do_size,
    "GS ( H": _nothing,
    "GS ( L": Typesetter.do_graphics,
    "GS ( k": Typesetter.do_qr,
    "GS 8 L": Typesetter.do_graphics,
    "GS B": _mode("reverse", lambda n: bool(n & 1)),
    "GS H": _mode("bar_text", lambda n: n % 48 & 3),
    "GS I": _nothing,
    "GS L": _at_line_start("margin", lambda n: min(n, 1000)),
    "GS V": Typesetter.do_cut,
    "GS W": _at_line_start("area", lambda n: max(n, FONT_A.width)),
    "GS Z": _nothing,
    "GS a": _nothing,
    "GS b": _nothing,
    "GS e": Typesetter.do_ejector,
    "GS f": _mode("bar_font", lambda n: FONT_B if n in (1, 49) else FONT_A),
    "GS h": _mode("bar_height", lambda n: max(n, 1)),
    "GS k": Typesetter.do_barcode,
    "GS r": _nothing,
    "GS v 0": Typesetter.do_raster,
    "GS w": _mode("bar_module", lambda n: min(max(n, 1), 6)),
}
