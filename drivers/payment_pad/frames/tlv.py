"""TLV containers (BMP 06): tags of one or two bytes, BER lengths; what is unknown is skipped (PA00P015, chapter 9)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from drivers.payment_pad.frames.apdu import FrameError

MAX_DEPTH: Final = 6
_CONSTRUCTED = 0x20
_TWO_BYTE = 0x1F

TEXT_LINE: Final = 0x07
LINE_ATTRIBUTE: Final = 0x09
PERMITTED: Final = 0x0A
CHARSET: Final = 0x14
DISPLAY_TEXTS: Final = 0x24
PRINT_TEXTS: Final = 0x25
PERMITTED_LIST: Final = 0x26
APPLICATION_ID: Final = 0x43
APPLICATION: Final = 0x60
RECEIPT_TYPE: Final = 0x1F07
RECEIPT_ID: Final = 0x1F1F
MESSAGE_ID: Final = 0x1F73


@dataclass(frozen=True, slots=True)
class Tag:
    """One data object. `value` is the raw value, of constructed objects too."""

    number: int
    value: bytes

    @property
    def constructed(self) -> bool:
        """True when the value is data objects itself."""
        first = self.number >> 8 if self.number > 0xFF else self.number
        return bool(first & _CONSTRUCTED)


def split_length(data: bytes, at: int) -> tuple[int, int]:
    """The BER length at `at` and the offset behind it: up to 7F, 81 xx, or 82 hi lo. Raises `FrameError`."""
    if at >= len(data):
        raise FrameError(f"no TLV length at byte {at}")
    first = data[at]
    if first < 0x80:
        return first, at + 1
    places = first & 0x7F
    if places not in (1, 2) or at + 1 + places > len(data):
        raise FrameError(f"TLV length {first:02X} at byte {at} is not of ZVT")
    return int.from_bytes(data[at + 1 : at + 1 + places], "big"), at + 1 + places


def ber_length(size: int) -> bytes:
    """The BER length of `size` bytes."""
    if size < 0x80:
        return bytes((size,))
    if size < 0x100:
        return bytes((0x81, size))
    if size < 0x10000:
        return bytes((0x82, size >> 8, size & 0xFF))
    raise FrameError(f"{size} bytes do not fit a TLV length")


def container(tags: bytes = b"") -> bytes:
    """The value of BMP 06: length and `tags`."""
    return ber_length(len(tags)) + tags


def tag(number: int, value: bytes) -> bytes:
    """One encoded data object."""
    head = number.to_bytes(2 if number > 0xFF else 1, "big")
    return head + ber_length(len(value)) + value


def walk_tlv(data: bytes) -> Iterator[Tag]:
    """The data objects of `data`, not descending. Raises `FrameError` at damage."""
    at = 0
    while at < len(data):
        number, at = data[at], at + 1
        if number & _TWO_BYTE == _TWO_BYTE:
            if at >= len(data):
                raise FrameError("a two-byte TLV tag is cut off")
            number, at = number << 8 | data[at], at + 1
        size, at = split_length(data, at)
        if at + size > len(data):
            raise FrameError(f"TLV tag {number:X} ends beyond its container")
        yield Tag(number, data[at : at + size])
        at += size


def find_all(data: bytes, number: int, depth: int = MAX_DEPTH) -> Iterator[bytes]:
    """Values of tag `number`, in constructed objects too. Damage ends the search: unknown content must not stop us."""
    try:
        for item in walk_tlv(data):
            if item.number == number:
                yield item.value
            elif item.constructed and depth:
                yield from find_all(item.value, number, depth - 1)
    except FrameError:
        return


def find(data: bytes, number: int) -> bytes | None:
    """The first value of tag `number`, or None."""
    return next(find_all(data, number), None)
