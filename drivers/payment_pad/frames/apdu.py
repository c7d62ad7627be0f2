"""ZVT application data units: class, instruction, length, data (PA00P015, chapter 1); every length capped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MAX_DATA: Final = 16384
"""Longest data of one APDU that we accept, in bytes. The format allows 65535; 1648 is the longest seen in the field."""

CLASSES: Final = frozenset((0x04, 0x05, 0x06, 0x08, 0x0F, 0x80, 0x84))
POSITIVE: Final = 0x8000
STATUS_INFORMATION: Final = 0x040F

_LONG = 0xFF
_FOUND_TOTALS = 11
"""27 rc 04 amount(6) behind the two control bytes: enough of a length-less status to act on."""


class FrameError(ValueError):
    """Bytes that are no ZVT; the message says which rule they break and never repeats their content."""


@dataclass(frozen=True, slots=True)
class Apdu:
    """One unit. `control` is class and instruction, 0x0601; an answer 84 xx is control 0x84xx.

    `cut` marks a unit whose length byte the pad forgot: its last field may be incomplete.
    """

    control: int
    data: bytes = b""
    cut: bool = False

    def encode(self) -> bytes:
        """The unit as raw bytes; lengths from 255 up are FF and two bytes, low byte first."""
        size = len(self.data)
        if size > MAX_DATA:
            raise FrameError(f"APDU {self.control:04X}: {size} bytes of data, at most {MAX_DATA}")
        length = bytes((size,)) if size < _LONG else bytes((_LONG, size & 0xFF, size >> 8))
        return self.control.to_bytes(2, "big") + length + self.data

    def __repr__(self) -> str:
        """Without the data: a status information may hold a card number."""
        return f"Apdu({self.control:04X}, {len(self.data)} bytes)"


class ApduReader:
    """Cuts a byte stream into APDUs by their length alone, however the bytes are segmented.

    A control class that ZVT does not have raises `FrameError` at its first byte: a TLS alert, a banner or another
    protocol on the port must not be waited for as if it were a long APDU.

    Device bug (Worldline Valina, end of day): a status information without its length byte, `04 0F 27 00 04 ...`.
    Read as a length, 27 would be followed by BMP 00, which does not exist; so the case is certain. The unit then ends
    with the bytes at hand (the pad waits for our answer), and what still dribbles in is skipped up to the next header.
    """

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._skipping = False

    @property
    def partial(self) -> bool:
        """True in the middle of an APDU."""
        return bool(self._buffer)

    def feed(self, data: bytes) -> list[Apdu]:
        """The APDUs that are complete with `data`. Raises `FrameError`; the stream is then of no more use."""
        if self._skipping:
            if data[:1] not in (b"\x06", b"\x04", b"\x80", b"\x84"):
                return []
            self._skipping = False
        self._buffer += data
        found: list[Apdu] = []
        while (unit := self._next()) is not None:
            found.append(unit)
        return found

    def _next(self) -> Apdu | None:
        buffer = self._buffer
        if buffer and buffer[0] not in CLASSES:
            raise FrameError(f"class {buffer[0]:02X} is not of ZVT: another protocol speaks on this port")
        if len(buffer) < 3:
            return None
        control = buffer[0] << 8 | buffer[1]
        if control == STATUS_INFORMATION and buffer[2] == 0x27 and buffer[3:5] == b"\x00\x04":
            return self._lengthless(control)
        if control == STATUS_INFORMATION and buffer[2] == 0x27 and bytes(buffer[3:]) in (b"", b"\x00"):
            return None
        start, size = 3, buffer[2]
        if size == _LONG:
            if len(buffer) < 5:
                return None
            start, size = 5, buffer[3] | buffer[4] << 8
            if size > MAX_DATA:
                raise FrameError(f"APDU {control:04X} announces {size} bytes of data, at most {MAX_DATA}")
        if len(buffer) < start + size:
            return None
        unit = Apdu(control, bytes(buffer[start : start + size]))
        del buffer[: start + size]
        return unit

    def _lengthless(self, control: int) -> Apdu | None:
        if len(self._buffer) < _FOUND_TOTALS:
            return None
        unit = Apdu(control, bytes(self._buffer[2:]), cut=True)
        self._buffer.clear()
        self._skipping = True
        return unit


def decode_apdu(data: bytes) -> Apdu:
    """The one APDU that `data` is, exactly; raises `FrameError` for less or more."""
    reader = ApduReader()
    units = reader.feed(data)
    if len(units) != 1 or reader.partial:
        raise FrameError(f"{len(data)} bytes are not exactly one APDU")
    return units[0]


def positive() -> Apdu:
    """80 00 00."""
    return Apdu(POSITIVE)


def negative(code: int, data: bytes = b"") -> Apdu:
    """84 xx: refused, with the result code `code` (00 would be an acceptance)."""
    return Apdu(0x8400 | code, data)


def is_positive(unit: Apdu) -> bool:
    """80 00, and 84 00 which means the same."""
    return unit.control in (POSITIVE, 0x8400)


def refusal(unit: Apdu) -> int | None:
    """The result code of an 84 xx answer, None for anything else."""
    return unit.control & 0xFF if unit.control >> 8 == 0x84 and unit.control != 0x8400 else None
