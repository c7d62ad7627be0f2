"""Host to printer, read by the printer: a stream of bytes -> `Text` and `Command` objects, in any pieces.

Real-time commands (DLE EOT, DLE ENQ, DLE DC4) act when they arrive, even inside image data (Epson TM-U220A manual,
p. 55): `RealTimeScanner` looks for them in the raw stream; `CommandParser` reads the same bytes again in order.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from drivers.receipt_printer.frames.commands import CLEAR_BUFFERS, DC4, DLE, ENQ, EOT, ESC, FS, GS

MAX_DATA = 1 << 20
"""Bytes of one image or block that are kept; a longer one is read and dropped, as printers do beyond their limit."""
MAX_BARCODE = 255
MAX_TEXT = 4096


@dataclass(frozen=True, slots=True)
class Text:
    """Printable bytes (0x20 and above) as they came; which characters they are depends on the mode."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Command:
    """One command by its name in Epson's reference ("GS V"), its parameter bytes, and its data."""

    name: str
    args: tuple[int, ...] = ()
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Malformed:
    """A command that cannot be carried out: its name and why."""

    name: str
    reason: str


Item: TypeAlias = "Text | Command | Malformed"


@dataclass(frozen=True, slots=True)
class Sized:
    """A command whose head says how much data follows: `args` head bytes, `size` of them -> data bytes."""

    args: int
    size: Callable[[bytes], int]


def _le(data: bytes) -> int:
    return int.from_bytes(data, "little")


def _columns(head: bytes) -> int:
    """ESC * m nL nH: 1 byte a column for 8 dots (m 0, 1), 3 for 24 dots (m 32, 33)."""
    return _le(head[1:3]) * (3 if head[0] in (32, 33) else 1)


# Parameter bytes after the prefix. Sources: Epson's reference; HPRT TP80K; SPRT POS76-II; node-escpos for ESC Z.
FIXED: dict[bytes, int] = {
    **{bytes((ESC, c)): 0 for c in b"@2imSLv\x0c"},
    **{bytes((ESC, c)): 1 for c in b"a!EG-{MRtdJ3 =VTreKu%?"},
    **{bytes((ESC, c)): 2 for c in b"$\\cBf"},
    **{bytes((ESC, c)): 3 for c in b"p7"},
    bytes((ESC, 0x57)): 8,
    **{bytes((FS, c)): 0 for c in b"&."},
    **{bytes((FS, c)): 1 for c in b"!-WC"},
    **{bytes((FS, c)): 2 for c in b"S?p"},
    bytes((FS, 0x32)): 74,
    **{bytes((GS, c)): 0 for c in b":c"},
    **{bytes((GS, c)): 1 for c in b"!BraIHhwfb/TZjE\xe0"},
    **{bytes((GS, c)): 2 for c in b"LWP$\\"},
    bytes((GS, 0x5E)): 3,
    bytes((GS, 0x7C)): 1,
}
EJECTOR = {3: 2, 32: 3}
"""GS e n: presenting takes the steps, presenting with a time-out steps and seconds; the others take nothing more."""
SIZED: dict[bytes, Sized] = {
    b"\x1b*": Sized(3, _columns),
    b"\x1bZ": Sized(5, lambda h: _le(h[3:5])),
    b"\x1b(": Sized(3, lambda h: _le(h[1:3])),
    b"\x1c(": Sized(3, lambda h: _le(h[1:3])),
    b"\x1d(": Sized(3, lambda h: _le(h[1:3])),
    b"\x1d8": Sized(5, lambda h: _le(h[1:5])),
    b"\x1dv": Sized(6, lambda h: _le(h[2:4]) * _le(h[4:6])),
    b"\x1d*": Sized(2, lambda h: h[0] * h[1] * 8),
}
_NAMES = {ESC: "ESC", FS: "FS", GS: "GS"}
_LETTERED = (b"\x1b(", b"\x1c(", b"\x1d(", b"\x1d8", b"\x1dv")
_RUN = re.compile(rb"[\x20-\xff]{1,%d}" % MAX_TEXT)
_NEEDS_MORE = -1


def _name(prefix: bytes, letter: int | None = None) -> str:
    second = " ".join(chr(b) if 0x20 < b < 0x7F else f"{b:02X}" for b in prefix[1:])
    return f"{_NAMES[prefix[0]]} {second}" + (f" {chr(letter)}" if letter is not None and 0x20 < letter < 0x7F else "")


class CommandParser:
    """Bytes in any pieces -> items. Keeps at most one unfinished command of `MAX_DATA` bytes; never raises."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._skip = 0

    @property
    def unfinished(self) -> bool:
        """True while a command has begun and not ended."""
        return bool(self._buffer) or self._skip > 0

    def reset(self) -> None:
        """Forget an unfinished command (the buffers were cleared)."""
        self._buffer.clear()
        self._skip = 0

    def feed(self, data: bytes) -> list[Item]:
        """The items that `data` completes."""
        return [item for item, _ in self.pieces(data) if item is not None]

    def pieces(self, data: bytes) -> list[tuple[Item | None, int]]:
        """As `feed`, each item with the bytes it took; None for bytes that are passed over (NULs, real time)."""
        items: list[tuple[Item | None, int]] = []
        if self._skip:
            dropped = min(self._skip, len(data))
            self._skip -= dropped
            data = data[dropped:]
            items.append((None, dropped))
        self._buffer += data
        at = 0
        while at < len(self._buffer):
            item, used = self._one(at)
            if used == _NEEDS_MORE:
                break
            items.append((item, min(used, len(self._buffer) - at)))
            at += used
        if at > len(self._buffer):
            self._skip = at - len(self._buffer)
            at = len(self._buffer)
        del self._buffer[:at]
        return items

    def _one(self, at: int) -> tuple[Item | None, int]:
        """The item at `at` and the bytes it takes (more than there are = drop those to come); `_NEEDS_MORE`."""
        buffer = self._buffer
        first = buffer[at]
        if first >= 0x20:
            found = _RUN.match(buffer, at)
            assert found is not None
            return Text(found.group()), len(found.group())
        if first == DLE:
            return self._real_time(at)
        if first not in _NAMES:
            name = {0x09: "HT", 0x0A: "LF", 0x0C: "FF", 0x0D: "CR", 0x18: "CAN"}.get(first)
            return (Command(name) if name else None), 1
        if len(buffer) - at < 2:
            return None, _NEEDS_MORE
        prefix = bytes(buffer[at : at + 2])
        if prefix in FIXED:
            return self._fixed(prefix, at, FIXED[prefix])
        if prefix in SIZED:
            return self._sized(prefix, at, SIZED[prefix])
        if prefix == b"\x1dV":
            if len(buffer) - at < 3:
                return None, _NEEDS_MORE
            return self._fixed(prefix, at, 2 if buffer[at + 2] in (65, 66, 97, 98, 103, 104) else 1)
        if prefix == b"\x1de":
            if len(buffer) - at < 3:
                return None, _NEEDS_MORE
            return self._fixed(prefix, at, EJECTOR.get(buffer[at + 2], 1))
        if prefix == b"\x1dk":
            return self._barcode(at)
        if prefix == b"\x1bD":
            return self._until_nul(prefix, at, 32)
        return Malformed(_name(prefix), "not a command this printer knows"), 2

    def _fixed(self, prefix: bytes, at: int, count: int) -> tuple[Item | None, int]:
        end = at + 2 + count
        if len(self._buffer) < end:
            return None, _NEEDS_MORE
        return Command(_name(prefix), tuple(self._buffer[at + 2 : end])), 2 + count

    def _sized(self, prefix: bytes, at: int, spec: Sized) -> tuple[Item | None, int]:
        start = at + 2 + spec.args
        if len(self._buffer) < start:
            return None, _NEEDS_MORE
        head = bytes(self._buffer[at + 2 : start])
        size = spec.size(head)
        lettered = prefix in _LETTERED
        name = _name(prefix, head[0] if lettered else None)
        whole = 2 + spec.args + size
        if size > MAX_DATA:
            return Malformed(name, f"announces {size} bytes, more than {MAX_DATA}: read and dropped"), whole
        if len(self._buffer) < start + size:
            return None, _NEEDS_MORE
        args = head[1:] if lettered else head
        return Command(name, tuple(args), bytes(self._buffer[start : start + size])), whole

    def _barcode(self, at: int) -> tuple[Item | None, int]:
        """GS k: A (m 0-6, data up to NUL) or B (m 65-79, n, n bytes)."""
        if len(self._buffer) - at < 3:
            return None, _NEEDS_MORE
        m = self._buffer[at + 2]
        if m <= 6:
            end = self._buffer.find(0, at + 3)
            if end < 0:
                too_long = len(self._buffer) - at > MAX_BARCODE + 3
                return (Malformed("GS k", "no closing NUL"), 3) if too_long else (None, _NEEDS_MORE)
            return Command("GS k", (m + 65,), bytes(self._buffer[at + 3 : end])), end - at + 1
        if not 65 <= m <= 79:
            return Malformed("GS k", f"bar code system {m} is unknown"), 3
        if len(self._buffer) - at < 4:
            return None, _NEEDS_MORE
        count = self._buffer[at + 3]
        if len(self._buffer) < at + 4 + count:
            return None, _NEEDS_MORE
        return Command("GS k", (m,), bytes(self._buffer[at + 4 : at + 4 + count])), 4 + count

    def _until_nul(self, prefix: bytes, at: int, limit: int) -> tuple[Item | None, int]:
        end = self._buffer.find(0, at + 2, at + 3 + limit)
        if end >= 0:
            return Command(_name(prefix), (), bytes(self._buffer[at + 2 : end])), end - at + 1
        if len(self._buffer) - at > 2 + limit:
            return Malformed(_name(prefix), "no closing NUL"), 2
        return None, _NEEDS_MORE

    def _real_time(self, at: int) -> tuple[Item | None, int]:
        """A real-time command acted when it came; here it is only passed over."""
        length = _real_time_length(bytes(self._buffer[at : at + 10]))
        if length is None:
            return None, _NEEDS_MORE
        return None, max(length, 1)


def _real_time_length(data: bytes) -> int | None:
    """Bytes of the real-time command that `data` begins with; 0 = none; None = not yet decided."""
    if len(data) < 3:
        return None if len(data) < 2 or data[1] in (EOT, ENQ, DC4) else 0
    second, third = data[1], data[2]
    if second == EOT:
        return 3 if third in (1, 2, 3, 4, 20) else 4 if third in (7, 8, 18) else 0
    if second == ENQ:
        return 3 if third in (0, 1, 2) else 0
    if second == DC4:
        if third == 8 and len(data) < len(CLEAR_BUFFERS) and CLEAR_BUFFERS.startswith(data):
            return None
        if third == 8 and not data.startswith(CLEAR_BUFFERS):
            return 0
        return {1: 5, 2: 5, 3: 8, 7: 4, 8: len(CLEAR_BUFFERS)}.get(third, 0)
    return 0


class RealTimeScanner:
    """The raw stream -> real-time commands with the place where each ends in the piece just fed."""

    def __init__(self) -> None:
        self._tail = b""

    def feed(self, data: bytes) -> list[tuple[int, Command]]:
        """(offset in `data` just behind the command, the command) for each that `data` completes."""
        found: list[tuple[int, Command]] = []
        shift = len(self._tail)
        stream = self._tail + data
        self._tail = b""
        at = stream.find(DLE)
        while at >= 0:
            length = _real_time_length(stream[at : at + 10])
            if length is None or len(stream) < at + length:
                self._tail = stream[at:]
                break
            if length:
                name = {EOT: "DLE EOT", ENQ: "DLE ENQ", DC4: "DLE DC4"}[stream[at + 1]]
                found.append((at + length - shift, Command(name, tuple(stream[at + 2 : at + length]))))
            at = stream.find(DLE, at + max(length, 1))
        return found
