"""IPP attribute values and their octets (RFC 8010, 3.5.2 and 3.9; collections 3.1.6)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TypeAlias

from drivers.licence_printer.frames.codes import Tag

MAX_NESTING = 8
MAX_VALUE = 32767
"""value-length and name-length are SIGNED-SHORT (RFC 8010, 3.1.3)."""
MAX_NAME = 255


class IppError(ValueError):
    """Octets or values that RFC 8010 does not allow; says where."""


class Incomplete(IppError):
    """The octets end before the end-of-attributes tag."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """Cross-feed and feed direction resolution; units 3 = dots per inch, 4 = dots per cm."""

    cross: int
    feed: int
    units: int = 3


@dataclass(frozen=True, slots=True)
class Range:
    """rangeOfInteger, both ends included."""

    lower: int
    upper: int


@dataclass(frozen=True, slots=True)
class LangText:
    """textWithLanguage or nameWithLanguage."""

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Collection:
    """begCollection ... endCollection: named members, each an attribute."""

    members: tuple[Attribute, ...]

    def get(self, name: str) -> Attribute | None:
        """The member called `name`."""
        return next((m for m in self.members if m.name == name), None)


Data: TypeAlias = "int | bool | str | bytes | datetime | Resolution | Range | LangText | Collection | None"


@dataclass(frozen=True, slots=True)
class Value:
    """One value under its tag. Out-of-band values hold None; tags that we do not know hold the raw octets."""

    tag: int
    data: Data


@dataclass(frozen=True, slots=True)
class Attribute:
    """A name and one or more values (1setOf)."""

    name: str
    values: tuple[Value, ...]

    @property
    def data(self) -> tuple[Data, ...]:
        """The values without their tags."""
        return tuple(v.data for v in self.values)


def attribute(name: str, tag: int, *data: Data) -> Attribute:
    """An attribute whose values all carry `tag`. Raises `IppError` when there is no value."""
    if not data:
        raise IppError(f"attribute {name!r} needs at least one value")
    return Attribute(name, tuple(Value(tag, d) for d in data))


_INTS = frozenset({Tag.INTEGER, Tag.ENUM})
_FREE_TEXT = frozenset({Tag.TEXT, Tag.NAME})
_ASCII = frozenset({Tag.KEYWORD, Tag.URI, Tag.URI_SCHEME, Tag.CHARSET, Tag.LANGUAGE, Tag.MIME, Tag.MEMBER})


def encode_value(value: Value) -> bytes:
    """The octets of any value but a collection. Raises `IppError` for data that does not fit its tag."""
    tag, data = value.tag, value.data
    try:
        octets = _encode(tag, data)
    except (struct.error, UnicodeEncodeError, AttributeError, TypeError) as error:
        raise IppError(f"value of tag 0x{tag:02x} cannot be encoded: {type(data).__name__}") from error
    if len(octets) > MAX_VALUE:
        raise IppError(f"value of tag 0x{tag:02x} has {len(octets)} octets, the limit is {MAX_VALUE}")
    return octets


def _encode(tag: int, data: Data) -> bytes:
    if 0x10 <= tag < 0x20:
        return b""
    if tag in _INTS and isinstance(data, int):
        return struct.pack(">i", data)
    if tag == Tag.BOOLEAN and isinstance(data, bool):
        return b"\x01" if data else b"\x00"
    if tag in _FREE_TEXT and isinstance(data, str):
        return data.encode()
    if tag in _ASCII and isinstance(data, str):
        return data.encode("ascii")
    if tag == Tag.DATE_TIME and isinstance(data, datetime):
        return _encode_date(data)
    if tag == Tag.RESOLUTION and isinstance(data, Resolution):
        return struct.pack(">iib", data.cross, data.feed, data.units)
    if tag == Tag.RANGE and isinstance(data, Range):
        return struct.pack(">ii", data.lower, data.upper)
    if tag in (Tag.TEXT_LANG, Tag.NAME_LANG) and isinstance(data, LangText):
        language, text = data.language.encode("ascii"), data.text.encode()
        return struct.pack(">h", len(language)) + language + struct.pack(">h", len(text)) + text
    if isinstance(data, bytes):
        return data
    raise TypeError(type(data).__name__)


def decode_value(tag: int, octets: bytes) -> Value:
    """The value that `octets` hold under `tag` (never a collection). Raises `IppError`."""
    try:
        return Value(tag, _decode(tag, octets))
    except (struct.error, ValueError, IndexError, OverflowError) as error:
        raise IppError(f"value of tag 0x{tag:02x} is malformed: {len(octets)} octets") from error


def _decode(tag: int, octets: bytes) -> Data:
    if 0x10 <= tag < 0x20:
        return None
    if tag in _INTS:
        return int(struct.unpack(">i", octets)[0])
    if tag == Tag.BOOLEAN:
        if octets not in (b"\x00", b"\x01"):
            raise IppError("boolean is neither 0 nor 1")
        return octets == b"\x01"
    if tag in _FREE_TEXT:
        return octets.decode(errors="replace")  # printers send their local code pages in texts for people
    if tag in _ASCII:
        return octets.decode("ascii")
    if tag == Tag.DATE_TIME:
        return _decode_date(octets)
    if tag == Tag.RESOLUTION:
        return Resolution(*struct.unpack(">iib", octets))
    if tag == Tag.RANGE:
        return Range(*struct.unpack(">ii", octets))
    if tag in (Tag.TEXT_LANG, Tag.NAME_LANG):
        return _decode_lang(octets)
    return octets


def _decode_lang(octets: bytes) -> LangText:
    (first,) = struct.unpack_from(">h", octets)
    (second,) = struct.unpack_from(">h", octets, 2 + first) if first >= 0 else (-1,)
    if second < 0 or len(octets) != 4 + first + second:
        raise IppError("text with language: lengths do not add up")
    return LangText(octets[2 : 2 + first].decode("ascii"), octets[4 + first :].decode(errors="replace"))


def _encode_date(when: datetime) -> bytes:
    """RFC 2579 DateAndTime, 11 octets. A time without a zone is refused."""
    offset = when.utcoffset()
    if offset is None:
        raise IppError("dateTime needs a zone")
    minutes = int(offset.total_seconds()) // 60
    sign, size = (b"+", minutes) if minutes >= 0 else (b"-", -minutes)
    head = struct.pack(
        ">HBBBBBB", when.year, when.month, when.day, when.hour, when.minute, when.second, when.microsecond // 100_000
    )
    return head + sign + bytes([size // 60, size % 60])


def _decode_date(octets: bytes) -> datetime:
    year, month, day, hour, minute, second, tenths, sign, off_h, off_m = struct.unpack(">HBBBBBBcBB", octets)
    if sign not in (b"+", b"-"):
        raise IppError("dateTime: the direction from UTC is neither + nor -")
    offset = timedelta(hours=off_h, minutes=off_m)
    zone = timezone(offset if sign == b"+" else -offset)
    # A leap second is 60 on the wire; datetime has no such second.
    return datetime(year, month, day, hour, minute, min(second, 59), tenths * 100_000, zone)
