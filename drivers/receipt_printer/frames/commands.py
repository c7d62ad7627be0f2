"""Host to printer: the ESC/POS commands that the terminal writes itself, as bytes.

E = Epson's ESC/POS reference; the rest is what Chinese printers' manuals add. Lengths are capped by `ValueError`.
"""

from __future__ import annotations

NUL, EOT, ENQ, HT, LF, FF, CR, DLE, DC4, CAN, ESC, FS, GS = b"\0\x04\x05\t\n\x0c\r\x10\x14\x18\x1b\x1c\x1d"

INIT = b"\x1b@"
CHINESE_ON = b"\x1c&"
CHINESE_OFF = b"\x1c."
RECOVER_AND_GO_ON = b"\x10\x05\x01"
RECOVER_AND_CLEAR = b"\x10\x05\x02"
CLEAR_BUFFERS = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
"""DLE DC4 8 with its seven fixed bytes (E)."""
FEED_AND_CUT = b"\x1dV\x42\x00"
"""GS V 66 0: feed to the cutter, then cut; without the feed the last lines stay inside."""
ASK_PAPER = b"\x1dr\x01"
"""GS r 1: queued, so its answer comes after everything before it; the end mark of models without GS ( H."""

MAX_BAND_ROWS = 255
MAX_BAND_BYTES = 128
MAX_BAND_DATA = 4096
LONGEST_COMMAND = MAX_BAND_DATA + 16
"""No command of ours is longer: as many NULs complete any that was cut short."""
MAX_QR_BYTES = 1200
QR_LEVELS = {"L": 48, "M": 49, "Q": 50, "H": 51}
AUTO_STATUS_ALL = 0x0F
"""GS a: drawer, online/offline, error and paper groups."""
ASKED = (1, 2, 3, 4)


def ask_status(n: int) -> bytes:
    """DLE EOT n, n 1 printer, 2 offline cause, 3 error cause, 4 paper; answered at once, also when offline."""
    if n not in ASKED:
        raise ValueError(f"DLE EOT {n}: n is 1 to 4")
    return bytes((DLE, EOT, n))


ASK_ALL = b"".join(ask_status(n) for n in ASKED)
"""The four questions in one write; at most 8 may be open (E)."""


ASK_FULL = bytes((DLE, EOT, 20))
"""DLE EOT 20: the six status bytes of a kiosk printer with a presenter."""


def auto_status(groups: int) -> bytes:
    """GS a n: 4 status bytes at once and at every change of a group in `groups`; 0 ends it."""
    return bytes((GS, 0x61, groups & 0xFF))


FIRMWARE, MAKER, MODEL, SERIAL = 65, 66, 67, 68
"""`n` of GS I (Epson ESC/POS reference, GS I)."""


def ask_identity(n: int) -> bytes:
    """GS I n: 1-3 one byte, 65-69 text (65 firmware, 66 maker, 67 model, 68 serial number); queued."""
    if n not in (1, 2, 3, 65, 66, 67, 68, 69):
        raise ValueError(f"GS I {n}: n is 1 to 3 or 65 to 69")
    return bytes((GS, 0x49, n))


def end_mark(mark: bytes) -> bytes:
    """GS ( H fn 48: the printer answers 37 22 `mark` 00 when the printing before it is done. `mark`: 4 printable."""
    if len(mark) != 4 or not all(0x20 <= byte <= 0x7E for byte in mark):
        raise ValueError("GS ( H: the mark is four printable ASCII characters")
    return b"\x1d(H\x06\x00\x30\x30" + mark


def spacing(dots: int) -> bytes:
    """ESC 3 n: a line feed moves the paper `dots`, 0 to 255, or the line's own height when that is more."""
    return bytes((ESC, 0x33, _byte("ESC 3", dots)))


def feed(dots: int) -> bytes:
    """ESC J n, n 0 to 255 dots."""
    return bytes((ESC, 0x4A, _byte("ESC J", dots)))


def chinese_size(width: int, height: int) -> bytes:
    """FS ! n: Chinese characters at most twice as wide and high, where GS ! does not reach them."""
    return bytes((FS, 0x21, (4 if width > 1 else 0) | (8 if height > 1 else 0)))


def raster(width_bytes: int, rows: int, bits: bytes) -> bytes:
    """GS v 0: a band of `rows` <= 255 rows of `width_bytes` <= 128, most significant bit left, 1 = black."""
    if not (1 <= width_bytes <= MAX_BAND_BYTES and 1 <= rows <= MAX_BAND_ROWS and len(bits) == width_bytes * rows):
        raise ValueError(f"GS v 0: {width_bytes} bytes x {rows} rows with {len(bits)} bytes of data is not a band")
    return bytes((GS, 0x76, 0x30, 0, width_bytes, 0, rows, 0)) + bits


def native_qr(payload: bytes, module: int, level: str = "M") -> bytes:
    """GS ( k: model 2, `module` 1 to 16 dots, level L M Q H, stored and printed."""
    if not 1 <= len(payload) <= MAX_QR_BYTES:
        raise ValueError(f"QR payload of {len(payload)} bytes: 1 to {MAX_QR_BYTES} are allowed")
    if not 1 <= module <= 16:
        raise ValueError(f"QR module of {module} dots: 1 to 16 are allowed")
    parts = (
        b"\x41\x32\x00",
        bytes((0x43, module)),
        bytes((0x45, QR_LEVELS[level])),
        b"\x50\x30" + payload,
        b"\x51\x30",
    )
    return b"".join(b"\x1d(k" + (len(p) + 1).to_bytes(2, "little") + b"1" + p for p in parts)


def _byte(name: str, value: int) -> int:
    if not 0 <= value <= 255:
        raise ValueError(f"{name}: {value} is not 0 to 255")
    return value
