"""A serial reader: each code as text between a prefix and a suffix (often none) and an end (often CR LF)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from drivers.barcode.frames.ends import MAX_SCAN, Bad, Item, Scan

End = Literal["line", "cr", "lf", "crlf", "tab", "etx", "pause"]
ENDS: Final[Mapping[End, bytes]] = MappingProxyType(
    {"line": b"\r\n", "cr": b"\r", "lf": b"\n", "crlf": b"\r\n", "tab": b"\t", "etx": b"\x03", "pause": b""}
)
"""What ends a code. `line`: CR, LF or both, whatever comes; `pause`: nothing, the line falls silent."""


class LineReader:
    """Bytes to scans, in any pieces."""

    def __init__(self, end: End = "line", prefix: bytes = b"", suffix: bytes = b"") -> None:
        self._end: End = end
        self._prefix = prefix
        self._suffix = suffix
        self._text = bytearray()
        self._endless = False

    @property
    def waiting(self) -> bool:
        """Whether a code has begun."""
        return bool(self._text) or self._endless

    @property
    def stuck(self) -> bool:
        """The reader sends and sends."""
        return self._endless

    def feed(self, data: bytes) -> list[Item]:
        """The scans that `data` completes."""
        items: list[Item] = []
        for byte in data:
            self._text.append(byte)
            mark = ENDS[self._end]
            if self._end == "line":
                whole = byte in mark
                cut = 1
            else:
                whole = bool(mark) and self._text.endswith(mark)
                cut = len(mark)
            if whole:
                del self._text[-cut:]
                items += self.end_now()
                self._endless = False
            elif len(self._text) > MAX_SCAN:
                self._text.clear()
                if not self._endless:
                    items.append(Bad("endless"))
                self._endless = True
        return items

    def give_up(self) -> list[Item]:
        """The end did not come in time: forget what has begun, and say so."""
        items: list[Item] = [Bad("cut")] if self._text and not self._endless else []
        self._text.clear()
        self._endless = False
        return items

    def end_now(self) -> list[Item]:
        """What has come is whole."""
        text, endless = bytes(self._text), self._endless
        self._text.clear()
        self._endless = False
        if not text or endless:
            return []
        if not text.startswith(self._prefix) or not text.endswith(self._suffix):
            return [Bad("prefix")]
        inner = text[len(self._prefix) : len(text) - len(self._suffix)]
        return [Scan(inner)] if inner and len(text) >= len(self._prefix) + len(self._suffix) else []


def encode_line(data: bytes, end: End = "line", prefix: bytes = b"", suffix: bytes = b"") -> bytes:
    """The bytes that a reader sends for a code."""
    return prefix + data + suffix + ENDS[end]
